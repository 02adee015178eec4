"""Koreksi nilai: what a correction of a question would change, and applying it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import escape

from lms.core import clock, i18n, paging, tables
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import NotFound
from lms.core.forms import EmptyForm, writing
from lms.core.markdown import plain
from lms.courses import queries as courses
from lms.courses.actions.rendering import writes_comma
from lms.courses.queries import Part
from lms.courses.queries.drafts import entered
from lms.courses.queries.studio import version_uuid
from lms.courses.rules import CourseRole
from lms.learning.actions import analysing, regrading
from lms.learning.forms.correction import CorrectionForm, filled, proposal_of
from lms.learning.queries import regrades as queries
from lms.learning.queries.regrades import Listed, Narrowed
from lms.learning.rules import RegradeEffect, RegradeState
from lms.learning.views.blueprint import bp
from lms.quizzes import queries as quizzes
from lms.quizzes.marking import CHOICES, PLACED, TYPED, UNSET, choices, stems
from lms.quizzes.queries import corrections
from lms.quizzes.rules import CorrectionKind, QuestionKind
from lms.quizzes.views import Choice, Row, right_told

if TYPE_CHECKING:
    from lms.courses.models import Course
    from lms.learning.models import Regrade

STUDIO = Permission.COURSES_STUDIO_USE


@bp.get("/studio/<slug:slug>/regrades")
@requires(STUDIO)
def regrades(slug: str) -> ResponseReturnValue:
    """What was corrected in the quizzes of a course, and the questions that can be."""
    actor = current_actor()
    course = written(actor, slug)
    before = paging.after_id("before")
    rows, more = queries.regrades_of(course.id, before)
    views = quizzes.questions([row.question_id for row in rows])
    version = _asked_version(course)
    return render_template(
        "learning/regrades.html",
        **_frame(course),
        rows=[
            {
                "uuid": row.uuid,
                "words": plain(views[row.question_id].html),
                "kind": kind_words(row.kind),
                "state": state_words(row.state),
                "quiz": row.quiz_key,
                "at": i18n.instant(row.asked_at, actor.time_zone),
                "by": row.by.name,
                "reason": row.reason,
            }
            for row in rows
        ],
        quizzes=_questions(version) if version and before is None else [],
        version=version,
        first_url=url_for(".regrades", slug=slug) if before else None,
        next_url=url_for(".regrades", slug=slug, before=rows[-1].id) if more else None,
    )


def _asked_version(course: "Course") -> courses.VersionView | None:
    """The one whose number the address names, else the current one; None where there is none.
    Raises NotFound."""
    if course.current_version_id is None:
        return None
    number = request.args.get("version", type=int)
    if number is None:
        return courses.current_version_of(course.id)
    return courses.version_view(*version_uuid(course, number))


def _questions(version: courses.VersionView) -> list[tuple[Part, list[tuple[UUID, str]]]]:
    """The questions of every quiz of a version, each with its public id and words."""
    found = []
    for part in courses.outline(version).parts:
        if part.quiz_id is not None:
            views = quizzes.questions(quizzes.question_ids_of(part.quiz_id))
            uuids = corrections.uuids_of(list(views))
            found.append((part, [(uuids[v.id], plain(v.html)) for v in views.values()]))
    return found


@bp.route(
    "/studio/<slug:slug>/quizzes/<slug:key>/questions/<uuid:uuid>/regrade", methods=["GET", "POST"]
)
@requires(STUDIO)
def new_regrade(slug: str, key: str, uuid: UUID) -> ResponseReturnValue:
    """The correction of one question of a quiz, to be tried before anything changes."""
    actor, status = current_actor(), 200
    course = written(actor, slug)
    view = corrections.question_by_uuid(uuid)
    if not queries.quiz_ids(course.id, key, view.id):
        raise NotFound
    holding = corrections.in_force(key, [view.id]).get(view.id)
    marked = corrections.corrected(view, holding)
    comma = writes_comma(_version(course).language)
    form = CorrectionForm(**({} if request.method == "POST" else {"data": filled(marked, comma)}))
    form.kind.choices = _kinds(view, holding is not None)
    form.right.choices = [(at, plain(o.html)) for at, o in enumerate(view.options)]
    if request.method == "POST":
        status = 422
        proposal = proposal_of(form, marked, comma) if form.validate() else None
        if proposal is not None:
            with writing(form):
                made = regrading.propose(
                    actor, written(actor, slug), key, view.id, proposal,
                    reason=form.reason.data or "",
                )  # fmt: skip
                return redirect(url_for(".regrade", slug=slug, uuid=made.uuid))
    page = render_template(
        "learning/new_regrade.html",
        **_frame(course),
        key=key,
        uuid=uuid,
        view=view,
        right=right_told(marked),
        holding=holding,
        holding_words=_holding_words(holding, actor.time_zone) if holding else "",
        under_way=queries.under_way(course.id, key, view.id),
        rows=_rows(view, form.places.data or []) if view.kind in PLACED else [],
        orders=view.kind is QuestionKind.ORDERING,
        types=view.kind in TYPED,
        chooses=view.kind in CHOICES,
        form=form,
    )
    return page, status


def _kinds(view: quizzes.QuestionView, is_corrected: bool) -> list[tuple[str, str]]:
    kinds = [CorrectionKind.LEAVE_OUT]
    if view.essay is None:  # an essay has the points that somebody gave it
        kinds = [CorrectionKind.NEW_KEY, CorrectionKind.ACCEPT_ALL, *kinds]
    if is_corrected:
        kinds.append(CorrectionKind.AS_PUBLISHED)
    return [(kind.value, kind_words(kind)) for kind in kinds]


def _rows(view: quizzes.QuestionView, chosen: Sequence[int]) -> list[Row]:
    """The stems with what they may be matched with, or the items with their places."""
    if view.kind is QuestionKind.ORDERING:
        lines = view.options
        texts = [str(place) for place, _ in enumerate(lines, start=1)]
    else:
        lines, texts = tuple(stems(view.options)), choices(view.options)
    told = [*chosen, *[UNSET] * len(lines)]
    return [
        Row(line.html, plain(line.html), [
            Choice(str(at), str(escape(text)), told[number] == at) for at, text in enumerate(texts)
        ])
        for number, line in enumerate(lines)
    ]  # fmt: skip


@bp.get("/studio/<slug:slug>/regrades/<uuid:uuid>")
@requires(STUDIO)
def regrade(slug: str, uuid: UUID) -> ResponseReturnValue:
    """How far it is; then whose score it changes, and what was applied."""
    actor = current_actor()
    course = written(actor, slug)
    row = queries.regrade_for(course.id, uuid)
    counts = queries.counts_of(row.id)
    narrowed, after = _narrowed(), paging.after_id("after")
    found, more = queries.listed(row.id, narrowed, after)
    view = quizzes.questions([row.question_id])[row.question_id]
    kept: dict[str, Any] = {"slug": slug, "uuid": uuid, "show": narrowed}
    return render_template(
        "learning/regrade.html",
        **_frame(course),
        regrade=row,
        words=plain(view.html),
        question_key=view.key,
        kind=kind_words(row.kind),
        key_lines=_key_lines(row, view),
        state=state_words(row.state),
        is_waiting=row.state in queries.WAITING,
        is_ready=row.state is RegradeState.READY,
        is_applying=row.state is RegradeState.APPLYING,
        is_applied=row.correction_id is not None,
        counts=counts,
        narrowed=narrowed,
        filters=[(each, filter_words(each)) for each in Narrowed],
        rows=[(each, effect_words(each.effect)) for each in found],
        asked=i18n.instant(row.asked_at, actor.time_zone),
        applied=i18n.instant(row.applied_at, actor.time_zone) if row.applied_at else "",
        own=actor.person_id,
        form=EmptyForm(),
        first_url=url_for(".regrade", **kept) if after else None,
        next_url=url_for(".regrade", **kept, after=found[-1].attempt_id) if more else None,
    )


def _key_lines(row: "Regrade", view: quizzes.QuestionView) -> list[str]:
    if row.kind is not CorrectionKind.NEW_KEY:
        return []
    return right_told(corrections.corrected(view, queries.proposal_of(row)))


@bp.post("/studio/<slug:slug>/regrades/<uuid:uuid>/apply")
@requires(STUDIO)
def apply_regrade(slug: str, uuid: UUID) -> ResponseReturnValue:
    """To all, or to the attempts chosen on the page."""
    actor = current_actor()
    course = written(actor, slug)
    chosen = None
    if request.form.get("whom") != "all":
        chosen = [each for sent in request.form.getlist("a") if (each := paging.public_id(sent))]
    form = EmptyForm()
    with writing(form):
        regrading.apply(actor, queries.regrade_for(course.id, uuid), chosen)
        flash(gettext("Koreksi sedang diterapkan. Peserta diberi tahu satu per satu."), "ok")
    for error in form.form_errors:
        flash(error, "bad")
    return redirect(url_for(".regrade", slug=slug, uuid=uuid))


@bp.post("/studio/<slug:slug>/regrades/<uuid:uuid>/discard")
@requires(STUDIO)
def discard_regrade(slug: str, uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    course = written(actor, slug)
    with writing():
        row = queries.regrade_for(course.id, uuid)
        regrading.discard(row)
    if row.correction_id is None:
        flash(gettext("Koreksi dibuang. Tidak ada nilai yang berubah."), "ok")
    else:
        flash(gettext("Koreksi selesai. Nilai yang belum dikoreksi dibiarkan."), "ok")
    return redirect(url_for(".regrades", slug=slug))


@bp.post("/studio/<slug:slug>/regrades/<uuid:uuid>/stop")
@requires(STUDIO)
def stop_regrade(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Hentikan: no more scores are changed for now."""
    actor = current_actor()
    written(actor, slug)
    with writing():
        row = queries.regrade_for(written(actor, slug).id, uuid)
        is_stopped, counts = regrading.stop(actor, row), queries.counts_of(row.id)
    if is_stopped:
        done = counts.all - counts.of(Narrowed.LEFT)
        told = ngettext(
            "Dihentikan. %(done)s dari %(num)s nilai yang berubah sudah diterapkan dan tetap.",
            "Dihentikan. %(done)s dari %(num)s nilai yang berubah sudah diterapkan dan tetap.",
            counts.all, done=done,
        )  # fmt: skip
        flash(told, "ok")
    else:
        flash(gettext("Tidak ada lagi yang dapat dihentikan: semuanya sudah diproses."), "warn")
    return redirect(url_for(".regrade", slug=slug, uuid=uuid))


@bp.post("/studio/<slug:slug>/regrades/<uuid:uuid>/export")
@requires(STUDIO)
def export_regrade(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Whose score changes, as a CSV or XLSX file."""
    actor = current_actor()
    course = written(actor, slug)
    row = queries.regrade_for(course.id, uuid)
    found = queries.all_listed(row.id, _narrowed())
    kind = tables.wanted_kind()
    file, count = tables.table_file(kind, _table(found), sheet=gettext("Koreksi nilai"))
    with writing():
        analysing.note_export(actor, written(actor, slug), "regrade", rows=count - 1)
    day = clock.today(actor.time_zone).isoformat()
    return tables.table_response(kind, file, name=f"{slug}-{gettext('koreksi-nilai')}-{day}")


def _table(rows: Iterator[Listed]) -> Iterator[list[object]]:
    yield [
        gettext("Nama"), gettext("NIP"), gettext("Percobaan"), gettext("Nilai sebelum"),
        gettext("Nilai sesudah"), gettext("Lulus sebelum"), gettext("Lulus sesudah"),
        gettext("Akibat bagi kursus"), gettext("Sudah diterapkan"),
    ]  # fmt: skip
    yes, no = gettext("ya"), gettext("tidak")
    for row in rows:
        yield [
            row.name, row.nip, row.number, row.percent_before, row.percent_after,
            yes if row.passed_before else no, yes if row.passed_after else no,
            effect_words(row.effect), yes if row.applied_at else no,
        ]  # fmt: skip


def written(actor: Actor, slug: str) -> "Course":
    """A course whose questions the actor may correct: its owners and authors."""
    return entered(actor, slug, CourseRole.AUTHOR)


def _narrowed() -> Narrowed | None:
    asked = request.args.get("show", "")
    return Narrowed(asked) if asked in set(Narrowed) else None


def _version(course: "Course") -> courses.VersionView:
    if course.current_version_id is None:
        raise NotFound
    return courses.current_version_of(course.id)


def _frame(course: "Course") -> dict[str, object]:
    version = course.current_version
    titles = {}
    if version is not None:
        titles = {
            part.key: part.title
            for part in courses.outline(courses.current_version_of(course.id)).parts
        }
    return {
        "course": course,
        "title": version.title if version else course.slug,
        "language": version.language if version else "id",
        "titles": titles,
    }


# ── In words ─────────────────────────────────────────────────────────────────────────────────


def _holding_words(holding: corrections.CorrectionView, zone: str) -> str:
    return gettext(
        "Berlaku sejak %(at)s, oleh %(name)s: %(kind)s. Alasan: %(reason)s",
        at=i18n.instant(holding.at, zone), name=holding.by, kind=kind_words(holding.kind),
        reason=holding.reason,
    )  # fmt: skip


def kind_words(kind: CorrectionKind) -> str:
    return {
        CorrectionKind.NEW_KEY: gettext("Kunci baru"),
        CorrectionKind.ACCEPT_ALL: gettext("Semua jawaban diterima"),
        CorrectionKind.LEAVE_OUT: gettext("Soal tidak dinilai"),
        CorrectionKind.AS_PUBLISHED: gettext("Kembali ke kunci semula"),
    }[kind]


def state_words(state: RegradeState) -> tuple[str, str, str]:
    """Words, tone and icon."""
    return {
        RegradeState.COUNTING: (gettext("Sedang dihitung"), "info", "clock"),
        RegradeState.READY: (gettext("Menunggu keputusan"), "warn", "eye"),
        RegradeState.APPLYING: (gettext("Sedang diterapkan"), "info", "clock"),
        RegradeState.DONE: (gettext("Selesai diterapkan"), "ok", "circle-check"),
        RegradeState.DISCARDED: (gettext("Dibuang"), "", "x"),
    }[state]


def effect_words(effect: RegradeEffect) -> str:
    return {
        RegradeEffect.NONE: "",
        RegradeEffect.COMPLETES: gettext("kursus menjadi selesai"),
        RegradeEffect.REOPENS: gettext("penyelesaian, JP dan sertifikat ditarik"),
        RegradeEffect.RESCORES: gettext("nilai akhir dan sertifikat diperbaiki"),
    }[effect]


def filter_words(narrowed: Narrowed) -> str:
    return {
        Narrowed.FAILS: gettext("Lulus menjadi tidak lulus"),
        Narrowed.PASSES: gettext("Tidak lulus menjadi lulus"),
        Narrowed.REOPENS: gettext("Penyelesaian kursus ditarik"),
        Narrowed.COMPLETES: gettext("Kursus menjadi selesai"),
        Narrowed.LEFT: gettext("Belum diterapkan"),
    }[narrowed]
