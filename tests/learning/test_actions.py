"""What is written, all of it or nothing, also when two requests come at once."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lms.competencies import actions as competencies
from lms.competencies.models import CompetencyState, Evidence, HourEntry
from lms.competencies.queries.ledgers import (
    evidence_entries,
    evidence_facts,
    hour_entries,
    hour_facts,
)
from lms.core import ledger
from lms.core.db import db, transaction
from lms.learning.models import Completion, Enrolment
from lms.learning.queries.ledgers import completion_facts, completions
from lms.notifications.models import Notification
from lms.quizzes.models import Answer, Attempt
from tests.cast import Cast
from tests.client import PageClient
from tests.learning.answers import start, take, values
from tests.sample_course import import_course, write_course


def rows(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def at_once(
    app: Flask, client: FlaskClient, count: int, act: Callable[[PageClient], object]
) -> list[object]:
    """Run the same act from several requests of one browser at the same time."""
    cookie = client.get_cookie("kompeten")
    assert cookie is not None
    barrier = threading.Barrier(count)
    results: list[object] = []

    def run() -> None:
        other = app.test_client()
        assert isinstance(other, PageClient)
        other.set_cookie("kompeten", cookie.value)
        barrier.wait(5)
        results.append(act(other))

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == count
    return results


def almost_done(client: PageClient, course: str) -> str:
    """Everything but the submission of the final quiz; the attempt's UUID."""
    client.send(f"/courses/{course}/enrol")
    for key in ("sapa", "dengar"):
        client.send(f"/courses/{course}/learn/{key}/done")
    take(client, course, "kuis-1", right=True)
    uuid = start(client, course, "akhir")
    for number in (1, 2, 3):
        right = values(client, uuid, number, right=True)
        client.send(f"/attempts/{uuid}/questions/{number}", {"answer": right, "seq": 1})
    return uuid


def test_a_double_click_on_enrol_is_one_enrolment(
    app: Flask, learner: PageClient, course: str
) -> None:
    learner.csrf()
    codes = at_once(app, learner, 5, lambda c: c.send(f"/courses/{course}/enrol").status_code)
    assert set(codes) <= {302, 422}
    with app.app_context():
        assert rows(Enrolment) == 1


def test_a_double_click_on_start_is_one_attempt(
    app: Flask, learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    codes = at_once(
        app, learner, 5, lambda c: c.send(f"/courses/{course}/learn/akhir/attempts").status_code
    )
    assert set(codes) == {302}
    with app.app_context():
        assert rows(Attempt) == 1


def test_the_same_save_from_many_requests_is_one_save(
    app: Flask, learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    uuid = start(learner, course, "akhir")
    page = f"/attempts/{uuid}/questions/1"
    codes = at_once(app, learner, 6, lambda c: c.save(page, {"answer": [1], "seq": 1}).status_code)
    assert set(codes) == {200}
    with app.app_context():
        assert rows(Answer) == 1


def test_sending_from_two_tabs_completes_once(app: Flask, learner: PageClient, course: str) -> None:
    uuid = almost_done(learner, course)
    at_once(app, learner, 5, lambda c: c.send(f"/attempts/{uuid}/submit").status_code)
    with app.app_context():
        assert [rows(m) for m in (Completion, HourEntry, Notification, Evidence)] == [1, 1, 1, 2]
        assert not list(_faults())


def test_two_lessons_at_once_are_both_kept(app: Flask, learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    keys = iter(("sapa", "dengar"))
    at_once(app, learner, 2, lambda c: c.send(f"/courses/{course}/learn/{next(keys)}/done"))
    with app.app_context():
        assert db.session.scalar(sa.select(Enrolment.done_parts)) == 2


@pytest.mark.parametrize("broken", ["record_evidence", "record_hours"])
def test_completion_is_all_or_nothing(
    app: Flask, learner: PageClient, course: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = almost_done(learner, course)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(competencies, broken, fail)
        learner.send(f"/attempts/{uuid}/submit")
    with app.app_context():
        left = [rows(m) for m in (Completion, Evidence, HourEntry, CompetencyState, Notification)]
        assert left == [0, 0, 0, 0, 0]
        assert db.session.scalar(sa.select(Attempt.submitted_at).where(Attempt.quiz_key == "akhir"))
    learner.send(f"/attempts/{uuid}/submit")  # the learner, or the sweep, tries again
    with app.app_context():
        assert [rows(m) for m in (Completion, Evidence, HourEntry)] == [1, 2, 1]


def test_a_completion_freezes_version_unit_and_position(
    app: Flask, learner: PageClient, course: str, cast: Cast
) -> None:
    learner.send(f"/attempts/{almost_done(learner, course)}/submit")
    with app.app_context():
        completion = db.session.scalars(sa.select(Completion)).one()
        evidence = db.session.scalars(sa.select(Evidence)).first()
        assert evidence is not None
        assert completion.version.number == 1
        assert str(completion.final_score) == "100"
        assert evidence.unit_id == cast.units["a1"]
        assert evidence.source_uuid == completion.uuid
        assert (evidence.level, evidence.standing.value) == (1, "proves")


def test_a_course_above_what_hr_allows_only_supports(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path, level=5))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send(f"/attempts/{almost_done(client, 'melayani')}/submit")
    with app.app_context():
        standings = {
            e.competency.code: e.standing.value for e in db.session.scalars(sa.select(Evidence))
        }
        levels = {s.competency_id: s.level for s in db.session.scalars(sa.select(CompetencyState))}
        assert standings == {"M.01": "proves", "M.05": "supports"}
        assert sorted(levels.values()) == [0, 1]


def test_reversed_evidence_lowers_the_level_and_keeps_both_entries(
    app: Flask, learner: PageClient, course: str
) -> None:
    learner.send(f"/attempts/{almost_done(learner, course)}/submit")
    with app.app_context():
        entry = db.session.scalars(sa.select(Evidence).order_by(Evidence.seq)).first()
        assert entry is not None
        with transaction():
            competencies.reverse_evidence(None, entry, reason="Salah orang")
        state = db.session.get(CompetencyState, (entry.person_id, entry.competency_id))
        assert state is not None
        assert state.level == 0
        assert rows(Evidence) == 3
        assert not list(_faults())


def _faults() -> list[ledger.Fault]:
    return [
        *ledger.verify(Evidence, evidence_entries(), evidence_facts),
        *ledger.verify(HourEntry, hour_entries(), hour_facts),
        *ledger.verify(Completion, completions(), completion_facts),
    ]
