"""What stands between somebody and a course, in words."""

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from lms.accounts.rules import PositionKind
from lms.core import i18n
from lms.learning.queries.entering import Door, Policy
from lms.learning.rules import EnrolmentWay, Entry

KINDS: dict[PositionKind, LazyString] = {
    PositionKind.JPT: _l("Pimpinan tinggi"),
    PositionKind.ADMINISTRATOR: _l("Administrator"),
    PositionKind.PENGAWAS: _l("Pengawas"),
    PositionKind.FUNGSIONAL: _l("Fungsional"),
    PositionKind.PELAKSANA: _l("Pelaksana"),
}
MOST_NAMED = 4


def audience_words(policy: Policy) -> str:
    """Hanya untuk Dinas A dan Dinas B; empty where it is for everybody."""
    units = _few([name for _, name in policy.units])
    positions = _few(
        [*(str(KINDS[kind]) for kind in policy.kinds), *(name for _, name in policy.positions)]
    )
    if units and positions:
        return gettext(
            "Hanya untuk jabatan %(positions)s di %(units)s", positions=positions, units=units
        )
    if units:
        return gettext("Hanya untuk %(units)s", units=units)
    return gettext("Hanya untuk jabatan %(positions)s", positions=positions) if positions else ""


def _few(names: list[str]) -> str:
    if len(names) > MOST_NAMED:
        rest = len(names) - MOST_NAMED + 1
        names = [*names[: MOST_NAMED - 1], gettext("%(num)s lainnya", num=rest)]
    return i18n.listing(names) if names else ""


def way_words(way: EnrolmentWay) -> str:
    return {
        EnrolmentWay.DIRECT: "",
        EnrolmentWay.APPROVAL: gettext("Perlu persetujuan"),
        EnrolmentWay.INVITATION: gettext("Hanya dengan undangan"),
    }[way]


def door_words(door: Door) -> str:
    """What stands before the reader, in few words; empty where nothing does."""
    match door.entry:
        case Entry.NOT_FOR:
            return audience_words(door.policy)
        case Entry.ASK | Entry.BY_INVITATION:
            return way_words(door.policy.way)
        case Entry.LACKING:
            titles = [course.title for course in door.lacking]
            return gettext("Selesaikan dahulu %(courses)s", courses=_few(titles))
        case Entry.ASKED:
            return gettext("Menunggu persetujuan")
        case Entry.INVITED:
            return gettext("Anda diundang")
        case _:
            return ""
