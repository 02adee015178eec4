"""What an entry of the audit log holds besides who, what and whom, in words."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from lms.accounts import rules
from lms.accounts.queries import import_words
from lms.accounts.rules.importing import ImportKind, Verdict
from lms.accounts.views.account import role_words
from lms.core import i18n

# A test keeps these whole for this room and those below it.
LABELS: dict[str, LazyString] = {
    "backed_up_at": _l("cadangan dari"),
    "columns": _l("kolom"),
    "competency": _l("kompetensi"),
    "count": _l("jumlah"),
    "course": _l("kursus"),
    "did": _l("keadaan"),
    "direct": _l("langsung di unit"),
    "due_on": _l("batas"),
    "end_on": _l("sampai"),
    "end_on_before": _l("semula sampai"),
    "ended": _l("sesi diakhiri"),
    "endpoint": _l("halaman"),
    "enrolments": _l("pendaftaran"),
    "faults": _l("kerusakan"),
    "giver": _l("pemberi wewenang"),
    "import": _l("impor"),
    "job": _l("pekerjaan"),
    "kind": _l("jenis"),
    "method": _l("cara"),
    "number": _l("nomor"),
    "on_behalf_of": _l("atas nama"),
    "people": _l("pegawai"),
    "people_so_far": _l("pegawai saat itu"),
    "points": _l("poin"),
    "points_before": _l("poin semula"),
    "reason": _l("alasan"),
    "revision": _l("revisi"),
    "role": _l("peran"),
    "rows": _l("baris"),
    "searched": _l("dengan pencarian"),
    "sessions_ended": _l("sesi diakhiri"),
    "files": _l("berkas"),
    "bytes": _l("bita"),
    "start_on": _l("mulai"),
    "state": _l("keadaan"),
    "successor": _l("pengganti"),
    "table": _l("tabel"),
    "unit": _l("unit"),
    "whole": _l("semua atau tidak sama sekali"),
    "whole_unit": _l("seluruh unit"),
}
_NAMED = ("unit", "on_behalf_of", "giver")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KINDS: dict[str, Callable[[str], str]] = {
    "role": lambda value: role_words(rules.Role(value)),
    "kind": lambda value: import_words.kind_words(ImportKind(value)),
    "did": lambda value: import_words.verdict_words(Verdict(value)),
}


def uuids_in(details: Mapping[str, object]) -> set[UUID]:
    """Units and people that the details name."""
    values = (str(details.get(key, "")) for key in _NAMED)
    return {UUID(value) for value in values if _UUID.fullmatch(value)}


def in_words(details: Mapping[str, object], names: Mapping[UUID, str]) -> str:
    """Every detail with its label; those without a value are left out."""
    said = []
    for key, value in details.items():
        words = _value(key, str(value), names)
        if words:
            said.append(f"{LABELS.get(key, key)}: {words}")
    return "; ".join(said)


def _value(key: str, value: str, names: Mapping[UUID, str]) -> str:
    if value in ("", "None"):
        return ""
    if value in ("True", "False"):
        return gettext("ya") if value == "True" else gettext("tidak")
    if _UUID.fullmatch(value):
        return names.get(UUID(value), value[:8])
    try:
        if key in _KINDS:
            return _KINDS[key](value)
        return i18n.long_date(date.fromisoformat(value)) if len(value) == 10 else value
    except ValueError:  # another kind of the same name, or no day
        return value
