"""The dictionary and the standards out as a table, and in again with a preview."""

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lms.competencies.actions.tables import COLUMNS, ROWS_MAX, Table
from lms.competencies.models import Competency, CompetencyRevision, CompetencyStandard
from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient, words
from tests.competencies.test_dictionary import hr_of_a
from tests.conftest import SetClock

pytestmark = pytest.mark.usefixtures("reference")
NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)
ARCHIVES = 'T.01,technical,Arsip,Arsip digital,,Menata arsip,"a\nb",b,c,d,e,highest'


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def csv_of(table: Table, *rows: str) -> bytes:
    return "\n".join([",".join(COLUMNS[table]), *rows]).encode()


def preview(client: PageClient, table: str, content: bytes) -> TestResponse:
    return client.send(
        f"/competencies/import/{table}/preview",
        {"file": (BytesIO(content), "tabel.csv")},
        content_type="multipart/form-data",
    )


def apply(client: PageClient, table: str, shown: TestResponse) -> TestResponse:
    found = re.search(r'name="kept"[^>]*value="([^"]+)"', shown.get_data(as_text=True))
    data: dict[str, Any] = {"kept": found[1] if found else ""}
    return client.send(f"/competencies/import/{table}/apply", data)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("table", ["dictionary", "standards"])
def test_what_was_taken_out_changes_nothing_when_it_comes_in(
    client: PageClient, cast: Cast, table: str, kind: str
) -> None:
    client.sign_in(cast.people["hr"])
    address = "/competencies/file" if table == "dictionary" else "/standards/file"
    content = client.get(f"{address}?format={kind}").data
    page = words(preview(client, table, content))
    assert f"Sama {9 if table == 'dictionary' else 126}" in page
    assert "Baru 0" in page
    assert "Berubah 0" in page
    assert "Keliru 0" in page


def test_new_and_changed_entries_are_shown_and_then_applied(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    content = client.get("/competencies/file?format=csv").get_data(as_text=True)
    content = content.replace("Bertindak jujur", "Bertindak lurus") + ARCHIVES + "\n"
    shown = preview(client, "dictionary", content.encode())
    page = words(shown)
    for expected in ("Baru 1", "Berubah 1", "Sama 8", "Bertindak lurus", "T.01"):
        assert expected in page
    with app.app_context():
        assert db.session.query(Competency).count() == 9  # nothing yet
    assert apply(client, "dictionary", shown).status_code == 302
    with app.app_context():
        found = db.session.query(Competency).filter_by(code="T.01").one()
        assert found.levels[0] == ["a", "b"]
        reasons = db.session.query(CompetencyRevision.reason).filter_by(number=2)
        assert [row.reason for row in reasons] == ["Impor tabel"]
    again = apply(client, "dictionary", shown)
    assert again.status_code == 422
    assert "Data berubah sejak pratinjau" in words(again)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("m 1,technical,A,B,,C,a,b,c,d,e,highest", "Kolom kode"),
        ("T.1,teknis,A,B,,C,a,b,c,d,e,highest", "Kolom jenis"),
        ("T.1,technical,,B,,C,a,b,c,d,e,highest", "Kolom bidang"),
        ("T.1,technical,A,,,C,a,b,c,d,e,highest", "Kolom nama"),
        ("T.1,technical,A,B,,,a,b,c,d,e,highest", "Kolom definisi"),
        ("T.1,technical,A,B,,C,a,b,,d,e,highest", "Kolom tingkat_3"),
        ("M.01,technical,A,B,,C,a,b,c,d,e,highest", "tidak dapat diubah"),
        (f"T.1,technical,A,B,,{'x' * 1000},a,b,c,d,e,latest", "Kolom definisi: Terlalu panjang"),
        ("T.1,technical,A,B,,C,a,b,c,d,e,average", "highest, latest, assessor"),
        (ARCHIVES, "Sudah ada pada baris 2"),
    ],
)
def test_a_wrong_row_is_told_by_row_and_column_and_right_ones_can_go_in(
    app: Flask, client: PageClient, cast: Cast, row: str, expected: str
) -> None:
    client.sign_in(cast.people["hr"])
    shown = preview(client, "dictionary", csv_of(Table.DICTIONARY, ARCHIVES, row))
    page = words(shown)
    assert "Keliru 1" in page
    assert expected in page
    assert "Baris 4" in page  # the first row has a cell of two lines
    assert "yang benar saja" in page
    assert apply(client, "dictionary", shown).status_code == 302
    with app.app_context():
        assert db.session.query(Competency).count() == 10


def test_a_table_may_leave_the_rule_of_the_level_out(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    content = client.get("/competencies/file?format=csv").get_data(as_text=True)
    content = content.replace("highest", "latest", 1) + ARCHIVES.replace("highest", "") + "\n"
    assert apply(client, "dictionary", preview(client, "dictionary", content.encode()))
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    place = rows[0].index("aturan_tingkat")
    without = io.StringIO()
    csv.writer(without).writerows([row[:place] + row[place + 1 :] for row in rows])
    page = words(preview(client, "dictionary", without.getvalue().encode()))
    assert "Sama 10" in page
    with app.app_context():
        stored = Counter(row.rating_rule.value for row in db.session.query(Competency))
        assert stored == {"highest": 9, "latest": 1}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (",jf,,M.01,4,2,2026-05-06,SK 1", ""),
        ("ahli_pertama,,,M.01,0,1,2026-05-06,SK 1", ""),
        ("ahli_pertama,,,M.01,3,1,2017-01-01,SK 1", "2 Januari 2017"),
        ("ahli_pertama,,,M.01,3,1,2016-01-01,SK 1", "1 Januari 2017"),
        ("ahli_pertama,jf,,M.01,3,1,2026-05-06,SK 1", "salah satu saja"),
        (",tidak-ada,,M.01,3,1,2026-05-06,SK 1", "Tidak ada jabatan"),
        ("raja,,,M.01,3,1,2026-05-06,SK 1", "Tidak ada jenjang"),
        (",jf,,X.9,3,1,2026-05-06,SK 1", "Kolom kompetensi"),
        (",jf,,M.01,6,1,2026-05-06,SK 1", "Kolom tingkat"),
        (",jf,,M.01,3,0,2026-05-06,SK 1", "Kolom bobot"),
        (",jf,,M.01,3,1,6 Mei,SK 1", "Kolom mulai"),
        (",jf,,M.01,3,1,2026-05-06,", "Kolom dasar"),
    ],
)
def test_rows_of_standards(
    app: Flask, client: PageClient, cast: Cast, row: str, expected: str
) -> None:
    client.sign_in(cast.people["hr"])
    shown = preview(client, "standards", csv_of(Table.STANDARDS, row))
    page = words(shown)
    assert ("Keliru 1" if expected else "Keliru 0") in page
    assert expected in page
    with app.app_context():
        before = db.session.query(CompetencyStandard).filter_by(source="SK 1").count()
    apply(client, "standards", shown)
    with app.app_context():
        added = db.session.query(CompetencyStandard).filter_by(source="SK 1").count() - before
        ended = db.session.query(CompetencyStandard).filter(CompetencyStandard.end_on.is_not(None))
        assert (
            (added, ended.count()) == ((1, 0) if "jf" in row else (0, 1))
            if not expected
            else (0, 0)
        )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Pilih berkas"), (b"a,b\n1,2\n", "Baris pertama harus berisi"),
        (b"\x00\x01\x02", "tidak dapat dibaca"), (b"PK\x03\x04 cut", "tidak dapat dibaca"),
        (csv_of(Table.DICTIONARY), "tidak berisi baris"),
        (csv_of(Table.DICTIONARY, *["x"] * (ROWS_MAX + 1)), "Paling banyak 1000"),
    ],
    ids=["none", "columns", "binary", "workbook", "no rows", "many"],
)  # fmt: skip
def test_what_is_no_such_table_is_refused(
    client: PageClient, cast: Cast, content: bytes, message: str
) -> None:
    client.sign_in(cast.people["hr"])
    data: dict[str, Any] = {"file": (BytesIO(content), "x.csv")} if content else {}
    answer = client.send(
        "/competencies/import/dictionary/preview", data, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    assert message in words(answer)


def test_a_forged_or_foreign_preview_applies_nothing(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    shown = preview(client, "dictionary", csv_of(Table.DICTIONARY, ARCHIVES))
    assert apply(client, "standards", shown).status_code == 422
    forged = client.send("/competencies/import/dictionary/apply", {"kept": "x.y.z"})
    assert forged.status_code == 422
    assert client.get("/competencies/import/people").status_code == 404
    with app.app_context():
        hr_of_a(cast)
    client.sign_in(cast.people["learner"])
    assert client.get("/competencies/import/dictionary").status_code == 403
    assert preview(client, "dictionary", csv_of(Table.DICTIONARY, ARCHIVES)).status_code == 403
    assert apply(client, "dictionary", shown).status_code == 403
    with app.app_context():
        assert db.session.query(Competency).count() == 9
