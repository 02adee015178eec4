"""The courses that come with the product through the whole studio: opened as a draft, changed,
published, taken out, brought in under another address, and taken out again."""

import io
from pathlib import Path
from zipfile import ZipFile

from flask import Flask
from sqlalchemy import select

from lms.core.db import db
from lms.courses.models import Course, Draft
from lms.courses.queries import drafts as queries
from tests.cast import Cast
from tests.client import PageClient, client_of
from tests.courses.test_shipped import shipped
from tests.sample_course import import_course

Files = dict[str, bytes]
MORE = "\n\nDitambahkan saat menyunting: *jawab* setiap permohonan.\n"


def taken_out(author: PageClient, address: str) -> Files:
    """The files of the ZIP at an address, by their paths within the folder."""
    answer = author.get(address)
    assert answer.status_code == 200, answer.status
    with ZipFile(io.BytesIO(answer.data)) as archive:
        return {
            name.split("/", 1)[1]: archive.read(name)
            for name in archive.namelist()
            if not name.endswith("/")
        }


def lesson_of(app: Flask, slug: str) -> tuple[str, str, int, str]:
    """Address, path, number and text of the first lesson of a draft."""
    with app.app_context():
        draft = db.session.scalars(select(Draft).join(Course).where(Course.slug == slug)).one()
        file = min(
            (f for f in queries.files_of(draft) if f.path.endswith(".md")), key=lambda f: f.path
        )
        found = f"/studio/{slug}/files/{file.uuid}", file.path, file.number, file.text or ""
        db.session.remove()
    return found


def change(app: Flask, author: PageClient, slug: str) -> tuple[str, bytes]:
    """Add a paragraph to the first lesson; its path and what it is now."""
    address, path, number, text = lesson_of(app, slug)
    now = text.rstrip("\n") + MORE
    answer = author.send(address, {"number": number, "text": now})
    assert answer.status_code == 302, answer.status
    return path, now.encode()


def publish(author: PageClient, slug: str) -> None:
    page = author.get(f"/studio/{slug}/publish").get_data(as_text=True)
    mark = page.partition('name="mark"')[2].partition('value="')[2].partition('"')[0]
    data = {"change": "content", "note": "Satu alinea", "mark": mark.replace("&#43;", "+")}
    answer = author.send(f"/studio/{slug}/publish", data)
    assert answer.status_code == 302, answer.status


@shipped
def test_only_the_change_differs_after_the_whole_way(app: Flask, cast: Cast, folder: Path) -> None:
    slug, other = folder.name, f"{folder.name}-salinan"
    with app.app_context():
        import_course(folder)
        db.session.remove()
    author = client_of(app, cast, "hr")
    shipped_files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert author.send(f"/studio/{slug}/draft").status_code == 302
    assert taken_out(author, f"/studio/{slug}/zip") == shipped_files
    path, now = change(app, author, slug)
    changed = shipped_files | {path: now}
    publish(author, slug)
    number = 2
    assert taken_out(author, f"/studio/{slug}/versions/{number}/zip") == changed
    archive = author.get(f"/studio/{slug}/versions/{number}/zip").data
    data = {
        "slug": other, "unit": "CITY", "beginning": "archive",
        "archive": (io.BytesIO(archive), f"{slug}.zip"),
    }  # fmt: skip
    answer = author.send("/studio/new", data, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.status
    assert taken_out(author, f"/studio/{other}/zip") == changed
