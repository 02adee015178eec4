"""How far an import reaches: as far as whoever asked for it, on the day of the work."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lms.accounts.actions.roles import administered_by, beyond_reach
from lms.accounts.models import Person, Placement, RegisterImport, RoleGrant
from lms.accounts.queries.imports import is_reached
from lms.accounts.queries.register import reaches_all
from lms.core import clock
from lms.core.db import db


@dataclass(frozen=True)
class Reach:
    """Whose, and by which roles. `paths` and `person_id` are None for a command, which reaches
    everything."""

    person_id: int | None
    person_uuid: UUID | None
    paths: tuple[str, ...] | None
    roles: Sequence[RoleGrant]

    @property
    def is_all(self) -> bool:
        return self.paths is None or reaches_all(self.paths)

    def beyond(self, placements: dict[int, list[Placement]], ids: Sequence[int]) -> set[int]:
        """Whose data may not be touched: whoever stands or holds a role further up or elsewhere,
        and, below the root, who is placed nowhere within."""
        if self.paths is None:
            return set()
        found = beyond_reach(self.roles, ids)
        if not self.is_all:
            found |= {id for id in ids if not self._places(placements.get(id, ()))}
        return found

    def _places(self, placements: Sequence[Placement]) -> bool:
        return any(
            is_reached(p.unit.path, self.paths)
            for p in placements
            if p.end_on is None or p.end_on >= clock.today(p.unit.time_zone)
        )


def reach_of(run: RegisterImport) -> Reach:
    if run.acting_id is None:
        return Reach(None, None, None, ())
    person = db.session.get_one(Person, run.acting_id)
    held = [] if person.deactivated_at else administered_by(person.id)
    return Reach(person.id, person.uuid, tuple(grant.unit.path for grant in held), held)
