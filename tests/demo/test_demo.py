"""The invented city: whole, plausible, and with a history in every stage."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts import rules
from lms.accounts.models import Person, Placement, RoleGrant, Unit
from lms.accounts.queries import DEFAULT_ZONE
from lms.accounts.rules import Employment, PlacementStanding, Role
from lms.competencies.models import Evidence, HourEntry
from lms.competencies.queries import ledgers as record
from lms.config import ROOT
from lms.core import clock, ledger
from lms.core.db import db
from lms.core.passwords import is_right_password
from lms.credentials.models import Certificate
from lms.demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD, is_demo
from lms.demo.learning import build_learning
from lms.demo.people import build_people
from lms.development.models import EvidenceClaim
from lms.development.rules import ClaimState
from lms.learning.models import Completion, Enrolment, Obligation
from lms.learning.queries import ledgers as learned
from lms.learning.rules import EnrolmentState
from lms.notifications.models import Notification
from lms.quizzes.models import Attempt
from tests.sample_course import import_course


@pytest.fixture
def city(app: Flask) -> Flask:
    """The site with the city's people, before anybody has learnt anything."""
    with app.app_context():
        assert not is_demo()
        build_people()
        db.session.remove()
    return app


def test_the_city_has_120_people_whose_numbers_are_valid_and_fit_their_status(city: Flask) -> None:
    with city.app_context():
        people = db.session.scalars(sa.select(Person)).all()
        today = clock.today(DEFAULT_ZONE)
    assert len(people) == len({p.name for p in people}) == 120
    assert [p.name for p in people if rules.nip_fault(p.nip, today)] == []
    for person in people:
        assert rules.is_pppk_number(person.nip) is (person.employment is Employment.PPPK)
    assert 30 <= sum(p.employment is Employment.PPPK for p in people) <= 42
    assert 66 <= sum(p.email is not None for p in people) <= 80


def test_only_the_demo_accounts_have_a_password_and_it_opens_them_at_once(city: Flask) -> None:
    with city.app_context():
        assert is_demo()
        able = db.session.scalars(sa.select(Person).where(Person.password_hash.is_not(None))).all()
        assert {p.email for p in able} == {email for email, _ in DEMO_ACCOUNTS}
        assert not any(p.initial_password_at for p in able)  # so they never run out
        assert all(is_right_password(p.password_hash, DEMO_PASSWORD) for p in able)
        roles = Counter(db.session.scalars(sa.select(RoleGrant.role)))
    assert roles == {Role.TRAINER: 2, Role.HR: 1, Role.AUDITOR: 1, Role.ADMIN: 1}


def test_units_have_one_head_but_one_is_vacant_and_one_is_acting(city: Flask) -> None:
    with city.app_context():
        heads = db.session.execute(
            sa.select(Unit.code, Placement.standing, Placement.person_id)
            .join(Placement, Placement.unit_id == Unit.id)
            .where(Placement.heads_unit, Placement.end_on.is_(None))
        ).all()
        codes = set(db.session.scalars(sa.select(Unit.code)))
        definitive = set(
            db.session.scalars(
                sa.select(Placement.person_id).where(
                    Placement.standing == PlacementStanding.DEFINITIVE, Placement.end_on.is_(None)
                )
            )
        )
        ended = db.session.scalars(sa.select(Placement).where(Placement.end_on.is_not(None))).all()
        moved = {p.person_id for p in ended}
    assert codes - {code for code, _, _ in heads} == {"WANASARI", "TIMUR.MELATI"}
    assert len(heads) == len(codes) - 2
    acting = [person for _, standing, person in heads if standing is PlacementStanding.ACTING]
    assert len(acting) == 1
    assert set(acting) <= definitive
    assert len(definitive) == 120
    assert len(moved) == len(ended) == 5


def test_the_history_shows_every_stage_and_leaves_the_first_learner_fresh(city: Flask) -> None:
    with city.app_context():
        import_course(ROOT / "courses" / "berakhlak")
        build_learning()
        enrolments = db.session.scalars(sa.select(Enrolment)).all()
        states = Counter(e.state for e in enrolments)
        siti = db.session.scalars(sa.select(Person).where(Person.name == "Siti Rahmawati")).one()
        failed = db.session.scalars(
            sa.select(Attempt).where(
                Attempt.quiz_key == "ujian-akhir", Attempt.percent < Decimal(70)
            )
        ).all()
        scores = {c.final_score for c in db.session.scalars(sa.select(Completion))}
        proofs = db.session.scalars(sa.select(Evidence).where(Evidence.person_id == siti.id)).all()
        held = {p.competency.code: p.level for p in proofs}
        times = [e.last_active_at for e in enrolments]
        now = clock.now()
    assert states[EnrolmentState.COMPLETED] >= 8
    assert any(e.done_parts == 0 for e in enrolments)
    assert any(e.state is EnrolmentState.OPEN and e.done_parts for e in enrolments)
    assert len(failed) >= 3
    assert len(scores) >= 3
    assert siti.id not in {e.person_id for e in enrolments}
    assert held == dict.fromkeys(["M.03", "M.04", "M.06", "SK.01"], 1)
    assert all(0 < (now - at).days < 366 for at in times)


def test_assignments_and_claims_are_in_every_stage(city: Flask) -> None:
    with city.app_context():
        import_course(ROOT / "courses" / "berakhlak")
        build_learning()
        owed = db.session.scalars(sa.select(Obligation)).all()
        now, day = clock.now(), clock.today(DEFAULT_ZONE)
        done = [each for each in owed if each.done_at is not None]
        late = [each for each in owed if each.done_at is None and each.due_at <= now]
        early = [each for each in owed if each.done_at is None and each.due_at > now]
        claims = Counter(db.session.scalars(sa.select(EvidenceClaim.state)))
        ends = db.session.scalars(sa.select(Certificate.valid_until)).all()
        told = db.session.scalars(
            sa.select(Notification.created_at).where(Notification.kind == "course_assigned")
        ).all()
        assert len(done) >= 5
        assert len(late) >= 3
        assert len(early) >= 3
        assert all(each.done_at >= each.given_at for each in done if each.done_at)
        assert claims == {ClaimState.ENDORSED: 3, ClaimState.SUBMITTED: 2}
        assert sum(1 for until in ends if until and 0 <= (until - day).days <= 60) == 1
        assert len(told) == len(owed)
        assert all((now - at).days >= 19 for at in told)  # nobody is told anew at the first start


def test_everything_is_written_in_the_past_and_every_chain_is_whole(city: Flask) -> None:
    with city.app_context():
        import_course(ROOT / "courses" / "berakhlak")
        build_learning()
        assert clock.now() > max(db.session.scalars(sa.select(Completion.recorded_at)))
        assert clock.today(DEFAULT_ZONE) > max(_days_earned())
        assert record.stale_states() == []
        for model, rows, facts in (
            (Evidence, record.evidence_entries(), record.evidence_facts),
            (HourEntry, record.hour_entries(), record.hour_facts),
            (Completion, learned.completions(), learned.completion_facts),
        ):
            assert list(ledger.verify(model, rows, facts)) == []


def _days_earned() -> list[date]:
    return [*db.session.scalars(sa.select(Evidence.earned_on))]
