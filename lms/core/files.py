"""Where bytes are kept: a folder, behind the few calls that an object store could answer too.

Names are made by us (the SHA-256 of the content), never taken from a user.
"""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeVar

from flask import Flask, Response, current_app, request, send_file
from flask_login import current_user

from lms.core import access, headers
from lms.formats import svg

_HOUR = 3600  # seconds
_DAY = 24 * _HOUR
_CHUNK = 1024 * 1024  # bytes
View = TypeVar("View", bound=Callable[..., Any])
_TAKES = "kompeten_takes_documents"
_SLACK = 3  # a file of up to so many times the limit gets an answer on its form, not a 413
_DIGEST = re.compile(r"[0-9a-f]{64}")


def init_app(app: Flask) -> None:
    """Must come before whatever reads a form."""
    app.before_request(_make_room)


def takes_documents(limit: int) -> Callable[[View], View]:
    """Mark a view that files of so many bytes are sent to: its request may be larger."""

    def mark(view: View) -> View:
        setattr(view, _TAKES, limit)
        return view

    return mark


def _make_room() -> None:
    """Only for who may call the view: forms are read before that is checked."""
    view = current_app.view_functions.get(request.endpoint or "")
    limit = getattr(view, _TAKES, 0)
    if not view or not limit or not current_user.is_authenticated:
        return
    if access.access_of(view) in access.current_actor().permissions:
        request.max_content_length = limit * _SLACK


def save(content: bytes) -> str:
    """Keep the content and give its digest (SHA-256, hex). The same content is kept once."""
    digest = hashlib.sha256(content).hexdigest()
    return digest if path_of(digest).exists() else save_stream(BytesIO(content))


def save_stream(stream: IO[bytes]) -> str:
    """Like `save`, for content of any size: a megabyte of it is in memory at a time."""
    folder().mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder())
    digest = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as file:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        target = path_of(digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        os.replace(temporary, target)
    except BaseException:  # a full disk above all: leave no half file behind
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return digest.hexdigest()


def path_of(digest: str) -> Path:
    if not _DIGEST.fullmatch(digest):
        raise ValueError("not a digest")
    return folder() / digest[:2] / digest


def answer(digest: str, content_type: str) -> Response:
    """Kept content as the answer to a request, whole or by ranges. Nothing in it can run."""
    response = send_file(
        path_of(digest), mimetype=content_type, conditional=True, etag=digest, max_age=_HOUR
    )
    response.headers["Cache-Control"] = f"private, max-age={_HOUR}"
    if content_type == "application/pdf":
        headers.confine_document(response)
    elif content_type == svg.CONTENT_TYPE:
        headers.confine(response)
    return response


def attachment(digest: str, content_type: str, name: str) -> Response:
    """What somebody has uploaded, for those who may have it: to be kept, never opened as a page."""
    response = send_file(
        path_of(digest), mimetype=content_type, as_attachment=True, download_name=name, etag=digest
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def bare_name(sent: str, longest: int) -> str:
    """The name of a file without folders, ending and what no file system likes."""
    bare = sent.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    kept = "".join(c if c.isalnum() or c in " ._-" else "_" for c in bare).strip(" .")
    return kept[:longest] or "dokumen"


def link(digest: str, target: Path) -> None:
    """Give kept content a name in a workspace, without a copy. To be read there, never written."""
    os.link(path_of(digest), target)


@contextmanager
def workspace() -> Iterator[Path]:
    """An empty folder on the disk of the kept files, gone afterwards. What a killed process left
    behind goes a day later."""
    place = folder().parent / "work"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.iterdir():
        if left.stat().st_mtime < time.time() - _DAY:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=place) as path:
        yield Path(path)


def folder() -> Path:
    """The one folder below which everything is kept."""
    return Path(current_app.config["UPLOADS_DIR"]) / "media"


def kept() -> Iterator[Path]:
    """Every file that is kept, in the order of the names; drafts of files are left out."""
    shelves = sorted(folder().iterdir()) if folder().is_dir() else []
    for shelf in shelves:
        if shelf.is_dir():
            yield from sorted(path for path in shelf.iterdir() if _DIGEST.fullmatch(path.name))


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive the loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
