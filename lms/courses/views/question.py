"""The editor of one question, with a look at it as a learner sees it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from lms.core import i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import writing
from lms.courses.actions import questions
from lms.courses.actions.questions import StaleQuestion
from lms.courses.actions.rendering import draft_media, writes_comma
from lms.courses.forms.essay import MOST_CRITERIA, essay_filled, essay_of
from lms.courses.forms.fields import remove_row
from lms.courses.forms.question import (
    EVEN,
    MINUS,
    MOST_OPTIONS,
    QuestionForm,
    filled,
    question_of,
)
from lms.courses.forms.text import BlockForm
from lms.courses.queries.banks import origin_of
from lms.courses.queries.drafts import source_with
from lms.courses.queries.quizzes import (
    QuizDraft,
    course_values,
    entry_for,
    goals_in,
    mark_of,
    outcomes_in,
    quiz_for,
    quizzes_of,
)
from lms.courses.queries.reviewing import open_comments
from lms.courses.queries.usage import asked_by, versions_asking
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import (
    asked_words,
    difficulty_words,
    hints_on,
    kind_words,
    state_choices,
    version_words,
)
from lms.courses.views.quizzes import seen, written
from lms.courses.views.remarks import remarks, settle_pressed
from lms.courses.views.shown_question import Shown, shown_question, uses_in_words
from lms.formats.course_folder import quiz_text
from lms.formats.course_folder.content import FileType, Handing
from lms.formats.course_folder.outline import outline
from lms.formats.gift import sheet
from lms.formats.gift.answers import WEIGHTS, number
from lms.formats.gift.questions import Question, QuestionKind, QuestionState, label
from lms.formats.gift.sheet import Entry

if TYPE_CHECKING:
    from lms.courses.models import Course, Draft

_ROWS_AT_FIRST = 4


@dataclass(frozen=True)
class Place:
    """Which question of which quiz is edited; `entry` is None for a new one."""

    course: "Course"
    draft: "Draft"
    quiz: QuizDraft
    entry: Entry | None
    language: str
    may_write: bool = True

    @property
    def comma(self) -> bool:
        return writes_comma(self.language)


@bp.route("/studio/<slug:slug>/quizzes/<uuid:file>/questions/<slug:key>", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
def question_editor(slug: str, file: UUID, key: str) -> ResponseReturnValue:
    course, draft, may_write = seen(slug) if request.method == "GET" else (*written(slug)[1:], True)
    quiz = quiz_for(draft, file)
    _, entry = entry_for(quiz, key)
    place = Place(course, draft, quiz, entry, _language(draft), may_write)
    if entry.question is None or "block" in request.form:
        return _as_text(place)
    if request.method == "POST":
        return _sent(place)
    data = filled(entry.question, mark_of(quiz, entry), outcomes_in(draft), place.comma)
    asks = essay_filled((quiz.lender or quiz).values or {}, key)
    return _page(place, QuestionForm(formdata=None, data={**data, **asks}))


@bp.route("/studio/<slug:slug>/quizzes/<uuid:file>/new-question", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
def new_question(slug: str, file: UUID) -> ResponseReturnValue:
    _, course, draft = written(slug)
    quiz = quiz_for(draft, file)
    if quiz.lender:
        raise DomainError(gettext("Kuis ini memakai soal kuis lain; ubah soalnya di sana."))
    place = Place(course, draft, quiz, None, _language(draft))
    if request.method == "POST":
        return _sent(place)
    begun = {
        **essay_filled({}, ""),
        "kind": request.args.get("kind", "single"), "state": "ready", "author": _me(),
    }  # fmt: skip
    form = QuestionForm(formdata=None, data=begun)
    _fit_rows(form)
    return _page(place, form)


def _me() -> str:
    """Whoever writes a question is its author, until somebody says otherwise."""
    return label(current_actor().name)


def _language(draft: "Draft") -> str:
    return str(course_values(draft).get("language", "id"))


def _sent(place: Place) -> ResponseReturnValue:
    form = QuestionForm()
    form.validate()
    act, _, at = request.form.get("do", "save").partition(":")
    if act in ("add", "remove", "up", "down", "kind"):
        _change_rows(form, act, at)
        return _page(place, form)
    question = _read(form, place)
    if question.kind is QuestionKind.ESSAY:
        essay_of(form)
    if form.errors:
        return _page(place, form), 422
    if act == "preview":
        return _page(place, form)
    return _save(place, form, question, go=act)


def _read(form: QuestionForm, place: Place) -> Question:
    """What the form says, which must be the same when it is read back from its text."""
    before = place.entry.question if place.entry else None
    key = before.key if before else "baru"
    question = question_of(form, key, before, place.comma)
    if place.entry is None and not question.author:
        question = replace(question, author=_me())
    if not form.errors:
        back = sheet.entries(sheet.written(question))
        if len(back) != 1 or back[0].question != question:
            said = [i18n.said(problem.message) for entry in back for problem in entry.problems]
            form.form_errors += said or [
                gettext("Teks ini tidak dapat disimpan sebagai soal. Hindari tanda -> di jawaban.")
            ]
    return question


def _save(place: Place, form: QuestionForm, question: Question, go: str) -> ResponseReturnValue:
    slug, file, entry = place.course.slug, place.quiz.uuid, place.entry
    remarks = entry.remarks if entry else []
    block = sheet.written(question, remarks)
    key = question.key
    essay = essay_of(form) if question.kind is QuestionKind.ESSAY else None
    try:
        with writing(form):
            actor, _, draft = written(slug)
            if entry is None or form.base.data == "gone":
                [key] = questions.add_questions(actor, draft, file, [replace(question, key="")])
                if essay:
                    questions.save_essay(actor, draft, file, key, essay)
            else:
                base = form.base.data or ""
                questions.save_question(actor, draft, file, key, block, base, essay=essay)
            settle_pressed(draft, "do")
            flash(gettext("Soal tersimpan."), "ok")
            return redirect(_next(slug, file, draft, key, question.kind, go))
    except StaleQuestion as stale:
        form.base.data = stale.mark or "gone"
        fresh = replace(place, draft=written(slug)[2])
        mine = block + (f"\n\n{quiz_text.with_essay('', key, *essay)}" if essay else "")
        return _page(fresh, form, theirs=stale.current, mine=mine, stale=True), 409
    return _page(place, form), 422


def _next(slug: str, file: UUID, draft: "Draft", key: str, kind: QuestionKind, go: str) -> str:
    """Where the pressed button leads: on to the next question, at the end to a new one."""
    if go != "next":
        return url_for(".question_editor", slug=slug, file=file, key=key)
    quiz = quiz_for(draft, file)
    position, _ = entry_for(quiz, key)
    for entry in quiz.entries[position + 1 :]:
        if entry.key:
            return url_for(".question_editor", slug=slug, file=file, key=entry.key)
    return url_for(".new_question", slug=slug, file=file, kind=kind.value)


def _change_rows(form: QuestionForm, act: str, at: str) -> None:
    """Add, remove or move a row of the form; nothing is saved."""
    if at.startswith("rubric"):
        _change_rubric(form, act, at)
        return
    rows = form.options
    here = int(at[:4]) if at.isdecimal() else -1
    if act == "add" and len(rows.entries) < MOST_OPTIONS:
        rows.append_entry()
    elif act == "kind":
        _fit_rows(form)
    elif act == "remove":
        remove_row(rows, here)
        form.right.data = _without(form.right.data or "", here)
    elif act in ("up", "down"):
        there = here + (1 if act == "down" else -1)
        if min(here, there) >= 0 and max(here, there) < len(rows.entries):
            one, other = rows.entries[here].form, rows.entries[there].form
            one.text.data, other.text.data = other.text.data, one.text.data


def _change_rubric(form: QuestionForm, act: str, at: str) -> None:
    place = at.partition(":")[2]
    if act == "add" and len(form.rubric.entries) < MOST_CRITERIA:
        form.rubric.append_entry()
    elif act == "remove" and place.isdecimal():
        remove_row(form.rubric, int(place[:4]))


def _without(right: str, removed: int) -> str:
    """Where the right option is when one is taken out; empty where it was that one."""
    if not right.isdecimal() or int(right) < removed:
        return right
    return "" if int(right) == removed else str(int(right) - 1)


def _fit_rows(form: QuestionForm) -> None:
    """As many rows as the kind needs to begin with."""
    if form.of_kind is QuestionKind.ESSAY:
        return
    wanted = 2 if form.of_kind is QuestionKind.TRUEFALSE else _ROWS_AT_FIRST
    if form.of_kind in (QuestionKind.SHORT, QuestionKind.NUMERIC):
        wanted = 1
    while len(form.options.entries) < wanted:
        form.options.append_entry()


def _page(
    place: Place, form: QuestionForm, theirs: str = "", mine: str = "", *, stale: bool = False
) -> str:
    quiz, entry = place.quiz, place.entry
    _give_choices(form, place)
    entries = quiz.entries
    keys = [each.key for each in entries]
    number_here = keys.index(entry.key) + 1 if entry and entry.key in keys else len(keys) + 1
    return render_template(
        "courses/question_editor.html",
        slug=place.course.slug,
        quiz=quiz,
        entry=entry,
        form=form,
        kind=form.of_kind.value,
        number=number_here,
        total=max(number_here, len(keys)),
        previous=next((k for k in reversed(keys[: number_here - 1]) if k), ""),
        origin=origin_of(current_actor(), place.course, entry.key) if entry else None,
        uses=uses_in_words(place.course, entry.key) if entry else ([], 0),
        asked_in=_asked_in(place),
        following=next((k for k in keys[number_here:] if k), ""),
        shown=_shown(form, place),
        hints=hints_on(place.draft, entry) if entry and not form.errors else [],
        language=place.language,
        comma=place.comma,
        stale=stale,
        theirs=theirs,
        mine=mine,
        may_write=place.may_write,
        is_bank=place.course.is_bank,
        remarks=remarks(open_comments(place.draft, questions=[entry.key])) if entry else [],
    )


def _asked_in(place: Place) -> list[str]:
    """The quizzes and the published versions of the course that ask the question, in words."""
    course, entry = place.course, place.entry
    if entry is None or entry.question is None or course.is_bank:
        return []
    quizzes = quizzes_of(place.draft)
    own = place.quiz.lender or place.quiz
    asked = asked_by(quizzes, own, entry.question.tags)
    if entry.question.state is not QuestionState.READY:
        asked = []
    versions = versions_asking({(course.id, entry.key)}).get((course.id, entry.key), ())
    found = [words for each in asked if (words := asked_words(each))]
    return [each[0].upper() + each[1:] for each in [*found, version_words(versions)] if each]


def _give_choices(form: QuestionForm, place: Place) -> None:
    draft = place.draft
    form.kind.choices = [SelectChoice(kind.value, kind_words(kind)) for kind in QuestionKind]
    form.goals.choices = [SelectChoice(key, text) for key, text in goals_in(draft) if key]
    form.lessons.choices = [
        SelectChoice(part.key, part.title)
        for module in outline(source_with(draft, "")["texts"])
        for part in module.parts
        if part.kind == "lesson" and part.key
    ]
    form.competencies.choices = [SelectChoice(code, code) for code in outcomes_in(draft)]
    form.state.choices = [SelectChoice(value, words) for value, words in state_choices()]
    form.difficulty.choices = [
        SelectChoice("", gettext("Belum ditentukan")),
        *(SelectChoice(value, words) for value, words in difficulty_words()),
    ]
    form.handing.choices = [
        SelectChoice(Handing.NONE.value, gettext("Tanpa berkas")),
        SelectChoice(Handing.ALLOWED.value, gettext("Boleh melampirkan satu berkas")),
        SelectChoice(Handing.REQUIRED.value, gettext("Wajib melampirkan satu berkas")),
    ]
    form.file_types.choices = [SelectChoice(t.value, t.value.upper()) for t in FileType]
    several = form.of_kind is QuestionKind.MULTIPLE
    weights = [weight for weight in WEIGHTS if several or weight >= 0]
    shares = [SelectChoice(number(w), f"{number(w)}%") for w in sorted(weights, reverse=True) if w]
    if several:
        first = [
            SelectChoice("0", gettext("Salah")),
            SelectChoice(EVEN, gettext("Benar, dibagi rata")),
            SelectChoice(MINUS, gettext("Salah, mengurangi nilai")),
        ]
    else:
        first = [SelectChoice("0", gettext("0%, tidak benar"))]
    for row in form.options:
        row.form.weight.choices = [*first, *shares] if several else [*shares, *first]


def _shown(form: QuestionForm, place: Place) -> Shown | None:
    """As a learner sees it; None while it is no question yet. Looks at a form of its own, so that
    nothing is noted on the one that is shown."""
    probe = QuestionForm(formdata=None, data=form.data)
    question = _read(probe, place)
    if probe.errors:
        return None
    module = place.quiz.settings.path.partition("/")[0]
    media = source_with(place.draft, "")["media"]
    base = url_for(".preview_file", slug=place.course.slug, name="")
    return shown_question(question, draft_media(media, module, base), place.language)


def _as_text(place: Place) -> ResponseReturnValue:
    """A question that cannot be read is mended as text."""
    slug, file, entry = place.course.slug, place.quiz.uuid, place.entry
    assert entry is not None
    if request.method == "GET":
        form = BlockForm(formdata=None, block=entry.text, base=mark_of(place.quiz, entry))
        return _text_page(place, form)
    form = BlockForm()
    if not form.validate():
        return _text_page(place, form), 422
    found = sheet.entries(form.plain_text)
    if [each.key for each in found] != [entry.key]:
        keep = gettext("Tulis satu soal saja, dengan kunci [id:%(key)s].", key=entry.key)
        form.refuse(DomainError(keep, "block"))
        return _text_page(place, form), 422
    try:
        with writing(form):
            actor, _, draft = written(slug)
            base = form.base.data or ""
            questions.save_question(actor, draft, file, entry.key, form.plain_text, base)
            if found[0].question:
                flash(gettext("Soal tersimpan."), "ok")
            else:
                flash(gettext("Tersimpan, tetapi soal ini masih belum dapat dibaca."), "warn")
            return redirect(url_for(".question_editor", slug=slug, file=file, key=entry.key))
    except StaleQuestion as stale:
        form.base.data = stale.mark
        return _text_page(place, form, theirs=stale.current), 409
    return _text_page(place, form), 422


def _text_page(place: Place, form: BlockForm, theirs: str = "") -> str:
    found = sheet.entries(form.plain_text)
    return render_template(
        "courses/question_text.html",
        slug=place.course.slug,
        quiz=place.quiz,
        entry=place.entry,
        form=form,
        theirs=theirs,
        problems=[problem for each in found for problem in each.problems],
        may_write=place.may_write,
        is_bank=place.course.is_bank,
    )
