"""The transcript of a year: page, spreadsheet and PDF tell the same entries."""

import csv
import re
from decimal import Decimal
from io import StringIO

import sqlalchemy as sa
from flask import Flask

from lms.competencies import actions as competencies
from lms.competencies.models import HourEntry
from lms.core.db import db, transaction
from lms.credentials.models import Certificate
from tests.cast import Cast
from tests.client import PageClient, words
from tests.credentials.test_sheet import texts
from tests.learning.test_journey import finish


def table(client: PageClient, address: str = "/my/hours/csv") -> list[list[str]]:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"))))


def test_page_table_and_sheet_tell_the_same(
    app: Flask, learner: PageClient, course: str, cast: Cast
) -> None:
    finish(learner, course)
    with app.app_context():
        number = db.session.scalars(sa.select(Certificate.number)).one()
        entry = db.session.scalars(sa.select(HourEntry)).one()
        day, year = entry.earned_on, entry.year
        code = db.session.scalars(sa.select(Certificate.code)).one()
    page = learner.get("/my/hours")
    assert f"/my/hours/csv?year={year}" in page.get_data(as_text=True)
    assert f"/my/hours/pdf?year={year}" in page.get_data(as_text=True)
    heads, *rows = table(learner)
    assert heads == ["Kegiatan", "Bentuk", "Tanggal", "Nomor sertifikat", "JP", "Alasan"]
    assert rows == [
        [
            "Melayani dengan ramah",
            "Pembelajaran daring (e-learning)",
            day.isoformat(),
            number,
            "2",
            "",
        ]
    ]
    answer = learner.get("/my/hours/pdf")
    assert answer.mimetype == "application/pdf"
    assert f"transkrip-jp-{year}.pdf" in answer.headers["Content-Disposition"]
    (sheet,) = texts(answer.get_data())
    for text in (
        f"Transkrip jam pelajaran {year}", "Sari Wulandari", "19900404 201504 2 004", "Bidang A1",
        "Melayani dengan ramah", number, f"Total tercatat {year} 2", "20 JP",
    ):  # fmt: skip
        assert text in sheet, text
    assert f"/verify/{code.lower()}".encode() in answer.get_data()  # the number is a link


def test_what_was_taken_back_stands_with_its_reason_and_adds_up(
    app: Flask, learner: PageClient, course: str
) -> None:
    finish(learner, course)
    with app.app_context(), transaction():
        entry = db.session.scalars(sa.select(HourEntry)).one()
        competencies.reverse_hours(None, entry, reason="=Dobel")
    _, *rows = table(learner)
    assert sum(Decimal(row[4]) for row in rows) == 0
    assert [row[5] for row in rows] == ["'=Dobel", ""]  # nothing that a spreadsheet would run
    (sheet,) = texts(learner.get("/my/hours/pdf").get_data())
    assert "=Dobel" in sheet
    assert re.search(r"Total tercatat \d+ 0", sheet)


def test_a_year_without_entries_and_one_that_is_none(learner: PageClient) -> None:
    assert len(table(learner, "/my/hours/csv?year=2020")) == 1
    (sheet,) = texts(learner.get("/my/hours/pdf?year=2020").get_data())
    assert "Transkrip jam pelajaran 2020" in sheet
    for year in ("1", "abc", "99999"):
        assert learner.get(f"/my/hours/pdf?year={year}").status_code == 200


def test_many_entries_go_on_to_further_pages(
    app: Flask, learner: PageClient, cast: Cast, course: str
) -> None:
    finish(learner, course)
    with app.app_context(), transaction():
        first = db.session.scalars(sa.select(HourEntry)).one()
        for n in range(60):
            competencies.record_hours(
                cast.person("learner"), form="KL06", hours=Decimal("0.5"),
                title=f"Seminar {n} tentang pelayanan publik yang panjang judulnya sekali",
                source_uuid=first.source_uuid, earned_on=first.earned_on, post=None,
            )  # fmt: skip
    pages = texts(learner.get("/my/hours/pdf").get_data())
    assert len(pages) > 1
    assert all("Kegiatan" in page for page in pages)
    assert "32" in pages[-1]
    assert len(table(learner)) == 62


def test_in_english(learner: PageClient, course: str) -> None:
    finish(learner, course)
    learner.set_cookie("language", "en")
    (sheet,) = texts(learner.get("/my/hours/pdf").get_data())
    assert "Transcript of learning hours" in sheet
    assert "Transcript" in words(learner.get("/my/hours"))
