"""How an essay is answered and marked, as its trainer types it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Rows
from wtforms.validators import Optional

from lms.core.forms import at_most
from lms.courses.forms.fields import Whole, between
from lms.formats.course_folder.content import FileType, Handing
from lms.formats.course_folder.essays import (
    MOST_MB,
    MOST_POINTS,
    MOST_WORDS,
    USUAL,
    level_fault,
    levels_of,
)
from lms.formats.course_folder.quiz_text import Value

MOST_CRITERIA = 20


class CriterionRow(Rows):
    criterion = StringField(_l("Kriteria"), [at_most(120)])
    levels = TextAreaField(_l("Tingkat dan poinnya"), [at_most(4000)])


class EssayFields:
    """Fields of a question that is an essay."""

    least_words = Whole(_l("Paling sedikit (kata)"), [Optional(), between(0, MOST_WORDS)])
    most_words = Whole(
        _l("Paling banyak (kata)"), [Optional(), between(0, MOST_WORDS)],
        description=_l("0 untuk tanpa batas."),
    )  # fmt: skip
    handing = SelectField(_l("Berkas"), validate_choice=False)
    file_types = SelectMultipleField(_l("Jenis berkas"), validate_choice=False)
    file_mb = Whole(_l("Ukuran berkas paling besar (MB)"), [Optional(), between(1, MOST_MB)])
    points = Whole(
        _l("Poin tanpa rubrik"), [Optional(), between(1, MOST_POINTS)],
        description=_l("Dengan rubrik, poinnya berasal dari rubrik."),
    )  # fmt: skip
    rubric = FieldList(FormField(CriterionRow), max_entries=MOST_CRITERIA)


def essay_filled(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    """What the form shows of the settings of a quiz, as far as they are of the right kind."""
    own = next((row for row in _rows(values, "essays") if row.get("question") == key), {})
    types = own.get("file_types")
    return {
        "least_words": own.get("least_words", USUAL.least_words),
        "most_words": own.get("most_words", USUAL.most_words),
        "handing": own.get("file", USUAL.file.value),
        "file_types": types if isinstance(types, list) else [t.value for t in USUAL.file_types],
        "file_mb": own.get("file_mb", USUAL.file_mb),
        "points": own.get("points", USUAL.points),
        "rubric": [
            {"criterion": row.get("criterion", ""), "levels": "\n".join(_lines(row))}
            for row in _rows(values, "rubric")
            if row.get("question") == key
        ],
    }


def _rows(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = values.get(name, [])
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _lines(row: Mapping[str, Any]) -> list[str]:
    levels = row.get("levels", [])
    return [str(level) for level in levels] if isinstance(levels, list) else []


def essay_of(form: Any) -> tuple[dict[str, Value], list[dict[str, Value]]]:
    """What the form says for `[[essays]]` and `[[rubric]]`, what is usual left out. What keeps it
    from being so is noted there."""
    rubric = _rubric(form)
    least, most = form.least_words.data or 0, form.most_words.data or 0
    if least > most > 0:
        form.least_words.errors = [gettext("Paling sedikit melebihi paling banyak; ubah satu.")]
    handing = form.handing.data if form.handing.data in set(Handing) else USUAL.file.value
    types = [each.value for each in FileType if each.value in (form.file_types.data or [])]
    wanted: dict[str, tuple[Value, object]] = {
        "least_words": (least, USUAL.least_words),
        "most_words": (most, USUAL.most_words),
        "file": (handing, USUAL.file),
    }
    if handing != Handing.NONE:
        wanted["file_types"] = (types, [each.value for each in USUAL.file_types])
        wanted["file_mb"] = (form.file_mb.data or USUAL.file_mb, USUAL.file_mb)
        if not types:
            form.file_types.errors = [gettext("Pilih paling sedikit satu jenis berkas.")]
            form.form_errors.append(gettext("Pilih paling sedikit satu jenis berkas."))
    if not rubric:
        wanted["points"] = (form.points.data or USUAL.points, USUAL.points)
    essay = {name: value for name, (value, usual) in wanted.items() if value != usual}
    return essay, rubric


def _rubric(form: Any) -> list[dict[str, Value]]:
    found: list[dict[str, Value]] = []
    for row in form.rubric:
        name = " ".join((row.form.criterion.data or "").split())
        lines = [line.strip() for line in (row.form.levels.data or "").splitlines()]
        lines = [line for line in lines if line]
        if not name and not lines:
            continue
        if not name:
            _note(form, row.form.criterion, gettext("Isi nama kriterianya."))
        levels = levels_of(lines)
        if levels is None or level_fault(levels):
            message = gettext(
                "Tulis paling sedikit dua tingkat, satu baris satu tingkat, dengan poin yang "
                "berbeda di depan, misalnya “5: Menyebut dasarnya”."
            )
            _note(form, row.form.levels, message)
        written = [f"{points}: {text}" for points, text in levels or ()]
        found.append({"criterion": name, "levels": written})
    return found


def _note(form: Any, field: Any, message: str) -> None:
    """Also on top: what a row finds is not among the errors of the whole form."""
    field.errors = [*field.errors, message]
    form.form_errors.append(message)
