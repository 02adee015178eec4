"""Questions as a table, one a row: what is written is read back the same."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException

from lms.formats import essay_cells
from lms.formats.course_folder.content import EssayContent
from lms.formats.gift.answers import WEIGHTS, number
from lms.formats.gift.questions import (
    FALSE,
    FULL,
    NONE,
    TRUE,
    Option,
    Question,
    QuestionKind,
    QuestionState,
    bounds,
    label,
)
from lms.formats.incoming import Incoming, checked
from lms.formats.words import Words
from lms.formats.xlsx_sheet import read_sheet

MOST_OPTIONS = 50
MOST_CHARACTERS = 2_000_000  # of a table; more would be read for minutes only to be too much
FIRST = (
    "kunci", "jenis", "soal", "tag", "umpan balik umum", "terakhir tetap", "judul", "status",
    "penulis", "sumber",
)  # fmt: skip
OF_OPTION = ("jawaban", "nilai", "umpan balik", "pasangan")
_COLUMNS = len(FIRST) + len(OF_OPTION) * MOST_OPTIONS + len(essay_cells.COLUMNS)
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_SEPARATORS = ",;\t"
_ENGLISH = {
    "key": "kunci", "kind": "jenis", "type": "jenis", "question": "soal", "pertanyaan": "soal",
    "tags": "tag", "general feedback": "umpan balik umum", "last option fixed": "terakhir tetap",
    "title": "judul", "state": "status", "author": "penulis", "source": "sumber",
    "answer": "jawaban", "option": "jawaban", "pilihan": "jawaban", "weight": "nilai",
    "bobot": "nilai", "feedback": "umpan balik", "match": "pasangan",
    **essay_cells.ENGLISH,
}  # fmt: skip
_KINDS = {
    "pilihan tunggal": "single", "pilihan ganda": "single", "pilihan jamak": "multiple",
    "benar/salah": "truefalse", "benar salah": "truefalse", "benar atau salah": "truefalse",
    "true/false": "truefalse", "isian singkat": "short", "isian angka": "numeric",
    "menjodohkan": "matching", "mengurutkan": "ordering", "esai": "essay",
}  # fmt: skip
_STATES = {
    "": QuestionState.READY, "draf": QuestionState.DRAFT, "draft": QuestionState.DRAFT,
    "siap": QuestionState.READY, "ready": QuestionState.READY, "pensiun": QuestionState.RETIRED,
    "dipensiunkan": QuestionState.RETIRED, "retired": QuestionState.RETIRED,
}  # fmt: skip
_SAID = {
    "benar": TRUE, "b": TRUE, "true": TRUE, "t": TRUE, "ya": TRUE, "yes": TRUE,
    "salah": FALSE, "s": FALSE, "false": FALSE, "f": FALSE, "tidak": FALSE, "no": FALSE,
}  # fmt: skip
_YES = {"x", "ya", "yes", "benar", "true", "1", "v"}
TEMPLATE: tuple[tuple[str, ...], ...] = (
    ("", "pilihan tunggal", "Apa yang pertama dilakukan saat warga datang?", "modul-1", "", "", "",
     "", "", "",
     "Menyapa", "100", "Tepat.", "", "Menunggu", "0", "Warga menunggu tanpa kepastian.", ""),
    ("", "pilihan jamak", "Pilih dua sikap melayani.", "", "Ramah dan cekatan.", "", "",
     "draf", "Ratna Dewi", "Permenpan 6/2022",
     "Ramah", "50", "", "", "Cekatan", "50", "", "", "Abai", "-50", "", ""),
    ("", "benar/salah", "Layanan boleh dibeda-bedakan.", "", "", "", "", "", "", "",
     "Benar", "0", "Keliru.", "", "Salah", "100", "Tepat.", ""),
    ("", "isian singkat", "Ibu kota Jawa Barat?", "", "", "", "", "", "", "",
     "Bandung", "100", "", ""),
    ("", "isian angka", "Berapa menit 1 JP?", "", "", "", "", "", "", "",
     "45:0", "100", "", ""),
    ("", "menjodohkan", "Jodohkan ibu kota.", "", "", "", "", "", "", "",
     "Bali", "", "", "Denpasar", "Banten", "", "", "Serang"),
    ("", "mengurutkan", "Urutkan layanan.", "", "", "", "", "", "", "",
     "Sapa", "", "", "", "Dengar", "", "", "", "Selesaikan", "", "", ""),
)  # fmt: skip
ESSAY = ("", "esai", "Ceritakan satu layanan yang Anda perbaiki.")


class TooMuch(Exception):
    """More than a table may hold: so many rows and characters."""

    def __init__(self, rows: int, characters: int) -> None:
        super().__init__(rows, characters)
        self.rows, self.characters = rows, characters


def heads(options: int, *, essays: bool) -> list[str]:
    of_options = (f"{name} {n}" for n in range(1, options + 1) for name in OF_OPTION)
    return [*FIRST, *of_options, *(essay_cells.COLUMNS if essays else ())]


def rows(questions: Sequence[Question], essays: Mapping[str, EssayContent]) -> Iterator[list[str]]:
    """The headings, and a row for each question; with what is said of essays, by their keys."""
    most = max((len(question.options) for question in questions), default=4)
    names = heads(most, essays=any(each.kind is QuestionKind.ESSAY for each in questions))
    yield names
    for question in questions:
        cells = [
            question.key, question.kind.value, question.text, " ".join(question.tags),
            question.general_feedback, "ya" if question.last_option_fixed else "", question.title,
            "" if question.state is QuestionState.READY else question.state.value,
            question.author, question.source,
        ]  # fmt: skip
        for option in question.options:
            cells += [option.text, number(option.fraction), option.feedback, option.match]
        if question.kind is QuestionKind.ESSAY and question.key in essays:
            cells = _beside(names, cells, essay_cells.written(essays[question.key]))
        yield cells


def _beside(names: Sequence[str], cells: Sequence[str], last: Sequence[str]) -> list[str]:
    """The cells of a row, whose last columns are told apart."""
    return [*cells, *[""] * (len(names) - len(cells) - len(last)), *last]


def template() -> Iterator[list[str]]:
    """The headings, and an example of every kind."""
    names = heads(5, essays=True)
    yield names
    yield from (list(row) for row in TEMPLATE)
    yield _beside(names, ESSAY, essay_cells.EXAMPLE)


def inert(cells: Iterable[str]) -> list[str]:
    """For a CSV, whose writer puts an apostrophe before what a spreadsheet would run: an apostrophe
    of the text itself gets one too, so that `from_csv` can tell them apart."""
    return [f"'{cell}" if cell.startswith("'") else cell for cell in cells]


def from_csv(text: str) -> list[Incoming]:
    """Raises TooMuch."""
    first = _first_line(text)
    separator = max(_SEPARATORS, key=first.count)
    ended = text[: text.index(first)].count("\n")
    rest = text.split("\n", ended)[ended]
    reader = csv.reader(io.StringIO(rest, newline=""), delimiter=separator)
    table: list[tuple[int, list[str]]] = []
    above = ended
    broken: list[Incoming] = []
    try:
        for cells in reader:
            table.append((ended + 1, [_bare(cell) for cell in cells]))
            ended = above + reader.line_num
    except csv.Error:  # above all a quotation mark that nothing ends
        told = Words(
            "Mulai baris ini berkas tidak dapat dibaca sebagai CSV; periksa tanda kutipnya."
        )
        broken.append(Incoming(ended + 1, "", None, (told,)))
    return [*_from_rows(table), *broken]


def from_xlsx(content: bytes) -> list[Incoming]:
    """Raises UnreadableTable, TooMuch."""
    return _from_rows(list(read_sheet(io.BytesIO(content), _COLUMNS)))


def _first_line(text: str) -> str:
    """That of the headings: spreadsheets write `sep=;` and empty lines above them."""
    lines = (line for line in text.lstrip("\ufeff").split("\n") if line.strip())
    first = next(lines, "")
    return next(lines, "") if re.fullmatch(r"\s*\"?sep=.\"?\s*", first) else first


def looks_like(text: str) -> bool:
    first = _first_line(text)
    separator = max(_SEPARATORS, key=first.count)
    names = {_name(cell.strip('"')) for cell in first.split(separator)}
    return {"jenis", "soal"} <= names


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_ACTIVE) else cell


def _name(head: str) -> str:
    """A heading as it is known here: "Answer 2" is "jawaban 2"."""
    words = " ".join(head.lower().replace("_", " ").split())
    stem, _, last = words.rpartition(" ")
    if last.isdecimal() and stem:
        return f"{_ENGLISH.get(stem, stem)} {int(last[:4])}"
    return _ENGLISH.get(words, words)


def _from_rows(table: Sequence[tuple[int, list[str]]]) -> list[Incoming]:
    characters = sum(len(cell) for _, cells in table for cell in cells)
    if characters > MOST_CHARACTERS:
        raise TooMuch(len(table) - 1, characters)
    filled = [(n, cells) for n, cells in table if any(cell.strip() for cell in cells)]
    if not filled:
        return []
    names = [_name(cell) for cell in filled[0][1]]
    missing = [name for name in ("jenis", "soal") if name not in names]
    if missing:
        told = Words("Judul kolom jenis dan soal harus ada di baris pertama; pakai templat.")
        return [Incoming(filled[0][0], " ".join(filled[0][1])[:200], None, (told,))]
    return [
        checked(_incoming(n, dict(zip(names, (cell.strip() for cell in cells), strict=False))))
        for n, cells in filled[1:]
    ]


def _incoming(row: int, cells: Mapping[str, str]) -> Incoming:
    problems: list[Words] = []
    named = cells.get("jenis", "").lower()
    kind = next((k for k in QuestionKind if k.value == _KINDS.get(named, named)), None)
    text = cells.get("soal", "")
    if kind is None:
        known = ", ".join(sorted(set(_KINDS) - {"benar salah", "benar atau salah", "true/false"}))
        problems.append(
            Words('Jenis "%(named)s" tidak dikenal; pakai %(known)s.', named=named, known=known)
        )
        return Incoming(row, text, None, tuple(problems))
    state = _STATES.get(cells.get("status", "").lower())
    if state is None:
        problems.append(
            Words(
                'Status "%(state)s" tidak dikenal; tulis draf, siap, atau pensiun.',
                state=cells["status"],
            )
        )
    if not text:
        problems.append(Words("Kolom %(name)s kosong; tulis pertanyaannya.", name="soal"))
    options = tuple(_options(kind, cells, problems))
    if kind is QuestionKind.SINGLE and sum(o.fraction == FULL for o in options) != 1:
        problems.append(Words("Pilihan tunggal perlu tepat satu jawaban bernilai 100."))
    essay = None
    if kind is QuestionKind.ESSAY:
        essay = essay_cells.read(cells, problems)
    else:
        essay_cells.refuse(cells, problems)
    if problems or state is None:
        return Incoming(row, text, None, tuple(problems))
    question = Question(
        key=cells.get("kunci", ""),
        kind=kind,
        title=" ".join(cells.get("judul", "").split()),
        text=text,
        options=options,
        general_feedback=cells.get("umpan balik umum", ""),
        tags=tuple(dict.fromkeys(cells.get("tag", "").replace(",", " ").split())),
        last_option_fixed=cells.get("terakhir tetap", "").lower() in _YES,
        state=state,
        author=label(cells.get("penulis", "")),
        source=label(cells.get("sumber", "")),
    )
    return Incoming(row, text, question, essay=essay)


def _options(
    kind: QuestionKind, cells: Mapping[str, str], problems: list[Words]
) -> Iterator[Option]:
    if kind is QuestionKind.TRUEFALSE:
        yield from _true_and_false(cells, problems)
        return
    for nth, text, weight, feedback, match in _filled(cells):
        if kind is QuestionKind.MATCHING:
            yield Option(text, FULL if text else NONE, match=" ".join(match.split()))
        elif kind is QuestionKind.ORDERING:
            yield Option(text, FULL)
        elif kind is QuestionKind.NUMERIC and bounds(text) is None:
            written = text.replace(",", ".").replace(" ± ", ":")
            yield Option(written, _typed_weight(weight, nth, problems), feedback)
        elif kind in (QuestionKind.SHORT, QuestionKind.NUMERIC):
            yield Option(text, _typed_weight(weight, nth, problems), feedback)
        else:
            yield Option(text, _weight(weight, nth, problems), feedback)


def _filled(cells: Mapping[str, str]) -> Iterator[tuple[int, str, str, str, str]]:
    """Number, answer, weight, feedback and match of each option that there is."""
    for nth in range(1, MOST_OPTIONS + 1):
        text, weight, feedback, match = (cells.get(f"{name} {nth}", "") for name in OF_OPTION)
        if text or match:
            yield nth, text, weight, feedback, match


def _true_and_false(cells: Mapping[str, str], problems: list[Words]) -> tuple[Option, ...]:
    """Both answers, in whatever order and words they stand; one alone tells the other."""
    found: dict[str, Option] = {}
    for nth, text, weight, feedback, _ in _filled(cells):
        said = _SAID.get(text.lower())
        if said is None or said in found:
            problems.append(
                Words(
                    'Jawaban %(nth)s "%(text)s": tulis Benar dan Salah, masing-masing sekali.',
                    nth=nth,
                    text=text,
                )
            )
            return ()
        found[said] = Option(said, _weight(weight, nth, problems), feedback)
    if len(found) == 1:
        ((said, only),) = found.items()
        other = FALSE if said == TRUE else TRUE
        found[other] = Option(other, NONE if only.fraction == FULL else FULL)
    if {each.fraction for each in found.values()} != {FULL, NONE}:
        problems.append(
            Words("Soal benar/salah perlu satu jawaban bernilai 100 dan satu bernilai 0.")
        )
        return ()
    return found[TRUE], found[FALSE]


def _typed_weight(text: str, nth: int, problems: list[Words]) -> Decimal:
    """An accepted answer without a number is worth everything."""
    return _weight(text, nth, problems) if text else FULL


def _weight(text: str, nth: int, problems: list[Words]) -> Decimal:
    """A mark for "right" is as good as 100, an empty cell is 0."""
    if not text:
        return NONE
    if text.lower() in _YES:
        return FULL
    try:
        value = Decimal(text.removesuffix("%").strip().replace(",", ".")[:20])
        nearest = min(WEIGHTS, key=lambda weight: abs(weight - value))
        if abs(nearest - value) < Decimal("0.01"):
            return nearest
    except DecimalException:  # no number, or one without end
        pass
    problems.append(
        Words(
            'Nilai %(nth)s "%(text)s" tidak dikenal; tulis misalnya 100, 50, 0, atau -50.',
            nth=nth,
            text=text,
        )
    )
    return NONE
