"""The judge: nothing that was acknowledged is missing, doubled or changed, and whatever else was
sent is wholly there or wholly absent. Compares the learners' ledgers with database, audit log,
files and chains."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Person, SignInSession
from lms.competencies.models import Evidence, HourEntry
from lms.core import files, jobs
from lms.core.audit import AuditEntry
from lms.core.db import db
from lms.courses.models import Activity, Course, MediaFile, Outcome
from lms.learning.models import Completion, Enrolment, LessonDone
from lms.learning.rules import EnrolmentState
from lms.notifications.models import Notification
from lms.quizzes.models import Answer, Attempt, Question, Quiz
from tests.faults.ledger import Act

AUDITED = {
    "accounts.signed_in", "accounts.session_ended", "learning.enrolled", "learning.quiz_submitted",
    "accounts.reset_requested",
    "accounts.person_added", "accounts.person_placed", "courses.published",  # to set the stage
}  # fmt: skip


@dataclass
class Found:
    """What the database holds, by what the ledgers speak of."""

    people: dict[int, str]  # NIP by id
    enrolments: dict[tuple[str, str], list[Enrolment]]  # by NIP and course
    lessons: dict[tuple[int, str], LessonDone]  # by enrolment and key
    attempts: dict[str, Attempt]
    answers: dict[tuple[int, int], Answer]  # by attempt and question
    audited: Counter[tuple[str, UUID | None]]  # by action and subject


def faults(app: Flask, acts: list[Act]) -> list[str]:
    """Every difference, as sentences; none where nothing was lost. Sweeps first, as the jobs do
    every minute."""
    with app.app_context():
        jobs.sweep_all(app)
        db.session.rollback()
        found = _read()
        told = [
            *_progress(found, acts),
            *_answers(found, acts),
            *_submissions(found, acts),
            *_sign_ins(found, acts),
            *_wholeness(found, acts),
            *_grades(found),
            *_completions(found),
            *_files(),
            *_database(),
        ]
        db.session.remove()
    verified = app.test_cli_runner().invoke(args=["records", "verify"])
    if verified.exit_code != 0:
        told.append(f"records verify: {verified.output}")
    return told


def _all(model: Any) -> list[Any]:
    return list(db.session.scalars(sa.select(model)))


def _read() -> Found:
    people = {person.id: person.nip for person in _all(Person)}
    slugs = {course.id: course.slug for course in _all(Course)}
    enrolments = defaultdict(list)
    for row in _all(Enrolment):
        enrolments[people[row.person_id], slugs[row.course_id]].append(row)
    return Found(
        people=people,
        enrolments=enrolments,
        lessons={(row.enrolment_id, row.activity_key): row for row in _all(LessonDone)},
        attempts={str(row.uuid): row for row in _all(Attempt)},
        answers={(row.attempt_id, row.question_id): row for row in _all(Answer)},
        audited=Counter((row.action, row.subject_uuid) for row in _all(AuditEntry)),
    )


def _progress(found: Found, acts: list[Act]) -> Iterator[str]:
    """Enrolments, lessons done and attempts begun that were acknowledged."""
    for act in acts:
        if act.acknowledged is None or act.kind not in ("enrol", "done", "start"):
            continue
        rows = found.enrolments[act.nip, act.facts["slug"]]
        if len(rows) != 1:
            yield f"{len(rows)} enrolments after {act}"
            continue
        if act.kind == "done":
            lesson = found.lessons.get((rows[0].id, act.facts["key"]))
            if lesson is None or lesson.done_at > act.acknowledged:
                yield f"lesson not done, or later: {act}"
        elif act.kind == "start":
            attempt = found.attempts.get(_uuid_in(act.told["location"]))
            if attempt is None or attempt.holder != rows[0].uuid:
                yield f"attempt missing: {act}"


def _uuid_in(location: str) -> str:
    return location.split("/attempts/")[-1][:36]


def _answers(found: Found, acts: list[Act]) -> Iterator[str]:
    """The row of each question is the last acknowledged save, or one sent after it."""
    saves = defaultdict(list)
    for act in acts:
        if act.kind == "save":
            saves[act.facts["attempt"], act.facts["number"]].append(act)
    for (uuid, number), sent in saves.items():
        attempt = found.attempts.get(uuid)
        if attempt is None:
            yield f"answers of an attempt that is missing: {uuid}"
            continue
        question, order = attempt.layout[number - 1]
        row = found.answers.get((attempt.id, question))
        stood = [a.facts["seq"] for a in sent if a.acknowledged]
        last = max(stood, default=0)
        fitting = [a for a in sent if a.facts["seq"] >= last and _is_stored(a, row, order)]
        if not fitting and (stood or row is not None):
            yield f"answer {number} of {uuid}: {row and (row.seq, row.value)} after {sent[-1]}"


def _is_stored(act: Act, row: Answer | None, order: list[int]) -> bool:
    chosen = sorted(order[value - 1] for value in act.facts["chosen"])
    if row is None or (row.seq, row.value) != (act.facts["seq"], chosen):
        return False
    return act.sent <= row.saved_at and (not act.acknowledged or row.saved_at <= act.acknowledged)


def _submissions(found: Found, acts: list[Act]) -> Iterator[str]:
    for act in acts:
        if act.kind == "submit" and act.acknowledged:
            attempt = found.attempts.get(act.facts["attempt"])
            at = attempt.submitted_at if attempt else None
            if at is None or not act.sent <= at <= act.acknowledged:
                yield f"submitted at {at}: {act}"


def _sign_ins(found: Found, acts: list[Act]) -> Iterator[str]:
    sessions = Counter(found.people[row.person_id] for row in _all(SignInSession))
    sent = Counter(act.nip for act in acts if act.kind == "sign-in")
    told = Counter(act.nip for act in acts if act.kind == "sign-in" and act.acknowledged)
    again = Counter[str]()
    for act in acts:
        if act.kind == "sign-in":
            again[act.nip] += act.failures
    uuids = {person.uuid: person.nip for person in _all(Person)}
    audited = Counter[str]()
    for (action, subject), count in found.audited.items():
        if action == "accounts.signed_in" and subject is not None:
            audited[uuids[subject]] += count
    for nip in found.people.values():
        if audited[nip] != sessions[nip]:
            yield f"{nip}: {sessions[nip]} sessions, {audited[nip]} audited"
        if not told[nip] <= sessions[nip] <= sent[nip] + again[nip]:
            yield f"{nip}: {sessions[nip]} sessions, {told[nip]} sign-ins acknowledged"


def _wholeness(found: Found, acts: list[Act]) -> Iterator[str]:
    """Rows and their audit come together, once, and nothing is there that nobody sent."""
    sent = Counter((act.nip, act.facts["slug"]) for act in acts if act.kind == "enrol")
    for key, rows in found.enrolments.items():
        if len(rows) > sent[key]:
            yield f"{len(rows)} enrolments, {sent[key]} sent: {key}"
        for row in rows:
            if found.audited["learning.enrolled", row.uuid] != 1:
                yield f"enrolment {row.uuid} is not audited once"
    submitted = {act.facts["attempt"] for act in acts if act.kind == "submit"}
    for uuid, attempt in found.attempts.items():
        times = found.audited["learning.quiz_submitted", attempt.uuid]
        if times != (attempt.submitted_at is not None):
            yield f"attempt {uuid}: submitted at {attempt.submitted_at}, audited {times} times"
        if attempt.submitted_at and uuid not in submitted:
            yield f"attempt {uuid} was submitted by nobody"
    yield from _attempt_numbers(found)
    strange = {action for action, _ in found.audited} - AUDITED
    if strange:
        yield f"acts that nobody did: {strange}"


def _attempt_numbers(found: Found) -> Iterator[str]:
    groups = defaultdict(list)
    for attempt in found.attempts.values():
        groups[attempt.holder, attempt.quiz_key].append(attempt)
    for key, group in groups.items():
        numbers = sorted(attempt.number for attempt in group)
        if numbers != list(range(1, len(group) + 1)):
            yield f"numbers of attempts {key}: {numbers}"
        if sum(attempt.submitted_at is None for attempt in group) > 1:
            yield f"several open attempts: {key}"


def _grades(found: Found) -> Iterator[str]:
    """Every submission is graded, and marked anew the score is the same."""
    questions = {row.id: row for row in _all(Question)}
    for uuid, attempt in found.attempts.items():
        if attempt.submitted_at is None:
            if attempt.graded_at or attempt.percent is not None:
                yield f"attempt {uuid} is graded but not submitted"
            continue
        marks = [
            _mark(questions[question], found.answers.get((attempt.id, question)))
            for question, _ in attempt.layout
        ]
        score = (100 * sum(marks, Decimal(0)) / len(marks)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if attempt.graded_at is None or attempt.percent != score:
            yield f"attempt {uuid}: {attempt.percent}, marked anew {score}"


def _mark(question: Question, answer: Answer | None) -> Decimal:
    chosen = answer.value if answer else []
    assert isinstance(chosen, list)  # the course of these tests has choices only
    weights = [Decimal(question.options[i]["weight"]) for i in chosen]
    return min(Decimal(1), max(Decimal(0), sum(weights, Decimal(0)) / 100))


def _completions(found: Found) -> Iterator[str]:
    """Completed when nothing is missing, and then once, with everything that follows."""
    passes = {row.id: row.pass_percent for row in _all(Quiz)}
    parts = defaultdict(list)
    for activity in _all(Activity):
        parts[activity.version_id].append(activity)
    best: dict[tuple[UUID, str], Decimal] = {}
    for attempt in found.attempts.values():
        if attempt.percent is not None:
            key = (attempt.holder, attempt.quiz_key)
            best[key] = max(best.get(key, Decimal(0)), attempt.percent)
    records = _records()
    for row in (row for rows in found.enrolments.values() for row in rows):
        done = 0
        for part in parts[row.version_id]:
            if part.quiz_id is None:
                done += (row.id, part.key) in found.lessons
            else:
                reached = best.get((row.uuid, part.key))
                done += reached is not None and reached >= passes[part.quiz_id]
        complete = done == len(parts[row.version_id])
        if row.done_parts != done:
            yield f"enrolment {row.uuid}: {row.done_parts} parts noted, {done} done"
        if complete != (row.state is EnrolmentState.COMPLETED):
            yield f"enrolment {row.uuid}: {done} parts done, {row.state}"
        yield from records.faults_of(row, complete)
    yield from records.strays()


@dataclass
class Records:
    """What follows from completions: one of each for a completion, and none without."""

    completions: dict[int, list[Completion]]
    outcomes: Counter[int]
    evidence: Counter[UUID]
    hours: Counter[UUID]
    told: Counter[tuple[int, str]]

    def faults_of(self, row: Enrolment, complete: bool) -> Iterator[str]:
        found = self.completions.get(row.id, [])
        if len(found) != complete:
            yield f"enrolment {row.uuid}: {len(found)} completions, complete: {complete}"
        for completion in found:
            rows = (self.evidence[completion.uuid], self.hours[completion.uuid])
            if rows != (self.outcomes[row.version_id], 1):
                yield f"completion {completion.uuid}: evidence and hours {rows}"
        if self.told[row.person_id, f"/courses/{row.course.slug}"] != len(found):
            yield f"enrolment {row.uuid}: not told once"

    def strays(self) -> Iterator[str]:
        known = {row.uuid for rows in self.completions.values() for row in rows}
        for source in (set(self.evidence) | set(self.hours)) - known:
            yield f"records of no completion: {source}"


def _records() -> Records:
    completions = defaultdict(list)
    for row in _all(Completion):
        completions[row.enrolment_id].append(row)
    return Records(
        completions=completions,
        outcomes=Counter(row.version_id for row in _all(Outcome)),
        evidence=Counter(row.source_uuid for row in _all(Evidence)),
        hours=Counter(row.source_uuid for row in _all(HourEntry)),
        told=Counter((row.person_id, row.url) for row in _all(Notification)),
    )


def _files() -> Iterator[str]:
    """Every file that the database names is there, with its content."""
    for digest in {row.digest for row in _all(MediaFile)}:
        there = files.storage().exists(digest)
        if not there or hashlib.sha256(files.Kept(digest).content).hexdigest() != digest:
            yield f"file {digest} is missing or changed"


def _database() -> Iterator[str]:
    """What SQLite says of itself; PostgreSQL keeps its keys by itself."""
    if db.engine.dialect.name != "sqlite":
        return
    answer = db.session.execute(sa.text("PRAGMA integrity_check")).scalars().all()
    if answer != ["ok"]:
        yield f"integrity_check: {answer}"
    broken = db.session.execute(sa.text("PRAGMA foreign_key_check")).all()
    if broken:
        yield f"foreign_key_check: {broken}"
