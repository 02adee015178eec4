"""Allowing people more than the limits of quizzes: in one quiz by its trainers, in all by HR."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import ColumnElement, select

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
from lms.learning.models import CourseRun, Enrolment, QuizAllowance, TimeRight
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


@dataclass(frozen=True)
class Gift:
    """What is allowed beyond the limits of a quiz, and why: made by `checked_gift`."""

    extra_time: int  # minutes
    extra_attempts: int
    closes_at: datetime | None
    reason: str


def checked_gift(
    actor: Actor,
    part: Part,
    *,
    extra_time: int,
    extra_attempts: int,
    closes_on: date | None,
    reason: str,
) -> Gift:
    """`closes_on` is the last day, in the zone of the actor. Raises DomainError where nothing is
    given, where the quiz has no such limit, and on `reason`."""
    reason = checked_reason(reason)
    _check_gift(part.limits, extra_time, extra_attempts, closes_on)
    closes_at = rules.end_of_day(closes_on, actor.time_zone) if closes_on else None
    if closes_at and part.limits.closes_at and closes_at <= max(part.limits.closes_at, clock.now()):
        raise DomainError(
            gettext("Isi hari sesudah kuis ditutup dan sesudah kemarin."), "closes_on"
        )
    return Gift(extra_time, extra_attempts, closes_at, reason)


def allow(by: Person, course: Course, key: str, uuids: Sequence[UUID], gift: Gift) -> int:
    """Allow learners who are under way more in one quiz, at once: an attempt that goes on lasts
    longer; how many. What held for them before ends."""
    query = learners.chosen(course.id, uuids).with_for_update()
    enrolments = db.session.scalars(query.execution_options(populate_existing=True)).all()
    _give(by, course.id, enrolments, key, gift)
    lengthen([each.uuid for each in enrolments], key)
    return len(enrolments)


def allow_run(by: Person, course: Course, run: CourseRun, key: str, gift: Gift) -> None:
    """Allow a cohort more in one quiz: whoever is in it, now or later. What held for it before
    ends. Attempts that go on are for `lengthen`."""
    lock_row(run)
    _end_held(QuizAllowance.run_id == run.id, key)
    allowance = QuizAllowance(
        uuid=new_uuid(), run_id=run.id, course_id=course.id, quiz_key=key, **asdict(gift),
        given_by_id=by.id, given_at=clock.now(),
    )  # fmt: skip
    db.session.add(allowance)
    db.session.flush()
    audit.record(
        by.uuid, "learning.allowance_given", "course", course.uuid,
        run=run.uuid, name=run.name, quiz=key, **asdict(gift),
    )  # fmt: skip


def lengthen(uuids: Sequence[UUID], key: str) -> int:
    """Let the attempts at a quiz that go on in these enrolments last as long as is allowed now;
    how many."""
    attempts = allowances.running_in(uuids, key)
    _lengthen(attempts)
    return len(attempts)


def _lengthen(attempts: Sequence[Attempt]) -> None:
    for attempt in attempts:
        enrolment = enrolment_view(attempt.holder)
        held = allowances.allowance_of(
            attempt.person_id, enrolment.version.course_id, attempt.quiz_key, enrolment.run_id
        )
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
    held = allowances.allowance_of(
        enrolment.person_id, enrolment.course_id, part.key, enrolment.run_id
    )
    limits = allowed(part.limits, held)
    verdict = quizzes.may_start(limits, quizzes.attempts_of(enrolment.uuid, part.key), now)
    is_used_up = verdict.left == 0
    is_closed = verdict.refusal in (Refusal.CLOSED, Refusal.CANNOT_WAIT)
    if not (is_used_up or is_closed):
        return
    post = post_of(enrolment.person_id)
    zone = post.time_zone if post else DEFAULT_ZONE
    gift = Gift(
        extra_time=held.extra_time,
        extra_attempts=held.extra_attempts + is_used_up,
        closes_at=rules.end_of_day(clock.today(zone) + RETAKE, zone)
        if is_closed
        else held.closes_at,
        reason=reason,
    )
    _give(by, enrolment.course_id, [enrolment], part.key, gift)


def _give(
    by: Person, course_id: int, enrolments: Sequence[Enrolment], key: str, gift: Gift
) -> None:
    """To learners of one course."""
    people = [each.person_id for each in enrolments]
    own = QuizAllowance.person_id.in_(people) & (QuizAllowance.course_id == course_id)
    _end_held(own, key)
    db.session.add_all(
        QuizAllowance(
            uuid=new_uuid(), person_id=person, course_id=course_id, quiz_key=key, **asdict(gift),
            given_by_id=by.id, given_at=clock.now(),
        )
        for person in people
    )  # fmt: skip
    db.session.flush()
    given = {"quiz": key, **asdict(gift)}
    audit.record_many(
        by.uuid, "learning.allowance_given", "enrolment", [(e.uuid, given) for e in enrolments]
    )


def _end_held(holder: ColumnElement[bool], key: str) -> None:
    """What held ends before the next one begins."""
    held = holder & (QuizAllowance.quiz_key == key) & QuizAllowance.ended_at.is_(None)
    for each in db.session.scalars(select(QuizAllowance).where(held)):
        each.ended_at = clock.now()
    db.session.flush()


def end_allowance(actor: Actor, allowance: QuizAllowance) -> None:
    """End it now; an attempt that goes on keeps its time. Twice is once."""
    lock_row(allowance)
    if allowance.ended_at is None:
        allowance.ended_at = clock.now()
        db.session.flush()
        audit.record(actor, "learning.allowance_ended", "quiz_allowance", allowance.uuid)


def restore_allowance(actor: Actor, allowance: QuizAllowance) -> None:
    """Let one hold again that was ended, as it was given; twice is once. Raises DomainError where
    another one holds for the same person or cohort and quiz. Attempts that go on in a cohort are
    for `lengthen`."""
    holder = allowance.person or allowance.run
    assert holder is not None
    lock_row(holder)
    lock_row(allowance)
    if allowance.ended_at is None:
        return
    if allowances.holding(allowance) is not None:
        raise DomainError(gettext("Pengecualian lain sudah berlaku; akhiri dahulu yang itu."))
    allowance.ended_at = None
    db.session.flush()
    if allowance.person_id is not None:
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
