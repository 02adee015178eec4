"""What first attempts say of each question, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from flask_babel import gettext

from lms.core import i18n
from lms.core.markdown import plain
from lms.learning.queries.analytics import ItemFigures
from lms.quizzes import queries as quizzes
from lms.quizzes.marking import CHOICES, stems
from lms.quizzes.queries import QuestionView, corrections
from lms.quizzes.rules import QuestionKind
from lms.quizzes.statistics import Flag

OPEN = "open"  # in an address: those who left the question without an answer
TYPED = "t"  # and those who typed the first, second … of the texts that are told


@dataclass(frozen=True)
class Shown:
    """One line of what was answered: its words, whether it earns points, how many, and of all.
    `code` names it in an address."""

    words: str
    right: bool
    count: int
    percent: int
    code: str


@dataclass(frozen=True)
class Item:
    """A question beside its figures; `advice` is tone, name and what to do about it."""

    number: int
    uuid: UUID
    key: str
    words: str
    told: ItemFigures
    answers: list[Shown]
    advice: list[tuple[str, str, str]]


def items_of(quiz_key: str, figures: Sequence[ItemFigures]) -> list[Item]:
    """Questions of a quiz in their order, with the keys that hold now."""
    views = quizzes.questions(item.question_id for item in figures)
    views = corrections.as_corrected(quiz_key, views)
    uuids = corrections.uuids_of(list(views))
    return [
        Item(
            number,
            uuids[told.question_id],
            views[told.question_id].key,
            plain(views[told.question_id].html),
            told,
            _answers(told, views[told.question_id]),
            [advice_on(flag) for flag in told.flags],
        )
        for number, told in enumerate(figures, start=1)
    ]


def decimal(value: float | None, places: int = 0) -> str:
    """A figure with at most so many decimals, in the language of the page; a dash for none."""
    if value is None:
        return "–"
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return i18n.number(exact.normalize() if exact else Decimal(0))


def advice_on(flag: Flag) -> tuple[str, str, str]:
    """The tone, the name and what to do about it."""
    return {
        Flag.BACKWARDS: (
            "bad", gettext("Daya beda negatif"),
            gettext("Peserta yang kuat justru lebih sering salah. Periksa kunci jawabannya."),
        ),
        Flag.RIVAL: (
            "bad", gettext("Pengecoh mengalahkan kunci"),
            gettext("Satu pilihan salah paling banyak dipilih. Periksa kunci, atau perjelas soal."),
        ),
        Flag.HARD: (
            "warn", gettext("Sangat sulit"),
            gettext("Kurang dari seperempat benar. Periksa apakah materinya sudah diajarkan."),
        ),
        Flag.EASY: (
            "warn", gettext("Sangat mudah"),
            gettext("Hampir semua benar. Soal ini tidak membedakan; ganti atau pindah ke latihan."),
        ),
        Flag.WEAK: (
            "warn", gettext("Daya beda lemah"),
            gettext("Yang kuat dan yang lemah hampir sama. Perjelas soal dan pengecohnya."),
        ),
        Flag.UNUSED: (
            "info", gettext("Pengecoh tidak terpakai"),
            gettext("Ada pilihan yang tidak pernah dipilih. Ganti dengan kekeliruan yang lazim."),
        ),
    }[flag]  # fmt: skip


def _answers(item: ItemFigures, view: QuestionView) -> list[Shown]:
    """What was answered: options with how many chose them, stems and items with how many had them
    right, or the commonest texts; and how many left it open."""
    count = item.statistics.count

    def line(words: str, number: int, code: str, *, right: bool) -> Shown:
        return Shown(words, right, number, round(100 * number / count), code)

    found = [
        line(text, number, f"{TYPED}{at}", right=right)
        for at, (text, number, right) in enumerate(item.typed)
    ]
    if view.kind is QuestionKind.MATCHING:
        told = [(f"{plain(stem.html)} → {stem.answer}", True) for stem in stems(view.options)]
    else:
        weighs = view.kind in CHOICES
        told = [(plain(o.html), not weighs or o.weight > 0) for o in view.options]
    found += [
        line(words, number, str(at), right=right)
        for at, ((words, right), number) in enumerate(zip(told, item.chosen, strict=False))
    ]
    if item.open:
        found.append(line(gettext("Tidak dijawab"), item.open, OPEN, right=False))
    return found
