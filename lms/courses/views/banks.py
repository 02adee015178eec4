"""Banks of a unit and of the site: their list, a new one, its topics; and taking questions from
them into a quiz."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts.queries import register
from lms.competencies.queries import dictionary
from lms.core import i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.courses.actions import banks as acts
from lms.courses.actions import outline
from lms.courses.actions.drafts import StaleFile
from lms.courses.forms.bank import TakeForm, TopicForm
from lms.courses.forms.new import NewBankForm
from lms.courses.queries import banks, studio
from lms.courses.queries.bank import PAGE
from lms.courses.queries.drafts import files_of
from lms.courses.queries.quizzes import quiz_for
from lms.courses.views.bank_search import chosen_search, filters, search_of
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import kind_words, shown_state
from lms.courses.views.quizzes import written
from lms.formats.course_folder.outline import QUIZ
from lms.formats.course_folder.writing import slug_of

if TYPE_CHECKING:
    from lms.courses.queries.quizzes import QuizDraft

USE = Permission.COURSES_STUDIO_USE


@bp.get("/studio/banks", endpoint="banks")
@requires(USE)
def banks_page() -> ResponseReturnValue:
    """The banks that one may read."""
    actor = current_actor()
    return render_template("courses/banks.html", banks=banks.banks(actor), zone=actor.time_zone)


@bp.route("/studio/banks/new", methods=["GET", "POST"])
@requires(USE)
def new_bank() -> ResponseReturnValue:
    actor, form = current_actor(), NewBankForm()
    units = register.units_within(actor, USE)
    if request.method == "GET":
        form.unit.data = units[0].code if units else ""
    elif form.validate():
        if register.unit_within(actor, form.unit.data or "", USE) is None:
            form.refuse(
                DomainError(gettext("Tidak ada unit dengan kode ini dalam wewenang Anda"), "unit")
            )
            return _new_page(form, units), 422
        source = acts.beginning(form.title.data or "", i18n.language())
        with writing(form):
            unit = register.unit_within(actor, form.unit.data or "", USE)
            slug = studio.free_slug(slug_of(form.title.data or "", fallback="bank"))
            acts.create_bank(actor, slug, unit, source)
            flash(gettext("Bank soal dibuat."), "ok")
            return redirect(url_for(".bank", slug=slug))
    return _new_page(form, units), 422 if request.method == "POST" else 200


def _new_page(form: NewBankForm, units: list[Any]) -> str:
    return render_template("courses/new_bank.html", form=form, units=units)


@bp.post("/studio/<slug:slug>/bank/topics")
@requires(USE)
def add_topic(slug: str) -> ResponseReturnValue:
    """A further quiz to keep questions in, at the end of the bank."""
    form = TopicForm()
    actor, course, _ = written(slug)
    if not course.is_bank:
        raise NotFound
    if not form.validate():
        flash(gettext("Isi nama topik."), "bad")
        return redirect(url_for(".bank", slug=slug))
    with writing():
        draft = written(slug)[2]
        modules = [file for file in files_of(draft) if file.path.endswith("/module.toml")]
        if not modules:
            raise DomainError(gettext("Bank ini tidak punya modul untuk topiknya."))
        file = outline.add_part(actor, draft, modules[-1], QUIZ, form.title.data or "")
        flash(gettext("Topik ditambahkan."), "ok")
        return redirect(url_for(".quiz_editor", slug=slug, file=file.uuid))


# ── Taking questions into a quiz ─────────────────────────────────────────────────────────────


@bp.get("/studio/<slug:slug>/quizzes/<uuid:file>/take")
@requires(USE)
def take_questions(slug: str, file: UUID) -> ResponseReturnValue:
    """A search over all banks that one may read, and the courses that one writes."""
    return _take_page(slug, file, TakeForm(formdata=None))


@bp.post("/studio/<slug:slug>/quizzes/<uuid:file>/take")
@requires(USE)
def copy_questions(slug: str, file: UUID) -> ResponseReturnValue:
    form = TakeForm()
    ids = [int(each) for each in form.question.data or [] if each.isdecimal() and len(each) < 10]
    if not 0 < len(ids) <= PAGE:
        form.form_errors.append(gettext("Centang paling sedikit satu soal."))
    if form.validate() and not form.form_errors:
        actor, _, draft = written(slug)
        chosen = banks.taken(actor, draft, ids)
        try:
            with writing(form):
                actor, course, draft = written(slug)
                keys = acts.copy_questions(actor, course, draft, file, chosen)
                told = ngettext("%(num)s soal disalin.", "%(num)s soal disalin.", len(keys))
                flash(told, "ok")
                if any(each.stays_behind for each in chosen):
                    flash(gettext("Tag tujuan dan pelajaran kursus asal tidak ikut."), "ok")
                where = url_for(".quiz_editor", slug=slug, file=file, _anchor=f"soal-{keys[0]}")
                return redirect(where)
        except StaleFile:
            form.form_errors.append(gettext("Soal baru saja diubah orang lain; ulangi."))
    return _take_page(slug, file, form), 422


def _take_page(slug: str, file: UUID, form: TakeForm) -> str:
    actor, _, draft = written(slug)
    quiz = _own(quiz_for(draft, file))
    chosen = chosen_search("place")
    after = paging.after_id("after")
    rows, total, more = banks.offered(actor, draft, search_of(chosen), chosen["place"] or "", after)
    names = dict(map(tuple, dictionary.choices()))
    return render_template(
        "courses/take_questions.html",
        slug=slug,
        quiz=quiz,
        form=form,
        rows=[(each, kind_words(each.kind), shown_state(each.state)) for each in rows],
        total=total,
        chosen=chosen,
        is_filtered=any(chosen.values()),
        places=banks.places(actor, draft),
        competencies=[(code, f"{code} {name}") for code, name in names.items()],
        **filters(),
        here=url_for(".copy_questions", slug=slug, file=file, **chosen),
        first_url=url_for(".take_questions", slug=slug, file=file, **chosen) if after else None,
        next_url=url_for(".take_questions", slug=slug, file=file, **chosen, after=rows[-1].id)
        if more
        else None,
    )


def _own(quiz: "QuizDraft") -> "QuizDraft":
    if quiz.pool:
        raise DomainError(gettext("Kuis ini memakai soal kuis lain; ubah soalnya di sana."))
    return quiz
