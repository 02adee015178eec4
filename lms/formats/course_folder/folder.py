"""The files of one course folder: which there are, what text they hold, which media are named.

What is no part of a course folder is refused on the way: links, foreign names and types, too much.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from unicodedata import category

from lms.formats import svg
from lms.formats.course_folder.content import MediaContent, Problem
from lms.formats.course_folder.tree import Kind, StoredFile, Tree
from lms.formats.gift.questions import is_key
from lms.formats.media import HEAD, kind_by_content
from lms.formats.traces import BrokenFile, without_traces
from lms.formats.words import Words

TEXT_LIMIT = 1024 * 1024
MEGABYTE = 1024 * 1024
MEDIA_LIMIT = 20 * MEGABYTE  # unless told here
LIMITS = {"mp4": 300 * MEGABYTE, "webm": 300 * MEGABYTE, "mp3": 50 * MEGABYTE}
MEDIA_TYPES = frozenset(
    {"png", "jpg", "jpeg", "webp", "gif", "svg", "pdf", "mp3", "mp4", "webm", "vtt"}
)

_NUMBERED = re.compile(r"[0-9]{2}-([a-z0-9-]+)")
_MEDIA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass
class Folder:
    """Files are called by their paths in the `tree`. Of all `media`, `named` are those in use, and
    `sizes` width and height of the drawings."""

    tree: Tree
    problems: list[Problem] = field(default_factory=list)
    media: dict[str, StoredFile] = field(default_factory=dict)
    named: dict[str, MediaContent] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, file: str, line: int, code: str, message: Words) -> None:
        self.problems.append(Problem(file, line, code, message))

    def is_folder(self, file: str) -> bool:
        return self.tree.kind(file) is Kind.FOLDER

    def entries(self, folder: str) -> list[str]:
        """Names in the folder in their order, without hidden files and without what is refused."""
        found = []
        within = f"{folder}/" if folder else ""
        for name in self.tree.names(folder):
            shown = "".join(c if c.isprintable() else "?" for c in name)
            file = f"{within}{shown}"
            if name.startswith("."):
                continue
            if self.tree.kind(f"{within}{name}") not in (Kind.FILE, Kind.FOLDER):
                self.note(
                    file,
                    0,
                    "file-link",
                    Words("Tautan ke tempat lain tidak diterima; salin berkasnya."),
                )
            elif shown != name:
                self.note(
                    file, 0, "name-invalid", Words("Nama ini memuat karakter aneh; ganti namanya.")
                )
            else:
                found.append(name)
        return found

    def check_numbered(self, file: str, stem: str) -> None:
        match = _NUMBERED.fullmatch(stem)
        if not match or not is_key(match[1]):
            self.note(
                file,
                0,
                "name-invalid",
                Words(
                    "Nama harus dua angka, lalu huruf kecil, misalnya 01-pengantar; ganti namanya."
                ),
            )

    def note_unknown(self, file: str) -> None:
        self.note(
            file,
            0,
            "file-unknown",
            Words("Berkas atau folder ini tidak dikenal di sini; pindahkan."),
        )

    def take_media(self, folder: str) -> None:
        for name in self.entries(folder):
            file = f"{folder}/{name}"
            if self.is_folder(file):
                self.note_unknown(file)
                continue
            medium = self.media[file] = self.tree.file(file)
            suffix = PurePosixPath(name).suffix[1:].lower()
            if not _MEDIA_NAME.fullmatch(name):
                self.note(
                    file,
                    0,
                    "name-invalid",
                    Words("Nama media hanya boleh huruf, angka, titik, _ dan -; ganti namanya."),
                )
            if suffix not in MEDIA_TYPES:
                known = ", ".join(sorted(MEDIA_TYPES))
                self.note(
                    file,
                    0,
                    "media-type",
                    Words("Jenis berkas ini tidak diterima; pakai %(known)s.", known=known),
                )
            limit = LIMITS.get(suffix, MEDIA_LIMIT)
            if medium.size > limit:
                large = Words(
                    "Berkas lebih besar dari %(limit)s MB; perkecil.", limit=limit // MEGABYTE
                )
                self.note(file, 0, "media-size", large)
            elif suffix == "svg":
                self._check_drawing(file, medium)
            else:
                self._check_content(file, medium, suffix.replace("jpeg", "jpg"))

    def _check_content(self, file: str, medium: StoredFile, named: str) -> None:
        """Is the file what its name says, and does it hang together?"""
        with medium.open() as content:
            kind = kind_by_content(content.read(HEAD))
            if kind == named:
                try:
                    without_traces(content, kind)
                except BrokenFile:
                    broken = Words("Berkas ini rusak; simpan ulang, lalu ganti.")
                    self.note(file, 0, "media-broken", broken)
            elif kind is not None:
                other = Words("Isi berkas ini %(kind)s; ganti akhiran namanya.", kind=kind)
                self.note(file, 0, "media-content", other)
            elif named in MEDIA_TYPES:
                wrong = Words("Isi berkas ini bukan %(kind)s; ganti berkasnya.", kind=named)
                self.note(file, 0, "media-content", wrong)

    def _check_drawing(self, file: str, medium: StoredFile) -> None:
        if medium.size > TEXT_LIMIT:
            self.note(
                file, 0, "media-size", Words("Gambar SVG ini lebih besar dari 1 MB; sederhanakan.")
            )
            return
        with medium.open() as drawing:
            self.sizes[file], faults = svg.check(drawing.read())
        for line, code, message in faults:
            self.note(file, line, code, message)

    def text(self, file: str) -> str | None:
        """The text with plain line ends, or None when there is none to read."""
        kind = self.tree.kind(file)
        if kind is Kind.OTHER:
            return None
        if kind is not Kind.FILE:
            self.note(file, 0, "file-missing", Words("Berkas ini belum ada; buat."))
            return None
        stored = self.tree.file(file)
        if stored.size > TEXT_LIMIT:
            self.note(
                file, 0, "file-size", Words("Berkas teks ini lebih besar dari 1 MB; pecah isinya.")
            )
            return None
        with stored.open() as opened:
            content = opened.read()
        try:
            text = _with_plain_ends(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.note(
                file, line, "file-not-utf8", Words("Bukan teks UTF-8; simpan ulang sebagai UTF-8.")
            )
            # What it most likely is, so that the rest is told as well.
            guess = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "latin-1"
            return _with_plain_ends(content.decode(guess, errors="replace"))
        for number, line_text in enumerate(text.split("\n"), start=1):
            if any(category(c) == "Cc" and c != "\t" for c in line_text):
                control = Words("Ada karakter kendali yang tak terlihat; hapus.")
                self.note(file, number, "file-characters", control)
        return text

    def stored_name(self, module: str, name: str) -> str | None:
        """The unique name of a medium, which from now on counts as named: the module's own goes
        before the course's."""
        stored = next((n for n in (f"{module}/{name}", name) if n in self.media), None)
        if stored and stored not in self.named:
            medium = self.media[stored]
            width, height = self.sizes.get(stored, (0, 0))
            self.named[stored] = MediaContent(stored, medium.size, medium.digest, width, height)
        return stored


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
