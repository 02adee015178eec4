"""What was taken out of a draft and can be brought back, until the draft is published or given
up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from lms.core.db import db
from lms.courses.models import Draft, DraftFile
from lms.courses.queries.quizzes import REMOVED
from lms.formats.course_folder.outline import outline

MODULE_FILE = "module.toml"
MOST_SHOWN = 100


@dataclass(frozen=True)
class RemovedPart:
    """A module or a part of the outline; `kind` "module" or that of the part. What went with it
    comes back with it."""

    uuid: UUID
    kind: str
    title: str
    removed_at: datetime


@dataclass(frozen=True)
class RemovedMedium:
    uuid: UUID
    path: str
    removed_at: datetime


def removed_parts(draft: Draft) -> list[RemovedPart]:
    """What was taken out last first."""
    found: dict[datetime, RemovedPart] = {}
    texts = _removed(draft, DraftFile.path.endswith(".md") | DraftFile.path.endswith(".toml"))
    for uuid, path, text, removed_at in texts:
        is_module = path.endswith(f"/{MODULE_FILE}")
        if removed_at in found and not is_module:
            continue
        module = outline({path: text})[0]
        kind = "module" if is_module else module.parts[0].kind
        title = module.title if is_module else module.parts[0].title
        found[removed_at] = RemovedPart(uuid, kind, title, removed_at)
    return list(found.values())[:MOST_SHOWN]


def removed_media(draft: Draft) -> list[RemovedMedium]:
    """What was taken out last first; what went with a part comes back with that."""
    with_parts = {part.removed_at for part in removed_parts(draft)}
    return [
        RemovedMedium(uuid, path, removed_at)
        for uuid, path, _, removed_at in _removed(draft, DraftFile.digest.is_not(None))
        if removed_at not in with_parts
    ][:MOST_SHOWN]


def _removed(draft: Draft, which: ColumnElement[bool]) -> Sequence[tuple[UUID, str, str, datetime]]:
    rows = db.session.execute(
        select(DraftFile.uuid, DraftFile.path, DraftFile.text, DraftFile.removed_at)
        .where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_not(None),
            ~DraftFile.path.startswith(f"{REMOVED}/"),
            DraftFile.path.contains("/"),
            which,
        )
        .order_by(DraftFile.removed_at.desc(), DraftFile.path)
    )
    return [(uuid, path, text or "", at) for uuid, path, text, at in rows if at is not None]
