"""Who is let into a course: its policy, requests and their answers, invitations."""

from collections.abc import Collection, Sequence
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import ColumnElement, delete

from lms.accounts.actions.reasons import checked_reason
from lms.accounts.models import Person, Position, Unit
from lms.accounts.queries import placed, post_of, within
from lms.accounts.rules import REASON_MAX, PositionKind, tidy_line
from lms.core import audit, clock, ledger
from lms.core.access import Actor
from lms.core.db import db, lock_row, new_uuid
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.courses.queries import current_version_of
from lms.learning import actions
from lms.learning.actions.entering import refusal_words
from lms.learning.models import Admission, CourseAudience, Enrolment, EnrolmentPolicy
from lms.learning.queries import entering
from lms.learning.rules import (
    AdmissionKind,
    AdmissionState,
    EnrolmentSource,
    EnrolmentWay,
    Entry,
)
from lms.notifications.actions import notify
from lms.notifications.rules import NotificationKind

MOST_DECIDED = 50  # a page of requests; each begins an enrolment
MOST_INVITED = 200


def set_policy(
    actor: Actor,
    course: Course,
    way: EnrolmentWay,
    *,
    units: Sequence[Unit],
    positions: Sequence[Position],
    kinds: Collection[PositionKind],
    by_run: bool = False,
) -> None:
    """Say whom a course takes in, and how: from now on, for who is not in it yet. Requests that
    wait stay; who gets in by another way now is answered by it."""
    lock_row(course)
    policy = db.session.get(EnrolmentPolicy, course.id)
    if policy is None:
        policy = EnrolmentPolicy(course_id=course.id, way=way)
        db.session.add(policy)
    policy.way, policy.by_run = way, by_run
    db.session.execute(delete(CourseAudience).where(CourseAudience.course_id == course.id))
    rows = [CourseAudience(course_id=course.id, unit_id=unit.id) for unit in units]
    rows += [CourseAudience(course_id=course.id, position_id=each.id) for each in positions]
    rows += [CourseAudience(course_id=course.id, position_kind=kind) for kind in kinds]
    db.session.add_all(rows)
    db.session.flush()
    audit.record(
        actor, "learning.policy_set", "course", course.uuid, way=way.value,
        units=", ".join(unit.code for unit in units),
        positions=", ".join(position.code for position in positions),
        kinds=", ".join(kinds), by_run=by_run,
    )  # fmt: skip


# ── Asking ───────────────────────────────────────────────────────────────────────────────────


def ask(actor: Actor, course: Course, *, reason: str) -> None:
    """Ask to be let into a course; twice is once. The owners hear of the first one that waits.
    Raises DomainError where there is nothing to ask for, and on `reason` when it is too long."""
    reason = tidy_line(reason)
    if len(reason) > REASON_MAX:
        raise DomainError(gettext("Paling banyak %(max)d karakter.", max=REASON_MAX), "reason")
    ledger.lock_chain(Enrolment.__tablename__, actor.person_uuid)
    lock_row(course)  # against whoever invites the same person in this moment
    actions.refuse_second(actor.person_id, course)
    door = entering.doors(actor.person_id, post_of(actor.person_id), [course.id])[course.id]
    if door.entry is Entry.ASKED:
        return
    if door.entry is not Entry.ASK:
        raise DomainError(
            gettext("Kursus ini dapat langsung diikuti; tidak perlu meminta.")
            if door.entry.is_open
            else refusal_words(door.entry)
        )
    is_first = entering.waiting_of(course.id).requests == 0
    request = _new(actor, course, actor.person_id, AdmissionKind.REQUEST, reason)
    db.session.add(request)
    db.session.flush()
    audit.record(actor, "learning.asked", "admission", request.uuid, course=course.uuid)
    if is_first:
        for person_id in entering.owner_ids(course.id):
            _tell(person_id, course, NotificationKind.ENTRY_ASKED, by=actor.name)


def withdraw_request(actor: Actor, course: Course) -> None:
    """Take the own request back; where none waits, nothing happens."""
    request = entering.waiting_for(actor.person_id, course.id)
    if request is not None and request.kind is AdmissionKind.REQUEST:
        _close(actor, request, AdmissionState.WITHDRAWN)
        audit.record(
            actor, "learning.request_withdrawn", "admission", request.uuid, course=course.uuid
        )


def _close(actor: Actor, admission: Admission, state: AdmissionState, answer: str = "") -> None:
    admission.state, admission.answer = state, answer
    admission.decided_by_id, admission.decided_at = actor.person_id, clock.now()
    db.session.flush()


def approve(actor: Actor, course: Course, uuids: Sequence[UUID]) -> int:
    """Let those in whose requests wait; how many. Where the course is taken by cohorts, they choose
    theirs. Raises DomainError for an archived course, and
    for a request of one's own."""
    if course.archived_at is not None:
        raise DomainError(refusal_words(Entry.ARCHIVED))
    by_run = entering.policy_of(course.id).by_run
    requests = _requests(actor, course, uuids)
    for request in requests:
        if not by_run:
            actions.admit(actor, request.person, course, EnrolmentSource.APPROVED)
        _close(actor, request, AdmissionState.ACCEPTED)
        audit.record(actor, "learning.approved", "person", request.person.uuid, course=course.uuid)
        kind = NotificationKind.ENTRY_APPROVED
        _tell(request.person_id, course, kind, choose="run" if by_run else "")
    return len(requests)


def refuse(actor: Actor, course: Course, uuids: Sequence[UUID], *, reason: str) -> int:
    """Refuse requests that wait, and say why; how many. Raises DomainError on `reason`, and for a
    request of one's own."""
    reason = checked_reason(reason)
    requests = _requests(actor, course, uuids)
    for request in requests:
        _close(actor, request, AdmissionState.REFUSED, reason)
        audit.record(
            actor, "learning.refused", "person", request.person.uuid,
            course=course.uuid, reason=reason,
        )  # fmt: skip
        _tell(request.person_id, course, NotificationKind.ENTRY_REFUSED, reason=reason)
    return len(requests)


def _requests(actor: Actor, course: Course, uuids: Sequence[UUID]) -> list[Admission]:
    uuids = uuids[:MOST_DECIDED]
    # Their enrolments before the requests, as somebody does who enrols: so nobody waits in a ring.
    for person in entering.asking(course.id, uuids):
        if person.id == actor.person_id:
            raise DomainError(gettext("Permintaan Anda sendiri diputuskan oleh orang lain."))
        ledger.lock_chain(Enrolment.__tablename__, person.uuid)
    return entering.chosen(course.id, AdmissionKind.REQUEST, uuids)


# ── Inviting ─────────────────────────────────────────────────────────────────────────────────


def invite(actor: Actor, course: Course, uuids: Sequence[UUID]) -> tuple[int, int]:
    """Invite people within reach; how many were, and how many were left out because they are in the
    course, have completed it, ask for it or were invited before."""
    return _invite(actor, course, Person.uuid.in_(uuids))


def invite_by_nip(actor: Actor, course: Course, nips: Sequence[str]) -> tuple[int, int]:
    """The same by number. Raises DomainError on `nips`, naming those that nobody within reach has;
    then nobody is invited."""
    unknown = entering.unknown_nips(actor, nips)
    if unknown:
        raise DomainError(
            gettext(
                "Tidak ada pegawai dalam jangkauan Anda dengan NIP: %(nips)s",
                nips=", ".join(unknown[:10]),
            ),
            "nips",
        )
    return _invite(actor, course, Person.nip.in_(nips), "nips")


def invite_unit(actor: Actor, course: Course, unit: Unit) -> tuple[int, int]:
    """The same for everybody placed today in a unit or below it."""
    in_unit = Person.id.in_(placed(clock.today(unit.time_zone), within((unit.path,))))
    return _invite(actor, course, in_unit, "unit")


def _invite(
    actor: Actor, course: Course, which: ColumnElement[bool], field: str | None = None
) -> tuple[int, int]:
    if course.current_version_id is None:
        raise DomainError(gettext("Kursus ini belum terbit."))
    if course.archived_at is not None:
        raise DomainError(refusal_words(Entry.ARCHIVED))
    lock_row(course)  # two owners at once: the second finds whom the first has invited
    people, known = entering.invitable(actor, course.id, which, MOST_INVITED)
    if max(len(people), known) > MOST_INVITED:
        raise DomainError(
            gettext(
                "Paling banyak %(num)s orang sekaligus. Untuk unit yang besar, buka kursus bagi "
                "unit itu di halaman Pendaftaran.",
                num=MOST_INVITED,
            ),
            field,
        )
    if not known:
        raise DomainError(gettext("Tidak ada pegawai dalam jangkauan Anda di sini."), field)
    for person in people:
        invitation = _new(actor, course, person.id, AdmissionKind.INVITATION, "")
        db.session.add(invitation)
        _tell(person.id, course, NotificationKind.ENTRY_INVITED, by=actor.name)
    if people:
        audit.record(actor, "learning.invited", "course", course.uuid, people=len(people))
    return len(people), known - len(people)


def _new(
    actor: Actor, course: Course, person_id: int, kind: AdmissionKind, reason: str
) -> Admission:
    return Admission(
        uuid=new_uuid(), course_id=course.id, person_id=person_id, kind=kind, reason=reason,
        made_by_id=actor.person_id, made_at=clock.now(),
    )  # fmt: skip


def withdraw_invitations(actor: Actor, course: Course, uuids: Sequence[UUID]) -> int:
    """Take invitations back that have no answer yet; how many."""
    found = entering.chosen(course.id, AdmissionKind.INVITATION, uuids)
    for invitation in found:
        _close(actor, invitation, AdmissionState.WITHDRAWN)
    if found:
        audit.record(
            actor, "learning.invitations_withdrawn", "course", course.uuid, people=len(found)
        )
    return len(found)


def restore_invitation(actor: Actor, course: Course, invitation: Admission) -> None:
    """Let an invitation wait again that was taken back, as it was made; nobody is told of it twice.
    Where it was not taken back, nothing happens. Raises DomainError where the person asks to be let
    in, was invited anew, or is in the course by now, and as `invite`."""
    if course.archived_at is not None:
        raise DomainError(refusal_words(Entry.ARCHIVED))
    lock_row(course)
    lock_row(invitation)
    if invitation.state is not AdmissionState.WITHDRAWN:
        return
    if not entering.may_be_invited(invitation.person_id, course.id):
        raise DomainError(gettext("Orang ini sudah terdaftar, selesai, diundang, atau meminta."))
    invitation.state = AdmissionState.WAITING
    invitation.decided_by_id = invitation.decided_at = None
    db.session.flush()
    audit.record(
        actor, "learning.invitation_restored", "admission", invitation.uuid, course=course.uuid
    )


def decline(actor: Actor, course: Course) -> None:
    """Decline an invitation; where none waits, nothing happens."""
    invitation = entering.waiting_for(actor.person_id, course.id)
    if invitation is not None and invitation.kind is AdmissionKind.INVITATION:
        _close(actor, invitation, AdmissionState.REFUSED)
        audit.record(actor, "learning.declined", "admission", invitation.uuid, course=course.uuid)


def _tell(person_id: int, course: Course, kind: NotificationKind, **values: str) -> None:
    url = f"/courses/{course.slug}"
    if kind is NotificationKind.ENTRY_ASKED:
        url = f"/studio/{course.slug}/enrolment/requests"
    notify(person_id, kind, url=url, course=current_version_of(course.id).title, **values)
