"""A quiz and its limits in words: how it is taken, what it means for the final score, what ends an
attempt, which one counts, why none may begin, and when its answers are shown."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import gettext, ngettext

from lms.core import i18n
from lms.courses.queries import Part
from lms.quizzes import rules
from lms.quizzes.rules import GradeMethod, Limits, Refusal, Review, Shown, StartVerdict


def ending(limits: Limits, now: datetime, zone: str) -> str:
    """What will end an attempt that begins now."""
    closes = i18n.instant(limits.closes_at, zone) if limits.closes_at else ""
    if not limits.time_limit:
        if not closes:
            return gettext("Tidak ada batas waktu.")
        return gettext("Berakhir %(at)s karena kuis ditutup.", at=closes)
    time = i18n.duration(limits.time_limit)
    if rules.ends_by_closing(now, limits):
        return gettext(
            "Waktu %(time)s; berakhir paling lambat %(at)s karena kuis ditutup.",
            time=time,
            at=closes,
        )
    return gettext("Waktu %(time)s sejak Anda mulai.", time=time)


def counting(method: GradeMethod) -> str:
    """Which attempt counts, to follow a semicolon."""
    return {
        GradeMethod.HIGHEST: gettext("nilai tertinggi yang dicatat"),
        GradeMethod.LAST: gettext("nilai percobaan terakhir yang dicatat"),
        GradeMethod.AVERAGE: gettext("rata-rata semua percobaan yang dicatat"),
        GradeMethod.FIRST: gettext("nilai percobaan pertama yang dicatat"),
    }[method]


def practice(tries: int) -> str:
    """How a practice quiz is taken, where a question allows up to so many tries."""
    if tries == 1:
        return gettext("Latihan: setiap jawaban dapat langsung diperiksa, satu kali.")
    return gettext(
        "Latihan: setiap jawaban dapat langsung diperiksa; bila belum tepat ada petunjuk dan "
        "percobaan lagi."
    )


def influence(part: Part, weights: int) -> str:
    """What a quiz means for the final score, where the weights of all add up to so much, and for
    completing the course."""
    if part.optional:
        return gettext("Tidak wajib: tidak dihitung, dan kursus selesai tanpanya.")
    if part.weight == weights > 0:
        return gettext("Seluruh nilai akhir kursus.")
    if part.weight:
        share = (Decimal(100) * part.weight / weights).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return gettext("%(share)s persen dari nilai akhir kursus.", share=i18n.points(share))
    if part.pass_percent:
        return gettext(
            "Tidak dihitung; tetapi kursus baru selesai bila nilai minimum kuis ini tercapai."
        )
    return gettext("Tidak dihitung; cukup dikerjakan agar kursus selesai.")


def waiting(limits: Limits) -> str:
    """How long to wait between attempts; empty without a wait."""
    if limits.attempts == 1 or not (limits.first_delay or limits.later_delay):
        return ""
    if limits.first_delay == limits.later_delay or limits.attempts == 2:
        return i18n.duration(limits.first_delay) if limits.first_delay else ""
    first = i18n.duration(limits.first_delay) if limits.first_delay else gettext("tanpa jeda")
    later = i18n.duration(limits.later_delay) if limits.later_delay else gettext("tanpa jeda")
    return gettext(
        "sesudah percobaan pertama %(first)s, sesudah yang berikutnya %(later)s",
        first=first,
        later=later,
    )


def refusal(verdict: StartVerdict, limits: Limits, zone: str) -> str:
    """Why no attempt may begin now, and what can be done; empty when one may."""
    at = i18n.instant(verdict.at, zone) if verdict.at else ""
    closes = i18n.instant(limits.closes_at, zone) if limits.closes_at else ""
    match verdict.refusal:
        case None:
            return ""
        case Refusal.NOT_OPEN:
            return gettext("Kuis ini dibuka %(at)s.", at=at)
        case Refusal.CLOSED:
            return gettext("Kuis ini ditutup %(at)s.", at=at)
        case Refusal.WAIT:
            return gettext("Percobaan berikutnya boleh dimulai %(at)s.", at=at)
        case Refusal.CANNOT_WAIT:
            return gettext(
                "Tidak ada percobaan lagi: jeda berakhir %(at)s, tetapi kuis ditutup %(closes)s.",
                at=at,
                closes=closes,
            )
        case Refusal.NONE_LEFT:
            return gettext(
                "Semua kesempatan sudah dipakai. Hubungi pengajar atau admin kepegawaian untuk "
                "meminta kesempatan tambahan."
            )


def allowed(usual: Limits, own: Limits, zone: str) -> list[str]:
    """What the reader may beyond the usual limits of a quiz, a sentence each."""
    found = []
    if own.time_limit > usual.time_limit:
        found.append(
            gettext(
                "Waktu %(own)s, bukan %(usual)s.",
                own=i18n.duration(own.time_limit), usual=i18n.duration(usual.time_limit),
            )
        )  # fmt: skip
    if own.attempts > usual.attempts:
        more = own.attempts - usual.attempts
        found.append(ngettext("%(num)s kesempatan tambahan.", "%(num)s kesempatan tambahan.", more))
    if own.closes_at != usual.closes_at and own.closes_at:
        found.append(gettext("Ditutup %(at)s.", at=i18n.instant(own.closes_at, zone)))
    return found


def always() -> str:
    return gettext("langsung setelah dikirim")


def shown_when(part: Shown, review: Review, closes: str) -> str:
    """When a learner sees this of an attempt; empty for never. `closes` is when the quiz does, in
    words, or empty."""
    soon, later = part in review.immediately, part in review.later
    after = part in review.closed and bool(closes)
    if soon and later and (after or not closes):
        return always()
    phrases = []
    if soon and later:
        phrases.append(gettext("sejak dikirim sampai kuis ditutup"))
    elif soon:
        phrases.append(gettext("selama 2 menit setelah dikirim"))
    elif later and (after or not closes):
        phrases.append(gettext("mulai 2 menit setelah dikirim"))
    elif later:
        phrases.append(gettext("dari 2 menit setelah dikirim sampai kuis ditutup"))
    if after and not later:
        phrases.append(gettext("setelah kuis ditutup %(at)s", at=closes))
    if part in review.passed:
        phrases.append(gettext("setelah Anda lulus kuis ini"))
    return "; ".join(phrases)
