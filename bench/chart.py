"""One picture: requests a second of each page, against the bare page of the same size."""

from typing import Any
from xml.sax.saxutils import escape

WIDTH, LEFT, BAR, GAP, HEAD = 860, 250, 15, 12, 92
STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1d2733 }
.paper { fill: #ffffff } .quiet { fill: #5a6675 } .ours { fill: #0b6e75 } .bare { fill: #b9c3cc }
@media (prefers-color-scheme: dark) {
  text { fill: #e8edf2 } .paper { fill: #17212c } .quiet { fill: #9aa7b4 }
  .ours { fill: #4fb6bd } .bare { fill: #4b5966 }
}"""


def drawn(whole: dict[str, Any]) -> str:
    """An SVG for light and dark, from what a run has found."""
    rows = [row for row in whole["rows"] if "ratio" in row["figures"]]
    most = max((row["figures"][name] for row in rows for name in ("rps", "bare_rps")), default=1)
    height = HEAD + len(rows) * (2 * BAR + GAP) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Requests a second of each page against bare Flask"><style>{STYLE}</style>',
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        _text(16, 28, "Requests a second, 32 clients", 'font-weight="700"'),
        _text(16, 50, f"{whole['made_at'][:10]}, {whole['machine']['cpu']}", 'class="quiet"'),
        f'<rect class="ours" x="16" y="64" width="12" height="12"/>{_text(34, 75, "Kompeten")}',
        '<rect class="bare" x="130" y="64" width="12" height="12"/>',
        _text(148, 75, "bare Flask, a page of the same size"),
    ]
    for number, row in enumerate(rows):
        parts.append(_bars(row, HEAD + number * (2 * BAR + GAP), (WIDTH - LEFT - 130) / most))
    return "".join(parts) + "</svg>\n"


def _bars(row: dict[str, Any], top: int, scale: float) -> str:
    found = row["figures"]
    parts = [_text(16, top + BAR + 4, f"{row['title']}, {row['size']}, {row['database']}")]
    for place, kind, name in ((0, "ours", "rps"), (1, "bare", "bare_rps")):
        width, y = found[name] * scale, top + place * BAR
        parts.append(
            f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}"/>'
        )
        words = f"{found[name]:.0f}" + (f" ({found['ratio']:.2f})" if kind == "ours" else "")
        parts.append(_text(LEFT + width + 6, y + BAR - 3, words, 'class="quiet"'))
    return "".join(parts)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(words)}</text>'
