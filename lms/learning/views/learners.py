"""Peserta: the learners of a course, for whoever teaches it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts import rules as people
from lms.core import clock, i18n, paging, tables
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.forms import EmptyForm, Form, writing
from lms.courses import queries as courses
from lms.courses.queries import Part, VersionView
from lms.courses.queries.drafts import entered, role_in
from lms.courses.rules import CourseRole
from lms.learning.actions import analysing, bulk
from lms.learning.forms import MessageForm, TakeOutForm
from lms.learning.queries import bulk as acts
from lms.learning.queries import learners as queries
from lms.learning.queries import runs
from lms.learning.queries.learners import Asked, LearnerRow, LearnerState, Whom
from lms.learning.queries.reaching import Reached
from lms.learning.rules import BulkKind
from lms.learning.views.analytics import taught
from lms.learning.views.blueprint import bp
from lms.learning.views.choosing import asked_for, back, chosen, kept, onward
from lms.quizzes.statistics import BANDS

if TYPE_CHECKING:
    from lms.courses.models import Course

STUDIO = Permission.COURSES_STUDIO_USE


@bp.get("/studio/<slug:slug>/learners")
@requires(STUDIO)
def learners(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    course = taught(actor, slug)
    version = _version(course)
    cohorts = runs.runs_of(course.id)
    asked, narrowed, after = asked_for(cohorts), kept(), paging.after_uuid()
    parts = courses.outline(version).parts if version else ()
    rows, more, counts = list[LearnerRow](), False, queries.counts_of(course.id)
    if version is not None:
        rows, more = queries.page_of(course.id, version, asked, after)
    return render_template(
        "learning/learners.html",
        course=course,
        title=version.title if version else course.slug,
        language=version.language if version else "id",
        version=version,
        parts=parts,
        rows=rows,
        counts=counts,
        total=queries.count_of(course.id, asked) if narrowed else counts.all,
        behind=_behind_words(asked, parts),
        states=[(state, _state_words(state)) for state in LearnerState],
        asked=asked,
        runs=cohorts,
        kept=narrowed,
        is_owner=role_in(actor, course) is CourseRole.OWNER,
        acts=[(act, act_words(act.kind)) for act in acts.latest_acts(course.id)],
        active_words=_active_words(actor),
        due_words=lambda row: _day(row.due_at, row, actor),
        form=EmptyForm(),
        first_url=url_for(".learners", slug=slug, **narrowed) if after else None,
        next_url=url_for(".learners", slug=slug, **narrowed, after=rows[-1].uuid) if more else None,
    )


@bp.post("/studio/<slug:slug>/learners/remind")
@requires(STUDIO)
def remind_learners(slug: str) -> ResponseReturnValue:
    """Ingatkan."""
    actor = current_actor()
    course = taught(actor, slug)
    found = chosen(course)
    if found is None:
        return back(slug)
    with writing():
        outcome = bulk.remind(actor, course, found.whom)
    told = ngettext("%(num)s peserta diingatkan.", "%(num)s peserta diingatkan.", outcome.count)
    if not outcome.count:
        told = gettext(
            "Tidak ada yang diingatkan: yang dipilih sudah diingatkan dalam sehari terakhir."
        )
    return onward(slug, outcome, told)


@bp.post("/studio/<slug:slug>/learners/message")
@requires(STUDIO)
def message_learners(slug: str) -> ResponseReturnValue:
    """The form of a message to those chosen, and then its sending."""
    actor = current_actor()
    course = taught(actor, slug)

    def send(whom: Whom, text: str) -> tuple[bulk.Outcome, str]:
        outcome = bulk.send_message(actor, course, whom, text)
        return outcome, ngettext(
            "Pesan dikirim kepada %(num)s peserta.",
            "Pesan dikirim kepada %(num)s peserta.",
            outcome.count,
        )

    return _asked_and_done(course, MessageForm, "text", send, "learning/message_learners.html")


@bp.post("/studio/<slug:slug>/learners/take-out")
@requires(STUDIO)
def take_out_learners(slug: str) -> ResponseReturnValue:
    """Asks for the reason, then takes those chosen out of the course. For its owners."""
    actor = current_actor()
    course = entered(actor, slug)

    def take_out(whom: Whom, reason: str) -> tuple[bulk.Outcome, str]:
        outcome = bulk.take_out(actor, course, whom, reason)
        return outcome, ngettext(
            "%(num)s peserta dikeluarkan dari kursus.",
            "%(num)s peserta dikeluarkan dari kursus.",
            outcome.count,
        )

    return _asked_and_done(
        course, TakeOutForm, "reason", take_out, "learning/take_out_learners.html"
    )


def _asked_and_done(
    course: "Course", kind: type[Form], field: str,
    act: Callable[[Whom, str], tuple[bulk.Outcome, str]], template: str,
) -> ResponseReturnValue:  # fmt: skip
    """The form of an act on those chosen, whose one field is asked for, and then the act, which
    gives its outcome in words too."""
    is_sent, status = field in request.form, 200
    found = chosen(course, is_sent=is_sent)
    if found is None:
        return back(course.slug)
    form = kind() if is_sent else kind(formdata=None)
    if is_sent:
        status = 422
        if form.validate():
            with writing(form):
                outcome, told = act(found.whom, form[field].data or "")
                return onward(course.slug, outcome, told)
    version = _version(course)
    page = render_template(
        template,
        course=course,
        title=version.title if version else course.slug,
        language=version.language if version else "id",
        kept=kept(),
        chosen=found,
        form=form,
    )
    return page, status


@bp.get("/studio/<slug:slug>/learners/acts/<uuid:uuid>")
@requires(STUDIO)
def bulk_act(slug: str, uuid: UUID) -> ResponseReturnValue:
    """How far a job has come with what was asked for many learners."""
    actor = current_actor()
    course = taught(actor, slug)
    act, version = acts.act_for(course.id, uuid), _version(course)
    return render_template(
        "learning/bulk_act.html",
        course=course,
        title=version.title if version else course.slug,
        language=version.language if version else "id",
        act=act,
        words=act_words(act.kind),
        asked=i18n.instant(act.asked_at, actor.time_zone),
        ended=i18n.instant(act.ended_at, actor.time_zone) if act.ended_at else "",
        may_stop=acts.may_stop(actor, act),
        form=EmptyForm(),
    )


@bp.post("/studio/<slug:slug>/learners/acts/<uuid:uuid>/stop")
@requires(STUDIO)
def stop_bulk_act(slug: str, uuid: UUID) -> ResponseReturnValue:
    """Hentikan: the rest of it is not done."""
    actor = current_actor()
    taught(actor, slug)
    with writing():
        is_stopped = bulk.stop(actor, acts.act_for(taught(actor, slug).id, uuid))
    if not is_stopped:
        flash(gettext("Tidak ada lagi yang dapat dihentikan: semuanya sudah diproses."), "warn")
    return redirect(url_for(".bulk_act", slug=slug, uuid=uuid))


@bp.post("/studio/<slug:slug>/learners/export")
@requires(STUDIO)
def export_learners(slug: str) -> ResponseReturnValue:
    """The learners asked for, with every part, as a CSV or XLSX file."""
    actor = current_actor()
    course = taught(actor, slug)
    version, kind = _version(course), tables.wanted_kind()
    asked = asked_for(runs.runs_of(course.id))
    rows = _cells(actor, course.id, version, asked) if version else iter(())
    file, count = tables.table_file(kind, rows, sheet=gettext("Peserta"))
    with writing():
        analysing.note_export(actor, taught(actor, slug), "learners", rows=max(0, count - 1))
    day = clock.today(actor.time_zone).isoformat()
    return tables.table_response(kind, file, name=f"{slug}-{gettext('peserta')}-{day}")


def _version(course: "Course") -> VersionView | None:
    return courses.current_version_of(course.id) if course.current_version_id else None


# ── In words ─────────────────────────────────────────────────────────────────────────────────


def _state_words(state: LearnerState) -> str:
    return {
        LearnerState.LATE: gettext("Terlambat"),
        LearnerState.QUIET: gettext("Diam dua minggu"),
        LearnerState.OPEN: gettext("Sedang belajar"),
        LearnerState.COMPLETED: gettext("Selesai"),
        LearnerState.WITHDRAWN: gettext("Mengundurkan diri"),
    }[state]


def act_words(kind: BulkKind) -> str:
    return {
        BulkKind.REMIND: gettext("Mengingatkan"),
        BulkKind.MESSAGE: gettext("Mengirim pesan"),
        BulkKind.ALLOW: gettext("Memberi pengecualian"),
        BulkKind.MOVE: gettext("Memindahkan ke angkatan lain"),
        BulkKind.TAKE_OUT: gettext("Mengeluarkan dari kursus"),
        BulkKind.LENGTHEN: gettext("Memperpanjang percobaan yang sedang berjalan"),
    }[kind]


def _behind_words(asked: Asked, parts: Sequence[Part]) -> str:
    """Which figure the list stands behind; empty where it is behind none."""
    if asked.low is not None:
        return gettext(
            "Nilai akhir %(low)s sampai %(high)s", low=asked.low, high=asked.low + 100 // BANDS
        )
    if asked.reached is None:
        return ""
    title = next((f"{p.number}. {p.title}" for p in parts if p.key == asked.key), asked.key)
    return {
        Reached.BEGUN: gettext("Memulai: %(title)s", title=title),
        Reached.DONE: gettext("Selesai: %(title)s", title=title),
        Reached.TIMED: gettext("Waktunya diukur: %(title)s", title=title),
        Reached.BOTH: gettext("Mengerjakan pre-test dan: %(title)s", title=title),
    }[asked.reached]


def _zone(row: LearnerRow, actor: Actor) -> str:
    return row.post.time_zone if row.post else actor.time_zone


def _day(at: datetime | None, row: LearnerRow, actor: Actor) -> str:
    return i18n.long_date(clock.local_day(at, _zone(row, actor))) if at else ""


def _active_words(actor: Actor) -> Any:
    today = clock.today(actor.time_zone)

    def words(at: datetime) -> str:
        days = (today - clock.local_day(at, actor.time_zone)).days
        if days <= 0:
            return gettext("hari ini")
        return ngettext("%(num)s hari lalu", "%(num)s hari lalu", days)

    return words


def _cells(
    actor: Actor, course_id: int, version: VersionView, asked: Asked
) -> Iterator[list[object]]:
    parts = courses.outline(version).parts
    yield [
        gettext("NIP"), gettext("Nama"), gettext("Jabatan"), gettext("Unit kerja"),
        gettext("Keadaan"), gettext("Batas"), gettext("Bagian selesai"), gettext("Semua bagian"),
        gettext("Nilai akhir"), gettext("Terakhir aktif"), gettext("Angkatan"),
        *(part.title for part in parts),
    ]  # fmt: skip
    told = {"done": gettext("selesai"), "begun": gettext("dimulai"), "": None}
    states = {state: _state_words(state) for state in LearnerState}
    for row in queries.everybody(course_id, version, asked):
        yield [
            people.spaced_nip(row.nip), row.name,
            row.post.position_name if row.post else None, row.post.unit_name if row.post else None,
            states[_row_state(row)],
            clock.local_day(row.due_at, _zone(row, actor)) if row.due_at else None,
            row.learning.progress, row.learning.version.parts, row.final_score,
            clock.local_day(row.last_active_at, actor.time_zone), row.run or None,
            *(cell.score if cell.score is not None else told[cell.state] for cell in row.cells),
        ]  # fmt: skip


def _row_state(row: LearnerRow) -> LearnerState:
    if row.is_withdrawn:
        return LearnerState.WITHDRAWN
    if not row.learning.is_open:
        return LearnerState.COMPLETED
    if row.is_late:
        return LearnerState.LATE
    return LearnerState.QUIET if row.is_quiet else LearnerState.OPEN
