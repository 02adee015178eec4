"""Files that come from users and go to them; `lms.core.storage` is where their bytes are kept."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import IO, Any, TypeVar

from flask import Flask, Response, current_app, request, send_file
from flask_login import current_user
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from lms.core import access, headers
from lms.core.storage import Disk
from lms.formats import svg

_HOUR = 3600  # seconds
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
    return storage().save(BytesIO(content))


@dataclass(frozen=True)
class Kept:
    """A file that is kept, by its digest."""

    digest: str

    def open(self) -> IO[bytes]:
        """To be read from anywhere in it."""
        return storage().open(self.digest)

    @property
    def size(self) -> int:
        """Bytes."""
        with self.open() as file:
            return file.seek(0, SEEK_END)

    @property
    def content(self) -> bytes:
        with self.open() as file:
            return file.read()


def answer(digest: str, content_type: str) -> Response:
    """Kept content as the answer to a request, whole or by ranges. Nothing in it can run."""
    response = _sent(digest, content_type)
    response.headers["Cache-Control"] = f"private, max-age={_HOUR}"
    if content_type == "application/pdf":
        headers.confine_document(response)
    elif content_type == svg.CONTENT_TYPE:
        headers.confine(response)
    return response


def attachment(digest: str, content_type: str, name: str) -> Response:
    """What is kept, for those who may have it: to be kept by them, never opened as a page."""
    response = _sent(digest, content_type, name)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _sent(digest: str, content_type: str, name: str = "") -> Response:
    """Under a name it is an attachment."""
    place = storage()
    address = place.url(digest)
    file = BytesIO() if address else place.open(digest)
    size = file.seek(0, SEEK_END)
    file.seek(0)
    response = send_file(
        file, content_type, as_attachment=bool(name), download_name=name or None, conditional=False
    )
    if address:  # ranges too are answered by the server in front
        response.headers["X-Accel-Redirect"] = address
        return response
    response.content_length = size
    response.set_etag(digest)
    if request.range:  # the server's own wrapper would read all that stands before it
        response.response = FileWrapper(file)
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    return response


def bare_name(sent: str, longest: int) -> str:
    """The name of a file without folders, ending and what no file system likes."""
    bare = sent.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    kept = "".join(c if c.isalnum() or c in " ._-" else "_" for c in bare).strip(" .")
    return kept[:longest] or "dokumen"


def storage() -> Disk:
    """Of this site."""
    return Disk(folder(), current_app.config["UPLOADS_URL"])


def folder() -> Path:
    """The one folder below which everything is kept."""
    return Path(current_app.config["UPLOADS_DIR"]) / "media"


def kept() -> Iterator[Path]:
    """Every file that is kept, in the order of the names; drafts of files are left out."""
    shelves = sorted(folder().iterdir()) if folder().is_dir() else []
    for shelf in shelves:
        if shelf.is_dir():
            yield from sorted(path for path in shelf.iterdir() if _DIGEST.fullmatch(path.name))
