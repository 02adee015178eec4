"""The pages of the import: who may, how far, and a thousand people from file to first sign-in."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts import jobs
from lms.accounts.actions import activation, import_people, imports, roles
from lms.accounts.models import ImportRow, Person, Placement, RegisterImport
from lms.accounts.queries import import_words, person_by_identifier, register
from lms.accounts.rules import Role, importing
from lms.accounts.rules.importing import ImportKind, RowFault
from lms.core import clock
from lms.core.db import db, transaction
from lms.formats.table_file import read_rows
from tests.accounts.importing import csv, nip, person
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

SARI = "199004042015042004"


@pytest.fixture
def admin(cast: Cast, client: PageClient) -> PageClient:
    client.sign_in(cast.people["admin"])
    return client


@pytest.fixture
def unit_admin(app: Flask, cast: Cast, browser: Callable[[], PageClient]) -> PageClient:
    """`agency_head`, admin of Dinas A."""
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person("agency_head"), Role.ADMIN, cast.unit("a"),
            start_on=clock.today("Asia/Jakarta"), reason="SK 3",
        )  # fmt: skip
    found = browser()
    found.sign_in(cast.people["agency_head"])
    return found


def send(
    client: PageClient, file: io.BytesIO, kind: str = "people", name: str = "berkas.csv"
) -> Any:
    """As a browser sends it; the test client's own encoder would leave large files open."""
    part = "--x\r\nContent-Disposition: form-data; name="
    body = f'{part}"csrf_token"\r\n\r\n{client.csrf()}\r\n{part}"kind"\r\n\r\n{kind}\r\n'
    body += f'{part}"file"; filename="{name}"\r\n\r\n'
    return client.post(
        "/people/imports", data=body.encode() + file.read() + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )  # fmt: skip


def sweep(app: Flask) -> None:
    with app.app_context():
        jobs.sweep_imports()


def sent(app: Flask, client: PageClient, rows: list[dict[str, str]], kind: str = "people") -> str:
    """The page of an import that the job has checked."""
    answer = send(client, csv(rows, ImportKind(kind)), kind)
    assert answer.status_code == 302, words(answer)
    sweep(app)
    return str(answer.headers["Location"])


def test_from_file_to_applied_and_back(app: Flask, cast: Cast, admin: PageClient) -> None:
    answer = send(admin, csv([person(1), {"nip": SARI, "surel": "baru@contoh.test"}]))
    page = answer.headers["Location"]
    assert "Sedang diperiksa" in words(admin.get(page))
    sweep(app)
    shown = words(admin.get(page))
    assert "Belum ada yang berubah" in shown
    assert "surel: sari@contoh.test → baru@contoh.test" in shown
    assert "tidak dihapus dan tidak dipindahkan" in shown
    assert "Pegawai 1" in words(admin.get(f"{page}?show=new"))
    assert admin.send(f"{page}/apply", {"mode": "whole"}).status_code == 302
    assert "Sedang diterapkan" in words(admin.get(page))
    again = admin.send(f"{page}/apply", {"mode": "whole"})
    assert (again.status_code, "sedang dikerjakan" in words(again)) == (422, True)
    sweep(app)
    shown = words(admin.get(page))
    assert "2 baris diterapkan" in shown
    assert "Surat aktivasi" in shown
    assert admin.send(f"{page}/undo").status_code == 302
    sweep(app)
    assert "2 baris dibatalkan" in words(admin.get(page))
    assert "Dibatalkan" in words(admin.get("/people/imports"))


def test_faults_are_shown_by_row_and_column_and_can_be_taken_to_mend(
    app: Flask, cast: Cast, admin: PageClient
) -> None:
    page = sent(app, admin, [person(1), person(2, unit="Z", nama="=1+1")])
    shown = words(admin.get(page))
    assert "Kolom unit: Tidak ada unit dengan kode ini." in shown
    assert "Terapkan 1 baris" in shown
    file = admin.send(f"{page}/export").data
    (head, row) = [cells for _, cells in read_rows(io.BytesIO(file))]
    assert head[:3] == ["baris", "yang perlu dibetulkan", "nip"]
    assert (row[0], row[2], row[3]) == ("3", nip(2), "'=1+1")


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", list(ImportKind))
def test_a_template_left_as_it_is_does_nothing(
    app: Flask, cast: Cast, admin: PageClient, kind: str, format: str
) -> None:
    template = admin.get(f"/people/imports/templates/{kind}/{format}")
    answer = send(admin, io.BytesIO(template.data), kind, f"x.{format}")
    sweep(app)
    assert "Ini baris contoh dari templat" in words(admin.get(answer.headers["Location"]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Berkas ini kosong"),
        (b"nip,nama\n", "tidak berisi baris"),
        (b"nomor,nama\n1,2\n", "Baris pertama harus berisi judul kolom"),
        (b"nip,emial\n1,2\n", "Kolom ini tidak dikenal: emial"),
        (b"nip,nama,nama\n1,2,3\n", "Kolom ini ada dua kali: nama"),
        (b'nip,nama\n1,"2\n', "Tanda kutip di baris 2 tidak ditutup"),
        (b"\xd0\xcf\x11\xe0", "XLS lama atau dikunci kata sandi"),
        (b"PK\x03\x04", "rusak atau bukan XLSX"),
        (b"\xff\xfen\x00", "UTF-16"),
        (b"\x00\x01", "bukan tabel CSV atau XLSX"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_leaves_nothing(
    app: Flask, cast: Cast, admin: PageClient, content: bytes, said: str
) -> None:
    answer = send(admin, io.BytesIO(content))
    assert answer.status_code == 422
    assert said in words(answer)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(RegisterImport.id))) == 0
        assert db.session.scalar(sa.select(sa.func.count(ImportRow.id))) == 0


def test_no_file_and_too_many_rows_and_too_many_bytes(
    app: Flask, cast: Cast, admin: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Pilih berkas" in words(admin.send("/people/imports", {"kind": "people"}))
    monkeypatch.setattr(imports, "ROWS_MAX", 600)
    answer = send(admin, csv([person(n) for n in range(601)]))
    assert (answer.status_code, "lebih dari 600 baris" in words(answer)) == (422, True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(ImportRow.id))) == 0
    answer = send(admin, io.BytesIO(b"nip,nama\n" + b"1,2\n" * (6 * 1024 * 1024)))
    assert answer.status_code == 413
    monkeypatch.setattr(imports, "FILE_MAX", 1000)
    answer = send(admin, csv([person(n) for n in range(60)]))
    assert (answer.status_code, "Berkas lebih besar" in words(answer)) == (422, True)


def test_only_an_admin_may_send_much(
    app: Flask, cast: Cast, browser: Callable[[], PageClient]
) -> None:
    """Whoever else sends three megabytes is refused before they are read."""
    for name in (None, "learner", "hr"):
        client = browser()
        if name:
            client.sign_in(cast.people[name])
        assert send(client, io.BytesIO(b"1,2\n" * (800 * 1024))).status_code == 413, name
    client = browser()
    client.sign_in(cast.people["admin"])
    assert send(client, io.BytesIO(b"1,2\n" * (800 * 1024))).status_code == 422


def test_an_admin_of_a_unit_imports_only_there(
    app: Flask, cast: Cast, unit_admin: PageClient
) -> None:
    page = sent(app, unit_admin, [
        person(1, unit="A1"), person(2, unit="B"),
        {"nip": "198807072012011007", "surel": "ambil@contoh.test"},  # of Dinas B
        {"nip": "198304042008012011", "surel": "ambil2@contoh.test"},  # the admin of everything
        {"nip": "197202021996032002", "nama": "Saya Sendiri"},
        {"nip": SARI, "surel": "sari.baru@contoh.test"},
        {"nip": "197001011995031001", "nama": "Ratna Dewi"},  # unchanged: nothing is done
    ])  # fmt: skip
    shown = words(unit_admin.get(f"{page}?show=all"))
    assert shown.count("di luar wewenang Anda. Mintalah admin di atasnya") == 3
    assert "Data sendiri diubah oleh admin lain" in shown
    unit_admin.send(f"{page}/apply", {"mode": "rows"})
    sweep(app)
    assert "2 baris diterapkan" in words(unit_admin.get(page))
    with app.app_context():
        taken = sa.select(Person.id).where(
            Person.email.in_(["ambil@contoh.test", "ambil2@contoh.test"])
        )
        assert db.session.scalars(taken).all() == []
    answer = send(unit_admin, csv([{"kode": "x", "nama": "X", "jenjang": "mahir"}],
                                  ImportKind.POSITIONS), "positions")  # fmt: skip
    assert "Mintalah admin instansi" in words(answer)
    units = sent(app, unit_admin, [
        {"kode": "A2", "nama": "Bidang A2", "induk": "A"},
        {"kode": "B2", "nama": "X", "induk": "B"},
        {"kode": "R", "nama": "Akar"},
        {"kode": "B", "nama": "Dinas Lain"},
    ], "units")  # fmt: skip
    assert words(unit_admin.get(units)).count("Unit ini di luar wewenang Anda") == 3


def test_the_right_is_asked_again_when_the_job_does_it(
    app: Flask, cast: Cast, unit_admin: PageClient
) -> None:
    """A role that ends between the click and the work does nothing any more."""
    page = sent(app, unit_admin, [person(1, unit="A1"), {"nip": SARI, "nama": "Sari W."}])
    unit_admin.send(f"{page}/apply", {"mode": "rows"})
    with app.app_context(), transaction():
        (grant,) = register.roles_of(cast.person("agency_head"))
        grant.end_on = clock.today("Asia/Jakarta") - timedelta(days=1)
    sweep(app)
    with app.app_context():
        assert cast.person("learner").name == "Sari Wulandari"
        assert db.session.scalar(sa.select(Person.id).where(Person.nip == nip(1))) is None


def test_an_import_is_seen_by_its_sender_and_by_admins_of_everything(
    app: Flask, cast: Cast, admin: PageClient, unit_admin: PageClient
) -> None:
    theirs = sent(app, unit_admin, [person(1)])
    mine = sent(app, admin, [person(2)])
    assert admin.get(theirs).status_code == 200
    assert unit_admin.get(mine).status_code == 404
    for act in ("apply", "undo", "recheck", "export"):
        assert unit_admin.send(f"{mine}/{act}", {"mode": "rows"}).status_code == 404
    assert mine not in unit_admin.get("/people/imports").get_data(as_text=True)
    assert theirs in admin.get("/people/imports").get_data(as_text=True)


def test_every_fault_has_words() -> None:
    assert set(import_words.FAULTS) == set(RowFault)


def test_a_job_that_was_killed_goes_on_and_one_that_breaks_says_so(
    app: Flask, cast: Cast, admin: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = sent(app, admin, [person(n) for n in range(1, 700)])
    admin.send(f"{page}/apply", {"mode": "rows"})
    calls = []

    write = import_people.write

    def broken(pairs: Any) -> None:
        calls.append(pairs)
        if len(calls) > 1:
            raise RuntimeError
        write(pairs)

    with monkeypatch.context() as patch:
        patch.setattr(
            "lms.accounts.actions.import_people.write",
            broken,
        )
        sweep(app)
    shown = words(admin.get(page))
    assert "Pekerjaan berhenti karena gangguan" in shown
    assert "100 baris sudah diterapkan" in shown
    admin.send(f"{page}/recheck")
    sweep(app)
    admin.send(f"{page}/apply", {"mode": "rows"})
    sweep(app)
    assert "699 baris diterapkan" in words(admin.get(page))
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 699 + len(cast.people)


def test_a_long_import_lets_the_other_sweeps_have_their_turn(
    app: Flask, cast: Cast, admin: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = send(admin, csv([person(n) for n in range(1, 250)])).headers["Location"]
    seconds = iter(range(1000))
    monkeypatch.setattr("lms.accounts.actions.import_work.monotonic", lambda: next(seconds))
    monkeypatch.setattr("lms.accounts.actions.import_work.TURN", 3)
    sweep(app)
    assert "200 dari 249 baris" in words(admin.get(page))
    sweep(app)
    assert "249 baris akan diterapkan" in words(admin.get(page))


def test_old_imports_and_half_files_go(
    app: Flask, cast: Cast, admin: PageClient, at: SetClock
) -> None:
    page = sent(app, admin, [person(1)])
    at(clock.now() + importing.KEPT + timedelta(days=1))
    with app.app_context():
        jobs.sweep_old_imports()
        assert db.session.scalar(sa.select(sa.func.count(ImportRow.id))) == 0
    admin.sign_in(cast.people["admin"])
    assert admin.get(page).status_code == 404


def test_a_thousand_people_imported_and_activated(
    app: Flask, cast: Cast, admin: PageClient, browser: Callable[[], PageClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    people = 1000
    page = sent(app, admin, [person(n) for n in range(1, people + 1)])
    assert "1.000 baris akan diterapkan" in words(admin.get(page))
    admin.send(f"{page}/apply", {"mode": "whole"})
    sweep(app)
    assert "1.000 baris diterapkan" in words(admin.get(page))
    uuid = UUID(page.rsplit("/", 1)[1])
    codes: dict[str, str] = {}
    while "Semua sudah aktif" not in words(admin.get(f"/people/letters?import={uuid}")):
        html = admin.send("/people/letters/print", {"import": str(uuid)}).get_data(as_text=True)
        numbers = re.findall(r'<p class="small num">(\d{8} \d{6} \d \d{3})</p>', html)
        codes |= dict(zip(numbers, re.findall(r'letter__code num">([^<]+)<', html), strict=True))
    assert len(codes) == people
    # The hash is slow on purpose and the same for all: what counts is that every code opens.
    hashed = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"
    monkeypatch.setattr("lms.accounts.views.activation.hash_password", lambda _: hashed)
    for n, (number, code) in enumerate(codes.items()):
        if n % 100 == 0:
            _activate_by_the_pages(browser(), number, code)
        else:
            _activate(app, number, code, hashed)
    with app.app_context():
        active = sa.select(sa.func.count(Person.id)).where(Person.password_hash == hashed)
        assert db.session.scalar(active) == people
        placed = db.session.scalars(sa.select(sa.func.count(Placement.id))).one()
        assert placed >= people


def _activate_by_the_pages(visitor: PageClient, number: str, code: str) -> None:
    step = visitor.send("/activate", {"identifier": number, "code": code})
    typed = {"password": "hujan-sore-kopi", "password_again": "hujan-sore-kopi"}
    assert visitor.send(step.headers["Location"], typed).headers["Location"] == "/sign-in"


def _activate(app: Flask, number: str, code: str, hashed: str) -> None:
    with app.app_context():
        token = activation.token_of_code(number, code)
        assert token is not None
        with transaction():
            activation.activate(register_person(number), token, hashed)


def register_person(number: str) -> Person:
    person = person_by_identifier(number)
    assert person is not None
    return person
