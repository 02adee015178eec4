"""Files that are whole or not there: copies that are on the disk before they count, and folders
that get their name when they are complete."""

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1024 * 1024
DRAFT = ".draft-"
LOCK = ".kompeten.lock"
# What some network shares answer when a folder is to be synced.
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


class UpkeepError(Exception):
    """What was asked for cannot be done; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Content:
    """How long a file is (bytes), and the SHA-256 of what is in it (hex)."""

    size: int
    sha256: str


def content_of(path: Path) -> Content:
    """Read a file from the disk. Raises OSError when it is not there or no plain file."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "no plain file", str(path))
        if sys.platform == "linux":  # what was just written is read from the disk, not from memory
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        digest = hashlib.sha256()
        size = 0
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Content(size, digest.hexdigest())


def copy(source: Path, target: Path) -> Content:
    """Copy a file, for its owner only, and sync it. What was copied."""
    make_folder(target.parent)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    digest = hashlib.sha256()
    size = 0
    with os.fdopen(handle, "wb") as out, source.open("rb") as file:
        while chunk := file.read(CHUNK):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        out.flush()
        os.fsync(handle)
    return Content(size, digest.hexdigest())


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for their owner only."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write(path: Path, text: str) -> None:
    """Write a small file, for its owner only, and sync it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)


def sync_file(path: Path) -> None:
    """Bring a file that another program wrote to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the file system can do that."""
    try:
        sync_file(folder)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def sync_tree(folder: Path) -> None:
    """Bring the names in a folder and in all folders below it to the disk."""
    for path, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(path))


@contextmanager
def draft(target: Path) -> Iterator[Path]:
    """A folder to work in. It becomes `target` at the end of the block, when everything in it is
    on the disk; after an error nothing of it stays."""
    if target.exists():
        raise UpkeepError(f"{target} stands already; try again in a second.")
    with scratch(target.parent, target.name) as work:
        yield work
        sync_tree(work)
        work.rename(target)
        sync_folder(target.parent)


@contextmanager
def scratch(parent: Path, name: str) -> Iterator[Path]:
    """A folder to work in, in the same file system as `parent`; gone after the block. What a run
    that was killed left under this name goes first."""
    work = parent / f"{DRAFT}{name}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Only one of us works in a folder; what a killed run left there is removed first.

    Raises UpkeepError when another one is at work. The lock ends with its process.
    """
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UpkeepError(f"Another run is at work in {folder}; wait for its end.") from None
        for left in folder.glob(f"{DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(handle)
