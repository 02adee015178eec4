"""Reference data is dated: which row holds on a day."""

from sqlalchemy import ColumnElement, Date, and_, bindparam, or_

from lms.competencies.models import (
    CompetencyStandard,
    EvidenceRule,
    HourForm,
    HourTarget,
    MatchCategory,
)


def in_force(
    model: type[CompetencyStandard]
    | type[EvidenceRule]
    | type[HourTarget]
    | type[HourForm]
    | type[MatchCategory],
) -> ColumnElement[bool]:
    """SQL condition: the dated row covers the parameter `day`."""
    day = bindparam("day", type_=Date)
    return and_(model.start_on <= day, or_(model.end_on.is_(None), model.end_on >= day))
