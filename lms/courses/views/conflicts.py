"""Settings that two people saved: what each of them wrote side by side, and both joined where only
one of them changed something."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flask_babel import gettext
from wtforms import BooleanField, FieldList, HiddenField
from wtforms.fields.choices import SelectChoice, SelectFieldBase
from wtforms.widgets import HiddenInput

from lms.core import i18n
from lms.core.access import current_actor
from lms.core.forms import Form
from lms.formats import difference
from lms.formats.course_folder.outline import settings_of
from lms.formats.course_folder.writing import with_settings

if TYPE_CHECKING:
    from lms.courses.models import DraftFile

Values = dict[str, Any]
F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Conflict:
    """Who saved meanwhile, and how what is kept differs from what was typed; `is_joined`: the form
    holds both. `is_removed`: there is nothing to save to until the file is brought back."""

    told: str
    rows: Sequence[difference.Row] = ()
    is_joined: bool = False
    is_removed: bool = False


def of_text(file: "DraftFile", typed: str) -> Conflict:
    return Conflict(told_words(file), difference.rows(file.text or "", typed))


def base_of(form: Any) -> str:
    """What a form says at first, to be sent back with it: so it is known what its writer changed.
    It decides only what the form shows after a conflict."""
    return json.dumps(form.settings(), default=str)


def join(file: "DraftFile", form: F, fill: Callable[[Values], F]) -> tuple[F, Conflict]:
    """The form to show in place of one that comes too late: what its writer changed, on top of what
    is kept now. Where it does not say what it began from, all of it counts as changed. `fill` makes
    the form of settings."""
    now = settings_of(file.path, file.text or "")
    if now is None:  # nothing can be joined to it
        return form, Conflict(told_words(file))
    base, mine, theirs = _base(form), _settings(form), fill(now)
    plain = json.loads(base_of(form))
    own = {k: v for k, v in mine.items() if base is None or plain[k] != base.get(k)}
    values = settings_of(file.path, with_settings(file.path, file.text or "", own)) or {}
    rows = difference.rows(_words(theirs), _words(form))
    joined = fill(values)
    joined["base"].data = base_of(theirs)
    return joined, Conflict(told_words(file), rows, is_joined=base is not None)


def _base(form: Form) -> Values | None:
    try:
        found = json.loads(form["base"].data or "")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _settings(form: Any) -> Values:
    found: Values = form.settings()
    return found


def told_words(file: "DraftFile") -> str:
    at = i18n.instant(file.changed_at, current_actor().time_zone)
    return gettext(
        "%(name)s menyimpannya pada %(at)s, sesudah Anda membukanya.",
        name=file.changed_by.name,
        at=at,
    )


def removed() -> Conflict:
    told = gettext(
        "Seseorang menghapusnya sesudah Anda membukanya. Kembalikan dahulu dari “Yang dihapus” "
        "pada Susunan di tab lain, lalu simpan lagi di sini."
    )
    return Conflict(told, is_removed=True)


def _words(form: Form) -> str:
    """Everything that the form says, a line each, as its page shows it."""
    found = []
    for field in form:
        if _is_shown(field):
            found.append(f"{field.label.text}: {_shown(field)}")
    return "\n".join(found)


def _is_shown(field: Any) -> bool:
    return not isinstance(field, HiddenField) and not isinstance(field.widget, HiddenInput)


def _shown(field: Any) -> str:
    if isinstance(field, FieldList):
        rows = [_row(entry.form) for entry in field]
        return "".join(f"\n- {row}" for row in rows if row)
    if isinstance(field, BooleanField):
        return gettext("Ya") if field.data else gettext("Tidak")
    if isinstance(field, SelectFieldBase):
        return _chosen(field)
    return str(field._value()).replace("\r\n", "\n")


def _chosen(field: Any) -> str:
    words = {
        str(each.value if isinstance(each, SelectChoice) else each[0]): str(
            each.label if isinstance(each, SelectChoice) else each[1]
        )
        for each in field.choices or []
    }
    data = field.data if isinstance(field.data, list) else [field.data]
    return i18n.listing([words.get(str(each), str(each)) for each in data if each])


def _row(form: Any) -> str:
    """A row of a list; "" where nothing is typed in it: what has a choice or number from the start
    does not count."""
    first = next(field for field in form if _is_shown(field))
    if not first.data:
        return ""
    return "; ".join(
        words if field is first else f"{field.label.text}: {words}"
        for field in form
        if _is_shown(field) and (words := _shown(field))
    )
