"""The same request many times at once: one row, and the same answer to everybody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from lms.core.db import db
from tests.faults.dose import DOSE
from tests.faults.learner import Answer, Learner
from tests.faults.site import Stage

AT_ONCE = 20
MANY = 50


def together(ask: Callable[[], Answer], times: int = AT_ONCE) -> list[Answer]:
    """The same request by so many threads, let loose at the same moment."""
    gate = threading.Barrier(times)

    def run(_: int) -> Answer:
        gate.wait()
        return ask()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def the_one(answers: list[Answer]) -> Answer:
    """All the same, in status and in what they say."""
    first = answers[0]
    told = {
        (a.status, a.headers.get("Location"), a.text if a.status != 302 else "") for a in answers
    }
    assert len(told) == 1, sorted(told)[:3]
    return first


# What one course of the sample leaves behind.
ROWS = {
    "enrolment": 1, "attempt": 2, "answer": 5, "lesson_done": 2, "completion": 1, "hour_entry": 1,
    "evidence": 2, "notification": 1, "certificate": 1,
}  # fmt: skip


def counts(stage: Stage) -> dict[str, int]:
    with stage.app.app_context():
        found = {
            table: int(db.session.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)
            for table in ROWS
        }
        db.session.rollback()
    return found


def test_the_same_act_many_times_at_once_is_one(stage: Stage) -> None:
    """A whole course, every request of it twenty times at once."""
    learner = stage.learners()[0]
    for slug in stage.fresh(DOSE.duplicates):
        before = counts(stage)
        complete(learner, slug)
        after = counts(stage)
        assert {table: after[table] - before[table] for table in ROWS} == ROWS
    stage.check()


def complete(learner: Learner, slug: str) -> None:
    note = Noted(learner)
    assert note.post("enrol", f"/courses/{slug}/enrol", slug=slug).status == 302
    for key in ("sapa", "dengar"):
        path = f"/courses/{slug}/learn/{key}/done"
        assert note.post("done", path, slug=slug, key=key).status == 302
    for key, questions in (("kuis-1", 2), ("akhir", 3)):
        path = f"/courses/{slug}/learn/{key}/attempts"
        started = note.post("start", path, slug=slug, key=key)
        assert started.status == 302
        uuid = started.headers["Location"].split("/attempts/")[1][:36]
        for number in range(1, questions + 1):
            right, _ = learner.options(uuid, number)
            saved = note.save(uuid, number, right)
            assert saved.json()["saved"] is True
            assert saved.json()["answer"] == sorted(right)
        assert note.post("submit", f"/attempts/{uuid}/submit", attempt=uuid).status == 302


class Noted:
    """Sends everything many times at once, and notes in the ledger that it was acknowledged."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner

    def post(self, kind: str, path: str, **facts: object) -> Answer:
        return self._send(kind, lambda: self._learner.ask("POST", path, {}), facts)

    def save(self, uuid: str, number: int, chosen: list[int]) -> Answer:
        path, data = f"/attempts/{uuid}/questions/{number}", {"answer": chosen, "seq": 1}
        facts = {"attempt": uuid, "number": number, **data, "chosen": chosen}
        ask = lambda: self._learner.ask("POST", path, data, "application/json")  # noqa: E731
        return self._send("save", ask, facts)

    def _send(self, kind: str, ask: Callable[[], Answer], facts: dict[str, object]) -> Answer:
        number = self._learner.ledger.sent(kind, facts)
        answer = the_one(together(ask))
        self._learner.ledger.acknowledged(number, {"location": answer.headers.get("Location")}, 0)
        return answer


def test_different_answers_under_one_number_are_not_both_saved(stage: Stage) -> None:
    """Tabs that were loaded at the same time: one is saved, every other choice is told so."""
    learner = stage.learners()[0]
    (slug,) = stage.fresh(1)
    learner.enrol(slug)
    uuid = learner.start(slug, "akhir")
    before = counts(stage)["answer"]
    number = next(n for n in (1, 2, 3) if len(learner.options(uuid, n)[1]) == 2)
    right, wrong = learner.options(uuid, number)
    path = f"/attempts/{uuid}/questions/{number}"
    sent = ([*right, *wrong] * MANY)[:MANY]

    def send(choice: int) -> Answer:
        return learner.ask("POST", path, {"answer": [choice], "seq": 1}, "application/json")

    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(send, sent))
    stands = {tuple(answer.json()["answer"]) for answer in answers}
    assert len(stands) == 1  # everybody is told what stands
    (standing,) = stands
    for choice, answer in zip(sent, answers, strict=True):
        assert answer.json()["saved"] is ((choice,) == standing)
        assert answer.status == (200 if (choice,) == standing else 409)
    assert counts(stage)["answer"] == before + 1
