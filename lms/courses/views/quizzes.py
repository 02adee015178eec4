"""A quiz of a draft: its settings, and the list of its questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import EmptyForm, writing
from lms.courses.actions import questions, removing
from lms.courses.actions.drafts import StaleFile
from lms.courses.forms.fields import remove_row
from lms.courses.forms.quiz import (
    CUSTOM,
    MOMENTS,
    QuizForm,
    filled,
    review_of,
    rows_of,
    settings_of,
)
from lms.courses.forms.text import TextForm
from lms.courses.queries.banks import shown_course
from lms.courses.queries.drafts import draft_of, role_in, written_course
from lms.courses.queries.quizzes import QuizDraft, quiz_for, quizzes_of, removed_questions
from lms.courses.queries.reviewing import open_by_question, open_comments
from lms.courses.rules import CourseRole
from lms.courses.views import conflicts
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import (
    Fault,
    Faults,
    faults_of,
    kind_words,
    problems_of,
    shown_state,
)
from lms.courses.views.remarks import remarks
from lms.formats.course_folder.content import Shown
from lms.formats.course_folder.quiz_text import changed
from lms.formats.gift.questions import QuestionKind
from lms.formats.gift.sheet import Entry
from lms.formats.gift.words import shown_words

if TYPE_CHECKING:
    from lms.courses.models import Course, Draft

_ROWS = ("sections", "feedback", "hints")


@dataclass(frozen=True)
class Row:
    """A question in the list of its quiz."""

    number: int
    key: str
    kind: str
    state: str  # empty where it is ready, as most are
    words: str
    tags: tuple[str, ...]
    faults: Sequence[Fault]


def written(slug: str) -> tuple[Actor, "Course", "Draft"]:
    """The course and its draft, for its authors. Raises NotFound where there is no draft."""
    actor = current_actor()
    course = written_course(actor, slug, CourseRole.AUTHOR)
    draft = draft_of(course)
    if draft is None:
        raise NotFound
    return actor, course, draft


def seen(slug: str) -> "tuple[Course, Draft, bool]":
    """The course and its draft, for its authors and reviewers, those of a bank for all who may
    read it; and whether the actor may write them. Raises NotFound where there is no draft."""
    actor = current_actor()
    course = shown_course(actor, slug, CourseRole.AUTHOR, CourseRole.REVIEWER)
    draft = draft_of(course)
    if draft is None:
        raise NotFound
    return course, draft, role_in(actor, course) in (CourseRole.OWNER, CourseRole.AUTHOR)


@bp.route("/studio/<slug:slug>/quizzes/<uuid:file>", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
def quiz_editor(slug: str, file: UUID) -> ResponseReturnValue:
    course, draft, may_write = seen(slug) if request.method == "GET" else (*written(slug)[1:], True)
    quiz = quiz_for(draft, file)
    if quiz.values is None:
        return redirect(url_for(".quiz_source", slug=slug, file=file))
    if request.method == "GET":
        form = QuizForm(formdata=None, data=filled(quiz.values, quiz.settings.number))
        form.base.data = conflicts.base_of(form)
        return _page(course, draft, quiz, form, may_write=may_write)
    form = QuizForm()
    if _rows_changed(form):
        return _page(course, draft, quiz, form)
    if not form.validate():
        return _page(course, draft, quiz, form), 422
    return _save(slug, file, form)


def _save(slug: str, file: UUID, form: QuizForm) -> ResponseReturnValue:
    actor, course, draft = written(slug)
    quiz = quiz_for(draft, file)
    assert quiz.values is not None
    number = int(form.number.data) if (form.number.data or "").isdecimal() else 0
    text = changed(
        quiz.settings.text or "",
        settings_of(form, quiz.values),
        {"review": review_of(form, quiz.values)},
        rows_of(form, bool(form.shuffle_questions.data)),
    )
    try:
        with writing(form):
            _, course, draft = written(slug)
            questions.save_settings(actor, draft, file, text, number)
            flash(_saved_words(course), "ok")
            return redirect(url_for(".quiz_editor", slug=slug, file=file))
    except StaleFile:
        course, draft = written(slug)[1:]
        quiz = quiz_for(draft, file)
        form, conflict = _joined(course, draft, quiz, form)
        return _page(course, draft, quiz, form, conflict), 409
    return _page(course, draft, quiz, form), 422


def _joined(
    course: "Course", draft: "Draft", quiz: QuizDraft, form: QuizForm
) -> tuple[QuizForm, conflicts.Conflict]:
    """The form that comes too late, joined with what is kept now."""

    def fill(own: conflicts.Values) -> QuizForm:
        data = {**filled(quiz.values or {}, quiz.settings.number), **own}
        made = QuizForm(formdata=None, data=data)
        _offer(course, draft, quiz, made)
        return made

    _offer(course, draft, quiz, form)
    return conflicts.join(quiz.settings, form, fill)


def _saved_words(course: "Course") -> str:
    return gettext("Topik tersimpan.") if course.is_bank else gettext("Pengaturan kuis tersimpan.")


def _rows_changed(form: QuizForm) -> bool:
    """Was a button pressed that adds or removes a row? Nothing is saved then."""
    act, _, at = request.form.get("do", "").partition(":")
    name, _, index = at.partition(":")
    if name not in _ROWS:
        return False
    rows = form[name]
    if act == "add" and len(rows.entries) < rows.max_entries:
        rows.append_entry()
    elif act == "remove" and index.isdecimal():
        remove_row(rows, int(index[:4]))
    return True


def _page(
    course: "Course", draft: "Draft", quiz: QuizDraft, form: QuizForm,
    conflict: conflicts.Conflict | None = None, *, may_write: bool = True,
) -> str:  # fmt: skip
    _offer(course, draft, quiz, form)
    asked = quiz.lender or quiz
    entries = asked.entries
    numbered = list(enumerate(entries, start=1))
    faults = faults_of(course.slug, draft, quiz, entries)
    if course.is_bank:  # nobody takes its quizzes, so their settings do not matter
        faults = Faults(by_line=faults.by_line)
    return render_template(
        "courses/quiz_editor.html",
        slug=course.slug,
        quiz=quiz,
        asked=asked,
        form=form,
        moments=MOMENTS,
        custom=CUSTOM,
        parts=_shown_parts(),
        kinds=[(kind.value, kind_words(kind)) for kind in QuestionKind],
        rows=[_row(number, entry, faults.at(entry)) for number, entry in numbered],
        faults=faults,
        removed=[(each, shown_words(each.entry)) for each in removed_questions(asked)],
        conflict=conflict,
        may_write=may_write,
        asks_essays=any(
            e.question and e.question.kind is QuestionKind.ESSAY for e in entries
        ),
        is_bank=course.is_bank,
        bank_title=draft.title,
        remarks=remarks(open_comments(draft, files=[quiz.settings.id])),
        talked=open_by_question(draft),
        button=EmptyForm(formdata=None),
    )  # fmt: skip


def _offer(course: "Course", draft: "Draft", quiz: QuizDraft, form: QuizForm) -> None:
    """Give the fields their choices, and the title what it is called here."""
    others = [
        SelectChoice(each.key, each.title)
        for each in quizzes_of(draft)
        if each.key and each.key != quiz.key and not each.pool
    ]
    form.pretest.choices = [SelectChoice("", gettext("Tidak dibandingkan")), *others]
    form.questions.choices = [SelectChoice("", gettext("Soal kuis ini sendiri")), *others]
    for moment in MOMENTS:
        form[moment].choices = [SelectChoice(*part) for part in _shown_parts()]
    numbered = enumerate((quiz.lender or quiz).entries, start=1)
    keyed = [SelectChoice(e.key, f"{n}. {shown_words(e)}") for n, e in numbered if e.key]
    for row in form.hints:
        row.form.question.choices = keyed
    if course.is_bank:
        form.title.label.text = gettext("Nama topik")


def _row(number: int, entry: Entry, faults: Sequence[Fault]) -> Row:
    question = entry.question
    return Row(
        number,
        entry.key,
        kind_words(question.kind) if question else "",
        shown_state(question.state) if question else "",
        shown_words(entry),
        question.tags if question else (),
        faults,
    )


def _shown_parts() -> list[tuple[str, str]]:
    words: Mapping[Shown, str] = {
        Shown.ATTEMPT: gettext("Soal dan jawaban sendiri"),
        Shown.CORRECTNESS: gettext("Benar atau salah"),
        Shown.MARKS: gettext("Nilai"),
        Shown.OPTION_FEEDBACK: gettext("Umpan balik jawaban"),
        Shown.GENERAL_FEEDBACK: gettext("Umpan balik umum"),
        Shown.RIGHT_ANSWER: gettext("Jawaban yang benar"),
        Shown.OVERALL_FEEDBACK: gettext("Umpan balik seluruh kuis"),
    }
    return [(part.value, words[part]) for part in Shown]


@bp.post("/studio/<slug:slug>/quizzes/<uuid:file>/arrange")
@requires(Permission.COURSES_STUDIO_USE)
def arrange_questions(slug: str, file: UUID) -> ResponseReturnValue:
    """One place up or down, a copy, out, and back: what the buttons of the list do."""
    actor = current_actor()
    act, _, at = request.form.get("do", "").partition(":")
    anchor = at
    try:
        with writing():
            _, course, draft = written(slug)
            if act in ("up", "down"):
                questions.move_question(actor, draft, file, at, -1 if act == "up" else 1)
            elif act == "duplicate":
                anchor = questions.duplicate_question(actor, draft, file, at)
                flash(gettext("Soal digandakan; ubah salinannya."), "ok")
            elif act == "remove":
                removing.remove_questions(actor, course, draft, [at], of=file)
                anchor = "dihapus"
                flash(gettext("Soal dihapus. Selama draf ini ada, soal dapat dikembalikan."), "ok")
            elif act == "restore":
                [anchor] = removing.restore_questions(actor, course, draft, {file: [_uuid(at)]})
                flash(gettext("Soal dikembalikan."), "ok")
            else:
                raise NotFound
    except DomainError as error:
        flash(error.message, "bad")
    except StaleFile:
        flash(gettext("Soal baru saja diubah orang lain; periksa, lalu ulangi."), "warn")
    return redirect(url_for(".quiz_editor", slug=slug, file=file, _anchor=f"soal-{anchor}"))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@bp.route("/studio/<slug:slug>/quizzes/<uuid:file>/text", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
def quiz_source(slug: str, file: UUID) -> ResponseReturnValue:
    """The questions as they stand in the file; or, where they cannot be read, the settings. What
    no form can show is mended here."""
    course, draft, may_write = seen(slug)
    quiz = quiz_for(draft, file)
    of_settings = quiz.values is None
    shown = quiz.settings if of_settings else quiz.gift
    if request.method == "GET":
        form = TextForm(
            formdata=None,
            text=(shown and shown.text) or "",
            number=str(shown.number if shown else 0),
        )
        return _source_page(course, draft, quiz, form, may_write=may_write)
    actor, form = written(slug)[0], TextForm()
    save = questions.save_settings if of_settings else questions.save_questions_text
    if form.validate():
        try:
            with writing(form):
                _, course, draft = written(slug)
                save(actor, draft, file, form.plain_text, form.began_from)
                flash(gettext("Tersimpan."), "ok")
                return redirect(url_for(".quiz_source", slug=slug, file=file))
        except StaleFile as stale:
            current, form.number.data = stale.current.text or "", str(stale.current.number)
            _, course, draft = written(slug)
            page = _source_page(course, draft, quiz_for(draft, file), form, current=current)
            return page, 409
    return _source_page(course, draft, quiz, form), 422


def _source_page(
    course: "Course", draft: "Draft", quiz: QuizDraft, form: TextForm, current: str = "", *,
    may_write: bool = True,
) -> str:  # fmt: skip
    path = quiz.settings.path if quiz.values is None else quiz.gift_path
    found = problems_of(course.slug, draft, quiz.gift_path)
    return render_template(
        "courses/quiz_source.html",
        slug=course.slug,
        quiz=quiz,
        path=path,
        form=form,
        current=current,
        may_write=may_write,
        is_bank=course.is_bank,
        problems=[each for each in found if each.file == path],
    )
