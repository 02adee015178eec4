"""A correction of a question as it is typed."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import escape
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField

from lms.accounts import rules as people
from lms.core.forms import Form, at_most, required
from lms.courses.forms.question import number_text
from lms.formats.gift.questions import bounds
from lms.quizzes import keys
from lms.quizzes.marking import (
    ANY_NUMBER,
    PLACED,
    TYPED,
    UNSET,
    Option,
    choices,
    right_value,
    stems,
)
from lms.quizzes.queries import QuestionView
from lms.quizzes.queries.corrections import Proposal
from lms.quizzes.rules import CorrectionKind, QuestionKind

MOST_ANSWERS = 50


def _position(sent: object) -> int:
    text = str(sent)
    return int(text) if text.isdecimal() and len(text) < 5 else UNSET


class CorrectionForm(Form):
    """`right` are positions of options; `places`, for each stem its choice or for each item its
    place; `answers` one to a line."""

    kind = RadioField(_l("Koreksi"), validators=[required(_l("Pilih koreksinya."))])
    right = SelectMultipleField(_l("Pilihan yang benar"), coerce=int, validate_choice=False)
    places = SelectMultipleField(
        _l("Pasangan atau urutan yang benar"), coerce=_position, validate_choice=False
    )
    answers = TextAreaField(_l("Jawaban yang benar"), validators=[at_most(5000)])
    reason = StringField(
        _l("Alasan"), validators=[required(_l("Isi alasan.")), at_most(people.REASON_MAX)]
    )


def filled(view: QuestionView, comma: bool) -> dict[str, Any]:
    """What the form shows of a question before anything is typed."""
    full = [o.answer for o in view.options if o.weight == 100 and o.answer != ANY_NUMBER]
    lines = [_shown(text, comma) for text in full] if view.kind is QuestionKind.NUMERIC else full
    return {
        "right": keys.right_in(view.options),
        "places": right_value(view.kind, view.options) if view.kind in PLACED else [],
        "answers": "\n".join(lines),
    }


def _shown(answer: str, comma: bool) -> str:
    low, _, high = answer.partition("..")
    text = low if low == high else f"{low} – {high}"
    return text.replace(".", ",") if comma else text


def proposal_of(form: CorrectionForm, view: QuestionView, comma: bool) -> Proposal | None:
    """The correction; None where the form says beside a field what is missing."""
    kind = CorrectionKind(form.kind.data)
    if kind is not CorrectionKind.NEW_KEY:
        return Proposal(kind)
    if view.kind in TYPED:
        options = _answers(form, view, comma)
    else:
        options = _places(form, view) if view.kind in PLACED else _right(form, view)
    return Proposal(kind, options) if options else None


def _right(form: CorrectionForm, view: QuestionView) -> tuple[Option, ...]:
    right = {at for at in form.right.data or [] if 0 <= at < len(view.options)}
    if not right:
        form.right.errors = [gettext("Pilih sekurangnya satu pilihan yang benar.")]
        return ()
    return keys.with_right(view.kind, view.options, right)


def _places(form: CorrectionForm, view: QuestionView) -> tuple[Option, ...]:
    places = form.places.data or []
    if view.kind is QuestionKind.ORDERING:
        if sorted(places) != list(range(len(view.options))):
            form.places.errors = [gettext("Beri setiap butir urutan yang berbeda.")]
            return ()
        return keys.with_places(view.options, places)
    texts = range(len(choices(view.options)))
    if len(places) != len(stems(view.options)) or any(at not in texts for at in places):
        form.places.errors = [gettext("Pilih pasangan setiap pernyataan.")]
        return ()
    return keys.with_pairs(view.options, places)


def _answers(form: CorrectionForm, view: QuestionView, comma: bool) -> tuple[Option, ...]:
    lines = [" ".join(line.split()) for line in (form.answers.data or "").splitlines()]
    found: list[tuple[str, str]] = []
    for line in dict.fromkeys(line for line in lines if line):
        answer = _bounds(line, comma) if view.kind is QuestionKind.NUMERIC else line
        if answer is None:
            one, two = ("12,5", "12 ± 0,5") if comma else ("12.5", "12 ± 0.5")
            form.answers.errors = [
                gettext("Tulis angka, misalnya %(one)s, %(two)s, atau 10 – 15.", one=one, two=two)
            ]
            return ()
        found.append((answer, str(escape(line))))
    if not 0 < len(found) <= MOST_ANSWERS:
        form.answers.errors = [
            gettext("Isi satu sampai %(most)s jawaban, satu per baris.", most=MOST_ANSWERS)
        ]
        return ()
    return keys.with_answers(view.options, found)


def _bounds(line: str, comma: bool) -> str | None:
    written = number_text(line, comma)
    found = bounds(written) if written else None
    return f"{found[0]:f}..{found[1]:f}" if found else None
