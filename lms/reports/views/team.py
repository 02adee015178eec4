"""Tim saya: the board of a head of unit, one person of it, and what is done for many at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from lms.accounts import rules as people
from lms.accounts.queries import team as teams
from lms.competencies import queries as competencies
from lms.competencies.queries.hours import hours_of
from lms.core import clock, i18n, paging, tables
from lms.core.access import Actor, Delegated, Permission, current_actor, requires
from lms.core.forms import EmptyForm, writing
from lms.credentials import queries as credentials
from lms.learning import queries as learning
from lms.learning.actions import assigning, telling
from lms.learning.queries import gaps
from lms.learning.queries.duties import duties_of
from lms.learning.rules import EnrolmentState
from lms.learning.views.assignments import assign_to
from lms.learning.views.profile_parts import drawn, explained
from lms.reports import actions, queries
from lms.reports.queries.figures import Figures
from lms.reports.queries.members import Asked, Headed, Order, Standing
from lms.reports.views.blueprint import bp


@bp.get("/team")
@requires(Permission.REPORTS_TEAM_READ)
def team() -> ResponseReturnValue:
    actor = current_actor()
    asked, after = _asked(actor), paging.after_uuid()
    found = queries.board(actor, asked, after)
    last = found.members[-1] if found.members else None
    counted_at = found.figures.counted_at
    return render_template(
        "reports/team.html",
        may_delegate=Permission.ACCOUNTS_TEAM_DELEGATE in actor.permissions,
        units=[unit.name for unit in teams.units_at(actor.headed_paths)],
        delegations=actor.delegations,
        sides=_sides(actor, asked),
        asked=asked,
        address=_address(asked),
        kept=_written(asked),
        team=found,
        figures=found.figures,
        chips=_chips(asked, found.figures),
        sort=None if found.figures.is_large else _sort(asked),
        year=clock.today(actor.time_zone).year,
        counted=i18n.clock_time(counted_at, actor.time_zone) if counted_at else None,
        active_words=_active_words(actor),
        counted_up_to=teams.LARGE,
        most=assigning.MOST_CHOSEN,
        soon_days=max(credentials.reminder_days()),
        reminded=request.args.get("reminded", type=int),
        first_url=_address(asked) if after else None,
        next_url=_address(asked, after=last.uuid) if found.has_more and last else None,
    )


def _asked(actor: Actor) -> Asked:
    """What the address asks for; what it cannot be read as is not asked."""
    written = request.args.get("sort", "")
    order = _one_of(Order, written.removeprefix("-")) or Order.NAME
    return Asked(
        search=paging.search_words(),
        standing=_one_of(Standing, request.args.get("state", "")),
        order=order,
        descending=written.startswith("-"),
        unit=_headed(actor, request.args.get("unit", "")),
    )


def _headed(actor: Actor, written: str) -> Headed | None:
    """A unit headed today; no other."""
    uuid = paging.public_id(written) if written else None
    units = teams.units_at(actor.headed_paths) if uuid else []
    return next((Headed(unit.uuid, unit.path) for unit in units if unit.uuid == uuid), None)


def _sides(actor: Actor, asked: Asked) -> list[tuple[str, str, bool]]:
    """(words, address, whether it is what is shown) of each unit headed today, where there are
    several: "a.n." where the actor stands in for its head."""
    if len(actor.headed_paths) < 2:
        return []
    sides = [(gettext("Semua unit"), _address(replace(asked, unit=None)), asked.unit is None)]
    names = {each.path: each.giver_name for each in actor.delegations}
    for unit in teams.units_at(actor.headed_paths):
        words, here = unit.name, Headed(unit.uuid, unit.path)
        if unit.path not in actor.own_headed_paths:
            words = gettext("%(unit)s, a.n. %(name)s", unit=unit.name, name=names[unit.path])
        sides.append((words, _address(replace(asked, unit=here)), here == asked.unit))
    return sides


def _one_of(kind: Any, written: str) -> Any:
    return kind(written) if written in set(kind) else None


def _written(asked: Asked) -> dict[str, str]:
    """What is asked for, as it stands in an address."""
    sort = ("-" if asked.descending else "") + asked.order
    values = {
        "q": asked.search,
        "state": asked.standing or "",
        "sort": "" if sort == Order.NAME else sort,
        "unit": str(asked.unit.uuid) if asked.unit else "",
    }
    return {name: value for name, value in values.items() if value}


def _address(asked: Asked, **more: Any) -> str:
    return url_for(".team", **{**_written(asked), **more})


def _chips(asked: Asked, figures: Figures) -> list[tuple[str, int, str, bool]]:
    """(words, how many, address, whether it is what is shown) of each way to narrow the board."""
    words = {
        None: gettext("Semua"),
        Standing.LATE: gettext("Terlambat"),
        Standing.UNDER_TARGET: gettext("JP di bawah target"),
        Standing.NOT_STARTED: gettext("Belum mulai"),
        Standing.EXPIRING: gettext("Sertifikat segera berakhir"),
    }
    return [
        (
            text,
            figures.count(standing),
            _address(replace(asked, standing=standing)),
            standing is asked.standing,
        )
        for standing, text in words.items()
    ]


def _sort(asked: Asked) -> SimpleNamespace:
    """For the headings of the table: a second click turns the order round."""

    def url(key: str) -> str:
        order = Order(key)
        falls = not asked.descending if order is asked.order else order is Order.LATE
        return _address(replace(asked, order=order, descending=falls))

    return SimpleNamespace(key=asked.order.value, descending=asked.descending, url=url)


def _active_words(actor: Actor) -> Callable[[Any], str]:
    """When somebody last worked on a course, in days of the reader."""
    today = clock.today(actor.time_zone)

    def words(at: Any) -> str:
        if at is None:
            return gettext("belum pernah")
        days = (today - clock.local_day(at, actor.time_zone)).days
        if days <= 0:
            return gettext("hari ini")
        if days == 1:
            return gettext("kemarin")
        return ngettext("%(num)s hari lalu", "%(num)s hari lalu", days)

    return words


# ── For many at once ─────────────────────────────────────────────────────────────────────────


@bp.post("/team/remind")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def remind() -> ResponseReturnValue:
    """Remind the chosen people of what they have yet to complete."""
    actor = current_actor()
    asked = _asked(actor)
    uuids = _chosen(actor, asked)
    if not uuids:
        return redirect(_address(asked))
    with writing():
        reminded = telling.remind(actor, uuids)
    if not reminded:
        flash(_nobody_reminded(), "warn")
        return redirect(_address(asked))
    return redirect(_address(asked, reminded=reminded))


def _nobody_reminded() -> str:
    return gettext(
        "Tidak ada yang diingatkan: yang dipilih tidak punya kursus wajib yang terbuka, atau baru "
        "saja dikabari."
    )


@bp.post("/team/remind/undo")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def undo_reminders() -> ResponseReturnValue:
    actor = current_actor()
    with writing():
        freed = telling.undo_reminders(actor)
    if freed:
        flash(gettext("Pengingat diurungkan. Tidak ada yang dikabari."), "ok")
    else:
        flash(gettext("Pengingat sudah dikirim."), "warn")
    return redirect(_address(_asked(actor)))


@bp.post("/team/assign")
@requires(Permission.LEARNING_TEAM_ASSIGN)
def assign() -> ResponseReturnValue:
    """The form of an assignment for the chosen people. Only reads."""
    actor = current_actor()
    asked = _asked(actor)
    uuids = _chosen(actor, asked)
    return assign_to(uuids) if uuids else redirect(_address(asked))


def _chosen(actor: Actor, asked: Asked) -> list[UUID]:
    """Those who were ticked, or everybody whom the board shows. Empty, with a word to the reader,
    where it is nobody or too many."""
    if request.form.get("all"):
        uuids = queries.chosen(actor, asked, assigning.MOST_CHOSEN)
    else:
        ticked = [paging.public_id(value) for value in request.form.getlist("p")]
        uuids = [uuid for uuid in ticked if uuid is not None]
    if len(uuids) > assigning.MOST_CHOSEN:
        words = gettext(
            "Paling banyak %(num)s pegawai sekaligus. Persempit pilihan, atau tugaskan ke unit.",
            num=assigning.MOST_CHOSEN,
        )
        flash(words, "warn")
        return []
    if not uuids:
        flash(gettext("Pilih dahulu pegawainya."), "warn")
    return uuids


# ── As a file ────────────────────────────────────────────────────────────────────────────────


@bp.post("/team/export")
@requires(Permission.REPORTS_TEAM_READ)
def export_team() -> ResponseReturnValue:
    """The board as a CSV or XLSX file, all of it that is asked for. Written to the end before the
    first byte leaves, so that a fault gives an error page and never half a table."""
    actor = current_actor()
    asked = _asked(actor)
    kind, day = tables.wanted_kind(), clock.today(actor.time_zone)
    rows = chain([_headings(day.year)], _cells(actor, asked))
    file, count = tables.table_file(kind, rows, sheet=gettext("Tim saya"))
    with writing():
        actions.note_export(
            actor, "team", rows=count - 1, searched=bool(asked.search), state=asked.standing or "",
            given=_shown_for(actor, asked),
        )  # fmt: skip
    return tables.table_response(kind, file, name=f"{gettext('tim')}-{day.isoformat()}")


def _shown_for(actor: Actor, asked: Asked) -> list[Delegated]:
    """On whose behalf the board shows what it shows."""
    return [
        each
        for each in actor.delegations
        if (asked.unit is None or asked.unit.path == each.path)
        and not people.is_within(each.path, actor.own_headed_paths)
    ]


def _headings(year: int) -> list[object]:
    return [
        gettext("NIP"), gettext("Nama"), gettext("Jabatan"), gettext("Unit kerja"),
        gettext("Wajib selesai"), gettext("Wajib belum selesai"), gettext("Wajib terlambat"),
        gettext("Kursus selesai"), gettext("Kursus berjalan"), gettext("Bagian selesai"),
        gettext("Semua bagian"), gettext("Nilai terakhir"),
        gettext("JP %(year)s", year=year), gettext("Target JP"),
        gettext("Sertifikat berakhir"), gettext("Terakhir aktif"),
    ]  # fmt: skip


def _cells(actor: Actor, asked: Asked) -> Iterator[list[object]]:
    """A NIP with its blanks: as a bare number a spreadsheet would round it."""
    for row in queries.whole_team(actor, asked):
        s, d = row.summary, row.duties
        yield [
            people.spaced_nip(row.nip), row.name, row.position, row.unit,
            d.done, d.owed, d.late,
            s.completed, s.open, s.done_parts, s.parts, s.latest_score, row.hours, row.target,
            row.ends_on,
            clock.local_day(s.active_at, actor.time_zone) if s.active_at else None,
        ]  # fmt: skip


# ── One person ───────────────────────────────────────────────────────────────────────────────


@bp.get("/team/<uuid:uuid>")
@requires(Permission.REPORTS_TEAM_READ)
def member(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    person, post = queries.team_member(actor, uuid)
    day = clock.today(actor.time_zone)
    duties = duties_of(person.id)
    enrolments = learning.enrolments_of(person.id)
    profile = competencies.profile_of(person.id, post, day)
    completed = {
        row.version.course_id for row in enrolments if row.state is EnrolmentState.COMPLETED
    }
    return render_template(
        "reports/member.html",
        person=person,
        may_delegate=Permission.ACCOUNTS_TEAM_DELEGATE in actor.permissions,
        on_behalf_of=teams.on_behalf(actor, [person.id]).get(person.id),
        number_label="NI PPPK" if person.employment is people.Employment.PPPK else "NIP",
        number=people.spaced_nip(person.nip),
        initials=people.initials(person.name),
        post=post,
        duties=[
            (duty, people.is_within(duty.assignment_path, actor.headed_paths)) for duty in duties
        ],
        enrolments=enrolments,
        hours=hours_of(person.id, person.employment, day.year),
        profile=profile,
        gaps=gaps.open_gaps(profile, {duty.slug for duty in duties}, completed),
        **drawn(profile, day),
        **explained(profile),
        certificates=credentials.certificates_of(person.id),
        day=day,
        form=EmptyForm(),
    )
