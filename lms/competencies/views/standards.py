"""The standards of positions and of tiers: to read for everybody, to edit for HR of the site."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.competencies.actions import dictionary as acts
from lms.competencies.actions.dictionary import Requirement
from lms.competencies.forms import StandardForm
from lms.competencies.queries import dictionary, name_of
from lms.competencies.queries import standards as queries
from lms.competencies.queries.standards import Kept, Target
from lms.competencies.views.blueprint import KINDS, TIERS, bp, saved_words, span
from lms.core import clock, paging, tables
from lms.core.access import Permission, current_actor, requires
from lms.core.errors import DomainError
from lms.core.forms import writing

if TYPE_CHECKING:
    from lms.competencies.models import CompetencyStandard

READ, MANAGE = Permission.COMPETENCIES_DICTIONARY_READ, Permission.COMPETENCIES_DICTIONARY_MANAGE


@bp.get("/standards", endpoint="standards")
@requires(READ)
def standards_page() -> ResponseReturnValue:
    search, after = paging.search_words(), paging.after_uuid()
    kept = _kept(request.args.get("state", ""))
    day = clock.today(current_actor().time_zone)
    found, more = queries.positions(day, search=search, kept=kept, after=after)
    chosen: dict[str, Any] = {"q": search or None, "state": kept}
    return render_template(
        "competencies/standards.html",
        rows=[(row, str(TIERS[row.tier])) for row in found],
        search=search,
        kept=kept,
        states=[
            (Kept.OWN, gettext("Dengan standar sendiri")),
            (Kept.TIER, gettext("Mengikuti jenjang")),
            (Kept.NONE, gettext("Tanpa standar")),
        ],
        is_filtered=bool(search or kept),
        may_manage=dictionary.may_manage(current_actor()),
        first_url=url_for(".standards", **chosen) if after else None,
        next_url=url_for(".standards", **chosen, after=found[-1].uuid) if more else None,
    )


@bp.get("/standards/tiers")
@requires(READ)
def tiers() -> ResponseReturnValue:
    counts = queries.tier_counts(clock.today(current_actor().time_zone))
    return render_template(
        "competencies/tiers.html",
        rows=[
            (str(words), tier.replace("_", "-"), counts.get(tier, 0))
            for tier, words in TIERS.items()
        ],
    )


@bp.get("/standards/file")
@requires(READ)
def standards_file() -> ResponseReturnValue:
    """Every row that holds today as CSV or XLSX; it holds nothing about anybody."""
    day = clock.today(current_actor().time_zone)
    kind = request.args.get("format", "")
    return tables.table_of(_table(day), kind, name=gettext("standar-kompetensi"))


def _table(day: date) -> Iterator[list[object]]:
    yield ["jenjang", "jabatan", "nama_jabatan", "kompetensi", "tingkat", "bobot", "mulai", "dasar"]
    for row in queries.all_in_force(day):
        yield [
            row.tier, row.position, row.name, row.competency, row.required_level, row.weight,
            row.start_on, row.source,
        ]  # fmt: skip


@bp.get("/standards/positions/<uuid:uuid>")
@requires(READ)
def position_standard(uuid: UUID) -> ResponseReturnValue:
    return _page(queries.position_target(uuid))


@bp.get("/standards/tiers/<slug:tier>")
@requires(READ)
def tier_standard(tier: str) -> ResponseReturnValue:
    return _page(queries.tier_target(tier))


@bp.post("/standards/positions/<uuid:uuid>/set")
@requires(MANAGE)
def set_position_standard(uuid: UUID) -> ResponseReturnValue:
    return _set(queries.position_target(uuid))


@bp.post("/standards/tiers/<slug:tier>/set")
@requires(MANAGE)
def set_tier_standard(tier: str) -> ResponseReturnValue:
    return _set(queries.tier_target(tier))


def _set(target: Target) -> ResponseReturnValue:
    """Change one competency of a standard."""
    actor, form = current_actor(), _new_form()
    dictionary.assert_may_manage(actor)
    address = _address(target)
    if form.validate():
        with writing(form):
            found = dictionary.competency_by_code((form.competency.data or "").strip().upper())
            if found is None:
                raise DomainError(gettext("Tidak ada kompetensi dengan kode ini"), "competency")
            changed = acts.set_standard(actor, _again(target), found, _requirement(form))
            flash(saved_words(changed=changed), "ok")
            return redirect(address)
        target = _again(target)
    return _page(target, form), 422


def _again(target: Target) -> Target:
    """The same target, read anew in the transaction of now."""
    return queries.position_target(target.uuid) if target.uuid else target


def _requirement(form: StandardForm) -> Requirement:
    assert form.weight.data is not None
    assert form.start_on.data is not None
    return Requirement(
        level=int(form.level.data),
        weight=form.weight.data,
        start_on=form.start_on.data,
        source=" ".join((form.source.data or "").split()),
    )


def _new_form(**values: object) -> StandardForm:
    form = StandardForm(**values)
    form.level.choices = [
        *((str(n), str(n)) for n in range(1, 6)),
        ("0", gettext("tidak dipersyaratkan lagi")),
    ]
    return form


def _page(target: Target, form: StandardForm | None = None) -> str:
    actor = current_actor()
    day = clock.today(actor.time_zone)
    rows = queries.standard_on(target, day)
    may_manage = dictionary.may_manage(actor)
    return render_template(
        "competencies/standard.html",
        title=target.position.name if target.position else str(TIERS[target.tier]),
        code=target.position.code if target.position else "",
        tier=str(TIERS[target.tier]),
        tier_url=url_for(".tier_standard", tier=target.tier.replace("_", "-")),
        of_position=target.position is not None,
        rows=[_row(row) for row in rows],
        history=[_past(row) for row in queries.history_of(target)],
        may_manage=may_manage,
        address=_address(target),
        action=_address(target) + "/set",
        form=(form or _prefilled(rows)) if may_manage else None,
        choices=dictionary.choices() if may_manage else [],
    )


def _prefilled(rows: "list[CompetencyStandard]") -> StandardForm:
    """The form for the competency that the address names, as it is required now."""
    code = request.args.get("competency", "")[:30]
    row = next((row for row in rows if row.competency.code == code), None)
    return _new_form(
        formdata=None,
        competency=code,
        level=str(row.required_level) if row else "1",
        weight=row.weight if row else 1,
        source=row.source if row else "",
        start_on=clock.today(current_actor().time_zone),
    )


def _address(target: Target) -> str:
    if target.uuid is None:
        return url_for(".tier_standard", tier=target.tier.replace("_", "-"))
    return url_for(".position_standard", uuid=target.uuid)


def _row(row: "CompetencyStandard") -> dict[str, object]:
    return {
        "uuid": row.competency.uuid,
        "code": row.competency.code,
        "name": name_of(row.competency),
        "kind": str(KINDS[row.competency.kind]),
        "level": row.required_level,
        "weight": row.weight,
        "source": row.source,
        "span": span(row.start_on, row.end_on),
        "of_tier": row.position_id is None,
        "needs_verification": row.needs_verification,
    }


def _past(row: "CompetencyStandard") -> dict[str, object]:
    by = row.set_by.name if row.set_by else gettext("data rujukan awal")
    return {**_row(row), "by": by}


def _kept(typed: str) -> Kept | None:
    return Kept(typed) if typed in set(Kept) else None
