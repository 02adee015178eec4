"""Questions in from a text or a file, looked at before they are taken; and out as a file."""

import io
import re
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, repeat
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.core import files, i18n
from lms.core.access import Permission, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import writing
from lms.courses.actions import importing
from lms.courses.actions.drafts import StaleFile
from lms.courses.actions.importing import Candidate
from lms.courses.forms.importing import ImportForm
from lms.courses.queries.quizzes import QuizDraft, quiz_for
from lms.courses.views.blueprint import bp
from lms.courses.views.question_words import essay_words, kind_words
from lms.courses.views.quizzes import seen, written
from lms.formats import aiken, csv_table, question_table, xlsx_table
from lms.formats.course_folder.essays import essays_in
from lms.formats.gift import sheet
from lms.formats.gift.questions import FULL, Option, Question, QuestionKind, bounds
from lms.formats.gift.writer import dump
from lms.formats.incoming import Incoming, from_gift

_STAND_IN = "tanpa-kunci-"  # until the question is taken and gets a key of its quiz
_LONGEST = 160
_NUMBER = re.compile(r"[0-9]{1,7}")
_TYPES = {
    "gift": "text/plain; charset=utf-8",
    "aiken": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Row:
    """A question that would come in; `taken` says that it is chosen. `answers` are its options,
    what each is worth in words, and whether that is something."""

    at: int
    line: int
    words: str
    kind: str
    problems: tuple[str, ...]
    known: str
    taken: bool
    asks: tuple[str, ...]
    answers: list[tuple[str, str, bool]]


@bp.route("/studio/<slug:slug>/quizzes/<uuid:file>/import", methods=["GET", "POST"])
@requires(Permission.COURSES_STUDIO_USE)
@files.takes_documents(importing.LARGEST)
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
    content = b""
    if form.file.data:
        with closing(form.file.data) as upload:  # a large one is on the disk until then
            content = upload.read()
    try:
        found = importing.read_questions(content or (form.text.data or "").encode())
    except DomainError as error:
        form.refuse(error)
        return _page(slug, quiz, form), 422
    return _page(slug, quiz, form, importing.candidates(draft, found))


def _take(slug: str, quiz: QuizDraft, form: ImportForm) -> ResponseReturnValue:
    offered = _offered()
    chosen = {int(at) for at in request.form.getlist("take") if at.isdecimal() and len(at) < 6}
    taken = [each for at, each in enumerate(offered) if at in chosen and each.question]
    if not taken:
        form.form_errors.append(gettext("Pilih paling sedikit satu soal."))
        return _offered_again(slug, quiz, form, offered, chosen), 422
    try:
        with writing(form):
            actor, _, draft = written(slug)
            keys = importing.take_questions(actor, draft, quiz.uuid, taken)
            told = ngettext("%(num)s soal dimasukkan.", "%(num)s soal dimasukkan.", len(keys))
            flash(told, "ok")
            where = url_for(".quiz_editor", slug=slug, file=quiz.uuid, _anchor=f"soal-{keys[0]}")
            return redirect(where)
    except StaleFile:
        form.form_errors.append(
            gettext("Soal baru saja diubah orang lain; periksa, lalu masukkan lagi.")
        )
    return _offered_again(slug, quiz, form, offered, chosen), 422


def _offered() -> list[Incoming]:
    """What was offered, as the page sends it back: with the lines of the text that it came from."""
    lines = [int(each) for each in request.form.get("lines", "").split() if _NUMBER.fullmatch(each)]
    found = from_gift(request.form.get("gift", ""))
    essays = importing.essays_back(request.form.get("essays", ""))
    return [
        replace(each, line=line or each.line, question=q and _unkeyed(q), essay=essays.get(at))
        for at, (each, line) in enumerate(zip(found, chain(lines, repeat(0)), strict=False))
        for q in (each.question,)
    ]


def _unkeyed(question: Question) -> Question:
    return replace(question, key="") if question.key.startswith(_STAND_IN) else question


def _offered_again(
    slug: str, quiz: QuizDraft, form: ImportForm, offered: list[Incoming], chosen: set[int]
) -> str:
    """The page before, with the same chosen: nobody looks for the file a second time."""
    draft = written(slug)[2]
    return _page(slug, quiz, form, importing.candidates(draft, offered) or None, chosen)


def _page(
    slug: str,
    quiz: QuizDraft,
    form: ImportForm,
    found: list[Candidate] | None = None,
    chosen: set[int] | None = None,
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
        good=[_row(at, each, chosen) for at, each in enumerate(good)],
        bad=[_row(at, each, chosen) for at, each in enumerate(bad)],
        gift=dump(offered),
        essays=importing.essays_text([each.incoming.essay for each in good]),
        lines=" ".join(str(each.incoming.line) for each in good),
    )


def _row(at: int, each: Candidate, chosen: set[int] | None) -> Row:
    """At first what the course has already is not chosen."""
    return Row(
        at,
        each.incoming.line,
        _short(each.incoming.words),
        kind_words(each.incoming.question.kind) if each.incoming.question else "",
        each.incoming.problems,
        each.known,
        not each.known if chosen is None else at in chosen,
        essay_words(each.incoming.essay) if each.incoming.essay else (),
        _answers(each.incoming.question) if each.incoming.question else [],
    )


def _answers(question: Question) -> list[tuple[str, str, bool]]:
    """So that a wrong key is seen before it comes in."""
    if question.kind is QuestionKind.MATCHING:
        return [(_short(f"{o.text} → {o.match}"), "", False) for o in question.options]
    if question.kind is QuestionKind.ORDERING:
        numbered = enumerate(question.options, start=1)
        return [(_short(f"{n}. {o.text}"), "", False) for n, o in numbered]
    said = _number if question.kind is QuestionKind.NUMERIC else _short
    return [(said(o.text), _worth(o), o.fraction > 0) for o in question.options]


def _number(text: str) -> str:
    """As the page's language writes it: who meant a thousand by "1.000" sees that it is 1."""
    found = bounds(text)
    if found is None or "e" in text.lower():
        return _short(text)
    low, high = (i18n.exact(each) for each in found)
    return low if low == high else gettext("%(low)s sampai %(high)s", low=low, high=high)


def _worth(option: Option) -> str:
    if option.fraction == FULL:
        return gettext("kunci")
    return f"{i18n.number(option.fraction)}%" if option.fraction else ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


@bp.get("/studio/<slug:slug>/quizzes/<uuid:file>/download")
@requires(Permission.COURSES_STUDIO_USE)
def questions_file(slug: str, file: UUID) -> ResponseReturnValue:
    """The questions of the quiz as GIFT, Aiken, CSV or XLSX; or the template of a table."""
    _, draft, _ = seen(slug)
    quiz = quiz_for(draft, file)
    asked = quiz.lender or quiz
    kind = request.args.get("format", "gift")
    if kind not in _TYPES:
        raise NotFound
    name = "templat-soal" if "template" in request.args else f"{slug}-{asked.key or 'soal'}"
    content = _content(kind, asked)
    if kind == "aiken" and not content:
        flash(gettext("Tidak ada soal yang dapat ditulis sebagai Aiken."), "bad")
        return redirect(url_for(".quiz_editor", slug=slug, file=file))
    response = Response(content, content_type=_TYPES[kind])
    ending = "txt" if kind == "aiken" else kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def _content(kind: str, asked: QuizDraft) -> bytes:
    found = [entry.question for entry in sheet.entries(asked.text) if entry.question]
    if kind == "gift":
        return asked.text.encode()
    if kind == "aiken":
        return aiken.dump(found).encode()
    rows = list(question_table.template())
    if "template" not in request.args:
        rows = list(question_table.rows(found, essays_in(asked.settings.text or "")))
    if kind == "csv":
        table = io.StringIO(newline="")
        csv_table.write_table(table, (question_table.inert(row) for row in rows))
        return table.getvalue().encode()
    book = io.BytesIO()
    xlsx_table.write_table(book, rows, sheet=gettext("Soal"))
    return book.getvalue()
