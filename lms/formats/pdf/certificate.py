"""The sheet of a certificate: its bytes follow from what is printed and from nothing else.

So a job that was cut short and runs again makes the same file. Indonesian with English below it; an
A4 sheet with the modules on its back. The accessible original is the verification page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, cast

import segno
from fpdf import FPDF, FontFace

from lms.formats.codes import grouped
from lms.formats.pdf import wording
from lms.formats.pdf.paper import (
    BROWN,
    DEEP,
    FONTS,
    GOLD,
    INK,
    LINE,
    MARK,
    MUTED,
    WEIGHTS,
    printable,
)
from lms.formats.pdf.printed import Printed
from lms.formats.pdf.wording import MINUTES_PER_JP

KAWUNG = (74, 108, 146)  # the petals, as light as they look on the deep blue

WIDTH, HEIGHT = 297.0, 210.0  # mm
BAND, LEFT, RIGHT = 30.0, 50.0, 279.0
TOP, RULE, BOTTOM = 18.0, 158.0, 193.0
MIDDLE = (44.0, 153.0)  # between them the text stands, in the middle
QR = 29.0
TILE = 15.0
Point = tuple[float, float]


def _kawung_path() -> Iterator[tuple[str | Point, ...]]:
    """The tile in a square of 72: four petals, and a small square in the middle and the corner."""
    for tx, ty in ((1, 1), (-1, 1), (1, -1), (-1, -1)):

        def at(x: float, y: float, tx: int = tx, ty: int = ty) -> Point:
            return 36 + (x - 36) * tx, 36 + (y - 36) * ty

        yield "m", at(32.5, 32.5)
        yield "c", at(17, 32.5), at(7, 21), at(5.5, 5.5)
        yield "c", at(21, 7), at(32.5, 17), at(32.5, 32.5)
        yield "m", at(15, 15)
        yield "l", at(23, 23)
    for x in (36, 0):
        yield "m", (x, x - 4)
        for corner in ((x + 4, x), (x, x + 4), (x - 4, x), (x, x - 4)):
            yield "l", corner


KAWUNG_PATH: tuple[Any, ...] = tuple(_kawung_path())


@dataclass(frozen=True)
class _Line:
    """A paragraph of the middle: style "" upright, "B" bold, "I" the English. `size` in points;
    `before` the space above, in mm."""

    text: str
    size: float
    style: str = ""
    colour: tuple[int, int, int] = INK
    before: float = 0.0


def render(printed: Printed, logo: bytes | None = None) -> bytes:
    """The PDF of a certificate. `logo`: PNG or JPEG; None for the product's mark."""
    pdf = _Sheet(printed)
    pdf.front(logo)
    pdf.back()
    return bytes(pdf.output())


class _Sheet(FPDF):
    def __init__(self, printed: Printed) -> None:
        super().__init__(orientation="landscape", unit="mm", format="a4")
        self._p = printed
        # Not the present moment: the same certificate is the same file whenever it is made.
        self.set_creation_date(datetime.combine(printed.issued_on, datetime.min.time(), UTC))
        self.set_title(printable(f"Sertifikat {printed.number}: {printed.name}"))
        self.set_author(printable(printed.office))
        self.set_subject(printable(printed.course))
        self.set_lang("id-ID")
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0.0
        for style, weight in WEIGHTS.items():
            self.add_font("jakarta", style, FONTS / f"plus-jakarta-sans-{weight}.ttf")

    # ── Front ────────────────────────────────────────────────────────────────────────────────

    def front(self, logo: bytes | None) -> None:
        self.add_page()
        self._band()
        self._head(logo)
        self._middle()
        self._foot()

    def _band(self) -> None:
        self.set_fill_color(*DEEP)
        self.rect(0, 0, BAND, HEIGHT, style="F")
        self.set_draw_color(*KAWUNG)
        self.set_line_width(0.2)
        with self.rect_clip(0, 0, BAND, HEIGHT):
            for row in range(15):
                for column in range(2):
                    self._kawung(column * TILE, (row - 0.5) * TILE)
        self.set_fill_color(*GOLD)
        self.rect(BAND, 0, 0.9, HEIGHT, style="F")

    def _kawung(self, x: float, y: float) -> None:
        """One tile of the pattern. Written as operators of PDF: fpdf2's own curves take 60 times as
        long."""
        for operator, *points in KAWUNG_PATH:
            places = [
                f"{(x + dx * TILE / 72) * self.k:.2f} {(HEIGHT - y - dy * TILE / 72) * self.k:.2f}"
                for dx, dy in points
            ]
            self._out(f"{' '.join(places)} {operator}")
        self._out("S")

    def _head(self, logo: bytes | None) -> None:
        if logo is None:
            self.image(str(MARK), x=LEFT - 1, y=TOP, h=9, alt_text="Kompeten")
        else:
            self.image(BytesIO(logo), x=LEFT, y=TOP - 3, h=17, alt_text=self._p.office)
        x, width = 140.0, RIGHT - 140.0
        y = self._paragraph(_Line(self._p.office, 11.5, "B"), x, TOP, width, align="R")
        for text in (self._p.issuer, self._p.organiser):
            if text:
                y = self._paragraph(_Line(text, 9.5, "", MUTED, 0.6), x, y, width, align="R")

    def _middle(self) -> None:
        lines, (top, bottom) = list(self._lines()), MIDDLE
        width, scale = RIGHT - LEFT, 1.0
        while (height := self._height(lines, width, scale)) > bottom - top and scale > 0.5:
            scale -= 0.04
        y = top + max(0.0, (bottom - top - height) / 2)
        for line in lines:
            y = self._paragraph(line, LEFT, y, width, scale)

    def _lines(self) -> Iterator[_Line]:
        p = self._p
        yield _Line("Sertifikat pelatihan", 15, "B", BROWN)
        yield _Line("Certificate of completion", 9.5, "I", MUTED, 0.4)
        yield _Line("diberikan kepada", 10.5, "", MUTED, 5)
        yield _Line("is awarded to", 9, "I", MUTED, 0.2)
        yield _Line(p.name, 32 if len(p.name) <= 34 else 25, "B", INK, 2)
        label = "NI PPPK" if p.is_pppk else "NIP"
        facts = [f"{label} {wording.spaced_nip(p.nip)}", p.position, p.unit]
        yield _Line(" · ".join(fact for fact in facts if fact), 10.5, "", MUTED, 1.5)
        yield _Line("yang telah menyelesaikan dan lulus pelatihan daring", 10.5, "", INK, 6)
        yield _Line("for completing and passing the online training", 9, "I", MUTED, 0.2)
        yield _Line(p.course, 19 if len(p.course) <= 60 else 15, "B", INK, 2.2)
        yield _Line(wording.held_id(p), 10.5, "", INK, 2.2)
        yield _Line(wording.held_en(p), 9, "I", MUTED, 0.6)
        if p.replaces:
            both = f"Menggantikan sertifikat nomor {p.replaces} / Replaces certificate {p.replaces}"
            yield _Line(both, 8.5, "", MUTED, 2)

    def _foot(self) -> None:
        p = self._p
        self.set_draw_color(*LINE)
        self.set_line_width(0.25)
        self.line(LEFT, RULE, RIGHT, RULE)
        place = f"{p.place}, " if p.place else ""
        y = self._paragraph(_Line(place + wording.long_date(p.issued_on), 9.5), LEFT, RULE + 4, 105)
        if p.signatory_position:
            self._paragraph(_Line(p.signatory_position, 9.5, "", INK, 0.4), LEFT, y, 105)
        y = BOTTOM - 12.5
        if p.signatory:
            y = self._paragraph(_Line(p.signatory, 10, "B"), LEFT, y, 105)
        unsigned = (
            _Line(
                "Dibuat oleh sistem, tanpa tanda tangan elektronik tersertifikasi.",
                7.5,
                "",
                MUTED,
                0.8,
            ),
            _Line("Made by the system, without a certified electronic signature.", 7.5, "I", MUTED),
        )
        for line in unsigned:
            y = self._paragraph(line, LEFT, y, 105)
        self._proof()

    def _proof(self) -> None:
        """Number, where to verify it, and the QR code, which holds the address and nothing else."""
        p = self._p
        self._qr(p.address, RIGHT - QR, RULE + 5)
        x, width = 158.0, RIGHT - QR - 5 - 158.0
        y = self._paragraph(
            _Line("Nomor / Number", 7.5, "", MUTED), x, RULE + 4.5, width, align="R"
        )
        y = self._paragraph(_Line(p.number, 9.5, "B"), x, y, width, align="R")
        y = self._paragraph(_Line(wording.validity(p), 7.5, "", MUTED, 0.4), x, y, width, align="R")
        where = "Periksa keaslian di / Verify at"
        y = self._paragraph(_Line(where, 7.5, "", MUTED, 1.6), x, y, width, align="R")
        base = p.address.rpartition("/")[0].partition("://")[2]
        y = self._paragraph(_Line(base, 9.5, "B"), x, y, width, align="R")
        code = _Line(f"Kode / Code {grouped(p.code)}", 8.5, "B", INK, 0.4)
        self._paragraph(code, x, y, width, align="R")

    def _qr(self, address: str, x: float, y: float) -> None:
        """As rectangles, one for each run of dark modules: sharp at every size."""
        matrix = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
        size = QR / len(matrix)
        self.set_fill_color(0, 0, 0)
        for number, row in enumerate(matrix):
            start = 0
            while start < len(row):
                if not row[start]:
                    start += 1
                    continue
                end = next((i for i in range(start, len(row)) if not row[i]), len(row))
                # A hair taller than a module, or some viewers show seams.
                self.rect(
                    x + start * size, y + number * size, (end - start) * size, size * 1.02, "F"
                )
                start = end

    # ── Back ─────────────────────────────────────────────────────────────────────────────────

    def back(self) -> None:
        """The modules with their hours, and the competencies: more pages where there are many."""
        p = self._p
        self.set_margins(LEFT - 20, TOP, WIDTH - RIGHT)
        self.set_auto_page_break(True, 22)
        self.add_page()
        self._edge()
        x, width = self.l_margin, RIGHT - self.l_margin
        y = self._paragraph(_Line("Materi dan jam pelajaran", 15, "B", BROWN), x, TOP, width)
        y = self._paragraph(_Line("Modules and learning hours", 9.5, "I", MUTED, 0.4), x, y, width)
        y = self._paragraph(_Line(p.course, 12, "B", INK, 3), x, y, width)
        self.set_y(y + 4)
        self._modules(width)
        self._competencies(x, width)

    def _edge(self) -> None:
        self.set_fill_color(*DEEP)
        self.rect(0, 0, 8, HEIGHT, style="F")
        self.set_fill_color(*GOLD)
        self.rect(8, 0, 0.9, HEIGHT, style="F")

    def header(self) -> None:
        if self.page_no() > 2:
            self._edge()
            self.set_y(TOP)

    def _modules(self, width: float) -> None:
        p = self._p
        self._ink("", 9.5)
        self.set_fill_color(255, 255, 255)
        self.set_draw_color(*LINE)
        self.set_line_width(0.25)
        head = FontFace(emphasis="BOLD", color=MUTED, size_pt=8.5)
        with self.table(
            width=width, col_widths=(12, 168, 34, 34), align="LEFT", headings_style=head,
            borders_layout="HORIZONTAL_LINES", line_height=5.2, padding=(1.2, 1),
            text_align=("LEFT", "LEFT", "RIGHT", "RIGHT"), repeat_headings=1,
        ) as table:  # fmt: skip
            table.row(("No.", "Modul / Module", "Menit / Minutes", "JP / Hours"))
            for number, module in enumerate(p.modules, start=1):
                cells = (str(number), printable(module.title), wording.number(module.minutes))
                table.row((*cells, wording.number(module.jp)))
            self._ink("B", 9.5)
            total = wording.number(sum(module.minutes for module in p.modules))
            table.row(("", "Jumlah / Total", total, wording.number(p.jp)))

    def _competencies(self, x: float, width: float) -> None:
        note = (
            f"1 JP = {MINUTES_PER_JP} menit. JP dibagi ke modul menurut waktu belajarnya. / "
            f"1 JP = {MINUTES_PER_JP} minutes. Hours are divided over the modules by their time."
        )
        lines = [_Line(note, 8, "", MUTED, 3)]
        if self._p.competencies:
            lines.append(
                _Line("Kompetensi yang dikembangkan / Competencies developed", 10.5, "B", INK, 5)
            )
        for each in self._p.competencies:
            english = f" / {each.name_en}" if each.name_en and each.name_en != each.name else ""
            text = f"{each.name}{english}: tingkat {each.level} / level {each.level}"
            lines.append(_Line(text, 9.5, "", INK, 1))
        y = self.get_y()
        for line in lines:
            if y + self._height([line], width, 1.0) > HEIGHT - 22:
                self.add_page()
                y = self.get_y()
            y = self._paragraph(line, x, y, width)

    def footer(self) -> None:
        if self.page_no() == 1:
            return
        p = self._p
        text = f"{p.number} · {p.name} · {grouped(p.code)}"
        self._paragraph(_Line(text, 8, "", MUTED), self.l_margin, HEIGHT - 14, 240)

    # ── Text ─────────────────────────────────────────────────────────────────────────────────

    def _ink(self, style: str, size: float, colour: tuple[int, int, int] = INK) -> None:
        self.set_font("jakarta", style, size)
        self.set_text_color(*colour)

    def _height(self, lines: list[_Line], width: float, scale: float) -> float:
        return sum(
            line.before * scale + len(self._broken(line, width, scale)) * _leading(line, scale)
            for line in lines
        )

    def _broken(self, line: _Line, width: float, scale: float) -> list[str]:
        self._ink(line.style, line.size * scale)
        text = printable(line.text)
        found = self.multi_cell(width, text=text, dry_run=True, output="LINES", align="L")
        return cast(list[str], found)

    def _paragraph(
        self, line: _Line, x: float, y: float, width: float, scale: float = 1.0, align: str = "L"
    ) -> float:
        """Draw a paragraph; where the next one begins."""
        y += line.before * scale
        for text in self._broken(line, width, scale):
            self._ink(line.style, line.size * scale, line.colour)
            self.set_xy(x, y)
            self.cell(width, _leading(line, scale), text, align=align)
            y += _leading(line, scale)
        return y


def _leading(line: _Line, scale: float) -> float:
    return line.size * scale * 0.3528 * (1.22 if line.size > 14 else 1.36)
