"""Essays as their learners write them: words, a file beside them, and what waits for the marker."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core import clock, files
from lms.core.db import db
from lms.learning import jobs
from lms.learning.models import Completion, Enrolment
from lms.quizzes.models import Answer, AnswerFile, AnswerMark, Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.answers import start, take
from tests.learning.writing import ESSAYS, PDF, SETTINGS, TEXT, docx, upload, url, write
from tests.sample_course import import_course, write_course


@pytest.fixture
def learner(app: Flask, client: PageClient, cast: Cast, tmp_path: Path) -> PageClient:
    with app.app_context():
        import_course(write_course(tmp_path, final=ESSAYS, settings=SETTINGS))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return client


def stored(app: Flask, number: int) -> object:
    with app.app_context():
        attempt = db.session.scalars(sa.select(Attempt)).one()
        row = db.session.get(Answer, (attempt.id, attempt.layout[number - 1][0]))
        return row.value if row else None


def test_a_text_is_kept_as_it_was_typed(app: Flask, learner: PageClient) -> None:
    uuid = start(learner, "melayani", "akhir")
    page = words(learner.get(url(uuid, 2)))
    assert "Esai, dinilai oleh pengajar" in page
    assert "3 sampai 10 kata · tertulis: 0 kata" in page
    answer = learner.send(url(uuid, 2), {"answer": " Satu\r\n\r\ndua <b> tiga\r\n", "seq": 1})
    assert answer.location.endswith("/questions/3")
    assert stored(app, 2) == "Satu\n\ndua <b> tiga"
    again = learner.get(url(uuid, 2))
    assert "Satu\n\ndua &lt;b&gt; tiga</textarea>" in again.get_data(as_text=True)
    assert "tertulis: 4 kata" in words(again)


def test_what_is_too_long_or_too_short_is_kept_and_told(app: Flask, learner: PageClient) -> None:
    uuid = start(learner, "melayani", "akhir")
    short = learner.save(url(uuid, 2), {"answer": "Dua kata", "seq": 1}).get_json()
    assert (short["saved"], short["complete"]) == (True, False)
    assert short["lacks"] == "Tersimpan, tetapi kurang dari 3 kata."
    long = " ".join(["kata"] * 11)
    told = learner.save(url(uuid, 2), {"answer": long, "seq": 2}).get_json()
    assert told["lacks"] == "Tersimpan, tetapi lebih dari 10 kata."
    assert stored(app, 2) == long
    assert "Tersimpan, tetapi lebih dari 10 kata." in words(learner.get(url(uuid, 2)))
    review = words(learner.get(f"/attempts/{uuid}/review"))
    assert "2 soal belum dijawab" in review
    assert "1 esai di luar batasnya." in review
    good = learner.save(url(uuid, 2), {"answer": "Tiga kata saja", "seq": 3}).get_json()
    assert (good["complete"], good["lacks"]) == (True, "")


def test_a_text_without_end_is_refused_and_stays_on_the_page(
    app: Flask, learner: PageClient
) -> None:
    uuid = start(learner, "melayani", "akhir")
    whole = "a" * 20_000
    assert learner.save(url(uuid, 2), {"answer": whole, "seq": 1}).get_json()["saved"]
    page = learner.send(url(uuid, 2), {"answer": whole + "b", "seq": 2})
    assert page.status_code == 422
    assert "paling panjang 20000 karakter" in words(page)
    assert whole + "b" in page.get_data(as_text=True)
    assert stored(app, 2) == whole


def test_a_file_goes_with_the_text(app: Flask, learner: PageClient) -> None:
    uuid = start(learner, "melayani", "akhir")
    answer = upload(learner, url(uuid, 2), PDF, "C:\\kerja\\lap/oran.pdf", answer=TEXT)
    assert answer.location.endswith("/questions/2#berkas")
    assert stored(app, 2) == TEXT
    page = words(learner.get(url(uuid, 2)))
    assert "oran.pdf 1 kB" in page
    file = learner.get(f"{url(uuid, 2)}/file")
    assert file.data == PDF
    assert file.headers["Content-Disposition"] == "attachment; filename=oran.pdf"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.mimetype == "application/pdf"
    upload(learner, url(uuid, 2), docx(), "baru.docx", answer=TEXT, seq=2)
    assert learner.get(f"{url(uuid, 2)}/file").data == docx()
    learner.send(url(uuid, 2), {"answer": TEXT, "seq": 3, "go": "detach"})
    assert learner.get(f"{url(uuid, 2)}/file").status_code == 404
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AnswerFile)) == 0


@pytest.mark.parametrize(
    ("number", "content", "name", "said"),
    [
        (2, b"MZ" + b"\0" * 100, "laporan.pdf", "bukan PDF, DOCX yang utuh"),
        (2, b"\xff\xd8\xff gambar \xff\xd9", "foto.jpg", "bukan PDF, DOCX yang utuh"),
        (2, docx("word/vbaProject.bin"), "makro.docx", "bukan PDF, DOCX yang utuh"),
        (2, PDF[:12], "potong.pdf", "bukan PDF, DOCX yang utuh"),
        (2, b"PK\x03\x04 rusak", "rusak.docx", "bukan PDF, DOCX yang utuh"),
        (2, b"%PDF-" + b"x" * 1_000_001, "besar.pdf", "Berkas lebih dari 1 MB"),
        (3, PDF, "laporan.pdf", "Soal ini tidak menerima berkas"),
    ],
)
def test_a_file_is_taken_by_its_content(
    app: Flask, learner: PageClient, number: int, content: bytes, name: str, said: str
) -> None:
    uuid = start(learner, "melayani", "akhir")
    page = upload(learner, url(uuid, number), content, name, answer="Tetap di sini.")
    assert page.status_code == 422
    assert said in words(page)
    assert "Tetap di sini." in page.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AnswerFile)) == 0


def test_a_file_is_nobody_elses(app: Flask, cast: Cast, learner: PageClient) -> None:
    uuid = start(learner, "melayani", "akhir")
    upload(learner, url(uuid, 2), PDF)
    learner.send(f"/attempts/{uuid}/submit")
    assert learner.get(f"{url(uuid, 2)}/file").data == PDF
    assert upload(learner, url(uuid, 2), docx(), seq=2).status_code == 302, "to the result"
    assert learner.get(f"{url(uuid, 2)}/file").data == PDF
    other = app.test_client()
    assert isinstance(other, PageClient)
    for name in ("colleague", "head", "hr"):
        other.sign_in(cast.people[name])
        assert other.get(f"{url(uuid, 2)}/file").status_code == 404
    with app.app_context():
        digest = db.session.scalars(sa.select(AnswerFile.digest)).one()
        assert (files.folder() / digest[:2] / digest).stat().st_mode & 0o077 == 0


def test_an_attempt_waits_until_its_essays_are_marked(app: Flask, learner: PageClient) -> None:
    take(learner, "melayani", "kuis-1", right=True)
    uuid = write(learner)
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Menunggu penilaian" in page
    assert "2 esai masih dinilai pengajar." in page
    assert "Soal lain sudah dinilai: 100 dari 100 untuk 1 soal." in page
    assert TEXT in page
    with app.app_context():
        attempt = db.session.scalars(sa.select(Attempt).where(Attempt.quiz_key == "akhir")).one()
        assert (attempt.percent, attempt.graded_at) == (None, None)
        assert attempt.waits_since is not None
        fractions = db.session.scalars(
            sa.select(Answer.fraction).where(Answer.attempt_id == attempt.id)
        )
        assert sorted(fractions, key=str) == ["1.0000000", None, None]
    assert "menunggu penilaian" in words(learner.get("/courses/melayani"))
    assert "menunggu penilaian" in words(learner.get("/courses/melayani/learn/akhir"))
    assert "1 kuis menunggu penilaian" in words(learner.get("/"))
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/melayani/learn/{key}/done")
    course = words(learner.get("/courses/melayani"))
    assert "Ujian akhir: menunggu penilaian pengajar" in course
    with app.app_context():
        enrolment = db.session.scalars(sa.select(Enrolment)).one()
        assert (enrolment.done_parts, str(enrolment.state)) == (3, "open")
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Completion)) == 0


def test_essays_left_open_wait_for_nobody(app: Flask, learner: PageClient) -> None:
    uuid = write(learner, first="", second="")
    page = words(learner.get(f"/attempts/{uuid}/result"))
    assert "Nilai Anda 33,33" in page
    assert "tidak dijawab" in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AnswerMark)) == 0


def test_the_sweep_sends_what_was_saved_and_leaves_it_to_the_marker(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, at: SetClock
) -> None:
    began = clock.now()
    at(began)
    with app.app_context():
        import_course(write_course(tmp_path, final=ESSAYS, settings=SETTINGS, time_limit=30))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    uuid = start(client, "melayani", "akhir")
    client.send(url(uuid, 2), {"answer": TEXT, "seq": 1})
    at(began + timedelta(minutes=32))
    with app.app_context():
        jobs.sweep_attempts()
        jobs.sweep_attempts()
        attempt = db.session.scalars(sa.select(Attempt)).one()
        assert attempt.submitted_at == began + timedelta(minutes=30)
        assert attempt.waits_since is not None
        mark = db.session.scalars(sa.select(AnswerMark)).one()
        assert mark.submitted_at == attempt.submitted_at
        db.session.remove()
    client.sign_in(cast.people["learner"])
    assert "1 esai masih dinilai" in words(client.get(f"/attempts/{uuid}/result"))
    assert "Hasil Ujian akhir" not in words(client.get("/notifications"))
