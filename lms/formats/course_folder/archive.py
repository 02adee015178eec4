"""A course folder as a ZIP file: written the same way every time, and read with suspicion."""

import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO
from zlib import error as zlib_error

from lms.formats.course_folder.folder import LIMITS, MEDIA_LIMIT, MEDIA_TYPES, TEXT_LIMIT
from lms.formats.course_folder.tree import StoredFile

MOST_MEMBERS = 2000
MOST_BYTES = 500_000_000  # unpacked
LONGEST_PATH = 200
_BLOCK = 1 << 20  # bytes of a member that are in memory at a time
TEXTS = (".toml", ".md", ".gift")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of ZIP; when a file was made says nothing about a course
_MODE = 0o100644 << 16
# What Python raises for members that are broken, packed in unknown ways, or under a password.
_DAMAGED = (zipfile.BadZipFile, zlib_error, EOFError, NotImplementedError, RuntimeError)


class BadArchive(Exception):
    """`reason` is a word for what is wrong, `name` the member it is wrong with, or ""."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(f"{reason}: {name}")
        self.reason, self.name = reason, name


def write(
    file: IO[bytes], root: str, texts: Mapping[str, str], media: Mapping[str, StoredFile]
) -> None:
    """Write a folder called `root`. The same content gives the same bytes, wherever and whenever:
    media are packed already and are stored, and so are texts, as packing differs by machine."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted([*texts, *media]):
            info = zipfile.ZipInfo(f"{root}/{path}", _EPOCH)
            info.create_system, info.external_attr = 3, _MODE
            if path in texts:
                archive.writestr(info, texts[path].encode())
                continue
            info.file_size = media[path].size
            with media[path].open() as source, archive.open(info, "w") as target:
                while block := source.read(_BLOCK):
                    target.write(block)


def check(archive: zipfile.ZipFile) -> tuple[str, list[tuple[str, zipfile.ZipInfo]]]:
    """The name of the one folder in it, "" where the files lie bare, and the members that count by
    their path in it. Nothing is unpacked. Raises BadArchive."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise BadArchive("members")
    if sum(info.file_size for info in members) > MOST_BYTES:
        raise BadArchive("size")
    for info in members:
        _check_path(info)
    seen = [(PurePosixPath(info.filename), info) for info in members]
    counted = [(path, info) for path, info in seen if not _is_passed_over(path)]
    if not counted:
        raise BadArchive("empty")
    tops = {path.parts[0] for path, _ in counted}
    bare = any(len(path.parts) == 1 for path, _ in counted)
    root = "" if bare or len(tops) > 1 else tops.pop()
    found = [(str(path.relative_to(root)) if root else str(path), info) for path, info in counted]
    for path, info in found:
        _check_kind(path, info)
    seen_names: set[str] = set()
    for path, _ in found:
        if path.lower() in seen_names:
            raise BadArchive("doubled", path)
        seen_names.add(path.lower())
    return root, found


def check_contents(
    archive: zipfile.ZipFile, members: Iterable[tuple[str, zipfile.ZipInfo]]
) -> None:
    """Read every checked member to its end, and keep nothing of it. Raises BadArchive."""
    for path, info in members:
        size = 0
        with opened(archive, path, info) as member:
            while block := member.read(_BLOCK):
                size += len(block)
        if size != info.file_size:
            raise BadArchive("damaged", path)


@contextmanager
def opened(archive: zipfile.ZipFile, path: str, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """The content of a checked member. What is larger than it claimed to be is never read to its
    end. Raises BadArchive."""
    try:
        with archive.open(info) as member:
            yield member
    except _DAMAGED as error:
        raise BadArchive("damaged", path) from error


def _check_path(info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or {"..", ".", ""} & set(parts):
        raise BadArchive("path", name)
    if any(ord(sign) < 32 for sign in name) or len(name) > LONGEST_PATH:
        raise BadArchive("path", name)
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise BadArchive("link", name)
    if info.flag_bits & 1:
        raise BadArchive("encrypted", name)


def _is_passed_over(path: PurePosixPath) -> bool:
    """As in a folder: what begins with a dot; and what some systems pack beside it."""
    return "__MACOSX" in path.parts or any(part.startswith(".") for part in path.parts)


def _check_kind(path: str, info: zipfile.ZipInfo) -> None:
    suffix = PurePosixPath(path).suffix
    is_text, kind = suffix in TEXTS, suffix.lower()[1:]
    if not is_text and kind not in MEDIA_TYPES:
        raise BadArchive("kind", path)
    if info.file_size > (TEXT_LIMIT if is_text else LIMITS.get(kind, MEDIA_LIMIT)):
        raise BadArchive("file-size", path)
