"""Videos, sounds, documents and pictures in the player."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.courses.test_pictures import photo
from tests.learning.answers import start
from tests.queries import counted
from tests.sample_course import import_course, write_course, write_video

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PAGE = "/courses/melayani/learn/video"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0>>endobj"


@pytest.fixture
def viewer(app: Flask, client: PageClient, cast: Cast, tmp_path: Path, at: SetClock) -> PageClient:
    """Enrolled in a course with a video of 8 seconds, of which 75 percent must be watched."""
    course = write_course(tmp_path)
    write_video(course, more="watched = 75\n")
    module = course / "01-dasar"
    (module / "media" / "alur.pdf").write_bytes(PDF)
    for name, kind, file in (
        ("06-alur", "document", "alur.pdf"),
        ("07-foto", "image", "loket.png"),
    ):
        (module / f"{name}.toml").write_text(
            f'kind = "{kind}"\nkey = "{name[3:]}"\ntitle = "Berkas {name[3:]}"\nminutes = 1\n'
            f'file = "media/{file}"\ntext = "Yang tampak di sini."\n'
        )
    with app.app_context():
        import_course(course)
        db.session.remove()
    at(START)
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return client


def opened(client: PageClient) -> str:
    found = re.search(r'name="opened" value="([^"]+)"', client.get(PAGE).get_data(as_text=True))
    assert found
    return found.group(1)


def report(client: PageClient, token: str, **values: Any) -> dict[str, Any]:
    answer = client.save(f"{PAGE}/progress", {"opened": token, **values})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json or {})


def test_the_page_has_player_captions_lighter_ways_and_sizes(viewer: PageClient) -> None:
    page = viewer.get(PAGE)
    html = page.get_data(as_text=True)
    assert re.search(r'<video[^>]* controls[^>]* src="01-dasar/media/loket.mp4"', html)
    assert re.search(
        r'<track kind="captions" srclang="id"[^>]* src="01-dasar/media/loket.vtt"', html
    )
    shown = words(page)
    for text in (
        "Suara saja, < 0,1 MB",
        "Unduh, < 0,1 MB",
        "Transkrip",
        "ada yang dapat kami bantu?",
    ):
        assert text in shown
    assert "Video, 1 menit, < 0,1 MB" in words(viewer.get("/courses/melayani"))
    for name, kind in (("mp4", "video/mp4"), ("vtt", "text/vtt"), ("mp3", "audio/mpeg")):
        file = viewer.get(f"/courses/melayani/learn/01-dasar/media/loket.{name}")
        assert (file.status_code, file.mimetype) == (200, kind)
    part = viewer.get(
        "/courses/melayani/learn/01-dasar/media/loket.mp4", headers={"Range": "bytes=100-199"}
    )
    assert (part.status_code, len(part.data)) == (206, 100)
    assert part.headers["Content-Range"].startswith("bytes 100-199/")


def test_watching_completes_and_skipping_does_not(viewer: PageClient, at: SetClock) -> None:
    token = opened(viewer)
    at(START + timedelta(seconds=2))
    answer = report(viewer, token, seq=1, seconds=2, position=8, watched="0-1,7-8")
    assert not answer["done"]
    assert "putar 75 persen atau baca transkripnya (terputar 25 persen)" in answer["message"]
    at(START + timedelta(seconds=6))
    assert not report(viewer, token, seq=2, seconds=4, watched="1-3,2-4")["done"]
    at(START + timedelta(seconds=8))
    assert report(viewer, token, seq=3, seconds=2, watched="3-6")["done"]
    assert "1 dari 7 bagian" in words(viewer.get(PAGE))


def test_nobody_has_watched_more_than_twice_the_time_that_has_passed(
    viewer: PageClient, at: SetClock
) -> None:
    token = opened(viewer)
    at(START + timedelta(seconds=2))
    assert "terputar 50 persen" in report(viewer, token, seq=1, watched="0-8")["message"]
    assert "terputar 50 persen" in report(viewer, token, seq=2, watched="0-8")["message"]


def test_the_text_counts_instead_with_time_and_without_a_script(
    viewer: PageClient, at: SetClock
) -> None:
    token = opened(viewer)
    response = viewer.send(f"{PAGE}/done", {"opened": token}, follow_redirects=True)
    assert "Belum selesai: putar 75 persen atau baca transkripnya" in words(response)
    token = opened(viewer)
    at(START + timedelta(seconds=4))
    response = viewer.send(f"{PAGE}/done", {"opened": token})
    assert response.location.endswith("/learn/alur")


def test_it_goes_on_where_it_stopped(viewer: PageClient, at: SetClock) -> None:
    token = opened(viewer)
    at(START + timedelta(seconds=3))
    report(viewer, token, seq=1, seconds=3, position=3, watched="0-3")
    page = viewer.get(PAGE)
    assert "Lanjutkan dari 0:03" in words(page)
    assert 'data-resume="3"' in page.get_data(as_text=True)


@pytest.mark.parametrize("watched", ["x", "1-", "5", "1-2,", "1-2;3-4", "-1-2", "1234567-2", "٣-٤"])
def test_ranges_that_are_none_are_refused(viewer: PageClient, watched: str) -> None:
    assert viewer.save(f"{PAGE}/progress", {"seq": 1, "watched": watched}).status_code == 409


def test_a_document_and_a_picture_are_seen_in_place(viewer: PageClient) -> None:
    page = viewer.get("/courses/melayani/learn/alur")
    html = page.get_data(as_text=True)
    assert '<iframe class="medium__d only-wide" src="01-dasar/media/alur.pdf"' in html
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "Buka, < 0,1 MB" in words(page)
    file = viewer.get("/courses/melayani/learn/01-dasar/media/alur.pdf")
    assert "frame-ancestors 'self'" in file.headers["Content-Security-Policy"]
    assert file.headers["Content-Security-Policy"] == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ), "nothing in it runs, loads or sends"
    page = viewer.get("/courses/melayani/learn/foto")
    assert 'src="01-dasar/media/loket.png" alt="Berkas foto"' in page.get_data(as_text=True)
    assert "frame-src" not in page.headers["Content-Security-Policy"]
    assert "Yang tampak di sini." in words(page)
    assert viewer.send("/courses/melayani/learn/foto/done").status_code == 302


DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 400">'
    '<rect width="680" height="400" rx="16" fill="#f4f6f8"/></svg>'
)


def test_a_drawing_keeps_its_room_and_runs_nothing(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    course = write_course(
        tmp_path,
        text=(
            "![Alur](media/alur.svg)\n\n[Alur besar](media/alur.svg)\n\n"
            '<img src="media/alur.svg" alt="Alur kecil" width="100" height="50">'
        ),
        pretest="// [id:k1-1]\nApa ini? ![Alur](media/alur.svg) {\n=Alur\n~Peta\n}\n",
    )
    module = course / "01-dasar"
    (module / "media" / "alur.svg").write_text(DRAWING)
    (module / "06-alur.toml").write_text(
        'kind = "image"\nkey = "alur"\ntitle = "Alur"\nminutes = 1\nfile = "media/alur.svg"\n'
        'text = "Satu kotak."\n'
    )
    with app.app_context():
        import_course(course)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    name = "01-dasar/media/alur.svg"
    html = client.get("/courses/melayani/learn/sapa").get_data(as_text=True)
    assert f'<img width="680" height="400" alt="Alur" src="{name}">' in html
    assert f'<a href="{name}">Alur besar</a>' in html
    assert f'<img src="{name}" alt="Alur kecil" width="100" height="50">' in html
    html = client.get("/courses/melayani/learn/alur").get_data(as_text=True)
    assert f'src="{name}" alt="Alur" width="680" height="400">' in html
    attempt = start(client, "melayani", "kuis-1")
    html = client.get(f"/attempts/{attempt}/questions/1").get_data(as_text=True)
    assert re.search(rf'<img width="680" height="400" alt="Alur" src="[^"]+/{name}\?v=', html)

    file = client.get(f"/courses/melayani/learn/{name}")
    assert (file.status_code, file.mimetype, file.text) == (200, "image/svg+xml", DRAWING)
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    )


def test_a_device_that_saves_data_loads_no_file_by_itself(viewer: PageClient) -> None:
    viewer.send("/preferences", {"data": "less"})
    assert "<iframe" not in viewer.get("/courses/melayani/learn/alur").get_data(as_text=True)
    html = viewer.get("/courses/melayani/learn/foto").get_data(as_text=True)
    assert "<img" not in html
    assert 'class="picture" href="01-dasar/media/loket.png" data-picture="Berkas foto"' in html
    html = viewer.get(PAGE).get_data(as_text=True)
    assert 'controls preload="none"' in html
    assert "metadata" not in html


def test_a_video_shows_its_picture_and_captions_in_every_language(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    course = write_course(tmp_path)
    write_video(
        course, more='poster = "media/awal.png"\n\n[subtitles]\nen = "media/loket-en.vtt"\n'
    )
    media = course / "01-dasar" / "media"
    (media / "awal.png").write_bytes(photo(1200, 700))
    (media / "loket-en.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:08.000\nGood morning.\n")
    with app.app_context():
        import_course(course)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")

    def tracks() -> list[tuple[str, str, bool]]:
        html = client.get(PAGE).get_data(as_text=True)
        found = re.findall(
            r'<track kind="captions" srclang="(\w+)" label="(\w+)" src="[^"]+"( default)?>', html
        )
        return [(code, label, bool(default)) for code, label, default in found]

    html = client.get(PAGE).get_data(as_text=True)
    name = "01-dasar/media/awal.png/960.webp"
    assert f' poster="{name}"' in html
    file = client.get(f"/courses/melayani/learn/{name}")
    assert (file.status_code, file.mimetype) == (200, "image/webp")
    assert tracks() == [("id", "Indonesia", True), ("en", "Inggris", False)]
    client.send("/preferences", {"language": "en"})
    assert tracks() == [("id", "Indonesian", False), ("en", "English", True)]
    client.send("/preferences", {"data": "less"})
    assert "poster" not in client.get(PAGE).get_data(as_text=True)


def test_only_those_enrolled_get_the_files(viewer: PageClient, app: Flask, cast: Cast) -> None:
    other = app.test_client()
    assert isinstance(other, PageClient)
    other.sign_in(cast.people["stranger"])
    assert other.get("/courses/melayani/learn/01-dasar/media/loket.mp4").status_code == 404


def test_the_page_of_a_video_asks_no_more_often_than_a_lesson(
    viewer: PageClient, app: Flask
) -> None:
    viewer.get(PAGE)
    with counted(app) as statements:
        viewer.get(PAGE)
    assert len(statements) <= 8, "\n".join(statements)
