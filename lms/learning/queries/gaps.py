"""What a person has yet to reach, in the order in which to begin, with the courses that help."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from lms.competencies import rules
from lms.competencies.queries import Profile, ProfileLine
from lms.courses.queries import OutcomeView, catalogue
from lms.courses.queries.catalogue import Entry

MOST = 3  # courses shown with a gap
_NO_COURSE = Decimal(10_000)  # hours (JP): sorts after every course


@dataclass(frozen=True)
class OpenGap:
    """A gap with the courses that close some of it: those one owes first, then the shortest."""

    line: ProfileLine
    courses: tuple[tuple[Entry, OutcomeView], ...]
    is_owed: bool

    @property
    def effort(self) -> Decimal:
        return self.courses[0][0].jp if self.courses else _NO_COURSE


def open_gaps(profile: Profile, owed: Collection[str], taken: Collection[int]) -> list[OpenGap]:
    """The largest gap first; among equals what a duty asks for, then the least effort. `owed` are
    slugs of courses that must be completed, `taken` ids of courses that would add nothing."""
    index = catalogue.current(profile.dictionary)
    found = []
    for line in profile.gaps:
        courses = [
            (entry, outcome)
            for entry, outcome in index.by_competency.get(line.code, ())
            if entry.course_id not in taken
            and rules.closes(line.level, line.required, outcome.level_from, outcome.level_to)
        ]
        courses.sort(key=lambda pair: pair[0].slug not in owed)  # keeps the shortest first
        is_owed = bool(courses) and courses[0][0].slug in owed
        found.append(OpenGap(line, tuple(courses[:MOST]), is_owed))
    return sorted(
        found, key=lambda gap: (-gap.line.gap, not gap.is_owed, gap.effort, gap.line.code)
    )
