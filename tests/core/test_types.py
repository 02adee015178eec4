"""What is stored comes back equal, on both databases; what cannot be stored exactly is refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from lms.core import clock
from lms.core.db import Hundredths, UtcDateTime, db, enum_column
from tests.conftest import SetClock


class Colour(StrEnum):
    RED = "red"
    DARK_BLUE = "dark_blue"


class ProbeBase(DeclarativeBase):
    pass


class Probe(ProbeBase):
    __tablename__ = "type_probe"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    amount: Mapped[Decimal | None] = mapped_column(Hundredths)
    colour: Mapped[Colour | None] = enum_column(Colour)


@pytest.fixture
def connection(context: Flask) -> Iterator[Connection]:
    """A connection with the table of this test, both gone afterwards."""
    with db.engine.connect() as opened:
        ProbeBase.metadata.create_all(opened)
        yield opened
        opened.rollback()


def stored(connection: Connection, **values: Any) -> Probe:
    """What comes back from the database itself, in a session that has seen nothing."""
    connection.execute(sa.delete(Probe))
    connection.execute(sa.insert(Probe).values(id=1, **values))
    return Session(connection).scalars(sa.select(Probe)).one()


PER_EXAMPLE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PER_EXAMPLE
@given(
    st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, ZoneInfo("Asia/Jayapura"), timezone(timedelta(hours=-9))]),
    )
)
def test_an_instant_comes_back_equal_and_in_utc(connection: Connection, at: datetime) -> None:
    found = stored(connection, at=at).at
    assert found is not None
    assert found == at.astimezone(UTC)
    assert found.utcoffset() == timedelta(0)


def test_instants_of_different_zones_are_ordered_by_time(connection: Connection) -> None:
    early = datetime(2026, 1, 1, 9, tzinfo=ZoneInfo("Asia/Jayapura"))  # 00.00 UTC
    late = datetime(2026, 1, 1, 8, tzinfo=ZoneInfo("Asia/Jakarta"))  # 01.00 UTC
    stored(connection, at=late)
    connection.execute(sa.insert(Probe).values(id=2, at=early))
    assert list(connection.scalars(sa.select(Probe.id).order_by(Probe.at))) == [2, 1]
    assert list(connection.scalars(sa.select(Probe.id).where(Probe.at <= early))) == [2]


def test_an_instant_without_a_zone_is_refused(connection: Connection) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(StatementError, match="naive"):
        stored(connection, at=naive)
    with pytest.raises(StatementError, match="naive"):
        connection.execute(sa.select(Probe).where(Probe.at < naive))


@PER_EXAMPLE
@given(st.decimals(min_value=-(10**14), max_value=10**14, places=2))
def test_hundredths_come_back_exactly(connection: Connection, amount: Decimal) -> None:
    found = stored(connection, amount=amount).amount
    assert found == amount
    assert isinstance(found, Decimal)


@pytest.mark.parametrize("amount", ["0.001", "1.005", "99.999", "1E-9", "NaN", "Infinity"])
def test_what_is_no_hundredth_is_refused(connection: Connection, amount: str) -> None:
    with pytest.raises(StatementError):
        stored(connection, amount=Decimal(amount))


@pytest.mark.parametrize("amount", [0.1, 0.5, 70.0])
def test_a_float_is_refused(connection: Connection, amount: float) -> None:
    with pytest.raises(StatementError):
        stored(connection, amount=amount)


def test_hundredths_are_compared_and_summed_in_the_database(connection: Connection) -> None:
    stored(connection, amount=Decimal("69.99"))
    for number, amount in enumerate(("70", "70.01", "0.1", "0.2"), start=2):
        connection.execute(sa.insert(Probe).values(id=number, amount=Decimal(amount)))
    passed = connection.scalars(sa.select(Probe.id).where(Probe.amount >= Decimal(70)))
    assert list(passed) == [2, 3]
    assert connection.scalar(sa.select(sa.func.sum(Probe.amount))) == Decimal("210.30")
    assert connection.scalar(sa.select(sa.func.max(Probe.amount))) == Decimal("70.01")


def test_an_enum_is_stored_by_its_value(connection: Connection) -> None:
    assert stored(connection, colour=Colour.DARK_BLUE).colour is Colour.DARK_BLUE
    raw = connection.execute(sa.text("SELECT colour FROM type_probe")).scalar()
    assert raw == "dark_blue"


@pytest.mark.parametrize("value", ["green", "RED", "DARK_BLUE", ""])
def test_a_value_that_the_enum_lacks_is_refused(connection: Connection, value: str) -> None:
    with pytest.raises(StatementError):
        stored(connection, colour=value)


def test_a_value_that_the_enum_lacks_is_not_read_as_something_else(
    connection: Connection,
) -> None:
    stored(connection, colour=Colour.RED)
    connection.execute(sa.text("UPDATE type_probe SET colour = 'green'"))
    with pytest.raises(LookupError):
        Session(connection).scalars(sa.select(Probe)).one()


def test_nothing_stays_nothing(connection: Connection) -> None:
    found = stored(connection)
    assert (found.at, found.amount, found.colour) == (None, None, None)


LOCAL_DAYS = [
    # the instant in UTC, the day in Jakarta (+7), Makassar (+8), Jayapura (+9)
    ("2026-12-31T14:59:59", "2026-12-31", "2026-12-31", "2026-12-31"),
    ("2026-12-31T15:00:00", "2026-12-31", "2026-12-31", "2027-01-01"),
    ("2026-12-31T16:00:00", "2026-12-31", "2027-01-01", "2027-01-01"),
    ("2026-12-31T17:00:00", "2027-01-01", "2027-01-01", "2027-01-01"),
]


@pytest.mark.parametrize(("instant", "jakarta", "makassar", "jayapura"), LOCAL_DAYS)
def test_a_day_is_the_local_one(
    at: SetClock, instant: str, jakarta: str, makassar: str, jayapura: str
) -> None:
    at(datetime.fromisoformat(instant).replace(tzinfo=UTC))
    days = [clock.today(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura")]
    assert days == [date.fromisoformat(d) for d in (jakarta, makassar, jayapura)]


def test_the_clock_is_aware_and_can_be_put_back(at: SetClock) -> None:
    then = datetime(2020, 2, 29, 12, tzinfo=UTC)
    at(then)
    assert clock.now() == then
    clock.set_clock(None)
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
