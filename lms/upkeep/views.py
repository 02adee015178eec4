"""The site for its admins: how it is, what its jobs do, and its outbox."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from lms.accounts.queries import audit_log
from lms.accounts.queries.register import reaches_all, roles_ending
from lms.accounts.views.account import role_words
from lms.core import audit, clock, i18n, jobs, mail, paging
from lms.core.access import Actor, Permission, current_actor, requires
from lms.core.errors import DomainError, Forbidden, NotFound
from lms.core.forms import EmptyForm, writing
from lms.core.mail import MailState
from lms.upkeep import health, verification
from lms.upkeep.health import Health
from lms.upkeep.rules import VerificationState

if TYPE_CHECKING:
    from lms.upkeep.models import Verification

bp = Blueprint("upkeep", __name__)
MANAGE = Permission.SITE_UPKEEP_MANAGE
PAGE = 50

# What each sweep does. A test keeps this whole.
SWEEPS: dict[str, LazyString] = {
    "analyses": _l("Penghitungan analitik kursus"),
    "regrades": _l("Koreksi nilai kuis"),
    "withdrawals": _l("Kursus yang ditarik: kabar bagi peserta, hari terakhirnya"),
    "seats": _l("Kursi angkatan bagi yang menunggu"),
    "bulk acts": _l("Tindakan untuk banyak peserta"),
    "assignments": _l("Penugasan: batas waktu, pengingat, pegawai yang pindah"),
    "notifications": _l("Kabar yang dikirim lewat surel"),
    "mail": _l("Pengiriman surel"),
    "attempts": _l("Kuis yang waktunya habis"),
    "certificates": _l("Pembuatan berkas sertifikat"),
    "certificate reminders": _l("Pengingat masa berlaku sertifikat"),
    "levels": _l("Penghitungan ulang tingkat kompetensi"),
    "imports": _l("Impor data"),
    "old imports": _l("Pembersihan impor lama"),
    "verification": _l("Pemeriksaan keutuhan rekam jejak"),
    "tries": _l("Pembersihan percobaan masuk"),
    "sessions": _l("Pembersihan sesi lama"),
    "codes": _l("Pembersihan kode lama"),
    "old mail": _l("Pembersihan surel lama"),
}


def _admin() -> Actor:
    """The actor, who administers all of the site. Raises Forbidden for an admin of a part."""
    actor = current_actor()
    if not reaches_all(actor.paths_of(MANAGE)):
        raise Forbidden
    return actor


@bp.get("/site")
@requires(MANAGE)
def site() -> ResponseReturnValue:
    actor = _admin()
    disk, post, backup, sweeps = (
        health.disk(), health.post(), health.last_backup(), health.sweeps(),
    )  # fmt: skip
    guarded = health.is_guarded()
    broken = [sweep for sweep in sweeps if sweep.health is not Health.GOOD]
    worst = Health.BAD if any(s.health is Health.BAD for s in broken) else Health.ATTENTION
    zone = actor.time_zone
    return render_template(
        "upkeep/site.html",
        disk=disk,
        free=i18n.megabytes(disk.free),
        total=i18n.megabytes(disk.total),
        post=post,
        oldest=i18n.instant(post.oldest, zone) if post.oldest else "",
        backup=backup,
        backup_at=i18n.instant(backup.made_at, zone) if backup.made_at else "",
        guarded=guarded,
        database=health.database(),
        version=health.version(),
        jobs_health=worst if broken else Health.GOOD,
        broken=len(broken),
        sweeps=[_sweep_row(sweep, zone) for sweep in sweeps],
        imports_waiting=health.imports_waiting(),
        accounts_waiting=health.accounts_waiting(),
        roles_ending=len(roles_ending(actor, MANAGE, clock.today(zone) + ENDS_SOON)),
        soon_days=ENDS_SOON.days,
        form=EmptyForm(formdata=None),
    )


@bp.post("/site/jobs/run")
@requires(MANAGE)
def run_job() -> ResponseReturnValue:
    """Asks for a sweep at once; every one of them runs each minute by itself."""
    actor, name = _admin(), request.form.get("name", "")
    if name not in current_app.extensions["sweeps"]:
        raise NotFound
    with writing():
        audit.record(actor, "upkeep.job_asked", job=name)
        jobs.hint(name)
    flash(gettext("Diminta. Muat ulang halaman ini sebentar lagi."), "ok")
    return redirect(url_for(".site"))


@bp.get("/site/mail")
@requires(MANAGE)
def outbox() -> ResponseReturnValue:
    actor, before = _admin(), paging.after_id("before")
    typed = request.args.get("state", "")
    state = MailState(typed) if typed in set(MailState) else None
    counts = mail.outbox_counts()
    found, more = mail.outbox(state, before, PAGE)
    chosen: dict[str, Any] = {"state": state}
    return render_template(
        "upkeep/outbox.html",
        rows=[_mail_row(row, actor.time_zone) for row in found],
        chips=[
            (_state_words(s), counts[s], url_for(".outbox", state=s), s is state)
            for s in (MailState.WAITING, MailState.FAILED, MailState.SENT)
        ],
        is_filtered=state is not None,
        failed=counts[MailState.FAILED],
        kept_days=mail.KEPT.days,
        form=EmptyForm(formdata=None),
        first_url=url_for(".outbox", **chosen) if before else None,
        next_url=url_for(".outbox", **chosen, before=found[-1].id) if more else None,
    )


@bp.post("/site/mail/retry")
@requires(MANAGE)
def retry_mail() -> ResponseReturnValue:
    return _again(_admin(), None)


@bp.post("/site/mail/<uuid:uuid>/retry")
@requires(MANAGE)
def retry_one(uuid: UUID) -> ResponseReturnValue:
    return _again(_admin(), uuid)


def _again(actor: Actor, uuid: UUID | None) -> ResponseReturnValue:
    with writing():
        count = mail.send_again(uuid)
        if uuid is not None and not count:
            raise NotFound
        audit.record(actor, "upkeep.mail_retried", count=count)
    flash(ngettext("%(num)s surel dikirim lagi.", "%(num)s surel dikirim lagi.", count), "ok")
    return redirect(url_for(".outbox", state=MailState.WAITING))


# ── What auditors and admins watch ───────────────────────────────────────────────────────────

WATCHED_FOR = timedelta(days=7)
ENDS_SOON = timedelta(days=30)


@bp.get("/oversight")
@requires(Permission.AUDIT_LOG_READ)
def oversight() -> ResponseReturnValue:
    """The start page of whoever watches the site, or a part of it."""
    actor = current_actor()
    everywhere = reaches_all(actor.paths_of(Permission.AUDIT_LOG_READ))
    counts = audit_log.counts_since(actor, _WATCHED, clock.now() - WATCHED_FOR)
    until = clock.today(actor.time_zone) + ENDS_SOON
    return render_template(
        "upkeep/oversight.html",
        everywhere=everywhere,
        verification=_last_verification(actor.time_zone) if everywhere else None,
        refused=counts["access.refused"],
        exported=counts["reports.exported"],
        tables=counts["learning.exported"],
        granted=counts["accounts.role_granted"],
        watched_days=WATCHED_FOR.days,
        roles=[
            {"name": row.name, "uuid": row.uuid, "unit": row.unit, "end_on": row.end_on,
             "role": role_words(row.role)}
            for row in roles_ending(actor, Permission.AUDIT_LOG_READ, until)
        ],
        soon_days=ENDS_SOON.days,
        may_upkeep=reaches_all(actor.paths_of(MANAGE)),
    )  # fmt: skip


_WATCHED = ("access.refused", "reports.exported", "learning.exported", "accounts.role_granted")


def _last_verification(zone: str) -> dict[str, object] | None:
    """The last one that came to an end."""
    for row, _ in verification.latest():
        if row.done_at is not None:
            return {
                "faults": row.faults,
                "failed": row.state is VerificationState.FAILED,
                "done": i18n.instant(row.done_at, zone),
            }
    return None


# ── Are the records intact? ──────────────────────────────────────────────────────────────────


@bp.get("/audit-log/verification")
@requires(Permission.AUDIT_LOG_READ)
def verifications() -> ResponseReturnValue:
    actor = _auditor()
    under_way = verification.under_way()
    return render_template(
        "upkeep/verifications.html",
        rows=[_verification_row(row, name, actor.time_zone) for row, name in verification.latest()],
        under_way=under_way,
        shown=verification.LINES,
        form=EmptyForm(formdata=None),
    )


@bp.post("/audit-log/verification")
@requires(Permission.AUDIT_LOG_READ)
def ask_verification() -> ResponseReturnValue:
    actor = _auditor()
    try:
        with writing():
            verification.ask(actor)
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(".verifications"))


def _auditor() -> Actor:
    """The actor, who reads the log of all of the site. Raises Forbidden for one of a part."""
    actor = current_actor()
    if not reaches_all(actor.paths_of(Permission.AUDIT_LOG_READ)):
        raise Forbidden
    return actor


def _verification_row(row: "Verification", name: str, zone: str) -> dict[str, object]:
    return {
        "state": row.state,
        "by": name,
        "asked": i18n.instant(row.asked_at, zone),
        "done": i18n.instant(row.done_at, zone) if row.done_at else "",
        "faults": row.faults,
        "lines": row.lines,
    }


# ── Words ────────────────────────────────────────────────────────────────────────────────────


def _sweep_row(sweep: health.Sweep, zone: str) -> dict[str, object]:
    return {
        "name": sweep.name,
        "words": SWEEPS.get(sweep.name, sweep.name),
        "health": sweep.health,
        "done": i18n.instant(sweep.done_at, zone) if sweep.done_at else "",
        "failed": i18n.instant(sweep.failed_at, zone) if sweep.failures and sweep.failed_at else "",
        "failures": sweep.failures,
        "error": sweep.error,
    }


def _mail_row(row: mail.Listed, zone: str) -> dict[str, object]:
    at = row.sent_at or row.due_at
    return {
        "uuid": row.uuid,
        "to": row.recipient,
        "subject": row.subject,
        "state": row.state,
        "state_words": _state_words(row.state),
        "created": i18n.instant(row.created_at, zone),
        "at": i18n.instant(at, zone) if at else "",
        "tries": row.tries,
        "error": row.last_error if row.sent_at is None else None,
    }


def _state_words(state: MailState) -> str:
    return {
        MailState.WAITING: gettext("Menunggu"),
        MailState.FAILED: gettext("Gagal"),
        MailState.SENT: gettext("Terkirim"),
    }[state]
