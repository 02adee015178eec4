"""The review of a draft by a second person: asked for, commented on, approved or returned."""

from collections.abc import Iterable
from dataclasses import dataclass

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


def ask_review(actor: Actor, draft: Draft) -> list[str]:
    """The names of whom it was asked. Raises DomainError where nobody else could decide."""
    lock_row(draft)
    if draft.state is DraftState.IN_REVIEW and draft.asked_by_id is not None:
        return [person.name for person in queries.asked_of(draft, draft.asked_by_id)]
    asked = queries.asked_of(draft, actor.person_id)
    if not asked:
        raise DomainError(
            gettext(
                "Belum ada yang dapat memutuskan: peninjau atau pemilik yang tidak ikut menulis "
                "draf ini. Tambahkan di Rekan."
            )
        )
    draft.state, draft.asked_by_id = DraftState.IN_REVIEW, actor.person_id
    audit.record(actor, "courses.review_asked", "course", draft.course.uuid)
    _tell(actor, draft, NotificationKind.REVIEW_ASKED, [person.id for person in asked])
    return [person.name for person in asked]


def withdraw_review(actor: Actor, draft: Draft) -> None:
    """Take back that a review was asked for; whoever was asked is told."""
    lock_row(draft)
    if draft.state is not DraftState.IN_REVIEW or draft.asked_by_id is None:
        return
    asked = [person.id for person in queries.asked_of(draft, draft.asked_by_id)]
    draft.state, draft.asked_by_id = DraftState.WRITING, None
    audit.record(actor, "courses.review_withdrawn", "course", draft.course.uuid)
    _tell(actor, draft, NotificationKind.REVIEW_WITHDRAWN, asked)


@dataclass(frozen=True)
class About:
    """What a comment is about: a whole file, a line of it (from 1), or a question by its key; all
    of the course where it is none of them."""

    file: DraftFile | None = None
    line: int | None = None
    question: str = ""


def comment(actor: Actor, draft: Draft, text: str, about: About | None = None) -> ReviewComment:
    """Say something; whoever has not read of an earlier comment yet is not told again. Raises
    NotFound for a question, DomainError for a line that is not there."""
    written = _add_comment(actor, draft, text, about or About())
    kind, url = NotificationKind.REVIEW_COMMENTED, _url(draft)
    fresh = [each for each in queries.talkers(draft) if not has_unread(each, kind, url)]
    _tell(actor, draft, kind, fresh, text)
    return written


def _add_comment(actor: Actor, draft: Draft, text: str, about: About) -> ReviewComment:
    file, quote = about.file, ""
    if about.question:
        question, file = queries.question_in(draft, about.question)
        quote = question.shown
    elif about.line is not None:
        quote = _line(file, about.line)
    written = ReviewComment(
        uuid=new_uuid(), draft_id=draft.id, file_id=file.id if file else None,
        line=None if about.question else about.line, question=about.question, quote=quote,
        text=text, written_at=clock.now(), written_by_id=actor.person_id,
    )  # fmt: skip
    db.session.add(written)
    db.session.flush()
    return written


def _line(file: DraftFile | None, line: int) -> str:
    lines = (file.text or "").split("\n") if file else []
    if not 1 <= line <= len(lines):
        raise DomainError(gettext("Baris ini tidak ada lagi; buka halamannya sekali lagi."))
    return lines[line - 1].strip()


def settle(found: ReviewComment) -> None:
    if found.settled_at is None:
        found.settled_at = clock.now()


def reopen(found: ReviewComment) -> None:
    found.settled_at = None


def decide(actor: Actor, draft: Draft, *, approves: bool, note: str, mark: str) -> None:
    """Approve the draft as it was read at `mark` (its last change), or give it back to be written
    on, with a word on why. Raises DomainError for whoever asked or has written it, without a review
    asked for, and where the draft has changed since it was read."""
    lock_row(draft)
    if draft.state is not DraftState.IN_REVIEW:
        raise DomainError(gettext("Tidak ada tinjauan yang diminta untuk draf ini."))
    if draft.asked_by_id == actor.person_id:
        raise DomainError(gettext("Yang meminta tinjauan tidak dapat memutuskannya sendiri."))
    if actor.person_id in queries.writers_since(draft):
        raise DomainError(gettext("Anda ikut menulis draf ini, jadi orang lain yang memutuskan."))
    if approves and draft.changed_at.isoformat() != mark:
        raise DomainError(gettext("Draf berubah sesudah halaman ini dibuka. Baca sekali lagi."))
    if note:
        _add_comment(actor, draft, note, About())
    draft.state, draft.decided_at = DraftState.WRITING, clock.now()
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
