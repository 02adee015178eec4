"""The blocks of a text find the lines that they come from."""

import re
from pathlib import Path

import pytest
from flask import Flask

from lms.core.markdown import render
from lms.formats.course_folder.blocks import Block, blocks

COURSES = Path(__file__).parents[3] / "courses"
TEXT = """\
## Menyapa
Sapa warga dengan **senyum**, lalu
dengarkan sampai selesai.

1. Berdiri
2. Sebut [nama](part/nama) Anda

> [!NOTE] Ingat
> Jangan menyela.

| Waktu | Kata |
|---|---|
| Pagi | Selamat pagi |

```
kode & isi
```

![Loket pelayanan](media/loket.png)

Sapa warga dengan senyum lagi.[^1]

[^1]: Dari pedoman.
"""


def test_each_block_has_its_line_and_together_they_are_the_text(app: Flask) -> None:
    with app.test_request_context():
        html = render(TEXT, notes=True)
    found = blocks(html, TEXT.split("\n"))
    assert "".join(block.html for block in found) == html
    assert [block.line for block in found] == [1, 2, 5, 8, 11, 16, 19, 21, 23]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", []),
        ("<p>Lain</p>", [Block(0, "<p>Lain</p>")]),
        ("<p>Lain</p><p>Satu</p>", [Block(0, "<p>Lain</p>"), Block(1, "<p>Satu</p>")]),
        ("<hr><p>Satu</p><p>Lain</p>", [Block(1, "<hr><p>Satu</p><p>Lain</p>")]),
        ('<p title="a > b">Satu</p>x', [Block(1, '<p title="a > b">Satu</p>x')]),
    ],
)
def test_what_cannot_be_found_goes_with_the_block_before(html: str, expected: list[Block]) -> None:
    assert blocks(html, ["Satu"]) == expected


def test_nearly_every_block_of_the_shipped_lessons_is_found(app: Flask) -> None:
    known = whole = 0
    with app.test_request_context():
        for path in sorted(COURSES.glob("*/*/*.md"))[::4]:
            text = path.read_text().split("+++\n", 2)[2]
            html = render(text, notes=True)
            found = blocks(html, text.split("\n"))
            assert [b.line for b in found] == sorted(b.line for b in found), path
            known += len(found)
            whole += len(re.findall(r"^<(?:p|h[2-4]|ul|ol|div|table|details|pre)\b", html, re.M))
    assert known > 0.9 * whole
