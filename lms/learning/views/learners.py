"""Peserta: the learners of a course, for whoever teaches it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts import rules as people
from lms.core import clock, i18n, paging, tables
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.forms import EmptyForm, writing
from lms.courses import queries as courses
from lms.courses.queries import Part, VersionView
from lms.learning.actions import analysing, nudging
from lms.learning.forms import MessageForm
from lms.learning.queries import learners as queries
from lms.learning.queries import runs
from lms.learning.queries.learners import Asked, LearnerRow, LearnerState
from lms.learning.queries.reaching import Reached
from lms.learning.queries.runs import RunView
from lms.learning.views.analytics import taught
from lms.learning.views.blueprint import bp
from lms.quizzes.statistics import BANDS

if TYPE_CHECKING:
    from lms.courses.models import Course

STUDIO = Permission.COURSES_STUDIO_USE
LOWS = {str(low) for low in range(0, 100, 100 // BANDS)}


@bp.get("/studio/<slug:slug>/learners")
@requires(STUDIO)
def learners(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    course = taught(actor, slug)
    version = _version(course)
    cohorts = runs.runs_of(course.id)
    asked, kept, after = _asked(cohorts), _kept(), paging.after_uuid()
    parts = courses.outline(version).parts if version else ()
    rows, more = list[LearnerRow](), False
    if version is not None and (asked.path or "unit" not in kept):
        rows, more = queries.page_of(course.id, version, asked, after)
    return render_template(
        "learning/learners.html",
        course=course,
        title=version.title if version else course.slug,
        language=version.language if version else "id",
        version=version,
        parts=parts,
        rows=rows,
        counts=queries.counts_of(course.id),
        total=queries.count_of(course.id, asked) if kept else None,
        behind=_behind_words(asked, parts),
        states=[(state, _state_words(state)) for state in LearnerState],
        asked=asked,
        runs=cohorts,
        kept=kept,
        active_words=_active_words(actor),
        due_words=lambda row: _day(row.due_at, row, actor),
        most=nudging.MOST_CHOSEN,
        form=EmptyForm(),
        first_url=url_for(".learners", slug=slug, **kept) if after else None,
        next_url=url_for(".learners", slug=slug, **kept, after=rows[-1].uuid) if more else None,
    )


@bp.post("/studio/<slug:slug>/learners/remind")
@requires(STUDIO)
def remind_learners(slug: str) -> ResponseReturnValue:
    """Ingatkan."""
    actor, uuids = current_actor(), chosen()
    course = taught(actor, slug)
    if uuids:
        with writing():
            count = nudging.nudge(actor, course, uuids)
        if count:
            told = ngettext("%(num)s peserta diingatkan.", "%(num)s peserta diingatkan.", count)
            flash(told, "ok")
        else:
            flash(
                gettext(
                    "Tidak ada yang diingatkan: yang dipilih sudah selesai, atau sudah diingatkan "
                    "dalam sehari terakhir."
                ),
                "warn",
            )
    return redirect(url_for(".learners", slug=slug, **_kept()))


@bp.post("/studio/<slug:slug>/learners/message")
@requires(STUDIO)
def message_learners(slug: str) -> ResponseReturnValue:
    """The form of a message to those chosen, and then its sending."""
    actor = current_actor()
    course = taught(actor, slug)
    uuids, is_sent, status = chosen(), "text" in request.form, 200
    if not uuids:
        return redirect(url_for(".learners", slug=slug, **_kept()))
    form = MessageForm() if is_sent else MessageForm(formdata=None)
    if is_sent:
        status = 422
        if form.validate():
            with writing(form):
                count = nudging.send_message(actor, course, uuids, form.text.data or "")
                sent = ngettext(
                    "Pesan dikirim kepada %(num)s peserta.",
                    "Pesan dikirim kepada %(num)s peserta.",
                    count,
                )
                flash(sent, "ok" if count else "warn")
                return redirect(url_for(".learners", slug=slug, **_kept()))
    version = _version(course)
    page = render_template(
        "learning/message_learners.html",
        course=course,
        title=version.title if version else course.slug,
        language=version.language if version else "id",
        kept=_kept(),
        uuids=uuids,
        form=form,
    )
    return page, status


@bp.post("/studio/<slug:slug>/learners/export")
@requires(STUDIO)
def export_learners(slug: str) -> ResponseReturnValue:
    """The learners asked for, with every part, as a CSV or XLSX file."""
    actor = current_actor()
    course = taught(actor, slug)
    version, kind = _version(course), tables.wanted_kind()
    asked = _asked(runs.runs_of(course.id))
    rows = _cells(actor, course.id, version, asked) if version else iter(())
    file, count = tables.table_file(kind, rows, sheet=gettext("Peserta"))
    with writing():
        analysing.note_export(actor, taught(actor, slug), "learners", rows=max(0, count - 1))
    day = clock.today(actor.time_zone).isoformat()
    return tables.table_response(kind, file, name=f"{slug}-{gettext('peserta')}-{day}")


# ── What is asked for ────────────────────────────────────────────────────────────────────────


def _version(course: "Course") -> VersionView | None:
    return courses.current_version_of(course.id) if course.current_version_id else None


def _asked(cohorts: Sequence[RunView]) -> Asked:
    kept = _kept()
    unit = queries.unit_of(kept["unit"]) if "unit" in kept else None
    is_part = "part" in kept and "reached" in kept
    return Asked(
        search=kept.get("q", ""),
        state=LearnerState(kept["state"]) if "state" in kept else None,
        path=unit.path if unit else "",
        next_key=kept.get("next", ""),
        run_id=next((run.id for run in cohorts if str(run.uuid) == kept.get("run")), None),
        key=kept["part"] if is_part else "",
        reached=Reached(kept["reached"]) if is_part else None,
        low=int(kept["score"]) if "score" in kept else None,
    )


def _kept() -> dict[str, Any]:
    """What is asked for, as it stands in an address; what it cannot be read as is left out."""
    state, reached = request.args.get("state", ""), request.args.get("reached", "")
    low = request.args.get("score", "")
    values = {
        "q": paging.search_words(),
        "unit": request.args.get("unit", "").strip()[: people.CODE_MAX],
        "state": state if state in set(LearnerState) else "",
        "next": request.args.get("next", "")[:60],
        "run": str(paging.public_id(request.args.get("run", "")) or ""),
        "part": request.args.get("part", "")[:60],
        "reached": reached if reached in set(Reached) else "",
        "score": low if low in LOWS else "",
    }
    return {name: value for name, value in values.items() if value}


def chosen() -> list[UUID]:
    """Those who were ticked; none, with a word to the reader, where it is nobody or too many."""
    uuids = []
    for value in request.form.getlist("p"):
        try:
            uuids.append(UUID(value))
        except ValueError:
            continue
    if len(uuids) > nudging.MOST_CHOSEN:
        words = gettext("Paling banyak %(num)s peserta sekaligus.", num=nudging.MOST_CHOSEN)
        flash(words, "warn")
        return []
    if not uuids:
        flash(gettext("Pilih dahulu pesertanya."), "warn")
    return uuids


# ── In words ─────────────────────────────────────────────────────────────────────────────────


def _state_words(state: LearnerState) -> str:
    return {
        LearnerState.LATE: gettext("Terlambat"),
        LearnerState.QUIET: gettext("Diam dua minggu"),
        LearnerState.OPEN: gettext("Sedang belajar"),
        LearnerState.COMPLETED: gettext("Selesai"),
        LearnerState.WITHDRAWN: gettext("Mengundurkan diri"),
    }[state]


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
    for row in queries.everybody(course_id, version, asked):
        yield [
            people.spaced_nip(row.nip), row.name,
            row.post.position_name if row.post else None, row.post.unit_name if row.post else None,
            _row_state(row), clock.local_day(row.due_at, _zone(row, actor)) if row.due_at else None,
            len(row.learning.done), row.learning.version.parts, row.final_score,
            clock.local_day(row.last_active_at, actor.time_zone), row.run or None,
            *(cell.score if cell.score is not None else told[cell.state] for cell in row.cells),
        ]  # fmt: skip


def _row_state(row: LearnerRow) -> str:
    if row.is_withdrawn:
        return _state_words(LearnerState.WITHDRAWN)
    if not row.learning.is_open:
        return _state_words(LearnerState.COMPLETED)
    if row.is_late:
        return _state_words(LearnerState.LATE)
    return _state_words(LearnerState.QUIET if row.is_quiet else LearnerState.OPEN)
