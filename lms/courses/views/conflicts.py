"""Settings that two people saved: what each of them wrote side by side, and both joined where only
one of them changed something."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
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

if TYPE_CHECKING:
    from lms.courses.models import DraftFile

Values = dict[str, Any]
Rows = list[dict[str, Any]]
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
    the form of what is kept now with other settings on top of it."""
    if settings_of(file.path, file.text or "") is None:  # nothing can be joined to it
        return form, Conflict(told_words(file))
    base, mine, theirs = _base(form), _settings(form), fill({})
    plain = json.loads(base_of(form))
    own = {k: v for k, v in mine.items() if base is None or plain[k] != base.get(k)}
    kept = _settings(theirs)
    for name in own:
        lists = [each.get(name) or [] for each in (base or {}, own, kept)]
        if base is not None and any(lists) and all(_are_rows(each) for each in lists):
            own[name] = _joined_rows(*lists)
    rows = difference.rows(_words(theirs), _words(form))
    joined = fill(own)
    joined["base"].data = base_of(theirs)
    return joined, Conflict(told_words(file), rows, is_joined=base is not None)


def with_own(file: "DraftFile", own: Values) -> Values:
    """What a file says, with other settings on top of it; None takes one out."""
    values = {**(settings_of(file.path, file.text or "") or {}), **own}
    return {name: value for name, value in values.items() if value is not None}


def _are_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _joined_rows(base: Rows, mine: Rows, theirs: Rows) -> Rows:
    """Rows that two people changed, each by itself: what one of them added, changed or took out is
    so afterwards; where both did, as mine has it."""
    keys = {str(row["key"]) for row in base if row.get("key")}
    was, own, found = (_by_name(rows, keys) for rows in (base, mine, theirs))
    names = [n for n in found if n in own or n not in was]
    before = -1
    for name, row in own.items():
        is_changed = _plain(row) != _plain(was.get(name))
        if name in found:
            if is_changed:
                found[name] = row
        elif is_changed:
            taken = {each["key"] for each in found.values() if each.get("key")}
            found[name] = {**row, "key": ""} if row.get("key") in taken else row
            names.insert(before + 1, name)
        before = names.index(name) if name in names else before
    return [found[name] for name in names]


def _by_name(rows: Rows, keys: Collection[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows by what tells them apart, and by their number among those of the same name: by their
    key, if it was there at the beginning, else by the words of a goal, the competency of an
    outcome, the least score of a feedback; others by all that they say."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        name = _name(row, keys)
        found[name, seen[name]] = row
        seen[name] += 1
    return found


def _name(row: dict[str, Any], keys: Collection[str]) -> str:
    if "key" in row:
        return f"key {row['key']}" if str(row["key"]) in keys else str(row.get("text"))
    for name in ("competency", "least"):
        if row.get(name) is not None:
            return str(row[name])
    return _plain(row)


def _plain(row: object) -> str:
    return json.dumps(row, default=str, sort_keys=True)


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
    first, *others = fields = [field for field in form if _is_shown(field)]
    if all(field.data in (None, "", False, field.default) for field in fields):
        return ""
    told = [(field, _shown(field)) for field in others]
    return "; ".join(
        words
        for words in (_shown(first), *(f"{f.label.text}: {words}" for f, words in told if words))
        if words
    )
