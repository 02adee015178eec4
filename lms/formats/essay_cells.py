"""How an essay is answered and marked, as cells of a table of questions."""

from collections.abc import Mapping
from itertools import groupby

from lms.formats.course_folder.content import CriterionContent, EssayContent, FileType, Handing
from lms.formats.course_folder.essays import (
    ABOVE_MOST,
    LEVEL_FAULTS,
    LEVEL_FORM,
    LONGEST_CRITERION,
    MOST_MB,
    MOST_POINTS,
    MOST_WORDS,
    USUAL,
    level_fault,
    levels_of,
)
from lms.formats.words import Words

COLUMNS = (
    "kata minimum", "kata maksimum", "berkas", "jenis berkas", "ukuran berkas", "poin", "rubrik",
)  # fmt: skip
ENGLISH = {
    "minimum words": "kata minimum", "maximum words": "kata maksimum", "file": "berkas",
    "file types": "jenis berkas", "file size": "ukuran berkas", "points": "poin",
    "rubric": "rubrik",
}  # fmt: skip
EXAMPLE = (
    "150", "400", "boleh", "pdf docx", "5", "",
    "Kejelasan\n10: Runtut, dengan hasilnya\n5: Ada yang terlewat\n0: Tidak jelas\n\n"
    "Dasar\n5: Menyebut aturannya\n0: Tanpa dasar",
)  # fmt: skip
_WRITTEN = {Handing.NONE: "", Handing.ALLOWED: "boleh", Handing.REQUIRED: "wajib"}
_HANDINGS = {
    "": Handing.NONE, "tidak": Handing.NONE, "no": Handing.NONE, "none": Handing.NONE,
    "boleh": Handing.ALLOWED, "allowed": Handing.ALLOWED, "wajib": Handing.REQUIRED,
    "required": Handing.REQUIRED,
}  # fmt: skip
_SHOWN = 40


def written(essay: EssayContent) -> list[str]:
    """Cells for COLUMNS; what is usual stays empty."""
    takes_file = essay.file is not Handing.NONE
    types, megabytes = " ".join(essay.file_types), essay.file_mb
    return [
        str(essay.least_words or ""),
        str(essay.most_words or ""),
        _WRITTEN[essay.file],
        types if takes_file and essay.file_types != USUAL.file_types else "",
        str(megabytes) if takes_file and megabytes != USUAL.file_mb else "",
        "" if essay.rubric or essay.points == USUAL.points else str(essay.points),
        "\n\n".join(map(_criterion, essay.rubric)),
    ]


def _criterion(criterion: CriterionContent) -> str:
    levels = (f"{points}: {text}" for points, text in criterion.levels)
    return "\n".join(" ".join(line.split()) for line in (criterion.name, *levels))


def read(cells: Mapping[str, str], problems: list[Words]) -> EssayContent | None:
    """What a row says of its essay, whose key is left empty; None where all is as usual. What is
    wrong goes to `problems`."""
    number = _Numbers(cells, problems)
    essay = EssayContent(
        question="",
        least_words=number("kata minimum", 0, MOST_WORDS, USUAL.least_words),
        most_words=number("kata maksimum", 0, MOST_WORDS, USUAL.most_words),
        file=_handing(cells.get("berkas", ""), problems),
        file_types=_types(cells.get("jenis berkas", ""), problems),
        file_mb=number("ukuran berkas", 1, MOST_MB, USUAL.file_mb),
        points=number("poin", 1, MOST_POINTS, USUAL.points),
        rubric=_rubric(cells.get("rubrik", ""), problems),
    )
    if essay.least_words > essay.most_words > 0:
        problems.append(ABOVE_MOST)
    if essay.file is Handing.NONE and (cells.get("jenis berkas") or cells.get("ukuran berkas")):
        problems.append(
            Words("Esai ini tanpa berkas; tulis boleh atau wajib di kolom berkas, atau hapus ini.")
        )
    if essay.rubric and cells.get("poin"):
        problems.append(Words("Poin esai ini berasal dari rubriknya; kosongkan kolom poin."))
    return None if essay == USUAL else essay


def refuse(cells: Mapping[str, str], problems: list[Words]) -> None:
    """Of any other question nothing of this can be said."""
    for name in COLUMNS:
        if cells.get(name):
            problems.append(Words("Kolom %(name)s hanya untuk esai; kosongkan.", name=name))


class _Numbers:
    def __init__(self, cells: Mapping[str, str], problems: list[Words]) -> None:
        self.cells, self.problems = cells, problems

    def __call__(self, name: str, least: int, most: int, usual: int) -> int:
        text = self.cells.get(name, "")
        if not text:
            return usual
        value = int(text) if text.isdecimal() and len(text) < 6 else -1
        if least <= value <= most:
            return value
        self.problems.append(
            Words(
                'Kolom %(name)s "%(text)s": tulis bilangan bulat dari %(least)s sampai %(most)s.',
                name=name, text=text[:_SHOWN], least=least, most=most,
            )
        )  # fmt: skip
        return usual


def _handing(text: str, problems: list[Words]) -> Handing:
    known = _HANDINGS.get(text.lower())
    if known is None:
        told = Words(
            'Berkas "%(text)s" tidak dikenal; tulis tidak, boleh, atau wajib.', text=text[:_SHOWN]
        )
        problems.append(told)
    return known or Handing.NONE


def _types(text: str, problems: list[Words]) -> tuple[FileType, ...]:
    named = set(text.lower().replace(",", " ").replace(";", " ").split())
    for each in sorted(named - set(FileType)):
        known = ", ".join(FileType)
        problems.append(
            Words(
                'Jenis berkas "%(text)s" tidak dikenal; pakai %(known)s.',
                text=each[:_SHOWN], known=known,
            )
        )  # fmt: skip
    return tuple(each for each in FileType if each in named) or USUAL.file_types


def _rubric(text: str, problems: list[Words]) -> tuple[CriterionContent, ...]:
    """Criteria with a blank line between them: the name, and below it every level in a line."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    found = []
    for _, (name, *rest) in ((filled, block) for filled, block in groupby(lines, bool) if filled):
        levels = levels_of(rest)
        code = "rubric-form" if levels is None else level_fault(levels)
        fault = LEVEL_FORM if levels is None else LEVEL_FAULTS.get(code)
        if len(name) > LONGEST_CRITERION:
            fault = Words(
                "Namanya paling panjang %(most)s karakter; persingkat.", most=LONGEST_CRITERION
            )
        if fault is not None:
            told = Words('Rubrik, kriteria "%(name)s": %(fault)s', name=name[:_SHOWN], fault=fault)
            problems.append(told)
        found.append(CriterionContent(name, levels or ()))
    return tuple(found)
