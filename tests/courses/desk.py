"""A draft of the sample course as its authors see it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from lms.core.db import db, transaction
from lms.courses.actions import drafts
from lms.courses.models import Course, CourseMember, Draft, DraftFile
from lms.courses.queries import drafts as queries
from lms.courses.rules import CourseRole
from tests.cast import Cast
from tests.client import PageClient
from tests.learning.assigning import actor_of
from tests.sample_course import KINDS, import_course, write_course

QUIZ = "01-dasar/04-akhir"
FIRST = "01-dasar/03-kuis"


def draft_at_hand() -> Draft:
    return db.session.scalars(select(Draft).join(Course).where(Course.slug == "melayani")).one()


@dataclass
class Desk:
    """The draft of `melayani`; every look and every act has a transaction of its own."""

    app: Flask
    cast: Cast

    def begin(self, folder: Path, *, author: str = "stranger", final: str = KINDS) -> None:
        """Publish the sample course, and begin a draft that `author` may write."""
        with self.app.app_context():
            version = import_course(write_course(folder, final=final, settings="")).version
            course_id, since_at = version.course_id, version.published_at
            actor = actor_of(self.cast, "hr")
            with transaction():
                db.session.add(
                    CourseMember(
                        course_id=course_id, person_id=self.cast.people[author],
                        role=CourseRole.AUTHOR, since_at=since_at,
                    )
                )  # fmt: skip
                drafts.open_draft(actor, db.session.get_one(Course, course_id))
            db.session.remove()

    @contextmanager
    def _file(self, path: str) -> Iterator[tuple[Draft, DraftFile]]:
        with self.app.app_context():
            draft = draft_at_hand()
            yield draft, next(file for file in queries.files_of(draft) if file.path == path)
            db.session.remove()

    def uuid(self, path: str) -> UUID:
        with self._file(path) as (_, file):
            return file.uuid

    def number(self, path: str) -> int:
        with self._file(path) as (_, file):
            return file.number

    def text(self, path: str) -> str:
        with self._file(path) as (_, file):
            return file.text or ""

    def save(self, path: str, text: str, *, by: str = "hr") -> None:
        """As somebody else at another desk."""
        with self._file(path):
            actor = actor_of(self.cast, by)
            with transaction():
                draft = draft_at_hand()
                file = next(file for file in queries.files_of(draft) if file.path == path)
                drafts.save_text(actor, draft, file, text, file.number)

    def quiz(self, more: str = "", path: str = QUIZ) -> str:
        """The address of a quiz."""
        return f"/studio/melayani/quizzes/{self.uuid(f'{path}.toml')}{more}"


def undo(author: PageClient, address: str) -> str:
    """Take back what was just done, by the button on a page; the address of the page after it."""
    page = author.get(address).get_data(as_text=True)
    found = re.search(r'class="toast" method="post" action="([^"]+)"', page)
    assert found
    answer = author.send(unescape(found[1]))
    assert answer.status_code == 302
    return str(answer.headers["Location"])
