"""The bank of a course, or one of its own: all questions of a draft, found and changed together."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms import SelectChoice

from lms.competencies.queries import dictionary
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.courses.actions import bulk
from lms.courses.actions.drafts import StaleFile
from lms.courses.forms.bank import BankForm, TopicForm
from lms.courses.queries.bank import bank_page, tags_in, undoable
from lms.courses.queries.banks import copies_of
from lms.courses.queries.quizzes import quizzes_of
from lms.courses.queries.usage import versions_asking
from lms.courses.views.bank_search import LONGEST, chosen_search, filters, search_of
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import (
    asked_words,
    kind_words,
    shown_state,
    version_words,
)
from lms.courses.views.quizzes import seen, written
from lms.formats.gift.questions import QuestionState

if TYPE_CHECKING:
    from lms.courses.models import Draft


@bp.get("/studio/<slug:slug>/bank")
@requires(Permission.COURSES_STUDIO_USE)
def bank(slug: str) -> ResponseReturnValue:
    return _page(slug, BankForm(formdata=None))


@bp.post("/studio/<slug:slug>/bank")
@requires(Permission.COURSES_STUDIO_USE)
def change_bank(slug: str) -> ResponseReturnValue:
    """Tag, move, retire or remove the questions that are ticked."""
    form = BankForm()
    written(slug)
    keys = set(form.key.data or [])
    if not keys:
        form.form_errors.append(gettext("Centang paling sedikit satu soal."))
    if form.validate() and keys:
        try:
            with writing(form):
                undo = _act(slug, form, keys)
                if undo is None:
                    flash(gettext("Tidak ada yang berubah."), "ok")
                return redirect(url_for(".bank", slug=slug, **chosen_search("quiz"), undo=undo))
        except StaleFile:
            form.form_errors.append(gettext("Soal baru saja diubah orang lain; ulangi."))
    return _page(slug, form), 422


def _act(slug: str, form: BankForm, keys: set[str]) -> UUID | None:
    """What takes it back; None where nothing has changed."""
    actor = current_actor()
    _, course, draft = written(slug)
    act = request.form.get("do")
    if act in ("tag", "untag"):
        if not form.tag.data:
            raise DomainError(gettext("Isi tagnya."), "tag")
        return bulk.tag_questions(actor, draft, keys, form.tag.data, given=act == "tag")
    states = [state for state in QuestionState if state.value == act]
    if states:
        return bulk.set_state(actor, draft, keys, states[0])
    if act == "move":
        quizzes = {str(quiz.uuid): quiz.uuid for quiz in quizzes_of(draft) if not quiz.pool}
        if form.to.data not in quizzes:
            words = gettext("Pilih topiknya.") if course.is_bank else gettext("Pilih kuisnya.")
            raise DomainError(words, "to")
        return bulk.move_questions(actor, draft, keys, quizzes[form.to.data])
    if act == "remove":
        return bulk.remove_questions(actor, course, draft, keys)
    raise NotFound


@bp.post("/studio/<slug:slug>/bank/undo/<uuid:file>")
@requires(Permission.COURSES_STUDIO_USE)
def undo_bank(slug: str, file: UUID) -> ResponseReturnValue:
    """Take back what was done to several questions at once."""
    actor = current_actor()
    written(slug)
    try:
        with writing():
            _, course, draft = written(slug)
            back, left = bulk.undo(actor, course, draft, file)
        words = ngettext(
            "%(num)s soal kembali seperti semula.", "%(num)s soal kembali seperti semula.", back
        )
        flash(words, "ok")
        if left:
            words = ngettext(
                "%(num)s soal tidak: sudah berubah sesudahnya.",
                "%(num)s soal tidak: sudah berubah sesudahnya.",
                left,
            )
            flash(words, "warn")
    except DomainError as error:
        flash(error.message, "bad")
    except StaleFile:
        flash(gettext("Soal baru saja diubah orang lain; ulangi."), "warn")
    return redirect(url_for(".bank", slug=slug, **chosen_search("quiz")))


def _undoable(draft: "Draft") -> tuple[UUID, str] | None:
    """The act that was just done, in words, if it can be taken back."""
    try:
        act = undoable(draft, UUID(request.args.get("undo", "")))
    except (ValueError, NotFound):
        return None
    if act.act == bulk.MOVED:
        words = ngettext("%(num)s soal dipindahkan.", "%(num)s soal dipindahkan.", act.count)
    elif act.act == bulk.REMOVED:
        words = ngettext("%(num)s soal dihapus.", "%(num)s soal dihapus.", act.count)
    else:
        words = ngettext("%(num)s soal diubah.", "%(num)s soal diubah.", act.count)
    return act.file, words


def _page(slug: str, form: BankForm) -> str:
    course, draft, may_write = seen(slug)
    chosen = chosen_search("quiz")
    after = request.args.get("after", "")[:LONGEST]
    all_of_them = quizzes_of(draft)
    found = bank_page(all_of_them, search_of(chosen), after)
    quizzes = [quiz for quiz in all_of_them if not quiz.pool]
    last = found.rows[-1].key if found.more else None
    tags, names = tags_in(quizzes), dict(map(tuple, dictionary.choices()))
    copies = copies_of(course, [each.key for each in found.rows])
    published = versions_asking({(course.id, each.key) for each in found.rows})

    def is_asked(state: QuestionState | None) -> bool:
        return state is QuestionState.READY and not course.is_bank

    form.to.choices = [
        SelectChoice("", gettext("Pilih topik") if course.is_bank else gettext("Pilih kuis")),
        *(SelectChoice(str(quiz.uuid), quiz.title) for quiz in quizzes),
    ]
    return render_template(
        "courses/bank.html",
        slug=slug,
        bank=course if course.is_bank else None,
        title=draft.title,
        form=form,
        topic_form=TopicForm(formdata=None),
        rows=[
            {
                "key": each.key,
                "words": each.shown,
                "kind": kind_words(each.kind) if each.kind else "",
                "state": shown_state(each.state),
                "author": each.author,
                "tags": each.tags,
                "quiz": each.quiz.title,
                "uuid": each.quiz.uuid,
                "number": each.number,
                "asked": [
                    words
                    for one in each.asked
                    if is_asked(each.state) and (words := asked_words(one))
                ],
                "left_out": is_asked(each.state) and not each.asked,
                "versions": version_words(published.get((course.id, each.key), ())),
                "copies": copies.get(each.key, 0),
            }
            for each in found.rows
        ],
        total=found.total,
        chosen=chosen,
        is_filtered=any(chosen.values()),
        tags=tags,
        competencies=[(tag, f"{tag} {names[tag]}") for tag in tags if tag in names],
        quizzes=[(str(quiz.uuid), quiz.title) for quiz in quizzes],
        may_write=may_write,
        undo=_undoable(draft) if may_write else None,
        **filters(),
        here=url_for(".change_bank", slug=slug, **chosen),
        first_url=url_for(".bank", slug=slug, **chosen) if after else None,
        next_url=url_for(".bank", slug=slug, **chosen, after=last) if last else None,
    )
