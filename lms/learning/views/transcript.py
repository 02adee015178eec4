"""The transcript of a year: as a page, as a table for a spreadsheet, and as a PDF."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO, TextIOWrapper

from flask import current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lms.accounts import queries as accounts
from lms.accounts.queries import SignedIn
from lms.accounts.rules import Employment, spaced_nip
from lms.competencies.queries.hours import HourYear, form_names, hour_years_of, hours_of
from lms.core import clock, i18n
from lms.core.access import Permission, current_actor, requires
from lms.credentials import queries as credentials
from lms.credentials.queries import CertificateView
from lms.formats import csv_table
from lms.formats.pdf.printed import Entry, Transcript
from lms.learning import queries
from lms.learning.views.blueprint import bp


@dataclass(frozen=True)
class _Line:
    """An entry of the ledger as it is read, with the certificate that vouches for it."""

    title: str
    form: str
    earned_on: date
    hours: Decimal
    reason: str
    slug: str | None
    certificate: CertificateView | None


@bp.get("/my/hours")
@requires(Permission.COMPETENCIES_OWN_READ)
def hours() -> ResponseReturnValue:
    actor, found = _asked()
    this_year = clock.today(actor.time_zone).year
    years = hour_years_of(actor.person_id)
    lines = _lines(found)
    return render_template(
        "learning/hours.html",
        hours=found,
        lines=lines,
        totals=_totals(lines),
        years=sorted({*years, this_year, found.year}, reverse=True),
    )


@bp.get("/my/hours/csv")
@requires(Permission.COMPETENCIES_OWN_READ)
def hours_table() -> ResponseReturnValue:
    """The same entries for a spreadsheet."""
    _, found = _asked()
    file = BytesIO()
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    rows = [
        [line.title, line.form, line.earned_on.isoformat(), _number(line), line.hours, line.reason]
        for line in _lines(found)
    ]
    headings = [*_headings()[:-1], "JP", gettext("Alasan")]
    csv_table.write_table(text, [headings, *rows])
    text.detach()
    return _sent(file.getvalue(), "text/csv", f"{_file_name(found)}.csv")


@bp.get("/my/hours/pdf")
@requires(Permission.COMPETENCIES_OWN_READ)
def hours_sheet() -> ResponseReturnValue:
    """The same entries on paper; the number of a certificate leads to its verification."""
    from lms.formats.pdf import transcript  # 20 MB, which only who draws needs

    actor, found = _asked()
    content = transcript.render(_sheet(actor, found))
    return _sent(content, "application/pdf", f"{_file_name(found)}.pdf")


def _asked() -> tuple[SignedIn, HourYear]:
    """The actor and the hours of the year that the address names, else of this one."""
    actor = current_actor()
    assert isinstance(actor, SignedIn)
    this_year = clock.today(actor.time_zone).year
    year = request.args.get("year", this_year, type=int)
    if not 2000 <= year <= 2100:
        year = this_year
    return actor, hours_of(actor.person_id, actor.employment, year)


def _lines(found: HourYear) -> list[_Line]:
    forms = form_names(date(found.year, 12, 31))
    sources = [entry.source_uuid for entry in found.entries]
    slugs = queries.completion_slugs(sources)
    certificates = credentials.current_by_source(sources)
    return [
        _Line(
            title=entry.title,
            form=forms.get(entry.form, entry.form),
            earned_on=entry.earned_on,
            hours=entry.hours,
            reason=entry.reason or "",
            slug=slugs.get(entry.source_uuid),
            certificate=certificates.get(entry.source_uuid),
        )
        for entry in found.entries
    ]


def _totals(lines: list[_Line]) -> list[tuple[str, Decimal, list[_Line]]]:
    """Hours by form with the entries behind them, the most first."""
    by_form: dict[str, list[_Line]] = {}
    for line in lines:
        by_form.setdefault(line.form, []).append(line)
    totals = [
        (form, sum((line.hours for line in rows), Decimal(0)), rows)
        for form, rows in by_form.items()
    ]
    return sorted(totals, key=lambda total: (-total[1], total[0]))


def _headings() -> tuple[str, ...]:
    return (
        gettext("Kegiatan"), gettext("Bentuk"), gettext("Tanggal"), gettext("Nomor sertifikat"),
        "JP",
    )  # fmt: skip


def _number(line: _Line) -> str:
    return line.certificate.number if line.certificate else ""


def _sheet(actor: SignedIn, found: HourYear) -> Transcript:
    person = accounts.own_person(actor)
    post = actor.post
    label = "NI PPPK" if person.employment is Employment.PPPK else "NIP"
    facts = [(gettext("Nama"), person.name), (label, spaced_nip(person.nip))]
    if post:
        facts += [(gettext("Jabatan"), post.position_name), (gettext("Unit kerja"), post.unit_name)]
    if found.target is not None:
        target = gettext(
            "%(jp)s JP (%(source)s)", jp=i18n.number(found.target), source=found.source
        )
        facts.append((gettext("Target %(year)s", year=found.year), target))
    return Transcript(
        office=current_app.config["SITE_NAME"],
        title=gettext("Transkrip jam pelajaran %(year)s", year=found.year),
        facts=tuple(facts),
        headings=_headings(),
        entries=tuple(_row(line) for line in _lines(found)),
        total=(gettext("Total tercatat %(year)s", year=found.year), i18n.number(found.earned)),
        notes=(
            gettext(
                "1 JP = 45 menit. Nomor sertifikat dapat diklik menuju halaman verifikasinya; JP "
                "dengan tanda minus menarik kembali catatan sebelumnya."
            ),
        ),
        foot=gettext("Dicetak %(at)s", at=i18n.instant(clock.now(), actor.time_zone)),
    )


def _row(line: _Line) -> Entry:
    title = f"{line.title} ({line.reason})" if line.reason else line.title
    cells = (title, line.form, i18n.long_date(line.earned_on), _number(line))
    address = line.certificate.printed.address if line.certificate else ""
    return Entry((*cells, i18n.number(line.hours)), address)


def _file_name(found: HourYear) -> str:
    return f"{gettext('transkrip-jp')}-{found.year}"


def _sent(content: bytes, kind: str, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
