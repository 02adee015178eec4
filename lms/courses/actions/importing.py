"""Questions from outside: what a text or a file holds, and what of it the course has already."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext

from lms.core import i18n
from lms.core.access import Actor
from lms.core.errors import DomainError
from lms.courses.actions import questions
from lms.courses.models import Draft
from lms.courses.queries.bank import places_of
from lms.formats import aiken, question_table
from lms.formats.course_folder import quiz_text
from lms.formats.course_folder.content import EssayContent
from lms.formats.course_folder.essays import essays_in, said_of
from lms.formats.gift.words import sameness
from lms.formats.incoming import Incoming, NoText, checked, decoded, from_gift
from lms.formats.table_fault import TableFault, UnreadableTable

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PLACE = re.compile(r"[0-9]{1,5}")
MOST_BYTES = 400_000  # of questions at a time, as text
LARGEST = 4_000_000  # bytes of a file; a workbook of so many questions needs far less


@dataclass(frozen=True)
class Candidate:
    """`known` says where the course has the same question already; empty: nowhere."""

    incoming: Incoming
    known: str


def read_questions(content: bytes) -> list[Incoming]:
    """Every question of a file or text, by its format: XLSX, a table as CSV, Aiken, else GIFT.

    Raises DomainError (field `file`) for what holds none in any of them.
    """
    if len(content) > LARGEST:
        words = gettext(
            "Berkas ini %(size)s; paling besar %(most)s. Bagi menjadi beberapa berkas.",
            size=i18n.megabytes(len(content)),
            most=i18n.megabytes(LARGEST),
        )
        raise DomainError(words, "file")
    try:
        found = _read(content)
    except question_table.TooMuch as error:
        raise _too_many(error.rows, max(500 * error.rows, error.characters)) from error
    if not found:
        raise DomainError(
            gettext("Tidak ada soal di sini. Periksa isinya, atau pakai templat."), "file"
        )
    good = [_size(each) for each in found if each.question]
    if sum(good) > MOST_BYTES:
        raise _too_many(len(good), sum(good))
    return found


def _too_many(count: int, size: int) -> DomainError:
    words = gettext(
        "Berkas ini memuat %(num)s soal, terlalu banyak untuk sekali impor; bagi menjadi paling "
        "sedikit %(parts)s berkas.",
        num=count,
        parts=-(-size // MOST_BYTES),
    )
    return DomainError(words, "file")


def _size(incoming: Incoming) -> int:
    """About as much as it takes when it is sent back."""
    rubric = incoming.essay.rubric if incoming.essay else ()
    told = sum(len(text) + 10 for criterion in rubric for _, text in criterion.levels)
    return len(incoming.words) + 500 + told + 200 * len(rubric)


def _read(content: bytes) -> list[Incoming]:
    if content.startswith(_ZIP):
        try:
            return question_table.from_xlsx(content)
        except UnreadableTable as error:
            if error.fault is TableFault.TOO_LARGE:
                large = gettext("Isi buku kerja ini terlalu besar. Bagi menjadi beberapa berkas.")
                raise DomainError(large, "file") from error
            broken = gettext("Buku kerja ini tidak dapat dibaca. Simpan ulang sebagai XLSX.")
            raise DomainError(broken, "file") from error
    if content.startswith(b"%PDF"):
        raise DomainError(
            gettext("Berkas ini bukan teks, CSV, atau XLSX. Pilih berkas lain."), "file"
        )
    if content.startswith(_OLD_OFFICE):
        raise DomainError(
            gettext("Berkas XLS lama atau berkata sandi. Simpan sebagai XLSX tanpa sandi."), "file"
        )
    try:
        text = decoded(content)
    except NoText as error:
        raise DomainError(
            gettext(
                "Berkas ini bukan XLSX, dan bukan teks atau CSV yang dapat dibaca. Simpan teksnya "
                "sebagai UTF-8, atau pilih berkas lain."
            ),
            "file",
        ) from error
    if question_table.looks_like(text):
        return question_table.from_csv(text)
    if aiken.looks_like(text):
        return [checked(each) for each in aiken.parse(text)]
    return [checked(each) for each in from_gift(text)]


def candidates(draft: Draft, found: Sequence[Incoming]) -> list[Candidate]:
    """Each with the place where the course, or the file above it, has the same question."""
    same = [sameness(each.question) if each.question else "" for each in found]
    places = {
        each: gettext("soal %(number)s di %(quiz)s", number=number, quiz=quiz.title)
        for each, (quiz, number) in places_of(draft, same).items()
    }
    listed = []
    for each, its in zip(found, same, strict=True):
        known = ""
        if each.question:
            known = places.get(its, "")
            places.setdefault(its, gettext("baris %(line)s berkas ini", line=each.line))
        listed.append(Candidate(each, known))
    return listed


def essays_text(essays: Sequence[EssayContent | None]) -> str:
    """What is said of essays, by their places, to be sent back: `essays_back` reads it."""
    said: list[quiz_text.Said] = []
    for at, essay in enumerate(essays):
        if essay is not None:
            row, rubric = said_of(essay)
            named = [{"question": str(at), **each} for each in rubric]
            own = [{"question": str(at), **row}] if row else []
            said.append({"essays": own, "rubric": named})
    return quiz_text.with_said("", *said)


def essays_back(text: str) -> dict[int, EssayContent]:
    """Those of `essays_text`, by their places."""
    found = essays_in(text)
    return {int(at): essay for at, essay in found.items() if _PLACE.fullmatch(at)}


def take_questions(actor: Actor, draft: Draft, quiz: UUID, taken: Sequence[Incoming]) -> list[str]:
    """Put questions behind those of a quiz, with what is said of the essays among them; their
    keys."""
    known = [(each.question, each.essay) for each in taken if each.question]
    keys = questions.add_questions(actor, draft, quiz, [question for question, _ in known])
    for key, (_, essay) in zip(keys, known, strict=True):
        if essay is not None:
            questions.save_essay(actor, draft, quiz, key, said_of(essay))
    return keys
