"""The yearly targets of learning hours, and how forms of development become hours: to read for
everybody, to set for HR of the whole site."""

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lms.accounts.rules import Employment
from lms.competencies.actions import hour_policies as acts
from lms.competencies.actions.hour_policies import Basis, Conversion
from lms.competencies.actions.policies import first_day
from lms.competencies.forms import HourFormForm, HourTargetForm
from lms.competencies.queries import dictionary, name_of
from lms.competencies.queries import policies as queries
from lms.competencies.rules import HourCategory, HourUnit
from lms.competencies.views.blueprint import UNITS, bp, line_of, saved_words, set_by, span
from lms.core import clock, i18n
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import writing

if TYPE_CHECKING:
    from lms.competencies.models import HourForm, HourTarget

READ, MANAGE = Permission.COMPETENCIES_DICTIONARY_READ, Permission.COMPETENCIES_DICTIONARY_MANAGE
CATEGORIES = {
    HourCategory.EDUCATION: _l("Pendidikan"),
    HourCategory.CLASSICAL: _l("Pelatihan klasikal"),
    HourCategory.NONCLASSICAL: _l("Pelatihan nonklasikal"),
}


# ── Targets ──────────────────────────────────────────────────────────────────────────────────


@bp.get("/hour-targets")
@requires(READ)
def hour_targets() -> ResponseReturnValue:
    return _targets_page(None)


@bp.post("/hour-targets/set")
@requires(MANAGE)
def set_hour_target() -> ResponseReturnValue:
    actor, form = current_actor(), HourTargetForm()
    dictionary.assert_may_manage(actor)
    if form.validate():
        with writing(form):
            assert form.target_jp.data is not None
            assert form.year.data is not None
            changed = acts.set_hour_target(
                actor,
                Employment(form.employment.data),
                target_jp=form.target_jp.data,
                year=form.year.data,
                basis=Basis(line_of(form.source.data), form.needs_verification.data),
            )
            flash(saved_words(changed=changed), "ok")
            return redirect(url_for(".hour_targets"))
    return _targets_page(form), 422


def _targets_page(form: HourTargetForm | None) -> str:
    actor = current_actor()
    year, rows = clock.today(actor.time_zone).year, queries.hour_targets()
    now = queries.targets_of(rows, year)
    may_manage = dictionary.may_manage(actor)
    if form is None:
        asked = request.args.get("employment", "")
        status = Employment(asked) if asked in set(Employment) else Employment.PNS
        form = HourTargetForm(formdata=None, obj=now.get(status), employment=status)
        form.year.data, form.source.data = year, ""
    form.employment.choices = [(each.value, each.upper()) for each in Employment]
    return render_template(
        "competencies/hour_targets.html",
        rows=[_target(now[each]) for each in Employment if each in now],
        unset=[each.upper() for each in Employment if each not in now],
        history=[_target(row) for row in rows],
        year=year,
        form=form if may_manage else None,
    )


def _target(row: "HourTarget") -> dict[str, object]:
    return {
        "name": row.employment.upper(),
        "jp": row.target_jp,
        "source": row.source,
        "span": _years(row),
        "needs_verification": row.needs_verification,
        "by": set_by(row),
        "edit_url": url_for(".hour_targets", employment=row.employment, _anchor="ubah"),
    }


def _years(row: "HourTarget") -> str:
    """For which years a target holds; that of a year is the one of its last day."""
    first = row.start_on.year
    if row.end_on is None:
        return gettext("sejak %(year)s", year=first)
    ends_the_year = (row.end_on.month, row.end_on.day) == (12, 31)
    last = row.end_on.year if ends_the_year else row.end_on.year - 1
    if last < first:
        return gettext("diganti sebelum %(year)s berakhir", year=first)
    return gettext("%(first)s sampai %(last)s", first=first, last=last)


# ── Forms ────────────────────────────────────────────────────────────────────────────────────


@bp.get("/hour-forms")
@requires(READ)
def hour_forms() -> ResponseReturnValue:
    return _forms_page(None)


@bp.post("/hour-forms/set")
@requires(MANAGE)
def set_hour_form() -> ResponseReturnValue:
    actor, form = current_actor(), HourFormForm()
    dictionary.assert_may_manage(actor)
    if form.validate():
        with writing(form):
            assert form.start_on.data is not None
            changed = acts.set_hour_form(
                actor,
                _conversion(form),
                start_on=form.start_on.data,
                basis=Basis(line_of(form.source.data), form.needs_verification.data),
                ended=form.ended.data,
            )
            flash(saved_words(changed=changed), "ok")
            return redirect(url_for(".hour_forms"))
    return _forms_page(form), 422


def _conversion(form: HourFormForm) -> Conversion:
    return Conversion(
        code=line_of(form.code.data).upper(),
        name=line_of(form.name.data),
        name_en=line_of(form.name_en.data) or None,
        category=HourCategory(form.category.data),
        unit=HourUnit(form.unit.data),
        jp=form.jp.data,
        jp_abroad=form.jp_abroad.data,
        daily_cap=form.daily_cap.data,
        cap_applies=form.cap_applies.data,
        monthly_times=form.monthly_times.data,
    )


def _forms_page(form: HourFormForm | None) -> str:
    actor = current_actor()
    today, rows = clock.today(actor.time_zone), queries.hour_forms()
    now = queries.forms_on(rows, today)
    may_manage = dictionary.may_manage(actor)
    if form is None:
        form = HourFormForm(formdata=None, obj=now.get(request.args.get("code", "")))
        form.start_on.data, form.source.data = first_day(), ""
    form.category.choices = [(each.value, str(words)) for each, words in CATEGORIES.items()]
    form.unit.choices = [(each.value, str(words)) for each, words in UNITS.items()]
    return render_template(
        "competencies/hour_forms.html",
        rows=[_form(row) for row in now.values()],
        codes=list(now),
        history=[_form(row) for row in rows],
        form=form if may_manage else None,
    )


def _form(row: "HourForm") -> dict[str, object]:
    return {
        "name": name_of(row),
        "code": row.code,
        "category": str(CATEGORIES[row.category]),
        "hours": _hours_words(row),
        "limits": _limit_words(row),
        "source": row.source,
        "span": span(row.start_on, row.end_on),
        "needs_verification": row.needs_verification,
        "by": set_by(row),
        "edit_url": url_for(".hour_forms", code=row.code, _anchor="ubah"),
    }


def _hours_words(row: "HourForm") -> str:
    """4 JP per hari, internasional 6"""
    if row.jp is None:
        return str(UNITS[row.unit])
    jp, unit = i18n.number(row.jp), str(UNITS[row.unit])
    if row.jp_abroad is None:
        return gettext("%(jp)s JP per %(unit)s", jp=jp, unit=unit)
    return gettext(
        "%(jp)s JP per %(unit)s, internasional %(abroad)s JP",
        jp=jp, unit=unit, abroad=i18n.number(row.jp_abroad),
    )  # fmt: skip


def _limit_words(row: "HourForm") -> str:
    words = []
    if row.daily_cap is not None:
        jp = i18n.number(row.daily_cap)
        words.append(
            gettext("paling banyak %(jp)s JP sehari", jp=jp)
            if row.cap_applies
            else gettext("%(jp)s JP sehari, tidak diterapkan", jp=jp)
        )
    if row.monthly_times is not None:
        words.append(gettext("paling banyak %(num)s kali sebulan", num=row.monthly_times))
    return "; ".join(words)
