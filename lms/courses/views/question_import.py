"""Questions in from a text or a file, looked at before they are taken; and out as a file."""

import io
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.core.access import Permission, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.courses.actions import importing, questions
from lms.courses.actions.drafts import StaleFile
from lms.courses.actions.importing import Candidate
from lms.courses.forms.importing import ImportForm
from lms.courses.queries.quizzes import QuizDraft, quiz_for
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import kind_words
from lms.courses.views.quizzes import seen, written
from lms.formats import csv_table, question_table, xlsx_table
from lms.formats.gift import sheet
from lms.formats.gift.questions import Question
from lms.formats.gift.writer import dump
from lms.formats.incoming import from_gift

_STAND_IN = "tanpa-kunci-"  # until the question is taken and gets a key of its quiz
_LONGEST = 160
_TYPES = {
    "gift": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Row:
    """A question that would come in; `taken` says that it is chosen at first."""

    at: int
    line: int
    words: str
    kind: str
    problems: tuple[str, ...]
    known: str

    @property
    def taken(self) -> bool:
        return not self.known


@bp.route("/studio/<slug:slug>/quizzes/<uuid:file>/import", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
def import_questions(slug: str, file: UUID) -> ResponseReturnValue:
    """First a look at what would come in; only the second step writes."""
    _, _, draft = written(slug)
    quiz = quiz_for(draft, file)
    if quiz.lender:
        raise DomainError(gettext("Kuis ini memakai soal kuis lain; ubah soalnya di sana."))
    if request.method == "GET":
        return _page(slug, quiz, ImportForm(formdata=None))
    form = ImportForm()
    if request.form.get("do") == "take":
        return _take(slug, quiz, form)
    if not form.validate():
        return _page(slug, quiz, form), 422
    upload = form.file.data
    content = upload.read() if upload else b""
    try:
        found = importing.read_questions(content or (form.text.data or "").encode())
    except DomainError as error:
        form.refuse(error)
        return _page(slug, quiz, form), 422
    return _page(slug, quiz, form, importing.candidates(draft, found))


def _take(slug: str, quiz: QuizDraft, form: ImportForm) -> ResponseReturnValue:
    offered = [each.question for each in from_gift(request.form.get("gift", ""))]
    chosen = {int(at) for at in request.form.getlist("take") if at.isdecimal() and len(at) < 6}
    taken = [_unkeyed(q) for at, q in enumerate(offered) if at in chosen and q is not None]
    if not taken:
        form.form_errors.append(gettext("Pilih paling sedikit satu soal."))
        return _page(slug, quiz, form), 422
    try:
        with writing(form):
            actor, _, draft = written(slug)
            keys = questions.add_questions(actor, draft, quiz.uuid, taken)
            told = ngettext("%(num)s soal dimasukkan.", "%(num)s soal dimasukkan.", len(keys))
            flash(told, "ok")
            where = url_for(".quiz_editor", slug=slug, file=quiz.uuid, _anchor=f"soal-{keys[0]}")
            return redirect(where)
    except StaleFile:
        form.form_errors.append(gettext("Soal baru saja diubah orang lain; ulangi."))
    return _page(slug, quiz, form), 422


def _unkeyed(question: Question) -> Question:
    return replace(question, key="") if question.key.startswith(_STAND_IN) else question


def _page(
    slug: str, quiz: QuizDraft, form: ImportForm, found: list[Candidate] | None = None
) -> str:
    good = [each for each in found or [] if each.incoming.question]
    bad = [each for each in found or [] if not each.incoming.question]
    offered = [
        replace(q, key=q.key or f"{_STAND_IN}{at}")
        for at, each in enumerate(good)
        if (q := each.incoming.question)
    ]
    return render_template(
        "courses/import_questions.html",
        slug=slug,
        quiz=quiz,
        form=form,
        looked=found is not None,
        good=[_row(at, each) for at, each in enumerate(good)],
        bad=[_row(at, each) for at, each in enumerate(bad)],
        gift=dump(offered),
    )


def _row(at: int, each: Candidate) -> Row:
    words = " ".join(each.incoming.words.split())
    return Row(
        at,
        each.incoming.line,
        words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…",
        kind_words(each.incoming.question.kind) if each.incoming.question else "",
        each.incoming.problems,
        each.known,
    )


@bp.get("/studio/<slug:slug>/quizzes/<uuid:file>/download")
@requires(Permission.COURSES_STUDIO_USE)
def questions_file(slug: str, file: UUID) -> ResponseReturnValue:
    """The questions of the quiz as GIFT, CSV or XLSX; or the template of a table."""
    _, draft, _ = seen(slug)
    quiz = quiz_for(draft, file)
    asked = quiz.lender or quiz
    kind = request.args.get("format", "gift")
    if kind not in _TYPES:
        raise NotFound
    if "template" in request.args:
        name, rows = "templat-soal", list(question_table.template())
    else:
        found = [entry.question for entry in sheet.entries(asked.text) if entry.question]
        name, rows = f"{slug}-{asked.key or 'soal'}", list(question_table.rows(found))
    response = Response(_content(kind, asked.text, rows), content_type=_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _content(kind: str, text: str, rows: list[list[str]]) -> bytes:
    if kind == "gift":
        return text.encode()
    if kind == "csv":
        table = io.StringIO(newline="")
        csv_table.write_table(table, (question_table.inert(row) for row in rows))
        return table.getvalue().encode()
    book = io.BytesIO()
    xlsx_table.write_table(book, rows, sheet=gettext("Soal"))
    return book.getvalue()
