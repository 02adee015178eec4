"""What the quizzes of a completed course show of competencies, goal by goal."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from lms.accounts.queries import post_of
from lms.competencies import actions as competencies
from lms.competencies.queries import dictionary
from lms.competencies.queries.ledgers import evidence_of_source
from lms.competencies.rules import EvidenceKind
from lms.core.access import Actor
from lms.courses import queries as courses
from lms.courses.queries import GoalView, Part
from lms.formats.course_folder.goals import GOAL_TAG
from lms.learning import rules
from lms.learning.models import Completion
from lms.learning.rules import Achieved, GoalResult
from lms.quizzes import queries as quizzes
from lms.quizzes import rules as quiz_rules
from lms.quizzes.models import Attempt


def renew_quiz_evidence(
    actor: Actor | UUID | None, completion: Completion, *, reason: str = ""
) -> int:
    """Let the ledger say what the quizzes of a completed course show now; how many entries that
    took. Twice is once.

    Written first with the completion, in its transaction, and not with each attempt: until then
    another attempt may count in place of this one, and one that counts may be voided; and only
    what leads to a pass is evidence (a failed course is none). Called anew, with the reason, when
    an attempt of it was graded otherwise: what no longer follows is taken back by a
    reversing entry, and what follows now is added, dated as the completion. What it
    wrote goes with the completion: whatever takes that back takes these back too. The caller has
    locked the enrolment.

    Only quizzes with a weight count: without one they are practice or a pre-test.
    """
    outline = courses.outline(completion.version)
    goals = [goal for goal in courses.goals(completion.version) if goal.competency]
    parts = [part for part in outline.parts if part.weight] if goals else []
    return sum(_renew(actor, completion, part, goals, reason) for part in parts)


def _renew(
    actor: Actor | UUID | None,
    completion: Completion,
    part: Part,
    goals: Sequence[GoalView],
    reason: str,
) -> int:
    attempts = quizzes.attempts_of(completion.enrolment.uuid, part.key)
    source, shown = _shown(part, attempts, goals)
    wanted = {each.competency: each for each in shown}
    changed = 0
    for attempt in attempts:
        for entry in evidence_of_source(attempt.uuid):
            each = wanted.get(entry.competency.code)
            if attempt is source and each and (each.level, each.percent) == (
                entry.level, entry.score,
            ):  # fmt: skip
                del wanted[entry.competency.code]
            else:
                competencies.reverse_evidence(actor, entry, reason=reason)
                changed += 1
    for each in wanted.values():
        assert source is not None
        _record(completion, part, source, each)
    return changed + len(wanted)


def _record(completion: Completion, part: Part, source: Attempt, shown: Achieved) -> None:
    competency = dictionary.competency_by_code(shown.competency)
    assert competency is not None, "a published course names what the dictionary has"
    competencies.record_evidence(
        completion.person,
        competency,
        kind=EvidenceKind.QUIZ_RESULT,
        level=shown.level,
        score=shown.percent,
        title=f"{part.title}, {completion.version.title}",
        source_uuid=source.uuid,
        earned_on=completion.earned_on,
        post=post_of(completion.person_id, completion.completed_at),
        may_prove=shown.proves,
        part_of_uuid=completion.uuid,
    )


def _shown(
    part: Part, attempts: Sequence[Attempt], goals: Sequence[GoalView]
) -> tuple[Attempt | None, list[Achieved]]:
    """What the attempts that make the score of a quiz show, and the last of them. Of an average it
    is the average; a goal that they did not ask for is left out."""
    graded = [a for a in attempts if a.percent is not None and a.voided_at is None]
    places = quiz_rules.counting(part.grade_method, [a.percent or Decimal(0) for a in graded])
    counting = [graded[place] for place in places]
    if not counting:
        return None, []
    percents = [quizzes.tag_percents(attempt) for attempt in counting]
    results = []
    for goal in goals:
        tag = f"{GOAL_TAG}{goal.key}"
        told = [each[tag] for each in percents if tag in each]
        if told:
            mean = quiz_rules.round_percent(sum(told, Decimal(0)) / len(told))
            results.append(GoalResult(goal.competency, goal.level, goal.proves, goal.score, mean))
    return counting[-1], rules.achieved(results)
