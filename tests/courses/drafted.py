"""A course in writing, for the tests of the studio."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Flask

from lms.core.db import db, transaction
from lms.courses.actions import drafts, rendering
from lms.courses.queries import course_by_slug
from lms.courses.queries import drafts as queries
from tests.cast import Cast
from tests.learning.assigning import actor_of
from tests.sample_course import write_course, write_video


@dataclass(frozen=True)
class Drafted:
    """The course `melayani` as a draft of the trainer: its files by path."""

    app: Flask
    uuids: dict[str, UUID]

    def url(self, path: str, page: str = "lessons") -> str:
        return f"/studio/melayani/{page}/{self.uuids[path]}"

    def text(self, path: str) -> str:
        with self.app.app_context():
            course = course_by_slug("melayani")
            assert course is not None
            draft = queries.draft_of(course)
            assert draft is not None
            found = next(f.text for f in queries.files_of(draft) if f.path == path)
            db.session.remove()
        assert found is not None
        return found


def drafted(app: Flask, cast: Cast, folder: Path, *, video: bool = False) -> Drafted:
    """Begin the course `melayani` as a draft of `stranger`, from the sample folder."""
    course = write_course(folder)
    if video:
        write_video(course)
    with app.app_context():
        source = rendering.kept_source(course)
        trainer = actor_of(cast, "stranger")
        with transaction():
            draft = drafts.create_course(trainer, "melayani", cast.unit("b"), source)
        uuids = {file.path: file.uuid for file in queries.files_of(draft)}
        db.session.remove()
    return Drafted(app, uuids)
