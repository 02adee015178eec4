"""What a result says beyond its score: competencies, and what was learned since the pre-test."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from flask_babel import gettext

from lms.competencies.queries import competencies_by_code, name_of
from lms.core import i18n
from lms.courses.queries import Part
from lms.learning import queries
from lms.learning.queries import Learning
from lms.quizzes import queries as quizzes
from lms.quizzes import rules
from lms.quizzes.rules import Shown

if TYPE_CHECKING:
    from lms.quizzes.models import Attempt


@dataclass(frozen=True)
class Gain:
    """A post-test beside its pre-test, in percent. `share` is of what could still be gained; None
    where nothing could."""

    pretest: Part
    part: Part
    before: Decimal
    after: Decimal
    share: Decimal | None


def gain_of(learning: Learning, part: Part, after: Decimal) -> Gain | None:
    """What was learned since the pre-test, whose first attempt counts; None without one, or where
    the learner may not see its score."""
    pretest = next((p for p in learning.outline.parts if p.key == part.pretest), None)
    if pretest is None or pretest.key not in learning.first_scores:
        return None
    if Shown.MARKS not in queries.shown_of(learning, pretest):
        return None
    before = learning.first_scores[pretest.key]
    return Gain(pretest, part, before, after, rules.normalised_gain(before, after))


def gains_of(learning: Learning) -> list[Gain]:
    """Of every post-test whose score the learner may see."""
    scores = queries.shown_scores(learning)
    found = [
        gain_of(learning, part, scores[part.key])
        for part in learning.outline.parts
        if part.key in scores
    ]
    return [gain for gain in found if gain is not None]


@dataclass(frozen=True)
class CompetencyBar:
    """The score of the questions of a competency, beside that in the pre-test if there is one."""

    name: str
    percent: Decimal
    before: Decimal | None


def competency_bars(attempt: "Attempt", gain: Gain | None) -> list[CompetencyBar]:
    """By code, for the tags that are codes of competencies."""
    after = quizzes.tag_percents(attempt)
    known = competencies_by_code() if after else {}
    before = _before(attempt, gain) if known.keys() & after.keys() and gain else {}
    return [
        CompetencyBar(name_of(known[code]), after[code], before.get(code))
        for code in sorted(known.keys() & after.keys())
    ]


def _before(attempt: "Attempt", gain: Gain) -> dict[str, Decimal]:
    taken = quizzes.attempts_of(attempt.holder, gain.pretest.key)
    return quizzes.tag_percents(next(a for a in taken if a.graded_at and not a.voided_at))


def words(gain: Gain) -> str:
    """What happened to the score, in one sentence."""
    difference = gain.after - gain.before
    if gain.share is None:
        return gettext("Pre-test sudah 100; tidak ada yang perlu ditambah.")
    if difference > 0:
        share = (gain.share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return gettext(
            "Naik %(points)s poin, yaitu %(share)s persen dari yang masih dapat dinaikkan.",
            points=i18n.points(difference),
            share=i18n.points(share),
        )
    if difference < 0:
        return gettext("Turun %(points)s poin.", points=i18n.points(-difference))
    return gettext("Nilainya tetap.")


def lesson_links(learning: Learning, tags: tuple[str, ...]) -> list[dict[str, object]]:
    """The lessons that explain a question: its tags "lesson.KEY", of this version of the course."""
    keys = {tag.removeprefix("lesson.") for tag in tags if tag.startswith("lesson.")}
    return [
        {"key": part.key, "title": part.title, "minutes": part.minutes}
        for part in learning.outline.parts
        if part.key in keys
    ]
