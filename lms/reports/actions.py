"""What leaves the product is noted: who took which table, and how much of it."""

from uuid import UUID

from lms.core import audit
from lms.core.access import Actor


def note_export(
    actor: Actor, name: str, *, rows: int, searched: bool, state: str,
    unit: UUID | None = None, competency: str = "", direct: bool = False,
) -> None:  # fmt: skip
    """Write into the audit that a table was taken out, and of whom it is: the people of a unit,
    `direct` without those below it, whose positions require a competency (its code). What was
    searched for may be a name, which could never be erased from there."""
    audit.record(
        actor, "reports.exported", table=name, rows=rows, searched=searched, state=state,
        unit=unit, competency=competency, direct=direct or "",
    )  # fmt: skip
