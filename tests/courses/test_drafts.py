"""Drafts: the files of a course, saved by number, moved, removed, and brought back."""

from pathlib import Path

import pytest
from flask import Flask

from lms.accounts.queries import SignedIn
from lms.core.db import db, transaction
from lms.core.errors import DomainError, Forbidden, NotFound
from lms.courses.actions import drafts, publishing, rendering
from lms.courses.models import Course, Draft, DraftFile
from lms.courses.queries import drafts as queries
from lms.courses.rules import CourseRole
from tests.cast import Cast
from tests.learning.assigning import actor_of
from tests.sample_course import import_course, write_course

SOURCE = {"texts": {"course.toml": "format = 1\n", "01-a/01-satu.md": "Satu."}, "media": {}}


@pytest.fixture
def trainer(context: Flask, cast: Cast) -> SignedIn:
    return actor_of(cast, "stranger")


def begin(trainer: SignedIn, cast: Cast, slug: str = "baru") -> Draft:
    with transaction():
        return drafts.create_course(trainer, slug, cast.unit("b"), SOURCE)


def file_at(draft: Draft, path: str) -> DraftFile:
    return next(file for file in queries.files_of(draft) if file.path == path)


def test_a_draft_holds_the_folder_and_its_owner_may_write_it(trainer: SignedIn, cast: Cast) -> None:
    draft = begin(trainer, cast)
    assert queries.source_of_draft(draft) == SOURCE
    course = queries.written_course(trainer, "baru")
    assert course.uuid == draft.course.uuid
    assert queries.role_in(actor_of(cast, "hr"), course) is CourseRole.OWNER
    with pytest.raises(NotFound):
        queries.written_course(actor_of(cast, "learner"), "baru")


def test_whoever_writes_for_another_unit_only_begins_nothing(cast: Cast, context: Flask) -> None:
    head = actor_of(cast, "head")
    with pytest.raises(Forbidden), transaction():
        drafts.create_course(head, "baru", cast.unit("a1"), SOURCE)


@pytest.mark.parametrize("slug", ["", "Besar", "dengan spasi", "../x", "baru"])
def test_an_address_that_is_none_or_taken_is_refused(
    trainer: SignedIn, cast: Cast, slug: str
) -> None:
    begin(trainer, cast)
    with pytest.raises(DomainError) as refused, transaction():
        drafts.create_course(trainer, slug, cast.unit("b"), SOURCE)
    assert refused.value.field == "slug"


def test_a_save_that_has_not_seen_the_last_one_writes_nothing(
    trainer: SignedIn, cast: Cast
) -> None:
    draft = begin(trainer, cast)
    with transaction():
        drafts.save_text(trainer, draft, file_at(draft, "01-a/01-satu.md"), "Dua.", 1)
    other = actor_of(cast, "hr")
    with pytest.raises(drafts.StaleFile) as stale, transaction():
        drafts.save_text(other, draft, file_at(draft, "01-a/01-satu.md"), "Tiga.", 1)
    assert (stale.value.current.text, stale.value.current.number) == ("Dua.", 2)
    assert file_at(draft, "01-a/01-satu.md").text == "Dua."


def test_saves_of_one_sitting_are_one_revision(trainer: SignedIn, cast: Cast) -> None:
    draft = begin(trainer, cast)
    file = file_at(draft, "01-a/01-satu.md")
    for number, text in enumerate(("Dua.", "Tiga.", "Empat."), start=1):
        with transaction():
            drafts.save_text(trainer, draft, file, text, number)
    other = actor_of(cast, "hr")
    with transaction():
        drafts.save_text(other, draft, file, "Lima.", 4)
    kept = [(revision.number, revision.text) for revision in queries.revisions_of(file)]
    assert kept == [(5, "Lima."), (4, "Empat."), (1, "Satu.")]


def test_files_change_places_and_keep_their_history(trainer: SignedIn, cast: Cast) -> None:
    draft = begin(trainer, cast)
    with transaction():
        drafts.add_text(trainer, draft, "01-a/02-dua.md", "Dua.")
    one, two = file_at(draft, "01-a/01-satu.md"), file_at(draft, "01-a/02-dua.md")
    with transaction():
        drafts.move_files(draft, {one: "01-a/02-dua.md", two: "01-a/01-satu.md"})
    assert file_at(draft, "01-a/01-satu.md").text == "Dua."
    assert [r.text for r in queries.revisions_of(file_at(draft, "01-a/02-dua.md"))] == ["Satu."]


def test_what_was_removed_comes_back(trainer: SignedIn, cast: Cast) -> None:
    draft = begin(trainer, cast)
    file = file_at(draft, "01-a/01-satu.md")
    with transaction():
        drafts.remove_files(draft, [file])
    assert [f.path for f in queries.files_of(draft)] == ["course.toml"]
    removed = queries.file_for(draft, file.uuid, removed=True)
    with transaction():
        drafts.restore_files(draft, {removed: removed.path})
    assert queries.source_of_draft(draft) == SOURCE


def test_a_version_gives_the_folder_back_byte_by_byte(
    trainer: SignedIn, cast: Cast, tmp_path: Path
) -> None:
    folder = write_course(tmp_path)
    imported = import_course(folder)
    course = db.session.get_one(Course, imported.course.id)
    hr = actor_of(cast, "hr")
    with transaction():
        draft = drafts.open_draft(hr, course)
        assert drafts.open_draft(hr, course).id == draft.id
    source = queries.source_of_draft(draft)
    tree = queries.folder_of(course.slug, source)
    written = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert sorted([*source["texts"], *source["media"]]) == sorted(written)
    for path in written:
        with tree.file(path).open() as file:
            assert file.read() == (folder / path).read_bytes()
    content, problems = publishing.check_folder(tree)
    assert content is not None, problems
    prepared = rendering.prepare(content, source)
    assert prepared.digest == imported.version.digest
    with transaction():
        drafts.discard_draft(hr, draft)
    assert queries.draft_of(course) is None


def test_a_name_that_the_table_does_not_take_is_refused_with_words(
    trainer: SignedIn, cast: Cast
) -> None:
    draft, longest = begin(trainer, cast), f"01-a/{'x' * 192}.md"
    with transaction():
        added = drafts.add_text(trainer, draft, longest, "Dua.")
    with pytest.raises(DomainError, match="terlalu panjang"), transaction():
        drafts.add_text(trainer, draft, longest.replace(".md", "x.md"), "Tiga.")
    with pytest.raises(DomainError, match="terlalu panjang"), transaction():
        drafts.move_files(draft, {added: f"10{longest}"})
    assert file_at(draft, longest).text == "Dua."
