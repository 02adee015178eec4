"""What a new course begins with: nothing, a template, another course, or a folder in a ZIP file."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flask_babel import gettext

from lms.core.errors import DomainError
from lms.courses.actions import keeping
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.models import Course
from lms.courses.queries.drafts import draft_of, source_of, source_of_draft
from lms.courses.rules import Source
from lms.formats.course_folder import archive
from lms.formats.course_folder.writing import settings_text, with_settings
from lms.formats.gift.questions import is_key
from lms.formats.traces import BrokenFile

TEMPLATES = Path(__file__).parent.parent / "templates"  # of each language, the same names


def blank(title: str, language: str) -> Source:
    text = settings_text({"format": 1, "title": title, "language": language})
    return {"texts": {COURSE_FILE: text}, "media": {}}


def from_template(name: str, title: str, language: str) -> Source:
    """One of the course folders that come with the product."""
    root = TEMPLATES / language / name
    texts = {
        path.relative_to(root).as_posix(): path.read_bytes().decode()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    return _titled({"texts": texts, "media": {}}, title)


def copy_of(course: Course, title: str) -> Source:
    """The draft of a course, its current version where there is none."""
    draft = draft_of(course)
    if draft is not None:
        return _titled(source_of_draft(draft), title)
    if course.current_version is None:
        raise DomainError(gettext("Kursus ini belum punya isi."))
    return _titled(source_of(course.current_version), title)


def from_archive(stream: IO[bytes]) -> tuple[str, Source]:
    """The address that the folder in a ZIP file has, "" where it has none, and what is in it; media
    without what they tell of place and camera.

    All of it is read before the first byte is kept, so that a refused file leaves nothing behind.
    Raises DomainError, for the field `archive`, with what is wrong.
    """
    texts: dict[str, str] = {}
    media: dict[str, str] = {}
    try:
        with zipfile.ZipFile(stream) as packed:
            root, members = archive.check(packed)
            archive.check_contents(packed, members)
            for path, info in members:
                if path.endswith(archive.TEXTS):
                    with archive.opened(packed, path, info) as member:
                        texts[path] = _decoded(path, member.read())
            others = [(path, info) for path, info in members if path not in texts]
            for path, info in others:
                with _unpacked(packed, path, info) as file:
                    keeping.without(file)
            for path, info in others:
                with _unpacked(packed, path, info) as file:
                    media[path] = keeping.keep(file)
    except (zipfile.BadZipFile, ValueError, OverflowError, EOFError) as error:
        words = gettext("Ini bukan berkas ZIP yang utuh. Pilih berkas lain.")
        raise DomainError(words, "archive") from error
    except archive.BadArchive as error:
        raise DomainError(_words(error), "archive") from error
    return root if is_key(root) else "", {"texts": texts, "media": media}


def named(source: Source, title: str, address: str, language: str) -> Source:
    """The same under a title, its own where there is no other. What has no settings of a course
    gets those of a blank one, as a form can mend them from there on."""
    if COURSE_FILE in source["texts"]:
        return _titled(source, title) if title else source
    title = title or address.replace("-", " ").capitalize() or gettext("Kursus tanpa judul")
    return {**source, "texts": {**source["texts"], **blank(title, language)["texts"]}}


@contextmanager
def _unpacked(packed: zipfile.ZipFile, path: str, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """A member as a file in which one can go back. Raises BadArchive, also for what is broken."""
    with tempfile.TemporaryFile() as file:
        with archive.opened(packed, path, info) as member:
            shutil.copyfileobj(member, file)
        try:
            yield file
        except BrokenFile as error:
            raise archive.BadArchive("damaged", path) from error


def _decoded(path: str, content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise archive.BadArchive("encoding", path) from error
    if "\0" in text:  # no database keeps it
        raise archive.BadArchive("encoding", path)
    return text


def _titled(source: Source, title: str) -> Source:
    try:
        text = with_settings(COURSE_FILE, source["texts"].get(COURSE_FILE, ""), {"title": title})
    except ValueError:  # it cannot be read; the check will say so
        return source
    return {**source, "texts": {**source["texts"], COURSE_FILE: text}}


def _words(error: archive.BadArchive) -> str:
    name = error.name
    return {
        "members": gettext("Berkas ZIP ini memuat terlalu banyak berkas (paling banyak 2.000)."),
        "size": gettext("Isi berkas ZIP ini lebih besar dari 500 MB."),
        "empty": gettext("Berkas ZIP ini kosong."),
        "path": gettext("Nama berkas “%(name)s” di dalam ZIP tidak diterima.", name=name),
        "link": gettext("“%(name)s” di dalam ZIP adalah tautan; hanya berkas biasa.", name=name),
        "encrypted": gettext("Berkas ZIP ini bersandi. Simpan tanpa kata sandi."),
        "kind": gettext("“%(name)s”: jenis berkas ini tidak diterima dalam kursus.", name=name),
        "file-size": gettext(
            "“%(name)s” terlalu besar: teks paling besar 1 MB, video 300 MB, suara 50 MB, dan "
            "berkas lain 20 MB.",
            name=name,
        ),
        "doubled": gettext("“%(name)s” ada dua kali di dalam ZIP.", name=name),
        "damaged": gettext("“%(name)s” di dalam ZIP rusak.", name=name),
        "encoding": gettext("“%(name)s” bukan teks UTF-8.", name=name),
    }[error.reason]
