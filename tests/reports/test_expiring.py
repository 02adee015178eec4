"""Certificates that run out, on the board of the head: counted, found, dated, taken along."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock
from lms.core.db import db, transaction
from lms.credentials import actions as credentials
from lms.credentials.models import Certificate
from lms.reports import queries
from lms.reports.queries.members import Asked, Standing
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.assigning import actor_of
from tests.learning.test_journey import finish
from tests.queries import inside
from tests.sample_course import import_course, write_course


@pytest.fixture
def holder(app: Flask, cast: Cast, tmp_path: Path, client: PageClient) -> None:
    """The learner has completed a course whose certificate counts for two months."""
    folder = write_course(tmp_path)
    toml = folder / "course.toml"
    toml.write_text("validity_months = 2\n" + toml.read_text("utf-8"), "utf-8")
    with app.app_context():
        import_course(folder)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    finish(client, "melayani")


def expiring(cast: Cast, by: str) -> tuple[int, list[str]]:
    """The figure, and the people behind it."""
    found = queries.board(actor_of(cast, by), Asked(standing=Standing.EXPIRING), None)
    return found.figures.expiring, [member.name for member in found.members]


def pass_days(at: SetClock, days: int) -> None:
    at(clock.now() + timedelta(days=days))


def test_it_is_counted_from_the_first_reminder_to_the_last_day(
    app: Flask, cast: Cast, holder: None, at: SetClock
) -> None:
    with app.app_context():
        entry = db.session.scalars(sa.select(Certificate)).one()
        assert entry.valid_until is not None
        days = (entry.valid_until - clock.today("Asia/Jakarta")).days
        db.session.remove()
    pass_days(at, days - 61)
    assert inside(app, expiring, cast, "head") == (0, [])
    pass_days(at, 1)
    assert inside(app, expiring, cast, "head") == (1, ["Sari Wulandari"])
    assert inside(app, expiring, cast, "other_head") == (0, [])
    pass_days(at, 60)
    assert inside(app, expiring, cast, "head") == (1, ["Sari Wulandari"])
    pass_days(at, 1)
    assert inside(app, expiring, cast, "head") == (0, [])


@pytest.mark.parametrize("act", [credentials.revoke, credentials.reissue])
def test_one_that_counts_no_more_does_not_run_out(
    app: Flask, cast: Cast, holder: None, at: SetClock, act: Callable[..., object]
) -> None:
    pass_days(at, 5)
    assert inside(app, expiring, cast, "head")[0] == 1
    with app.app_context():
        with transaction():
            act(None, db.session.scalars(sa.select(Certificate)).one(), reason="Salah nama")
        found = expiring(cast, "head")
        db.session.remove()
    assert found[0] == (0 if act is credentials.revoke else 1)  # the successor runs out as well


def test_the_board_the_file_and_the_person_say_when(
    app: Flask, cast: Cast, holder: None, at: SetClock
) -> None:
    pass_days(at, 10)
    head = app.test_client()
    assert isinstance(head, PageClient)
    head.sign_in(cast.people["head"])
    page = words(head.get("/team"))
    assert "Sertifikat segera berakhir 1 pegawai dalam 60 hari" in page
    assert "sertifikat berakhir" in page
    narrowed = words(head.get("/team?state=expiring")).split("Daftar pegawai")[1]
    assert "Sari Wulandari" in narrowed
    assert "Daud Kogoya" not in narrowed
    text = head.send("/team/export?state=expiring").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    with app.app_context():
        until = db.session.scalars(sa.select(Certificate.valid_until)).one()
        learner = cast.person("learner").uuid
    assert row["Sertifikat berakhir"] == str(until)
    assert "Segera berakhir" in words(head.get(f"/team/{learner}"))
