"""The own inbox, and nobody else's."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import bindparam, func, select

from lms.core import i18n
from lms.core.access import Actor
from lms.core.db import db, read
from lms.core.errors import NotFound
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind

PAGE = 25
DUE_TOGETHER = 500  # news of one person in one mail
MANY = 99  # the bell counts no further


def own_notifications(
    actor: Actor, before: int | None, *, unread_only: bool = False
) -> list[Notification]:
    """One page and one row more, the newest first; `before` is the last id of the page before."""
    query = select(Notification).where(Notification.person_id == actor.person_id)
    if unread_only:
        query = query.where(Notification.read_at.is_(None))
    if before is not None:
        query = query.where(Notification.id < before)
    return list(db.session.scalars(query.order_by(Notification.id.desc()).limit(PAGE + 1)))


def own_notification(actor: Actor, uuid: UUID) -> Notification:
    """Raises NotFound for anybody else's."""
    found = db.session.scalar(
        select(Notification).where(
            Notification.uuid == uuid, Notification.person_id == actor.person_id
        )
    )
    if found is None:
        raise NotFound
    return found


_UNREAD = select(func.count()).select_from(
    select(Notification.id)
    .where(Notification.person_id == bindparam("person_id"), Notification.read_at.is_(None))
    .limit(MANY + 1)
    .subquery()
)


def unread_count(actor: Actor) -> int:
    """How many are unread, counted up to a limit."""
    return int(read(_UNREAD, person_id=actor.person_id).scalar_one())


def words_of(notification: Notification) -> tuple[str, str]:
    """Title and text, in the language of the reader."""
    values = notification.values
    match notification.kind:
        case NotificationKind.COURSE_COMPLETED:
            title = gettext("Kursus selesai: %(course)s", course=values["course"])
            return title, gettext(
                "%(jp)s JP tercatat pada transkrip Anda.", jp=i18n.number(Decimal(values["jp"]))
            )
        case NotificationKind.QUIZ_RESULT:
            title = gettext("Hasil %(quiz)s", quiz=values["quiz"])
            if not values["score"]:
                return title, gettext(
                    "Jawaban Anda sudah dinilai. Kursus: %(course)s.", course=values["course"]
                )
            if not Decimal(values["needed"]):
                return title, gettext(
                    "Jawaban Anda sudah dinilai: %(score)s. Kursus: %(course)s.",
                    score=i18n.points(Decimal(values["score"])), course=values["course"],
                )  # fmt: skip
            return title, gettext(
                "Jawaban Anda sudah dinilai: %(score)s, nilai minimum %(needed)s. Kursus: "
                "%(course)s.",
                score=i18n.points(Decimal(values["score"])),
                needed=i18n.points(Decimal(values["needed"])),
                course=values["course"],
            )
        case (
            NotificationKind.CERTIFICATE_REISSUED
            | NotificationKind.CERTIFICATE_REVOKED
            | NotificationKind.CERTIFICATE_EXPIRES
        ):
            return _certificate_words(notification.kind, values)
        case (
            NotificationKind.CLAIM_APPROVED
            | NotificationKind.CLAIM_RETURNED
            | NotificationKind.RIGHTS_DELEGATED
            | NotificationKind.DELEGATION_ENDED
        ):
            return _team_words(notification.kind, values)
        case (
            NotificationKind.REVIEW_ASKED
            | NotificationKind.REVIEW_COMMENTED
            | NotificationKind.REVIEW_APPROVED
            | NotificationKind.REVIEW_RETURNED
            | NotificationKind.REVIEW_WITHDRAWN
        ):
            return _review_words(notification.kind, values)
        case (
            NotificationKind.COURSE_NUDGED
            | NotificationKind.COURSE_MESSAGE
            | NotificationKind.ATTEMPT_VOIDED
            | NotificationKind.MARK_CHANGED
            | NotificationKind.COURSE_STOPPED
            | NotificationKind.COURSE_RESUMED
            | NotificationKind.TAKEN_OUT
        ):
            return _trainer_words(notification.kind, values)
        case (
            NotificationKind.ENTRY_ASKED
            | NotificationKind.ENTRY_APPROVED
            | NotificationKind.ENTRY_REFUSED
            | NotificationKind.ENTRY_INVITED
            | NotificationKind.RUN_CANCELLED
            | NotificationKind.RUN_MOVED
            | NotificationKind.RUN_PROMOTED
        ):
            return _entry_words(notification.kind, values)
        case _:
            return _deadline_words(notification.kind, values)


def _team_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """Between people and those above them."""
    if kind in (NotificationKind.RIGHTS_DELEGATED, NotificationKind.DELEGATION_ENDED):
        return _delegation_words(kind, values)
    if kind is NotificationKind.CLAIM_APPROVED:
        title = gettext("Bukti disetujui: %(title)s", title=values["title"])
        return title, gettext("JP dan kompetensinya sudah tercatat.")
    title = gettext("Bukti dikembalikan: %(title)s", title=values["title"])
    return title, gettext("Perbaiki, lalu ajukan lagi. Alasan: %(reason)s", reason=values["reason"])


def _delegation_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """Of the rights of a head: to whoever stands in; of their end, to the other of the two."""
    by, unit = values["by"], values["unit"]
    if kind is NotificationKind.RIGHTS_DELEGATED:
        title = gettext("Anda bertindak atas nama %(by)s", by=by)
        return title, gettext(
            "Untuk %(unit)s, %(first)s sampai %(last)s. Alasan: %(reason)s",
            unit=unit,
            first=i18n.long_date(date.fromisoformat(values["start"])),
            last=i18n.long_date(date.fromisoformat(values["end"])),
            reason=values["reason"],
        )
    title = gettext("Pelimpahan wewenang berakhir: %(unit)s", unit=unit)
    return title, gettext("Atas nama %(giver)s, diakhiri oleh %(by)s", by=by, giver=values["giver"])


def _review_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """Of a draft, among those who write and review it."""
    course, by, said = values["course"], values["by"], values["text"]
    match kind:
        case NotificationKind.REVIEW_ASKED:
            title = gettext("Tinjauan diminta: %(course)s", course=course)
            return title, gettext("%(by)s meminta Anda membaca draf ini dan memutuskan.", by=by)
        case NotificationKind.REVIEW_COMMENTED:
            return gettext("Komentar baru: %(course)s", course=course), f"{by}: {said}"
        case NotificationKind.REVIEW_APPROVED:
            title = gettext("Draf disetujui: %(course)s", course=course)
            return title, gettext("%(by)s menyetujuinya. Draf ini dapat diterbitkan.", by=by)
        case NotificationKind.REVIEW_WITHDRAWN:
            title = gettext("Permintaan tinjauan dibatalkan: %(course)s", course=course)
            return title, gettext("%(by)s membatalkannya. Anda tidak perlu memutuskan.", by=by)
        case _:
            return gettext("Draf dikembalikan: %(course)s", course=course), f"{by}: {said}"


def has_unread(person_id: int, kind: NotificationKind, url: str) -> bool:
    """Does the person have such news already that was not read yet?"""
    query = select(Notification.id).where(
        Notification.person_id == person_id, Notification.read_at.is_(None),
        Notification.kind == kind, Notification.url == url,
    )  # fmt: skip
    return db.session.scalars(query.limit(1)).first() is not None


def _certificate_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    match kind:
        case NotificationKind.CERTIFICATE_REISSUED:
            title = gettext("Sertifikat diterbitkan ulang: %(course)s", course=values["course"])
            return title, gettext(
                "Nomor baru %(number)s menggantikan %(before)s. Alasan: %(reason)s",
                number=values["number"], before=values["before"], reason=values["reason"],
            )  # fmt: skip
        case NotificationKind.CERTIFICATE_REVOKED:
            title = gettext("Sertifikat dicabut: %(course)s", course=values["course"])
            return title, gettext(
                "Nomor %(number)s tidak berlaku lagi, dan JP-nya ditarik dari transkrip. Alasan: "
                "%(reason)s",
                number=values["number"], reason=values["reason"],
            )  # fmt: skip
        case _:
            title = gettext("Sertifikat akan berakhir: %(course)s", course=values["course"])
            return title, gettext(
                "Nomor %(number)s berlaku sampai %(date)s.",
                number=values["number"], date=i18n.long_date(date.fromisoformat(values["until"])),
            )  # fmt: skip


def _trainer_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """From whoever teaches a course to one of its learners."""
    if kind in (NotificationKind.COURSE_STOPPED, NotificationKind.COURSE_RESUMED):
        return _offer_words(kind, values)
    if kind is NotificationKind.MARK_CHANGED:
        title = gettext("Nilai dikoreksi: %(quiz)s", quiz=values["quiz"])
        return title, _mark_words(values)
    if kind is NotificationKind.ATTEMPT_VOIDED:
        title = gettext("Percobaan dibatalkan: %(quiz)s", quiz=values["quiz"])
        return title, gettext(
            "Percobaan %(number)s tidak dihitung lagi. Alasan: %(reason)s",
            number=values["number"], reason=values["reason"],
        )  # fmt: skip
    if kind is NotificationKind.TAKEN_OUT:
        title = gettext("Anda dikeluarkan dari kursus: %(course)s", course=values["course"])
        return title, gettext(
            "Yang sudah Anda kerjakan tetap tersimpan. Alasan: %(reason)s", reason=values["reason"]
        )
    if kind is NotificationKind.COURSE_MESSAGE:
        title = gettext("Pesan pengajar: %(course)s", course=values["course"])
        return title, f"{values['text']} ({values['by']})"
    title = gettext("Pengingat: %(course)s", course=values["course"])
    return title, gettext(
        "%(by)s, pengajar kursus ini, mengajak Anda melanjutkan.", by=values["by"]
    )


def _offer_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """That a course was withdrawn, or is offered again: to learners, and to whoever assigned it."""
    course = values["course"]
    if kind is NotificationKind.COURSE_RESUMED:
        title = gettext("Kursus dilanjutkan: %(course)s", course=course)
        return title, gettext("Kursus ini tidak jadi berakhir. Anda dapat terus belajar.")
    title = gettext("Kursus ditarik: %(course)s", course=course)
    why = gettext("Alasan: %(reason)s", reason=values["reason"])
    if values["to"] == "assigner":
        told = gettext("Yang Anda tugaskan tidak dapat mendaftar lagi; tarik penugasannya.")
    elif values["ends"]:
        day = i18n.long_date(date.fromisoformat(values["ends"]))
        told = gettext(
            "Kursus ini berakhir bagi Anda sesudah %(day)s %(zone)s. Selesaikan sebelum itu.",
            day=day,
            zone=values["zone"],
        )
    else:
        told = gettext("Anda tetap dapat menyelesaikannya.")
    return title, f"{told} {why}"


def _mark_words(values: Mapping[str, str]) -> str:
    if values["after"]:
        text = gettext(
            "Nilai percobaan Anda berubah dari %(before)s menjadi %(after)s. Alasan: %(reason)s",
            before=i18n.points(Decimal(values["before"])),
            after=i18n.points(Decimal(values["after"])),
            reason=values["reason"],
        )
    else:
        text = gettext(
            "Nilai percobaan Anda dikoreksi. Alasan: %(reason)s", reason=values["reason"]
        )
    if values["reopened"]:
        text += " " + gettext(
            "Syarat lulus kursus %(course)s tidak lagi terpenuhi: JP dan bukti kompetensinya "
            "ditarik. Anda dapat mengulang kuisnya.",
            course=values["course"],
        )
    return text


def _entry_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """About getting into a course: to its owners, and to whoever asked or is invited."""
    if "run" in values:
        return _run_words(kind, values)
    course = values["course"]
    match kind:
        case NotificationKind.ENTRY_ASKED:
            title = gettext("Permintaan mengikuti: %(course)s", course=course)
            return title, gettext(
                "%(by)s ingin mengikuti kursus ini. Setujui atau tolak di daftar permintaan.",
                by=values["by"],
            )
        case NotificationKind.ENTRY_APPROVED:
            title = gettext("Permintaan disetujui: %(course)s", course=course)
            if values["choose"]:
                return title, gettext("Pilih angkatan Anda di halaman kursus.")
            return title, gettext("Anda terdaftar dan dapat mulai belajar.")
        case NotificationKind.ENTRY_REFUSED:
            title = gettext("Permintaan ditolak: %(course)s", course=course)
            return title, gettext("Alasan: %(reason)s", reason=values["reason"])
        case _:
            title = gettext("Undangan kursus: %(course)s", course=course)
            return title, gettext(
                "%(by)s mengundang Anda. Terima atau tolak di halaman kursus.", by=values["by"]
            )


def _run_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """About a seat in a cohort of a course."""
    course, run = values["course"], values["run"]
    starts = i18n.long_date(date.fromisoformat(values["starts"]))
    if kind is NotificationKind.RUN_CANCELLED:
        title = gettext("Angkatan dibatalkan: %(course)s", course=course)
        return title, gettext(
            "Anda tidak lagi menunggu kursi di %(run)s. Alasan: %(reason)s",
            run=run, reason=values["reason"],
        )  # fmt: skip
    begins = gettext("%(run)s, mulai %(date)s.", run=run, date=starts)
    if kind is NotificationKind.RUN_MOVED:
        return gettext("Angkatan Anda dipindahkan: %(course)s", course=course), begins
    return gettext("Kursi untuk Anda: %(course)s", course=course), begins


def _deadline_words(kind: NotificationKind, values: Mapping[str, str]) -> tuple[str, str]:
    """About a course that must be completed by a day; `by` gave it, reminds or took it back."""
    course, by, reason = values["course"], values["by"], values["reason"]
    due = i18n.long_date(date.fromisoformat(values["due"]))
    until = gettext("Batas: akhir hari %(due)s %(zone)s.", due=due, zone=values["zone"])
    why = gettext("Alasan: %(reason)s", reason=reason)
    match kind:
        case NotificationKind.COURSE_ASSIGNED:
            title = gettext("Kursus wajib: %(course)s", course=course)
            given = gettext("Ditugaskan oleh %(by)s.", by=by)
            return title, f"{given} {until} {why}"
        case NotificationKind.COURSE_REMINDED:
            title = gettext("Pengingat: %(course)s", course=course)
            reminded = gettext("%(by)s mengingatkan Anda.", by=by)
            return title, f"{reminded} {until}"
        case NotificationKind.COURSE_WITHDRAWN:
            title = gettext("Tidak wajib lagi: %(course)s", course=course)
            if not by:
                return title, gettext("Anda pindah dari unit yang menugaskannya.")
            freed = gettext("Penugasan ditarik oleh %(by)s.", by=by)
            return title, f"{freed} {why}"
        case NotificationKind.DEADLINE_MOVED:
            title = gettext("Batas diperpanjang: %(course)s", course=course)
            return title, f"{until} {why}"
        case NotificationKind.DEADLINE_NEAR:
            return gettext("Segera berakhir: %(course)s", course=course), until
        case _:
            title = gettext("Terlambat: %(course)s", course=course)
            passed = gettext("Batasnya %(due)s. Selesaikan secepatnya.", due=due)
            return title, passed


def people_due_for_mail(now: datetime, limit: int) -> list[int]:
    """Ids of people with news whose time to be mailed has come, the longest waiting first."""
    return list(
        db.session.scalars(
            select(Notification.person_id)
            .where(Notification.mail_due_at <= now)
            .group_by(Notification.person_id)
            .order_by(func.min(Notification.mail_due_at))
            .limit(limit)
        )
    )


def due_for_mail(person_id: int, now: datetime) -> list[Notification]:
    """For acts: kept from other sweeps until the commit. The newest first."""
    return list(
        db.session.scalars(
            select(Notification)
            .where(Notification.person_id == person_id, Notification.mail_due_at <= now)
            .order_by(Notification.id.desc())
            .limit(DUE_TOGETHER)
            .with_for_update(skip_locked=True)
        )
    )
