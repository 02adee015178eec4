"""Banks of questions, and the questions that are copied from them into the quizzes of courses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import delete

from lms.accounts.models import Unit
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import db
from lms.courses.actions import drafts, questions
from lms.courses.models import BankCopy, Course, Draft
from lms.courses.queries.banks import MEDIA, Taken, media_of
from lms.courses.queries.quizzes import quiz_for
from lms.courses.rules import Source
from lms.formats.course_folder.writing import settings_text
from lms.formats.gift.questions import Question, label

FOLDER = "01-soal"


def beginning(title: str, language: str) -> Source:
    """The folder of a bank without a question: one module, with a quiz for its first topic."""
    topic = gettext("Umum")
    return {
        "texts": {
            "course.toml": settings_text({"format": 1, "title": title, "language": language}),
            f"{FOLDER}/module.toml": settings_text({"key": "soal", "title": gettext("Soal")}),
            f"{FOLDER}/01-umum.toml": settings_text(
                {"key": "umum", "title": topic, "minutes": 1, "pass": 0}
            ),
            f"{FOLDER}/01-umum.gift": "",
        },
        "media": {},
    }


def create_bank(actor: Actor, slug: str, unit: Unit | None, source: Source) -> Draft:
    """Begin a bank that the actor owns; raises what `drafts.create_course` raises."""
    return drafts.create_course(actor, slug, unit, source, is_bank=True)


def copy_questions(
    actor: Actor, course: Course, draft: Draft, uuid: UUID, copied: Sequence[Taken]
) -> list[str]:
    """Copy questions to the end of a quiz of the draft, with their media and what the settings of
    their quiz say of them; their new keys. Where each came from is kept. Tags that name goals and
    lessons of the other course stay there."""
    module = quiz_for(draft, uuid).settings.path.partition("/")[0]
    present = media_of(draft.id)
    adopted, said = [], []
    for each in copied:
        names = {
            name: placed_medium(actor, draft, module, present, name, digest)
            for name, digest in each.media.items()
        }
        adopted.append(_adopted(each, names))
        said.append({
            name: [{field: _renamed(value, names) for field, value in row.items()} for row in rows]
            for name, rows in each.said.items()
        })  # fmt: skip
    keys = questions.add_questions(actor, draft, uuid, adopted)
    questions.add_said(actor, draft, uuid, dict(zip(keys, said, strict=True)))
    origins = [(each.course_id, each.question.key) for each in copied]
    note_copies(actor, course, [(key, *origin) for key, origin in zip(keys, origins, strict=True)])
    return keys


def note_copies(actor: Actor, course: Course, copies: Sequence[tuple[str, int, str]]) -> None:
    """Keep where questions of a course were copied from: their keys, the ids of the other courses,
    and the keys there."""
    now, keys = clock.now(), [key for key, _, _ in copies]
    db.session.execute(
        delete(BankCopy).where(BankCopy.course_id == course.id, BankCopy.key.in_(keys))
    )
    db.session.add_all(
        BankCopy(
            course_id=course.id, key=key, from_course_id=origin, from_key=from_key, copied_at=now,
            copied_by_id=actor.person_id,
        )
        for key, origin, from_key in copies
    )  # fmt: skip
    db.session.flush()


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A text, or each of several, in which media have these names; else the value itself."""
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return with_names(value, names) if isinstance(value, str) else value


def with_names(text: str, names: Mapping[str, str]) -> str:
    """The text in which media have these names, by those that they have."""
    return MEDIA.sub(lambda found: names.get(found[0], found[0]), text)


def _adopted(taken: Taken, names: Mapping[str, str]) -> Question:
    question = taken.question
    return replace(
        question,
        key="",
        text=with_names(question.text, names),
        general_feedback=with_names(question.general_feedback, names),
        options=tuple(
            replace(
                option,
                text=with_names(option.text, names),
                feedback=with_names(option.feedback, names),
            )
            for option in question.options
        ),
        tags=tuple(tag for tag in question.tags if tag not in taken.stays_behind),
        source=question.source or label(taken.place),
    )


def placed_medium(
    actor: Actor, draft: Draft, module: str, present: dict[str, str], name: str, digest: str
) -> str:
    """The name by which a text of the module finds the medium in the draft, which has it then."""
    stem, dot, suffix = name.rpartition(".")
    number, wanted = 1, name
    while (now := present.get(f"{module}/{wanted}") or present.get(wanted)) != digest:
        if now is None:
            drafts.add_medium(actor, draft, wanted, digest)
            present[wanted] = digest
            break
        number += 1
        wanted = f"{stem}-{number}{dot}{suffix}"
    return wanted
