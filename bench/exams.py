"""Attempts at the final quiz: one after the other, and everybody at once."""

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from random import Random
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import content
from bench.client import Act, Tally, Visitor, drive, drive_at
from bench.sitting import Sitting, sit
from bench.stage import CLIENTS, Run, Scenario, Stage
from lms.quizzes.models import Attempt, Question

COUNTED = 11  # single saves, for their commits
SITTING = 8  # whole attempts at a time
START_SPAN, RUSH_SPAN = 10.0, 4.0  # seconds in which everybody comes
SIGN_INS, SAVES = 30, 40  # a second, while both go on


# ── Checks against the database ──────────────────────────────────────────────────────────────


def _faults_of_scores(stage: Stage, sittings: Iterable[Sitting]) -> list[str]:
    """Is every score what the learner's answers earn? Worked out here from the frozen order and
    from what the bench itself wrote into the questions."""
    faults = []
    with stage.rows() as session:
        keys = session.execute(
            select(Question.id, Question.key).where(Question.key.startswith(f"{content.EXAM}-"))
        )
        right = {id_: content.right_option(int(key.rsplit("-", 1)[1]) - 1) for id_, key in keys}
        attempts = {row.uuid: row for row in _attempts(session, sittings)}
    for sitting in sittings:
        row = attempts.get(sitting.uuid)
        if row is None:
            faults.append(f"attempt {sitting.uuid} is not in the database")
            continue
        hits = sum(
            order[sitting.answers[number]] == right[question]
            for number, (question, order) in enumerate(row.layout, start=1)
            if number in sitting.answers
        )
        earned = hits * 100 // content.QUESTIONS
        if not (sitting.score == row.percent == earned):
            faults.append(f"score {sitting.score}, stored {row.percent}, earned {earned}")
        assert row.deadline_at
        if not row.graded_at or not row.submitted_at or row.submitted_at > row.deadline_at:
            faults.append(f"attempt {sitting.uuid} is late or not graded")
    return faults


def _attempts(session: Session, sittings: Iterable[Sitting]) -> list[Attempt]:
    wanted = [sitting.uuid for sitting in sittings]
    return list(session.scalars(select(Attempt).where(Attempt.uuid.in_(wanted))))


async def _hand_in_everything(stage: Stage) -> None:
    """Close what earlier rounds left open, so that every start is a start."""
    numbers = [visitor.number for visitor in await stage.learners(stage.crowd)]
    with stage.rows() as session:
        rows = session.execute(
            select(Attempt.person_id, Attempt.uuid).where(
                Attempt.person_id.in_(numbers), Attempt.submitted_at.is_(None)
            )
        ).all()
    for number, uuid in rows:
        (visitor,) = await stage.visitors([number])
        await visitor.post("submit", f"/attempts/{uuid}/submit", to="/attempts/")


# ── Saves ────────────────────────────────────────────────────────────────────────────────────


async def _open_sittings(stage: Stage) -> None:
    await _hand_in_everything(stage)
    learners = await stage.learners(stage.together(CLIENTS))
    stage.sittings = [await sit(visitor) for visitor in learners]


def _saving(sitting: Sitting) -> Act:
    turn = itertools.cycle(range(1, content.QUESTIONS + 1))

    async def act() -> bool:
        await sitting.save(next(turn))
        return True

    return act


async def _save(stage: Stage, seconds: float) -> Tally:
    acts = [_saving(sitting) for sitting in stage.sittings]
    tally = await drive(stage.client, acts, seconds)
    tally.figures["commits"] = stage.commits
    return tally


async def _count_commits(stage: Stage) -> None:
    """Write transactions of a save: the median of single ones, while nobody else is there."""
    await _open_sittings(stage)
    found = []
    for turn in range(COUNTED):
        log, before = stage.database.writes(stage.url)
        await stage.sittings[0].save(1 + turn % content.QUESTIONS)
        now, after = stage.database.writes(stage.url)
        if now == log:  # else SQLite has begun its log anew
            found.append(after - before)
    stage.commits = median(found)


async def _hand_in_and_check(stage: Stage, tally: Tally) -> None:
    for sitting in stage.sittings:
        if sitting.score is None:
            await sitting.hand_in()
    tally.errors += _faults_of_scores(stage, stage.sittings)


# ── Whole attempts ───────────────────────────────────────────────────────────────────────────


async def _nobody_yet(stage: Stage) -> None:
    await _hand_in_everything(stage)
    stage.sittings = []


def _whole(*, every_page: bool) -> Run:
    """Start, twenty saves, hand in, look at the result. A browser also loads each question's page
    and the review; without them it is what the saves themselves cost."""

    async def run(stage: Stage, seconds: float) -> Tally:
        turn = _turns(await stage.learners(stage.crowd))

        async def act() -> bool:
            sitting = await sit(next(turn))
            for number in range(1, content.QUESTIONS + 1):
                if every_page and number > 1:
                    await sitting.look(number)
                await sitting.save(number)
            if every_page:
                await sitting.review()
            await sitting.hand_in()
            stage.sittings.append(sitting)
            return True

        return await drive(stage.client, [act] * stage.together(SITTING), seconds)

    return run


def _turns(learners: list[Visitor]) -> Iterator[Visitor]:
    """Everybody in turn, so that nobody has many attempts; never one twice at a time."""
    return itertools.cycle(learners)


# ── Everybody at once ────────────────────────────────────────────────────────────────────────


def _arrivals(count: int, span: float, seed: int) -> list[float]:
    random = Random(seed)
    return sorted(random.uniform(0, span) for _ in range(count))


async def _start_together(stage: Stage, seconds: float) -> Tally:
    """Everybody presses the button within ten seconds, and sees the first question."""
    learners = await stage.learners(stage.crowd)
    span = min(START_SPAN, seconds * 3)

    def act_of(visitor: Visitor) -> Act:
        async def act() -> bool:
            stage.sittings.append(await sit(visitor))
            return True

        return act

    times = _arrivals(len(learners), span, stage.round)
    acts = [act_of(visitor) for visitor in learners]
    return await drive_at(stage.client, list(zip(times, acts, strict=True)))


async def _one_attempt_each(stage: Stage, tally: Tally) -> None:
    numbers = [visitor.number for visitor in await stage.learners(stage.crowd)]
    with stage.rows() as session:
        rows = session.execute(
            select(Attempt.person_id, Attempt.uuid).where(
                Attempt.person_id.in_(numbers), Attempt.submitted_at.is_(None)
            )
        ).all()
    found = sorted((number, uuid) for number, uuid in rows)
    wanted = sorted((sitting.visitor.number, sitting.uuid) for sitting in stage.sittings)
    if found != wanted or len({number for number, _ in found}) != len(numbers):
        tally.errors.append(f"{len(found)} open attempts of {len(numbers)} learners")


async def _everybody_sits(stage: Stage) -> None:
    await _nobody_yet(stage)
    waiting = iter(await stage.learners(stage.crowd))

    async def start() -> None:
        for visitor in waiting:
            stage.sittings.append(await sit(visitor, look=False))

    await asyncio.gather(*(start() for _ in range(stage.together(SITTING))))


async def _hand_in_together(stage: Stage, seconds: float) -> Tally:
    """The deadline: everybody saves a last answer, hands in and looks at the result."""

    def act_of(sitting: Sitting) -> Act:
        async def act() -> bool:
            await sitting.save(1 + sitting.visitor.number % content.QUESTIONS)
            await sitting.hand_in()
            return True

        return act

    times = _arrivals(len(stage.sittings), min(RUSH_SPAN, seconds), stage.round)
    acts = [act_of(sitting) for sitting in stage.sittings]
    return await drive_at(stage.client, list(zip(times, acts, strict=True)))


async def _save_beside_sign_ins(stage: Stage, seconds: float) -> Tally:
    """A steady stream of saves, and of people who sign in."""
    people = stage.site.office.people
    saves = [_saving(sitting) for sitting in stage.sittings]

    def signing_in(number: int) -> Act:
        async def act() -> bool:
            await Visitor(number, stage.client).sign_in()
            return True

        return act

    acts = [(n / SAVES, saves[n % len(saves)]) for n in range(int(seconds * SAVES))]
    first = people - stage.round * 89
    acts += [
        (n / SIGN_INS, signing_in(1 + (first - n) % people)) for n in range(int(seconds * SIGN_INS))
    ]
    tally = await drive_at(stage.client, acts)
    tally.figures["sign_ins_s"] = len(tally.seconds.get("sign in", ())) / tally.took
    return tally


SCENARIOS = (
    Scenario(
        "save", "save an answer", "saved, its number, the choice; the score", "save",
        "learning.answer", _save, before=_count_commits, after=_hand_in_and_check,
    ),
    Scenario(
        "attempt", "whole attempt, saves only", "every save; the score", "save",
        "learning.answer", _whole(every_page=False), clients=SITTING, before=_nobody_yet,
        after=_hand_in_and_check,
    ),
    Scenario(
        "attempt-pages", "whole attempt, every page", "every page and save; the score", "save",
        "learning.answer", _whole(every_page=True), clients=SITTING, before=_nobody_yet,
        after=_hand_in_and_check,
    ),
    Scenario(
        "start", "synchronised start", "the first question; one attempt each", "start",
        "learning.start", _start_together, clients=500, crowd=True, before=_nobody_yet,
        after=_one_attempt_each, warm=False,
    ),
    Scenario(
        "rush", "deadline rush", "in time, the score", "submit", "learning.submit",
        _hand_in_together, clients=500, crowd=True, warm=False, before=_everybody_sits,
        after=_hand_in_and_check,
    ),
    Scenario(
        "storm", "saves while people sign in", "every save; own name", "save",
        "learning.answer", _save_beside_sign_ins, before=_open_sittings, after=_hand_in_and_check,
    ),
)  # fmt: skip
