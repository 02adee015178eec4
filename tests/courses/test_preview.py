"""The draft as learners would get it: every kind of part, and not a trace of it."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.core.db import db, transaction
from lms.courses.actions import drafts
from lms.courses.models import CourseMember
from lms.courses.queries import course_by_slug, reviewing
from lms.courses.queries import drafts as queries
from lms.courses.rules import CourseRole
from lms.learning.models import Enrolment
from lms.quizzes.models import Attempt, Question
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.drafted import Drafted, drafted
from tests.learning.assigning import actor_of
from tests.sample_course import KINDS

START = "/studio/melayani/as-learner"
BASE = "/studio/melayani/preview"


@pytest.fixture
def course(app: Flask, cast: Cast, tmp_path: Path) -> Drafted:
    return drafted(app, cast, tmp_path, video=True)


@pytest.fixture
def trainer(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def save(app: Flask, cast: Cast, course: Drafted, path: str, text: str) -> None:
    with app.app_context():
        actor = actor_of(cast, "stranger")
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        with transaction():
            drafts.save_text(actor, draft, queries.file_for(draft, course.uuids[path]), text, 1)
        db.session.remove()


def test_one_goes_through_the_draft_part_by_part(course: Drafted, trainer: PageClient) -> None:
    address = trainer.get(START).location
    titles = []
    while address:
        page = trainer.get(address)
        assert page.status_code == 200
        html = page.get_data(as_text=True)
        titles.append(html.split("<h1", 1)[1].split(">", 1)[1].split("<")[0])
        assert "Tidak ada yang dicatat" in words(page)
        address = html.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in html else ""
    assert titles == ["Menyapa", "Mendengar", "Kuis 1", "Ujian akhir", "Di loket"]


def test_it_leaves_no_trace(course: Drafted, app: Flask, trainer: PageClient) -> None:
    for key in ("sapa", "kuis-1", "video"):
        assert trainer.get(f"{BASE}/{key}").status_code == 200
    with app.app_context():
        for model in (Enrolment, Attempt):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
        found = course_by_slug("melayani")
        assert found is not None
        assert found.current_version_id is None


def test_what_need_not_be_done_is_told_as_to_learners(
    course: Drafted, app: Flask, cast: Cast, trainer: PageClient
) -> None:
    assert "Tidak wajib" not in words(trainer.get(f"{BASE}/dengar"))
    path = next(path for path in course.uuids if path.endswith("02-dengar.md"))
    with app.app_context():
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        text = queries.file_for(draft, course.uuids[path]).text or ""
        db.session.remove()
    save(app, cast, course, path, text.replace("minutes =", "optional = true\nminutes =", 1))
    assert words(trainer.get(f"{BASE}/dengar")).count("menit · Tidak wajib") == 2
    assert words(trainer.get(f"{BASE}/sapa")).count("menit · Tidak wajib") == 1


def test_a_lesson_shows_the_pictures_of_the_draft(course: Drafted, trainer: PageClient) -> None:
    html = trainer.get(f"{BASE}/sapa").get_data(as_text=True)
    address = html.split('alt="Loket pelayanan" src="')[1].split('"')[0]
    assert address.startswith(f"{BASE}/01-dasar/media/loket.png?v=")
    assert trainer.get(address).status_code == 200


def test_a_quiz_shows_its_questions_with_the_key_folded(
    course: Drafted, trainer: PageClient
) -> None:
    page = trainer.get(f"{BASE}/akhir")
    told = words(page)
    assert "Apa yang pertama dilakukan saat warga datang?" in told
    assert "Benar, sapaan membuka layanan." in told
    assert '<details class="more-d" open>' not in page.get_data(as_text=True)
    shown = trainer.get(f"{BASE}/akhir?keys=shown").get_data(as_text=True)
    assert shown.count('<details class="more-d" open>') == 3


def test_every_kind_of_question_can_be_shown(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "01-dasar/04-akhir.gift", KINDS)
    told = words(trainer.get(f"{BASE}/akhir?keys=shown"))
    for expected in ("Bandung", "4500", "Bogor & Depok", "Ucapkan terima kasih", "Salah"):
        assert expected in told


def test_a_video_plays_by_ranges(course: Drafted, trainer: PageClient) -> None:
    html = trainer.get(f"{BASE}/video").get_data(as_text=True)
    address = html.split("<video")[1].split('src="')[1].split('"')[0]
    part = trainer.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, len(part.data)) == (206, 100)
    captions = html.split("<track")[1].split('src="')[1].split('"')[0]
    assert trainer.get(captions).mimetype == "text/vtt"


def test_a_draft_with_faults_shows_what_can_be_read(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "01-dasar/01-sapa.md", '+++\ntitle = "x\n+++\nIsi.\n')
    page = trainer.get(f"{BASE}/dengar")
    assert "Draf ini masih punya kesalahan" in words(page)
    assert trainer.get(f"{BASE}/sapa").status_code == 404


def test_what_cannot_be_shown_at_all_says_why(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "course.toml", 'title = "x\n')
    page = trainer.get(START, follow_redirects=True)
    assert page.status_code == 200
    assert "Pengaturan kursus (course.toml) tidak dapat dibaca" in words(page)


def test_a_change_shows_at_once(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    before = trainer.get(f"{BASE}/dengar")
    assert "Dengarkan sampai selesai." in words(before)
    text = course.text("01-dasar/02-dengar.md").replace("sampai selesai", "dengan sabar")
    save(app, cast, course, "01-dasar/02-dengar.md", text)
    assert "Dengarkan dengan sabar." in words(trainer.get(f"{BASE}/dengar"))


def test_whoever_has_no_part_in_the_course_finds_nothing(
    course: Drafted, app: Flask, cast: Cast, trainer: PageClient
) -> None:
    with app.app_context(), transaction():
        found = course_by_slug("melayani")
        assert found is not None
        member = db.session.get(CourseMember, (found.id, cast.people["stranger"]))
        db.session.delete(member)
    assert trainer.get(START).status_code == 404
    assert trainer.get(f"{BASE}/sapa").status_code == 404
    assert trainer.get(f"{BASE}/01-dasar/media/loket.png").status_code == 404


def text_of(app: Flask, key: str) -> str:
    with app.app_context():
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        return reviewing.part_file(draft, key).text or ""


def try_one(page: PageClient, question: str, *answer: str) -> TestResponse:
    return page.send(f"{BASE}/akhir", {"question": question, "answer": list(answer)})


def shown_value(html: str, question: str, name: str) -> str:
    """What is sent for the item or choice of that name."""
    form = html.split(f'name="question" value="{question}"')[1].split("</form>")[0]
    found = re.search(rf'value="([0-9:]+)"[^>]*>(?:<span[^>]*>)?{re.escape(name)}', form)
    assert found, form
    return found[1]


def test_every_kind_of_question_can_be_tried_without_a_trace(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "01-dasar/04-akhir.gift", KINDS)
    page = trainer.get(f"{BASE}/akhir")
    html = page.get_data(as_text=True)
    assert html.count('name="answer"') >= 7
    assert 'inputmode="decimal"' in html
    again = trainer.get(f"{BASE}/akhir").get_data(as_text=True)
    assert again.split("<article")[1].count("<option") > 20
    shown = re.compile(r"<option[^>]*>[^<]*|<label[^>]*>[^<]*")
    assert shown.findall(html) == shown.findall(again)  # the order stays
    right = try_one(trainer, "jenis-1", shown_value(html, "jenis-1", "Menyapa"))
    assert "Tepat. Benar, sapaan membuka layanan." in words(right)
    part = try_one(trainer, "jenis-2", shown_value(html, "jenis-2", "Ramah"))
    assert "Sebagian tepat. Bernilai 50 persen." in words(part)
    assert "Belum tepat." in words(try_one(trainer, "jenis-3", "1"))
    assert "Tepat. Tepat, Bandung." in words(try_one(trainer, "jenis-4", "bandung"))
    assert "Sebagian tepat." in words(try_one(trainer, "jenis-5", "4.200"))
    stems = ("Bandung", "Serang", "Denpasar")
    form = html.split('value="jenis-6"')[1].split("</form>")[0]
    choices = [re.findall(r'value="(\d:\d)">([^<]+)<', row) for row in form.split("<select")[1:]]
    sent = [
        next(value for value, told in row if told == stem)
        for row, stem in zip(choices, stems, strict=True)
    ]
    assert "Tepat." in words(try_one(trainer, "jenis-6", *sent))
    order = try_one(trainer, "jenis-7", "1:1", "2:2", "3:3", "4:4")
    assert "Jawaban yang tepat:" in words(order)
    with app.app_context():
        for model in (Enrolment, Attempt, Question):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("jenis-1", (), "Belum ada jawaban untuk diperiksa."),
        ("jenis-1", ("9",), "Pilihan ini tidak ada pada soal."),
        ("jenis-5", ("lima",), "Ini bukan angka."),
        ("jenis-6", ("1:1", "1:2"), "Pilihan ini tidak ada pada soal."),
        ("jenis-4", ("x" * 501,), "Jawaban paling panjang 500 karakter."),
    ],
)
def test_what_is_no_answer_is_refused(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient, question: str,
    answer: tuple[str, ...], told: str,
) -> None:  # fmt: skip
    save(app, cast, course, "01-dasar/04-akhir.gift", KINDS)
    page = try_one(trainer, question, *answer)
    assert page.status_code == 422
    assert told in words(page)
    assert try_one(trainer, "tak-ada", "1").status_code == 200
    assert trainer.send(f"{BASE}/sapa", {"question": question}).status_code == 200


def test_an_essay_tells_its_length_and_keeps_nothing(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    save(app, cast, course, "01-dasar/04-akhir.gift", "// [id:esai]\nCeritakan. {}\n")
    asks = course.text("01-dasar/04-akhir.toml")
    asks += '\n[[essays]]\nquestion = "esai"\nleast_words = 3\nmost_words = 5\n'
    save(app, cast, course, "01-dasar/04-akhir.toml", asks)
    assert "<textarea" in trainer.get(f"{BASE}/akhir").get_data(as_text=True)
    for text, told in (
        ("satu dua", "tertulis: 2 kata, kurang dari 3 kata."),
        ("satu dua tiga", "tertulis: 3 kata. Esai dinilai oleh pengajar."),
        ("satu " * 6, "tertulis: 6 kata, lebih dari 5 kata."),
    ):
        assert told in words(try_one(trainer, "esai", text))


def test_a_comment_at_a_line_goes_with_it_and_is_seen_where_it_is_written(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    path = "01-dasar/01-sapa.md"
    text = text_of(app, "sapa")
    line = text.split("\n").index("Sapa warga yang datang.") + 1
    html = trainer.get(f"{BASE}/sapa").get_data(as_text=True)
    assert f"?line={line}#text" in html
    asked = trainer.get(f"{BASE}/sapa?line={line}").get_data(as_text=True)
    assert f'name="line" value="{line}"' in asked
    data = {"line": line, "text": "Siapa\nyang disapa?"}
    assert trainer.send(f"{BASE}/sapa/comments", {**data, "text": ""}).status_code == 422
    late = trainer.send(f"{BASE}/sapa/comments", {**data, "line": 9999})
    assert late.status_code == 422
    assert "Baris ini tidak ada lagi" in words(late)
    assert trainer.send(f"{BASE}/sapa/comments", data).status_code == 302
    assert "Sapa warga yang datang." in words(trainer.get("/studio/melayani/review"))
    editor = trainer.get(course.url(path))
    assert "1 komentar belum beres" in words(editor)
    assert 'data-line="1"' in editor.get_data(as_text=True)
    save(app, cast, course, path, text.replace("Sapa warga", "Baru.\n\nSapa warga"))
    assert 'data-line="3"' in trainer.get(course.url(path)).get_data(as_text=True)
    trainer.send(f"/studio/melayani/outline/{course.uuids[path]}/move", {"way": "down"})
    assert trainer.get(START).location.endswith("/dengar")
    html = trainer.get(f"{BASE}/sapa").get_data(as_text=True)
    before, after = html.split('id="komentar-')[:2]
    assert "Sapa warga yang datang." in before
    assert "Loket pelayanan" in after
    uuid = after[:36]
    form = {"text": "Teks lain.", "title": "Menyapa", "minutes": "4", "number": "2"}
    saved = trainer.send(course.url(path), {**form, "go": "preview"})
    assert "Teks ini sudah berubah" not in words(saved)
    assert trainer.send(course.url(path), {**form, "go": "save"}).status_code == 302
    assert "Teks ini sudah berubah" in words(trainer.get(course.url(path)))
    assert "Teks ini sudah berubah" in words(trainer.get(f"{BASE}/sapa"))
    settled = {**form, "text": "Teks ini.", "number": "3", "go": f"settle:{uuid}"}
    assert trainer.send(course.url(path), settled).status_code == 302
    assert "Teks ini." in text_of(app, "sapa")
    assert "komentar belum beres" not in words(trainer.get(course.url(path)))
    back = trainer.send(f"/studio/melayani/review/comments/{uuid}/reopen", {"part": "sapa"})
    assert back.location.startswith(f"{BASE}/sapa")
    wrong = {"part": "tak-ada"}
    assert trainer.send(f"/studio/melayani/review/comments/{uuid}/settle", wrong).status_code == 404


def test_a_comment_on_a_question_is_seen_beside_it(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    html = trainer.get(f"{BASE}/akhir").get_data(as_text=True)
    key = html.split('name="question" value="')[1].split('"')[0]
    assert f"?question={key}#text" in html
    asked = trainer.get(f"{BASE}/akhir?question={key}").get_data(as_text=True)
    assert "Komentar tentang soal 1" in asked
    said = {"question": key, "text": "Terlalu mudah."}
    assert trainer.send(f"{BASE}/akhir/comments", said).status_code == 302
    assert trainer.send(f"{BASE}/akhir/comments", {**said, "question": "x"}).status_code == 404
    assert trainer.send(f"{BASE}/akhir/comments", {"text": "Semua baik."}).status_code == 302
    page = trainer.get(course.url("01-dasar/04-akhir.toml", "quizzes"))
    assert "Semua baik." in words(page)
    assert "1 komentar" in words(page)
    address = course.url("01-dasar/04-akhir.toml", "quizzes") + f"/questions/{key}"
    editor = trainer.get(address)
    assert "Terlalu mudah." in words(editor)
    assert "Semua baik." not in words(editor)
    listed = trainer.get("/studio/melayani/review").get_data(as_text=True)
    assert address in listed
    assert f"{BASE}/akhir#komentar-" in listed
    uuid = editor.get_data(as_text=True).split('value="settle:')[1].split('"')[0]
    form = dict(re.findall(r'name="(base)"[^>]* value="([^"]*)"', editor.get_data(as_text=True)))
    form |= {"kind": "truefalse", "text": "Sapa dahulu.", "right": "0", "state": "ready",
             "options-0-feedback": "Ya", "options-1-feedback": "Tidak"}  # fmt: skip
    assert trainer.send(address, {**form, "do": f"settle:{uuid}"}).status_code == 302
    assert "Terlalu mudah." not in words(trainer.get(address))


def test_whoever_only_marks_reads_no_comments_and_writes_none(
    app: Flask, cast: Cast, course: Drafted, trainer: PageClient
) -> None:
    trainer.send(f"{BASE}/sapa/comments", {"text": "Rahasia penulis."})
    with app.app_context(), transaction():
        found = course_by_slug("melayani")
        assert found is not None
        member = db.session.get(CourseMember, (found.id, cast.people["stranger"]))
        assert member is not None
        member.role = CourseRole.MARKER
    page = trainer.get(f"{BASE}/sapa")
    assert page.status_code == 200
    assert "Rahasia penulis." not in words(page)
    assert "Komentari" not in page.get_data(as_text=True)
    assert trainer.send(f"{BASE}/sapa/comments", {"text": "x"}).status_code == 403
    assert trainer.send(f"{BASE}/akhir", {"question": "x"}).status_code == 200
