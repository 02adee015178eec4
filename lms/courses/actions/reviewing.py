"""The review of a draft by a second person: asked for, commented on, approved or returned."""

from collections.abc import Iterable

from flask_babel import gettext

from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.courses.models import Draft, DraftFile, ReviewComment
from lms.courses.queries import reviewing as queries
from lms.courses.rules import DraftState
from lms.notifications.actions import notify
from lms.notifications.queries import has_unread
from lms.notifications.rules import NotificationKind

TOLD_OF_TEXT = 200  # characters of a comment


def ask_review(actor: Actor, draft: Draft) -> None:
    lock_row(draft)
    if draft.state is DraftState.IN_REVIEW:
        return
    draft.state, draft.asked_by_id = DraftState.IN_REVIEW, actor.person_id
    audit.record(actor, "courses.review_asked", "course", draft.course.uuid)
    _tell(actor, draft, NotificationKind.REVIEW_ASKED, queries.deciders(draft))


def comment(
    actor: Actor, draft: Draft, text: str, file: DraftFile | None = None, line: int | None = None
) -> ReviewComment:
    """Say something; whoever has not read of an earlier comment yet is not told again."""
    written = _add_comment(actor, draft, text, file, line)
    kind, url = NotificationKind.REVIEW_COMMENTED, _url(draft)
    fresh = [each for each in queries.talkers(draft) if not has_unread(each, kind, url)]
    _tell(actor, draft, kind, fresh, text)
    return written


def _add_comment(
    actor: Actor, draft: Draft, text: str, file: DraftFile | None, line: int | None
) -> ReviewComment:
    written = ReviewComment(
        uuid=new_uuid(), draft_id=draft.id, file_id=file.id if file else None, line=line,
        text=text, written_at=clock.now(), written_by_id=actor.person_id,
    )  # fmt: skip
    db.session.add(written)
    db.session.flush()
    return written


def settle(found: ReviewComment) -> None:
    if found.settled_at is None:
        found.settled_at = clock.now()


def decide(actor: Actor, draft: Draft, *, approves: bool, note: str, mark: str) -> None:
    """Approve the draft as it was read at `mark` (its last change), or give it back to be written
    on, with a word on why. Raises DomainError for whoever asked, without a review asked for, and
    where the draft has changed since it was read."""
    lock_row(draft)
    if draft.state is not DraftState.IN_REVIEW:
        raise DomainError(gettext("Tidak ada tinjauan yang diminta untuk draf ini."))
    if draft.asked_by_id == actor.person_id:
        raise DomainError(gettext("Yang meminta tinjauan tidak dapat memutuskannya sendiri."))
    if approves and draft.changed_at.isoformat() != mark:
        raise DomainError(gettext("Draf berubah sesudah halaman ini dibuka. Baca sekali lagi."))
    if note:
        _add_comment(actor, draft, note, None, None)
    draft.state = DraftState.WRITING
    draft.approved_by_id = actor.person_id if approves else None
    if approves:
        audit.record(actor, "courses.review_approved", "course", draft.course.uuid)
    else:
        audit.record(actor, "courses.review_returned", "course", draft.course.uuid)
    kind = NotificationKind.REVIEW_APPROVED if approves else NotificationKind.REVIEW_RETURNED
    _tell(actor, draft, kind, queries.writers(draft), note)


def _tell(
    actor: Actor, draft: Draft, kind: NotificationKind, people: Iterable[int], text: str = ""
) -> None:
    """Everybody of these but the actor."""
    short = text if len(text) <= TOLD_OF_TEXT else f"{text[: TOLD_OF_TEXT - 1]}…"
    for person in people:
        if person != actor.person_id:
            notify(person, kind, url=_url(draft), course=draft.title, by=actor.name, text=short)


def _url(draft: Draft) -> str:
    return f"/studio/{draft.course.slug}/review"
