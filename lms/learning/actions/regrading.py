"""Regrading: what a correction of a question would change is counted first, listed, and only then
applied, to all or to those who were chosen. Counting and applying are work of a job, in short
steps: it may be cut short anywhere, and goes on where it was."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from flask_babel import gettext
from sqlalchemy import delete, select, update

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person
from lms.accounts.queries import own_person
from lms.core import audit, clock, jobs
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid, rows_changed, transaction
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning import queries
from lms.learning.actions import analysing, marks
from lms.learning.actions.reversing import lock_learner, settle_again
from lms.learning.models import Regrade, RegradeRow
from lms.learning.queries import regrades
from lms.learning.rules import RegradeState
from lms.quizzes.actions import correcting
from lms.quizzes.actions.marks import Because
from lms.quizzes.models import Attempt
from lms.quizzes.queries import corrections
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind, GradeCause

log = structlog.get_logger()
SWEEP = "regrades"
BATCH = 200  # attempts read at once
STAMPED = 50  # of them in one transaction: some 10 ms


def propose(
    actor: Actor, course: Course, quiz_key: str, question_id: int, proposal: Proposal, *,
    reason: str,
) -> Regrade:  # fmt: skip
    """Have it counted what a correction would change. Nothing changes yet.

    Raises DomainError on `reason`, where another one of this question is under way, and where no
    question of an attempt would be left.
    """
    reason = checked_reason(reason)
    lock_row(course)
    if regrades.under_way(course.id, quiz_key, question_id) is not None:
        raise DomainError(gettext("Koreksi soal ini sedang berjalan. Selesaikan atau buang dulu."))
    _check_something_counts(course, quiz_key, question_id, proposal.kind)
    regrade = Regrade(
        uuid=new_uuid(), course_id=course.id, quiz_key=quiz_key, question_id=question_id,
        kind=proposal.kind,
        options=[
            {"html": o.html, "weight": str(o.weight), "feedback": o.feedback, "answer": o.answer}
            for o in proposal.options
        ],
        reason=reason, by_id=actor.person_id, state=RegradeState.COUNTING, asked_at=clock.now(),
        after_id=0, seen=0, total=0,
    )  # fmt: skip
    db.session.add(regrade)
    db.session.flush()
    jobs.hint(SWEEP)
    return regrade


def _check_something_counts(
    course: Course, quiz_key: str, question_id: int, kind: CorrectionKind
) -> None:
    if kind is not CorrectionKind.LEAVE_OUT:
        return
    for quiz in regrades.quizzes_asking(course.id, quiz_key, question_id):
        out = {*corrections.left_out_of(quiz), question_id}
        if corrections.least_counted(quiz, out) < 1:
            raise DomainError(
                gettext("Setidaknya satu soal dari setiap percobaan harus tetap dinilai.")
            )


def discard(regrade: Regrade) -> None:
    """Forget one that was not applied; of one that was, leave the rest as it is. Twice is once.
    Raises DomainError while it is being applied."""
    lock_row(regrade)
    if regrade.state in (RegradeState.DISCARDED, RegradeState.DONE):
        return
    if regrade.state is RegradeState.APPLYING:
        raise DomainError(gettext("Koreksi ini sedang diterapkan."))
    was_applied = regrade.correction_id is not None
    regrade.state = RegradeState.DONE if was_applied else RegradeState.DISCARDED
    regrade.done_at = clock.now()
    db.session.flush()


def stop(actor: Actor, regrade: Regrade) -> bool:
    """Change no more scores for now; those that have changed stay, and what is left waits for
    somebody to decide again. False where nothing is being applied."""
    course = db.session.get_one(Course, regrade.course_id)
    lock_row(course)
    lock_row(regrade)
    if regrade.state is not RegradeState.APPLYING:
        return False
    regrade.state = RegradeState.READY
    db.session.execute(
        update(RegradeRow)
        .where(RegradeRow.regrade_id == regrade.id, RegradeRow.applied_at.is_(None))
        .values(wanted=False)
        .execution_options(synchronize_session=False)
    )
    _note_changes(regrade, course)
    audit.record(
        actor, "learning.regrade_stopped", "course", course.uuid,
        quiz=regrade.quiz_key, regrade=regrade.uuid, left=regrades.count_left(regrade.id),
    )  # fmt: skip
    db.session.flush()
    return True


def apply(actor: Actor, regrade: Regrade, chosen: Sequence[UUID] | None = None) -> None:
    """Let the correction hold from now on, and have attempts that are graded marked by it: the
    chosen ones of the list, or all. The job does it, and tells their learners.

    Raises DomainError before the counting is over, where nothing is left to be applied, where no
    question of an attempt would be left, and while another one of the same quiz is applied.
    """
    course = db.session.get_one(Course, regrade.course_id)
    lock_row(course)  # two of a quiz at once: the second is judged by what the first has left
    lock_row(regrade)
    if regrade.state is RegradeState.APPLYING:
        return
    if regrade.state is not RegradeState.READY:
        raise DomainError(gettext("Koreksi ini belum selesai dihitung, atau sudah selesai."))
    if regrade.correction_id is None:
        _check_something_counts(course, regrade.quiz_key, regrade.question_id, regrade.kind)
        if regrades.is_applying(course.id, regrade.quiz_key):
            raise DomainError(
                gettext("Koreksi lain untuk kuis ini sedang diterapkan. Coba lagi sebentar lagi.")
            )
    wanted = select(Attempt.id)
    if chosen is not None:
        wanted = wanted.where(Attempt.uuid.in_(chosen))
    count = rows_changed(
        update(RegradeRow)
        .where(
            RegradeRow.regrade_id == regrade.id,
            RegradeRow.applied_at.is_(None),
            RegradeRow.person_id != actor.person_id,
            RegradeRow.attempt_id.in_(wanted),
        )
        .values(wanted=True)
        .execution_options(synchronize_session=False)
    )
    if chosen is not None and not count:
        raise DomainError(gettext("Pilih sekurangnya satu percobaan yang belum dikoreksi."))
    _let_hold(actor, regrade)
    regrade.state, regrade.everybody = RegradeState.APPLYING, chosen is None
    regrade.applied_by_id, regrade.applied_at = actor.person_id, clock.now()
    regrade.after_id, regrade.seen = 0, 0
    db.session.flush()
    jobs.hint(SWEEP)


def _let_hold(actor: Actor, regrade: Regrade) -> None:
    if regrade.correction_id is not None:
        return
    course = db.session.get_one(Course, regrade.course_id)
    entry = correcting.add_correction(
        own_person(actor), course.uuid, regrade.quiz_key, regrade.question_id,
        regrades.proposal_of(regrade), reason=regrade.reason,
    )  # fmt: skip
    regrade.correction_id = entry.id
    audit.record(
        actor, "learning.question_corrected", "course", course.uuid,
        quiz=regrade.quiz_key, question=entry.question.uuid, correction=entry.uuid,
        kind=regrade.kind, reason=regrade.reason,
    )  # fmt: skip


# ── The work of the job ──────────────────────────────────────────────────────────────────────


def work_on_regrades() -> None:
    """Bring each one to where a person decides again, or as far as a turn allows."""
    jobs.in_steps(regrades.due_regrades(), step, "regrade failed")


def step(regrade_id: int) -> bool:
    """One batch; False when nothing is left to do. Two at once do nothing twice."""
    regrade = db.session.get_one(Regrade, regrade_id)
    state = regrade.state
    db.session.rollback()
    if state is RegradeState.COUNTING:
        return _count(regrade_id)
    if state is RegradeState.APPLYING:
        return _apply(regrade_id)
    return False


def _quiz_ids(regrade: Regrade) -> list[int]:
    return regrades.quiz_ids(regrade.course_id, regrade.quiz_key, regrade.question_id)


def _count(regrade_id: int) -> bool:
    """Look at the next attempts, outside the transaction that writes what was found."""
    regrade = db.session.get_one(Regrade, regrade_id)
    after, quiz_ids = regrade.after_id, _quiz_ids(regrade)
    found = corrections.graded_attempts(quiz_ids, after, BATCH)
    rows = regrades.rows_for(regrade, found)
    last, seen = (found[-1].id if found else after), len(found)
    total = regrade.total or corrections.count_graded(quiz_ids)
    db.session.rollback()
    with transaction():
        regrade = db.session.get_one(Regrade, regrade_id)
        lock_row(regrade)
        if regrade.state is not RegradeState.COUNTING or regrade.after_id != after:
            return True  # somebody else was quicker, or it was discarded
        db.session.execute(
            delete(RegradeRow).where(
                RegradeRow.regrade_id == regrade_id, RegradeRow.attempt_id > after
            )
        )
        db.session.add_all(rows)
        regrade.after_id, regrade.seen, regrade.total = last, regrade.seen + seen, total
        if seen < BATCH:
            regrade.state, regrade.counted_at = RegradeState.READY, clock.now()
    return seen == BATCH


def _apply(regrade_id: int) -> bool:
    regrade = db.session.get_one(Regrade, regrade_id)
    place = _place(regrade)
    after, everybody, _ = place
    if everybody:
        quiz_ids = _quiz_ids(regrade)
        ids = [a.id for a in corrections.graded_attempts(quiz_ids, after, BATCH)]
    else:
        ids = regrades.wanted_attempts(regrade_id, after, BATCH)
    db.session.rollback()
    pieces = (ids[at : at + STAMPED] for at in range(0, len(ids), STAMPED))
    for attempt_id in [each for piece in pieces for each in _stamp(regrade_id, piece)]:
        try:
            with transaction():
                _remark(db.session.get_one(Regrade, regrade_id), attempt_id)
        except Exception:  # one attempt must not keep the others waiting; it stays in the list
            log.exception("attempt not regraded", regrade=regrade_id, attempt=attempt_id)
    more = len(ids) == BATCH
    if not more:
        _free_waiting(regrade_id)
    with transaction():
        regrade = db.session.get_one(Regrade, regrade_id)
        lock_row(db.session.get_one(Course, regrade.course_id))
        lock_row(regrade)
        if regrade.state is RegradeState.APPLYING and _place(regrade) == place:
            regrade.after_id, regrade.seen = max([after, *ids]), regrade.seen + len(ids)
            more = more or _goes_over_all(regrade)
            if not more:
                _end(regrade)
    return more


def _place(regrade: Regrade) -> tuple[int, bool, datetime | None]:
    """Where the work is, of which time that it was begun."""
    return regrade.after_id, regrade.everybody, regrade.applied_at


def _free_waiting(regrade_id: int) -> None:
    """Attempts that waited for an essay to be marked that counts no more are graded."""
    regrade = db.session.get_one(Regrade, regrade_id)
    ids: Sequence[int] = ()
    if regrade.kind is CorrectionKind.LEAVE_OUT:
        ids = corrections.waiting_attempts(_quiz_ids(regrade), regrade.question_id)
    db.session.rollback()
    for attempt_id in ids:
        try:
            with transaction():
                attempt = db.session.get_one(Attempt, attempt_id)
                regrade = db.session.get_one(Regrade, regrade_id)
                by = db.session.get_one(Person, regrade.applied_by_id)
                enrolment = lock_learner(attempt.person_id, attempt.holder)
                marks.grade_late(by, enrolment, attempt, reason=regrade.reason)
        except Exception:  # one attempt must not keep the others waiting
            log.exception("attempt not graded", regrade=regrade_id, attempt=attempt_id)


def _stamp(regrade_id: int, ids: Sequence[int]) -> list[int]:
    """Mark at once those whose score stays, and nothing else with it; ids of the others. Nobody
    regrades their own attempts: another one of the course may."""
    with transaction():
        regrade = db.session.get_one(Regrade, regrade_id)
        if regrade.state is not RegradeState.APPLYING:  # it was stopped
            return []
        correction = corrections.of_id(regrade.correction_id or 0)
        attempts = regrades.locked_attempts(ids, but_of=regrade.applied_by_id or 0)
        completed = regrades.completed_of({attempt.holder for attempt in attempts})
        changing = correcting.remark_unchanged(attempts, correction, completed)
        marked = {attempt.id for attempt in attempts}.difference(changing)
        db.session.execute(  # listed, and since then changed otherwise, by hand for instance
            update(RegradeRow)
            .where(
                RegradeRow.regrade_id == regrade_id,
                RegradeRow.attempt_id.in_(marked),
                RegradeRow.applied_at.is_(None),
            )
            .values(applied_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        return changing


def _remark(regrade: Regrade, attempt_id: int) -> None:
    """One attempt with everything that follows from it, told once: its own correction says that it
    was done. Nothing where it was stopped meanwhile."""
    if regrade.state is not RegradeState.APPLYING:
        return
    attempt = db.session.get_one(Attempt, attempt_id)
    assert regrade.applied_by_id is not None
    by = db.session.get_one(Person, regrade.applied_by_id)
    correction = corrections.of_id(regrade.correction_id or 0)
    enrolment = lock_learner(attempt.person_id, attempt.holder)
    before = queries.learning_of(queries.enrolment_view(enrolment.uuid))
    because = Because(GradeCause.REGRADE, by, regrade.reason)
    change = correcting.remark(attempt, correction, because)
    if change is not None:
        marks.follow(enrolment, before, change)
    else:  # the score stays, what it is evidence of may not
        settle_again(by, enrolment, reason=regrade.reason)
    row = db.session.get(RegradeRow, (regrade.id, attempt_id))
    if row is None and change is not None:  # graded since it was counted
        row = regrades.row_of(regrade, change, enrolment)
        db.session.add(row)
    if row is not None and row.applied_at is None:
        row.applied_at = clock.now()
    db.session.flush()


def _goes_over_all(regrade: Regrade) -> bool:
    """Once everybody in the list was chosen, go over all attempts, also those that were graded
    since it was made and those whose score stays: they are marked by the correction too."""
    if regrade.everybody or regrades.count_left(regrade.id):
        return False
    regrade.everybody, regrade.after_id, regrade.seen = True, 0, 0
    return True


def _end(regrade: Regrade) -> None:
    """Done, or waiting again for whoever was not chosen."""
    left, now = regrades.count_left(regrade.id), clock.now()
    regrade.state = RegradeState.READY if left else RegradeState.DONE
    regrade.done_at = None if left else now
    _note_changes(regrade, db.session.get_one(Course, regrade.course_id))


def _note_changes(regrade: Regrade, course: Course) -> None:
    """The figures of the course are counted anew; and what others of the quiz would change, nobody
    has decided on which yet, is another now."""
    analysing.ask(course)
    count = rows_changed(
        update(Regrade)
        .where(
            Regrade.course_id == regrade.course_id,
            Regrade.quiz_key == regrade.quiz_key,
            Regrade.state.in_((RegradeState.COUNTING, RegradeState.READY)),
            Regrade.correction_id.is_(None),
        )
        .values(state=RegradeState.COUNTING, counted_at=None, after_id=0, seen=0, total=0)
        .execution_options(synchronize_session=False)
    )
    if count:
        jobs.hint(SWEEP)
