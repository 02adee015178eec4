"""Essays on the pages of a quiz: what is asked, the file beside the text, and the marks."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import escape

from lms.core import files, i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError, NotFound
from lms.core.markdown import plain
from lms.formats.document import CONTENT_TYPES, kind_of_work
from lms.learning import queries
from lms.learning.forms import AnswerForm
from lms.learning.queries import AttemptContext
from lms.learning.views.blueprint import bp
from lms.quizzes import essays
from lms.quizzes import queries as quizzes
from lms.quizzes import rules as quiz_rules
from lms.quizzes.actions import HandedIn
from lms.quizzes.essays import Essay, Handing, Lack
from lms.quizzes.queries import FileView, MarkView, QuestionView
from lms.quizzes.rules import Shown

LARGEST = 10_000_000  # bytes of any file that an essay can take
NAME_MAX = 120


@dataclass(frozen=True)
class SentFile:
    """A file as a page shows it; `size` in words."""

    name: str
    size: str


@dataclass(frozen=True)
class EssayField:
    """What an essay asks for beside its text, in words; `accept` is for the file chooser."""

    words: int
    limits: str
    lacks: str
    takes_file: bool
    needs_file: bool
    accept: str
    types: str
    file: SentFile | None


@bp.get("/attempts/<uuid:uuid>/questions/<int:number>/file")
@requires(Permission.LEARNING_OWN_ACT)
def own_file(uuid: UUID, number: int) -> ResponseReturnValue:
    """What one has handed in oneself, before and after sending."""
    attempt = queries.own_attempt(current_actor(), uuid).attempt
    slots = quizzes.slots(attempt)
    if not 1 <= number <= len(slots):
        raise NotFound
    return attachment(quizzes.files_of(attempt.id).get(slots[number - 1].question_id))


def attachment(file: FileView | None) -> ResponseReturnValue:
    """Raises NotFound where there is none."""
    if file is None:
        raise NotFound
    return files.attachment(file.digest, CONTENT_TYPES[file.kind], file.full_name)


def essay_field(essay: Essay, text: str, file: FileView | None) -> EssayField:
    """The field as it stands with this text."""
    return EssayField(
        words=essays.word_count(text),
        limits=limit_words(essay),
        lacks=lack_words(essay, essays.lacks(essay, text, has_file=file is not None))
        if text or file
        else "",
        takes_file=essay.file is not Handing.NONE,
        needs_file=essay.file is Handing.REQUIRED,
        accept=",".join(f".{each}" for each in essay.file_types),
        types=gettext(
            "%(types)s, paling besar %(size)s.",
            types=_type_words(essay), size=i18n.megabytes(essay.file_limit),
        ),
        file=shown_file(file),
    )  # fmt: skip


def shown_file(file: FileView | None) -> SentFile | None:
    return SentFile(file.full_name, _size(file.size)) if file else None


def _size(size: int) -> str:
    if size < 100_000:
        return f"{i18n.number(max(1, round(size / 1000)))} kB"
    return i18n.megabytes(size)


def _type_words(essay: Essay) -> str:
    return ", ".join(each.upper() for each in essay.file_types)


def limit_words(essay: Essay) -> str:
    """How long the text should be; empty without limits."""
    least, most = essay.least_words, essay.most_words
    if least and most:
        return gettext("%(least)s sampai %(most)s kata", least=least, most=most)
    if least:
        return gettext("paling sedikit %(least)s kata", least=least)
    return gettext("paling banyak %(most)s kata", most=most) if most else ""


def lack_words(essay: Essay, lacks: tuple[Lack, ...]) -> str:
    """What a saved answer still lacks, in one sentence; empty where it lacks nothing."""
    told = {
        Lack.FEW_WORDS: gettext("kurang dari %(num)s kata", num=essay.least_words),
        Lack.MANY_WORDS: gettext("lebih dari %(num)s kata", num=essay.most_words),
        Lack.FILE: gettext("berkasnya belum ada"),
    }
    if not lacks:
        return ""
    return gettext("Tersimpan, tetapi %(what)s.", what=", ".join(told[lack] for lack in lacks))


def sent_file(form: AnswerForm, view: QuestionView) -> HandedIn | None:
    """The file that came with an answer, kept by its content. What is wrong stands on the form."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    limit = view.essay.file_limit if view.essay else 0
    with closing(sent):
        content = sent.stream.read(limit + 1)
    try:
        return _kept(view.essay, content, sent.filename)
    except DomainError as error:
        form.refuse(error)
        return None


def _kept(essay: Essay | None, content: bytes, name: str) -> HandedIn:
    """Raises DomainError for what the question does not take."""
    if essay is None or essay.file is Handing.NONE:
        raise DomainError(gettext("Soal ini tidak menerima berkas."), "file")
    if len(content) > essay.file_limit:
        size = i18n.megabytes(essay.file_limit)
        words = gettext("Berkas lebih dari %(size)s. Perkecil, lalu pilih lagi.", size=size)
        raise DomainError(words, "file")
    kind = kind_of_work(content)
    if kind not in essay.file_types:
        types = _type_words(essay)
        words = gettext("Isi berkas ini bukan %(types)s yang utuh. Pilih berkas lain.", types=types)
        raise DomainError(words, "file")
    return HandedIn(files.save(content), files.bare_name(name, NAME_MAX), kind, len(content))


# ── Results ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Ruled:
    """A criterion with the level that was chosen, and its points."""

    name: str
    level: str
    points: int
    most: int


@dataclass(frozen=True)
class EssayRow:
    """An essay after sending; `lines` are HTML. `counts`: it was not left out by a correction.
    `is_open`: nothing was handed in. `points` None: not marked yet."""

    number: int
    words: str
    lines: list[str]
    file: SentFile | None
    counts: bool
    is_open: bool
    points: Decimal | None
    most: int
    ruled: list[Ruled]
    feedback: list[str]
    marked_at: datetime | None


def essay_rows(context: AttemptContext) -> list[EssayRow]:
    """The essays of a submitted attempt, with their marks as far as there are any."""
    attempt = context.attempt
    slots = quizzes.slots(attempt)
    views = quizzes.questions(slot.question_id for slot in slots)
    if not any(view.essay for view in views.values()):
        return []
    answers, marks = quizzes.answers_of(attempt.id), quizzes.marks_of(attempt.id)
    handed = quizzes.files_of(attempt.id)
    counted = quizzes.counted_slots(attempt)
    rows = []
    for slot in slots:
        view = views[slot.question_id]
        if view.essay is not None:
            row, mark = answers.get(view.id), marks.get(view.id)
            text = quizzes.text_of(row.value) if row else ""
            file, counts = handed.get(view.id), slot in counted
            rows.append(_row(slot.number, view, text, file, mark, counts=counts))
    return rows


def _row(
    number: int, view: QuestionView, text: str, file: FileView | None, mark: MarkView | None,
    *, counts: bool,
) -> EssayRow:  # fmt: skip
    assert view.essay is not None
    return EssayRow(
        number=number,
        words=plain(view.html),
        lines=lines_of(text),
        file=shown_file(file),
        counts=counts,
        is_open=mark is None,
        points=mark.points if mark else Decimal(0),
        most=view.essay.most,
        ruled=ruled(view.essay, mark) if mark else [],
        feedback=lines_of(mark.feedback) if mark else [],
        marked_at=mark.marked_at if mark else None,
    )


def ruled(essay: Essay, mark: MarkView) -> list[Ruled]:
    return [
        Ruled(each.name, each.levels[level][1], each.levels[level][0], each.most)
        for each, level in zip(essay.rubric, mark.levels, strict=False)
    ]


def lines_of(text: str) -> list[str]:
    """The lines that are not blank, as HTML."""
    return [str(escape(line)) for line in text.split("\n") if line.strip()]


def waiting_page(context: AttemptContext, frame: dict[str, object]) -> str:
    """The result of an attempt while an essay of it waits for a marker."""
    attempt = context.attempt
    learning = queries.learning_of(context.enrolment)
    shown = queries.shown_of(learning, context.part, attempt.submitted_at)
    rows = essay_rows(context)
    assert attempt.submitted_at is not None
    return render_template(
        "learning/quiz_unmarked.html",
        rows=rows,
        waiting=sum(row.counts and not row.is_open and row.marked_at is None for row in rows),
        shown={part.name.lower() for part in shown},
        automatic=_automatic(context) if Shown.MARKS in shown else "",
        submitted=i18n.instant(attempt.submitted_at, current_actor().time_zone),
        **frame,
    )


def _automatic(context: AttemptContext) -> str:
    """What the questions that need no marker have earned; empty where there are none."""
    attempt = context.attempt
    views = quizzes.questions(slot.question_id for slot in quizzes.counted_slots(attempt))
    answers = quizzes.answers_of(attempt.id)
    earned = [
        Decimal((row and row.fraction) or 0)
        for view in views.values()
        if view.essay is None
        for row in [answers.get(view.id)]
    ]
    if not earned:
        return ""
    return ngettext(
        "Soal lain sudah dinilai: %(score)s dari 100 untuk %(num)s soal.",
        "Soal lain sudah dinilai: %(score)s dari 100 untuk %(num)s soal.",
        len(earned),
        score=i18n.points(quiz_rules.percent(earned)),
    )
