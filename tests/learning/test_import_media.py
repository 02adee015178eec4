"""Media of a ZIP file: judged by what they are, and kept without place and camera."""

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db
from lms.courses.models import MediaFile
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.formats.test_traces import CAMERA, PLACE, box, cleaned, photo
from tests.learning.test_publishing import begin, packed, publish, upload, versions

LESSON = "01-isi/02-langkah.md"
MEDIA = Path(__file__).parent.parent / "media"


@pytest.fixture
def trainer(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def course_with(trainer: PageClient, media: dict[str, bytes], said: str = "") -> bytes:
    """A course as a ZIP file in which a lesson names these files."""
    begin(trainer)
    with zipfile.ZipFile(io.BytesIO(trainer.get("/studio/kursus-baru/zip").data)) as opened:
        texts = {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}
    named = "\n\n".join(f"![Foto loket pelayanan pagi hari](media/{name})" for name in media)
    texts[LESSON] += f"\n\n{said or named}\n".encode()
    files = {**texts, **{f"media/{name}": content for name, content in media.items()}}
    return packed(*((f"kursus-media/{name}", content) for name, content in files.items()))


def inside(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


WRONG = {
    "palsu.png": (b"<html><script>alert(1)</script>", "Isi berkas ini bukan png"),
    "palsu.jpeg": (b"MZ\x90\0" + bytes(99), "Isi berkas ini bukan jpg"),
    "lain.png": (photo("WEBP"), "Isi berkas ini webp; ganti akhiran namanya."),
    "palsu.pdf": (b"MZ\x90\0", "Isi berkas ini bukan pdf"),
    "halaman.pdf": (b"<html>%PDF-1.7", "Isi berkas ini bukan pdf"),
    "palsu.mp3": (b"#!/bin/sh\nrm -rf", "Isi berkas ini bukan mp3"),
    "palsu.mp4": (b"\0\0\0\x18ftypheic" + bytes(16), "Isi berkas ini bukan mp4"),
    "lain.mp4": (b"%PDF-1.7", "Isi berkas ini pdf; ganti akhiran namanya."),
    "palsu.webm": (b"\x1a\x45\xdf\xa3" + bytes(40), "Isi berkas ini bukan webm"),
    "palsu.vtt": (b"<html><script>alert(1)</script>", "Isi berkas ini bukan vtt"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_not_what_its_name_says_is_never_published(
    app: Flask, trainer: PageClient, name: str
) -> None:
    content, said = WRONG[name]
    sent = course_with(trainer, {name: content}, f"[Berkas](media/{name})")
    assert upload(trainer, sent, slug="asing", title="").status_code == 302
    shown = words(trainer.get("/studio/asing/publish"))
    assert f"media/{name}" in shown
    assert said in shown
    assert "Terbitkan versi" not in shown
    assert 'href="/studio/asing/media"' in trainer.get("/studio/asing/publish").get_data(True)
    answer = trainer.send("/studio/asing/publish", {"change": "content", "note": "x"})
    assert answer.status_code == 422
    assert versions(app) == []
    kept = trainer.get(f"/studio/asing/preview/media/{name}")
    assert kept.headers.get("X-Content-Type-Options") == "nosniff"


BROKEN = {
    "a.jpg": photo("JPEG")[:100],
    "a.png": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
    "a.webp": b"RIFF\x10\0\0\0WEBP<html>..",
    "a.gif": b"GIF89a<html><script>",
    "a.mp4": box(b"ftyp", b"isom", bytes(4)) + b"\0\0\0\x02<html><script>",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_breaks_off_is_refused_and_nothing_of_the_archive_is_kept(
    app: Flask, trainer: PageClient, name: str
) -> None:
    sent = course_with(trainer, {"utuh.jpg": photo("JPEG"), name: BROKEN[name]})
    folder = Path(app.config["UPLOADS_DIR"])
    before = sorted(folder.rglob("*"))
    answer = upload(trainer, sent, slug="rusak")
    assert answer.status_code == 422
    assert f"“media/{name}” di dalam ZIP rusak." in words(answer)
    assert sorted(folder.rglob("*")) == before


def test_learners_get_no_place_and_no_camera_and_exports_stay_the_same(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    sound = b"ID3\x03\0\0" + bytes((0, 0, 0, len(PLACE))) + PLACE
    video = (MEDIA / "loket.mp4").read_bytes() + box(b"uuid", bytes(16), PLACE)
    media = {
        "foto.jpg": photo("JPEG", turned=6, comment=CAMERA),
        "foto.png": photo("PNG"),
        "foto.webp": photo("WEBP"),
        "suara.mp3": sound + (MEDIA / "loket.mp3").read_bytes(),
        "video.mp4": video,
    }
    assert upload(trainer, course_with(trainer, media), title="").status_code == 302
    exported = trainer.get("/studio/kursus-media/zip").data
    for name, content in media.items():
        assert CAMERA in content or PLACE in content
        assert inside(exported)[f"media/{name}"] == cleaned(content)
    publish(trainer, "kursus-media")
    learner = client_of(app, cast, "learner")
    learner.send("/courses/kursus-media/enrol")
    for name in media:
        got = learner.get(f"/courses/kursus-media/learn/media/{name}")
        assert got.status_code == 200
        assert CAMERA not in got.data
        assert PLACE not in got.data
    first = trainer.get("/studio/kursus-media/versions/1/zip").data
    assert first == exported
    assert upload(trainer, first, slug="lain", title="").status_code == 302
    assert inside(trainer.get("/studio/lain/zip").data) == inside(first)
    with app.app_context():
        names = {row.name for row in db.session.query(MediaFile)}
    assert {f"media/{name}" for name in media} <= names


def test_the_title_typed_goes_before_that_of_the_archive(trainer: PageClient) -> None:
    begin(trainer)
    sent = trainer.get("/studio/kursus-baru/zip").data
    assert upload(trainer, sent, slug="lama", title="").status_code == 302
    assert "Kursus baru" in words(trainer.get("/studio/lama"))
    assert upload(trainer, sent, slug="lain", title="Judul yang lain").status_code == 302
    assert "Judul yang lain" in words(trainer.get("/studio/lain"))
    other = inside(trainer.get("/studio/lain/zip").data)
    assert {**inside(sent), "course.toml": b""} == {**other, "course.toml": b""}


@pytest.mark.parametrize(
    ("path", "title", "shown"),
    [
        ("tata-arsip/01-a/01-b.md", "Menata arsip", "Menata arsip"),
        ("tata-arsip/01-a/01-b.md", "", "Tata arsip"),
        ("01-b.md", "", "Kursus tanpa judul"),
    ],
)
def test_an_archive_without_settings_gets_some_that_can_be_mended(
    trainer: PageClient, path: str, title: str, shown: str
) -> None:
    sent = packed((path, b"tanpa pengaturan"))
    assert upload(trainer, sent, slug="kosong", title=title).status_code == 302
    page = trainer.get("/studio/kosong/settings")
    assert page.status_code == 200
    assert f'value="{shown}"' in page.get_data(as_text=True)


def test_other_courses_begin_with_a_title(trainer: PageClient) -> None:
    for beginning in ("blank", "kursus-singkat"):
        data = {"title": "", "unit": "B", "beginning": beginning}
        answer = trainer.send("/studio/new", data)
        assert answer.status_code == 422
        assert "Isi judul" in words(answer)
