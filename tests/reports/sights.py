"""What the tests of HR's units share: who sees which units, their figures, who proves what."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from lms.accounts.actions import placements
from lms.accounts.models import Position
from lms.accounts.queries import post_of
from lms.accounts.rules import PlacementStanding
from lms.competencies import actions as competencies
from lms.competencies.queries import competencies_by_code
from lms.competencies.rules import EvidenceKind
from lms.core import clock
from lms.core.db import db, new_uuid, transaction
from lms.reports.queries import units
from tests.cast import PEOPLE, Cast
from tests.learning.assigning import actor_of
from tests.queries import inside

NAMES = {name: full for name, _nip, full, *_ in PEOPLE}
OF_A = {"agency_head", "head", "learner", "colleague"}
OF_B = {"other_head", "stranger", "mover"}


def uuid_of(app: Flask, cast: Cast, unit: str) -> str:
    return str(inside(app, cast.unit, unit).uuid)


def look(cast: Cast, by: str = "hr", unit: str | None = None) -> units.Sight:
    return units.sight_of(actor_of(cast, by), cast.unit(unit).uuid if unit else None)


def figures(sight: units.Sight) -> dict[str, tuple[int, int, int, int]]:
    """By the name of the row: people, under their target, courses to complete, people late."""
    rows = {("= " if row.direct else "") + row.name: f for row, f in units.overview(sight).rows}
    return {name: (f.people, f.under_target, f.duties.all, f.late) for name, f in rows.items()}


def act_in(cast: Cast, name: str, unit: str) -> None:
    """An acting placement beside the definitive one."""
    with transaction():
        position = db.session.scalars(select(Position).order_by(Position.id)).first()
        assert position is not None
        placements.place_person(
            cast.person(name), cast.unit(unit), position, standing=PlacementStanding.ACTING,
            start_on=clock.today("Asia/Jakarta") - timedelta(days=3),
        )  # fmt: skip


def prove(cast: Cast, name: str, levels: dict[str, int]) -> None:
    with transaction():
        person, known = cast.person(name), competencies_by_code()
        for code, level in levels.items():
            competencies.record_evidence(
                person, known[code], kind=EvidenceKind.ASSESSMENT, level=level, score=None,
                title="Asesmen", source_uuid=new_uuid(), earned_on=clock.today("Asia/Jakarta"),
                post=post_of(person.id),
            )  # fmt: skip
