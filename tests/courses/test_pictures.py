"""Smaller copies of pictures: made when a picture comes in, chosen by the browser, in no folder."""

import random
import re
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from lms.core import files
from lms.core.db import db, transaction
from lms.courses import queries as courses
from lms.courses.actions import drafts, pictures, publishing, rendering
from lms.courses.models import Course, DraftFile, MediaFile, Picture
from lms.courses.queries import catalogue
from lms.courses.queries import drafts as queries
from lms.courses.queries.pictures import known
from lms.courses.rules import copied_from, copy_name
from tests.cast import Cast
from tests.client import PageClient
from tests.courses.drafted import drafted
from tests.learning.answers import start
from tests.learning.assigning import actor_of
from tests.sample_course import PNG, import_course, write_course

LESSON = "01-dasar/01-sapa.md"
STORED = "01-dasar/media/loket.png"


def photo(width: int, height: int, kind: str = "PNG", **options: object) -> bytes:
    """Of so many colours that its smaller copies have fewer bytes."""
    grain = random.Random(7).randbytes(width * height * 3 // 64)
    picture = Image.frombytes("RGB", (width // 8, height // 8), grain[: width * height // 64 * 3])
    out = BytesIO()
    picture.resize((width, height), Image.Resampling.BICUBIC).save(out, kind, **options)
    return out.getvalue()


def sources(html: str) -> list[tuple[str, int]]:
    """Address and width of every copy that a page offers."""
    found = re.search(r'<img [^>]*srcset="([^"]+)"', html)
    assert found, html
    pairs = [each.split(" ") for each in found[1].split(", ")]
    return [(address, int(width.removesuffix("w"))) for address, width in pairs]


def width_of(client: PageClient, address: str) -> int:
    answer = client.get(address)
    assert answer.status_code == 200, address
    with Image.open(BytesIO(answer.data)) as picture:
        return picture.width


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("media/a.png/480.webp", ("media/a.png", 480)),
        ("media/480.webp", ("media", 480)),
        ("media/a.webp", None),
        ("media/a.png/48000.webp", None),
        ("media/a.png/٤٨٠.webp", None),
        ("media/a.png/.webp", None),
    ],
)
def test_the_name_of_a_copy_says_of_what(name: str, found: tuple[str, int] | None) -> None:
    assert copied_from(name) == found
    if found:
        assert copy_name(*found) == name


def test_a_picture_that_is_sent_has_its_copies_at_once(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    course = drafted(app, cast, tmp_path)
    client.sign_in(cast.people["stranger"])
    sent = {"files": (BytesIO(photo(2000, 1000, "JPEG")), "Alur.jpg"), "csrf_token": client.csrf()}
    assert client.post("/studio/melayani/media", data=sent).status_code == 302
    with app.app_context():
        row = db.session.scalars(sa.select(Picture)).one()
        assert (row.width, row.height) == (1600, 800)
        assert [width for width, _, _ in row.smaller] == [480, 960, 1440]
        sizes = [files.Kept(digest).size for _, digest, _ in row.smaller]
        assert sizes == [size for _, _, size in row.smaller]
        assert sizes == sorted(sizes)
    text = {"title": "Menyapa", "minutes": 4, "text": "![Alur](media/alur.webp)", "number": 1}
    client.send(course.url(LESSON), text)
    for page in (course.url(LESSON), "/studio/melayani/preview/sapa"):
        html = client.get(page).get_data(as_text=True)
        assert 'width="1600" height="800"' in html
        offered = sources(html)
        assert [width for _, width in offered] == [480, 960, 1440, 1600]
        assert [width_of(client, address) for address, _ in offered] == [480, 960, 1440, 1600]
    for wrong in ("alur.webp/481.webp", "alur.webp/x.webp", "hilang.webp/480.webp"):
        assert client.get(f"/studio/melayani/preview/media/{wrong}").status_code == 404


def published(app: Flask, folder: Path, content: bytes) -> None:
    course = write_course(folder)
    (course / STORED).write_bytes(content)
    with app.app_context():
        import_course(course)
        db.session.remove()


def test_learners_are_offered_the_copies(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    published(app, tmp_path, photo(1000, 500))
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    page = "/courses/melayani/learn/sapa"
    html = client.get(page).get_data(as_text=True)
    offered = sources(html)
    assert offered == [(f"{STORED}/480.webp", 480), (f"{STORED}/960.webp", 960), (STORED, 1000)]
    assert 'sizes="(min-width: 44rem) 40rem, calc(100vw - 2rem)"' in html
    base = "/courses/melayani/learn/"
    assert [width_of(client, base + each) for each, _ in offered] == [480, 960, 1000]
    assert client.get(f"{base}{STORED}/480.webp").mimetype == "image/webp"
    client.send("/preferences", {"data": "less"})
    link = re.search(r'class="picture" href="([^"]+)"', client.get(page).get_data(as_text=True))
    assert link
    assert link[1] == f"{STORED}/480.webp"  # the lightest
    client.sign_in(cast.people["stranger"])
    assert client.get(f"{base}{STORED}/480.webp").status_code in (403, 404)


def test_the_size_of_a_course_counts_no_copies(app: Flask, tmp_path: Path) -> None:
    content = photo(1000, 500)
    published(app, tmp_path, content)
    with app.test_request_context():
        [entry] = catalogue.current().entries
        version = courses.version_view(entry.uuid, entry.version_id)
        assert len(courses.media_sizes(version)) == 3
        assert entry.size == courses.full_size(version) == len(content)
        db.session.remove()


ASKED = """// [id:k1-1]
Apa ini? ![Loket pelayanan](media/loket.png) {
=Loket
~![Bukan loket sama sekali](media/loket.png)
#### Ini ![loketnya dari dekat](media/loket.png)
}
"""


def test_pictures_in_questions_have_them_too(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    course = write_course(tmp_path, pretest=ASKED)
    (course / STORED).write_bytes(photo(1000, 500))
    with app.app_context():
        import_course(course)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    attempt = start(client, "melayani", "kuis-1")
    page = f"/attempts/{attempt}/questions/1"
    html = client.get(page).get_data(as_text=True)
    assert html.count('width="1000" height="500" srcset="') == 2  # the question and one option
    offered = sources(html)
    assert [width for _, width in offered] == [480, 960, 1000]
    assert [width_of(client, address) for address, _ in offered] == [480, 960, 1000]
    client.send("/preferences", {"data": "less"})
    link = re.search(r'class="picture" href="([^"]+)"', client.get(page).get_data(as_text=True))
    assert link
    assert width_of(client, unescape(link[1])) == 480
    client.send("/preferences", {"data": "all"})
    client.send(f"/attempts/{attempt}/submit")
    result = client.get(f"/attempts/{attempt}/result").get_data(as_text=True)
    assert result.count('width="1000" height="500" srcset="') == 1


def test_so_have_those_of_questions_in_writing(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    course = write_course(tmp_path, pretest=ASKED)
    (course / STORED).write_bytes(photo(1000, 500))
    with app.app_context():
        source = rendering.kept_source(course)
        made = pictures.sized_all(set(source["media"].values()))
        trainer = actor_of(cast, "stranger")
        with transaction():
            pictures.keep(made.values())
            draft = drafts.create_course(trainer, "melayani", cast.unit("b"), source)
        uuids = {file.path: file.uuid for file in queries.files_of(draft)}
        db.session.remove()
    client.sign_in(cast.people["stranger"])
    quiz = uuids["01-dasar/03-kuis.toml"]
    for page in (
        "/studio/melayani/preview/kuis-1?keys=shown",
        f"/studio/melayani/quizzes/{quiz}/questions/k1-1",
    ):
        html = client.get(page).get_data(as_text=True)
        offered = sources(html)
        assert [width for _, width in offered] == [480, 960, 1000]
        assert [width_of(client, unescape(a)) for a, _ in offered] == [480, 960, 1000]


@pytest.mark.parametrize(("size", "widths"), [((480, 300), []), ((481, 300), [480]), ((9, 9), [])])
def test_no_copy_is_as_wide_as_the_picture(
    app: Flask, tmp_path: Path, size: tuple[int, int], widths: list[int]
) -> None:
    with app.app_context():
        made = pictures.sized(files.save(photo(*size) if size[0] > 9 else PNG))
    assert made is not None
    assert [copy.width for copy in made.smaller] == widths


def test_a_copy_stands_upright_and_says_nothing_of_its_place(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Kamera"
    with app.app_context():
        made = pictures.sized(files.save(photo(1000, 560, "JPEG", exif=exif, quality=95)))
        assert made is not None
        assert (made.width, made.height) == (560, 1000)
        content = files.Kept(made.smaller[0].digest).content
    with Image.open(BytesIO(content)) as picture:
        assert picture.size == (480, 857)
        assert not picture.getexif()
    assert b"Kamera" not in content


def bomb() -> bytes:
    out = BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    return out.getvalue()


def moving() -> bytes:
    out = BytesIO()
    frames = [Image.new("RGB", (800, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def unreadable() -> bytes:
    """Whole by its pieces, with no pixels in them."""
    return PNG[:41] + bytes(len(PNG) - 57) + PNG[-16:]


@pytest.mark.parametrize("content", [bomb(), unreadable()])
def test_what_cannot_be_made_smaller_is_published_as_it_is(
    app: Flask, tmp_path: Path, content: bytes
) -> None:
    published(app, tmp_path, content)
    with app.app_context():
        names = set(db.session.scalars(sa.select(MediaFile.name)))
        assert names == {STORED}
        assert db.session.scalars(sa.select(Picture)).all() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bukan png"),
        (b"bukan gambar", "bukan png"),
        (photo(800, 400)[:2000], "rusak"),
        (moving(), "gif; ganti akhiran"),
        (b"<svg/>", "svg; ganti akhiran"),
        (b"<html><script>alert(1)</script>", "bukan png"),
        (b"%PDF-1.7", "pdf; ganti akhiran"),
    ],
)
def test_what_is_no_picture_is_neither_made_smaller_nor_published(
    app: Flask, tmp_path: Path, content: bytes, said: str
) -> None:
    course = write_course(tmp_path)
    (course / STORED).write_bytes(content)
    with app.app_context():
        assert pictures.sized(files.save(content)) is None
        found, problems = publishing.check_folder(course)
        assert found is None
        assert [problem.file for problem in problems] == [STORED]
        assert said in str(problems[0])


def test_the_folder_keeps_the_picture_alone_and_copies_are_made_once(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    content = photo(1000, 500)
    published(app, tmp_path, content)
    with app.app_context():
        course, hr = db.session.scalars(sa.select(Course)).one(), actor_of(cast, "hr")
        with transaction():
            draft = drafts.open_draft(hr, course)
        source = queries.source_of_draft(draft)
        assert list(source["media"]) == [STORED]
        assert files.Kept(source["media"][STORED]).content == content
        assert list(db.session.scalars(sa.select(DraftFile.path))).count(STORED) == 1
        found = known([source["media"][STORED]])
        for copy in found[source["media"][STORED]].smaller:
            files.storage().delete(copy.digest, datetime.max.replace(tzinfo=UTC))
        again = pictures.sized_all(source["media"].values())
        assert again == found  # known, so not made again
        copies = again[source["media"][STORED]].smaller
        assert not any(files.storage().exists(copy.digest) for copy in copies)
        with transaction():
            pictures.keep(again.values())  # twice is once
        assert len(db.session.scalars(sa.select(Picture)).all()) == 1
