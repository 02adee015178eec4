"""Saves that come late, out of order, again, from a second tab or after a jump of the clock."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import tries
from lms.core import clock
from lms.core.db import db, transaction
from lms.learning import jobs
from lms.learning.models import Completion
from lms.quizzes.models import Answer, Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.faults.dose import DOSE
from tests.learning.answers import start, take, values
from tests.sample_course import import_course, write_course

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)  # 12.00 WIB
DAY = timedelta(days=1)
SLUG = "melayani"


@dataclass(frozen=True)
class Save:
    """One save as a device keeps it to send it later."""

    number: int
    chosen: tuple[int, ...]
    seq: int


@pytest.fixture
def learner(app: Flask, client: PageClient, cast: Cast, tmp_path: Path, at: SetClock) -> PageClient:
    """Enrolled in a course whose final quiz takes 20 minutes; it is noon."""
    at(NOON)
    with app.app_context():
        import_course(write_course(tmp_path, time_limit=20, attempts=0))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send(f"/courses/{SLUG}/enrol")
    return client


def send(client: PageClient, uuid: str, save: Save) -> int:
    data = {"answer": list(save.chosen), "seq": save.seq}
    return client.save(f"/attempts/{uuid}/questions/{save.number}", data).status_code


def stored(app: Flask, uuid: str) -> dict[int, tuple[int, list[int]]]:
    """Number of the question -> (seq, options as authored)."""
    with app.app_context():
        attempt = next(a for a in db.session.scalars(sa.select(Attempt)) if str(a.uuid) == uuid)
        rows = db.session.scalars(sa.select(Answer).where(Answer.attempt_id == attempt.id))
        by_question = {row.question_id: (row.seq, [int(at) for at in row.value]) for row in rows}
        numbers = {question: n for n, (question, _) in enumerate(attempt.layout, start=1)}
        return {numbers[question]: found for question, found in by_question.items()}


def as_authored(app: Flask, uuid: str, save: Save) -> tuple[int, list[int]]:
    with app.app_context():
        attempt = next(a for a in db.session.scalars(sa.select(Attempt)) if str(a.uuid) == uuid)
        order = attempt.layout[save.number - 1][1]
        return save.seq, sorted(order[value - 1] for value in save.chosen)


def a_queue(random: Random, questions: int) -> list[Save]:
    """What a device wrote down: every question changed several times."""
    queue = [
        Save(number, (random.choice((1, 2)),), seq)
        for number in range(1, questions + 1)
        for seq in range(1, random.randint(2, 6))
    ]
    return sorted(queue, key=lambda save: (save.seq, random.random()))


@pytest.mark.parametrize("seed", range(DOSE.shuffles))
def test_any_order_and_any_repetition_ends_as_the_order_of_the_learner(
    app: Flask, learner: PageClient, seed: int
) -> None:
    """Shuffled, sent three times, each time cut off somewhere and begun anew."""
    random = Random(seed)
    queue = a_queue(random, 2)
    uuid = start(learner, SLUG, "kuis-1")
    for _ in range(3):
        shuffled = random.sample(queue, len(queue))
        for save in shuffled[: random.randint(1, len(queue))] + shuffled:
            status = send(learner, uuid, save)
            seq, chosen = stored(app, uuid)[save.number]
            mine = as_authored(app, uuid, save)
            assert seq >= save.seq  # nothing goes back
            assert status == (200 if mine[1] == chosen else 409)
    last = {save.number: save for save in queue}
    assert stored(app, uuid) == {n: as_authored(app, uuid, save) for n, save in last.items()}


def test_a_queue_that_comes_after_thirty_days_is_taken_where_the_attempt_is_open(
    app: Flask, learner: PageClient, cast: Cast, at: SetClock
) -> None:
    """The practice quiz has no time limit; the old session has ended, nothing else."""
    uuid = start(learner, SLUG, "kuis-1")
    queue = a_queue(Random(1), 2)
    at(NOON + 30 * DAY)
    assert send(learner, uuid, queue[0]) == 401
    learner.sign_in(cast.people["learner"])
    for save in queue * 3:
        send(learner, uuid, save)
    last = {save.number: save for save in queue}
    assert stored(app, uuid) == {n: as_authored(app, uuid, save) for n, save in last.items()}


@pytest.mark.parametrize("how", ["submitted", "time is up"])
def test_a_queue_that_comes_too_late_is_refused_and_changes_nothing(
    app: Flask, learner: PageClient, cast: Cast, at: SetClock, how: str
) -> None:
    uuid = start(learner, SLUG, "akhir")
    right = values(learner, uuid, 1, right=True)
    learner.save(f"/attempts/{uuid}/questions/1", {"answer": right, "seq": 1})
    if how == "submitted":
        learner.send(f"/attempts/{uuid}/submit")
    at(NOON + 30 * DAY)
    with app.app_context():
        jobs.sweep_attempts()
    learner.sign_in(cast.people["learner"])
    before, score = stored(app, uuid), score_of(app, uuid)
    for save in a_queue(Random(2), 3) * 3:
        data = {"answer": list(save.chosen), "seq": save.seq + 1}
        told = learner.save(f"/attempts/{uuid}/questions/{save.number}", data)
        assert told.status_code == 409
        assert "sudah dikirim" in told.get_json()["message"]
    assert stored(app, uuid) == before
    assert score_of(app, uuid) == score


def score_of(app: Flask, uuid: str) -> tuple[datetime | None, object]:
    with app.app_context():
        found = next(a for a in db.session.scalars(sa.select(Attempt)) if str(a.uuid) == uuid)
        return found.submitted_at, found.percent


# ── Two tabs, two devices ────────────────────────────────────────────────────────────────────


class Tab:
    """An open page of question 1, as static/js/quiz.js behaves there."""

    def __init__(self, client: PageClient, address: str) -> None:
        self._client, self._address = client, address
        page = client.get(address).get_data(as_text=True)
        self._next = int(page.split('name="seq" value="')[1].split('"')[0]) - 1
        self.told: list[bool] = []

    def choose(self, value: int) -> None:
        self._next += 1
        answer = self._client.save(self._address, {"answer": [value], "seq": self._next})
        body = answer.get_json()
        self.told.append(not body["saved"])
        self._next = max(self._next, body["seq"])
        self.now = body["answer"]


@pytest.mark.parametrize("seed", range(DOSE.shuffles))
def test_two_devices_in_one_attempt_never_lose_a_choice_silently(
    app: Flask, learner: PageClient, cast: Cast, seed: int
) -> None:
    """In any order of choices: each is either what now stands, or its tab was told what does; a
    choice after that counts."""
    random = Random(seed)
    uuid = start(learner, SLUG, "kuis-1")
    other = app.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["learner"])
    assert start(other, SLUG, "kuis-1") == uuid
    address = f"/attempts/{uuid}/questions/1"
    tabs = [Tab(learner, address), Tab(other, address)]
    for _ in range(12):
        tab, choice = random.choice(tabs), random.choice((1, 2))
        tab.choose(choice)
        assert tab.told[-1] or tab.now == [choice]
        if tab.told[-1]:
            assert tab.now != [choice]
            tab.choose(choice)
            assert not tab.told[-1]
        ((_, stands),) = stored(app, uuid).values()
        assert stands == as_authored(app, uuid, Save(1, (choice,), 1))[1]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


# ── The clock ────────────────────────────────────────────────────────────────────────────────

JUMPS = (DAY, -DAY, timedelta(seconds=-1), timedelta(hours=1), timedelta(hours=-1))


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_jump_of_the_clock_reopens_nothing_and_gives_no_negative_time(
    app: Flask, learner: PageClient, cast: Cast, at: SetClock, jump: timedelta
) -> None:
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/{SLUG}/learn/{key}/done")
    take(learner, SLUG, "kuis-1", right=True)
    uuid = start(learner, SLUG, "akhir")
    for number in (1, 2, 3):
        right = values(learner, uuid, number, right=True)
        learner.save(f"/attempts/{uuid}/questions/{number}", {"answer": right, "seq": 1})
    at(NOON + jump)
    learner.sign_in(cast.people["learner"])
    page = learner.get(f"/attempts/{uuid}/questions/1").get_data(as_text=True)
    if 'data-timer="' in page:
        assert 0 <= int(page.split('data-timer="')[1].split('"')[0]) <= 20 * 60
    assert learner.send(f"/attempts/{uuid}/submit").status_code == 302
    result = learner.get(f"/attempts/{uuid}/result")
    assert "Nilai Anda 100" in words(result)
    at(NOON)
    learner.sign_in(cast.people["learner"])
    late = learner.save(f"/attempts/{uuid}/questions/1", {"answer": [1], "seq": 9})
    assert late.status_code == 409
    assert learner.get(f"/attempts/{uuid}/questions/1").location.endswith("/result")
    with app.app_context():
        for attempt in db.session.scalars(sa.select(Attempt)):
            assert attempt.submitted_at is not None
            assert attempt.started_at <= attempt.submitted_at
            assert attempt.deadline_at is None or attempt.submitted_at <= attempt.deadline_at
        completion = db.session.scalars(sa.select(Completion)).one()
        assert completion.earned_on == clock.local_day(completion.completed_at, "Asia/Jakarta")
        assert abs(completion.completed_at - NOON) <= DAY
    verified = app.test_cli_runner().invoke(args=["records", "verify"])
    assert verified.exit_code == 0, verified.output


def test_small_steps_back_between_saves_lose_none(
    app: Flask, learner: PageClient, at: SetClock
) -> None:
    """A clock that is corrected by a second again and again."""
    uuid = start(learner, SLUG, "akhir")
    for seq in range(1, 21):
        at(NOON - timedelta(seconds=seq))
        assert send(learner, uuid, Save(1, (1 + seq % 2,), seq)) == 200
    assert stored(app, uuid)[1] == as_authored(app, uuid, Save(1, (1,), 20))


def test_a_session_ends_although_the_clock_went_back(learner: PageClient, at: SetClock) -> None:
    """The idle hours are counted from the last time that it was seen, the days from its start."""
    at(NOON - DAY)
    assert learner.get("/courses").status_code == 200
    at(NOON + timedelta(hours=12, seconds=1))
    assert learner.get("/courses").status_code == 302
    at(NOON - DAY)
    for hours in range(0, 24 * 9, 11):
        at(NOON - DAY + timedelta(hours=hours))
        learner.get("/courses")
    assert learner.get("/courses").status_code == 302  # seven days at most


def test_tries_in_the_future_hold_nobody_for_a_day(app: Flask, cast: Cast, at: SetClock) -> None:
    """The clock was a day ahead while somebody mistyped, and was set right."""
    at(NOON + DAY)
    with app.app_context(), transaction():
        verdicts = [
            tries.reserve_try(tries.SIGN_IN, "sari@contoh.test", "192.0.2.1").allowed
            for _ in range(20)
        ]
    assert not verdicts[-1]
    at(NOON)
    with app.app_context(), transaction():
        assert tries.reserve_try(tries.SIGN_IN, "sari@contoh.test", "192.0.2.1").allowed
    at(NOON + DAY)
    with app.app_context(), transaction():
        assert not tries.reserve_try(tries.SIGN_IN, "sari@contoh.test", "192.0.2.1").allowed


ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Berlin")
CHANGES = (
    datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC),  # Berlin puts the clock back half a minute later
    datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC),  # and forward
    datetime(2026, 12, 31, 16, 59, 30, tzinfo=UTC),  # the year ends in Jakarta half a minute later
)


@pytest.mark.parametrize(
    ("zone", "instant"), list(itertools.product(ZONES, CHANGES)), ids=lambda value: str(value)
)
def test_the_time_zone_and_its_changes_move_no_deadline(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, at: SetClock, zone: str,
    instant: datetime,
) -> None:  # fmt: skip
    at(instant)
    with app.app_context():
        import_course(write_course(tmp_path, time_limit=20))
        with transaction():
            for unit in cast.units:
                cast.unit(unit).time_zone = zone
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send(f"/courses/{SLUG}/enrol")
    uuid = start(client, SLUG, "akhir")
    at(instant + timedelta(minutes=19, seconds=59))
    page = client.get(f"/attempts/{uuid}/questions/1").get_data(as_text=True)
    assert 'data-timer="1"' in page
    at(instant + timedelta(minutes=20))
    assert client.get(f"/attempts/{uuid}/questions/1").location.endswith("/review")
