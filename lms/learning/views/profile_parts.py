"""What one's own profile and that of a member of the team draw alike."""

from datetime import date
from typing import Any

from lms.competencies import queries as competencies
from lms.competencies.queries import Profile, ProfileLine
from lms.competencies.radar import AXES, radar
from lms.competencies.rules import CompetencyKind
from lms.learning import queries


def drawn(profile: Profile, day: date) -> dict[str, Any]:
    """The radar with its lines, and the Job Person Match with its category."""
    axes = _axes(profile)
    match = profile.match
    return {
        "axes": axes,
        "radar": radar([(line.name, line.level, line.required) for line in axes]),
        "category": competencies.category_of(match, day) if match is not None else None,
    }


def _axes(profile: Profile) -> list[ProfileLine]:
    """All that the standard requires while they fit, else the managerial ones of it."""
    required = sorted((line for line in profile.lines if line.required), key=lambda line: line.code)
    if len(required) not in AXES:
        required = [line for line in required if line.kind is CompetencyKind.MANAGERIAL]
    return required


def explained(profile: Profile) -> dict[str, Any]:
    """Where the evidence of a course leads to: its slug by the source."""
    sources = [entry.source_uuid for line in profile.lines for entry in line.evidence]
    return {"slugs": queries.completion_slugs(sources) if sources else {}}
