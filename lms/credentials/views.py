"""Own certificates and their files; verification, which is open to everybody."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import chain, groupby
from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from lms.accounts import rules as people
from lms.accounts.actions import tries
from lms.accounts.queries import site_zone
from lms.core import clock, files, i18n, paging, tables
from lms.core.access import Permission, current_actor, public, requires
from lms.core.db import db, transaction
from lms.core.errors import NotFound
from lms.core.forms import writing
from lms.credentials import actions, queries, rules
from lms.credentials.forms import ReasonForm
from lms.credentials.queries import CertificateView, managed
from lms.credentials.queries.managed import Held, Narrowed
from lms.credentials.rules import CertificateState
from lms.formats import codes

log = structlog.get_logger()
bp = Blueprint("credentials", __name__)
MANAGE = Permission.CREDENTIALS_PEOPLE_MANAGE
CHUNK = 64 * 1024  # bytes
MISSES = 30  # questions without an answer that a network address may ask within a quarter hour


# ── One's own, and the team's ────────────────────────────────────────────────────────────────


@bp.get("/my/certificates")
@requires(Permission.CREDENTIALS_OWN_READ)
def own() -> ResponseReturnValue:
    actor = current_actor()
    day = clock.today(actor.time_zone)
    years = []
    for year, found in groupby(
        queries.certificates_of(actor.person_id), key=lambda row: row.issued_on.year
    ):
        rows = list(found)
        jp = sum(row.printed.jp for row in rows if row.state(day) is CertificateState.VALID)
        years.append((year, rows, jp))
    return render_template("credentials/own.html", years=years, day=day)


@bp.get("/certificates/<uuid:uuid>/file")
@requires(Permission.CREDENTIALS_OWN_READ)
def file(uuid: UUID) -> ResponseReturnValue:
    """The PDF, of one's own or of somebody on the team. 404 too while it is still being made."""
    found = queries.certificate_for(current_actor(), uuid)
    if found.file_digest is None:
        raise NotFound
    return files.attachment(found.file_digest, "application/pdf", found.file_name)


# ── HR's ──────────────────────────────────────────────────────────────────────────────────────


@bp.get("/certificates")
@requires(MANAGE)
def certificates() -> ResponseReturnValue:
    """Of everybody within reach, the latest issued first."""
    actor, before = current_actor(), paging.after_id("before")
    search, state = paging.search_words(), _narrowed()
    found, more = managed.certificates_within(actor, search=search, state=state, before=before)
    chosen: dict[str, Any] = {"q": search or None, "state": state}
    return render_template(
        "credentials/certificates.html",
        rows=found,
        day=clock.today(actor.time_zone),
        search=search,
        state=state,
        kept=chosen,
        chips=[
            (words, url_for(".certificates", q=search or None, state=each), each is state)
            for each, words in _narrowed_words()
        ],
        first_url=url_for(".certificates", **chosen) if before else None,
        next_url=url_for(".certificates", **chosen, before=found[-1].certificate.id)
        if more
        else None,
    )


def _narrowed() -> Narrowed | None:
    typed = request.args.get("state", "")
    return Narrowed(typed) if typed in set(Narrowed) else None


def _narrowed_words() -> list[tuple[Narrowed | None, str]]:
    return [
        (None, gettext("Semua")),
        (Narrowed.VALID, gettext("Berlaku")),
        (Narrowed.EXPIRING, gettext("Segera berakhir")),
        (Narrowed.EXPIRED, gettext("Kedaluwarsa")),
        (Narrowed.REVOKED, gettext("Dicabut")),
        (Narrowed.SUPERSEDED, gettext("Sudah diganti")),
    ]


@bp.post("/certificates/export")
@requires(MANAGE)
def export_certificates() -> ResponseReturnValue:
    """The list as a CSV or XLSX file, all of it that is asked for."""
    actor, search, state = current_actor(), paging.search_words(), _narrowed()
    kind, day = tables.wanted_kind(), clock.today(actor.time_zone)
    found = managed.all_within(actor, search=search, state=state)
    rows = chain([_headings()], _cells(found, day))
    file, count = tables.table_file(kind, rows, sheet=gettext("Sertifikat pegawai"))
    with writing():
        actions.note_export(actor, rows=count - 1, searched=bool(search), state=state or "")
    return tables.table_response(kind, file, name=f"{gettext('sertifikat')}-{day.isoformat()}")


def _headings() -> list[object]:
    return [
        gettext("NIP"), gettext("Nama"), gettext("Unit kerja"), gettext("Kursus"), "JP",
        gettext("Nomor"), gettext("Kode"), gettext("Terbit"), gettext("Berlaku sampai"),
        gettext("Keadaan"), gettext("Alasan pencabutan"), gettext("Diganti dengan nomor"),
    ]  # fmt: skip


def _cells(found: Iterable[Held], day: date) -> Iterator[list[object]]:
    """The unit is the one that is printed, of the day of issue."""
    words = dict(_narrowed_words())
    for row in found:
        each = row.certificate
        state = Narrowed.EXPIRING if each.runs_out(day) else Narrowed(each.state(day).value)
        yield [
            people.spaced_nip(row.nip), row.name, each.printed.unit, each.printed.course,
            each.printed.jp, each.number, codes.grouped(each.code), each.issued_on,
            each.valid_until, words[state], each.revoked_reason, each.successor_number,
        ]  # fmt: skip


@bp.route("/certificates/<uuid:uuid>/reissue", methods=["GET", "POST"])
@requires(MANAGE)
def reissue(uuid: UUID) -> ResponseReturnValue:
    """Asks for the reason, then issues the certificate anew under another number."""
    actor, form, status = current_actor(), ReasonForm(), 200
    certificate, view = managed.managed_certificate(actor, uuid)
    if request.method == "POST":
        status = 422
        if form.validate():
            with writing(form):
                new = actions.reissue(actor, certificate, reason=form.reason.data or "")
                flash(
                    gettext("Diterbitkan ulang dengan nomor %(number)s.", number=new.number), "ok"
                )
                return redirect(url_for(".certificates", q=new.number))
    page = render_template(
        "credentials/change.html",
        certificate=view, day=clock.today(actor.time_zone), form=form, again=True,
    )  # fmt: skip
    return page, status


# ── Verification ─────────────────────────────────────────────────────────────────────────────


@bp.after_request
def keep_out_of_search(response: Response) -> Response:
    """Names stand on these pages; whoever has the paper finds them without a search engine."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/verify")
@public
def verify_form() -> ResponseReturnValue:
    typed = request.args.get("code", "")[:200].strip()
    code = rules.tidy_code(typed)
    if code:
        return redirect(url_for(".verify", code=code.lower()))
    if not typed:
        return _form_page()
    error = gettext("Kode terdiri dari 20 huruf dan angka. Periksa lagi ketikannya.")
    return _form_page(typed=typed, code_error=error), 422


@bp.get("/verify/<path:code>")
@public
def verify(code: str) -> ResponseReturnValue:
    found = queries.certificate_by_code(code)
    if found is None:
        _count_miss(code)
        return _verdict_page(None), 404
    if not _is_intact(found):
        return _verdict_page(None, is_broken=True), 500
    return _verdict_page(found)


@bp.post("/verify/file")
@public
def verify_file() -> ResponseReturnValue:
    """Is a file one that was issued, byte for byte? It is read and not kept."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _form_page(file_error=gettext("Pilih berkas PDF yang akan diperiksa.")), 422
    digest = sha256()
    with closing(sent):
        while part := sent.stream.read(CHUNK):
            digest.update(part)
    found = queries.certificate_by_file(digest.hexdigest())
    if found is None:
        _count_miss(digest.hexdigest())
    elif not _is_intact(found):
        return _verdict_page(None, is_broken=True), 500
    return _verdict_page(found, file_matches=found is not None)


def _is_intact(found: CertificateView) -> bool:
    if not found.is_intact:
        log.error("what a certificate says was changed", certificate=str(found.uuid))
    return found.is_intact


def _count_miss(asked: str) -> None:
    """Whoever holds a code or a file is answered, whatever others behind the same address ask."""
    if not tries.may_ask(tries.VERIFY, _address(), MISSES):
        abort(429)
    db.session.rollback()
    with transaction():
        tries.count_miss(tries.VERIFY, asked, _address())


def _address() -> str:
    return (request.remote_addr or "")[:45]


def _form_page(*, typed: str = "", code_error: str = "", file_error: str = "") -> str:
    return render_template(
        "credentials/verify_form.html", typed=typed, code_error=code_error, file_error=file_error
    )


@dataclass(frozen=True)
class _Verdict:
    title: str
    text: str
    icon: str
    tone: str = ""  # "" where all is well


def _verdict_page(
    found: CertificateView | None, file_matches: bool | None = None, *, is_broken: bool = False
) -> str:
    return render_template(
        "credentials/verify.html",
        certificate=found,
        verdict=_broken() if is_broken else _verdict(found, file_matches),
        file_matches=file_matches,
        masked_nip=rules.masked_nip(found.printed.nip) if found else "",
        code=codes.grouped(found.code) if found else "",
        hash=_in_fours(found.file_digest or "") if found else "",
        checked_at=i18n.instant(clock.now(), site_zone()),
    )


def _broken() -> _Verdict:
    """Something here is not what was issued: neither genuine nor forged can be said of it."""
    return _Verdict(
        gettext("Catatan sertifikat ini tidak utuh"),
        gettext("Keasliannya tidak dapat dipastikan di sini. Hubungi penerbitnya."),
        "alert-triangle",
        "bad",
    )


def _verdict(found: CertificateView | None, file_matches: bool | None) -> _Verdict:
    if found is None and file_matches is False:
        return _Verdict(
            gettext("Berkas ini tidak dikenal"),
            gettext("Tidak ada sertifikat kami yang berkasnya sama persis."),
            "x",
            "bad",
        )
    if found is None:
        return _Verdict(
            gettext("Sertifikat tidak dikenal"),
            gettext("Tidak ada sertifikat dengan kode ini. Periksa lagi ketikannya."),
            "x",
            "bad",
        )
    return _verdict_on(found)


def _verdict_on(found: CertificateView) -> _Verdict:
    zone = site_zone()
    match found.state(queries.public_day()):
        case CertificateState.VALID:
            text = gettext("Tercatat di sini dan tidak berubah sejak terbit.")
            return _Verdict(gettext("Sertifikat ini sah"), text, "shield-check")
        case CertificateState.SUPERSEDED:
            text = gettext("Sertifikat ini diterbitkan ulang dengan nomor lain.")
            return _Verdict(gettext("Sertifikat ini sudah diganti"), text, "history", "warn")
        case CertificateState.EXPIRED:
            assert found.valid_until is not None
            text = gettext(
                "Asli, tetapi hanya berlaku sampai %(date)s.",
                date=i18n.long_date(found.valid_until),
            )
            return _Verdict(gettext("Masa berlaku sertifikat ini berakhir"), text, "clock", "warn")
        case CertificateState.REVOKED:
            assert found.revoked_at is not None
            text = gettext(
                "Dicabut pada %(date)s dan tidak berlaku lagi.",
                date=i18n.long_date(clock.local_day(found.revoked_at, zone)),
            )
            return _Verdict(gettext("Sertifikat ini dicabut"), text, "x", "bad")


def _in_fours(digest: str) -> str:
    return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))
