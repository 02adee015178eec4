"""Within a part: how far a learner has come, what is still lacking, and the notes beside it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    bindparam,
    select,
)

from lms.core.access import Actor
from lms.core.db import read
from lms.courses import queries as courses
from lms.courses.queries import Part, VersionView
from lms.learning import rules
from lms.learning.models import ActivityProgress, LessonNote
from lms.learning.queries import EnrolmentView


@dataclass(frozen=True)
class Reading:
    """How far a learner has come within a part; see `ActivityProgress`."""

    position: int = 0
    seconds: int = 0
    seq: int = 0
    has_read: bool = False
    watched: rules.Ranges = ()


@dataclass(frozen=True)
class NoteView:
    """A note of one's own. `saved_at` None: never written."""

    text: str = ""
    seq: int = 0
    saved_at: datetime | None = None


_READING = select(
    ActivityProgress.position,
    ActivityProgress.seconds,
    ActivityProgress.seq,
    ActivityProgress.read_at.is_not(None),
    ActivityProgress.watched,
).where(
    ActivityProgress.enrolment_id == bindparam("enrolment_id"),
    ActivityProgress.activity_key == bindparam("key"),
)
_NOTES = select(
    LessonNote.text, LessonNote.seq, LessonNote.saved_at, LessonNote.activity_key
).where(
    LessonNote.person_id == bindparam("person_id"), LessonNote.course_id == bindparam("course_id")
)
_NOTE = _NOTES.where(LessonNote.activity_key == bindparam("key"))


def reading_of(enrolment: EnrolmentView, part: Part) -> Reading:
    row = read(_READING, enrolment_id=enrolment.id, key=part.key).first()
    return Reading(*row) if row else Reading()


def lacks_of(part: Part, reading: Reading) -> tuple[tuple[rules.Lack, int], ...]:
    """What keeps a lesson or file from being done, by the facts of the server."""
    found = rules.lacks(
        read_to_end=part.read_to_end,
        min_minutes=part.min_minutes,
        has_read=reading.has_read,
        seconds=reading.seconds,
    )
    if not part.watched or part.medium is None:
        return found
    return found + rules.lacks_watching(
        percent=part.watched,
        length=part.medium.seconds,
        watched=reading.watched,
        has_read=reading.has_read,
        seconds=reading.seconds,
    )


def own_note(actor: Actor, version: VersionView, part: Part) -> NoteView:
    """The actor's own note beside a part, empty where there is none."""
    values = {"person_id": actor.person_id, "course_id": version.course_id}
    row = read(_NOTE, **values, key=part.key).first()
    return NoteView(*row[:3]) if row else NoteView()


def own_notes(actor: Actor, version: VersionView) -> list[tuple[Part, NoteView]]:
    """All notes of the actor in a course that are not empty, in the order of its parts. Notes
    beside parts that this version no longer has are left out."""
    rows = read(_NOTES, person_id=actor.person_id, course_id=version.course_id)
    found = {row[3]: NoteView(*row[:3]) for row in rows if row[0]}
    parts = courses.outline(version).parts
    return [(part, found[part.key]) for part in parts if part.key in found]
