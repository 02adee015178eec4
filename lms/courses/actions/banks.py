"""Banks of questions, and the questions that are copied from them into the quizzes of courses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from lms.formats.course_folder.goals import GOAL_TAG
from lms.formats.course_folder.parts import LESSON_TAG
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
    """Copy questions with their media to the end of a quiz of the draft; their new keys. Where each
    came from is kept. Tags that name goals and lessons of the other course stay there."""
    module = quiz_for(draft, uuid).settings.path.partition("/")[0]
    present = media_of(draft.id)
    added = [
        _adopted(each, {
            name: _placed(actor, draft, module, present, name, digest)
            for name, digest in each.media.items()
        })
        for each in copied
    ]  # fmt: skip
    keys = questions.add_questions(actor, draft, uuid, added)
    now = clock.now()
    db.session.execute(
        delete(BankCopy).where(BankCopy.course_id == course.id, BankCopy.key.in_(keys))
    )
    db.session.add_all(
        BankCopy(
            course_id=course.id, key=key, from_course_id=each.course_id,
            from_key=each.question.key, copied_at=now, copied_by_id=actor.person_id,
        )
        for key, each in zip(keys, copied, strict=True)
    )  # fmt: skip
    db.session.flush()
    return keys


def _adopted(taken: Taken, names: Mapping[str, str]) -> Question:
    def renamed(text: str) -> str:
        return MEDIA.sub(lambda found: names.get(found[0], found[0]), text)

    question = taken.question
    return replace(
        question,
        key="",
        text=renamed(question.text),
        general_feedback=renamed(question.general_feedback),
        options=tuple(
            replace(option, text=renamed(option.text), feedback=renamed(option.feedback))
            for option in question.options
        ),
        tags=tuple(t for t in question.tags if not t.startswith((GOAL_TAG, LESSON_TAG))),
        source=question.source or label(taken.place),
    )


def _placed(
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
