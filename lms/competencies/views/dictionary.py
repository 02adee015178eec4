"""The competency dictionary: to read for everybody, to edit for HR of the whole site."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.competencies import rules
from lms.competencies.actions import dictionary as acts
from lms.competencies.actions.dictionary import Wording
from lms.competencies.forms import CompetencyForm, NewCompetencyForm
from lms.competencies.queries import dictionary as queries
from lms.competencies.queries import name_of, standards
from lms.competencies.queries.ledgers import is_recounted
from lms.competencies.rules import CompetencyKind, RatingRule
from lms.competencies.views.blueprint import (
    KINDS,
    LEVEL_NAMES,
    RULE_WORDS,
    RULES,
    TIERS,
    bp,
)
from lms.core import clock, i18n, paging, tables
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import writing

if TYPE_CHECKING:
    from lms.competencies.models import Competency, CompetencyRevision

READ, MANAGE = Permission.COMPETENCIES_DICTIONARY_READ, Permission.COMPETENCIES_DICTIONARY_MANAGE


@bp.get("/competencies", endpoint="dictionary")
@requires(READ)
def dictionary_page() -> ResponseReturnValue:
    search, after = paging.search_words(), paging.after_uuid()
    kind = _kind(request.args.get("kind", ""))
    found, more = queries.entries(search, kind, after)
    chosen: dict[str, Any] = {"q": search or None, "kind": kind}
    return render_template(
        "competencies/dictionary.html",
        rows=[(row, str(KINDS[row.kind])) for row in found],
        search=search,
        kinds=[(each, str(words)) for each, words in KINDS.items()],
        kind=kind,
        is_filtered=bool(search or kind),
        may_manage=queries.may_manage(current_actor()),
        first_url=url_for(".dictionary", **chosen) if after else None,
        next_url=url_for(".dictionary", **chosen, after=found[-1].uuid) if more else None,
    )


@bp.get("/competencies/file")
@requires(READ)
def dictionary_file() -> ResponseReturnValue:
    """The whole dictionary as CSV or XLSX; it holds nothing about anybody."""
    kind = request.args.get("format", "")
    return tables.table_of(_table(), kind, name=gettext("kamus-kompetensi"))


def _table() -> Iterator[list[object]]:
    """One competency a row; headings are the same in every language."""
    yield [
        "kode",
        "jenis",
        "bidang",
        "nama",
        "nama_en",
        "definisi",
        *_level_headings(),
        "aturan_tingkat",
    ]
    for row in queries.whole_dictionary():
        levels = ["\n".join(lines) for lines in row.levels]
        yield [
            row.code, row.kind, row.field, row.name, row.name_en, row.definition, *levels,
            row.rating_rule,
        ]  # fmt: skip


def _level_headings() -> list[str]:
    return [f"tingkat_{number}" for number in range(1, rules.LEVELS + 1)]


@bp.get("/competencies/<uuid:uuid>")
@requires(READ)
def competency(uuid: UUID) -> ResponseReturnValue:
    actor, found = current_actor(), queries.competency_by_uuid(uuid)
    tiers, positions = standards.required_by(found, clock.today(actor.time_zone))
    order = list(TIERS)
    return render_template(
        "competencies/competency.html",
        competency=found,
        name=name_of(found),
        kind=str(KINDS[found.kind]),
        levels=list(zip(map(str, LEVEL_NAMES), found.levels, strict=True)),
        rule=str(RULES[found.rating_rule]),
        rule_words=str(RULE_WORDS[found.rating_rule]),
        is_recounted=is_recounted(found.id),
        tiers=[
            (str(TIERS[tier]), tier.replace("_", "-"), level)
            for tier, level in sorted(tiers, key=lambda row: order.index(row[0]))
        ],
        positions=positions,
        revisions=[_revision(row, actor.time_zone) for row in queries.revisions_of(found)],
        may_manage=queries.may_manage(actor),
    )


def _revision(row: "CompetencyRevision", zone: str) -> dict[str, object]:
    return {
        "number": row.number,
        "at": i18n.instant(row.changed_at, zone),
        "by": row.changed_by.name if row.changed_by else gettext("data rujukan awal"),
        "reason": row.reason,
        "name": row.name,
        "definition": row.definition,
        "levels": list(zip(map(str, LEVEL_NAMES), row.levels, strict=True)),
        "rule": str(RULES[row.rating_rule]),
    }


@bp.route("/competencies/new", methods=["GET", "POST"])
@requires(MANAGE)
def new_competency() -> ResponseReturnValue:
    actor, form, status = current_actor(), NewCompetencyForm(), 200
    queries.assert_may_manage(actor)
    form.kind.choices = [(kind.value, str(words)) for kind, words in KINDS.items()]
    form.rating_rule.choices = _rules()
    if request.method == "GET":
        form.kind.data = CompetencyKind.TECHNICAL.value
        form.rating_rule.data = RatingRule.HIGHEST.value
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                added = acts.add_competency(
                    actor,
                    code=(form.code.data or "").strip(),
                    kind=CompetencyKind(form.kind.data),
                    wording=_wording(form),
                    reason=form.reason.data or "",
                )
                flash(gettext("Kompetensi ditambahkan."), "ok")
                return redirect(url_for(".competency", uuid=added.uuid))
    return _form_page(form, None), status


@bp.route("/competencies/<uuid:uuid>/edit", methods=["GET", "POST"])
@requires(MANAGE)
def edit_competency(uuid: UUID) -> ResponseReturnValue:
    actor, status = current_actor(), 200
    queries.assert_may_manage(actor)
    found = queries.competency_by_uuid(uuid)
    form = CompetencyForm() if request.method == "POST" else _filled(found)
    form.rating_rule.choices = _rules()
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                changed = acts.change_competency(
                    actor,
                    queries.competency_by_uuid(uuid),
                    wording=_wording(form),
                    reason=form.reason.data or "",
                    seen=form.seen.data,
                )
                words = (
                    gettext("Perubahan disimpan.") if changed else gettext("Tidak ada yang diubah.")
                )
                flash(words, "ok")
                return redirect(url_for(".competency", uuid=uuid))
            found = queries.competency_by_uuid(uuid)  # the refusal has ended its transaction
    return _form_page(form, found), status


def _filled(found: "Competency") -> CompetencyForm:
    values = {
        f"level_{number}": "\n".join(lines) for number, lines in enumerate(found.levels, start=1)
    }
    return CompetencyForm(
        formdata=None,
        name=found.name,
        name_en=found.name_en,
        field=found.field,
        definition=found.definition,
        seen=queries.last_number(found),
        rating_rule=found.rating_rule.value,
        **values,
    )


def _rules() -> list[tuple[str, str]]:
    return [(rule.value, str(words)) for rule, words in RULES.items()]


def _form_page(form: CompetencyForm, found: "Competency | None") -> str:
    return render_template(
        "competencies/edit_competency.html",
        form=form,
        competency=found,
        rules=[(str(words), str(RULE_WORDS[rule])) for rule, words in RULES.items()],
    )


def _wording(form: CompetencyForm) -> Wording:
    return Wording(
        name=_line(form.name.data),
        name_en=_line(form.name_en.data) or None,
        field=_line(form.field.data) or None,
        definition=(form.definition.data or "").strip(),
        levels=[
            rules.indicators(form[f"level_{number}"].data or "")
            for number in range(1, rules.LEVELS + 1)
        ],
        rating_rule=RatingRule(form.rating_rule.data),
    )


def _line(typed: str | None) -> str:
    return " ".join((typed or "").split())


def _kind(typed: str) -> CompetencyKind | None:
    return CompetencyKind(typed) if typed in set(CompetencyKind) else None
