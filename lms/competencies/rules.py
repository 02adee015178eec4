"""Pure decisions about evidence, levels and gaps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class CompetencyKind(StrEnum):
    """Kinds of competency (Permenpan-RB 38/2017; domain.md section 2)."""

    MANAGERIAL = "managerial"
    SOCIOCULTURAL = "sociocultural"
    TECHNICAL = "technical"


LEVELS = 5
CODE_MAX = 30
NAME_MAX = 120
TEXT_MAX = 2000
INDICATORS_MAX = 12  # of one level
REASON_MAX = 300
SOURCE_MAX = 200
WEIGHT_MAX = 100
CATEGORY_MAX = 60  # characters of the name of a category
FORM_CODE_MAX = 10  # of a form of development
HOURS_MAX = 1000  # JP of a year, or of one activity
_CODE = re.compile(r"[A-Z0-9]+([._-][A-Z0-9]+)*")


def is_code(written: str) -> bool:
    """Can it be the code of a competency: capitals and digits, joined by dots or dashes?"""
    return len(written) <= CODE_MAX and bool(_CODE.fullmatch(written))


def indicators(written: str) -> list[str]:
    """The indicators of a level, one a line, without bullets that were typed before them."""
    lines = (re.sub(r"^[-*•\u2013](\s+|$)", "", line.strip()) for line in written.splitlines())
    return [" ".join(line.split()) for line in lines if line]


class HourCategory(StrEnum):
    """Kinds of forms of development (domain.md section 1.2)."""

    EDUCATION = "education"
    CLASSICAL = "classical"
    NONCLASSICAL = "nonclassical"


class HourUnit(StrEnum):
    """What the hours of a form are counted by."""

    CURRICULUM = "curriculum"
    DAY = "day"
    TIME = "time"
    SEMESTER = "semester"


class EvidenceKind(StrEnum):
    """Where a piece of evidence comes from."""

    COURSE_COMPLETION = "course_completion"
    QUIZ_RESULT = "quiz_result"
    ASSESSMENT = "assessment"
    EXTERNAL_TRAINING = "external_training"
    CERTIFICATE = "certificate"
    OBSERVATION = "observation"


class EvidenceStanding(StrEnum):
    """Evidence *proves* a level, or only *supports* it and counts for nothing by itself."""

    PROVES = "proves"
    SUPPORTS = "supports"


def standing(level: int, proves_up_to: int, *, may_prove: bool = True) -> EvidenceStanding:
    """A kind of evidence proves levels up to a limit that HR sets; above it, it supports. Where it
    may not prove, it always supports."""
    proves = may_prove and level <= proves_up_to
    return EvidenceStanding.PROVES if proves else EvidenceStanding.SUPPORTS


class RatingRule(StrEnum):
    """Which of the evidence that proves a level decides it."""

    HIGHEST = "highest"
    LATEST = "latest"
    ASSESSOR = "assessor"  # an assessor's rating goes before all else


@dataclass(frozen=True)
class Proof:
    """One ledger entry as the rating rule sees it."""

    entry_id: int
    level: int
    standing: EvidenceStanding
    reverses_id: int | None = None
    earned_on: date = date.min
    by_assessor: bool = False


def level_of(entries: Iterable[Proof], rule: RatingRule) -> tuple[int, int | None]:
    """The level that the entries of one competency give, and the entry that decides it.

    Only entries that prove and were not reversed count. By `HIGHEST` the highest of them wins, the
    one written last among equals; by `LATEST` the one earned last, also when it is lower, and of
    one day the highest: a course and its quizzes are one act of learning. By `ASSESSOR` it is the
    latest rating by an assessor, of one day their last word, and where there is none the highest.
    (0, None) means not measured yet, which is not the same as level 0.
    """
    best = max(_standing(entries), key=lambda entry: _rank(entry, rule), default=None)
    return (best.level, best.entry_id) if best else (0, None)


def _standing(entries: Iterable[Proof]) -> list[Proof]:
    entries = list(entries)
    reversed_ids = {e.reverses_id for e in entries if e.reverses_id is not None}
    return [
        e
        for e in entries
        if e.standing is EvidenceStanding.PROVES
        and e.reverses_id is None
        and e.entry_id not in reversed_ids
    ]


def _rank(entry: Proof, rule: RatingRule) -> tuple[int, int, int, int]:
    day = entry.earned_on.toordinal()
    if rule is RatingRule.LATEST:
        return (0, day, entry.level, entry.entry_id)
    if rule is RatingRule.ASSESSOR and entry.by_assessor:
        return (1, day, 0, entry.entry_id)
    return (0, 0, entry.level, entry.entry_id)


class Verdict(StrEnum):
    """Why an entry decides the level, or does not."""

    DECIDES = "decides"
    LOWER = "lower"  # another proves a higher level
    REPLACED = "replaced"  # a later one proves the same level
    OLDER = "older"  # the rule asks for the latest, and another was earned later
    OUTRANKED = "outranked"  # an assessor's rating goes before it
    SUPPORTS = "supports"  # it proves nothing by itself
    TAKEN_BACK = "taken_back"
    TAKES_BACK = "takes_back"


def verdicts(entries: Iterable[Proof], rule: RatingRule) -> dict[int, Verdict]:
    """What each entry of one competency does to the level, by its id."""
    entries = list(entries)
    taken_back = {entry.reverses_id for entry in entries}
    deciding = level_of(entries, rule)[1]
    best = next((entry for entry in entries if entry.entry_id == deciding), None)
    found = {}
    for entry in entries:
        if entry.reverses_id is not None:
            found[entry.entry_id] = Verdict.TAKES_BACK
        elif entry.entry_id in taken_back:
            found[entry.entry_id] = Verdict.TAKEN_BACK
        elif best is None or entry.standing is EvidenceStanding.SUPPORTS:
            found[entry.entry_id] = Verdict.SUPPORTS
        else:
            found[entry.entry_id] = _verdict(entry, best, rule)
    return found


def _verdict(entry: Proof, best: Proof, rule: RatingRule) -> Verdict:
    if entry is best:
        return Verdict.DECIDES
    if rule is RatingRule.ASSESSOR and best.by_assessor and not entry.by_assessor:
        return Verdict.OUTRANKED
    if rule is RatingRule.LATEST and entry.earned_on < best.earned_on:
        return Verdict.OLDER
    if rule is RatingRule.ASSESSOR and entry.by_assessor:
        return Verdict.OLDER
    return Verdict.LOWER if entry.level < best.level else Verdict.REPLACED


def credited(hours: Decimal, daily_cap: Decimal | None, days: int) -> Decimal:
    """Hours that count of those of a curriculum, learnt on so many different days."""
    return hours if daily_cap is None else min(hours, daily_cap * max(1, days))


def gap(level: int, required: int) -> int:
    """Levels missing to the standard; 0 when it is met (domain.md section 3.1)."""
    return max(0, required - level)


def closes(level: int, required: int, level_from: int, level_to: int) -> int:
    """Levels of a gap that a course closes; 0 where it leads no higher than the level held, or
    begins above it. Whoever is not measured yet may take a course that begins at level 1."""
    if level_from > max(level, 1):
        return 0
    return max(0, min(level_to, required) - level)


def history(entries: Iterable[Proof], rule: RatingRule) -> list[tuple[int, int, int]]:
    """How a level came about by the rule of now: (entry that was written, level since then, level
    before), of every entry that changed it; in the order in which they were written."""
    steps: list[tuple[int, int, int]] = []
    written: list[Proof] = []
    level = 0
    for entry in entries:
        written.append(entry)
        now, _ = level_of(written, rule)
        if now != level:
            steps.append((entry.entry_id, now, level))
            level = now
    return steps


def job_match(lines: Iterable[tuple[int, int, int]]) -> Decimal | None:
    """Job Person Match in percent: the levels held over the levels required, each by its weight,
    of (level, required, weight); at most 100 (domain.md section 3.1). None without a standard.

    A level above the standard makes up for another below it, as the formula has it.
    """
    required = [(level, standard, weight) for level, standard, weight in lines if standard]
    total = sum(standard * weight for _, standard, weight in required)
    if not total:
        return None
    held = sum(level * weight for level, _, weight in required)
    percent = Decimal(100 * held) / Decimal(total)
    return min(Decimal(100), percent).quantize(Decimal("0.01"), ROUND_HALF_UP)
