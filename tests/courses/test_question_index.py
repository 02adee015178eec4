"""The index of questions: whatever is done to the files, its rows say what they say."""

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from lms.core.db import db, is_writing, transaction
from lms.core.errors import DomainError
from lms.courses.actions import bulk, drafts, question_index
from lms.courses.models import (
    Activity,
    BankQuestion,
    BankTag,
    Course,
    CourseVersion,
    Draft,
    DraftFile,
)
from lms.courses.queries import drafts as queries
from lms.courses.queries.quizzes import quizzes_of
from lms.formats.gift import sheet, words
from tests.cast import Cast
from tests.client import PageClient
from tests.courses.desk import FIRST, QUIZ, Desk, draft_at_hand
from tests.learning.assigning import actor_of
from tests.sample_course import KINDS, import_course, write_course

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


def indexed() -> Rows:
    tags: dict[int, set[str]] = {}
    for row in db.session.scalars(select(BankTag)):
        tags.setdefault(row.question_id, set()).add(row.tag)
    found: Rows = {}
    for file, each in db.session.execute(
        select(DraftFile, BankQuestion)
        .join(BankQuestion, BankQuestion.file_id == DraftFile.id)
        .order_by(DraftFile.id, BankQuestion.position)
    ):
        found.setdefault(str(file.uuid), []).append(
            (each.position, each.key, each.kind, each.state, each.author, each.source,
             each.shown, each.words, each.same, each.digest,
             tags.get(each.id, set()))
        )  # fmt: skip
    return found


def told() -> Rows:
    """What the files say, read here without the index's own reading."""
    found: Rows = {}
    for file in db.session.scalars(select(DraftFile).where(DraftFile.path.endswith(".gift"))):
        rows: list[tuple[object, ...]] = []
        for position, entry in enumerate(sheet.entries(file.text or "")):
            question = entry.question
            rows.append(
                (position, entry.key, question and question.kind, question and question.state,
                 question.author if question else "", question.source if question else "",
                 words.shown_words(entry), words.search_words(entry),
                 question and words.sameness(question), entry.digest,
                 set(question.tags) if question else set())
            )  # fmt: skip
        if rows:
            found[str(file.uuid)] = rows
    return found


def test_a_new_draft_is_indexed_at_once(app: Flask, desk: Desk) -> None:
    with app.app_context():
        rows = indexed()
        assert rows == told()
        assert sum(len(each) for each in rows.values()) == 9
        db.session.remove()


PIECES = [
    "// [id:baru-{n}] [tag:t{n}] [tag:umum]\nSoal baru {n}? {{T}}",
    "// [id:baru-{n}]\nRusak {n} {{\n=Ya\n~%7%Tidak\n}}",
    "Tanpa kunci {n}? {{F}}",
    "// [id:kembar]\nSoal yang sama? {{T}}",
    "Terbuka {n} {{",
    "// [id:lama-{n}] [state:retired] [author:Ratna] [source:Buku {n}]\nSoal lama {n}? {{T}}",
]


def edited(text: str, by: random.Random) -> str:
    """The text after something that a hand might do to it."""
    found = sheet.entries(text)
    act = by.choice(["insert", "insert", "remove", "move", "replace", "cut", "remark"])
    at = by.randrange(len(found) + 1)
    piece = by.choice(PIECES).format(n=by.randrange(30))
    if act == "insert" or not found:
        return sheet.inserted(text, at, [piece])
    entry = found[at % len(found)]
    if act == "remove":
        return sheet.removed(text, entry)
    if act == "move":
        return sheet.moved(text, at % len(found), by.choice([-1, 1]))
    if act == "replace":
        return sheet.replaced(text, entry, piece)
    if act == "cut":
        return text[: by.randrange(len(text) + 1)]
    return f"// catatan {at}\n\n{text}"


@pytest.mark.parametrize("seed", range(12))
def test_after_any_edits_it_is_what_it_would_be_if_made_anew(
    app: Flask, desk: Desk, seed: int
) -> None:
    by, done = random.Random(seed), list[UUID | None]()
    with app.app_context():
        hr = actor_of(desk.cast, "hr")
        for _ in range(40):
            with transaction():
                draft = db.session.scalars(select(Draft)).one()
                quiz = by.choice(quizzes_of(draft))
                if by.random() < 0.15:
                    keys = [entry.key for entry in quiz.entries if entry.key][:2]
                    done.append(
                        bulk.move_questions(hr, draft, keys, by.choice(quizzes_of(draft)).uuid)
                    )
                elif by.random() < 0.15:
                    keys = [entry.key for each in quizzes_of(draft) for entry in each.entries]
                    some = by.sample(keys, min(3, len(keys)))
                    done.append(bulk.remove_questions(hr, draft.course, draft, some))
                elif by.random() < 0.3 and (last := done and done.pop()):
                    with suppress(DomainError):  # another question has the key by now
                        bulk.undo(hr, draft.course, draft, last)
                elif by.random() < 0.15:
                    keys = [entry.key for entry in quiz.entries if entry.key and entry.question]
                    bulk.tag_questions(hr, draft, keys[:3], "dicoba", given=by.random() < 0.6)
                elif quiz.gift is not None:
                    text = edited(quiz.text, by)
                    drafts.save_text(hr, draft, quiz.gift, text, quiz.gift.number)
        kept = indexed()
        assert kept == told()
        assert question_index.rebuild() == 4, "two of the draft, two of the version"
        assert indexed() == kept
        db.session.remove()


def test_what_did_not_change_keeps_its_row(app: Flask, desk: Desk) -> None:
    def ids() -> dict[str, int]:
        with app.app_context():
            rows = db.session.execute(select(BankQuestion.key, BankQuestion.id))
            found = {row.key: row.id for row in rows}
            db.session.remove()
        return found

    before = ids()
    text = desk.text(f"{QUIZ}.gift").replace("Pilih dua sikap", "Pilihlah dua sikap")
    desk.save(f"{QUIZ}.gift", sheet.inserted(text, 0, ["// [id:awal]\nYang pertama? {T}"]))
    after = ids()
    assert {key for key in after if before.get(key) != after[key]} == {"awal", "jenis-2"}


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/studio/melayani/copy", {"title": "Salinan", "slug": "salinan", "unit": "CITY"}),
        ("/studio/melayani/draft", {}),
    ],
)
def test_a_draft_begins_without_reading_a_question_in_its_transaction(
    app: Flask, desk: Desk, client: PageClient, monkeypatch: pytest.MonkeyPatch,
    address: str, sent: dict[str, str],
) -> None:  # fmt: skip
    """However many there are."""
    count = 2100
    with app.app_context():
        hr = actor_of(desk.cast, "hr")
        with transaction():
            course = db.session.scalars(select(Course)).one()
            version = course.current_version
            assert version is not None
            many = "".join(f"// [id:banyak-{n}]\nSoal {n}? {{T}}\n\n" for n in range(count))
            source = queries.source_of(version)
            texts = {**source["texts"], f"{FIRST}.gift": many}
            version.source = {"texts": texts, "media": dict(source["media"])}
            if "draft" in address:
                drafts.discard_draft(hr, db.session.scalars(select(Draft)).one())
            else:
                [file] = [f for f in queries.files_of(draft_at_hand()) if f.path == f"{FIRST}.gift"]
                drafts.save_text(hr, draft_at_hand(), file, many, file.number)
        db.session.remove()
    read = {True: 0, False: 0}  # by whether the transaction is open
    for name in ("blocks", "question_of"):
        monkeypatch.setattr(sheet, name, counted(getattr(sheet, name), read))
    client.sign_in(desk.cast.people["stranger"])
    assert client.send(address, sent).status_code == 302
    assert read[True] == 0
    assert read[False] > count
    monkeypatch.undo()
    with app.app_context():
        rows = indexed()
        assert rows == told()
        drafted = db.session.scalars(select(Draft)).all()
        assert sum(len(each) for each in rows.values()) == len(drafted) * (count + 7)
        db.session.remove()


def counted(reads: Callable[[Any], Any], read: dict[bool, int]) -> Callable[[Any], Any]:
    def also(given: Any) -> Any:
        read[is_writing()] += 1
        return reads(given)

    return also


def test_files_that_move_are_found_where_they_are_and_removed_ones_are_not(
    app: Flask, desk: Desk
) -> None:
    with app.app_context():
        before = indexed()
        with transaction():
            draft = db.session.scalars(select(Draft)).one()
            [file] = [f for f in queries.files_of(draft) if f.path == f"{FIRST}.gift"]
            drafts.move_files(draft, {file: "01-dasar/09-lain.gift"})
            drafts.remove_files(draft, [file])
        assert indexed() == before
        with transaction():
            drafts.restore_files(draft, {file: f"{FIRST}.gift"})
        assert indexed() == before == told()
        db.session.remove()


def test_it_goes_with_its_draft(app: Flask, desk: Desk) -> None:
    with app.app_context():
        hr = actor_of(desk.cast, "hr")
        with transaction():
            drafts.discard_draft(hr, db.session.scalars(select(Draft)).one())
        for model in (BankQuestion, BankTag):
            count = select(func.count()).where(model.file_id.is_not(None))
            assert db.session.scalar(count) == 0
        db.session.remove()


def published() -> dict[str, tuple[object, ...]]:
    """What the index has of versions, by key."""
    tags: dict[int, set[str]] = {}
    for tag in db.session.scalars(select(BankTag).where(BankTag.file_id.is_(None))):
        tags.setdefault(tag.question_id, set()).add(tag.tag)
    return {
        row.key: (activity.key, version.number, row.position, row.words, tags.get(row.id, set()))
        for row, activity, version in db.session.execute(
            select(BankQuestion, Activity, CourseVersion)
            .join(Activity, Activity.id == BankQuestion.activity_id)
            .join(CourseVersion, CourseVersion.id == Activity.version_id)
        )
    }


def test_what_is_published_now_is_indexed_and_nothing_older(
    app: Flask, desk: Desk, tmp_path: Path
) -> None:
    with app.app_context():
        before = published()
        assert len(before) == 9
        assert {version for _, version, *_ in before.values()} == {1}
        final = KINDS.replace("// [id:jenis-1]", "// [id:jenis-1] [tag:baru]")
        import_course(write_course(tmp_path / "dua", final=final, settings=""))
        after = published()
        assert after.keys() == before.keys()
        assert {version for _, version, *_ in after.values()} == {2}
        assert (after["jenis-1"][4], after["jenis-2"][4]) == ({"baru"}, set())
        db.session.remove()


def test_the_command_makes_anew_what_was_lost(app: Flask, desk: Desk) -> None:
    with app.app_context():
        kept = indexed()
        with transaction():
            db.session.execute(delete(BankTag))
            db.session.execute(delete(BankQuestion))
        db.session.remove()
    for _ in range(2):
        done = app.test_cli_runner().invoke(args=["courses", "index"])
        assert done.exit_code == 0, done.output
        assert "4 berkas soal diindeks." in done.output
    with app.app_context():
        assert indexed() == kept
        assert len(published()) == 9
        db.session.remove()
