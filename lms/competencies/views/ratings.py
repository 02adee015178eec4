"""A superior's observation, an assessor's rating, and what a person says of herself."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts.queries import SignedIn
from lms.competencies import queries as competencies
from lms.competencies.actions import ratings as acts
from lms.competencies.actions.ratings import Said
from lms.competencies.forms import RatingForm
from lms.competencies.queries import dictionary, name_of
from lms.competencies.queries import ratings as queries
from lms.competencies.queries.ledgers import evidence_of_source
from lms.competencies.rules import EvidenceKind
from lms.competencies.views.blueprint import LEVEL_NAMES, bp
from lms.core import clock, i18n
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.db import new_uuid
from lms.core.errors import DomainError
from lms.core.forms import EmptyForm, writing

if TYPE_CHECKING:
    from lms.accounts.models import Person

OBSERVATION, ASSESSMENT = EvidenceKind.OBSERVATION, EvidenceKind.ASSESSMENT


@bp.route("/team/<uuid:uuid>/observe", methods=["GET", "POST"])
@requires(Permission.COMPETENCIES_TEAM_RATE)
def observe(uuid: UUID) -> ResponseReturnValue:
    return _rate(uuid, queries.team_person, OBSERVATION, "reports.member")


@bp.route("/people/<uuid:uuid>/assess", methods=["GET", "POST"])
@requires(Permission.COMPETENCIES_RATINGS_RECORD)
def assess(uuid: UUID) -> ResponseReturnValue:
    return _rate(uuid, queries.assessed_person, ASSESSMENT, "accounts.person")


@bp.get("/ratings/<uuid:uuid>")
@requires(Permission.COMPETENCIES_OWN_READ)
def rating(uuid: UUID) -> ResponseReturnValue:
    """One observation or rating: for whom it is of, whoever gave it, those above, and HR."""
    actor = current_actor()
    found = queries.rating_for(actor, uuid)
    return render_template(
        "competencies/rating.html",
        rating=found,
        is_own=found.person_id == actor.person_id,
        is_observation=found.kind is OBSERVATION,
        competency=name_of(found.competency),
        level=f"{found.level} · {LEVEL_NAMES[found.level - 1]}",
        recorded=i18n.instant(found.at, actor.time_zone),
        is_taken_back=not evidence_of_source(found.uuid),
    )


def _rate(
    uuid: UUID, load: "Callable[[Actor, UUID], Person]", kind: EvidenceKind, back: str
) -> ResponseReturnValue:
    actor, status = current_actor(), 200
    person = load(actor, uuid)
    form = RatingForm()
    if request.method == "GET":
        form = RatingForm(formdata=None, key=str(new_uuid()), rated_on=clock.today(actor.time_zone))
    elif form.validate():
        status = 422
        with writing(form):
            competency = dictionary.competency_by_code(form.competency.data or "")
            if competency is None:
                raise DomainError(gettext("Pilih kompetensi dari daftar"), "competency")
            said = _said(form)
            acts.rate(actor, load(actor, uuid), competency, said, kind=kind, uuid=_key(form))
            flash(gettext("Penilaian dicatat sebagai bukti."), "ok")
            return redirect(url_for(back, uuid=uuid))
        person = load(actor, uuid)  # the refusal has ended its transaction
    else:
        status = 422
    form.competency.choices = [
        ("", gettext("pilih")), *((row.code, row.name) for row in dictionary.choices())
    ]  # fmt: skip
    form.level.choices = [
        (str(n), f"{n} · {words}") for n, words in enumerate(LEVEL_NAMES, start=1)
    ]
    page = render_template(
        "competencies/rate.html",
        form=form,
        name=person.name,
        is_observation=kind is OBSERVATION,
        back=url_for(back, uuid=uuid),
    )
    return page, status


def _said(form: RatingForm) -> Said:
    assert form.rated_on.data
    return Said(
        level=int(form.level.data),
        occasion=" ".join((form.occasion.data or "").split()),
        note=(form.note.data or "").strip() or None,
        rated_on=form.rated_on.data,
    )


def _key(form: RatingForm) -> UUID:
    try:
        return UUID(form.key.data or "")
    except ValueError:
        return new_uuid()


@bp.route("/my/competencies/self", methods=["GET", "POST"])
@requires(Permission.COMPETENCIES_OWN_READ)
def assess_oneself() -> ResponseReturnValue:
    """What one says of oneself about each competency of the standard. Kept apart, never counted."""
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    day = clock.today(actor.time_zone)
    lines = [
        line
        for line in competencies.levels_of(actor.person_id, actor.post, day).lines
        if line.required
    ]
    if request.method == "POST":
        sent = [line for line in lines if _is_sent(line.code)]
        levels = {line.id: int(request.form[line.code]) for line in sent}
        with writing():
            acts.assess_oneself(actor, levels)
        flash(gettext("Penilaian diri disimpan. Ini tidak dihitung sebagai bukti."), "ok")
        return redirect(url_for("learning.profile"))
    said = queries.own_words(actor.person_id)
    return render_template(
        "competencies/self.html",
        rows=[(line, said.get(line.id, 0)) for line in sorted(lines, key=lambda line: line.code)],
        levels=[str(words) for words in LEVEL_NAMES],
        form=EmptyForm(),
    )


def _is_sent(code: str) -> bool:
    return request.form.get(code, "") in {str(n) for n in range(6)}
