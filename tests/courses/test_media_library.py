"""The library of a course: taken in by content, made small and harmless, used or removed."""

import struct
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from lms.core import files
from lms.core.db import db
from lms.courses.queries import course_by_slug
from lms.courses.queries import drafts as queries
from lms.formats.media import kind_by_content
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.drafted import Drafted, drafted
from tests.sample_course import MEDIA, PNG

LIBRARY = "/studio/melayani/media"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
)

VTT = b"WEBVTT\n\n00:01.000 --> 00:04.000\nSelamat pagi.\n"
WEBM = bytes.fromhex("1a45dfa3874282847765626d")  # the head of one, which tells no length


@pytest.fixture
def course(app: Flask, cast: Cast, tmp_path: Path) -> Drafted:
    return drafted(app, cast, tmp_path)


@pytest.fixture
def trainer(course: Drafted, client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def head(client: PageClient, name: str) -> bytes:
    """What stands before a file in a form that is sent."""
    token = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{client.csrf()}\r\n'
    named = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return (token + named).encode()


FOOT = b"\r\n--x--\r\n"


def send(client: PageClient, *sent: tuple[bytes, str], script: bool = False) -> TestResponse:
    body = b"".join(head(client, name) + content + b"\r\n" for content, name in sent)
    return post(client, BytesIO(body + FOOT[2:]), len(body) + len(FOOT) - 2, script=script)


def post(client: PageClient, body: BinaryIO, size: int, *, script: bool = False) -> TestResponse:
    return client.post(
        LIBRARY,
        input_stream=body,
        content_length=size,
        content_type="multipart/form-data; boundary=x",
        headers={"Accept": "application/json"} if script else {},
    )


def send_file(client: PageClient, folder: Path, content: Iterator[bytes]) -> TestResponse:
    """Send a video that is too large for the memory."""
    form = folder / "form"
    with form.open("wb") as out:
        out.write(head(client, "Besar.mp4"))
        out.writelines(content)
        out.write(FOOT)
    with form.open("rb") as body:
        return post(client, body, form.stat().st_size)


def kept(app: Flask) -> dict[str, str]:
    """Digests of the media of the draft by path."""
    with app.app_context():
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        present = {f.path: f.digest for f in queries.files_of(draft) if f.digest}
        db.session.remove()
    return present


def files_of(app: Flask) -> dict[str, Path]:
    with app.app_context():
        return {path: files.folder() / digest[:2] / digest for path, digest in kept(app).items()}


def photo(width: int = 2400, height: int = 1200) -> bytes:
    """A JPEG on its side, taken at a place."""
    picture, out = Image.new("RGB", (width, height), "teal"), BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera"
    exif.get_ifd(0x8825)[1] = "S"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photo_becomes_small_and_says_nothing_of_its_place(
    app: Flask, trainer: PageClient
) -> None:
    assert send(trainer, (photo(), "Foto Loket (1).JPG")).status_code == 302
    path = "media/foto-loket-1.webp"
    content = files_of(app)[path].read_bytes()
    with Image.open(BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (800, 1600))  # upright
        assert not picture.getexif()
    assert b"Kamera" not in content
    assert f">{path}<" in trainer.get(LIBRARY).get_data(as_text=True)


def test_a_script_gets_the_markdown_to_insert(app: Flask, trainer: PageClient) -> None:
    picture = send(trainer, (PNG, "titik.png"), script=True)
    markdown = "![](media/titik.webp)"
    assert picture.json == {"markdown": markdown, "state": "media/titik.webp ditambahkan."}
    again = send(trainer, (PNG, "lain.png"), script=True)
    told = "Isi yang sama sudah ada sebagai media/titik.webp."
    assert again.json == {"markdown": markdown, "state": told}
    other = send(trainer, (photo(30, 20), "titik.jpg"), script=True)
    assert other.json is not None
    assert other.json["markdown"] == "![](media/titik-2.webp)"
    sound = send(trainer, ((MEDIA / "loket.mp3").read_bytes(), "Suara.mp3"), script=True)
    assert sound.json is not None
    assert sound.json["markdown"] == "[suara.mp3](media/suara.mp3)"


def test_a_name_hides_nothing(app: Flask, trainer: PageClient) -> None:
    send(trainer, (PNG, "../../etc/passwd.exe"), ((MEDIA / "loket.mp4").read_bytes(), "a b.txt"))
    assert {"media/passwd.webp", "media/a-b.mp4"} <= kept(app).keys()
    send(trainer, (SVG, "🙂.svg"), (b"%PDF-1.4\n%%EOF", "Panduan.pdf"), (VTT, "x.vtt"))
    assert {"media/berkas.svg", "media/panduan.pdf", "media/x.vtt"} <= kept(app).keys()


def bomb(side: int) -> bytes:
    out = BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


def blue() -> bytes:
    out = BytesIO()
    Image.new("RGB", (9, 9), "blue").save(out, "PNG")
    return out.getvalue()


def moving() -> bytes:
    out = BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"MZ\x90\x00", "gambar.png", "gambar.png tidak diterima."),
        (b"<html><script>alert(1)</script></html>", "a.svg", "a.svg tidak diterima."),
        (b"<!DOCTYPE svg []><svg/>", "a.svg", "DOCTYPE dan entity tidak diterima; hapus."),
        (b"", "kosong.png", "kosong.png tidak diterima."),
        (SVG.replace(b"<rect", b"<script>1</script><rect"), "a.svg", "Elemen <script> tidak"),
        (SVG.replace(b"<rect", b'<rect onload="1"'), "a.svg", "Atribut onload tidak diterima"),
        (PNG[:40], "putus.png", "putus.png tidak dapat dibaca sebagai gambar"),
        (b"\xff\xd8\xff" + b"x" * 99, "a.jpg", "a.jpg tidak dapat dibaca sebagai gambar"),
        (b"\x00\x00\x00\x18ftypisom" + b"x" * 99, "a.mp4", "a.mp4 tidak dapat diputar"),
        (b"\x00\x00\x00\x18ftypheic" + b"x" * 99, "a.mp4", "a.mp4 tidak diterima."),
        (b"ID3" + b"\x00" * 99, "a.mp3", "a.mp3 tidak dapat diputar"),
        (b"WEBVTT\n\xff\xfe", "a.vtt", "a.vtt, baris 2: Bukan teks UTF-8"),
        (VTT.replace(b"-->", b"->"), "a.vtt", "a.vtt, baris 3: Teks ini tanpa waktu"),
        (WEBM, "a.webm", "a.webm tidak dapat diputar"),
        (WEBM.replace(b"webm", b"mkv4"), "a.webm", "a.webm tidak diterima. Kirim gambar"),
        (SVG + b" " * 1_048_576, "a.svg", "paling banyak 1 MB"),
        (b"%PDF-" + b"x" * (20 * 1_048_576), "a.pdf", "a.pdf berukuran 21 MB; paling banyak 20 MB"),
    ],
)
def test_what_is_refused_is_told_with_what_to_do(
    app: Flask, trainer: PageClient, content: bytes, name: str, told: str
) -> None:
    before = kept(app)
    page = send(trainer, (content, name))
    assert page.status_code == 422
    assert told in words(page)
    script = send(trainer, (content, name), script=True)
    assert script.status_code == 422
    assert script.json is not None
    assert told in script.json["error"]
    assert kept(app) == before


@pytest.mark.parametrize("side", [7_100, 10_000, 20_000])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_unpacked(
    trainer: PageClient, side: int
) -> None:
    content = bomb(side)
    tracemalloc.start()
    page = send(trainer, (content, "bom.png"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "bom.png terlalu besar; paling banyak 50 juta piksel." in words(page)
    assert peak < 20 * 1024 * 1024


def test_a_moving_picture_is_refused_with_another_way(trainer: PageClient) -> None:
    assert "simpan sebagai video MP4" in words(send(trainer, (moving(), "gerak.gif")))


def test_one_that_is_refused_keeps_no_other_out(app: Flask, trainer: PageClient) -> None:
    answer = send(trainer, (b"?", "a.exe"), (PNG, "baik.png"))
    assert answer.status_code == 302
    page = trainer.get(LIBRARY)
    assert "media/baik.webp ditambahkan." in words(page)
    assert "a.exe tidak diterima." in words(page)
    assert "media/baik.webp" in kept(app)


def test_no_file_chosen_is_told(trainer: PageClient) -> None:
    assert "Pilih berkas dahulu." in words(trainer.send(LIBRARY, {}))


def test_where_a_file_is_used_is_told_and_keeps_it(course: Drafted, trainer: PageClient) -> None:
    page = trainer.get(LIBRARY).get_data(as_text=True)
    assert f'href="{course.url("01-dasar/01-sapa.md")}"' in page
    used = f"{LIBRARY}/{course.uuids['01-dasar/media/loket.png']}/remove"
    assert used not in page
    answer = trainer.send(used)
    assert answer.status_code == 409
    assert "Berkas ini masih dipakai" in words(answer)


def test_what_is_not_used_can_be_removed_and_brought_back(app: Flask, trainer: PageClient) -> None:
    send(trainer, (PNG, "lepas.png"))
    page = trainer.get(LIBRARY).get_data(as_text=True)
    remove = page.split(f'action="{LIBRARY}/')[1].split('"')[0]
    answer = trainer.send(f"{LIBRARY}/{remove}")
    assert "media/lepas.webp" not in kept(app)
    undo = trainer.get(answer.location).get_data(as_text=True)
    restore = undo.split(f'action="{LIBRARY}/')[1].split('"')[0]
    assert restore.endswith("/restore")
    later = trainer.get(LIBRARY).get_data(as_text=True)
    assert "Yang dihapus" in later
    assert f'action="{LIBRARY}/{restore}"' in later
    send(trainer, (blue(), "lepas.png"))
    assert trainer.send(f"{LIBRARY}/{restore}").status_code == 302
    assert {"media/lepas.webp", "media/lepas-2.webp"} <= set(kept(app))
    assert "media/lepas-2.webp dikembalikan." in words(trainer.get(LIBRARY))
    assert "Yang dihapus" not in words(trainer.get(LIBRARY))
    assert trainer.send(f"{LIBRARY}/{restore}").status_code == 404


def test_texts_are_no_media(course: Drafted, trainer: PageClient) -> None:
    lesson = course.uuids["01-dasar/01-sapa.md"]
    assert trainer.send(f"{LIBRARY}/{lesson}/remove").status_code == 404


def test_nothing_that_was_sent_can_run(app: Flask, trainer: PageClient) -> None:
    send(trainer, (SVG, "gambar.svg"))
    answer = trainer.get("/studio/melayani/preview/media/gambar.svg")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def movie(size: int) -> Iterator[bytes]:
    """An MP4 of so many bytes that lasts ten minutes and shows nothing."""
    yield struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"mp41")
    header = struct.pack(">IIIII", 0, 0, 0, 1000, 600_000)  # thousandths of a second
    inner = struct.pack(">I4s", 8 + len(header), b"mvhd") + header
    yield struct.pack(">I4s", 8 + len(inner), b"moov") + inner
    rest = size - 20 - 8 - len(inner)
    yield struct.pack(">I4s", rest, b"mdat")
    rest -= 8
    block = bytes(range(256)) * 4096
    while rest:
        yield block[:rest]
        rest -= min(rest, len(block))


def test_a_video_of_300_megabytes_is_taken_in_and_played_by_ranges(
    app: Flask, trainer: PageClient, tmp_path: Path
) -> None:
    size = 300 * 1024 * 1024
    tracemalloc.start()
    answer = send_file(trainer, tmp_path, movie(size))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 302
    assert peak < 32 * 1024 * 1024
    address = "/studio/melayani/preview/media/besar.mp4"
    at = 200 * 1024 * 1024
    part = trainer.get(address, headers={"Range": f"bytes={at}-{at + 999}"})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes {at}-{at + 999}/{size}"
    whole = files_of(app)["media/besar.mp4"]
    with whole.open("rb") as stream:
        stream.seek(at)
        assert part.data == stream.read(1000)
    whole.unlink()  # the folder of the site lasts for all tests


def test_more_than_300_megabytes_are_refused(trainer: PageClient, tmp_path: Path) -> None:
    answer = send_file(trainer, tmp_path, movie(301 * 1024 * 1024))
    assert answer.status_code == 422
    assert "Besar.mp4 berukuran 301 MB; paling banyak 300 MB." in words(answer)


@pytest.mark.parametrize("name", ["learner", None])
def test_who_may_not_write_courses_may_send_no_more_than_usual(
    app: Flask, course: Drafted, cast: Cast, name: str | None
) -> None:
    client = app.test_client()
    assert isinstance(client, PageClient)
    if name:
        client.sign_in(cast.people[name])
    answer = send(client, (bytes(3 * 1024 * 1024), "a.mp4"))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, "png"), (b"GIF89a", "gif"), (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"%PDF-1.7", "pdf"), (b"\xef\xbb\xbfWEBVTT\n", "vtt"), (b"WEBVTTX", None), (SVG, "svg"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n' + SVG, "svg"), (b"\xff\xfb\x90\x00", "mp3"),
        (b"\0\0\0\x14ftypqt  ", None), (b"PK\x03\x04", None), (b"", None), (b"\xff", None),
    ],
)  # fmt: skip
def test_a_kind_is_told_by_content(head: bytes, kind: str | None) -> None:
    assert kind_by_content(head) == kind
