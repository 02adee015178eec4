"""A changed mark, and everything that stands on it: nothing is lost, nothing stays unearned."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Person
from lms.competencies import actions as competencies
from lms.competencies.models import CompetencyState, Evidence, HourEntry
from lms.competencies.queries.ledgers import evidence_of_source
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.credentials import queries as issued
from lms.credentials.rules import CertificateState
from lms.demo.past import Learner
from lms.learning import actions
from lms.learning.actions import voiding
from lms.learning.actions.reversing import revoke_certificate
from lms.learning.models import Completion, Enrolment, Obligation, QuizAllowance
from lms.learning.queries import completion_of, enrolment_view
from lms.learning.queries.summaries import summaries
from lms.learning.rules import EnrolmentState
from lms.notifications import queries as inbox
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind
from lms.quizzes.models import GradeChange
from lms.upkeep import records
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning import classes
from tests.learning.assigning import actor_of, give
from tests.learning.corrected import (
    ALL,
    NONE,
    attempts,
    certificates,
    change,
    enrolment,
    hours,
    publish,
    standing,
    study,
)

THEN = datetime(2026, 12, 30, 3, 0, tzinfo=UTC)


@pytest.fixture
def trainer(context: Flask, cast: Cast, tmp_path: Path) -> Person:
    publish(tmp_path)
    return cast.person("stranger")


@pytest.fixture
def learner(trainer: Person, cast: Cast) -> Learner:
    person = cast.person("learner")
    return Learner(person.id, person.uuid, person.name)


def told(kind: NotificationKind) -> list[str]:
    rows = db.session.scalars(sa.select(Notification).where(Notification.kind == kind))
    return [inbox.words_of(row)[1] for row in rows]


def levels() -> set[int]:
    return set(db.session.scalars(sa.select(CompetencyState.level)))


def test_a_mark_that_no_longer_passes_takes_back_what_stood_on_it(
    trainer: Person, learner: Learner
) -> None:
    study(learner, [1, 1, 1, 0])
    assert (hours(), len(standing(Evidence)), levels()) == (2, 2, {1})
    assert change(trainer, "0.5")
    # 0.5 + 1 + 1 + 0 of 4 are 62.5 percent, and 70 are needed.
    entry = db.session.scalars(sa.select(GradeChange)).one()
    assert (entry.points_before, entry.points_after) == ("1.0000000", "0.5000000")
    assert (entry.percent_before, entry.percent_after) == (Decimal(75), Decimal("62.5"))
    assert (entry.passed_before, entry.passed_after) == (True, False)
    assert (entry.by_id, entry.reason, entry.cause) == (trainer.id, "Dibaca lagi", "manual")
    assert attempts()[0].percent == Decimal("62.5")
    assert standing(Completion) == standing(Evidence) == standing(HourEntry) == []
    assert (hours(), levels()) == (0, {0})
    found = enrolment()
    assert (found.state, found.closed_at, found.done_parts) == (EnrolmentState.OPEN, None, 3)
    assert found.final_score == Decimal("62.5")
    assert completion_of(enrolment_view(found.uuid)) is None
    assert summaries([learner.person_id])[learner.person_id].latest_score is None
    (certificate,) = issued.certificates_of(learner.person_id)
    assert certificate.state(certificate.issued_on) is CertificateState.REVOKED
    assert certificate.revoked_reason == "Dibaca lagi"
    acts = list(db.session.scalars(sa.select(AuditEntry.action)))
    assert acts.count("learning.completion_reversed") == acts.count("learning.mark_changed") == 1
    assert list(records.faults()) == []


def test_the_learner_is_told_and_reads_why(
    app: Flask, client: PageClient, trainer: Person, learner: Learner
) -> None:
    study(learner, [1, 1, 1, 0])
    change(trainer, "0", reason="Jawaban disalin")
    (text,) = told(NotificationKind.MARK_CHANGED)
    assert text == (
        "Nilai percobaan Anda berubah dari 75 menjadi 50. Alasan: Jawaban disalin Syarat lulus "
        "kursus Melayani dengan ramah tidak lagi terpenuhi: JP dan bukti kompetensinya ditarik. "
        "Anda dapat mengulang kuisnya."
    )
    uuid = attempts()[0].uuid
    db.session.remove()
    client.sign_in(learner.person_id)
    page = words(client.get(f"/attempts/{uuid}/result"))
    assert "Perubahan nilai Nilai 75 menjadi 50 Soal 1" in page
    assert "oleh Andi Tenri" in page
    assert "Alasan: Jawaban disalin" in page
    assert "Belum lulus" in page
    assert "Yang Anda peroleh" not in page
    assert "Nilai dikoreksi: Ujian akhir" in words(client.get("/notifications"))


def test_a_mark_that_is_not_shown_stays_a_secret(
    context: Flask, cast: Cast, tmp_path: Path, client: PageClient
) -> None:
    publish(tmp_path, show_answers="", settings='[review]\nlater = ["attempt"]\n')
    person = cast.person("learner")
    learner = Learner(person.id, person.uuid, person.name)
    classes.answer(learner, "akhir", [1, 0, 0, 0])
    change(cast.person("stranger"), "0")
    assert told(NotificationKind.MARK_CHANGED) == [
        "Nilai percobaan Anda dikoreksi. Alasan: Dibaca lagi"
    ]
    uuid = attempts()[0].uuid
    db.session.remove()
    client.sign_in(learner.person_id)
    page = words(client.get(f"/attempts/{uuid}/result"))
    assert "Nilai dikoreksi Soal 1" in page
    assert "menjadi" not in page


def test_what_another_attempt_earns_stays(trainer: Person, learner: Learner) -> None:
    study(learner, ALL, ALL)
    before = [entry.id for entry in standing(Completion)]
    assert change(trainer, "0", attempt=0)
    assert change(trainer, "0", attempt=0, number=2)
    assert [a.percent for a in attempts()] == [50, 100]
    assert [e.id for e in standing(Completion)] == before
    assert (hours(), len(certificates())) == (2, 1)
    assert enrolment().state is EnrolmentState.COMPLETED
    assert all("JP" not in text for text in told(NotificationKind.MARK_CHANGED))


def test_another_score_that_still_passes_is_given_anew_on_the_day_of_then(
    trainer: Person, learner: Learner, at: SetClock
) -> None:
    at(THEN)
    study(learner, ALL)
    at(THEN + timedelta(days=40))
    assert change(trainer, "0.25")
    # 0.25 + 3 of 4 are 81.25 percent.
    (completion,) = standing(Completion)
    assert (completion.final_score, completion.earned_on.isoformat()) == (
        Decimal("81.25"), "2026-12-30",
    )  # fmt: skip
    assert completion.completed_at == THEN
    assert {e.score for e in standing(Evidence)} == {Decimal("81.25")}
    assert {e.source_uuid for e in standing(Evidence)} == {completion.uuid}
    (entry,) = standing(HourEntry)
    assert (entry.hours, entry.year, entry.source_uuid) == (2, 2026, completion.uuid)
    old, new = certificates()
    assert (new.replaces_id, new.source_uuid) == (old.id, completion.uuid)
    assert (old.printed["score"], new.printed["score"]) == ("100.00", "81.25")
    assert new.printed["completed_on"] == "2026-12-30"
    assert enrolment().final_score == Decimal("81.25")
    assert (hours(), levels()) == (2, {1})
    assert told(NotificationKind.CERTIFICATE_REVOKED) == []
    assert list(records.faults()) == []


def test_a_mark_that_passes_now_completes_the_course(trainer: Person, learner: Learner) -> None:
    study(learner, [1, 1, 0, 0])
    assert enrolment().state is EnrolmentState.OPEN
    assert change(trainer, "1", number=3)
    assert enrolment().state is EnrolmentState.COMPLETED
    assert (hours(), len(certificates())) == (2, 1)
    assert len(told(NotificationKind.COURSE_COMPLETED)) == 1


def test_down_and_up_again_leaves_what_was_there(trainer: Person, learner: Learner) -> None:
    study(learner, [1, 1, 1, 0])
    for points in ("0", "1", "0", "1"):
        assert change(trainer, points)
    assert [len(standing(m)) for m in (Completion, Evidence, HourEntry)] == [1, 2, 1]
    assert (hours(), levels()) == (2, {1})
    assert [e.seq for e in db.session.scalars(sa.select(GradeChange))] == [1, 2, 3, 4]
    assert sum(1 for c in certificates() if issued.current_entry(c.source_uuid) == c) == 1
    assert list(records.faults()) == []


def test_one_more_attempt_where_none_is_left(
    context: Flask, cast: Cast, tmp_path: Path, at: SetClock
) -> None:
    at(THEN)
    publish(tmp_path, attempts=1, settings="closes = 2026-12-30T12:00:00\n")
    person = cast.person("learner")
    learner = Learner(person.id, person.uuid, person.name)
    study(learner, ALL)
    at(THEN + timedelta(days=2))
    for number in (1, 2):
        change(cast.person("stranger"), "0", number=number)
    allowance = db.session.scalars(sa.select(QuizAllowance)).one()
    assert (allowance.extra_attempts, allowance.extra_time) == (1, 0)
    assert allowance.closes_at == datetime(2027, 1, 15, 17, 0, tzinfo=UTC)  # the 15th, in WIB
    classes.answer(learner, "akhir", ALL)
    assert enrolment().state is EnrolmentState.COMPLETED
    (completion,) = standing(Completion)
    assert completion.earned_on.isoformat() == "2027-01-01"
    assert hours() == 2


def test_what_was_revoked_by_hand_is_not_given_again(trainer: Person, learner: Learner) -> None:
    study(learner, ALL)
    with transaction():
        revoke_certificate(None, certificates()[0], reason="Salah orang")
    assert (hours(), standing(HourEntry), standing(Completion)) == (0, [], [])
    assert change(trainer, "0.25")
    assert (hours(), standing(Completion), len(certificates())) == (0, [], 1)
    assert enrolment().state is EnrolmentState.WITHDRAWN


def test_a_revoked_certificate_lets_the_course_be_begun_anew(
    trainer: Person, learner: Learner, cast: Cast
) -> None:
    give(cast, "head", unit="a1", days=30)
    study(learner, ALL)
    duty = sa.select(Obligation).where(Obligation.person_id == learner.person_id)
    with transaction():
        revoke_certificate(None, certificates()[0], reason="Dikerjakan orang lain")
    assert db.session.scalars(duty).one().done_at is None
    study(learner, ALL)
    assert len(standing(Completion)) == 1
    assert (hours(), len(certificates())) == (2, 2)
    assert db.session.scalars(duty).one().done_at is not None
    assert list(records.faults()) == []


def test_what_was_taken_back_alone_stays_so_and_the_rest_is_corrected(
    trainer: Person, learner: Learner
) -> None:
    study(learner, ALL)
    (before,) = standing(Completion)
    with transaction():
        (entry,) = standing(HourEntry)
        competencies.reverse_hours(None, entry, reason="Terhitung dua kali")
        evidence = evidence_of_source(before.uuid)
        competencies.reverse_evidence(None, evidence[0], reason="Menyontek")
    kept = {each.competency_id for each in evidence[1:]}
    assert change(trainer, "0.25")
    (after,) = standing(Completion)
    assert after.final_score != before.final_score
    assert hours() == 0
    assert {each.competency_id for each in evidence_of_source(after.uuid)} == kept
    assert certificates()[-1].source_uuid == after.uuid


def test_a_duty_is_owed_again(trainer: Person, learner: Learner, cast: Cast) -> None:
    give(cast, "head", unit="a1", days=30)
    study(learner, [1, 1, 1, 0])
    duty = sa.select(Obligation).where(Obligation.person_id == learner.person_id)
    assert db.session.scalars(duty).one().done_at is not None
    change(trainer, "0")
    found = db.session.scalars(duty).one()
    assert found.done_at is None
    assert found.notice == "near"
    assert found.notice_at is not None


def test_who_began_anew_goes_on_there(trainer: Person, learner: Learner) -> None:
    study(learner, [1, 1, 1, 0])
    first = enrolment().id
    with transaction():
        one = enrolment()
        db.session.add(
            Enrolment(
                person_id=one.person_id, course_id=one.course_id, version_id=one.version_id,
                source=one.source, started_at=one.started_at, last_active_at=one.started_at,
            )
        )  # fmt: skip
    assert change(trainer, "0")
    states = {row.id: row.state for row in db.session.scalars(sa.select(Enrolment))}
    assert states.pop(first) is EnrolmentState.WITHDRAWN
    assert list(states.values()) == [EnrolmentState.OPEN]
    assert hours() == 0


def test_the_same_points_change_nothing(trainer: Person, learner: Learner) -> None:
    study(learner, ALL)
    assert not change(trainer, "1")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(GradeChange)) == 0
    assert told(NotificationKind.MARK_CHANGED) == []


def test_a_question_that_was_left_open_may_earn_points(trainer: Person, learner: Learner) -> None:
    with transaction():
        found = actions.enrol(learner, classes.course())
        attempt = actions.start_quiz(learner, found.uuid, classes.part("akhir"))
        actions.submit_quiz(learner, attempt)
        actions.grade_quiz(attempt)
    assert change(trainer, "1")
    assert attempts()[0].percent == 25


def test_what_may_not_be_changed(trainer: Person, learner: Learner, cast: Cast) -> None:
    own = Learner(trainer.id, trainer.uuid, trainer.name)
    classes.answer(own, "akhir", NONE)
    with pytest.raises(DomainError, match="oleh orang lain"):
        change(trainer, "1")
    head = cast.person("head")
    with pytest.raises(DomainError, match="alasan"):
        change(head, "1", reason="  ")
    actor = actor_of(cast, "head")
    with transaction():
        voiding.void_attempt(actor, attempts()[0], reason="Salah buka")
    with pytest.raises(DomainError, match="dibatalkan"):
        change(head, "1")
    with transaction():
        found = actions.enrol(learner, classes.course())
        actions.start_quiz(learner, found.uuid, classes.part("akhir"))
    with pytest.raises(DomainError, match="belum dinilai"):
        change(head, "1", attempt=1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(GradeChange)) == 0
