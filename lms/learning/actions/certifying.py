"""The certificate of a completed course: the gate, and what is printed of the course."""

from uuid import UUID

from lms.accounts.queries import DEFAULT_ZONE, Post
from lms.core import clock
from lms.core.db import db
from lms.courses import queries as courses
from lms.courses.models import CourseVersion
from lms.credentials import actions as credentials
from lms.credentials.actions import Corrected, Earned
from lms.credentials.models import Certificate
from lms.formats.pdf.printed import Reached
from lms.learning import queries, rules
from lms.learning.models import Completion
from lms.learning.rules import EnrolmentState


def issue_certificate(completion: Completion, post: Post | None) -> None:
    """Issue the certificate of a completion, in its transaction, where the course gives one.

    Raises RuntimeError where the gate does not open: then the completion does not stand either, and
    nothing of both is written.
    """
    if not completion.version.certificate:
        return
    _assert_earned(completion)
    credentials.issue(completion.person, _earned(completion, completion.version, post), post)


def correct_certificate(
    by: UUID, certificate: Certificate, completion: Completion, *, reason: str
) -> None:
    """Issue a certificate anew for a completion that takes the place of another, whose score was
    wrong. Raises RuntimeError as `issue_certificate`."""
    _assert_earned(completion)
    corrected = Corrected(completion.uuid, completion.final_score)
    credentials.reissue(by, certificate, reason=reason, corrected=corrected)


def _assert_earned(completion: Completion) -> None:
    """The gate is asked anew of the database."""
    enrolment = completion.enrolment
    db.session.flush()
    judgement = queries.learning_of(queries.enrolment_view(enrolment.uuid)).judgement
    if not rules.earns_certificate(
        judgement,
        is_completed=enrolment.state is EnrolmentState.COMPLETED,
        completed_score=completion.final_score,
    ):
        raise RuntimeError("a completion that the rules of its course do not bear out")


def _earned(completion: Completion, version: CourseVersion, post: Post | None) -> Earned:
    zone = post.time_zone if post else DEFAULT_ZONE
    return Earned(
        source_uuid=completion.uuid,
        course=version.title,
        version=version.number,
        language=version.language,
        organiser=version.organiser,
        jp=version.jp,
        started_on=clock.local_day(completion.enrolment.started_at, zone),
        completed_on=completion.earned_on,
        score=completion.final_score,
        competencies=tuple(
            Reached(outcome.name_id, outcome.name_en or "", outcome.level_to)
            for outcome in courses.outcomes(version)
        ),
        modules=tuple(
            (module.title, sum(part.minutes for part in required))
            for module in courses.outline(version).modules
            if (required := [part for part in module.parts if not part.optional])
        ),
        validity_months=version.validity_months,
    )
