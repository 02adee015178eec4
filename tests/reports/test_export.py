"""The board as a file: all of it, nobody else's, whole or not at all, and noted."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.models import Person
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.reports import queries
from tests.cast import Cast
from tests.client import PageClient
from tests.formats.spreadsheet import cells
from tests.queries import counted

TEAM = ["Daud Kogoya", "Sari Wulandari"]


@pytest.fixture
def head(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["head"])
    return client


def table(client: PageClient, address: str = "/team/export") -> list[dict[str, str]]:
    answer = client.send(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.content_length == len(answer.data)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=tim-")
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_everybody_of_the_team_is_in_it_and_nobody_else(head: PageClient, cast: Cast) -> None:
    rows = table(head)
    assert [row["Nama"] for row in rows] == TEAM
    assert rows[0].keys() >= {"NIP", "Jabatan", "Unit kerja", "Kursus selesai", "Target JP"}
    assert " " in rows[0]["NIP"]
    assert len(rows[0]["NIP"].replace(" ", "")) == 18


def test_a_search_narrows_it_as_it_narrows_the_board(head: PageClient) -> None:
    assert [row["Nama"] for row in table(head, "/team/export?q=sari")] == ["Sari Wulandari"]


def test_it_is_noted_who_took_how_much(app: Flask, head: PageClient, cast: Cast) -> None:
    table(head, "/team/export?q=sari")
    with app.app_context():
        (entry,) = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "reports.exported")
        )
        head_person = db.session.get_one(Person, cast.people["head"])
        assert entry.chain == head_person.uuid
        assert entry.details == {"table": "team", "rows": "1", "searched": "True", "state": ""}


def test_who_heads_nothing_gets_no_file(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    assert client.send("/team/export").status_code == 403


def test_a_name_that_is_a_formula_stays_text(app: Flask, head: PageClient, cast: Cast) -> None:
    with app.app_context(), transaction():
        person = db.session.get_one(Person, cast.people["learner"])
        person.name = '=HYPERLINK("http://x")'
    assert '\'=HYPERLINK("http://x")' in [row["Nama"] for row in table(head)]


def test_a_spreadsheet_holds_what_the_csv_holds(app: Flask, head: PageClient, cast: Cast) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Person, cast.people["learner"]).name = '=HYPERLINK("http://x")'
    answer = head.send("/team/export", {"format": "xlsx"})
    assert (answer.mimetype or "").endswith("spreadsheetml.sheet")
    assert answer.content_length == len(answer.data)
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    first, *rows = cells(answer.data)
    found = [dict(zip(first, row, strict=False)) for row in rows]
    written = table(head)
    assert list(written[0]) == first
    assert [row["NIP"] for row in found] == [row["NIP"] for row in written]
    assert {row["Nama"] for row in found} == {"Daud Kogoya", '=HYPERLINK("http://x")'}
    assert {row["Target JP"] for row in found} == {row["Target JP"] for row in written}


def test_batches_make_one_table_and_cost_a_few_queries_each(
    app: Flask, head: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = table(head)
    monkeypatch.setattr(queries, "BATCH", 1)
    assert table(head) == whole
    monkeypatch.setattr(queries, "BATCH", 1000)
    with counted(app) as statements:
        table(head)
    assert len(statements) <= 16, "\n".join(statements)


def test_a_fault_in_the_middle_gives_an_error_and_no_half_table(
    head: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(queries, "with_figures", break_down)
    answer = head.send("/team/export")
    assert answer.status_code == 500
    assert "Content-Disposition" not in answer.headers
