"""Unit kerja: how far the units within the reach of HR are, and the people behind each figure."""

from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts import rules as people
from lms.core import clock, i18n, paging, tables
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import writing
from lms.development import queries as development
from lms.reports import actions
from lms.reports.queries import gaps, lacking, unit_people, units
from lms.reports.queries.gaps import Cell, Kinds
from lms.reports.queries.members import Asked, Standing
from lms.reports.queries.unit_people import Wanted
from lms.reports.queries.units import Shown, Sight, UnitFigures, UnitOrder
from lms.reports.views.blueprint import bp

READ = Permission.REPORTS_UNITS_READ


# ── Completion ───────────────────────────────────────────────────────────────────────────────


@bp.get("/units", endpoint="units")
@requires(READ)
def units_page() -> ResponseReturnValue:
    """The start page of HR: the topmost unit of the reach, or all of them."""
    return _completion_page(None)


@bp.get("/units/<uuid:uuid>")
@requires(READ)
def unit(uuid: UUID) -> ResponseReturnValue:
    return _completion_page(uuid)


def _completion_page(uuid: UUID | None) -> str:
    actor = current_actor()
    sight = units.sight_of(actor, uuid)
    order, descending = _order()
    found = units.overview(sight, order, descending=descending)
    return render_template(
        "reports/units.html",
        **_frame(actor, sight, found.counted_at),
        overview=found,
        whole=found.whole,
        claims=development.hr_count(actor),
        is_start=not sight.above,
        sort=SimpleNamespace(
            key=order.value, descending=descending, url=_sort_url(order, descending)
        ),
        kept={"sort": _sort_words(order, descending)},
        year=sight.scope.day.year,
    )


def _order() -> tuple[UnitOrder, bool]:
    """What the address asks for; what it cannot be read as is not asked."""
    written = request.args.get("sort", "")
    name = written.removeprefix("-")
    return (UnitOrder(name) if name in set(UnitOrder) else UnitOrder.NAME), written[:1] == "-"


def _sort_words(order: UnitOrder, descending: bool) -> str:
    words = ("-" if descending else "") + order
    return "" if words == UnitOrder.NAME else words


def _sort_url(order: UnitOrder, descending: bool) -> Callable[[str], str]:
    """For the headings: what needs attention first, and a second click turns the order round."""

    def url(key: str) -> str:
        asked = UnitOrder(key)
        falls = asked in (UnitOrder.LATE, UnitOrder.UNDER_TARGET)
        words = _sort_words(asked, not descending if asked is order else falls)
        return _here(sort=words or None)

    return url


def _here(**more: Any) -> str:
    assert request.endpoint is not None
    return url_for(request.endpoint, **(request.view_args or {}), **more)


def _frame(actor: Actor, sight: Sight, counted_at: Any) -> dict[str, Any]:
    """What every page of units shows around its table."""
    uuid = sight.unit.uuid if sight.unit else None
    top = uuid is None or not (sight.above or sight.is_one_of)
    return {
        "unit": sight.unit,
        "above": sight.above,
        "is_one_of": sight.is_one_of,
        "uuid": uuid,
        "completion_url": url_for(".units") if top else url_for(".unit", uuid=uuid),
        "gaps_url": url_for(".gaps") if top else url_for(".unit_gaps", uuid=uuid),
        "counted": i18n.clock_time(counted_at, actor.time_zone) if counted_at else None,
    }


# ── Gaps ─────────────────────────────────────────────────────────────────────────────────────


@bp.get("/units/gaps", endpoint="gaps")
@requires(READ)
def gaps_page() -> ResponseReturnValue:
    return _gaps_page(None)


@bp.get("/units/<uuid:uuid>/gaps")
@requires(READ)
def unit_gaps(uuid: UUID) -> ResponseReturnValue:
    return _gaps_page(uuid)


def _gaps_page(uuid: UUID | None) -> str:
    actor, kinds = current_actor(), _kinds(request.args)
    sight = units.sight_of(actor, uuid)
    found = gaps.heat_map(sight, kinds)
    return render_template(
        "reports/gaps.html",
        **_frame(actor, sight, found.counted_at),
        map=found,
        kinds=kinds,
        kind_links=[
            (gettext("Manajerial dan sosial kultural"), _here(), kinds is Kinds.GENERAL),
            (gettext("Teknis"), _here(kind=Kinds.TECHNICAL), kinds is Kinds.TECHNICAL),
        ],
        scale=_scale(),
        cell_words=_cell_words,
    )


def _kinds(sent: Any) -> Kinds:
    written = sent.get("kind", "")
    return Kinds(written) if written in set(Kinds) else Kinds.GENERAL


def _scale() -> list[str]:
    """0–0,4 / 0,5–0,9 / … / 2,5 lebih"""
    number, tenth = i18n.tenths, gaps.TENTH
    least = (gaps.HEAT[0] * 0, *gaps.HEAT)
    between = [f"{number(low)}–{number(high - tenth)}" for low, high in pairwise(least)]
    return [*between, gettext("%(num)s lebih", num=number(least[-1]))]


def _cell_words(cell: Cell) -> str:
    """What stands behind a number, for who hears it or points at it."""
    words = gettext(
        "rata-rata kurang %(mean)s tingkat; %(below)s dari %(people)s di bawah standar",
        mean=i18n.tenths(cell.mean), below=i18n.number(cell.below), people=i18n.number(cell.people),
    )  # fmt: skip
    if cell.unmeasured:
        words += "; " + gettext("%(num)s belum terukur", num=i18n.number(cell.unmeasured))
    return words


# ── People ───────────────────────────────────────────────────────────────────────────────────


@bp.get("/units/<uuid:uuid>/people", endpoint="unit_people")
@requires(READ)
def people_page(uuid: UUID) -> ResponseReturnValue:
    """Those who stand in a unit; with `competency` those who have to have it, by their gap."""
    actor = current_actor()
    sight = units.sight_of(actor, uuid)
    wanted = _wanted(request.args)
    if wanted.competency is not None:
        return _lacking_page(actor, sight, wanted)
    after = paging.after_uuid()
    found, more = unit_people.people_page(sight, wanted, after)
    kept = _kept(wanted)
    return render_template(
        "reports/unit_people.html",
        **_frame(actor, sight, None),
        rows=found,
        asked=wanted.asked,
        direct=wanted.direct,
        kept=kept,
        chips=_chips(wanted),
        count=unit_people.count_people(sight, wanted),
        year=sight.scope.day.year,
        first_url=_here(**kept) if after else None,
        next_url=_here(**kept, after=found[-1].uuid) if more and found else None,
    )


def _lacking_page(actor: Actor, sight: Sight, wanted: Wanted) -> str:
    after = paging.after_uuid()
    found = lacking.lacking_page(sight, wanted, after)
    kept = _kept(wanted)
    return render_template(
        "reports/unit_gap.html",
        **_frame(actor, sight, found.counted_at),
        competency=wanted.competency,
        direct=wanted.direct,
        rows=found.rows,
        kept=kept,
        count=found.count,
        below=found.below,
        first_url=_here(**kept) if after else None,
        next_url=_here(**kept, after=found.rows[-1].uuid) if found.has_more else None,
    )


def _wanted(sent: Any) -> Wanted:
    """Raises NotFound for a competency that there is not."""
    written = sent.get("competency", "")
    competency = None
    if written:
        uuid = paging.public_id(written)
        if uuid is None:
            raise NotFound
        competency = unit_people.competency_asked(uuid)
    state = sent.get("state", "")
    asked = Asked(
        search=sent.get("q", "").strip()[:100],
        standing=Standing(state) if state in set(Standing) else None,
    )
    return Wanted(Asked() if competency else asked, competency, direct=sent.get("direct") == "1")


def _kept(wanted: Wanted) -> dict[str, str]:
    """What is asked for, as it stands in an address."""
    values = {
        "q": wanted.asked.search,
        "state": wanted.asked.standing or "",
        "competency": str(wanted.competency.uuid) if wanted.competency else "",
        "direct": "1" if wanted.direct else "",
    }
    return {name: value for name, value in values.items() if value}


def _chips(wanted: Wanted) -> list[tuple[str, str, bool]]:
    """(words, address, whether it is what is shown) of each way to narrow the people."""
    words = {
        None: gettext("Semua"),
        Standing.LATE: gettext("Terlambat"),
        Standing.UNDER_TARGET: gettext("JP di bawah target"),
        Standing.NOT_STARTED: gettext("Belum mulai"),
        Standing.EXPIRING: gettext("Sertifikat segera berakhir"),
    }
    asked = wanted.asked
    return [
        (
            text,
            _here(**_kept(Wanted(Asked(asked.search, standing), direct=wanted.direct))),
            standing is asked.standing,
        )
        for standing, text in words.items()
    ]


# ── As a file ────────────────────────────────────────────────────────────────────────────────


@bp.post("/units/export")
@requires(READ)
def export_units() -> ResponseReturnValue:
    """What a page of units shows, as a CSV or XLSX file; all of its rows and columns."""
    actor, sent = current_actor(), request.form
    written = sent.get("unit", "")
    uuid = paging.public_id(written)
    if written and uuid is None:
        raise NotFound
    sight = units.sight_of(actor, uuid)
    table = _TABLES.get(sent.get("table", ""))
    if table is None:
        return redirect(url_for(".units"))
    name, rows, wanted = table(sight)
    kind = tables.wanted_kind()
    file, count = tables.table_file(kind, rows, sheet=name)
    with writing():
        actions.note_export(
            actor, f"units.{sent['table']}", rows=count - 1, searched=bool(wanted.asked.search),
            state=wanted.asked.standing or "", unit=sight.unit.uuid if sight.unit else None,
            competency=wanted.competency.code if wanted.competency else "", direct=wanted.direct,
        )  # fmt: skip
    day = clock.today(actor.time_zone).isoformat()
    return tables.table_response(kind, file, name=f"{name.lower().replace(' ', '-')}-{day}")


_Table = tuple[str, Iterator[list[object]], Wanted]


def _completion_table(sight: Sight) -> _Table:
    written = request.form.get("sort", "")
    name = written.removeprefix("-")
    order = UnitOrder(name) if name in set(UnitOrder) else UnitOrder.NAME
    found = units.overview(sight, order, descending=written.startswith("-"))
    headings: list[object] = [
        gettext("Unit kerja"), gettext("Pegawai"), gettext("Wajib selesai"), gettext("Wajib semua"),
        gettext("Wajib selesai, persen"), gettext("Wajib terlambat"), gettext("Pegawai terlambat"),
        gettext("Pegawai dengan JP di bawah target"),
    ]  # fmt: skip
    rows = (_completion_cells(unit_words(row), figures) for row, figures in found.rows)
    whole = _completion_cells(gettext("Semua"), found.whole)
    return gettext("Unit kerja"), chain([headings], rows, [whole]), Wanted()


def _completion_cells(name: str, f: UnitFigures) -> list[object]:
    d = f.duties
    return [name, f.people, d.done, d.all, f.done_percent, d.late, f.late, f.under_target]


def unit_words(row: Shown) -> str:
    return gettext("Langsung di %(unit)s", unit=row.name) if row.direct else row.name


def _gaps_table(sight: Sight) -> _Table:
    found = gaps.heat_map(sight, _kinds(request.form), most=None)
    headings: list[object] = [gettext("Unit kerja"), gettext("Pegawai")]
    headings += [f"{column.code} {column.name}" for column in found.columns]
    rows: Iterator[list[object]] = (
        [unit_words(row.unit), row.people, *(cell.mean if cell else None for cell in row.cells)]
        for row in found.rows
    )
    whole: list[object] = [gettext("Semua"), found.people, *(cell.mean for cell in found.whole)]
    return gettext("Peta kesenjangan"), chain([headings], rows, [whole]), Wanted()


def _people_table(sight: Sight) -> _Table:
    wanted = _wanted(request.form)
    if wanted.competency is not None:
        return _lacking_table(sight, wanted)
    headings: list[object] = [
        gettext("NIP"), gettext("Nama"), gettext("Jabatan"), gettext("Unit kerja"),
        gettext("Wajib selesai"), gettext("Wajib belum selesai"), gettext("Wajib terlambat"),
        gettext("JP %(year)s", year=sight.scope.day.year), gettext("Target JP"),
    ]  # fmt: skip
    rows: Iterator[list[object]] = (
        [
            people.spaced_nip(row.nip), row.name, row.position, row.unit,
            row.duties.done, row.duties.owed, row.duties.late, row.hours, row.target,
        ]
        for row in unit_people.all_people(sight, wanted)
    )  # fmt: skip
    return gettext("Pegawai unit"), chain([headings], rows), wanted


def _lacking_table(sight: Sight, wanted: Wanted) -> _Table:
    headings: list[object] = [
        gettext("NIP"), gettext("Nama"), gettext("Jabatan"), gettext("Unit kerja"),
        gettext("Kompetensi"), gettext("Tingkat"), gettext("Standar"), gettext("Kesenjangan"),
    ]  # fmt: skip
    assert wanted.competency is not None
    name = f"{wanted.competency.code} {wanted.competency.name}"
    rows: Iterator[list[object]] = (
        [
            people.spaced_nip(row.nip), row.name, row.position, row.unit, name,
            row.level or None, row.required, row.gap,
        ]
        for row in lacking.all_lacking(sight, wanted)
    )  # fmt: skip
    return gettext("Kesenjangan pegawai"), chain([headings], rows), wanted


_TABLES: dict[str, Callable[[Sight], _Table]] = {
    "completion": _completion_table,
    "gaps": _gaps_table,
    "people": _people_table,
}
