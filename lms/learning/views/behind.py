"""Who and what is behind a figure: the first attempts of a quiz, and one question in all quizzes
and versions that asked it."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.core import i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.courses import queries as courses
from lms.courses.queries.quizzes import file_asking
from lms.learning.queries import behind as queries
from lms.learning.queries.analytics import ItemFigures, QuizFigures
from lms.learning.queries.behind import Wanted
from lms.learning.queries.counting import hits
from lms.learning.views.analytics import SHOWN_FROM, Seen, frame, loaded, may_write, quiz_of
from lms.learning.views.blueprint import bp
from lms.learning.views.items import OPEN, TYPED, Item, decimal, items_of
from lms.quizzes import queries as quizzes
from lms.quizzes.marking import Value
from lms.quizzes.queries import QuestionView, corrections
from lms.quizzes.statistics import BANDS, RELIABLE_FROM
from lms.quizzes.views import told

STUDIO = Permission.COURSES_STUDIO_USE


@bp.get("/studio/<slug:slug>/analytics/<slug:key>/first-attempts")
@requires(STUDIO)
def first_attempts(slug: str, key: str) -> ResponseReturnValue:
    """The first attempts of a quiz, or those in a bar of its histogram, or with an answer."""
    actor = current_actor()
    seen = loaded(actor, slug)
    part, quiz = quiz_of(seen.analysis, key)
    low, item = _low(), _item(quiz)
    answer = request.args.get("answer", "") if item else ""
    view = quizzes.questions([item.told.question_id])[item.told.question_id] if item else None
    wanted = Wanted(
        run_id=seen.run.id if seen.run else None,
        low=low,
        question_id=view.id if view else None,
        accepts=_accepts(key, view, item, answer) if view and item and answer else None,
    )
    after = paging.after_uuid()
    rows, total, more = queries.first_attempts(seen.course.id, key, wanted, after)
    asked: dict[str, Any] = {
        **seen.kept,
        "score": low,
        "question": item.uuid if item else None,
        "answer": answer or None,
    }
    here: dict[str, Any] = {"slug": slug, "key": key, **asked}
    return render_template(
        "learning/first_attempts.html",
        **frame(actor, seen),
        part=part,
        item=item,
        answer=next((a for a in item.answers if a.code == answer), None) if item else None,
        low=low,
        high=low + 100 // BANDS if low is not None else None,
        total=total,
        rows=[
            (
                row,
                i18n.instant(row.submitted_at, actor.time_zone) if row.submitted_at else "",
                told(view, row.value) if view and row.value and view.essay is None else [],
                decimal(100 * float(row.fraction)) if row.fraction else "",
            )
            for row in rows
        ],
        first_url=url_for(".first_attempts", **here) if after else None,
        next_url=url_for(".first_attempts", **here, after=rows[-1].uuid) if more else None,
    )


def _low() -> int | None:
    """Where the bar of the histogram begins that the address names."""
    low = request.args.get("score", type=int)
    return low if low in range(0, 100, 100 // BANDS) else None


def _item(quiz: QuizFigures) -> Item | None:
    """The question that the address names, None without one. Raises NotFound for one that the quiz
    does not ask and never asked."""
    asked = request.args.get("question", "")
    if not asked:
        return None
    uuid = paging.public_id(asked)
    for item in items_of(quiz.key, [*quiz.items, *quiz.earlier]):
        if item.uuid == uuid:
            return item
    raise NotFound


def _accepts(key: str, view: QuestionView, item: Item, answer: str) -> Callable[[Value], bool]:
    """Is an answer one of those that were counted on this line? Raises NotFound where there is no
    such line."""
    if answer not in {line.code for line in item.answers}:
        raise NotFound
    if answer == OPEN:
        return lambda value: not value
    if answer.startswith(TYPED):
        text = item.told.typed[int(answer.removeprefix(TYPED))][0]
        return lambda value: isinstance(value, str) and value.casefold() == text
    marked, at = corrections.as_corrected(key, {view.id: view})[view.id], int(answer)
    return lambda value: bool(value) and not isinstance(value, str) and at in hits(marked, value)


@bp.get("/studio/<slug:slug>/questions/<slug:key>/figures")
@requires(STUDIO)
def question_figures(slug: str, key: str) -> ResponseReturnValue:
    """How one question did, in every quiz of the course that asks it, with its earlier versions."""
    actor = current_actor()
    seen = loaded(actor, slug)
    figures, version = seen.analysis.figures, seen.analysis.version
    parts = courses.outline(version) if version else None
    draft = seen.course.draft
    return render_template(
        "learning/question_figures.html",
        **frame(actor, seen),
        key=key,
        rows=[
            (parts.part(quiz.key), _versions(seen, quiz, key))
            for quiz in figures.quizzes
            if any(_is_of(item, key) for item in (*quiz.items, *quiz.earlier))
        ]
        if figures and parts
        else [],
        file=file_asking(draft, key) if draft and may_write(actor, seen.course) else None,
        may_correct=may_write(actor, seen.course),
        decimal=decimal,
        reliable_from=RELIABLE_FROM,
        shown_from=SHOWN_FROM,
    )


def _is_of(item: ItemFigures, key: str) -> bool:
    return quizzes.questions([item.question_id])[item.question_id].key == key


def _versions(seen: Seen, quiz: QuizFigures, key: str) -> list[tuple[Item, bool, str]]:
    """What was counted of each version of a question in a quiz, the one that is asked today first;
    whether it is; and which versions of the course asked it."""
    today = {item.question_id for item in quiz.items}
    found = [item for item in (*quiz.items, *quiz.earlier) if _is_of(item, key)]
    asking = queries.versions_asking(seen.course.id, quiz.key, [i.question_id for i in found])
    rows = [
        (item, item.told.question_id in today, _version_words(asking[item.told.question_id]))
        for item in items_of(quiz.key, found)
    ]
    return sorted(rows, key=lambda row: (not row[1], -row[0].told.question_id))


def _version_words(numbers: list[int]) -> str:
    return gettext("Versi kursus: %(numbers)s", numbers=", ".join(map(str, numbers)))
