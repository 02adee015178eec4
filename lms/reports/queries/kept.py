"""Figures over very many people, counted once for all who ask within some minutes."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from lms.core import clock

KEPT_FOR = timedelta(minutes=5)
Key = TypeVar("Key", bound=Hashable)
Counted = TypeVar("Counted")


@dataclass
class Kept(Generic[Key, Counted]):
    """What was counted, by what it was counted for; old ones go when new ones come."""

    _found: dict[Key, tuple[datetime, Counted]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Key, count: Callable[[], Counted]) -> tuple[datetime, Counted]:
        """What was counted, and when."""
        found = self._found.get(key)
        if found is None or _is_old(found[0]):
            with self._lock:  # so that many who ask at once make one count
                found = self._found.get(key)
                if found is None or _is_old(found[0]):
                    found = (clock.now(), count())
                    fresh = {k: v for k, v in self._found.items() if not _is_old(v[0])}
                    self._found = {**fresh, key: found}
        return found

    def clear(self) -> None:
        self._found = {}


def _is_old(counted_at: datetime) -> bool:
    return not counted_at <= clock.now() < counted_at + KEPT_FOR
