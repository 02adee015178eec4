"""Placements, units and positions: what the actions allow, and what follows from the dates."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from lms.accounts import queries
from lms.accounts.actions import placements
from lms.accounts.models import Placement, Position, Unit
from lms.accounts.queries.sessions import signed_in_for
from lms.accounts.rules import PlacementStanding, PositionKind, PositionTier
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from tests.accounts.door import key_of
from tests.cast import Cast
from tests.client import PageClient
from tests.conftest import SetClock

START = date(2026, 3, 1)


def position() -> Position:
    found = queries.position_by_code("plk")
    assert found is not None
    return found


def place(cast: Cast, unit: str, start: date, **more: Any) -> Placement:
    return placements.place_person(
        cast.person("learner"), cast.unit(unit), position(), start_on=start, **more
    )


def spans(cast: Cast) -> list[tuple[str, date, date | None]]:
    query = sa.select(Unit.code, Placement.start_on, Placement.end_on).join(
        Unit, Placement.unit_id == Unit.id
    )
    mine = query.where(Placement.person_id == cast.people["learner"]).order_by(Placement.id)
    return [(code, start, end) for code, start, end in db.session.execute(mine)]


def test_a_new_placement_ends_the_one_before_on_the_day_before(context: Flask, cast: Cast) -> None:
    with transaction():
        place(cast, "b", START)
    (_, first, last), new = spans(cast)
    assert last == date(2026, 2, 28)
    assert first < last
    assert new == ("B", START, None)


def test_a_placement_whose_end_was_planned_is_ended_earlier(context: Flask, cast: Cast) -> None:
    with transaction():
        place(cast, "a", START, end_on=date(2026, 12, 31))
        place(cast, "b", date(2026, 6, 1))
    assert spans(cast)[1:] == [("A", START, date(2026, 5, 31)), ("B", date(2026, 6, 1), None)]


def test_a_placement_that_was_over_stays_as_it_was(context: Flask, cast: Cast) -> None:
    with transaction():
        place(cast, "a", START, end_on=date(2026, 4, 30))
        place(cast, "b", date(2026, 6, 1))
    assert spans(cast)[1] == ("A", START, date(2026, 4, 30))


@pytest.mark.parametrize("start", [START, START - timedelta(days=1)])
def test_a_placement_cannot_begin_on_or_before_the_day_of_the_last(
    context: Flask, cast: Cast, start: date
) -> None:
    with transaction():
        place(cast, "b", START)
    before = spans(cast)
    with pytest.raises(DomainError, match="setelah yang lama"), transaction():
        place(cast, "a", start)
    assert spans(cast) == before


def test_a_placement_cannot_end_before_it_begins(context: Flask, cast: Cast) -> None:
    for standing in PlacementStanding:
        with pytest.raises(DomainError, match="berakhir sebelum mulai"), transaction():
            place(cast, "b", START, end_on=START - timedelta(days=1), standing=standing)
    with transaction():
        place(cast, "b", START, end_on=START)  # one day


def test_acting_stands_beside_the_definitive_placement(context: Flask, cast: Cast) -> None:
    with transaction():
        for unit in ("b", "city"):
            place(cast, unit, START, standing=PlacementStanding.ACTING, end_on=date(2026, 12, 31))
    ends = [end for _, _, end in spans(cast)]
    assert ends == [None, date(2026, 12, 31), date(2026, 12, 31)]
    at = datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Jakarta"))
    places = queries.placements_of(cast.people["learner"], at)
    assert [p.unit_name for p in places] == ["Bidang A1", "Dinas B", "Kota Contoh"]


def test_the_database_itself_refuses_a_second_open_definitive_placement(
    context: Flask, cast: Cast
) -> None:
    columns = {
        "person_id": cast.people["learner"], "unit_id": cast.units["b"], "uuid": uuid4(),
        "position_id": position().id, "standing": PlacementStanding.DEFINITIVE, "start_on": START,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(sa.insert(Placement).values(columns))


def test_a_unit_knows_its_way_from_the_root_and_takes_the_zone_above(
    context: Flask, cast: Cast
) -> None:
    with transaction():
        below = placements.add_unit(code="B1", name="Bidang B1", parent=cast.unit("b"))
        far = placements.add_unit(
            code="B2", name="Pos", parent=cast.unit("b"), time_zone="Asia/Jayapura"
        )
    assert below.path == f"/{cast.units['city']}/{cast.units['b']}/{below.id}/"
    assert (below.time_zone, far.time_zone) == ("Asia/Makassar", "Asia/Jayapura")
    within = sa.select(Unit.code).where(queries.within((cast.unit("b").path,)))
    assert sorted(db.session.scalars(within)) == ["B", "B1", "B2"]
    assert list(db.session.scalars(sa.select(Unit.code).where(queries.within(())))) == []


def test_a_position_takes_the_kind_of_its_tier(context: Flask) -> None:
    with transaction():
        found = placements.add_position(code="x", name="Arsiparis", tier=PositionTier.MAHIR)
    assert found.kind is PositionKind.FUNGSIONAL


def test_an_acting_head_sees_the_unit_from_the_first_day_to_the_last(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    """Local days of that unit: Dinas B lives an hour ahead, in Makassar."""
    first, last = date(2027, 3, 1), date(2027, 3, 31)
    with app.app_context(), transaction():
        place(cast, "b", first, standing=PlacementStanding.ACTING, heads_unit=True, end_on=last)
        path = cast.unit("b").path
    makassar = ZoneInfo("Asia/Makassar")
    for moment, sees in (
        (datetime(2027, 2, 28, 23, 59, 59, tzinfo=makassar), False),
        (datetime(2027, 3, 1, 0, 0, tzinfo=makassar), True),  # still 28 February in Jakarta
        (datetime(2027, 3, 31, 23, 59, 59, tzinfo=makassar), True),
        (datetime(2027, 4, 1, 0, 0, tzinfo=makassar), False),
    ):
        at(moment.astimezone(ZoneInfo("UTC")))
        client.sign_in(cast.people["learner"])
        with app.app_context():
            actor = signed_in_for(key_of(client))
            assert actor is not None
            assert actor.headed_paths == ((path,) if sees else ())
            assert actor.post is not None
            assert actor.post.unit_name == "Bidang A1"  # the definitive one
        page = client.get("/team")
        assert page.status_code == (200 if sees else 403), moment
        assert ("Tim saya" in client.get("/").get_data(as_text=True)) is sees
