"""The bank of a course, or one of its own: all questions of a draft, found and changed together."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms import SelectChoice

from lms.competencies.queries import dictionary
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import writing
from lms.courses.actions import questions
from lms.courses.actions.drafts import StaleFile
from lms.courses.forms.bank import BankForm, TopicForm
from lms.courses.queries.bank import bank_page, tags_in
from lms.courses.queries.banks import copies_of
from lms.courses.queries.quizzes import quizzes_of
from lms.courses.views.bank_search import LONGEST, chosen_search, filters, search_of
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import kind_words, shown_state
from lms.courses.views.quizzes import seen, written
from lms.formats.gift.questions import QuestionState


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
                told = _act(slug, form, keys)
                flash(told, "ok")
                return redirect(url_for(".bank", slug=slug, **chosen_search("quiz")))
        except StaleFile:
            form.form_errors.append(gettext("Soal baru saja diubah orang lain; ulangi."))
    return _page(slug, form), 422


def _act(slug: str, form: BankForm, keys: set[str]) -> str:
    actor = current_actor()
    _, course, draft = written(slug)
    act = request.form.get("do")
    if act in ("tag", "untag"):
        if not form.tag.data:
            raise DomainError(gettext("Isi tagnya."), "tag")
        count = questions.tag_questions(actor, draft, keys, form.tag.data, given=act == "tag")
        return ngettext("%(num)s soal diubah.", "%(num)s soal diubah.", count)
    states = [state for state in QuestionState if state.value == act]
    if states:
        count = questions.set_state(actor, draft, keys, states[0])
        return ngettext("%(num)s soal diubah.", "%(num)s soal diubah.", count)
    if act == "move":
        quizzes = {str(quiz.uuid): quiz.uuid for quiz in quizzes_of(draft) if not quiz.pool}
        if form.to.data not in quizzes:
            raise DomainError(gettext("Pilih kuisnya."), "to")
        count = questions.move_questions(actor, draft, keys, quizzes[form.to.data])
        return ngettext("%(num)s soal dipindahkan.", "%(num)s soal dipindahkan.", count)
    count = questions.remove_from_bank(actor, course, draft, keys)
    return ngettext(
        "%(num)s soal dihapus. Di halaman kuisnya soal dapat dikembalikan.",
        "%(num)s soal dihapus. Di halaman kuisnya soal dapat dikembalikan.",
        count,
    )


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
    form.to.choices = [
        SelectChoice("", gettext("Pilih kuis")),
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
                "used_in": each.used_in,
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
        **filters(),
        here=url_for(".change_bank", slug=slug, **chosen),
        first_url=url_for(".bank", slug=slug, **chosen) if after else None,
        next_url=url_for(".bank", slug=slug, **chosen, after=last) if last else None,
    )
