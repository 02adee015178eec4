"""What a learner does, and what it leads to."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import func, select, update

from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE, post_of
from lms.competencies import actions as competencies
from lms.competencies.models import Competency
from lms.competencies.rules import EvidenceKind
from lms.core import audit, clock, ledger
from lms.core.access import Actor
from lms.core.db import db, new_uuid, rows_changed
from lms.core.errors import DomainError
from lms.courses import queries as courses
from lms.courses.models import Course, CourseVersion
from lms.courses.queries import Part
from lms.courses.rules import ActivityKind
from lms.learning import queries, rules
from lms.learning.actions import assigning, certifying, entering
from lms.learning.actions.evidencing import renew_quiz_evidence
from lms.learning.models import ActivityProgress, Completion, Enrolment, LessonDone, LessonNote
from lms.learning.queries import Learning, allowances, ledgers
from lms.learning.queries.reading import Reading, lacks_of, reading_of
from lms.learning.rules import EnrolmentSource, EnrolmentState
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind
from lms.quizzes import actions as quizzes
from lms.quizzes.actions import HandedIn, SaveResult
from lms.quizzes.models import Attempt
from lms.quizzes.queries import attempts_of, quiz_by_id, running_attempts


def enrol(actor: Actor, course: Course) -> Enrolment:
    """Enrol the actor on the current version. Enrolling twice gives the open enrolment.

    Raises DomainError when the actor has completed this course already, or its policy does not let
    them in now; who has to complete it always gets in.
    """
    # Two requests of the same person at once: the second waits, and finds what the first made.
    ledger.lock_chain(Enrolment.__tablename__, actor.person_uuid)
    existing = enrolment_in(actor.person_id, course)
    if existing is not None:
        return existing
    source = entering.enter(actor.person_id, course)
    return begin(actor, actor.person_id, course, source)


def admit(actor: Actor, person: Person, course: Course, source: EnrolmentSource) -> None:
    """Enrol somebody else, whatever the policy says; who is in the course, or has completed it,
    stays as they are. The caller holds the lock on their enrolments."""
    if queries.latest_enrolment_of(person.id, course.slug) is None:
        begin(actor, person.id, course, source)


def refuse_second(person_id: int, course: Course) -> None:
    """Raises DomainError for whoever is in a course, or has completed it."""
    if enrolment_in(person_id, course) is not None:
        raise DomainError(gettext("Anda sudah terdaftar di kursus ini."))


def enrolment_in(person_id: int, course: Course) -> Enrolment | None:
    """The open enrolment of somebody in a course. Raises DomainError for who has completed it."""
    existing = queries.latest_enrolment_of(person_id, course.slug)
    if existing is None:
        return None
    if existing.is_open:
        return queries.locked_enrolment(existing.uuid)
    raise DomainError(gettext("Anda sudah menyelesaikan kursus ini."))


def begin(
    actor: Actor | None,
    person_id: int,
    course: Course,
    source: EnrolmentSource,
    run_id: int | None = None,
) -> Enrolment:
    """Put somebody into a course, on its current version; that they may is decided before."""
    assert course.current_version_id is not None
    now = clock.now()
    enrolment = Enrolment(
        uuid=new_uuid(),
        person_id=person_id,
        course_id=course.id,
        version_id=course.current_version_id,
        run_id=run_id,
        source=source,
        started_at=now,
        last_active_at=now,
    )
    db.session.add(enrolment)
    db.session.flush()
    settle(enrolment)
    audit.record(actor, "learning.enrolled", "enrolment", enrolment.uuid, course=course.uuid)
    return enrolment


@dataclass(frozen=True)
class Report:
    """What the page of a lesson reports. `seconds` since the report before; None from a page
    without a script, for which the whole time since `opened_at` counts and whose reader says by
    the button that the end is reached. `position`: see `ActivityProgress`."""

    opened_at: datetime
    seq: int = 0
    seconds: int | None = None
    position: int | None = None
    at_end: bool = False
    watched: rules.Ranges = ()


def report_reading(enrolment_uuid: UUID, part: Part, report: Report) -> tuple[Learning, Reading]:
    """Take a report; the same twice, or an older one, changes nothing. Marks the lesson as done
    where its own conditions ask for no act of the learner and are met now. Raises DomainError while
    the lesson is locked."""
    _assert_lesson(part)
    enrolment = queries.locked_enrolment(enrolment_uuid)
    _refuse_locked(enrolment, part)
    if rules.is_noted(enrolment.state, optional=part.optional):
        _store_report(enrolment, part, report)
    reading = reading_of(queries.enrolment_view(enrolment_uuid), part)
    if part.has_conditions and not lacks_of(part, reading):
        _store_done(enrolment, part)
    return settle(enrolment), reading


def mark_lesson_done(enrolment_uuid: UUID, part: Part) -> Learning:
    """Mark a lesson as done by the learner's own act; twice is once. Completes the course when
    this was the last thing missing. Raises DomainError while the lesson is locked or its
    conditions are not met.
    """
    _assert_lesson(part)
    enrolment = queries.locked_enrolment(enrolment_uuid)
    _refuse_locked(enrolment, part)
    if part.has_conditions and not _is_done(enrolment, part):
        reading = reading_of(queries.enrolment_view(enrolment_uuid), part)
        if lacks_of(part, reading):
            raise DomainError(gettext("Syarat selesai bagian ini belum terpenuhi."))
    _store_done(enrolment, part)
    return settle(enrolment)


def _assert_lesson(part: Part) -> None:
    if part.kind is ActivityKind.QUIZ:
        raise DomainError(gettext("Bagian ini selesai lewat kuisnya."))


def _is_done(enrolment: Enrolment, part: Part) -> bool:
    return db.session.get(LessonDone, (enrolment.id, part.key)) is not None


def _store_done(enrolment: Enrolment, part: Part) -> None:
    is_noted = rules.is_noted(enrolment.state, optional=part.optional)
    if is_noted and not _is_done(enrolment, part):
        now = clock.now()
        db.session.add(LessonDone(enrolment_id=enrolment.id, activity_key=part.key, done_at=now))
        enrolment.last_active_at = now
        db.session.flush()


def _store_report(enrolment: Enrolment, part: Part, report: Report) -> None:
    now = clock.now()
    row = db.session.get(ActivityProgress, (enrolment.id, part.key))
    if row is None:
        row = ActivityProgress(
            enrolment_id=enrolment.id, activity_key=part.key,
            position=0, seconds=0, seq=0, reported_at=report.opened_at,
            watched=[],
        )  # fmt: skip
        db.session.add(row)
    elif report.seconds is not None and report.seq <= row.seq:
        return
    last = db.session.scalar(
        select(func.max(ActivityProgress.reported_at)).where(
            ActivityProgress.enrolment_id == enrolment.id
        )
    )
    since = max(report.opened_at, last) if last else report.opened_at
    whole = int((now - report.opened_at) / timedelta(seconds=1))
    row.seconds += rules.credited(
        whole if report.seconds is None else report.seconds, since=since, now=now
    )
    if part.medium and report.watched:
        most = rules.FASTEST * max(0, math.ceil((now - since).total_seconds()))
        new = rules.clipped(report.watched, length=part.medium.seconds, most=most)
        row.watched = rules.merged([*row.watched, *new])
    row.seq, row.reported_at = max(row.seq, report.seq), max(now, since)
    if report.position is not None:
        row.position = report.position
    if report.at_end and row.read_at is None:
        row.read_at = now
    enrolment.last_active_at = now
    db.session.flush()


@dataclass(frozen=True)
class NoteResult:
    """What stands after a save of a note. `stored` False: a newer note was there already."""

    stored: bool
    seq: int
    saved_at: datetime


def save_note(actor: Actor, enrolment_uuid: UUID, part: Part, *, text: str, seq: int) -> NoteResult:
    """Save the actor's own note beside a part. `seq` is the page's number of this save, above the
    stored one; the same save twice is one, an older one never wins."""
    enrolment = queries.locked_enrolment(enrolment_uuid)
    key = (actor.person_id, enrolment.course_id, part.key)
    note = db.session.get(LessonNote, key)
    now = clock.now()
    if note is None:
        note = LessonNote(
            person_id=actor.person_id, course_id=enrolment.course_id, activity_key=part.key,
            text=text, seq=seq, saved_at=now,
        )  # fmt: skip
        db.session.add(note)
    elif seq > note.seq:
        note.text, note.seq, note.saved_at = text, seq, now
    elif note.text != text:
        return NoteResult(False, note.seq, note.saved_at)
    db.session.flush()
    return NoteResult(True, note.seq, note.saved_at)


def start_quiz(
    actor: Actor, enrolment_uuid: UUID, part: Part, random: Random | None = None
) -> Attempt:
    """The learner's open attempt at a quiz, or a new one. Raises DomainError when none is left, the
    course is completed, or the quiz is locked."""
    if part.quiz_id is None:
        raise DomainError(gettext("Bagian ini bukan kuis."))
    enrolment = queries.locked_enrolment(enrolment_uuid)
    if enrolment.state is not EnrolmentState.OPEN:
        raise DomainError(gettext("Kursus ini sudah selesai; hasil kuis Anda tetap tersimpan."))
    if all(a.submitted_at is not None for a in attempts_of(enrolment.uuid, part.key)):
        _refuse_locked(enrolment, part)
    enrolment.last_active_at = clock.now()
    return quizzes.start_attempt(
        quiz_by_id(part.quiz_id),
        holder=enrolment.uuid,
        person_id=actor.person_id,
        random=random or SystemRandom(),
        allowance=allowances.allowance_of(
            actor.person_id, enrolment.course_id, part.key, enrolment.run_id
        ),
    )


def _refuse_locked(enrolment: Enrolment, part: Part) -> None:
    opens_later = part.opens_at is not None or part.opens_after or enrolment.run_id is not None
    if not (part.requires or opens_later):
        return
    learning = queries.learning_of(queries.enrolment_view(enrolment.uuid))
    if part.key in learning.opening:
        raise DomainError(gettext("Bagian ini belum dibuka."))
    if part.key in learning.locked:
        raise DomainError(gettext("Bagian ini masih terkunci: selesaikan dahulu yang disyaratkan."))


def save_answer(attempt: Attempt, number: int, *, sent: list[str], seq: int) -> SaveResult:
    """Save one answer; see `quizzes.actions.save_answer`."""
    return quizzes.save_answer(attempt, number, sent=sent, seq=seq)


def attach_file(attempt: Attempt, number: int, file: HandedIn | None) -> None:
    """Put a file beside an essay; see `quizzes.actions.attach_file`."""
    quizzes.attach_file(attempt, number, file)


def check_answer(attempt: Attempt, number: int, *, sent: list[str], seq: int) -> SaveResult:
    """Save and check one answer in practice; see `quizzes.actions.check_answer`."""
    return quizzes.check_answer(attempt, number, sent=sent, seq=seq)


def submit_quiz(person: "Actor | None", attempt: Attempt) -> None:
    """Close an attempt; twice is once. Grading follows in a transaction of its own."""
    if quizzes.submit_attempt(attempt):
        audit.record(
            person, "learning.quiz_submitted", "attempt", attempt.uuid, number=attempt.number
        )


def grade_quiz(attempt: Attempt, *, tell: bool = False) -> Learning:
    """Grade a submitted attempt and everything that follows from it, in one transaction; nothing
    does while one of its essays waits for a marker. `tell`: the learner is not there to see the
    result."""
    enrolment = queries.locked_enrolment(attempt.holder)
    is_graded = quizzes.grade_attempt(attempt)
    if not tell:
        enrolment.last_active_at = clock.now()
    learning = settle(enrolment)
    if tell and is_graded:
        _tell_result(learning, attempt)
    return learning


def _tell_result(learning: Learning, attempt: Attempt) -> None:
    part = learning.outline.part(attempt.quiz_key)
    is_shown = part.key in queries.shown_scores(learning)  # else the score stays a secret here too
    notify(
        attempt.person_id,
        NotificationKind.QUIZ_RESULT,
        url=f"/attempts/{attempt.uuid}/result",  # told by a job, without a request
        quiz=part.title,
        course=learning.version.title,
        score=str(attempt.percent) if is_shown else "",
        needed=str(quiz_by_id(attempt.quiz_id).pass_percent),
    )


def settle(enrolment: Enrolment) -> Learning:
    """Bring an enrolment up to date with the facts, and complete it when nothing is missing."""
    learning = queries.learning_of(queries.enrolment_view(enrolment.uuid))
    if enrolment.state is not EnrolmentState.OPEN:
        return learning
    enrolment.done_parts = learning.progress
    enrolment.next_key = learning.next_part.key if learning.next_part else None
    enrolment.final_score = learning.judgement.final_score if learning.scores else None
    if learning.judgement.passed:
        _complete(enrolment, learning)
    db.session.flush()
    return learning


def _complete(enrolment: Enrolment, learning: Learning) -> None:
    """Completion, evidence, hours, certificate and notification: all of it, or nothing."""
    completion = give_completion(enrolment, learning, completed_at=clock.now())
    _end_running(enrolment, learning)
    certifying.issue_certificate(completion, post_of(enrolment.person_id))
    notify(
        enrolment.person_id,
        NotificationKind.COURSE_COMPLETED,
        url=f"/courses/{learning.version.slug}",  # jobs complete courses too, without a request
        course=learning.version.title,
        jp=str(learning.version.jp),
    )


def _end_running(enrolment: Enrolment, learning: Learning) -> None:
    """End the attempts that go on: a completed enrolment takes no further ones, and what is sent
    later must not undo what was completed without it."""
    reason = gettext("Kursus selesai sebelum percobaan ini dikirim.")
    for attempt in running_attempts(enrolment.person_id, enrolment.uuid):
        quizzes.void_attempt(attempt, reason=reason)
        note_void(None, enrolment, learning, attempt)


def note_void(
    actor: Actor | None, enrolment: Enrolment, learning: Learning, attempt: Attempt
) -> None:
    """Write down that an attempt was voided, and tell its learner."""
    audit.record(
        actor, "learning.attempt_voided", "attempt", attempt.uuid,
        enrolment=enrolment.uuid, number=attempt.number, reason=attempt.void_reason,
    )  # fmt: skip
    notify(
        attempt.person_id,
        NotificationKind.ATTEMPT_VOIDED,
        url=f"/attempts/{attempt.uuid}/result",  # by a job too, without a request
        quiz=learning.outline.part(attempt.quiz_key).title,
        number=str(attempt.number),
        reason=attempt.void_reason or "",
    )


def give_completion(
    enrolment: Enrolment,
    learning: Learning,
    *,
    completed_at: datetime,
    but_competencies: Collection[int] = (),
    but_hours: bool = False,
) -> Completion:
    """Completion, evidence for every outcome, and hours, with the post of that instant; not for
    competencies (ids), and no hours, that are left out. What else follows is the caller's."""
    version = learning.version
    person = db.session.get_one(Person, enrolment.person_id)
    post = post_of(person.id, completed_at)
    zone = post.time_zone if post else DEFAULT_ZONE
    earned_on = clock.local_day(completed_at, zone)
    completion = Completion(
        chain=person.uuid,
        uuid=new_uuid(),
        enrolment=enrolment,
        person=person,
        version=db.session.get_one(CourseVersion, version.id),
        final_score=learning.judgement.final_score,
        completed_at=completed_at,
        earned_on=earned_on,
    )
    ledger.append(completion, ledgers.completion_facts)
    enrolment.state, enrolment.closed_at = EnrolmentState.COMPLETED, completed_at
    assigning.note_completion(person.id, enrolment.course_id, completed_at)
    for outcome in courses.outcomes(version):
        if outcome.competency_id in but_competencies:
            continue
        competencies.record_evidence(
            person,
            db.session.get_one(Competency, outcome.competency_id),
            kind=EvidenceKind.COURSE_COMPLETION,
            level=outcome.level_to,
            score=learning.judgement.final_score,
            title=version.title,
            source_uuid=completion.uuid,
            earned_on=earned_on,
            post=post,
        )
    renew_quiz_evidence(None, completion)
    if not but_hours:
        competencies.record_hours(
            person,
            form=rules.E_LEARNING,
            hours=version.jp,
            title=version.title,
            source_uuid=completion.uuid,
            earned_on=earned_on,
            post=post,
            days=queries.days_of_learning(enrolment, zone, completed_at),
        )
    return completion


def move_learners(before: CourseVersion, version: CourseVersion) -> int:
    """Move everybody who is under way on a version to the small correction of it; how many.

    Who is on an older version stays there: the correction was compared with this one only.
    """
    count = rows_changed(
        update(Enrolment)
        .where(
            Enrolment.version_id == before.id,
            Enrolment.state == EnrolmentState.OPEN,
        )
        .values(version_id=version.id)
    )
    audit.record(
        None, "learning.moved_to_version", "course_version", version.uuid, enrolments=count
    )
    return count
