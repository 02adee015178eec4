"""Pure decisions about people, their numbers, passwords and sign-in."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class MailChoice(StrEnum):
    """When news come to a person by mail: each at once, once a day, or only in the inbox."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


USUAL_MAIL = MailChoice.DAILY


class Employment(StrEnum):
    """Employment status (UU 20/2023; domain.md section 12)."""

    PNS = "pns"
    PPPK = "pppk"


class PositionKind(StrEnum):
    """Kinds of position (domain.md section 7.3)."""

    JPT = "jpt"
    ADMINISTRATOR = "administrator"
    PENGAWAS = "pengawas"
    FUNGSIONAL = "fungsional"
    PELAKSANA = "pelaksana"


class PositionTier(StrEnum):
    """Tiers (jenjang) of a position (domain.md section 7.3)."""

    JPT_UTAMA = "jpt_utama"
    JPT_MADYA = "jpt_madya"
    JPT_PRATAMA = "jpt_pratama"
    ADMINISTRATOR = "administrator"
    PENGAWAS = "pengawas"
    PELAKSANA = "pelaksana"
    PEMULA = "pemula"
    TERAMPIL = "terampil"
    MAHIR = "mahir"
    PENYELIA = "penyelia"
    AHLI_PERTAMA = "ahli_pertama"
    AHLI_MUDA = "ahli_muda"
    AHLI_MADYA = "ahli_madya"
    AHLI_UTAMA = "ahli_utama"


_KIND_OF_TIER = {
    PositionTier.JPT_UTAMA: PositionKind.JPT,
    PositionTier.JPT_MADYA: PositionKind.JPT,
    PositionTier.JPT_PRATAMA: PositionKind.JPT,
    PositionTier.ADMINISTRATOR: PositionKind.ADMINISTRATOR,
    PositionTier.PENGAWAS: PositionKind.PENGAWAS,
    PositionTier.PELAKSANA: PositionKind.PELAKSANA,
}


def kind_of_tier(tier: PositionTier) -> PositionKind:
    """Every tier belongs to one kind; the rest are functional positions."""
    return _KIND_OF_TIER.get(tier, PositionKind.FUNGSIONAL)


class PlacementStanding(StrEnum):
    DEFINITIVE = "definitive"
    ACTING = "acting"


class Role(StrEnum):
    """What a person may be besides an employee; scoped to a unit and dated."""

    TRAINER = "trainer"
    HR = "hr"
    AUDITOR = "auditor"
    ADMIN = "admin"


# ── What people type ─────────────────────────────────────────────────────────────────────────

NAME_MAX = 160
CODE_MAX = 40
REASON_MAX = 300
EMAIL_MAX = 254
_UNSEEN = ("Cc", "Cf")  # control characters and marks of direction or width
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9-]{1,63}\.)+[a-z]{2,63}")


def tidy_line(typed: str) -> str:
    """One line as it was meant: blanks folded, and dropped what nobody sees but a paste brings
    along (zero-width characters, marks of direction, NUL)."""
    seen = (c for c in typed if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(seen).split())


def account_name(typed: str) -> str:
    """One spelling for what names an account: the NIP without blanks, the address in lower case."""
    return tidy_nip(typed) if looks_like_nip(typed) else tidy_line(typed).lower()


def is_email(address: str) -> bool:
    """Can mail be sent to this lower-case address? Plain ASCII, and nothing that could become a
    second recipient or a second header."""
    return len(address) <= EMAIL_MAX and bool(_EMAIL.fullmatch(address))


def inner_path(address: str | None) -> str:
    """The address if it is a path of this site, else an empty string: no open redirect.

    Browsers read a backslash as a slash and leave out tabs and line breaks, so neither may occur.
    """
    address = address or ""
    is_path = address.startswith("/") and not address.startswith("//")
    is_plain = not any(c < " " or c in "\\\x7f" for c in address)
    return address if is_path and is_plain and len(address) <= 2000 else ""


# ── NIP ──────────────────────────────────────────────────────────────────────────────────────


class NipFault(StrEnum):
    """Why a number is no NIP (domain.md section 7.1)."""

    LENGTH = "length"
    BIRTH_DATE = "birth_date"
    APPOINTMENT = "appointment"
    AGE = "age"
    SEX = "sex"
    SERIAL = "serial"


def tidy_nip(typed: str) -> str:
    """A NIP as stored: pasted spaces, dots and dashes removed."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", tidy_line(typed))


def begins_a_nip(typed: str) -> bool:
    """Is it enough of a NIP to search by its beginning: the year of birth, or more?"""
    return bool(re.fullmatch(r"[0-9]{4,18}", tidy_nip(typed)))


def looks_like_nip(typed: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{9,}", tidy_nip(typed)))


def nip_fault(nip: str, today: date) -> NipFault | None:
    """The first fault of an 18-digit NIP or NI PPPK, or None (domain.md section 7.1).

    Digits: birth date (8), appointment year and month (6), sex (1), serial (3). A month above 12
    marks a PPPK batch. There is no check digit.
    """
    if not re.fullmatch(r"[0-9]{18}", nip):
        return NipFault.LENGTH
    try:
        born = date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
    except ValueError:
        return NipFault.BIRTH_DATE
    if born > today:
        return NipFault.BIRTH_DATE
    year, month = int(nip[8:12]), int(nip[12:14])
    if month == 0 or year > today.year or (year == today.year and today.month < month <= 12):
        return NipFault.APPOINTMENT
    if year - born.year < 18:
        return NipFault.AGE
    if nip[14] not in "12":
        return NipFault.SEX
    if nip[15:] == "000":
        return NipFault.SERIAL
    return None


def is_pppk_number(nip: str) -> bool:
    """Months above 12 are batch codes of PPPK (domain.md section 7.1)."""
    return int(nip[12:14]) > 12


def spaced_nip(nip: str) -> str:
    """198001012005011001 -> 19800101 200501 1 001, as offices print it."""
    return f"{nip[:8]} {nip[8:14]} {nip[14]} {nip[15:]}"


def initials(name: str) -> str:
    """Two letters for the avatar: first and last name, without academic titles."""
    words = _bare_words(name) or [name]
    letters = _first_letter(words[0]) + (_first_letter(words[-1]) if len(words) > 1 else "")
    return letters or "?"


def given_name(name: str) -> str:
    """The name to greet with: the first word that is not a title, with the second where the first
    is a Balinese mark of sex or descent, which is no name by itself."""
    words = _bare_words(name)
    if words and words[0] in ("I", "Ni", "Ida"):
        return " ".join(words[:2])
    return words[0] if words else " ".join(name.split())


def _bare_words(name: str) -> list[str]:
    """The words of a name without what follows a comma and without titles ending in a dot."""
    words = name.split(",")[0].split()
    return [w for w in words if not w.endswith(".") and _first_letter(w)]


def _first_letter(word: str) -> str:
    return next((c.upper()[0] for c in word if c.isalnum()), "")


# ── Passwords ────────────────────────────────────────────────────────────────────────────────

PASSWORD_MIN, PASSWORD_MAX = 10, 128
_PERSONAL_MIN = 6  # a shorter part of a name is a syllable of half the language
# What people here think of first; the list of common passwords knows other countries better. With
# up to four digits (a year, 123) on either side they are as easily guessed.
_LOCAL_WORDS = (
    "asn akusayangkamu bangsamelayani belajar berakhlak bhinneka bhinnekatunggalika bismillah "
    "diklat garuda indonesia indonesiaraya jakarta katasandi katasandiku kemerdekaan kompeten "
    "korpri merdeka nusantara pancasila pegawai pegawainegeri pegawaisipil pelatihan rahasia "
    "sandirahasia sayangku selamatpagi soekarno sukarno terimakasih"
).split()
_LOCAL = re.compile(rf"[0-9]{{0,4}}({'|'.join(_LOCAL_WORDS)})[0-9]{{0,4}}")


# A week reaches somebody on leave or under way; after it a note with a password is only a risk.
INITIAL_PASSWORD_DAYS = 7


# ── Activation codes ─────────────────────────────────────────────────────────────────────────

# A letter goes by internal post and waits on a desk; an admin can always give another.
ACTIVATION_DAYS = 30
ACTIVATION_SIGNS = 12  # 60 bits
LETTERS_MAX = 500  # letters at a time: all of them are given in one short transaction


class PasswordFault(StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    PERSONAL = "personal"


def password_fault(
    password: str, *, is_common: bool, nip: str, name: str, email: str | None
) -> PasswordFault | None:
    """Why a new password is refused, or None. Length and guessability, no rules on kinds of
    characters (ASVS 6.2.1, 6.2.5, 6.2.9, 6.2.11). `is_common`: one of its `spellings` is."""
    if len(password) < PASSWORD_MIN:
        return PasswordFault.TOO_SHORT
    if len(password) > PASSWORD_MAX:
        return PasswordFault.TOO_LONG
    low = password.lower()
    bare = _without_signs(low)
    if is_common or _LOCAL.fullmatch(bare) or len(set(low)) < 4:
        return PasswordFault.COMMON
    parts = {_without_signs(part.lower()) for part in _own_parts(nip, name, email)}
    if any(len(part) >= _PERSONAL_MIN and part in bare for part in parts):
        return PasswordFault.PERSONAL
    return None


def spellings(password: str) -> set[str]:
    """A password as it is typed, in lower case, and without signs between: who guesses tries all,
    so capitals and hyphens do not make a common password a good one."""
    low = password.lower()
    return {password, low, _without_signs(low)}


def initial_password_is_over(given_at: datetime | None, now: datetime) -> bool:
    """Was the password given by somebody else, and too long ago (ASVS 6.4.1)?"""
    return given_at is not None and now - given_at >= timedelta(days=INITIAL_PASSWORD_DAYS)


def _own_parts(nip: str, name: str, email: str | None) -> list[str]:
    """What others know about a person: number, birth date both ways, names, address."""
    words = _bare_words(name)
    birth = [nip[:8], nip[6:8] + nip[4:6] + nip[:4]]
    return [nip, *birth, *words, "".join(words), (email or "").split("@")[0]]


def _without_signs(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


# ── Sign-in ──────────────────────────────────────────────────────────────────────────────────

TRY_WINDOW = timedelta(minutes=15)
ACCOUNT_TRIES = 5
ADDRESS_TRIES = 100  # a whole office stands behind one address
RESET_TRIES = 3


@dataclass(frozen=True)
class TryVerdict:
    """May a password be tried now? `left` tries remain after it; else wait until `retry_at`."""

    allowed: bool
    left: int = 0
    retry_at: datetime | None = None


def judge_try(account: list[datetime], address: list[datetime], limit: int) -> TryVerdict:
    """Decide over the failed tries inside the window, oldest first, of the account and of the
    network address. A slot frees when the oldest of the last `limit` leaves the window."""
    if len(account) >= limit:
        return TryVerdict(False, retry_at=account[-limit] + TRY_WINDOW)
    if len(address) >= ADDRESS_TRIES:
        return TryVerdict(False, retry_at=address[-ADDRESS_TRIES] + TRY_WINDOW)
    return TryVerdict(True, left=limit - len(account) - 1)


def session_is_live(
    *, now: datetime, last_seen_at: datetime, expires_at: datetime, idle: timedelta
) -> bool:
    """A session ends at its absolute limit, or when it was idle too long."""
    return now < expires_at and now - last_seen_at <= idle


def covers(day: date, start_on: date, end_on: date | None) -> bool:
    """Is the day inside a dated span? Both ends belong to it."""
    return start_on <= day and (end_on is None or day <= end_on)


def path_contains(above: str, below: str) -> bool:
    """Is the second unit the first one, or anywhere below it?"""
    return below.startswith(above)


def is_within(path: str, subtrees: Iterable[str]) -> bool:
    """Is the unit in one of the subtrees?"""
    return any(path_contains(above, path) for above in subtrees)


def path_range(path: str) -> tuple[str, str]:
    """Bounds of all paths of a subtree: low <= path < high. Paths look like /1/4/."""
    return path, path[:-1] + "0"  # "0" is the character after "/"
