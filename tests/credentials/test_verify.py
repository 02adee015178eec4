"""Verification by anybody: everything printed, the number masked, the state in words."""

import hashlib
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import CredentialTry
from lms.core import clock, files
from lms.core.db import db
from lms.credentials import queries
from lms.credentials.models import Certificate
from lms.credentials.views import MISSES
from lms.formats.codes import grouped
from tests.client import PageClient, words
from tests.core.tampering import behind_the_guard
from tests.credentials.conftest import Holder, only, printed


@pytest.fixture
def anybody(app: Flask) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


def issued(app: Flask) -> tuple[str, bytes]:
    """The code of the one certificate and the content of its file."""
    with app.app_context():
        view = queries.certificate_by_code(only(app).code)
        assert view is not None
        content = files.Kept(view.file_digest).content if view.file_digest else b""
        db.session.remove()
        return view.code, content


def kept(app: Flask) -> set[str]:
    with app.app_context():
        return {path.name for path in files.kept()}


def test_the_page_shows_everything_printed_and_masks_the_number(
    app: Flask, with_file: PageClient, anybody: PageClient
) -> None:
    code, _ = issued(app)
    answer = anybody.get(f"/verify/{code.lower()}")
    assert answer.status_code == 200
    page = words(answer)
    with app.app_context():
        facts = printed(only(app))
    for text in (
        "Sertifikat ini sah", facts.name, facts.course, facts.position, facts.unit, facts.number,
        "2 JP", "100 dari 100", "Tanpa batas waktu", "berakhiran 004", "Dasar", facts.office,
        grouped(code),
    ):  # fmt: skip
        assert text in page, text
    assert facts.nip not in answer.get_data(as_text=True).replace(" ", "")
    assert facts.nip[:8] not in answer.get_data(as_text=True)


@pytest.mark.parametrize("spelling", ["{upper}", "{grouped}", " {lower} ", "{grouped_lower}"])
def test_a_code_is_found_however_it_is_typed(
    app: Flask, holder: PageClient, anybody: PageClient, spelling: str
) -> None:
    code, _ = issued(app)
    typed = spelling.format(
        upper=code, lower=code.lower(), grouped=grouped(code), grouped_lower=grouped(code).lower()
    )
    answer = anybody.get("/verify", query_string={"code": typed})
    assert (answer.status_code, answer.location) == (302, f"/verify/{code.lower()}")
    assert anybody.get(f"/verify/{typed}").status_code == 200


def test_search_engines_are_kept_out(app: Flask, holder: PageClient, anybody: PageClient) -> None:
    code, _ = issued(app)
    for path in ("/verify", f"/verify/{code}", "/verify/tidak-ada"):
        answer = anybody.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert 'name="robots" content="noindex, nofollow"' in answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_code_says_so(anybody: PageClient) -> None:
    answer = anybody.get(f"/verify/{'0' * 20}")
    assert answer.status_code == 404
    assert "Sertifikat tidak dikenal" in words(answer)
    assert anybody.get("/verify?code=abc").status_code == 422
    assert "20 huruf dan angka" in words(anybody.get("/verify?code=abc"))
    assert anybody.get("/verify").status_code == 200


def test_an_expired_certificate_says_so_from_the_day_after(
    app: Flask, completed: Holder, anybody: PageClient
) -> None:
    clock.set_clock(lambda: datetime(2026, 1, 31, 3, 0, tzinfo=UTC))
    completed("learner", settings="validity_months = 1\n")
    code, _ = issued(app)
    clock.set_clock(lambda: datetime(2026, 2, 28, 16, 59, tzinfo=UTC))  # 23.59 in Jakarta
    assert "Sertifikat ini sah" in words(anybody.get(f"/verify/{code}"))
    clock.set_clock(lambda: datetime(2026, 2, 28, 17, 0, tzinfo=UTC))
    page = words(anybody.get(f"/verify/{code}"))
    assert "Masa berlaku sertifikat ini berakhir" in page
    assert "sampai 28 Februari 2026" in page


def test_in_english_for_whoever_reads_that(
    app: Flask, holder: PageClient, anybody: PageClient
) -> None:
    code, _ = issued(app)
    anybody.set_cookie("language", "en")
    page = words(anybody.get(f"/verify/{code}"))
    assert "This certificate is valid" in page
    assert "Sertifikat ini sah" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"printed": {"name": "Orang Lain"}},
        {"printed": {"jp": "200"}},
        {"valid_until": date(2099, 1, 1)},
        {"number": "0001/LAIN/2026"},
        {"printed_digest": "0" * 64},
    ],
    ids=str,
)
def test_nothing_is_vouched_for_that_was_changed_since(
    app: Flask, with_file: PageClient, anybody: PageClient, change: dict[str, Any]
) -> None:
    code, content = issued(app)
    with app.app_context(), behind_the_guard("certificate") as connection:
        if "printed" in change:
            plain = connection.execute(sa.select(Certificate.printed)).scalar_one()
            change = {"printed": {**plain, **change["printed"]}}
        connection.execute(sa.update(Certificate).values(**change))
    for answer in (
        anybody.get(f"/verify/{code}"),
        anybody.send("/verify/file", {"file": (BytesIO(content), "x.pdf")}),
    ):
        assert answer.status_code == 500
        page = words(answer)
        assert "Catatan sertifikat ini tidak utuh" in page
        for text in ("Sertifikat ini sah", "kirim sama persis", "Orang Lain", "Sari Wulandari"):
            assert text not in page


# ── The file ─────────────────────────────────────────────────────────────────────────────────


def test_the_issued_file_is_recognised_byte_for_byte(
    app: Flask, with_file: PageClient, anybody: PageClient
) -> None:
    code, content = issued(app)
    before = kept(app)
    answer = anybody.send("/verify/file", {"file": (BytesIO(content), "apa saja.pdf")})
    assert answer.status_code == 200
    assert "sama persis dengan yang diterbitkan" in words(answer)
    assert "Sertifikat ini sah" in words(answer)
    assert grouped(code) in words(answer)
    assert kept(app) == before
    # The page shows the digest of just that file.
    assert hashlib.sha256(content).hexdigest() in words(anybody.get(f"/verify/{code}")).replace(
        " ", ""
    )


@pytest.mark.parametrize(
    "change", ["a byte more", "a byte less", "one bit", "another file", "none"]
)
def test_any_other_file_is_not(
    app: Flask, with_file: PageClient, anybody: PageClient, change: str
) -> None:
    _, content = issued(app)
    changed = {
        "a byte more": content + b"\n",
        "a byte less": content[:-1],
        "one bit": content[:200] + bytes([content[200] ^ 1]) + content[201:],
        "another file": b"%PDF-1.4 something else",
        "none": b"",
    }[change]
    before = kept(app)
    answer = anybody.send("/verify/file", {"file": (BytesIO(changed), "x.pdf")})
    assert answer.status_code == 200
    assert "bukan berkas yang diterbitkan di sini" in words(answer)
    assert "Sertifikat ini sah" not in words(answer)
    assert kept(app) == before


def test_a_file_too_large_is_refused(anybody: PageClient) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
    answer = anybody.post(
        "/verify/file",
        input_stream=BytesIO(head + b"x" * 2_200_000 + b"\r\n--b--\r\n"),
        content_type="multipart/form-data; boundary=b",
        headers={"X-CSRFToken": anybody.csrf(), "Content-Length": "2200080"},
    )
    assert answer.status_code == 413


def test_no_file_is_said_beside_the_field(anybody: PageClient) -> None:
    answer = anybody.send("/verify/file", {})
    assert answer.status_code == 422
    assert "Pilih berkas PDF" in words(answer)
    assert anybody.post("/verify/file", data={}).status_code == 400  # without a CSRF token


# ── Guessing ─────────────────────────────────────────────────────────────────────────────────


def test_who_guesses_is_held_back_and_right_codes_cost_nothing(
    app: Flask, with_file: PageClient, anybody: PageClient
) -> None:
    code, content = issued(app)
    for _ in range(MISSES + 5):
        assert anybody.get(f"/verify/{code}").status_code == 200
    for n in range(MISSES):
        assert anybody.get(f"/verify/{n:020}").status_code == 404
    for answer in (
        anybody.get("/verify/00000000000000000000"),
        anybody.send("/verify/file", {"file": (BytesIO(content + b"x"), "x.pdf")}),
    ):
        assert answer.status_code == 429
        assert "Terlalu banyak percobaan" in words(answer)
    # Others behind the same address hold what they ask for.
    assert anybody.get(f"/verify/{code}").status_code == 200
    answer = anybody.send("/verify/file", {"file": (BytesIO(content), "x.pdf")})
    assert answer.status_code == 200
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CredentialTry)) == MISSES
        later = clock.now().replace(microsecond=0)
    clock.set_clock(lambda: later.replace(year=later.year + 1))
    assert anybody.get(f"/verify/{code}").status_code == 200


def test_a_wrong_file_counts_as_a_guess(app: Flask, anybody: PageClient) -> None:
    for n in range(MISSES):
        anybody.send("/verify/file", {"file": (BytesIO(b"%d" % n), "x.pdf")})
    assert anybody.get(f"/verify/{'0' * 20}").status_code == 429
