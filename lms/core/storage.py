"""Where bytes are kept: five calls, which an object store can answer as well as a folder.

What is kept is named by its content (SHA-256, hex), never by a user, and never changes.
"""

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

_CHUNK = 1024 * 1024  # bytes
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Disk:
    """Below one folder, which the machines of a site share. `address`: where the server in front
    hands the folder out by itself, empty where it does not."""

    folder: Path
    address: str = ""

    def save(self, content: IO[bytes]) -> str:
        """Keep what is left to read and give its digest; it is on the disk then. A megabyte of it
        is in memory at a time. The same content is kept once, and counts as kept just now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.folder)
        digest = hashlib.sha256()
        try:
            with os.fdopen(handle, "wb") as file:
                while chunk := content.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                target = self._path(digest.hexdigest())
                with self._locked(fcntl.LOCK_SH):
                    if target.exists():
                        os.utime(target)
                        os.unlink(temporary)
                    else:
                        os.fsync(handle)
                        os.fchmod(handle, 0o640 if self.address else 0o600)
                        target.parent.mkdir(exist_ok=True)
                        os.replace(temporary, target)
        except BaseException:  # a full disk above all: leave no half file behind
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync(target.parent)
        return digest.hexdigest()

    def open(self, digest: str) -> IO[bytes]:
        """To be read from anywhere in it, so that a range costs no more than its bytes.

        Raises FileNotFoundError, ValueError for what is no digest.
        """
        return self._path(digest).open("rb")

    def url(self, digest: str) -> str | None:
        """Where who may have it is sent for it; None where the product hands it out itself."""
        return f"{self.address}{digest[:2]}/{digest}" if self.address else None

    def delete(self, digest: str, before: datetime) -> bool:
        """Was it last kept before this instant, and so is gone now? Nothing may name it any more
        (`lms.upkeep.pruning`)."""
        path = self._path(digest)
        with self._locked(fcntl.LOCK_EX):  # whoever keeps the same meanwhile keeps it anew
            is_gone = path.exists() and path.stat().st_mtime < before.timestamp()
            if is_gone:
                path.unlink()
        return is_gone

    def exists(self, digest: str) -> bool:
        return self._path(digest).exists()

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a digest")
        return self.folder / digest[:2] / digest


def _sync(folder: Path) -> None:
    """Make the new name itself survive the loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
