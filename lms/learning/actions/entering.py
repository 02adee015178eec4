"""Getting into a course by oneself: what the policy says, and what settles a request."""

from flask_babel import gettext

from lms.accounts.queries import post_of
from lms.core import clock
from lms.core.db import db
from lms.core.errors import DomainError
from lms.courses.models import Course
from lms.learning.queries import entering
from lms.learning.queries.entering import Door
from lms.learning.rules import (
    AdmissionKind,
    AdmissionState,
    EnrolmentSource,
    Entry,
)


def enter(person_id: int, course: Course) -> EnrolmentSource:
    """Let somebody in who enrols; an invitation is accepted by it. Raises DomainError, saying why
    not, where the policy of the course does not let them in now."""
    if assert_open(person_id, course).policy.by_run:
        raise DomainError(gettext("Pilih angkatan yang ingin Anda ikuti."))
    return settle_admission(person_id, course)


def assert_open(person_id: int, course: Course) -> Door:
    """Raises DomainError, saying why not, where the policy of the course does not let them in
    now."""
    door = entering.doors(person_id, post_of(person_id), [course.id])[course.id]
    if not door.entry.is_open:
        raise DomainError(refusal_words(door.entry))
    return door


def settle_admission(person_id: int, course: Course) -> EnrolmentSource:
    """Whoever gets in waits for nothing any more; by which way they got in."""
    admission = entering.waiting_for(person_id, course.id)
    if admission is None:
        return EnrolmentSource.SELF
    admission.state = AdmissionState.ACCEPTED
    admission.decided_by_id, admission.decided_at = person_id, clock.now()
    db.session.flush()
    if admission.kind is AdmissionKind.INVITATION:
        return EnrolmentSource.INVITED
    return EnrolmentSource.SELF


def refusal_words(entry: Entry) -> str:
    """Why one does not get in."""
    return {
        Entry.ARCHIVED: gettext("Kursus ini sudah diarsipkan dan tidak menerima peserta baru."),
        Entry.WITHDRAWN: gettext("Kursus ini ditarik dan tidak menerima peserta baru."),
        Entry.NOT_FOR: gettext("Kursus ini bukan untuk unit atau jabatan Anda."),
        Entry.LACKING: gettext("Selesaikan dahulu kursus yang disyaratkan."),
        Entry.BY_INVITATION: gettext("Kursus ini hanya dapat diikuti dengan undangan."),
        Entry.ASK: gettext("Kursus ini perlu persetujuan. Ajukan permintaan lebih dahulu."),
        Entry.ASKED: gettext("Permintaan Anda masih menunggu jawaban."),
    }[entry]
