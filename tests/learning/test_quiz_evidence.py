"""What the quizzes of a completed course show of competencies stands in the record."""

from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from lms.competencies.models import Competency, CompetencyState, Evidence
from lms.competencies.queries import ledgers as record
from lms.competencies.rules import EvidenceKind
from lms.core import ledger
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.credentials.models import Certificate
from lms.learning.actions.evidencing import renew_quiz_evidence
from lms.learning.actions.marks import change_mark
from lms.learning.actions.reversing import lock_learner, settle_again
from lms.learning.models import Completion
from lms.learning.rules import Achieved, GoalResult, achieved
from lms.quizzes import queries as quizzes
from lms.quizzes.models import Answer, Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import count, start, take, values
from tests.sample_course import FINAL, import_course, write_course

GOALS = """
[[goals]]
key = "menyapa"
text = "Menyapa warga yang datang"
competency = "M.05"
level = 1
score = 60
standing = "proves"

[[goals]]
key = "menolak"
text = "Menolak pembedaan layanan"
competency = "M.05"
level = 2
score = 100
standing = "proves"

[[goals]]
key = "bersikap"
text = "Memilih sikap melayani"
competency = "M.01"
level = 4
score = 50
standing = "proves"
"""
ALL = {"akhir-1", "akhir-2", "akhir-3"}


def write(folder: Path, *, goals: str = GOALS, settings: str = "") -> Path:
    final = (
        FINAL.replace("[id:akhir-1]", "[id:akhir-1] [tag:goal.menyapa]")
        .replace("[id:akhir-2]", "[id:akhir-2] [tag:goal.bersikap]")
        .replace("[id:akhir-3]", "[id:akhir-3] [tag:goal.menolak]")
    )
    # A quiz without a weight asks for a goal too, which is practice.
    practice = "// [id:k1-1] [tag:goal.menyapa]\nMenyapa itu perlu. {T}\n"
    course = write_course(folder, final=final, pretest=practice, settings=settings)
    told = (course / "course.toml").read_text("utf-8").replace("score = 70", "score = 30")
    (course / "course.toml").write_text(told + goals, "utf-8")
    quiz = course / "01-dasar" / "04-akhir.toml"
    quiz.write_text(quiz.read_text("utf-8").replace("pass = 70", "pass = 30"), "utf-8")
    return course


@pytest.fixture
def learner(app: Flask, client: PageClient, cast: Cast, tmp_path: Path) -> PageClient:
    with app.app_context():
        import_course(write(tmp_path))
        db.session.remove()
    return _enrolled(client, cast)


def _enrolled(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return client


def take_some(client: PageClient, right: set[str]) -> str:
    """Take the final quiz with these questions right and the others wrong."""
    uuid = start(client, "melayani", "akhir")
    for number in range(1, count(client, uuid) + 1):
        with client.application.app_context():
            attempt = db.session.scalar(sa.select(Attempt).where(Attempt.uuid == UUID(uuid)))
            assert attempt is not None
            slot = quizzes.slots(attempt)[number - 1]
            key = quizzes.questions([slot.question_id])[slot.question_id].key
        answer = values(client, uuid, number, right=key in right)
        client.send(f"/attempts/{uuid}/questions/{number}", {"answer": answer, "seq": 1})
    assert client.send(f"/attempts/{uuid}/submit").status_code == 302
    return uuid


def read_lessons(client: PageClient) -> None:
    for key in ("sapa", "dengar"):
        client.send(f"/courses/melayani/learn/{key}/done")


def complete(client: PageClient, right: set[str]) -> str:
    read_lessons(client)
    take(client, "melayani", "kuis-1", right=True)
    return take_some(client, right)


def entries(kind: EvidenceKind = EvidenceKind.QUIZ_RESULT) -> list[tuple[str, int, str, str]]:
    """Code, level, standing and score of what stands of a kind, by code."""
    rows = db.session.scalars(sa.select(Evidence).where(Evidence.kind == kind))
    return sorted(
        (e.competency.code, e.level, e.standing.value, str(e.score))
        for e in rows
        if not record.is_reversed(e)
    )


def level_of(code: str) -> int:
    state = sa.select(CompetencyState.level).join(
        Competency, Competency.id == CompetencyState.competency_id
    )
    return db.session.scalars(state.where(Competency.code == code)).one()


def result(level: int, percent: str, *, needed: str = "60", proves: bool = True) -> GoalResult:
    return GoalResult("M.05", level, proves, Decimal(needed), Decimal(percent))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], None),
        # The worked example of docs/course-format.md.
        ([result(1, "70"), result(2, "90", needed="80"), result(2, "80", needed="80")],
         (2, True, "80")),
        ([result(1, "70"), result(2, "90", needed="80"), result(2, "79", needed="80")],
         (1, True, "70")),
        ([result(1, "59"), result(2, "90", needed="80"), result(2, "80", needed="80")], None),
        ([result(1, "60")], (1, True, "60")),  # the minimum itself is enough
        ([result(1, "59.99")], None),
        # A level that no goal was asked at is not in the way, one that was missed above neither.
        ([result(3, "75"), result(4, "10")], (3, True, "75")),
        ([result(2, "80"), result(2, "70", proves=False)], (2, False, "70")),
        ([result(1, "80", proves=False), result(2, "70")], (2, True, "70")),
    ],
)  # fmt: skip
def test_a_quiz_shows_the_highest_level_whose_goals_are_all_reached(
    results: list[GoalResult], expected: tuple[int, bool, str] | None
) -> None:
    found = achieved(results)
    assert found == ([Achieved("M.05", *expected[:2], Decimal(expected[2]))] if expected else [])


def test_competencies_are_judged_apart() -> None:
    found = achieved([result(1, "10"), GoalResult("M.01", 1, False, Decimal(50), Decimal(50))])
    assert found == [Achieved("M.01", 1, False, Decimal(50))]


def test_it_is_written_when_the_course_is_completed_and_not_before(
    app: Flask, learner: PageClient
) -> None:
    take_some(learner, ALL)
    with app.app_context():
        assert entries() == []
    read_lessons(learner)
    take(learner, "melayani", "kuis-1", right=True)
    with app.app_context():
        # Quizzes prove up to level 2 on a new site.
        assert entries() == [("M.01", 4, "supports", "100"), ("M.05", 2, "proves", "100")]
        assert [row[:2] for row in entries(EvidenceKind.COURSE_COMPLETION)] == [
            ("M.01", 1), ("M.05", 1),
        ]  # fmt: skip
        assert (level_of("M.05"), level_of("M.01")) == (2, 1)
        assert record.stale_states() == []
        assert list(ledger.verify(Evidence, record.evidence_entries(), record.evidence_facts)) == []


def test_a_goal_that_was_missed_is_no_evidence(app: Flask, learner: PageClient) -> None:
    complete(learner, {"akhir-1"})
    with app.app_context():
        assert entries() == [("M.05", 1, "proves", "100")]


def test_a_higher_goal_without_the_lower_one_is_no_evidence(
    app: Flask, learner: PageClient
) -> None:
    complete(learner, {"akhir-3"})
    with app.app_context():
        assert entries() == []
        assert level_of("M.05") == 1  # by the course


@pytest.mark.parametrize(
    ("grade", "expected"),
    [
        ("highest", [("M.05", 2, "proves", "100")]),
        ("first", [("M.05", 2, "proves", "100")]),
        ("last", [("M.01", 4, "supports", "100")]),
        ("average", [("M.01", 4, "supports", "50")]),  # 50 of the level 1 goal is too little
    ],
)
def test_the_attempts_count_that_make_the_score(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, grade: str,
    expected: list[tuple[str, int, str, str]],
) -> None:  # fmt: skip
    with app.app_context():
        import_course(write(tmp_path, settings=f'grade = "{grade}"\n'))
        db.session.remove()
    learner = _enrolled(client, cast)
    first = take_some(learner, {"akhir-1", "akhir-3"})
    second = take_some(learner, {"akhir-2"})
    read_lessons(learner)
    take(learner, "melayani", "kuis-1", right=True)
    with app.app_context():
        assert entries() == expected
        sources = {str(e.source_uuid) for e in db.session.scalars(sa.select(Evidence))}
        assert (first in sources, second in sources) == (grade in ("highest", "first"),
                                                         grade in ("last", "average"))  # fmt: skip


def test_a_course_that_is_failed_is_no_evidence(app: Flask, learner: PageClient) -> None:
    complete(learner, set())
    with app.app_context():
        assert db.session.query(Evidence).count() == 0


def test_goals_without_a_competency_change_nothing(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    bare = "".join(
        line
        for line in GOALS.splitlines(keepends=True)
        if not line.startswith(("competency", "level", "score", "standing"))
    )
    with app.app_context():
        import_course(write(tmp_path, goals=bare))
        db.session.remove()
    complete(_enrolled(client, cast), ALL)
    with app.app_context():
        assert entries() == []
        assert len(entries(EvidenceKind.COURSE_COMPLETION)) == 2


def final_attempt() -> Attempt:
    return db.session.scalars(sa.select(Attempt).where(Attempt.quiz_key == "akhir")).one()


def grade_anew(right: dict[str, str]) -> None:
    """Write other fractions into the final attempt, as grading it anew would."""
    attempt = final_attempt()
    views = quizzes.questions(slot.question_id for slot in quizzes.slots(attempt))
    for answer in db.session.scalars(sa.select(Answer).where(Answer.attempt_id == attempt.id)):
        answer.fraction = right.get(views[answer.question_id].key, answer.fraction)


def renewed_without_reason() -> None:
    grade_anew({"akhir-3": "0"})
    renew_quiz_evidence(None, db.session.scalars(sa.select(Completion)).one())


def test_an_attempt_graded_anew_is_set_right_by_reversing_entries(
    app: Flask, learner: PageClient
) -> None:
    complete(learner, ALL)
    with app.app_context():
        with transaction():
            completion = db.session.scalars(sa.select(Completion)).one()
            assert renew_quiz_evidence(None, completion) == 0  # nothing else follows
        with pytest.raises(DomainError, match="alasan"), transaction():
            renewed_without_reason()
        for _ in range(2):
            with transaction():
                grade_anew({"akhir-3": "0"})
                completion = db.session.scalars(sa.select(Completion)).one()
                renew_quiz_evidence(None, completion, reason="Kunci soal 3 keliru")
        assert entries() == [("M.01", 4, "supports", "100"), ("M.05", 1, "proves", "100")]
        assert level_of("M.05") == 1
        rows = db.session.scalars(
            sa.select(Evidence).where(Evidence.kind == "quiz_result").order_by(Evidence.seq)
        ).all()
        assert [row.reason for row in rows] == [None, None, "Kunci soal 3 keliru", None]
        assert {row.earned_on for row in rows} == {completion.earned_on}
        assert record.stale_states() == []
        assert list(ledger.verify(Evidence, record.evidence_entries(), record.evidence_facts)) == []
    page = words(learner.get("/my/competencies"))
    assert "Alasan: Kunci soal 3 keliru" in page


def test_a_revoked_certificate_takes_it_back_too(app: Flask, learner: PageClient) -> None:
    complete(learner, ALL)
    with app.app_context():
        number = db.session.scalars(sa.select(Certificate.number)).one()
        db.session.remove()
    done = app.test_cli_runner().invoke(
        args=["certificates", "revoke", number, "--reason", "Jawaban disalin"]
    )
    assert done.exit_code == 0, done.output
    with app.app_context():
        assert entries() == []
        assert entries(EvidenceKind.COURSE_COMPLETION) == []
        assert (level_of("M.05"), level_of("M.01")) == (0, 0)


def test_the_ledger_refuses_to_have_it_changed(app: Flask, learner: PageClient) -> None:
    complete(learner, ALL)
    with app.app_context():
        before = entries()
        for statement in (
            "UPDATE evidence SET level = 5 WHERE kind = 'quiz_result'",
            "UPDATE evidence SET standing = 'proves' WHERE kind = 'quiz_result'",
            "DELETE FROM evidence WHERE kind = 'quiz_result'",
        ):
            with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
                connection.execute(sa.text(statement))
        db.session.expire_all()
        assert entries() == before


def test_the_learner_reads_it_before_and_finds_the_attempt_after(learner: PageClient) -> None:
    page = words(learner.get("/courses/melayani"))
    assert "Nilai 60 menjadi bukti M.05 tingkat 1" in page
    uuid = complete(learner, ALL)
    shown = learner.get("/my/competencies").get_data(as_text=True)
    assert f'<a href="/attempts/{uuid}/result">Kuis Ujian akhir, Melayani dengan ramah</a>' in shown
    assert learner.get(f"/attempts/{uuid}/result").status_code == 200


def test_the_head_reads_it_without_a_link_to_the_answers(
    app: Flask, learner: PageClient, cast: Cast
) -> None:
    uuid = complete(learner, ALL)
    with app.app_context():
        person = cast.person("learner").uuid
    learner.sign_in(cast.people["head"])
    page = learner.get(f"/team/{person}")
    assert "Kuis Ujian akhir, Melayani dengan ramah" in words(page)
    assert uuid not in page.get_data(as_text=True)
    assert learner.get(f"/attempts/{uuid}/result").status_code == 404


def mark(cast: Cast, points: dict[str, str]) -> None:
    """Have somebody else give questions of the final attempt other points, one by one."""
    for key, earned in points.items():
        with transaction():
            attempt = db.session.scalars(
                sa.select(Attempt).where(Attempt.quiz_key == "akhir")
            ).one()
            views = quizzes.questions(slot.question_id for slot in quizzes.slots(attempt))
            question = next(view.id for view in views.values() if view.key == key)
            by = cast.person("stranger")
            change_mark(by, attempt, question, Decimal(earned), reason="Kunci keliru")


def test_another_mark_is_followed_by_the_evidence_and_back(
    app: Flask, learner: PageClient, cast: Cast
) -> None:
    complete(learner, ALL)
    with app.app_context():
        whole = [("M.01", 4, "supports", "100"), ("M.05", 2, "proves", "100")]
        mark(cast, {"akhir-3": "0"})
        assert entries() == [whole[0], ("M.05", 1, "proves", "100")]
        assert len(entries(EvidenceKind.COURSE_COMPLETION)) == 2
        mark(cast, {"akhir-3": "1"})
        assert entries() == whole
        mark(cast, {"akhir-1": "0", "akhir-2": "0", "akhir-3": "0"})  # the course is failed now
        assert entries() == []
        assert entries(EvidenceKind.COURSE_COMPLETION) == []
        assert record.stale_states() == []
        assert list(ledger.verify(Evidence, record.evidence_entries(), record.evidence_facts)) == []


def test_a_score_that_stays_still_moves_the_evidence(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write(tmp_path))
        db.session.remove()
    learner = _enrolled(client, cast)
    complete(learner, {"akhir-1", "akhir-2"})
    with app.app_context():
        before = db.session.scalars(sa.select(Completion)).one().final_score
        with transaction():
            attempt = db.session.scalars(
                sa.select(Attempt).where(Attempt.quiz_key == "akhir")
            ).one()
            grade_anew({"akhir-1": "0", "akhir-3": "1"})
            enrolment = lock_learner(attempt.person_id, attempt.holder)
            settle_again(cast.person("stranger"), enrolment, reason="Kunci keliru")
        assert db.session.scalars(sa.select(Completion)).one().final_score == before
        assert entries() == [("M.01", 4, "supports", "100")]


def test_what_a_revocation_took_back_is_not_given_again(
    app: Flask, learner: PageClient, cast: Cast
) -> None:
    complete(learner, ALL)
    with app.app_context():
        number = db.session.scalars(sa.select(Certificate.number)).one()
        db.session.remove()
    args = ["certificates", "revoke", number, "--reason", "Jawaban disalin"]
    assert app.test_cli_runner().invoke(args=args).exit_code == 0
    with app.app_context():
        with transaction():
            attempt = db.session.scalars(
                sa.select(Attempt).where(Attempt.quiz_key == "akhir")
            ).one()
            enrolment = lock_learner(attempt.person_id, attempt.holder)
            settle_again(cast.person("stranger"), enrolment, reason="Kunci keliru")
        assert entries() == []
