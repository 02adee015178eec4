"""Captions, transcript and poster of a video in the studio."""

import re
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from lms.core import files
from lms.core.db import db, transaction
from lms.courses.models import DraftFile
from lms.courses.queries import course_by_slug
from lms.courses.queries import drafts as queries
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.drafted import Drafted, drafted
from tests.courses.test_pictures import photo
from tests.sample_course import PNG

PART = "01-dasar/05-video.toml"
OWN = "01-dasar/media/loket.vtt"
ENGLISH = "WEBVTT\n\n00:00.000 --> 00:08.000\nGood morning, how can we help you?\n"


@pytest.fixture
def course(app: Flask, cast: Cast, tmp_path: Path) -> Drafted:
    return drafted(app, cast, tmp_path, video=True)


@pytest.fixture
def trainer(course: Drafted, client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def page(course: Drafted, more: str = "") -> str:
    return f"{course.url(PART, 'outline')}/{more or 'captions'}"


def kept(app: Flask) -> dict[str, bytes]:
    """The media of the draft by path."""
    with app.app_context():
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        present = {f.path: f.digest for f in queries.files_of(draft) if f.digest}
        db.session.remove()
        return {path: files.Kept(digest).content for path, digest in present.items()}


def base_of(client: PageClient, address: str) -> str:
    found = re.search(r'name="base" value="([^"]*)"', client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def send(client: PageClient, address: str, text: str, **more: object) -> TestResponse:
    base = base_of(client, address)
    return client.send(address, {"base": base, "text": text, **more})


def undo(client: PageClient, answer: TestResponse) -> TestResponse:
    html = client.get(answer.location).get_data(as_text=True)
    action = re.search(r'action="([^"]+/restore)"', html)
    gone = re.search(r'name="gone" value="([^"]+)"', html)
    assert action
    assert gone
    return client.send(action[1], {"gone": gone[1]})


def test_the_page_shows_the_video_with_its_captions(course: Drafted, trainer: PageClient) -> None:
    shown = trainer.get(page(course))
    html = shown.get_data(as_text=True)
    assert re.search(r'<video[^>]* src="/studio/melayani/preview/01-dasar/media/loket.mp4', html)
    track = re.search(r'<track kind="captions" srclang="id" label="Indonesia" src="([^"]+)"', html)
    assert track
    assert trainer.get(track[1]).mimetype == "text/vtt"
    assert "1 takarir" in words(shown)
    assert "Selamat pagi, **ada yang dapat kami bantu?**" in words(shown)
    settings = trainer.get(course.url(PART, "outline")).get_data(as_text=True)
    assert f'href="{page(course)}"' in settings


def test_captions_in_another_language_are_typed_or_sent(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    assert trainer.get(f"{page(course)}?language=en").location.endswith("/captions/en")
    assert trainer.get(f"{page(course)}?language=xx").status_code == 404
    answer = send(trainer, page(course, "captions/en"), ENGLISH)
    assert answer.status_code == 302
    assert "Takarir Inggris disimpan." in words(trainer.get(answer.location))
    assert kept(app)["media/05-video-en.vtt"] == ENGLISH.encode()
    assert course.text(PART).endswith('\n\n[subtitles]\nen = "media/05-video-en.vtt"\n')
    sent = {
        "base": "",
        "csrf_token": trainer.csrf(),
        "file": (BytesIO(b"\xef\xbb\xbf" + ENGLISH.replace("\n", "\r\n").encode()), "jv.vtt"),
    }
    assert trainer.post(page(course, "captions/jv"), data=sent).status_code == 302
    html = trainer.get(page(course)).get_data(as_text=True)
    assert re.findall(r'<track kind="captions" srclang="(\w+)"', html) == ["id", "en", "jv"]
    preview = trainer.get("/studio/melayani/preview/video").get_data(as_text=True)
    assert re.findall(r'<track kind="captions" srclang="(\w+)"', preview) == ["id", "en", "jv"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nHai.\n", "Baris 1: Baris pertama takarir harus WEBVTT"),
        (ENGLISH.replace("08.000", "08,000"), "Baris 3: Waktu ini tidak terbaca"),
        ("", "Baris 1: Baris pertama takarir harus WEBVTT"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_nothing_typed_is_lost(
    app: Flask, course: Drafted, trainer: PageClient, text: str, told: str
) -> None:
    before = kept(app)
    answer = send(trainer, page(course, "captions/en"), text)
    assert answer.status_code == 422
    assert told in words(answer)
    assert " ".join(text.split()) in words(answer)
    assert kept(app) == before


def test_a_file_in_another_encoding_leaves_the_text_in_the_field(
    course: Drafted, trainer: PageClient
) -> None:
    address = page(course, "captions/en")
    sent = (BytesIO(ENGLISH.encode("utf-16")), "en.vtt")
    answer = send(trainer, address, ENGLISH, file=sent)
    assert answer.status_code == 422
    assert "Bukan teks UTF-8" in words(answer)
    assert " ".join(ENGLISH.split()) in words(answer)
    assert "\ufffd" not in answer.get_data(as_text=True)


def test_faults_are_told_in_english_to_who_reads_english(
    course: Drafted, trainer: PageClient
) -> None:
    trainer.send("/preferences", {"language": "en"})
    answer = send(trainer, page(course, "captions/en"), ENGLISH.replace("08.000", "08,000"))
    assert "Line 3: This time cannot be read" in words(answer)


def test_changed_captions_can_be_taken_back(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    before = kept(app)[OWN]
    answer = send(trainer, page(course, "captions/id"), ENGLISH)
    assert kept(app)[OWN] == ENGLISH.encode()
    assert undo(trainer, answer).status_code == 302
    assert kept(app)[OWN] == before
    again = send(trainer, page(course, "captions/id"), before.decode())
    assert "gone=" not in again.location  # nothing was changed


def test_removed_captions_can_be_brought_back(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    send(trainer, page(course, "captions/en"), ENGLISH)
    text, media = course.text(PART), kept(app)
    for language, gone in (("en", "media/05-video-en.vtt"), ("id", OWN)):
        answer = trainer.send(page(course, f"captions/{language}/remove"))
        assert gone not in kept(app)
        assert gone.rpartition("/")[2] not in course.text(PART)
        assert undo(trainer, answer).status_code == 302
        assert kept(app) == media
        assert course.text(PART).count(gone.rpartition("/")[2]) == text.count(
            gone.rpartition("/")[2]
        )
    assert trainer.send(page(course, "captions/jv/remove")).status_code == 404


def test_the_later_of_two_saves_is_told_and_loses_nothing(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    address = page(course, "captions/id")
    base = base_of(trainer, address)
    assert trainer.send(address, {"base": base, "text": ENGLISH}).status_code == 302
    mine = ENGLISH.replace("Good morning", "Hello")
    late = trainer.send(address, {"base": base, "text": mine})
    assert late.status_code == 409
    assert "Orang lain menyimpan perubahan" in words(late)
    assert "Hello, how can we help you?" in words(late)
    assert "Good morning, how can we help you?" in words(late)
    assert kept(app)[OWN] == ENGLISH.encode()
    assert send(trainer, address, mine).status_code == 302
    assert kept(app)[OWN] == mine.encode()


def test_captions_that_another_part_shows_too_stay_there(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    before = kept(app)[OWN]
    lesson = course.url("01-dasar/02-dengar.md")
    text = {"title": "Mendengar", "minutes": 5, "text": "[Takarir](media/loket.vtt)", "number": 1}
    assert trainer.send(lesson, text).status_code == 302
    answer = send(trainer, page(course, "captions/id"), ENGLISH)
    assert "gone=" not in answer.location
    assert kept(app)[OWN] == before
    assert kept(app)["media/05-video-id.vtt"] == ENGLISH.encode()
    assert 'captions = "media/05-video-id.vtt"' in course.text(PART)


def test_a_picture_is_chosen_sent_and_left_out(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    poster = page(course, "poster")
    assert trainer.send(poster, {"picture": "media/loket.png"}).status_code == 302
    assert 'poster = "media/loket.png"' in course.text(PART)
    html = trainer.get(page(course)).get_data(as_text=True)
    assert 'poster="/studio/melayani/preview/01-dasar/media/loket.png?' in html
    sent = {
        "picture": "", "csrf_token": trainer.csrf(),
        "upload": (BytesIO(photo(1200, 600, "JPEG")), "Awal.jpg"),
    }  # fmt: skip
    assert trainer.post(poster, data=sent).status_code == 302
    assert 'poster = "media/awal.webp"' in course.text(PART)
    preview = trainer.get("/studio/melayani/preview/video").get_data(as_text=True)
    found = re.search(r'poster="([^"]+/media/awal\.webp/960\.webp\?v=\w+)"', preview)
    assert found
    assert trainer.get(found[1]).mimetype == "image/webp"
    assert trainer.send(poster, {"picture": ""}).status_code == 302
    assert "poster" not in course.text(PART)
    assert "media/awal.webp" in kept(app)  # it stays in the library


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"%PDF-1.4\n%%EOF", "a.pdf", "Pilih gambar PNG, JPG, atau WebP."),
        (b"<html>", "a.png", "a.png tidak diterima."),
        (PNG[:40], "a.png", "tidak dapat dibaca sebagai gambar"),
    ],
)
def test_what_is_no_picture_is_refused_with_words(
    course: Drafted, trainer: PageClient, content: bytes, name: str, told: str
) -> None:
    sent = {"picture": "", "csrf_token": trainer.csrf(), "upload": (BytesIO(content), name)}
    answer = trainer.post(page(course, "poster"), data=sent)
    assert answer.status_code == 422
    assert told in words(answer)
    answer = trainer.send(page(course, "poster"), {"picture": "media/lain.png"})
    assert answer.status_code == 422


def test_a_transcript_is_typed_or_sent_and_its_history_kept(
    course: Drafted, trainer: PageClient
) -> None:
    address = page(course, "transcript")
    typed = {"number": 1, "text": "Selamat **siang**.\r\n\r\nTerima kasih."}
    assert trainer.send(address, typed).status_code == 302
    assert 'text = """Selamat **siang**.\n\nTerima kasih."""' in course.text(PART)
    late = trainer.send(address, {"number": 1, "text": "Terlambat."})
    assert late.status_code == 409
    assert "Terlambat." in words(late)
    sent = {
        "number": 2, "text": "", "csrf_token": trainer.csrf(),
        "file": (BytesIO(b"Dari berkas."), "t.txt"),
    }  # fmt: skip
    assert trainer.post(address, data=sent).status_code == 302
    assert 'text = "Dari berkas."' in course.text(PART)
    history = trainer.get(f"{course.url(PART, 'files')}/history").get_data(as_text=True)
    assert set(re.findall(r"/history/(\d+)", history)) == {"1", "2", "3"}
    sent = {"number": 3, "csrf_token": trainer.csrf(), "file": (BytesIO(b"\xff\xfe"), "t.txt")}
    answer = trainer.post(address, data=sent)
    assert answer.status_code == 422
    assert "bukan teks UTF-8" in words(answer)


def test_a_sound_has_a_transcript_alone(app: Flask, course: Drafted, trainer: PageClient) -> None:
    save(app, 'kind = "audio"\nkey = "video"\ntitle = "Di loket"\nminutes = 1\n'
         'file = "media/loket.mp3"\ntext = "Selamat pagi."\n')  # fmt: skip
    html = trainer.get(page(course)).get_data(as_text=True)
    assert "<audio" in html
    assert "captions/" not in html
    for more in ("captions/id", "captions/id/remove", "poster"):
        assert trainer.send(page(course, more)).status_code == 404


def test_what_does_not_play_has_no_such_page(course: Drafted, trainer: PageClient) -> None:
    for path in ("01-dasar/01-sapa.md", "01-dasar/04-akhir.toml", "01-dasar/module.toml"):
        assert trainer.get(f"{course.url(path, 'outline')}/captions").status_code == 404


def test_captions_of_another_course_are_not_to_be_had(
    app: Flask, course: Drafted, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["learner"])
    assert client.get(page(course)).status_code == 403
    client.sign_in(cast.people["stranger"])
    assert client.get(page(course).replace("melayani", "lain")).status_code == 404
    answer = client.send(page(course, "captions/id/restore"), {"gone": str(UUID(int=1))})
    assert answer.status_code == 404


def test_broken_captions_are_told_where_a_course_is_published_with_the_way_to_mend_them(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    with app.app_context():
        digest = files.save(b"WEBVTT\n\nSelamat pagi.\n")
        with transaction():
            db.session.scalars(sa.select(DraftFile).filter_by(path=OWN)).one().digest = digest
        db.session.remove()
    publish = trainer.get("/studio/melayani/publish")
    assert "Teks ini tanpa waktu" in words(publish)
    assert f'href="{page(course)}"' in publish.get_data(as_text=True)


def save(app: Flask, text: str) -> None:
    with app.app_context():
        with transaction():
            db.session.scalars(sa.select(DraftFile).filter_by(path=PART)).one().text = text
        db.session.remove()


def test_a_file_is_chosen_before_its_text_is_written_but_not_published_so(
    app: Flask, course: Drafted, trainer: PageClient
) -> None:
    save(app, 'kind = "audio"\nkey = "video"\ntitle = "Di loket"\nminutes = 1\n'
         'file = ""\ntext = ""\n')  # fmt: skip
    address = course.url(PART, "outline")
    html = trainer.get(address).get_data(as_text=True)
    assert "tidak dapat terbit tanpanya" in html
    number = re.search(r'name="number" [^>]*value="(\d+)"', html)
    assert number
    answer = trainer.send(
        address,
        {"number": number[1], "title": "Di loket", "minutes": 1, "file": "media/loket.mp3",
         "text": "", "watched": 0, "min_minutes": 0, "opens_after": 0},
    )  # fmt: skip
    assert answer.status_code == 302
    assert 'file = "media/loket.mp3"' in course.text(PART)
    publish = trainer.get("/studio/melayani/publish")
    assert "dalam kata-kata belum diisi." in words(publish), words(publish)
    mark = re.search(r'name="mark" [^>]*value="([^"]+)"', publish.get_data(as_text=True))
    answer = trainer.send(
        "/studio/melayani/publish",
        {"mark": mark[1] if mark else "", "change": "small", "note": "Suara"},
    )
    assert answer.status_code == 422
