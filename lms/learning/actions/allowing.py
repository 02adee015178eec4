"""Allowing people more than the limits of quizzes: in one quiz by its trainers, in all by HR."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import select

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE, post_of
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.courses.queries import Part
from lms.learning import rules
from lms.learning.models import Enrolment, QuizAllowance, TimeRight
from lms.learning.queries import allowances, enrolment_view, learners
from lms.quizzes import actions as quiz_actions
from lms.quizzes import queries as quizzes
from lms.quizzes.models import Attempt
from lms.quizzes.queries import running_attempts
from lms.quizzes.rules import Limits, Refusal, allowed

MOST_MINUTES = 600
MOST_ATTEMPTS = 20
LEAST_PERCENT, MOST_PERCENT = 110, 300
RETAKE = timedelta(days=14)


def allow(
    actor: Actor,
    course: Course,
    part: Part,
    uuids: Sequence[UUID],
    *,
    extra_time: int,
    extra_attempts: int,
    closes_on: date | None,
    reason: str,
) -> int:
    """Allow learners who are under way more in one quiz, at once: an attempt that goes on lasts
    longer; how many. `closes_on` is the last day, in the zone of the actor. What held for them
    before ends.

    Raises DomainError where nothing is given, where the quiz has no such limit, and on `reason`.
    """
    reason = checked_reason(reason)
    _check_gift(part.limits, extra_time, extra_attempts, closes_on)
    closes_at = rules.end_of_day(closes_on, actor.time_zone) if closes_on else None
    if closes_at and part.limits.closes_at and closes_at <= max(part.limits.closes_at, clock.now()):
        raise DomainError(
            gettext("Isi hari sesudah kuis ditutup dan sesudah kemarin."), "closes_on"
        )
    query = learners.chosen(course.id, uuids).with_for_update()
    enrolments = db.session.scalars(query.execution_options(populate_existing=True)).all()
    for enrolment in enrolments:
        _give(
            enrolment, part.key,
            QuizAllowance(
                extra_time=extra_time, extra_attempts=extra_attempts, closes_at=closes_at,
                reason=reason, given_by_id=actor.person_id,
            ),
            by=actor.person_uuid,
        )  # fmt: skip
        _lengthen(running_attempts(enrolment.person_id, enrolment.uuid, part.key))
    return len(enrolments)


def _lengthen(attempts: Sequence[Attempt]) -> None:
    for attempt in attempts:
        course_id = enrolment_view(attempt.holder).version.course_id
        held = allowances.allowance_of(attempt.person_id, course_id, attempt.quiz_key)
        quiz_actions.lengthen(attempt, held)


def _check_gift(limits: Limits, time: int, attempts: int, closes_on: date | None) -> None:
    if not (time or attempts or closes_on):
        raise DomainError(gettext("Isi sekurangnya satu kelonggaran."))
    if time and not limits.time_limit:
        raise DomainError(gettext("Kuis ini tidak dibatasi waktunya."), "extra_time")
    if attempts and not limits.attempts:
        raise DomainError(gettext("Kesempatan kuis ini tidak dibatasi."), "extra_attempts")
    if closes_on and limits.closes_at is None:
        raise DomainError(gettext("Kuis ini tidak punya waktu tutup."), "closes_on")


def let_retake(by: Person, enrolment: Enrolment, part: Part, *, reason: str) -> None:
    """Where a corrected mark has undone what a learner had reached in a quiz, and no attempt could
    begin any more: allow one more, and two weeks where the quiz has closed."""
    now = clock.now()
    held = allowances.allowance_of(enrolment.person_id, enrolment.course_id, part.key)
    limits = allowed(part.limits, held)
    verdict = quizzes.may_start(limits, quizzes.attempts_of(enrolment.uuid, part.key), now)
    is_used_up = verdict.left == 0
    is_closed = verdict.refusal in (Refusal.CLOSED, Refusal.CANNOT_WAIT)
    if not (is_used_up or is_closed):
        return
    post = post_of(enrolment.person_id)
    zone = post.time_zone if post else DEFAULT_ZONE
    _give(
        enrolment, part.key,
        QuizAllowance(
            extra_time=held.extra_time,
            extra_attempts=held.extra_attempts + is_used_up,
            closes_at=rules.end_of_day(clock.today(zone) + RETAKE, zone)
            if is_closed else held.closes_at,
            reason=reason, given_by_id=by.id,
        ),
        by=by.uuid,
    )  # fmt: skip


def _give(enrolment: Enrolment, key: str, allowance: QuizAllowance, *, by: UUID) -> None:
    now = clock.now()
    for held in db.session.scalars(
        select(QuizAllowance).where(
            QuizAllowance.person_id == enrolment.person_id,
            QuizAllowance.course_id == enrolment.course_id,
            QuizAllowance.quiz_key == key,
            QuizAllowance.ended_at.is_(None),
        )
    ):
        held.ended_at = now
    db.session.flush()  # what held ends before the next one begins
    allowance.uuid, allowance.quiz_key = new_uuid(), key
    allowance.person_id, allowance.course_id = enrolment.person_id, enrolment.course_id
    allowance.given_at = now
    db.session.add(allowance)
    db.session.flush()
    audit.record(
        by, "learning.allowance_given", "enrolment", enrolment.uuid,
        quiz=key, extra_time=allowance.extra_time, extra_attempts=allowance.extra_attempts,
        closes_at=allowance.closes_at, reason=allowance.reason,
    )  # fmt: skip


def end_allowance(actor: Actor, allowance: QuizAllowance) -> None:
    """End it now; an attempt that goes on keeps its time. Twice is once."""
    lock_row(allowance)
    if allowance.ended_at is None:
        allowance.ended_at = clock.now()
        db.session.flush()
        audit.record(actor, "learning.allowance_ended", "quiz_allowance", allowance.uuid)


def restore_allowance(actor: Actor, allowance: QuizAllowance) -> None:
    """Let one hold again that was ended, as it was given; twice is once. Raises DomainError where
    another one holds for the same person and quiz."""
    lock_row(db.session.get_one(Person, allowance.person_id))
    lock_row(allowance)
    if allowance.ended_at is None:
        return
    if allowances.holding(allowance) is not None:
        raise DomainError(gettext("Pengecualian lain sudah berlaku; akhiri dahulu yang itu."))
    allowance.ended_at = None
    db.session.flush()
    _lengthen(
        [
            attempt
            for attempt in running_attempts(allowance.person_id)
            if attempt.quiz_key == allowance.quiz_key
            and enrolment_view(attempt.holder).version.course_id == allowance.course_id
        ]
    )
    audit.record(actor, "learning.allowance_restored", "quiz_allowance", allowance.uuid)


def grant_time(actor: Actor, person: Person, *, percent: int, reason: str) -> TimeRight:
    """Give a person the standing right to more time in every quiz, those that go on too; what held
    before ends. Raises DomainError on `percent` and `reason`, and for the own person."""
    reason = checked_reason(reason)
    if person.id == actor.person_id:
        raise DomainError(gettext("Hak ini diberikan oleh orang lain, bukan diri sendiri."))
    if not LEAST_PERCENT <= percent <= MOST_PERCENT:
        raise DomainError(
            gettext(
                "Isi dari %(low)s sampai %(high)s persen.", low=LEAST_PERCENT, high=MOST_PERCENT
            ),
            "percent",
        )
    lock_row(person)
    _end_time(person)
    right = TimeRight(
        uuid=new_uuid(), person_id=person.id, percent=percent, reason=reason,
        given_by_id=actor.person_id, given_at=clock.now(),
    )  # fmt: skip
    db.session.add(right)
    db.session.flush()
    _lengthen(running_attempts(person.id))
    audit.record(
        actor, "learning.time_granted", "person", person.uuid, percent=percent, reason=reason
    )
    return right


def end_time(actor: Actor, person: Person) -> bool:
    """End the person's right to more time, if one holds; was there one?"""
    lock_row(person)
    ended = _end_time(person)
    if ended:
        audit.record(actor, "learning.time_ended", "person", person.uuid)
    return ended


def _end_time(person: Person) -> bool:
    right = db.session.scalar(
        select(TimeRight).where(TimeRight.person_id == person.id, TimeRight.ended_at.is_(None))
    )
    if right is None:
        return False
    right.ended_at = clock.now()
    db.session.flush()
    return True
