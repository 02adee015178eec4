"""The quizzes of a draft: settings, the file of their questions, and where each question is."""

import hashlib
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from lms.core.db import db
from lms.core.errors import NotFound
from lms.courses.models import BankCopy, BankQuestion, Draft, DraftFile
from lms.courses.queries import keys_of
from lms.courses.queries.drafts import file_for
from lms.formats.course_folder import quiz_text
from lms.formats.gift import sheet

REMOVED = "questions"  # no folder of a course can have this name


@dataclass(frozen=True)
class QuizDraft:
    """`values` is what the settings say, None where they cannot be read. `lender` is the quiz whose
    questions this one asks in place of its own; `entries` are those that it asks."""

    settings: DraftFile
    values: Mapping[str, Any] | None
    gift: DraftFile | None
    lender: "QuizDraft | None" = None

    @property
    def uuid(self) -> UUID:
        return self.settings.uuid

    @property
    def key(self) -> str:
        return str((self.values or {}).get("key", ""))

    @property
    def title(self) -> str:
        return str((self.values or {}).get("title") or self.settings.path)

    @property
    def pool(self) -> str:
        return str((self.values or {}).get("questions", ""))

    @property
    def gift_path(self) -> str:
        return f"{self.settings.path.removesuffix('.toml')}.gift"

    @property
    def text(self) -> str:
        return (self.gift and self.gift.text) or ""

    @property
    def entries(self) -> list[sheet.Entry]:
        return sheet.entries(self.text)


@dataclass(frozen=True)
class RemovedQuestion:
    """A question taken out of a quiz. `position` is where it stood, from 0."""

    uuid: UUID
    position: int
    key: str
    text: str
    removed_at: datetime

    @property
    def entry(self) -> sheet.Entry:
        return sheet.entries(self.text)[0]


def quizzes_of(draft: Draft) -> list[QuizDraft]:
    """All quizzes in the order of the course. The text of their questions, which may be megabytes,
    is fetched with the first look at it."""
    present = select(DraftFile).where(
        DraftFile.draft_id == draft.id, DraftFile.removed_at.is_(None)
    )
    settings = db.session.scalars(
        present.where(DraftFile.path.like("%.toml")).order_by(DraftFile.path)
    ).all()
    questions = db.session.scalars(
        present.where(DraftFile.path.like("%.gift")).options(defer(DraftFile.text))
    )
    by_path = {file.path: file for file in questions}
    found = [quiz for file in settings if (quiz := _quiz(file, by_path))]
    by_key = {quiz.key: quiz for quiz in found if not quiz.pool}
    return [
        QuizDraft(quiz.settings, quiz.values, quiz.gift, by_key.get(quiz.pool)) for quiz in found
    ]


def quiz_for(draft: Draft, uuid: UUID) -> QuizDraft:
    """A quiz by the file of its settings. Raises NotFound, also for what is no quiz."""
    file = file_for(draft, uuid)
    for quiz in quizzes_of(draft):
        if quiz.uuid == file.uuid:
            return quiz
    raise NotFound


def _quiz(file: DraftFile, by_path: Mapping[str, DraftFile]) -> QuizDraft | None:
    if not file.path.endswith(".toml") or file.path.rpartition("/")[2] in (
        "course.toml",
        "module.toml",
    ):
        return None
    gift = by_path.get(f"{file.path.removesuffix('.toml')}.gift")
    values = _values(file.text or "")
    if values is None:
        return QuizDraft(file, None, gift) if gift else None
    return None if "kind" in values else QuizDraft(file, values, gift)


def _values(text: str, number: Callable[[str], Any] = Decimal) -> dict[str, Any] | None:
    """None where the settings cannot be read. `number` makes those with a point."""
    try:
        return tomllib.loads(text, parse_float=number)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def course_file(draft: Draft) -> DraftFile | None:
    """Where the settings of the course stand."""
    return db.session.scalar(
        select(DraftFile).where(
            DraftFile.draft_id == draft.id,
            DraftFile.path == "course.toml",
            DraftFile.removed_at.is_(None),
        )
    )


def course_values(draft: Draft) -> dict[str, Any]:
    """What the settings of the course say; empty where they cannot be read."""
    file = course_file(draft)
    try:
        return tomllib.loads((file and file.text) or "")
    except (ValueError, RecursionError):
        return {}


def goals_in(draft: Draft) -> list[tuple[str, str]]:
    """Key and text of the learning goals of the course, as far as they can be read."""
    goals = course_values(draft).get("goals", [])
    each = [goal for goal in goals if isinstance(goal, dict)] if isinstance(goals, list) else []
    return [(str(goal.get("key", "")), str(goal.get("text", ""))) for goal in each]


def outcomes_in(draft: Draft) -> list[str]:
    """Codes of the competencies that the course raises."""
    outcomes = course_values(draft).get("outcomes", [])
    each = [one for one in outcomes if isinstance(one, dict)] if isinstance(outcomes, list) else []
    return [str(one.get("competency", "")) for one in each if one.get("competency")]


def entry_for(quiz: QuizDraft, key: str) -> tuple[int, sheet.Entry]:
    """A question with its position, from 0. Raises NotFound."""
    for position, entry in enumerate(quiz.entries):
        if entry.key == key:
            return position, entry
    raise NotFound


def file_asking(draft: Draft, key: str) -> UUID | None:
    """The settings of the quiz in whose file a question of the draft stands; None without one."""
    gift = db.session.scalar(
        select(DraftFile.path)
        .join(BankQuestion, BankQuestion.file_id == DraftFile.id)
        .where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
            BankQuestion.key == key,
        )
        .limit(1)
    )
    if gift is None:
        return None
    return db.session.scalar(
        select(DraftFile.uuid).where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at.is_(None),
            DraftFile.path == f"{gift.removesuffix('.gift')}.toml",
        )
    )


def taken_keys(draft: Draft) -> set[str]:
    """Every key of a question or quiz in the draft; parts and modules are told by their
    settings."""
    of_questions = db.session.scalars(_keys_in(draft).where(BankQuestion.key != ""))
    return {*of_questions, *(quiz.key for quiz in quizzes_of(draft))}


def taken_among(draft: Draft, quizzes: Iterable[QuizDraft], keys: Collection[str]) -> set[str]:
    """Those of the keys that a question or quiz of the draft has."""
    of_questions = db.session.scalars(_keys_in(draft).where(BankQuestion.key.in_(keys)))
    return {*of_questions, *({quiz.key for quiz in quizzes} & set(keys))}


def _keys_in(draft: Draft) -> Select[str]:
    return (
        select(BankQuestion.key)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .where(DraftFile.draft_id == draft.id, DraftFile.removed_at.is_(None))
    )


def former_keys(draft: Draft) -> set[str]:
    """Keys that once were somebody's: of what was taken out of the draft, is published, was told
    as left out, or was copied here from a bank. A new question gets none of them, or it would
    inherit what hangs on the key."""
    gone = select(DraftFile.path).where(
        DraftFile.draft_id == draft.id, DraftFile.path.like(f"{REMOVED}/%")
    )
    of_files = (
        select(BankQuestion.key)
        .join(DraftFile, DraftFile.id == BankQuestion.file_id)
        .where(DraftFile.draft_id == draft.id, DraftFile.removed_at.is_not(None))
    )
    copied = select(BankCopy.key).where(BankCopy.course_id == draft.course_id)
    version, told = draft.course.current_version, course_values(draft).get("removed")
    left_out = told.get("keys") if isinstance(told, dict) else None
    return {
        *(path.rpartition("/")[2] for path in db.session.scalars(gone)),
        *db.session.scalars(of_files),
        *db.session.scalars(copied),
        *(keys_of(version) if version else ()),
        *(str(key) for key in (left_out if isinstance(left_out, list) else ())),
    }


def mark_of(quiz: QuizDraft, entry: sheet.Entry) -> str:
    """What a change of a question begins from: the digest of its text, and of what the settings say
    of it where it is an essay."""
    told = told_of_essay(quiz, entry.key)
    return hashlib.sha256((entry.digest + told).encode()).hexdigest() if told else entry.digest


def told_of_essay(quiz: QuizDraft, key: str) -> str:
    """What the settings say now of how an essay is answered and marked, as TOML, always in the same
    spelling; empty where they say nothing, or cannot be read."""
    told = essays_told(quiz).get(key)
    return "\n\n" + quiz_text.with_said("", told) if told else ""


def essays_told(quiz: QuizDraft) -> dict[str, dict[str, list[Any]]]:
    """The rows in which the settings say how essays are answered and marked, by their questions."""
    values = _values(quiz.settings.text or "", float) or {}
    found: dict[str, dict[str, list[Any]]] = {}
    for name in quiz_text.OF_ESSAYS:
        rows = values.get(name, [])
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                found.setdefault(str(row.get("question", "")), {}).setdefault(name, []).append(row)
    return found


def removed_path(gift: DraftFile, position: int, key: str) -> str:
    """The path of a question that was taken out: it goes with its file wherever that moves."""
    return f"{REMOVED}/{gift.uuid}/{position}/{key}"


def removed_said_path(quiz: QuizDraft, key: str) -> str:
    """The path of what the settings of a quiz said of a question that was taken out."""
    return f"{REMOVED}/{quiz.uuid}/said/{key}"


def removed_questions(quiz: QuizDraft) -> list[RemovedQuestion]:
    """What was taken out of the quiz and is not in it again, the last one first."""
    if quiz.gift is None:
        return []
    rows = db.session.scalars(
        select(DraftFile)
        .where(
            DraftFile.draft_id == quiz.gift.draft_id,
            DraftFile.path.like(f"{REMOVED}/{quiz.gift.uuid}/%"),
            DraftFile.removed_at.is_not(None),
        )
        .order_by(DraftFile.id.desc())
    ).all()
    paths = [(row, row.path.split("/")) for row in rows]
    here = set(
        db.session.scalars(
            select(BankQuestion.key).where(
                BankQuestion.file_id == quiz.gift.id,
                BankQuestion.key.in_({key for _, (*_, key) in paths}),
            )
        )
    )
    found: dict[str, RemovedQuestion] = {}
    for row, (_, _, position, key) in paths:
        if key not in here and key not in found:
            assert row.removed_at is not None
            found[key] = RemovedQuestion(
                row.uuid, int(position), key, row.text or "", row.removed_at
            )
    return list(found.values())
