"""The rule by which evidence gives a level: changed by HR, and then worked out anew for all."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Person
from lms.competencies import actions, jobs
from lms.competencies.actions import dictionary as acts
from lms.competencies.models import (
    Competency,
    CompetencyRevision,
    CompetencyState,
    Evidence,
    LevelRecount,
)
from lms.competencies.queries import dictionary, ledgers
from lms.competencies.rules import EvidenceKind, EvidenceStanding, RatingRule
from lms.core.db import db, new_uuid, transaction
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.assigning import actor_of

pytestmark = pytest.mark.usefixtures("reference")
NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)
LATER = NOON + timedelta(minutes=2)
HIGHEST, LATEST, ASSESSOR = RatingRule.HIGHEST, RatingRule.LATEST, RatingRule.ASSESSOR
COURSE, RATING = EvidenceKind.COURSE_COMPLETION, EvidenceKind.ASSESSMENT


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def competency(code: str = "M.05") -> Competency:
    found = dictionary.competency_by_code(code)
    assert found is not None
    return found


def prove(person: Person, level: int, kind: EvidenceKind, day: int, code: str = "M.05") -> Evidence:
    return actions.record_evidence(
        person, competency(code), kind=kind, level=level, score=None, title="Bukti",
        source_uuid=new_uuid(), earned_on=date(2026, 5, day), post=None,
    )  # fmt: skip


def change_rule(cast: Cast, rule: RatingRule, code: str = "M.05") -> None:
    """As HR does it, in a transaction of its own."""
    actor = actor_of(cast, "hr")
    with transaction():
        found = competency(code)
        wording = acts.Wording(**{**vars(acts.wording_of(found)), "rating_rule": rule})
        acts.change_competency(actor, found, wording=wording, reason="SK 3")


def levels(code: str = "M.05") -> dict[int, int]:
    query = sa.select(CompetencyState.person_id, CompetencyState.level)
    rows = db.session.execute(query.where(CompetencyState.competency_id == competency(code).id))
    return {person_id: level for person_id, level in rows}  # noqa: C416 - rows are not pairs


def test_hr_chooses_the_rule_and_it_stands_in_the_history(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    with app.app_context():
        address = f"/competencies/{competency().uuid}"
    assert "Yang tertinggi. Bukti tertinggi menetapkan tingkat" in words(client.get(address))
    form = client.get(f"{address}/edit").get_data(as_text=True)
    assert '<option selected value="highest">' in form
    assert "juga bila lebih rendah" in form
    with app.app_context():
        found = competency()
        sent: dict[str, Any] = {
            "name": found.name, "name_en": found.name_en, "field": found.field or "",
            "definition": found.definition, "reason": "SK 3", "seen": 1, "rating_rule": "assessor",
            **{f"level_{n}": "\n".join(lines) for n, lines in enumerate(found.levels, start=1)},
        }  # fmt: skip
    assert client.send(f"{address}/edit", sent).status_code == 302
    page = words(client.get(address))
    assert "Penilaian asesor didahulukan." in page
    assert "Sedang dihitung ulang" in page
    assert "Bukti yang menetapkan tingkat: Yang tertinggi" in page  # of version 1
    with app.app_context():
        rows = db.session.query(CompetencyRevision).filter_by(reason="SK 3")
        assert [row.rating_rule for row in rows] == [ASSESSOR]
        assert db.session.query(LevelRecount).count() == 1


def test_evidence_goes_by_the_rule_of_its_competency(app: Flask, cast: Cast) -> None:
    with app.app_context():
        change_rule(cast, LATEST)
        change_rule(cast, ASSESSOR, "M.01")
        with transaction():
            for code in ("M.05", "M.01", "M.02"):
                for level, kind, day in ((3, COURSE, 1), (1, RATING, 3), (2, COURSE, 5)):
                    prove(cast.person("learner"), level, kind, day, code)
        found = [list(levels(code).values()) for code in ("M.05", "M.01", "M.02")]
        assert found == [[2], [1], [3]]
        assert ledgers.stale_states() == []


def test_a_changed_rule_reaches_everybody_in_batches_and_goes_on_where_it_stopped(
    app: Flask, cast: Cast, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PEOPLE", 2)
    monkeypatch.setattr(jobs, "BATCHES", 1)
    with app.app_context():
        with transaction():
            for name in ("learner", "head", "stranger", "hr", "other_head"):
                prove(cast.person(name), 3, COURSE, 1)
                prove(cast.person(name), 1, COURSE, 3)
        people = sorted(levels())
        change_rule(cast, LATEST)
        jobs.sweep_levels()
        assert set(levels().values()) == {3}  # whoever still writes by the old rule is let finish
        at(LATER)
        for done in (2, 4, 5):
            jobs.sweep_levels()
            db.session.expire_all()
            assert [levels()[id_] for id_ in people] == [1] * done + [3] * (5 - done)
            assert ledgers.stale_states() == []  # who waits is not wrong
        assert ledgers.is_recounted(competency().id)
        jobs.sweep_levels()
        assert not ledgers.is_recounted(competency().id)
        jobs.sweep_levels()
        assert set(levels().values()) == {1}


def test_a_rule_changed_meanwhile_begins_anew(
    app: Flask, cast: Cast, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PEOPLE", 1)
    monkeypatch.setattr(jobs, "BATCHES", 1)
    with app.app_context():
        with transaction():
            for name in ("learner", "head"):
                prove(cast.person(name), 3, COURSE, 1)
                prove(cast.person(name), 1, COURSE, 3)
                prove(cast.person(name), 2, RATING, 2)
        change_rule(cast, LATEST)
        at(LATER)
        jobs.sweep_levels()
        assert sorted(levels().values()) == [1, 3]
        change_rule(cast, ASSESSOR)
        at(LATER + timedelta(minutes=2))
        for _ in range(3):
            jobs.sweep_levels()
        db.session.expire_all()
        assert set(levels().values()) == {2}
        assert not ledgers.is_recounted(competency().id)


def test_a_batch_that_was_overtaken_does_not_end_the_new_work(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with transaction():
            prove(cast.person("learner"), 3, COURSE, 1)
            prove(cast.person("learner"), 1, COURSE, 3)
        change_rule(cast, LATEST)
        before = ledgers.recounts()[0].asked_at
        change_rule(cast, HIGHEST)
        with transaction():
            db.session.query(LevelRecount).one().asked_at = LATER
        jobs.recount(competency().id, before, 0)
        assert ledgers.is_recounted(competency().id)


def test_words_alone_work_nothing_out_anew(app: Flask, cast: Cast) -> None:
    with app.app_context():
        actor = actor_of(cast, "hr")
        with transaction():
            found = competency()
            wording = acts.Wording(**{**vars(acts.wording_of(found)), "definition": "Melayani."})
            acts.change_competency(actor, found, wording=wording, reason="SK 3")
        assert not ledgers.is_recounted(competency().id)


def test_the_job_is_among_those_that_run(app: Flask, client: PageClient, cast: Cast) -> None:
    assert app.extensions["sweeps"]["levels"] is jobs.sweep_levels
    client.sign_in(cast.people["admin"])
    assert "Penghitungan ulang tingkat kompetensi" in words(client.get("/site"))


# ── The projection against the ledger ────────────────────────────────────────────────────────


def expected(rows: list[Evidence], rule: RatingRule) -> int:
    """The level by the words of the rule, worked out in another way than the product does."""
    gone = {row.reverses_id for row in rows}
    left = [
        row for row in rows
        if row.standing is EvidenceStanding.PROVES and not row.reverses_id and row.id not in gone
    ]  # fmt: skip
    rated = [row for row in left if row.kind is RATING]
    if rule is LATEST or (rule is ASSESSOR and rated):
        dated = left if rule is LATEST else rated
        last = max((row.earned_on for row in dated), default=None)
        of_day = [row for row in dated if row.earned_on == last]
        if rule is LATEST:
            return max((row.level for row in of_day), default=0)
        return max(of_day, key=lambda row: row.id).level
    return max((row.level for row in left), default=0)


def act_of(random: Random, cast: Cast) -> Callable[[], object]:
    """One thing that happens to the record of somebody."""
    person = cast.person(random.choice(["learner", "head", "stranger"]))
    kind = random.choices(["prove", "reverse", "rule", "job"], [12, 4, 1, 1])[0]
    if kind == "rule":
        return lambda: change_rule(cast, random.choice(list(RatingRule)))
    if kind == "job":
        return jobs.sweep_levels
    rows = list(db.session.scalars(sa.select(Evidence).where(Evidence.person_id == person.id)))
    standing = [row for row in rows if not ledgers.is_reversed(row)]
    if kind == "reverse" and standing:
        entry = random.choice(standing).id

        def take_back() -> None:
            with transaction():
                found = db.session.get_one(Evidence, entry)
                actions.reverse_evidence(None, found, reason="Keliru")

        return take_back
    level, of, day = random.randint(1, 5), random.choice(list(EvidenceKind)), random.randint(1, 9)
    may_prove, person_id = random.random() < 0.9, person.id

    def write() -> None:
        with transaction():
            actions.record_evidence(
                db.session.get_one(Person, person_id), competency(), kind=of, level=level,
                score=None, title="Bukti", source_uuid=new_uuid(), post=None,
                earned_on=date(2026, 5, day), may_prove=may_prove,
            )  # fmt: skip

    return write


@pytest.mark.parametrize("seed", range(6))
def test_the_stored_level_equals_the_ledgers_for_random_histories(
    app: Flask, cast: Cast, at: SetClock, seed: int
) -> None:
    random = Random(seed)
    with app.app_context():
        for minute in range(60):
            at(NOON + timedelta(minutes=minute))
            act_of(random, cast)()
            assert ledgers.stale_states() == []
        at(NOON + timedelta(hours=2))
        while ledgers.recounts():
            jobs.sweep_levels()
        rule, stored = competency().rating_rule, levels()
        assert stored
        for person_id, level in stored.items():
            query = sa.select(Evidence).where(Evidence.person_id == person_id)
            assert level == expected(list(db.session.scalars(query)), rule)
