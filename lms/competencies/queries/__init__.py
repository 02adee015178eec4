"""What is read of the record: levels against the standard, and what the match is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from lms.accounts.queries import Post
from lms.competencies import rules
from lms.competencies.models import Competency, CompetencyStandard, CompetencyState, MatchCategory
from lms.competencies.queries.dated import in_force
from lms.competencies.queries.evidence import (
    EvidenceLine,
    Step,
    deciding_of,
    entries_of,
    lines_of,
    stale_since,
    steps_of,
)
from lms.competencies.rules import CompetencyKind, RatingRule, Verdict
from lms.core import i18n
from lms.core.db import db, read


@dataclass(frozen=True)
class ProfileLine:
    """One competency: the level held (0 = not measured), the level required (0 = none), why."""

    code: str
    name: str
    kind: CompetencyKind
    level: int
    required: int
    gap: int
    needs_verification: bool
    evidence: tuple[EvidenceLine, ...]
    weight: int = 1
    stale_since: date | None = None  # the last day on which what decides the level was valid
    id: int = 0  # of the entry of the dictionary, and its UUID
    uuid: UUID | None = None
    rule: RatingRule = RatingRule.HIGHEST
    waits: bool = False  # for a change of the rule to be worked out; the evidence says more

    @property
    def deciding(self) -> EvidenceLine | None:
        return next((e for e in self.evidence if e.verdict is Verdict.DECIDES), None)


# Code, name and English name of every competency.
Dictionary = frozenset[tuple[str, str, str | None]]


@dataclass(frozen=True)
class Profile:
    """A person against the standard of the position held, the largest gap first; and the whole
    dictionary as it was read with it."""

    lines: tuple[ProfileLine, ...]
    dictionary: Dictionary = frozenset()
    steps: tuple[Step, ...] = ()  # the newest first

    @property
    def gaps(self) -> tuple[ProfileLine, ...]:
        return tuple(line for line in self.lines if line.gap)

    @property
    def met(self) -> tuple[ProfileLine, ...]:
        return tuple(line for line in self.lines if line.required and not line.gap)

    @property
    def extra(self) -> tuple[ProfileLine, ...]:
        """Held, but not required by the position."""
        return tuple(line for line in self.lines if not line.required)

    @property
    def strengths(self) -> tuple[ProfileLine, ...]:
        """Held above the standard, the most above first."""
        above = [line for line in self.met if line.level > line.required]
        return tuple(sorted(above, key=lambda line: (line.required - line.level, line.code)))

    @property
    def unmeasured(self) -> int:
        """Competencies of the standard without any proof yet."""
        return sum(1 for line in self.lines if line.required and not line.level)

    @property
    def match(self) -> Decimal | None:
        """Job Person Match in percent; None without a standard."""
        return rules.job_match((line.level, line.required, line.weight) for line in self.lines)

    @property
    def stale(self) -> tuple[ProfileLine, ...]:
        """Required, and held by evidence that is no longer valid: it counts until it is renewed."""
        return tuple(line for line in self.lines if line.required and line.stale_since)

    @property
    def required_count(self) -> int:
        return len(self.gaps) + len(self.met)

    @property
    def latest_on(self) -> date | None:
        return max((e.earned_on for line in self.lines for e in line.evidence), default=None)


# The dictionary with the person's level and the standard of the post. Of two standards for one
# competency the later row wins: the position's own before its tier's, the newer before the older.
_LEVELS = (
    select(
        Competency.code,
        Competency.name,
        Competency.name_en,
        Competency.kind,
        Competency.id,
        Competency.uuid,
        Competency.rating_rule,
        CompetencyState.level,
        CompetencyState.evidence_id,
        CompetencyStandard.required_level,
        CompetencyStandard.weight,
        CompetencyStandard.needs_verification,
    )
    .outerjoin(
        CompetencyState,
        and_(
            CompetencyState.competency_id == Competency.id,
            CompetencyState.person_id == bindparam("person_id"),
        ),
    )
    .outerjoin(
        CompetencyStandard,
        and_(
            CompetencyStandard.competency_id == Competency.id,
            or_(
                CompetencyStandard.position_id == bindparam("position_id"),
                CompetencyStandard.tier == bindparam("tier"),
            ),
            in_force(CompetencyStandard),
        ),
    )
    .order_by(CompetencyStandard.position_id.is_(None).desc(), CompetencyStandard.start_on)
)


def profile_of(person_id: int, post: Post | None, day: date) -> Profile:
    """The profile of a person on a day, with the evidence. Two queries, whatever its length."""
    return _profile(person_id, post, day, entries_of(person_id))


def levels_of(person_id: int, post: Post | None, day: date) -> Profile:
    """The same without the evidence, in one query."""
    return _profile(person_id, post, day, {})


def _profile(
    person_id: int, post: Post | None, day: date, evidence: Mapping[int, Sequence[Any]]
) -> Profile:
    rows = read(
        _LEVELS,
        person_id=person_id,
        position_id=post.position_id if post else None,
        tier=post.tier if post else None,
        day=day,
    ).all()
    lines, steps = [], list[Step]()
    for row in {row.id: row for row in rows}.values():
        entries = evidence.get(row.id, ())
        if row.level is None and row.required_level is None and not entries:
            continue
        level, required = row.level or 0, row.required_level or 0
        told = lines_of(entries, row.rating_rule, day)
        lines.append(
            ProfileLine(
                code=row.code,
                name=name_of(row),
                kind=row.kind,
                level=level,
                required=required,
                gap=rules.gap(level, required),
                needs_verification=bool(row.needs_verification),
                evidence=tuple(told.values()),
                weight=row.weight or 1,
                stale_since=stale_since(entries, row.evidence_id, day),
                id=row.id,
                uuid=row.uuid,
                rule=row.rating_rule,
                waits=bool(entries) and deciding_of(told) != row.evidence_id,
            )
        )
        steps += steps_of(name_of(row), entries, row.rating_rule)
    return Profile(
        tuple(sorted(lines, key=lambda line: (-line.gap, line.code))),
        frozenset((row.code, row.name, row.name_en) for row in rows),
        tuple(sorted(steps, key=lambda step: step.seq, reverse=True)),
    )


def name_of(competency: Any) -> str:
    """The name in the language of the page."""
    return str((competency.name_en if i18n.language() == "en" else None) or competency.name)


_CATEGORY = (
    select(
        MatchCategory.name, MatchCategory.name_en, MatchCategory.from_percent,
        MatchCategory.source, MatchCategory.needs_verification,
    )
    .where(in_force(MatchCategory), MatchCategory.from_percent <= bindparam("percent"))
    .order_by(MatchCategory.from_percent.desc(), MatchCategory.start_on.desc())
    .limit(1)
)  # fmt: skip


@dataclass(frozen=True)
class Category:
    """What a Job Person Match is called, and by whom."""

    name: str
    source: str
    needs_verification: bool


def category_of(percent: Decimal, day: date) -> Category | None:
    """The category of a Job Person Match on a day; None where none is in force."""
    row = read(_CATEGORY, percent=int(percent), day=day).first()  # thresholds are whole
    return Category(name_of(row), row.source, row.needs_verification) if row else None


def competencies_by_code() -> dict[str, Competency]:
    return {c.code: c for c in db.session.scalars(select(Competency))}
