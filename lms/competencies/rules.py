"""Pure decisions about evidence, levels and gaps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Proof:
    """One ledger entry as the rating rule sees it."""

    entry_id: int
    level: int
    standing: EvidenceStanding
    reverses_id: int | None = None


def level_of(entries: Iterable[Proof]) -> tuple[int, int | None]:
    """The level that the entries of one competency give, and the entry that decides it.

    The highest proving entry that was not reversed wins, the latest among equals; (0, None) means
    not measured yet, which is not the same as level 0.
    """
    entries = list(entries)
    reversed_ids = {e.reverses_id for e in entries if e.reverses_id is not None}
    proofs = [
        e
        for e in entries
        if e.standing is EvidenceStanding.PROVES
        and e.reverses_id is None
        and e.entry_id not in reversed_ids
    ]
    best = max(proofs, key=lambda e: (e.level, e.entry_id), default=None)
    return (best.level, best.entry_id) if best else (0, None)


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


def history(entries: Iterable[Proof]) -> list[tuple[int, int, int]]:
    """How a level came about: (entry that was written, level since then, level before), of every
    entry that changed it; in the order in which they were written."""
    steps: list[tuple[int, int, int]] = []
    written: list[Proof] = []
    level = 0
    for entry in entries:
        written.append(entry)
        now, _ = level_of(written)
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
