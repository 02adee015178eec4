"""Where the files of a course folder lie: in a folder on the disk, or wherever else they are kept.

Reading a course asks for no more than this; files are called by their paths in the folder.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol


class Kind(Enum):
    FILE = 1
    FOLDER = 2
    OTHER = 3  # links, devices and what else is no part of a course


class StoredFile(Protocol):
    """Bytes with their number and their digest (SHA-256, hex)."""

    @property
    def size(self) -> int: ...

    @property
    def digest(self) -> str: ...

    def open(self) -> IO[bytes]:
        """To be read from anywhere in it."""


class Tree(Protocol):
    """`name` is that of the folder itself, which is the slug of the course."""

    @property
    def name(self) -> str: ...

    def kind(self, path: str) -> Kind | None:
        """None where there is nothing; "" is the folder itself."""

    def names(self, folder: str) -> list[str]:
        """Of what lies in a folder, in their order."""

    def file(self, path: str) -> StoredFile: ...


class FileOnDisk:
    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def size(self) -> int:
        return self._path.stat().st_size

    @property
    def digest(self) -> str:
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def open(self) -> IO[bytes]:
        return self._path.open("rb")


class FolderOnDisk:
    def __init__(self, root: Path) -> None:
        # Not resolved: a link to the folder itself is the caller's own choice of name.
        self._root = Path(os.path.abspath(root))
        self.name = self._root.name

    def kind(self, path: str) -> Kind | None:
        at = self._root / path
        if path and at.is_symlink():
            return Kind.OTHER
        if at.is_file():
            return Kind.FILE
        if at.is_dir():
            return Kind.FOLDER
        return Kind.OTHER if at.exists() else None

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self._root / folder).iterdir())

    def file(self, path: str) -> FileOnDisk:
        return FileOnDisk(self._root / path)


class _Text:
    def __init__(self, text: str) -> None:
        self._content = text.encode()
        self.size = len(self._content)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self._content).hexdigest()

    def open(self) -> IO[bytes]:
        return BytesIO(self._content)


class KeptFolder:
    """A course folder as values: texts, and media by their digests, which `kept` finds. Nothing is
    written anywhere to read it."""

    def __init__(
        self, name: str, texts: Mapping[str, str], media: Mapping[str, str],
        kept: Callable[[str], StoredFile],
    ) -> None:  # fmt: skip
        self.name = name
        self._texts, self._media, self._kept = texts, media, kept
        self._names: dict[str, set[str]] = {"": set()}
        for path in (*texts, *media):
            while path:
                folder, _, name = path.rpartition("/")
                self._names.setdefault(folder, set()).add(name)
                path = folder

    def kind(self, path: str) -> Kind | None:
        if path in self._texts or path in self._media:
            return Kind.FILE
        return Kind.FOLDER if path in self._names else None

    def names(self, folder: str) -> list[str]:
        return sorted(self._names[folder])

    def file(self, path: str) -> StoredFile:
        if path in self._texts:
            return _Text(self._texts[path])
        return self._kept(self._media[path])


def tree_of(folder: Path | Tree) -> Tree:
    return FolderOnDisk(folder) if isinstance(folder, Path) else folder
