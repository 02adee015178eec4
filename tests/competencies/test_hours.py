"""Forms of development and how they become hours (JP)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.competencies import actions, rules
from lms.competencies.actions import reference
from lms.competencies.models import HourEntry, HourForm
from lms.competencies.queries.hours import form_names
from lms.core import clock, i18n
from lms.core.db import db, transaction
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import take
from tests.sample_course import import_course, write_course

NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)  # 12.00 in Jakarta

# code: unit, JP at home, JP abroad, a day at most, times a month at most
WORKED = {
    "A1": ("semester", 20, 20, None, None),
    "KL03": ("curriculum", None, None, None, None),
    "KL06": ("day", 4, 6, None, None),
    "KL07": ("day", 5, 7, None, None),
    "NKL01": ("time", 2, 4, None, 2),
    "NKL03": ("curriculum", None, None, 3, None),
    "NKL07": ("time", 10, 20, None, None),
    "NKL09": ("day", 2, None, 2, None),
    "NKL12": ("time", 20, 24, None, None),
}


def test_the_reference_data_hold_every_form_with_its_figures(context: Flask) -> None:
    found = {form.code: form for form in db.session.scalars(sa.select(HourForm))}
    codes = [f"KL{n:02}" for n in range(1, 13)] + [f"NKL{n:02}" for n in range(1, 14)]
    assert set(found) == {"A1", "A2", *codes}
    for code, figures in WORKED.items():
        form = found[code]
        numbers = (form.jp, form.jp_abroad, form.daily_cap, form.monthly_times)
        assert (form.unit.value, *numbers) == figures, code
    assert all(form.source and form.name_en for form in found.values())
    assert not any(form.cap_applies for form in found.values())


def test_loading_again_changes_nothing(context: Flask) -> None:
    count = sa.select(sa.func.count()).select_from(HourForm)
    with transaction():
        reference.load_reference()
    assert db.session.scalar(count) == 27


@pytest.mark.parametrize(
    ("hours", "cap", "days", "counted"),
    [
        ("6", None, 1, "6"), ("6", "3", 1, "3"), ("6", "3", 2, "6"), ("5.5", "3", 2, "5.5"),
        ("1", "3", 1, "1"), ("6", "3", 0, "3"), ("10", "3", 3, "9"),
    ],
)  # fmt: skip
def test_what_a_course_credits(hours: str, cap: str | None, days: int, counted: str) -> None:
    limit = None if cap is None else Decimal(cap)
    assert rules.credited(Decimal(hours), limit, days) == Decimal(counted)


def test_names_follow_the_language_of_the_page(context: Flask) -> None:
    day = date(2026, 5, 6)
    assert form_names(day)["KL06"] == "Seminar, konferensi, sarasehan"
    with i18n.in_language("en"):
        assert form_names(day)["KL06"] == "Seminar, conference"
    assert form_names(date(2017, 12, 31)) == {}


def cap(app: Flask, start_on: date) -> None:
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(
                sa.update(HourForm)
                .where(HourForm.code == "NKL03")
                .values(cap_applies=True, start_on=start_on)
            )
        db.session.remove()


@pytest.fixture
def uncapped(app: Flask) -> object:
    """Reference data are shared by the tests of a process."""
    yield None
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(
            sa.update(HourForm)
            .where(HourForm.code == "NKL03")
            .values(cap_applies=False, start_on=date(2018, 1, 1))
        )


def earn(app: Flask, client: PageClient, cast: Cast, tmp_path: Path, *, days: int) -> Decimal:
    """Complete a course of 5 JP on so many days; the hours that are credited."""
    clock.set_clock(lambda: NOON)
    with app.app_context():
        import_course(write_course(tmp_path, jp="5"))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    client.send("/courses/melayani/learn/sapa/done")
    clock.set_clock(lambda: NOON + timedelta(days=days - 1))
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/learn/dengar/done")
    for key in ("kuis-1", "akhir"):
        take(client, "melayani", key, right=True)
    with app.app_context():
        return db.session.scalars(sa.select(HourEntry.hours)).one()


@pytest.mark.parametrize(("days", "counted"), [(1, "3"), (2, "5")])
@pytest.mark.usefixtures("uncapped")
def test_an_office_that_caps_the_day_credits_no_more(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, days: int, counted: str
) -> None:
    cap(app, date(2018, 1, 1))
    assert earn(app, client, cast, tmp_path, days=days) == Decimal(counted)


@pytest.mark.usefixtures("uncapped")
def test_a_cap_counts_from_its_day_on(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    cap(app, date(2026, 5, 7))
    assert earn(app, client, cast, tmp_path, days=1) == Decimal(5)


def test_without_a_cap_the_hours_of_the_curriculum_count(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    assert earn(app, client, cast, tmp_path, days=1) == Decimal(5)
    page = words(client.get("/my/hours"))
    assert "Pembelajaran daring (e-learning)" in page
    assert "Total tercatat 2026 5 JP" in page


def test_the_page_adds_up_by_form(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context(), transaction():
        for form, hours in (("KL06", "4"), ("KL06", "4"), ("NKL01", "2")):
            actions.record_hours(
                cast.person("learner"), form=form, hours=Decimal(hours), title=f"Kegiatan {form}",
                source_uuid=cast.person("learner").uuid, earned_on=date(2026, 3, 4), post=None,
            )  # fmt: skip
    client.sign_in(cast.people["learner"])
    page = words(client.get("/my/hours?year=2026"))
    assert "Seminar, konferensi, sarasehan 8 JP" in page
    assert "Coaching 2 JP" in page
    assert "Total tercatat 2026 10 JP" in page
