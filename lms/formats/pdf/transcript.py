"""The transcript of a year as a PDF to print or send: what stands on it comes as finished words."""

from typing import Any

from fpdf import FPDF, FontFace

from lms.formats.pdf.paper import BROWN, FONTS, GOLD, INK, LINE, MARK, MUTED, WEIGHTS, printable
from lms.formats.pdf.printed import Transcript

MARGIN, WIDTH = 18.0, 174.0  # mm


def render(transcript: Transcript) -> bytes:
    pdf = _Paper(transcript)
    pdf.add_page()
    pdf.head()
    pdf.table_of_entries()
    for note in transcript.notes:
        pdf.ink("", 8.5, MUTED)
        pdf.multi_cell(WIDTH, 4.6, printable(note), align="L", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


class _Paper(FPDF):
    def __init__(self, transcript: Transcript) -> None:
        super().__init__(format="a4")
        self._t = transcript
        self.set_title(printable(transcript.title))
        self.set_author(printable(transcript.office))
        self.set_margins(MARGIN, 16, 210 - MARGIN - WIDTH)
        self.set_auto_page_break(True, 20)
        self.c_margin = 0.0
        for style, weight in WEIGHTS.items():
            self.add_font("jakarta", style, FONTS / f"plus-jakarta-sans-{weight}.ttf")

    def ink(self, style: str, size: float, colour: tuple[int, int, int] = INK) -> None:
        self.set_font("jakarta", style, size)
        self.set_text_color(*colour)

    def head(self) -> None:
        t = self._t
        self.image(str(MARK), x=MARGIN - 1, y=16, h=7, alt_text="Kompeten")
        self.ink("B", 10)
        self.set_xy(MARGIN, 17)
        self.cell(WIDTH, 5, printable(t.office), align="R", new_x="LMARGIN", new_y="NEXT")
        self.set_fill_color(*GOLD)
        self.rect(MARGIN, 27, WIDTH, 0.7, style="F")
        self.set_y(33)
        self.ink("B", 16, BROWN)
        self.multi_cell(WIDTH, 8, printable(t.title), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)
        for label, value in t.facts:
            self.ink("", 9, MUTED)
            self.cell(38, 5.4, printable(label))
            self.ink("B", 9.5)
            self.multi_cell(
                WIDTH - 38, 5.4, printable(value), align="L", new_x="LMARGIN", new_y="NEXT"
            )
        self.ln(4)

    def table_of_entries(self) -> None:
        t = self._t
        self.ink("", 8.5)
        self.set_fill_color(255, 255, 255)
        self.set_draw_color(*LINE)
        self.set_line_width(0.25)
        with self.table(
            width=WIDTH, col_widths=(60, 32, 31, 39, 12), line_height=4.8, padding=(1.2, 0.8),
            headings_style=FontFace(emphasis="BOLD", color=MUTED, size_pt=8.5),
            borders_layout="HORIZONTAL_LINES", text_align=("LEFT", "LEFT", "LEFT", "LEFT", "RIGHT"),
        ) as table:  # fmt: skip
            table.row([printable(heading) for heading in t.headings])
            for entry in t.entries:
                row = table.row()
                for nth, cell in enumerate(entry.cells):
                    link: Any = entry.address if nth == 3 and entry.address else None
                    row.cell(printable(cell), link=link)
            self.ink("B", 9.5)
            label, total = t.total
            table.row([printable(label), "", "", "", printable(total)])
        self.ln(4)

    def footer(self) -> None:
        self.ink("", 8, MUTED)
        self.set_xy(MARGIN, -14)
        self.cell(WIDTH - 20, 5, printable(self._t.foot))
        self.cell(20, 5, f"{self.page_no()}/{{nb}}", align="R")
