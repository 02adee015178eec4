"""The certificates of the people within the reach of HR: found, revoked and issued anew there."""

import csv
import io
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.core.audit import AuditEntry
from lms.core.db import db, new_uuid, transaction
from lms.credentials import rules
from lms.credentials.models import Certificate
from tests.cast import Cast
from tests.client import PageClient, words
from tests.credentials.conftest import Holder, make_files
from tests.formats.spreadsheet import cells

NAMES = {"learner": "Sari Wulandari", "stranger": "Andi Tenri"}


@pytest.fixture
def hr(app: Flask, cast: Cast, completed: Holder) -> PageClient:
    """HR of the city, where the learner (Dinas A) and the stranger (Dinas B) hold one each."""
    completed("learner", "stranger", settings="validity_months = 1\n")
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["hr"])
    return client


@pytest.fixture
def hr_of_a(app: Flask, cast: Cast, hr: PageClient) -> PageClient:
    """The colleague is HR for Dinas A alone."""
    with app.app_context():
        with transaction():
            roles.grant_role(
                cast.person("colleague"), Role.HR, cast.unit("a"),
                start_on=date(2024, 1, 1), reason="SK 3",
            )  # fmt: skip
        db.session.remove()
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["colleague"])
    return client


def of(app: Flask, cast: Cast, name: str) -> Certificate:
    """The latest one of somebody."""
    with app.app_context():
        query = sa.select(Certificate).where(Certificate.person_id == cast.people[name])
        found = db.session.scalars(query.order_by(Certificate.id.desc()).limit(1)).one()
        db.session.expunge_all()
        db.session.remove()
        return found


def listed(client: PageClient, query: str = "") -> set[str]:
    page = words(client.get(f"/certificates{query}"))
    return {name for name, full in NAMES.items() if full in page}


def test_hr_sees_those_of_everybody_within_reach(hr: PageClient) -> None:
    assert listed(hr) == {"learner", "stranger"}
    page = words(hr.get("/certificates"))
    assert "Segera berakhir" in page
    assert "Terbitkan ulang" in page


def test_hr_of_one_agency_sees_none_of_another(app: Flask, cast: Cast, hr_of_a: PageClient) -> None:
    make_files(app)
    assert listed(hr_of_a) == {"learner"}
    foreign, own = of(app, cast, "stranger"), of(app, cast, "learner")
    assert listed(hr_of_a, f"?q={foreign.code}") == set()
    assert listed(hr_of_a, f"?q={foreign.number}") == set()
    for uuid in (foreign.uuid, new_uuid()):
        for act in ("revoke", "reissue"):
            assert hr_of_a.get(f"/certificates/{uuid}/{act}").status_code == 404
            sent = hr_of_a.send(f"/certificates/{uuid}/{act}", {"reason": "Salah"})
            assert sent.status_code == 404
        assert hr_of_a.get(f"/certificates/{uuid}/file").status_code == 404
    assert hr_of_a.get(f"/certificates/{own.uuid}/file").status_code == 200
    assert of(app, cast, "stranger").id == foreign.id


def test_they_are_found_by_what_stands_on_them(app: Flask, cast: Cast, hr: PageClient) -> None:
    entry = of(app, cast, "stranger")
    grouped = "-".join(entry.code[i : i + 4].lower() for i in range(0, 20, 4))
    for search in (entry.number, entry.code, grouped, "andi", "TENRI andi", "198807072012011007"):
        assert listed(hr, f"?q={search}") == {"stranger"}, search
    for search in ("%25", "_", "tidak ada", "\\"):
        assert listed(hr, f"?q={search}") == set(), search
    assert listed(hr, "?state=x&before=x") == {"learner", "stranger"}


def test_a_name_that_could_be_a_code_is_found(app: Flask, cast: Cast, hr: PageClient) -> None:
    name = "Rahmat Hidayat Pratama"
    assert rules.tidy_code(name)
    with app.app_context(), transaction():
        cast.person("stranger").name = name
    assert name in words(hr.get(f"/certificates?q={name}"))


def test_they_are_narrowed_by_their_state(app: Flask, cast: Cast, hr: PageClient) -> None:
    assert listed(hr, "?state=valid") == listed(hr, "?state=expiring") == {"learner", "stranger"}
    hr.send(f"/certificates/{of(app, cast, 'stranger').uuid}/revoke", {"reason": "Salah"})
    assert listed(hr, "?state=revoked") == {"stranger"}
    assert listed(hr, "?state=valid") == listed(hr, "?state=expiring") == {"learner"}
    assert listed(hr, "?state=expired") == listed(hr, "?state=superseded") == set()
    hr.send(f"/certificates/{of(app, cast, 'learner').uuid}/reissue", {"reason": "Gelar"})
    assert listed(hr, "?state=superseded") == {"learner"}


def test_revoking_asks_for_a_reason_and_is_noted(app: Flask, cast: Cast, hr: PageClient) -> None:
    entry = of(app, cast, "learner")
    address = f"/certificates/{entry.uuid}/revoke"
    form = words(hr.get(address))
    assert "Pencabutan tidak dapat dibatalkan." in form
    assert entry.number in form
    refused = hr.send(address, {"reason": " "})
    assert refused.status_code == 422
    assert "Isi alasan" in words(refused)
    done = hr.send(address, {"reason": "Jawaban disalin"}, follow_redirects=True)
    assert f"Sertifikat {entry.number} dicabut." in words(done)
    assert "Alasan: Jawaban disalin" in words(done)
    again = hr.send(address, {"reason": "Jawaban disalin"})
    assert again.status_code == 422
    assert "Sertifikat ini sudah dicabut." in words(again)
    with app.app_context():
        (noted,) = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "credentials.revoked")
        )
        assert noted.chain == cast.person("hr").uuid
        assert noted.subject_uuid == entry.uuid


def test_issuing_anew_gives_another_number(app: Flask, cast: Cast, hr: PageClient) -> None:
    entry = of(app, cast, "learner")
    done = hr.send(
        f"/certificates/{entry.uuid}/reissue", {"reason": "Gelar"}, follow_redirects=True
    )
    new = of(app, cast, "learner")
    assert new.replaces_id == entry.id
    assert f"Diterbitkan ulang dengan nomor {new.number}." in words(done)


def test_nobody_decides_over_her_own(app: Flask, cast: Cast, hr_of_a: PageClient) -> None:
    with app.app_context():
        with transaction():
            roles.grant_role(
                cast.person("learner"), Role.HR, cast.unit("a"),
                start_on=date(2024, 1, 1), reason="SK 4",
            )  # fmt: skip
        db.session.remove()
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people["learner"])
    own = of(app, cast, "learner")
    page = client.get("/certificates").get_data(as_text=True)
    assert f"/certificates/{own.uuid}/revoke" not in page
    assert client.send(f"/certificates/{own.uuid}/revoke", {"reason": "x"}).status_code == 404
    assert client.send(f"/certificates/{own.uuid}/reissue", {"reason": "x"}).status_code == 404


def test_a_head_sees_those_of_the_team_and_manages_none(
    app: Flask, cast: Cast, hr: PageClient
) -> None:
    head = app.test_client()
    assert isinstance(head, PageClient)
    head.sign_in(cast.people["head"])
    assert head.get("/certificates").status_code == 403
    uuid = of(app, cast, "learner").uuid
    assert head.send(f"/certificates/{uuid}/revoke", {"reason": "x"}).status_code == 403


# ── As a file ────────────────────────────────────────────────────────────────────────────────


def table(client: PageClient, query: str = "") -> list[dict[str, str]]:
    answer = client.send(f"/certificates/export{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.content_length == len(answer.data)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=sertifikat-")
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def in_file(client: PageClient, query: str = "") -> set[str]:
    found = {row["Nama"] for row in table(client, query)}
    return {name for name, full in NAMES.items() if full in found}


def test_the_file_holds_exactly_what_the_list_shows(
    app: Flask, cast: Cast, hr: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.credentials.queries.managed.PAGE", 1)  # all pages of it
    monkeypatch.setattr("lms.credentials.queries.managed.BATCH", 1)
    entry = of(app, cast, "stranger")
    assert [row["Nama"] for row in table(hr)] == ["Andi Tenri", "Sari Wulandari"]
    for query in ("?q=andi", f"?q={entry.code}", f"?q={entry.number}", "?q=198807072012011007"):
        assert in_file(hr, query) == {"stranger"}, query
    assert in_file(hr, "?state=expiring") == {"learner", "stranger"}
    assert in_file(hr, "?q=%25") == in_file(hr, "?state=revoked") == set()
    hr.send(f"/certificates/{entry.uuid}/revoke", {"reason": "Jawaban disalin"})
    assert in_file(hr, "?state=valid") == {"learner"}
    (row,) = table(hr, "?state=revoked")
    with app.app_context():
        printed = db.session.get_one(Certificate, entry.id).printed
    assert row == {
        "NIP": "19880707 201201 1 007", "Nama": "Andi Tenri", "Unit kerja": printed["unit"],
        "Kursus": printed["course"], "JP": "2", "Nomor": entry.number,
        "Kode": "-".join(entry.code[i : i + 4] for i in range(0, 20, 4)),
        "Terbit": entry.issued_on.isoformat(), "Berlaku sampai": str(entry.valid_until),
        "Keadaan": "Dicabut", "Alasan pencabutan": "Jawaban disalin", "Diganti dengan nomor": "",
    }  # fmt: skip
    hr.send(f"/certificates/{of(app, cast, 'learner').uuid}/reissue", {"reason": "Gelar"})
    (row,) = table(hr, "?state=superseded")
    assert row["Diganti dengan nomor"] == of(app, cast, "learner").number


def test_the_list_leads_to_its_file_and_a_spreadsheet_holds_the_same(hr: PageClient) -> None:
    page = hr.get("/certificates?q=andi&state=valid").get_data(as_text=True)
    assert 'action="/certificates/export?q=andi&amp;state=valid"' in page
    assert "/certificates/export" not in hr.get("/certificates?q=zzz").get_data(as_text=True)
    answer = hr.send("/certificates/export?q=andi&state=valid", {"format": "xlsx"})
    assert (answer.mimetype or "").endswith("spreadsheetml.sheet")
    first, *rows = cells(answer.data)
    assert first[:2] == ["NIP", "Nama"]
    assert [row[1] for row in rows] == ["Andi Tenri"]


def test_no_file_holds_what_is_out_of_reach(
    app: Flask, cast: Cast, hr_of_a: PageClient, client: PageClient
) -> None:
    foreign = of(app, cast, "stranger")
    assert in_file(hr_of_a) == {"learner"}
    assert table(hr_of_a, f"?q={foreign.code}") == []
    client.sign_in(cast.people["head"])
    assert client.send("/certificates/export").status_code == 403


def test_who_took_the_file_is_noted_without_what_was_searched(
    app: Flask, cast: Cast, hr: PageClient
) -> None:
    table(hr, "?q=andi&state=valid")
    with app.app_context():
        (noted,) = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "reports.exported")
        )
        assert noted.chain == cast.person("hr").uuid
        assert noted.details == {
            "table": "certificates", "rows": "1", "searched": "True", "state": "valid"
        }  # fmt: skip
