"""`kill -9` in the middle of saves, submissions and completions: nothing acknowledged is lost,
nothing is there twice, and the site comes back by itself."""

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress

from tests.faults import ledger
from tests.faults.dose import DOSE, SLACK
from tests.faults.learner import Crowd
from tests.faults.ledger import Act
from tests.faults.site import Stage
from tests.running import Running, is_ready, until

BACK_WITHIN = 3.0 * SLACK  # seconds after the death of a worker
START_WITHIN = 10.0 * SLACK  # seconds after the death of everything
ACTS_BETWEEN = (20, 70)  # so that kills fall on every kind of act


def test_a_killed_worker_loses_nothing(stage: Stage) -> None:
    chance = random.Random(1)
    took: list[float] = []
    kills: list[float] = []
    with at_work(stage) as crowd:
        for _ in range(DOSE.worker_kills):
            crowd.work_on(chance.randint(*ACTS_BETWEEN))
            took.append(kill_a_worker(stage.site(), chance, kills))
    cuts = sum(len(learner.cuts) for learner in crowd.learners)
    acts = acts_of(crowd)
    report("worker", took, cuts, acts)
    stage.check()
    assert cuts > 0  # else nothing was under way
    assert not [act for act in acts if act.failures > kills_during(act, kills)]
    assert max(took) <= BACK_WITHIN


def test_a_kill_of_everything_loses_nothing(stage: Stage) -> None:
    chance = random.Random(2)
    took = []
    with at_work(stage) as crowd:
        for _ in range(DOSE.full_kills):
            crowd.work_on(chance.randint(*ACTS_BETWEEN))
            stage.site().kill_everything()
            took.append(stage.start())
    cuts = sum(len(learner.cuts) for learner in crowd.learners)
    report("everything", took, cuts, acts_of(crowd))
    stage.check()
    assert cuts > 0
    assert max(took) <= START_WITHIN


def at_work(stage: Stage) -> Crowd:
    slugs = stage.fresh(DOSE.courses)
    return Crowd(stage.learners(), lambda learner: learner.go_on(slugs))


def acts_of(crowd: Crowd) -> list[Act]:
    """What the learners of this crowd did, from their ledgers."""
    return [act for learner in crowd.learners for act in ledger.read(learner.ledger.path)]


def kill_a_worker(running: Running, chance: random.Random, kills: list[float]) -> float:
    """Seconds until a new one is there and the site answers. Notes when it was killed."""
    before = set(running.workers())
    victim = chance.choice(sorted(before))
    with suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    kills.append(time.time())
    is_back = lambda: bool(set(running.workers()) - before) and is_ready(running)  # noqa: E731
    return until(is_back, "a new worker", 20)


def kills_during(act: Act, kills: list[float]) -> int:
    """How many kills an act can have met. A line may be cut a moment after the kill."""
    begun = act.sent.timestamp() - 0.5
    ended = act.acknowledged.timestamp() if act.acknowledged else time.time()
    return sum(begun <= kill <= ended for kill in kills)


def report(what: str, took: list[float], cuts: int, acts: list[Act]) -> None:
    """The figures; `pytest -s` shows them."""
    kinds = Counter(act.kind for act in acts)
    print(  # noqa: T201
        f"\n{what}: {len(took)} kills, back after {max(took):.1f} s at most "
        f"({sum(took) / len(took):.1f} s on average), {cuts} requests cut, {dict(kinds)}"
    )
