"""The settings of a quiz."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Rows
from wtforms.validators import Optional

from lms.core.forms import Form, at_most, required
from lms.courses.forms.fields import Moment, Percent, Whole, between, tell_rows
from lms.formats.course_folder.content import Grade, Review, Scoring, Shown
from lms.formats.course_folder.quiz import MOST_WAIT, PRESETS, ShowAnswers
from lms.formats.course_folder.quiz_text import Value

CUSTOM = "custom"
MOMENTS = tuple(each.name for each in fields(Review))
# The settings that the form writes, with what each is when it is left out.
DEFAULTS: dict[str, Value | None] = {
    "weight": 0, "attempts": 0, "time_limit": 0, "opens": None, "closes": None, "wait": 0,
    "grade": "highest", "shuffle_questions": False, "shuffle_options": True, "scoring": "weights",
    "match_case": False, "match_accents": True, "practice": False, "pretest": "", "questions": "",
}  # fmt: skip


class SectionRow(Rows):
    title = StringField(_l("Judul bagian"), [at_most(120)])
    tag = StringField(_l("Soal dengan tag"), [at_most(60)])
    draw = Whole(_l("Ambil secara acak"), [Optional(), between(1, 5000)])
    shuffle = BooleanField(_l("Acak urutannya"))


class FeedbackRow(Rows):
    least = Percent(_l("Nilai mulai dari"))
    text = TextAreaField(_l("Umpan balik"), [at_most(500)])


class HintRow(Rows):
    question = SelectField(_l("Soal"), validate_choice=False)
    text = TextAreaField(_l("Petunjuk"), [at_most(2000)])


class QuizForm(Form):
    """`number` is that of the save that the form began from, `base` what it said then
    (`views.conflicts`)."""

    number = HiddenField()
    base = HiddenField()
    title = StringField(_l("Judul kuis"), [required(_l("Isi judul")), at_most(120)])
    minutes = Whole(
        _l("Perkiraan waktu (menit)"), [required(_l("Isi perkiraan waktu")), between(1, 6000)]
    )
    # InputRequired looks at what was sent, so that 0 counts.
    pass_percent = Percent(_l("Nilai lulus kuis (persen)"), [required(_l("Isi nilai lulus"))])
    weight = Whole(
        _l("Bobot dalam nilai akhir"), [Optional(), between(0, 1000)],
        description=_l("0 untuk kuis latihan yang tidak dihitung."),
    )  # fmt: skip
    attempts = Whole(
        _l("Kesempatan"), [Optional(), between(0, 1000)],
        description=_l("0 untuk tanpa batas."),
    )  # fmt: skip
    time_limit = Whole(
        _l("Batas waktu (menit)"), [Optional(), between(0, 1440)],
        description=_l("0 untuk tanpa batas."),
    )  # fmt: skip
    opens = Moment(_l("Dibuka"), [Optional()])
    closes = Moment(_l("Ditutup"), [Optional()])
    wait = Whole(_l("Jeda sebelum percobaan kedua (menit)"), [Optional(), between(0, MOST_WAIT)])
    wait_later = Whole(
        _l("Jeda sebelum percobaan berikutnya (menit)"), [Optional(), between(0, MOST_WAIT)],
        description=_l("Kosong: sama dengan jeda pertama."),
    )  # fmt: skip
    grade = SelectField(
        _l("Nilai yang dihitung"),
        choices=[
            SelectChoice(Grade.HIGHEST.value, _l("Nilai tertinggi")),
            SelectChoice(Grade.LAST.value, _l("Percobaan terakhir")),
            SelectChoice(Grade.AVERAGE.value, _l("Rata-rata")),
            SelectChoice(Grade.FIRST.value, _l("Percobaan pertama")),
        ],
    )  # fmt: skip
    scoring = SelectField(
        _l("Penilaian pilihan jamak"),
        choices=[
            SelectChoice(Scoring.WEIGHTS.value, _l("Menurut bobot setiap pilihan")),
            SelectChoice(Scoring.ALL_OR_NOTHING.value, _l("Hanya bila semuanya tepat")),
            SelectChoice(Scoring.PROPORTIONAL.value, _l("Bagian pilihan yang diputuskan tepat")),
            SelectChoice(Scoring.RIGHT_MINUS_WRONG.value, _l("Pilihan benar dikurangi yang salah")),
        ],
    )  # fmt: skip
    shuffle_questions = BooleanField(_l("Acak urutan soal"))
    shuffle_options = BooleanField(_l("Acak urutan pilihan"))
    match_case = BooleanField(_l("Isian singkat: huruf besar dan kecil harus sama"))
    match_accents = BooleanField(_l("Isian singkat: tanda aksen harus sama (é bukan e)"))
    practice = BooleanField(_l("Latihan: setiap jawaban dapat langsung diperiksa, dengan petunjuk"))
    pretest = SelectField(_l("Dibandingkan dengan tes awal"), validate_choice=False)
    questions = SelectField(_l("Soal"), validate_choice=False)
    show = SelectField(
        _l("Yang ditampilkan kepada peserta"),
        choices=[
            SelectChoice(ShowAnswers.ALWAYS.value, _l("Selalu semuanya, juga jawaban yang benar")),
            SelectChoice(ShowAnswers.AFTER_PASS.value, _l("Jawaban yang benar setelah lulus")),
            SelectChoice(ShowAnswers.AFTER_CLOSE.value, _l("Nilai saja, semuanya setelah ditutup")),
            SelectChoice(ShowAnswers.SCORE.value, _l("Nilai saja")),
            SelectChoice(ShowAnswers.NEVER.value, _l("Jawaban sendiri tanpa jawaban yang benar")),
            SelectChoice(CUSTOM, _l("Menurut tabel di bawah")),
        ],
    )  # fmt: skip
    immediately = SelectMultipleField(_l("Segera sesudah percobaan"), validate_choice=False)
    later = SelectMultipleField(_l("Nanti, selama kuis dibuka"), validate_choice=False)
    closed = SelectMultipleField(_l("Sesudah kuis ditutup"), validate_choice=False)
    passed = SelectMultipleField(_l("Kapan saja, bila sudah lulus"), validate_choice=False)
    sections = FieldList(FormField(SectionRow), max_entries=50)
    feedback = FieldList(FormField(FeedbackRow), max_entries=20)
    hints = FieldList(FormField(HintRow), max_entries=200)

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        opens, closes = self.opens.data, self.closes.data
        if opens and closes and opens >= closes:
            self.closes.errors = [gettext("Kuis ditutup sesudah dibuka; ubah salah satunya.")]
            good = False
        for row in self.feedback:
            least = row.form.least
            if row.form.text.data and least.data is None and not least.errors:
                least.errors = [gettext("Isi nilai mulai dari.")]
                good = False
        tell_rows(self, "sections", "feedback", "hints")
        return good

    def settings(self) -> dict[str, Any]:
        """What every field says, in the one way of saying it."""
        names = (name for name in self.data if name not in ("number", "base", "csrf_token"))
        return {name: _told(self[name].data) for name in names}


def _told(value: Any) -> Any:
    """As a form that was sent and one that was filled from the file say it alike."""
    if isinstance(value, list):
        told = [_told(each) for each in value]
        return sorted(told) if all(isinstance(each, str) for each in told) else told
    if isinstance(value, dict):
        return {name: _told(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return value.normalize()
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def filled(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What the form shows of the settings, as far as they are of the right kind."""
    names = (*DEFAULTS, "title", "minutes", "wait_later")
    known = {name: values[name] for name in names if name in values}
    data: dict[str, Any] = {**DEFAULTS, **known, "number": str(number)}
    data["pass_percent"] = _number(values.get("pass"))
    for name in ("opens", "closes"):
        if not isinstance(data[name], datetime):
            data[name] = None
    data["show"] = CUSTOM if "review" in values else values.get("show_answers", "after-pass")
    shown = values.get("review", {}) if isinstance(values.get("review"), dict) else {}
    preset = next((each for name, each in PRESETS.items() if name == data["show"]), None)
    for moment in MOMENTS:
        chosen = getattr(preset, moment) if preset else shown.get(moment, [])
        data[moment] = [str(each) for each in chosen]
    data["sections"] = [
        {"title": row.get("title", ""), "tag": row.get("tag", ""), "draw": row.get("draw"),
         "shuffle": row.get("shuffle", data["shuffle_questions"])}
        for row in _rows(values, "sections")
    ]  # fmt: skip
    data["feedback"] = [
        {"least": _number(row.get("from")), "text": row.get("text", "")}
        for row in _rows(values, "feedback")
    ]
    data["hints"] = [
        {"question": row.get("question", ""), "text": str(text)}
        for row in _rows(values, "hints")
        for text in row.get("texts", [])
    ]
    return data


def _number(value: object) -> Decimal | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else None


def _rows(values: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    rows = values.get(name, [])
    yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def settings_of(form: QuizForm, before: Mapping[str, Any]) -> dict[str, Value | None]:
    """What the form sets, by the names of the file; None takes a setting out. What is as it would
    be without a word is written only where the file says it already."""
    wanted: dict[str, Value | None] = {name: form[name].data for name in DEFAULTS}
    for name, usual in DEFAULTS.items():
        if wanted[name] in (None, "") and usual in (None, ""):
            wanted[name] = None
        elif wanted[name] is None:
            wanted[name] = usual
        if wanted[name] == usual and name not in before:
            wanted[name] = None
    wanted["title"], wanted["minutes"] = form.title.data, form.minutes.data
    wanted["pass"], wanted["wait_later"] = form.pass_percent.data, form.wait_later.data
    preset = form.show.data
    usual_preset = preset == ShowAnswers.AFTER_PASS and "show_answers" not in before
    wanted["show_answers"] = None if preset == CUSTOM or usual_preset else preset
    return wanted


def review_of(form: QuizForm, before: Mapping[str, Any]) -> dict[str, Value]:
    """What is shown when; empty where a preset says it. The same parts stay in their order."""
    if form.show.data != CUSTOM:
        return {}
    said = before.get("review", {}) if isinstance(before.get("review"), dict) else {}
    wanted: dict[str, Value] = {}
    for moment in (*said, *MOMENTS):
        if moment in MOMENTS and moment not in wanted and form[moment].data:
            parts = [part.value for part in Shown if part.value in form[moment].data]
            same = isinstance(said.get(moment), list) and set(said[moment]) == set(parts)
            wanted[moment] = said[moment] if same else parts
    return wanted


def rows_of(form: QuizForm, shuffle: bool) -> dict[str, list[dict[str, Value]]]:
    """The rows that are filled in."""
    sections: list[dict[str, Value]] = []
    for row in form.sections:
        given = row.form
        each: dict[str, Value | None] = {
            "title": given.title.data, "tag": given.tag.data, "draw": given.draw.data,
            "shuffle": None if given.shuffle.data == shuffle else given.shuffle.data,
        }  # fmt: skip
        sections.append({name: v for name, v in each.items() if v not in (None, "")})
    feedback: list[dict[str, Value]] = [
        {"from": row.form.least.data, "text": row.form.text.data}
        for row in form.feedback
        if row.form.text.data and row.form.least.data is not None
    ]
    hints: dict[str, list[str]] = {}
    for row in form.hints:
        if row.form.text.data and row.form.question.data:
            hints.setdefault(row.form.question.data, []).append(row.form.text.data)
    of_questions: list[dict[str, Value]] = [
        {"question": key, "texts": texts} for key, texts in hints.items()
    ]
    return {"sections": sections, "feedback": feedback, "hints": of_questions}
