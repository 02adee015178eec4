"""Many learners in an examination at the same time (in full two hundred): every answer that the
server said it had is there, and is the one that its learner gave last."""

import random

from tests.faults.conftest import SetStage
from tests.faults.dose import DOSE
from tests.faults.learner import Crowd, Learner

SLUG, QUIZ, QUESTIONS = "kursus-1", "kuis-1", 2


def test_many_attempts_at_once_are_stored_as_given(set_stage: SetStage) -> None:
    stage = set_stage(course_count=1, people_count=DOSE.crowd)
    stage.start()
    learners = [stage.stranger(number) for number in range(DOSE.crowd)]

    def arrive(learner: Learner) -> None:
        learner.sign_in()
        learner.enrol(SLUG)

    def sit(learner: Learner) -> None:
        chance = random.Random(learner.nip)
        attempt = learner.start(SLUG, QUIZ)
        for number in range(1, QUESTIONS + 1):
            right, wrong = learner.options(attempt, number)
            for seq in range(1, chance.randint(2, 4)):
                learner.save(attempt, number, [chance.choice(right + wrong)], seq)
        learner.submit(attempt)

    for work in (arrive, sit):
        with Crowd(learners, work) as crowd:
            crowd.join()
    acts = stage.acts()
    assert sum(act.kind == "submit" and act.acknowledged is not None for act in acts) == DOSE.crowd
    turned_away = [(each.nip, each.refusals, each.cuts) for each in learners]
    assert not [each for each in turned_away if each[1] or each[2]]
    assert not stage.unhandled()
    stage.check()
