"""What happens to claims. Only an approved one stands in the ledgers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext

from lms.accounts.models import Person
from lms.accounts.queries import post_of
from lms.accounts.queries.delegations import named, signs_as
from lms.accounts.queries.team import on_behalf
from lms.competencies import actions as ledgers
from lms.competencies.models import Competency
from lms.competencies.rules import EvidenceKind
from lms.core import audit, clock
from lms.core.access import Actor, Delegated
from lms.core.db import db, lock_row
from lms.core.errors import DomainError
from lms.development import queries, rules
from lms.development.models import ClaimEvent, EvidenceClaim
from lms.development.queries import Form
from lms.development.rules import ClaimAct, ClaimFault, ClaimKind, ClaimState
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind


@dataclass(frozen=True)
class Document:
    """A file that is kept already. `kind` is pdf, jpg or png, by its content; `size` in bytes."""

    digest: str
    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class Claimed:
    """What a person enters. `competency` and `level` come together, or neither."""

    kind: ClaimKind
    title: str
    organiser: str
    number: str | None
    started_on: date
    ended_on: date
    valid_until: date | None
    form: str
    quantity: Decimal
    abroad: bool
    competency: Competency | None
    level: int | None


def submit_claim(actor: Actor, uuid: UUID, claimed: Claimed, document: Document) -> EvidenceClaim:
    """Enter a claim. `uuid` was made with the form, so that the same form sent twice is one claim.

    Raises DomainError, beside its field, for what cannot be.
    """
    person = db.session.get_one(Person, actor.person_id)
    lock_row(person)
    if queries.is_taken(uuid):
        return queries.own_claim(actor, uuid)
    _check(actor, claimed)
    claim = EvidenceClaim(
        uuid=uuid,
        person_id=person.id,
        **vars(claimed),
        **_document(document),
        state=_first_state(actor),
        waiting_since=clock.now(),
    )
    db.session.add(claim)
    db.session.flush()
    _note(actor, claim, ClaimAct.SUBMITTED)
    audit.record(actor, "development.claim_submitted", "evidence_claim", claim.uuid)
    return claim


def change_claim(
    actor: Actor, claim: EvidenceClaim, claimed: Claimed, document: Document | None
) -> None:
    """Enter it anew: a returned claim, or one that nobody has verified yet. Without a document the
    one of before stays. It goes the whole way again."""
    lock_row(claim)
    if claim.state not in rules.CHANGEABLE:
        raise DomainError(gettext("Klaim ini sudah diverifikasi dan tidak dapat diubah lagi"))
    _check(actor, claimed)
    values = {**vars(claimed), **(_document(document) if document else {})}
    for name, value in values.items():
        setattr(claim, name, value)
    claim.state, claim.waiting_since = _first_state(actor), clock.now()
    _note(actor, claim, ClaimAct.CHANGED)
    audit.record(actor, "development.claim_changed", "evidence_claim", claim.uuid)


def withdraw_claim(actor: Actor, claim: EvidenceClaim) -> None:
    """Take back one's own claim; nothing when that was done already."""
    lock_row(claim)
    if claim.state is ClaimState.WITHDRAWN:
        return
    if claim.state is ClaimState.APPROVED:
        raise DomainError(gettext("Klaim ini sudah disetujui dan tercatat"))
    claim.state = ClaimState.WITHDRAWN
    _note(actor, claim, ClaimAct.WITHDRAWN)
    audit.record(actor, "development.claim_withdrawn", "evidence_claim", claim.uuid)


def endorse_claim(actor: Actor, claim: EvidenceClaim) -> bool:
    """The superior vouches for it: it waits for HR. False where that was done already."""
    lock_row(claim)
    if claim.state is not ClaimState.SUBMITTED:
        return False
    claim.state, claim.waiting_since = ClaimState.ENDORSED, clock.now()
    given = on_behalf(actor, [claim.person_id]).get(claim.person_id)
    _note(actor, claim, ClaimAct.ENDORSED, given=given)
    audit.record(actor, "development.claim_endorsed", "evidence_claim", claim.uuid, **named(given))
    return True


def approve_claim(actor: Actor, claim: EvidenceClaim) -> bool:
    """HR accepts it: evidence and hours are written, the person is told. False where it does not
    wait for HR (any more).

    Raises DomainError where the month has no room left for its form, and for whoever verified it as
    the superior: two people look at every claim.
    """
    lock_row(claim)
    if claim.state is not ClaimState.ENDORSED:
        return False
    if queries.endorsed_by(claim) == actor.person_id:
        raise DomainError(
            gettext("Anda sudah memverifikasinya sebagai atasan; yang menyetujui harus orang lain.")
        )
    claim.state = ClaimState.APPROVED
    _record(claim)
    _note(actor, claim, ClaimAct.APPROVED)
    audit.record(actor, "development.claim_approved", "evidence_claim", claim.uuid)
    _tell(claim, NotificationKind.CLAIM_APPROVED)
    return True


def return_claim(actor: Actor, claim: EvidenceClaim, *, waits_in: ClaimState, reason: str) -> None:
    """Back to the person, from whom it waits for in a state. Raises DomainError without a reason,
    or where it does not wait there (any more)."""
    lock_row(claim)
    if not reason:
        raise DomainError(gettext("Isi alasan."), "reason")
    if claim.state is not waits_in:
        raise DomainError(gettext("Klaim ini tidak sedang menunggu Anda"))
    claim.state, claim.waiting_since = ClaimState.RETURNED, clock.now()
    given = None
    if waits_in is ClaimState.SUBMITTED:  # as the superior, not as HR
        given = on_behalf(actor, [claim.person_id]).get(claim.person_id)
    _note(actor, claim, ClaimAct.RETURNED, reason=reason, given=given)
    audit.record(
        actor, "development.claim_returned", "evidence_claim", claim.uuid,
        reason=reason, **named(given),
    )  # fmt: skip
    _tell(claim, NotificationKind.CLAIM_RETURNED, reason=reason)


def verify_many(
    actor: Actor,
    uuids: Sequence[UUID],
    load: Callable[[Actor, UUID], EvidenceClaim],
    act: Callable[[Actor, EvidenceClaim], bool],
) -> int:
    """The same act on several claims, all or none; how many it changed. In the order of their ids,
    so that two who verify the same do not wait for each other."""
    claims = sorted((load(actor, uuid) for uuid in set(uuids)), key=lambda claim: claim.id)
    return sum(act(actor, claim) for claim in claims)


def _first_state(actor: Actor) -> ClaimState:
    today = clock.today(actor.time_zone)
    return rules.first_state(has_superior=queries.has_superior(actor.person_id, today))


def _document(document: Document) -> dict[str, object]:
    return {f"document_{name}": value for name, value in vars(document).items()}


def _record(claim: EvidenceClaim) -> None:
    noon = datetime.combine(claim.ended_on, time(5), UTC)  # the same day in every Indonesian zone
    post = post_of(claim.person_id, noon)
    if claim.competency is not None and claim.level is not None:
        ledgers.record_evidence(
            claim.person,
            claim.competency,
            kind=EvidenceKind(claim.kind),
            level=claim.level,
            score=None,
            title=claim.title,
            source_uuid=claim.uuid,
            earned_on=claim.ended_on,
            post=post,
            valid_until=claim.valid_until,
        )
    form = _form(claim.form, claim.ended_on)
    hours = rules.hours(form.rule, claim.quantity, abroad=claim.abroad)
    _check_month(claim, form, hours)
    if hours:
        ledgers.record_hours(
            claim.person,
            form=claim.form,
            hours=hours,
            title=claim.title,
            source_uuid=claim.uuid,
            earned_on=claim.ended_on,
            post=post,
            days=(claim.ended_on - claim.started_on).days + 1,
        )


def _check_month(claim: EvidenceClaim, form: Form, hours: Decimal) -> None:
    if form.rule.times is None or form.rule.jp is None:
        return
    most = rules.hours(form.rule, Decimal(form.rule.times), abroad=claim.abroad)
    if queries.hours_in_month(claim.person_id, claim.form, claim.ended_on) + hours > most:
        raise DomainError(
            gettext(
                "“%(title)s”: bentuk ini paling banyak %(num)s kali sebulan, dan bulan itu sudah "
                "penuh. Kembalikan dengan alasan",
                title=claim.title,
                num=form.rule.times,
            )
        )


def _form(code: str, day: date) -> Form:
    form = queries.forms_on(day).get(code)
    if form is None:
        raise DomainError(gettext("Bentuk ini tidak berlaku pada tanggal itu"), "form")
    return form


def _check(actor: Actor, claimed: Claimed) -> None:
    today = clock.today(actor.time_zone)
    fault = rules.fault_of_days(claimed.started_on, claimed.ended_on, claimed.valid_until, today)
    if fault is not None:
        _refuse(fault)
    form = _form(claimed.form, claimed.ended_on)
    days = (claimed.ended_on - claimed.started_on).days + 1
    fault = rules.fault_of_quantity(form.rule, claimed.quantity, days)
    if fault is not None:
        _refuse(fault)


def _refuse(fault: ClaimFault) -> None:
    match fault:
        case ClaimFault.ENDS_BEFORE_START:
            raise DomainError(gettext("Tanggal selesai sebelum tanggal mulai"), "ended_on")
        case ClaimFault.IN_THE_FUTURE:
            raise DomainError(gettext("Kegiatan ini belum selesai"), "ended_on")
        case ClaimFault.OVER_BEFORE_IT_BEGAN:
            raise DomainError(
                gettext("Masa berlaku berakhir sebelum kegiatan selesai"), "valid_until"
            )
        case ClaimFault.TOO_MANY_DAYS:
            raise DomainError(gettext("Lebih banyak daripada hari kegiatannya"), "quantity")
        case ClaimFault.NOT_WHOLE:
            raise DomainError(gettext("Isi bilangan bulat untuk bentuk ini"), "quantity")
        case ClaimFault.TOO_OFTEN:
            raise DomainError(gettext("Lebih sering daripada yang dihitung sebulan"), "quantity")


def _note(
    actor: Actor, claim: EvidenceClaim, act: ClaimAct,
    *, reason: str | None = None, given: Delegated | None = None,
) -> None:  # fmt: skip
    db.session.add(
        ClaimEvent(
            claim_id=claim.id, act=act, by_id=actor.person_id,
            by_as=signs_as(given) if given else None, at=clock.now(), reason=reason,
        )
    )  # fmt: skip
    db.session.flush()


def _tell(claim: EvidenceClaim, kind: NotificationKind, **values: str) -> None:
    notify(claim.person_id, kind, url=f"/claims/{claim.uuid}", title=claim.title, **values)
