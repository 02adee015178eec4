"""Many learners in an examination at the same time (in full two hundred): every answer that the
server said it had is there, and is the one that its learner gave last."""

import random
import threading

from tests.faults.conftest import SetStage
from tests.faults.dose import DOSE
from tests.faults.learner import Crowd, Learner

SLUG, QUIZ, QUESTIONS = "kursus-1", "kuis-1", 2


def test_many_attempts_at_once_are_stored_as_given(set_stage: SetStage) -> None:
    stage = set_stage(course_count=1, people_count=DOSE.crowd)
    stage.start()
    learners = [stage.stranger(number) for number in range(DOSE.crowd)]
    begin = threading.Barrier(DOSE.crowd, timeout=300)

    def sit(learner: Learner) -> None:
        chance = random.Random(learner.nip)
        learner.sign_in()
        learner.enrol(SLUG)
        begin.wait()
        attempt = learner.start(SLUG, QUIZ)
        for number in range(1, QUESTIONS + 1):
            right, wrong = learner.options(attempt, number)
            for seq in range(1, chance.randint(2, 4)):
                learner.save(attempt, number, [chance.choice(right + wrong)], seq)
        learner.submit(attempt)

    with Crowd(learners, sit) as crowd:
        crowd.join()
    acts = stage.acts()
    assert sum(act.kind == "submit" and act.acknowledged is not None for act in acts) == DOSE.crowd
    refusals = [status for learner in learners for status in learner.refusals]
    cuts = sum(len(learner.cuts) for learner in learners)
    print(f"\ncrowd: {len(acts)} acts, told to wait {len(refusals)} times, {cuts} cut")  # noqa: T201
    assert not stage.unhandled()
    stage.check()
