"""What holds for all evidence and for every Job Person Match: to read for everybody, to set for HR
of the whole site."""

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lms.competencies.actions import policies as acts
from lms.competencies.actions.policies import Category
from lms.competencies.forms import EvidenceRuleForm, MatchCategoryForm
from lms.competencies.queries import dictionary, name_of
from lms.competencies.queries import policies as queries
from lms.competencies.rules import EvidenceKind
from lms.competencies.views.blueprint import bp, line_of, saved_words, set_by, span
from lms.core import clock
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import writing

if TYPE_CHECKING:
    from lms.competencies.models import EvidenceRule, MatchCategory

READ, MANAGE = Permission.COMPETENCIES_DICTIONARY_READ, Permission.COMPETENCIES_DICTIONARY_MANAGE
EVIDENCE = {
    EvidenceKind.COURSE_COMPLETION: _l("Kursus yang selesai"),
    EvidenceKind.QUIZ_RESULT: _l("Hasil kuis"),
    EvidenceKind.ASSESSMENT: _l("Penilaian asesor"),
    EvidenceKind.EXTERNAL_TRAINING: _l("Pelatihan di luar platform"),
    EvidenceKind.CERTIFICATE: _l("Sertifikat atau sertifikasi"),
    EvidenceKind.OBSERVATION: _l("Pengamatan atasan"),
}


@bp.get("/evidence-rules")
@requires(READ)
def evidence_rules() -> ResponseReturnValue:
    return _rules_page(None)


@bp.post("/evidence-rules/set")
@requires(MANAGE)
def set_evidence_rule() -> ResponseReturnValue:
    actor, form = current_actor(), EvidenceRuleForm()
    dictionary.assert_may_manage(actor)
    if form.validate():
        with writing(form):
            assert form.start_on.data is not None
            changed = acts.set_evidence_rule(
                actor,
                EvidenceKind(form.kind.data),
                proves_up_to=int(form.level.data),
                start_on=form.start_on.data,
                source=line_of(form.source.data),
            )
            flash(saved_words(changed=changed), "ok")
            return redirect(url_for(".evidence_rules"))
    return _rules_page(form), 422


def _rules_page(form: EvidenceRuleForm | None) -> str:
    actor = current_actor()
    today, rows = clock.today(actor.time_zone), queries.evidence_rules()
    now = queries.rules_on(rows, today)
    may_manage = dictionary.may_manage(actor)
    if form is None:
        asked = request.args.get("kind", "")
        kind = EvidenceKind(asked) if asked in EVIDENCE else EvidenceKind.COURSE_COMPLETION
        level = now[kind].proves_up_to if kind in now else 0
        start_on = acts.first_day()
        form = EvidenceRuleForm(formdata=None, kind=kind, level=str(level), start_on=start_on)
    form.kind.choices = [(kind.value, str(words)) for kind, words in EVIDENCE.items()]
    form.level.choices = [(str(n), _level_words(n)) for n in range(6)]
    return render_template(
        "competencies/evidence_rules.html",
        rows=[_rule(now[kind]) for kind in EVIDENCE if kind in now],
        unset=[str(words) for kind, words in EVIDENCE.items() if kind not in now],
        history=[_rule(row) for row in rows],
        form=form if may_manage else None,
    )


def _rule(row: "EvidenceRule") -> dict[str, object]:
    return {
        "name": str(EVIDENCE[row.kind]),
        "edit_url": url_for(".evidence_rules", kind=row.kind, _anchor="ubah"),
        "level": _level_words(row.proves_up_to),
        "source": row.source,
        "span": span(row.start_on, row.end_on),
        "by": set_by(row),
    }


def _level_words(level: int) -> str:
    if level == 0:
        return gettext("hanya mendukung, tidak membuktikan")
    return gettext("membuktikan sampai tingkat %(level)s", level=level)


@bp.get("/match-categories")
@requires(READ)
def match_categories() -> ResponseReturnValue:
    return _categories_page(None)


@bp.post("/match-categories/set")
@requires(MANAGE)
def set_match_category() -> ResponseReturnValue:
    actor, form = current_actor(), MatchCategoryForm()
    dictionary.assert_may_manage(actor)
    if form.validate():
        with writing(form):
            assert form.start_on.data is not None
            category = Category(
                line_of(form.name.data),
                line_of(form.name_en.data) or None,
                None if form.ended.data else form.from_percent.data,
            )
            changed = acts.set_match_category(
                actor, category, start_on=form.start_on.data, source=line_of(form.source.data)
            )
            flash(saved_words(changed=changed), "ok")
            return redirect(url_for(".match_categories"))
    return _categories_page(form), 422


def _categories_page(form: MatchCategoryForm | None) -> str:
    actor = current_actor()
    today, rows = clock.today(actor.time_zone), queries.match_categories()
    now = queries.categories_on(rows, today)
    may_manage = dictionary.may_manage(actor)
    if form is None:
        chosen = next((row for row in now if row.name == request.args.get("name")), None)
        form = MatchCategoryForm(formdata=None, obj=chosen)
        form.start_on.data, form.source.data = acts.first_day(), ""
    return render_template(
        "competencies/match_categories.html",
        rows=[_category(row) for row in now],
        names=[row.name for row in now],
        history=[_category(row) for row in rows],
        form=form if may_manage else None,
    )


def _category(row: "MatchCategory") -> dict[str, object]:
    return {
        "name": name_of(row),
        "edit_url": url_for(".match_categories", name=row.name, _anchor="ubah"),
        "from_percent": row.from_percent,
        "source": row.source,
        "span": span(row.start_on, row.end_on),
        "needs_verification": row.needs_verification,
        "by": set_by(row),
    }
