"""Tim saya: the board of a head of unit, and one person of it."""

from collections.abc import Iterable, Iterator
from io import SEEK_END, TextIOWrapper
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID

from flask import Blueprint, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts import rules as people
from lms.competencies import queries as competencies
from lms.core import clock, paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.forms import writing
from lms.credentials import queries as credentials
from lms.formats import csv_table
from lms.learning import queries as learning
from lms.reports import actions, queries

bp = Blueprint("reports", __name__)
IN_MEMORY = 1024 * 1024  # bytes of an export; what is more goes through a temporary file


@bp.get("/team")
@requires(Permission.REPORTS_TEAM_READ)
def team() -> ResponseReturnValue:
    actor = current_actor()
    search, after = paging.search_words(), paging.after_uuid()
    found = queries.team(actor, search, after)
    last = found.members[-1] if found.members else None
    return render_template(
        "reports/team.html",
        units=queries.headed_units(actor),
        search=search,
        team=found,
        year=clock.today(actor.time_zone).year,
        first_url=url_for(".team", q=search or None) if after else None,
        next_url=url_for(".team", q=search or None, after=last.uuid)
        if found.has_more and last
        else None,
    )


@bp.post("/team/export")
@requires(Permission.REPORTS_TEAM_READ)
def export_team() -> ResponseReturnValue:
    """The board as a CSV file, all of it that the search finds. Written to the end before the
    first byte leaves, so that a fault gives an error page and never half a table."""
    actor, search = current_actor(), paging.search_words()
    day = clock.today(actor.time_zone)
    file, rows = _file_of(chain([_headings(day.year)], _cells(actor, search)))
    with writing():
        actions.note_export(actor, "team", rows=rows - 1, search=search)
    size = file.seek(0, SEEK_END)
    file.seek(0)
    response = send_file(
        file,
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"{gettext('tim')}-{day.isoformat()}.csv",
    )
    response.content_length = size
    return response


def _file_of(rows: Iterable[Iterable[object]]) -> tuple[IO[bytes], int]:
    """A temporary file with the rows as CSV, and how many they are."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        count = csv_table.write_table(text, rows)
        text.detach()
    except BaseException:
        file.close()
        raise
    return file, count


def _headings(year: int) -> list[str]:
    return [
        gettext("NIP"), gettext("Nama"), gettext("Jabatan"), gettext("Unit kerja"),
        gettext("Kursus selesai"), gettext("Kursus berjalan"), gettext("Bagian selesai"),
        gettext("Semua bagian"), gettext("Nilai terakhir"),
        gettext("JP %(year)s", year=year), gettext("Target JP"),
    ]  # fmt: skip


def _cells(actor: Actor, search: str) -> Iterator[list[object]]:
    """A NIP with its blanks: as a bare number a spreadsheet would round it."""
    for row in queries.whole_team(actor, search):
        s = row.summary
        yield [
            people.spaced_nip(row.nip), row.name, row.position, row.unit,
            s.completed, s.open, s.done_parts, s.parts, s.latest_score, row.hours, row.target,
        ]  # fmt: skip


@bp.get("/team/<uuid:uuid>")
@requires(Permission.REPORTS_TEAM_READ)
def member(uuid: UUID) -> ResponseReturnValue:
    actor = current_actor()
    person, post = queries.team_member(actor, uuid)
    day = clock.today(actor.time_zone)
    return render_template(
        "reports/member.html",
        person=person,
        number_label="NI PPPK" if person.employment is people.Employment.PPPK else "NIP",
        number=people.spaced_nip(person.nip),
        initials=people.initials(person.name),
        post=post,
        enrolments=learning.enrolments_of(person.id),
        hours=competencies.hours_of(person.id, person.employment, day.year),
        profile=competencies.profile_of(person.id, post, day),
        certificates=credentials.certificates_of(person.id),
        day=day,
    )
