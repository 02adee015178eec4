"""Certificates of the people within the reach of HR."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from lms.accounts import rules as people
from lms.accounts.models import Person
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import db
from lms.core.errors import NotFound
from lms.credentials import rules
from lms.credentials.models import Certificate
from lms.credentials.queries import (
    BY_UUID,
    REVOCATION,
    SUCCESSOR,
    VIEWS,
    CertificateView,
    reaches,
    soon,
    within_reach,
)

PAGE = 25
BATCH = 1000
MOST_WORDS = 6


class Narrowed(StrEnum):
    """What the list can be narrowed to."""

    VALID = "valid"
    EXPIRING = "expiring"  # valid, and not for long
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Held:
    """A certificate and who holds it."""

    certificate: CertificateView
    name: str
    nip: str
    uuid: UUID  # of the person
    is_own: bool


_NOT_REVOKED, _NOT_REPLACED = REVOCATION.id.is_(None), SUCCESSOR.id.is_(None)


def _is(state: Narrowed, day: date) -> ColumnElement[bool]:
    """SQL condition on the columns of VIEWS, as `rules.state_of` decides."""
    stands, until = and_(_NOT_REVOKED, _NOT_REPLACED), Certificate.valid_until
    match state:
        case Narrowed.VALID:
            return and_(stands, or_(until.is_(None), until >= day))
        case Narrowed.EXPIRING:
            return and_(stands, until >= day, until <= soon(day))
        case Narrowed.EXPIRED:
            return and_(stands, until < day)
        case Narrowed.REVOKED:
            return ~_NOT_REVOKED
        case Narrowed.SUPERSEDED:
            return and_(_NOT_REVOKED, ~_NOT_REPLACED)


def _matches(search: str) -> list[ColumnElement[bool]]:
    code = rules.tidy_code(search)
    if code:  # a name may read as one too: codes drop blanks and take letters for digits
        return [or_(Certificate.code == code, and_(*_by_words(search)))]
    if people.begins_a_nip(search):
        begun = people.tidy_nip(search)
        # A range of digits is one of the index, in whatever order the database sorts signs.
        nip = and_(Person.nip >= begun.ljust(18, "0"), Person.nip <= begun.ljust(18, "9"))
        return [or_(nip, Certificate.number.contains(search, autoescape=True))]
    return _by_words(search)


def _by_words(search: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            func.lower(Person.name).contains(word, autoescape=True),
            func.lower(Certificate.number).contains(word, autoescape=True),
        )
        for word in search.lower().split()[:MOST_WORDS]
    ]


def certificates_within(
    actor: Actor, *, search: str = "", state: Narrowed | None = None, before: int | None = None
) -> tuple[list[Held], bool]:
    """One page, the latest issued first, those with an id below `before`; and whether there are
    more. `search`: words of a name or number, a NIP, or the code on the paper."""
    query = _found(actor, search, state)
    if before is not None:
        query = query.where(Certificate.id < before)
    rows = db.session.execute(query.limit(PAGE + 1)).all()
    return [_held(actor, row) for row in rows[:PAGE]], len(rows) > PAGE


def all_within(actor: Actor, *, search: str = "", state: Narrowed | None = None) -> Iterator[Held]:
    """All of them in batches, so that memory stays flat. Needs the transaction to stay open until
    the last one."""
    query = _found(actor, search, state).execution_options(yield_per=BATCH)
    for row in db.session.execute(query):
        yield _held(actor, row)


def _found(actor: Actor, search: str, state: Narrowed | None) -> Select[*tuple[Any, ...]]:
    query = (
        VIEWS.add_columns(Person.name.label("holder"), Person.nip, Person.uuid.label("holder_uuid"))
        .join(Person, Certificate.person_id == Person.id)
        .where(within_reach(actor), *_matches(search))
    )
    if state is not None:
        query = query.where(_is(state, clock.today(actor.time_zone)))
    return query.order_by(Certificate.id.desc())


def _held(actor: Actor, row: Any) -> Held:
    *values, name, nip, uuid = row
    view = CertificateView(*values)
    return Held(view, name, nip, uuid, is_own=view.person_id == actor.person_id)


def managed_certificate(actor: Actor, uuid: UUID) -> tuple[Certificate, CertificateView]:
    """For acts. Raises NotFound for who is out of reach, and for one's own: nobody decides over
    herself."""
    found = db.session.scalar(select(Certificate).where(Certificate.uuid == uuid))
    if found is None or found.person_id == actor.person_id or not reaches(actor, found.person_id):
        raise NotFound
    row = db.session.execute(BY_UUID, {"uuid": uuid}).one()
    return found, CertificateView(*row)
