"""What leaves the product is noted: who took which table, and how much of it."""

from lms.core import audit
from lms.core.access import Actor


def note_export(actor: Actor, name: str, *, rows: int, searched: bool, state: str) -> None:
    """Write into the audit that a table was taken out. What was searched for may be a name, which
    could never be erased from there."""
    audit.record(actor, "reports.exported", table=name, rows=rows, searched=searched, state=state)
