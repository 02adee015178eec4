"""A small course that has one of everything and no fault, for tests to spoil."""

import struct
import zlib
from collections.abc import Collection
from pathlib import Path

from lms.formats.course_folder.reader import read

Changes = dict[str, str | bytes | None]
Found = list[tuple[str, int, str]]  # file, line and code of each problem
KNOWN = {"M.01", "M.05"}

COURSE = """format = 1
title = "Layanan Prima"
summary = "Melayani warga di loket."
purpose = "Setelah kursus ini Anda dapat melayani."
language = "id"
category = "Teknis"
jp = 1.5
trainer = "Tim Pelatihan"
organiser = "BKPSDM"

[pass]
score = 70

[[outcomes]]
competency = "M.01"
from = 0
to = 1

[[outcomes]]
competency = "M.05"
from = 1
to = 2
"""

LESSON = """+++
key = "sapa"
title = "Menyapa"
minutes = 5
+++

Warga datang ke loket.

## Langkah

![Alur layanan](media/alur.png) dan [panduan](media/panduan.pdf#page=2).
"""

SECOND_LESSON = """+++
key = "pamit"
title = "Pamit"
minutes = 4
+++
Sampai jumpa.
"""

QUIZ = """key = "kuis"
title = "Kuis"
minutes = 3
pass = 60
weight = 1
attempts = 2
time_limit = 10
shuffle_questions = true
shuffle_options = false
show_answers = "always"
"""

QUESTIONS = """// [id:kuis-1] [tag:M.01]
Siapa yang dilayani? {
=Warga
~Diri sendiri
}

// [id:kuis-2]
Gambar ini benar\\: ![Loket](media/loket.png) {T}
"""

GUIDE = b"%PDF-1.7 panduan"


def picture(shade: int) -> bytes:
    """A grey picture of one pixel, as PNG."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes((0, shade)))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )  # fmt: skip


FILES: Changes = {
    "course.toml": COURSE,
    "media/panduan.pdf": GUIDE,
    "media/loket.png": picture(1),
    "01-awal/module.toml": 'title = "Awal"\nkey = "awal"\n',
    "01-awal/01-sapa.md": LESSON,
    "01-awal/02-kuis.toml": QUIZ,
    "01-awal/02-kuis.gift": QUESTIONS,
    "01-awal/media/alur.png": picture(2),
    "01-awal/media/loket.png": picture(3),
    "01-awal/media/.DS_Store": b"",
    "02-akhir/module.toml": 'title = "Akhir"\nkey = "akhir"\n',
    "02-akhir/01-pamit.md": SECOND_LESSON,
}


def write_course(folder: Path, changes: Changes | None = None) -> Path:
    """The sample under the folder as "layanan"; a change of None leaves the file out."""
    root = folder / "layanan"
    for name, content in {**FILES, **(changes or {})}.items():
        if content is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def problems_of(root: Path, previous_keys: Collection[str] = ()) -> Found:
    """What is told of a folder; never where it stands on the machine."""
    content, problems = read(root, KNOWN, previous_keys)
    assert (content is None) == bool(problems)
    for problem in problems:
        assert str(root.parent) not in str(problem)
        assert problem.message.endswith(".")
    return [(problem.file, problem.line, problem.code) for problem in problems]
