"""What a changed mark means for a course that was completed: the completion is taken back by an
entry of its own, and given anew with the right score where it is still earned."""

from uuid import UUID

from sqlalchemy import exists, select

from lms.accounts.models import Person
from lms.competencies import actions as competencies
from lms.competencies.queries import ledgers as record
from lms.core import audit, ledger
from lms.core.access import Actor
from lms.core.db import db, new_uuid
from lms.credentials import actions as credentials
from lms.credentials import queries as certificates
from lms.credentials.models import Certificate
from lms.learning import actions, queries
from lms.learning.actions import assigning, certifying
from lms.learning.actions.evidencing import renew_quiz_evidence
from lms.learning.models import Completion, Enrolment
from lms.learning.queries import Learning, ledgers
from lms.learning.rules import EnrolmentState


def settle_again(by: Person, enrolment: Enrolment, *, reason: str) -> Learning:
    """Bring an enrolment up to date after a mark has changed, also one that was completed.

    Needs the enrolments of the person locked (`lock_learner`). Evidence of the course and hours
    that were taken back by hand before are not given again.
    """
    if enrolment.state is not EnrolmentState.COMPLETED:
        return actions.settle(enrolment)
    db.session.flush()
    learning = queries.learning_of(queries.enrolment_view(enrolment.uuid))
    judgement = learning.judgement
    completion = ledgers.standing_completion(enrolment.id)
    assert completion is not None, "a completed enrolment has a completion"
    credentials.lock_record(completion.chain)
    if judgement.passed and judgement.final_score == completion.final_score:
        renew_quiz_evidence(by.uuid, completion, reason=reason)
        return learning
    if not judgement.passed:
        _revoke(by, completion, reason)
        _take_back(by.uuid, completion, reason)
        _reopen(enrolment, completion)
        return actions.settle(enrolment)
    _give_anew(by, enrolment, learning, completion, reason)
    return learning


def revoke_certificate(
    actor: Actor | UUID | None, certificate: Certificate, *, reason: str
) -> None:
    """Revoke a certificate with the completion that it stands for: the course counts as not taken,
    duties are owed again, and whoever begins it anew begins with fresh attempts.

    Raises DomainError without a reason, or when it was revoked or replaced already.
    """
    completion = ledgers.completion_by_uuid(certificate.source_uuid)
    enrolment = lock_learner(certificate.person_id, completion.enrolment.uuid)
    credentials.revoke(actor, certificate, reason=reason)
    _take_back(actor, completion, reason)
    enrolment.state = EnrolmentState.WITHDRAWN
    assigning.note_reversal(enrolment.person_id, enrolment.course_id, completion.completed_at)
    db.session.flush()


def lock_learner(person_id: int, holder: UUID) -> Enrolment:
    """The enrolment that an attempt counts for, kept from others until the commit, with whatever
    else its person might enrol in. In the order in which enrolling locks."""
    person = db.session.get_one(Person, person_id)
    ledger.lock_chain(Enrolment.__tablename__, person.uuid)
    return queries.locked_enrolment(holder)


def _revoke(by: Person, completion: Completion, reason: str) -> None:
    certificate = certificates.current_entry(completion.uuid)
    if certificate is not None:
        credentials.revoke(by.uuid, certificate, reason=reason)


def _take_back(by: Actor | UUID | None, completion: Completion, reason: str) -> None:
    back = Completion(
        chain=completion.chain,
        uuid=new_uuid(),
        enrolment=completion.enrolment,
        person=completion.person,
        version=completion.version,
        final_score=completion.final_score,
        completed_at=completion.completed_at,
        earned_on=completion.earned_on,
        reverses=completion,
        reason=reason,
    )
    ledger.append(back, ledgers.completion_facts)
    for evidence in record.evidence_of_source(completion.uuid):
        competencies.reverse_evidence(by, evidence, reason=reason)
    for hours in record.hours_of_source(completion.uuid):
        competencies.reverse_hours(by, hours, reason=reason)
    audit.record(
        by, "learning.completion_reversed", "enrolment", completion.enrolment.uuid,
        completion=completion.uuid, reason=reason,
    )  # fmt: skip


def _give_anew(
    by: Person, enrolment: Enrolment, learning: Learning, before: Completion, reason: str
) -> None:
    """The same completion with the right score: of the same day, under a new certificate."""
    certificate = certificates.current_entry(before.uuid)
    but_competencies, but_hours = record.taken_back_of(before.uuid)
    _take_back(by.uuid, before, reason)
    completion = actions.give_completion(
        enrolment, learning, completed_at=before.completed_at,
        but_competencies=but_competencies, but_hours=but_hours,
    )  # fmt: skip
    enrolment.final_score = completion.final_score
    if certificate is not None:
        certifying.correct_certificate(by.uuid, certificate, completion, reason=reason)


def _reopen(enrolment: Enrolment, completion: Completion) -> None:
    """Let the learner go on; who has begun the course anew since goes on there."""
    other = exists().where(
        Enrolment.person_id == enrolment.person_id,
        Enrolment.course_id == enrolment.course_id,
        Enrolment.id != enrolment.id,
        Enrolment.state != EnrolmentState.WITHDRAWN,
    )
    if db.session.scalar(select(other)):
        enrolment.state = EnrolmentState.WITHDRAWN
    else:
        enrolment.state, enrolment.closed_at = EnrolmentState.OPEN, None
        assigning.note_reversal(enrolment.person_id, enrolment.course_id, completion.completed_at)
    db.session.flush()
