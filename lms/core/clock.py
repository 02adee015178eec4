"""The one clock. Everything that asks for the time asks here, so that a test can set it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _real() -> datetime:
    return datetime.now(UTC)


_read: Callable[[], datetime] = _real


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _read()


def today(zone: str) -> date:
    """The local day in an IANA zone: days that a rule counts are local days."""
    return local_day(now(), zone)


def local_day(at: datetime, zone: str) -> date:
    """The local day of an instant in an IANA zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def set_clock(read: Callable[[], datetime] | None) -> None:
    """Replace the clock (for tests and the demo's invented past); None puts the real one back."""
    global _read
    _read = read or _real
