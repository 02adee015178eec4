"""Essays as their markers mark them: the queue, the rubric, two at once, and what follows."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock, ledger
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.courses.rules import CourseRole
from lms.learning.models import Completion, Enrolment
from lms.quizzes.models import AnswerMark, Attempt, GradeChange
from lms.quizzes.queries import change_facts, grade_changes
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning import classes
from tests.learning.answers import take
from tests.learning.writing import ESSAYS, PDF, SETTINGS, TEXT, queued, upload, url, write
from tests.queries import counted
from tests.sample_course import import_course, write_course


@pytest.fixture
def stage(app: Flask, cast: Cast, tmp_path: Path) -> Cast:
    with app.app_context():
        import_course(write_course(tmp_path, final=ESSAYS, settings=SETTINGS))
        classes.join(cast.people["stranger"], CourseRole.MARKER)
        db.session.remove()
    return cast


def visitor(app: Flask, cast: Cast, name: str) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people[name])
    return client


@pytest.fixture
def learner(app: Flask, stage: Cast) -> PageClient:
    found = visitor(app, stage, "learner")
    found.send("/courses/melayani/enrol")
    return found


@pytest.fixture
def marker(app: Flask, stage: Cast) -> PageClient:
    return visitor(app, stage, "stranger")


def give(marker: PageClient, where: str, **fields: Any) -> Any:
    return marker.send(where, {"number": 0, "feedback": "", "do": "next", **fields})


FULL = {"level-0": 2, "level-1": 1}


def test_the_last_mark_settles_the_attempt(
    app: Flask, learner: PageClient, marker: PageClient
) -> None:
    take(learner, "melayani", "kuis-1", right=True)
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/melayani/learn/{key}/done")
    uuid = write(learner)
    first, second = queued(marker)
    page = words(marker.get(first))
    for told in ("Sari Wulandari", "Ceritakan satu layanan", TEXT, "5 kata (3 sampai 10 kata)",
                 "Isi paling banyak 10 poin", "Bahasa paling banyak 10 poin"):  # fmt: skip
        assert told in page
    answer = give(marker, first, **{"level-0": 1, "level-1": 1}, feedback="Sebut <hasilnya>.")
    assert answer.location.split("?")[0] == second
    waiting = words(learner.get(f"/attempts/{uuid}/result"))
    assert "1 esai masih dinilai" in waiting
    assert "15 dari 20 poin" in waiting
    assert "Sebut <hasilnya>." in waiting
    assert "Hasil Ujian akhir" not in words(learner.get("/notifications"))
    assert give(marker, second, points="7,5").location.startswith("/marking")
    result = words(learner.get(f"/attempts/{uuid}/result"))
    # One of three right, 15 of 20 and 7.5 of 10: (1 + 0.75 + 0.75) / 3
    assert "Nilai Anda 83,33" in result
    assert "Anda lulus" in result
    assert "7,5 dari 10 poin" in result
    assert "Isi 5 dari 10: sebagian" in result
    assert "Sebut <hasilnya>." in result
    assert "Hasil Ujian akhir" in words(learner.get("/notifications"))
    assert "Kursus selesai" in words(learner.get("/courses/melayani"))
    with app.app_context():
        attempt = db.session.scalars(sa.select(Attempt).where(Attempt.quiz_key == "akhir")).one()
        assert attempt.graded_at is not None
        assert db.session.scalars(sa.select(Completion)).one().final_score == attempt.percent
        actions = db.session.scalars(sa.select(AuditEntry.action)).all()
        assert actions.count("learning.essay_marked") == 2
    assert queued(marker) == []
    assert len(queued(marker, "?state=marked")) == 2


def test_a_fail_after_marking_leaves_the_course_open(
    app: Flask, learner: PageClient, marker: PageClient
) -> None:
    uuid = write(learner)
    first, second = queued(marker)
    give(marker, first, **{"level-0": 0, "level-1": 0})
    give(marker, second, points="0")
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Belum lulus" in page
    assert "Nilai Anda 33,33, nilai minimum 70." in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Completion)) == 0
        assert str(db.session.scalars(sa.select(Enrolment)).one().final_score) == "33.33"


@pytest.mark.parametrize(
    ("at", "fields", "said"),
    [
        (0, {"level-0": 1}, "Pilih satu tingkat untuk setiap kriteria."),
        (0, {"level-0": 1, "level-1": 7}, "Pilih satu tingkat untuk setiap kriteria."),
        (0, {"level-0": "x", "level-1": 1}, "Pilih satu tingkat untuk setiap kriteria."),
        (0, {"points": "5"}, "Pilih satu tingkat untuk setiap kriteria."),
        (1, {"points": ""}, "Isi poin dari 0 sampai 10."),
        (1, {"points": "10,5"}, "Isi poin dari 0 sampai 10."),
        (1, {"points": "banyak"}, "Isi angka 0 sampai 100"),
        (1, {"points": "5", "number": ""}, ""),
    ],
)
def test_what_is_no_mark_is_told_and_nothing_typed_is_lost(
    app: Flask, learner: PageClient, marker: PageClient, at: int, fields: dict[str, Any], said: str
) -> None:
    write(learner)
    where = queued(marker)[at]
    page = give(marker, where, feedback="Tetap di sini.", **fields)
    assert page.status_code == 422
    assert said in words(page)
    assert "Tetap di sini." in words(page)
    with app.app_context():
        assert db.session.scalars(sa.select(AnswerMark.marked_at)).all() == [None, None]


def test_two_markers_at_once_lose_nothing(
    app: Flask, stage: Cast, learner: PageClient, marker: PageClient
) -> None:
    write(learner)
    where = queued(marker)[0]
    owner = visitor(app, stage, "hr")
    assert "Esai ini" not in words(owner.get(where))
    give(marker, where, **FULL, feedback="Dari yang pertama.")
    assert give(marker, where, **FULL, feedback="Dari yang pertama.").status_code == 302, "again"
    late = give(owner, where, **{"level-0": 0, "level-1": 0}, feedback="Dari yang kedua.")
    assert late.status_code == 409
    page = words(late)
    assert "Orang lain sudah menilai esai ini." in page
    assert "20 dari 20 poin oleh Andi Tenri" in page
    assert "Dari yang pertama." in page
    assert "Dari yang kedua." in page
    with app.app_context():
        mark = db.session.scalars(
            sa.select(AnswerMark).where(AnswerMark.marked_at.is_not(None))
        ).one()
        assert (str(mark.points), mark.number, mark.feedback) == ("20", 1, "Dari yang pertama.")


def test_the_queue_begins_with_who_waits_longest(
    app: Flask, stage: Cast, learner: PageClient, marker: PageClient, at: SetClock
) -> None:
    began = clock.now()
    at(began + timedelta(minutes=5))
    write(learner, second="")
    early = visitor(app, stage, "colleague")
    early.send("/courses/melayani/enrol")
    at(began)
    write(early, second="")
    page = words(marker.get("/marking"))
    assert "2 esai menunggu" in page
    assert page.index("Daud Kogoya") < page.index("Sari Wulandari")
    first, second = queued(marker)
    html = marker.get(first).get_data(as_text=True)
    assert f'rel="next" href="{second}"' in html
    assert 'rel="prev"' not in html
    assert f'rel="prev" href="{first}"' in marker.get(second).get_data(as_text=True)
    assert give(marker, second, **FULL).location == first, "back to what was left out"
    assert "Penilaian esai (1)" in words(marker.get("/studio"))
    assert "Penilaian (1)" in words(marker.get("/studio/melayani"))
    assert queued(marker, "?course=lain") == []
    assert queued(marker, "?course=melayani&quiz=akhir") == [first]
    assert queued(marker, "?quiz=kuis-1") == []
    assert "Ujian akhir" in words(marker.get("/marking?course=melayani&quiz=akhir"))


def test_who_marks_and_who_does_not(
    app: Flask, stage: Cast, learner: PageClient, marker: PageClient
) -> None:
    """A marker of the course, its authors and owners; nobody marks their own, or another course's
    by way of their own."""
    uuid = write(learner)
    upload(learner, url(uuid, 2), PDF)
    where = queued(marker)[0]
    assert visitor(app, stage, "hr").get(where).status_code == 200
    assert visitor(app, stage, "learner").get(where).status_code == 403
    assert marker.get(where.replace("melayani", "lain")).status_code == 404
    assert marker.get(f"{where}/file").status_code == 404, "none was handed in"
    with app.app_context():
        classes.join(stage.people["admin"], CourseRole.OWNER)
        db.session.remove()
    assert visitor(app, stage, "admin").get(where).status_code == 403
    marker.send("/courses/melayani/enrol")
    write(marker)
    assert len(queued(marker)) == 2, "only the other's"
    own = [each for each in queued(visitor(app, stage, "hr")) if each not in queued(marker)]
    assert len(own) == 2
    assert marker.get(own[0]).status_code == 403
    assert give(marker, own[0], **FULL).status_code == 403
    assert marker.get(f"{own[0]}/file").status_code == 403


def test_a_file_is_for_its_markers(
    app: Flask, stage: Cast, learner: PageClient, marker: PageClient
) -> None:
    uuid = write(learner, first="", second="")
    learner.send("/courses/melayani/learn/akhir/attempts")
    with app.app_context():
        second = db.session.scalars(sa.select(Attempt).where(Attempt.number == 2)).one().uuid
    assert str(second) != uuid
    upload(learner, url(str(second), 2), PDF)
    learner.send(f"/attempts/{second}/submit")
    [where] = queued(marker)
    assert "Tanpa teks." in words(marker.get(where))
    file = marker.get(f"{where}/file")
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_what_counts_for_nothing_is_not_marked(
    app: Flask, stage: Cast, learner: PageClient, marker: PageClient
) -> None:
    write(learner)
    where = queued(marker)[0]
    with app.app_context():
        enrolment = db.session.scalar(sa.select(Enrolment.uuid))
    void = f"/studio/melayani/learners/{enrolment}/attempts/1/akhir"
    assert marker.send(void, {"reason": "Salah kuis"}).status_code == 302
    assert queued(marker) == []
    assert marker.get(where).status_code == 404
    assert give(marker, where, **FULL).status_code == 404
    assert "menunggu penilaian" not in words(learner.get("/courses/melayani"))


def test_a_long_queue_is_paged(
    app: Flask, stage: Cast, learner: PageClient, marker: PageClient
) -> None:
    write(learner)
    with app.app_context():
        one = db.session.scalars(sa.select(AnswerMark)).first()
        assert one
        attempt = one.attempt
        values = {"quiz_id": attempt.quiz_id, "quiz_key": "akhir", "person_id": attempt.person_id,
                  "holder": attempt.holder, "layout": attempt.layout, "headings": [],
                  "started_at": attempt.started_at, "submitted_at": attempt.submitted_at,
                  "waits_since": attempt.submitted_at}  # fmt: skip
        question, bank = one.question_id, one.bank
        with transaction():
            for number in range(2, 42):
                other = Attempt(number=number, **values)
                db.session.add(other)
                db.session.flush()
                db.session.add(
                    AnswerMark(
                        attempt_id=other.id,
                        question_id=question,
                        bank=bank,
                        submitted_at=other.submitted_at,
                    )
                )
        db.session.remove()
    page = marker.get("/marking")
    first = queued(marker)
    assert len(first) == 25
    following = page.get_data(as_text=True).split('rel="next"')[0].rsplit('href="', 1)[1]
    rest = queued(marker, "?" + following.split("?")[1].split('"')[0])
    assert len(rest) == 17
    assert not {*first} & {*rest}
    with counted(app) as few:
        marker.get("/marking")
    assert len(few) <= 9


def test_a_changed_mark_needs_a_reason_and_stands_in_the_ledger(
    app: Flask, learner: PageClient, marker: PageClient
) -> None:
    """What was completed with it is taken back, and the learner reads why."""
    take(learner, "melayani", "kuis-1", right=True)
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/melayani/learn/{key}/done")
    uuid = write(learner)
    first, second = queued(marker)
    give(marker, first, **FULL, feedback="Bagus.")
    give(marker, second, points="10")
    assert "Kursus selesai" in words(learner.get("/courses/melayani"))
    assert "Ubah nilai" in words(marker.get(first))
    low = {"level-0": 0, "level-1": 0, "number": 1, "feedback": "Dikutip dari orang lain."}
    refused = give(marker, first, **low)
    assert refused.status_code == 422
    assert "Isi alasan" in words(refused)
    assert "Dikutip dari orang lain." in words(refused)
    assert "Nilai Anda 100" in words(learner.get(f"/attempts/{uuid}/result"))
    answer = give(marker, first, **low, reason="Ternyata salinan", do="save")
    assert answer.status_code == 302
    result = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Nilai Anda 66,67, nilai minimum 70." in result
    assert "Alasan: Ternyata salinan" in result
    assert "0 dari 20 poin" in result
    assert "Kursus selesai" not in words(learner.get("/courses/melayani"))
    with app.app_context():
        change = db.session.scalars(sa.select(GradeChange)).one()
        assert (str(change.percent_before), str(change.percent_after)) == ("100", "66.67")
        assert change.reason == "Ternyata salinan"
        assert str(db.session.scalars(sa.select(Enrolment)).one().state) == "open"
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Completion)) == 2
        assert not list(ledger.verify(GradeChange, grade_changes(), change_facts))


def test_other_words_alone_change_no_mark(
    app: Flask, learner: PageClient, marker: PageClient
) -> None:
    uuid = write(learner, second="")
    [where] = queued(marker)
    give(marker, where, **FULL)
    give(marker, where, **FULL, number=1, feedback="Jelas.", reason="Melengkapi")
    assert "Jelas." in words(learner.get(f"/attempts/{uuid}/result"))
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(GradeChange)) == 0
        acts = db.session.scalars(
            sa.select(AuditEntry.details).where(AuditEntry.action == "learning.essay_marked")
        ).all()
        assert [act["reason"] for act in acts] == ["None", "Melengkapi"]


def test_a_mark_changes_before_the_others_are_marked_too(
    app: Flask, learner: PageClient, marker: PageClient
) -> None:
    """Nothing has been told yet, so nothing is corrected; the reason stands in the audit log."""
    uuid = write(learner)
    first, second = queued(marker)
    give(marker, first, **FULL)
    assert give(marker, first, **{"level-0": 0, "level-1": 1}, number=1).status_code == 422
    give(marker, first, **{"level-0": 0, "level-1": 1}, number=1, reason="Salah pilih")
    give(marker, second, points="10")
    assert "Nilai Anda 83,33" in words(learner.get(f"/attempts/{uuid}/result"))
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(GradeChange)) == 0
