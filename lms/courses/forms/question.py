"""A question as its trainer types it, of any kind."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Rows

from lms.core.forms import Form, at_most
from lms.courses.forms.essay import EssayFields
from lms.courses.forms.fields import tell_rows
from lms.formats.course_folder.goals import GOAL_TAG
from lms.formats.course_folder.parts import LESSON_TAG
from lms.formats.gift.answers import WEIGHTS, number
from lms.formats.gift.questions import (
    ANY_NUMBER,
    FALSE,
    FULL,
    LABEL_LENGTH,
    NONE,
    TRUE,
    Option,
    Question,
    QuestionKind,
    QuestionState,
    bounds,
    label,
)
from lms.quizzes.marking import number_of

LONGEST = 20_000
MOST_OPTIONS = 50
EVEN, MINUS = "even", "minus"
DIFFICULTY_TAG = "difficulty."
DIFFICULTIES = ("easy", "medium", "hard")
CHOICES = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_RANGE = re.compile(r"\s*(?:\.\.|–)\s*")
_TOLERANCE = re.compile(r"\s*(?::|±)\s*")


class OptionRow(Rows):
    """`weight` is a share in percent, or EVEN, or MINUS."""

    text = TextAreaField(_l("Teks"), [at_most(LONGEST)])
    match = StringField(_l("Pasangannya"), [at_most(LONGEST)])
    weight = SelectField(_l("Nilai"), validate_choice=False)
    feedback = TextAreaField(_l("Umpan balik"), [at_most(LONGEST)])


class QuestionForm(EssayFields, Form):
    """`base` is what the form began from (`queries.quizzes.mark_of`)."""

    base = HiddenField()
    kind = SelectField(_l("Jenis soal"), validate_choice=False)
    text = TextAreaField(_l("Pertanyaan"), [at_most(LONGEST)])
    options = FieldList(FormField(OptionRow), max_entries=MOST_OPTIONS)
    right = StringField()  # the position of the right option, or T or F
    rest_feedback = TextAreaField(_l("Umpan balik untuk jawaban lain"), [at_most(LONGEST)])
    general_feedback = TextAreaField(_l("Umpan balik umum"), [at_most(LONGEST)])
    last_option_fixed = BooleanField(_l("Pilihan terakhir tetap di akhir"))
    goals = SelectMultipleField(_l("Tujuan belajar"), validate_choice=False)
    lessons = SelectMultipleField(_l("Pelajaran yang menjelaskannya"), validate_choice=False)
    competencies = SelectMultipleField(_l("Kompetensi"), validate_choice=False)
    difficulty = SelectField(_l("Tingkat kesulitan"), validate_choice=False)
    state = SelectField(_l("Status"), validate_choice=False)
    author = StringField(_l("Penulis"), [at_most(LABEL_LENGTH)])
    source = StringField(
        _l("Sumber"),
        [at_most(LABEL_LENGTH)],
        description=_l("Peraturan, buku, atau bank asal soal ini."),
    )
    tags = StringField(
        _l("Tag lain"), [at_most(2000)], description=_l("Pisahkan dengan koma atau spasi.")
    )

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        tell_rows(self, "options", "rubric")
        return good

    @property
    def of_kind(self) -> QuestionKind:
        known = [kind for kind in QuestionKind if kind.value == self.kind.data]
        return known[0] if known else QuestionKind.SINGLE

    @property
    def of_state(self) -> QuestionState:
        known = [state for state in QuestionState if state.value == self.state.data]
        return known[0] if known else QuestionState.READY


def filled(
    question: Question, base: str, competencies: Sequence[str], comma: bool
) -> dict[str, Any]:
    """What the form shows of a question."""
    rows = [_row(question, option, comma) for option in question.options]
    known = {
        "goals": [_cut(tag, GOAL_TAG) for tag in question.tags if tag.startswith(GOAL_TAG)],
        "lessons": [_cut(tag, LESSON_TAG) for tag in question.tags if tag.startswith(LESSON_TAG)],
        "competencies": [tag for tag in question.tags if tag in competencies],
    }
    levels = [_cut(tag, DIFFICULTY_TAG) for tag in question.tags if tag.startswith(DIFFICULTY_TAG)]
    told = {*levels} <= {*DIFFICULTIES} and len(levels) < 2
    others = [
        tag
        for tag in question.tags
        if not tag.startswith((GOAL_TAG, LESSON_TAG))
        and tag not in competencies
        and not (told and tag.startswith(DIFFICULTY_TAG))
    ]
    rest = [option for option in question.options if option.text == ANY_NUMBER]
    numeric = question.kind is QuestionKind.NUMERIC
    return {
        "base": base,
        "kind": question.kind.value,
        "text": question.text,
        "options": [row for row in rows if not (numeric and row["text"] == ANY_NUMBER)],
        "right": next((str(i) for i, o in enumerate(question.options) if o.fraction == FULL), ""),
        "rest_feedback": rest[0].feedback if numeric and rest else "",
        "general_feedback": question.general_feedback,
        "last_option_fixed": question.last_option_fixed,
        "difficulty": levels[0] if told and levels else "",
        "state": question.state.value,
        "author": question.author,
        "source": question.source,
        "tags": ", ".join(others),
        **known,
    }


def _cut(tag: str, prefix: str) -> str:
    return tag.removeprefix(prefix)


def _row(question: Question, option: Option, comma: bool) -> dict[str, str]:
    text = option.text
    if question.kind is QuestionKind.NUMERIC and text != ANY_NUMBER:
        text = text.replace("..", " – ").replace(":", " ± ")
        text = text.replace(".", ",") if comma else text
    return {
        "text": text,
        "match": option.match,
        "weight": _weight(question, option.fraction),
        "feedback": option.feedback,
    }


def _weight(question: Question, fraction: Decimal) -> str:
    if question.kind is QuestionKind.MULTIPLE:
        right = [option.fraction for option in question.options if option.fraction > 0]
        if right and set(right) == {_share(len(right))}:
            if fraction == right[0]:
                return EVEN
            if fraction == -right[0]:
                return MINUS
    return number(fraction)


def _share(count: int) -> Decimal:
    """What each of so many right options is worth: the nearest weight that GIFT knows."""
    return min(WEIGHTS, key=lambda weight: abs(weight - FULL / count))


def question_of(form: QuestionForm, key: str, before: Question | None, comma: bool) -> Question:
    """The question as it stands in the form. What keeps it from being one is noted there."""
    kind = form.of_kind
    if not _plain(form.text.data):
        _note(form.text, gettext("Tulis pertanyaannya."))
    if kind is QuestionKind.TRUEFALSE:
        options = _truefalse(form)
    elif kind in CHOICES:
        options = _choices(form, kind)
    elif kind is QuestionKind.MATCHING:
        options = _pairs(form)
    elif kind is QuestionKind.ORDERING:
        options = _items(form)
    elif kind is QuestionKind.ESSAY:
        options = ()
    else:
        options = _typed(form, kind, comma)
    return Question(
        key=key,
        kind=kind,
        title=before.title if before else "",
        text=_plain(form.text.data),
        options=options,
        general_feedback=_plain(form.general_feedback.data),
        tags=_tags(form, before),
        last_option_fixed=bool(form.last_option_fixed.data) and kind in CHOICES,
        state=form.of_state,
        author=label(form.author.data or ""),
        source=label(form.source.data or ""),
    )


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _note(field: Any, message: str) -> None:
    field.errors = [*field.errors, message]


def _note_row(form: QuestionForm, field: Any, message: str) -> None:
    """Also on top: what a row finds is not among the errors of the whole form."""
    _note(field, message)
    form.form_errors.append(message)


def _rows(form: QuestionForm) -> list[tuple[int, Any]]:
    """The rows that say something, with their numbers in the form."""
    return [
        (int(entry.name.rpartition("-")[2]), entry.form)
        for entry in form.options
        if _plain(entry.form.text.data) or _plain(entry.form.match.data)
    ]


def _truefalse(form: QuestionForm) -> tuple[Option, ...]:
    if form.right.data not in ("0", "1"):
        form.form_errors.append(gettext("Pilih apakah pernyataan ini benar atau salah."))
    said = [*[_plain(entry.form.feedback.data) for entry in form.options][:2], "", ""]
    is_true = form.right.data == "0"
    return (
        Option(TRUE, FULL if is_true else NONE, said[0]),
        Option(FALSE, NONE if is_true else FULL, said[1]),
    )


def _choices(form: QuestionForm, kind: QuestionKind) -> tuple[Option, ...]:
    rows = _rows(form)
    if len(rows) < 2:
        form.form_errors.append(gettext("Isi paling sedikit dua pilihan."))
    if kind is QuestionKind.SINGLE:
        if form.right.data not in [str(at) for at, _ in rows]:
            form.form_errors.append(gettext("Tandai satu pilihan yang benar."))
        weights = [
            FULL if str(at) == form.right.data else _number(row.weight.data) for at, row in rows
        ]
        weights = [
            NONE if weight == FULL and str(at) != form.right.data else weight
            for weight, (at, _) in zip(weights, rows, strict=True)
        ]
    else:
        weights = _several(form, [row.weight.data for _, row in rows])
    return tuple(
        Option(_plain(row.text.data), weight, _plain(row.feedback.data))
        for weight, (_, row) in zip(weights, rows, strict=True)
    )


def _several(form: QuestionForm, chosen: Sequence[str]) -> list[Decimal]:
    """The weights of a question with several right options, which make 100 together."""
    even = chosen.count(EVEN)
    share = _share(even) if even else NONE
    weights = [
        share if each == EVEN else -share if each == MINUS else _number(each) for each in chosen
    ]
    total = sum((weight for weight in weights if weight > 0), NONE)
    if abs(total - FULL) > Decimal("0.01"):
        if not total:
            message = gettext("Tandai paling sedikit satu pilihan yang benar.")
        else:
            message = gettext(
                "Nilai pilihan yang benar berjumlah %(total)s, seharusnya 100. Pakai “Benar, "
                "dibagi rata” untuk semuanya (paling banyak 10), atau ubah bobotnya.",
                total=number(total),
            )
        form.form_errors.append(message)
    return weights


def _number(text: str | None) -> Decimal:
    return next((weight for weight in WEIGHTS if number(weight) == text), NONE)


def _typed(form: QuestionForm, kind: QuestionKind, comma: bool) -> tuple[Option, ...]:
    options = []
    for _, row in _rows(form):
        text = " ".join(_plain(row.text.data).split())
        if kind is QuestionKind.NUMERIC:
            written = number_text(text, comma)
            if written is None:
                one, two = ("12,5", "12 ± 0,5") if comma else ("12.5", "12 ± 0.5")
                message = gettext(
                    "Tulis angka, misalnya %(one)s, %(two)s, atau 10 – 15.", one=one, two=two
                )
                _note_row(form, row.text, message)
            text = written or "0"
        weight = _number(row.weight.data) if row.weight.data else FULL
        options.append(Option(text, weight, _plain(row.feedback.data)))
    if not any(option.fraction == FULL for option in options):
        form.form_errors.append(gettext("Isi paling sedikit satu jawaban bernilai 100 persen."))
    rest = _plain(form.rest_feedback.data)
    if kind is QuestionKind.NUMERIC and rest:
        options.append(Option(ANY_NUMBER, NONE, rest))
    return tuple(options)


def number_text(text: str, comma: bool) -> str | None:
    """ "12,5 ± 1" as GIFT has it: "12.5:1". None where it is no answer in numbers."""
    for marks, joined in ((_RANGE, ".."), (_TOLERANCE, ":")):
        parts = marks.split(text)
        if len(parts) == 2:
            values = [number_of(part, comma=comma) for part in parts]
            if None in values:
                return text if bounds(text) else None
            written = joined.join(format(value, "f") for value in values if value is not None)
            return written if bounds(written) else None
    value = number_of(text, comma=comma)
    if value is None:
        return text if bounds(text) else None
    return format(value, "f")


def _pairs(form: QuestionForm) -> tuple[Option, ...]:
    options = []
    for _, row in _rows(form):
        stem, match = _plain(row.text.data), " ".join(_plain(row.match.data).split())
        if not match:
            _note_row(form, row.match, gettext("Isi pasangannya."))
        options.append(Option(stem, FULL if stem else NONE, match=match))
    stems = [option.text for option in options if option.text]
    if len(stems) < 2 or len({option.match for option in options}) < 2:
        form.form_errors.append(
            gettext("Isi paling sedikit dua pasangan dengan dua jawaban yang berbeda.")
        )
    return tuple(options)


def _items(form: QuestionForm) -> tuple[Option, ...]:
    options = tuple(Option(_plain(row.text.data), FULL) for _, row in _rows(form))
    if len(options) < 2:
        form.form_errors.append(gettext("Isi paling sedikit dua butir."))
    return options


def _tags(form: QuestionForm, before: Question | None) -> tuple[str, ...]:
    """Those that stay keep their places, new ones follow."""
    typed = [tag for tag in re.split(r"[\s,;]+", form.tags.data or "") if tag]
    for tag in typed:
        if not _TAG.fullmatch(tag):
            message = gettext(
                "Tag “%(tag)s” tidak sah: pakai huruf, angka, titik, dan tanda hubung.",
                tag=tag[:60],
            )
            _note(form.tags, message)
    chosen = [
        *(form.competencies.data or []),
        *(f"{LESSON_TAG}{key}" for key in form.lessons.data or []),
        *(f"{GOAL_TAG}{key}" for key in form.goals.data or []),
        *([f"{DIFFICULTY_TAG}{form.difficulty.data}"] if form.difficulty.data else []),
        *typed,
    ]
    kept = [tag for tag in (before.tags if before else ()) if tag in chosen]
    return tuple(dict.fromkeys([*kept, *chosen]))
