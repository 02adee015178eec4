"""The user's mistake and ours, told apart. Translated into pages once, in `init_app`."""

import errno
import sqlite3

import structlog
from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from lms.core.db import db

log = structlog.get_logger()


class DomainError(Exception):
    """A rule of the domain was broken by what the user asked for.

    `message` is a translated sentence for the user; `field` names the form field it belongs to.
    Shown, not logged; whoever lets it out of a write transaction loses that transaction.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field


class NotFound(Exception):
    """The thing does not exist, or its existence is not for this actor to know: 404."""


class Forbidden(Exception):
    """The thing is known to exist but this actor may not do this to it: 403."""


class StartError(Exception):
    """The product cannot start; the message is one sentence that says what to do."""


# The database is busy or gone: to be tried again, where other faults are ours to mend.
UNAVAILABLE = (OperationalError, PoolTimeoutError, sqlite3.OperationalError)
DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# No room to write: the disk, a quota, a limit of the file's size.
FULL_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
FULL_POSTGRESQL = "53100"
FULL_FILES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
RETRY_SECONDS = {503: 5, 507: 30}
_UNTYPED = {"base", "gift", "essays"}  # fields that hold blanks, and were not typed
KEPT_HEADERS = frozenset({"Allow", "Content-Range", "Retry-After", "WWW-Authenticate"})

PAGES = {
    400: (
        _l("Permintaan tidak dapat dibaca"),
        _l("Halaman ini mungkin sudah lama terbuka. Muat ulang halaman, lalu coba lagi."),
    ),
    403: (
        _l("Halaman ini bukan untuk akun Anda"),
        _l("Anda sudah masuk, tetapi akun Anda tidak memiliki hak untuk tindakan ini."),
    ),
    404: (
        _l("Halaman tidak ditemukan"),
        _l("Alamatnya mungkin salah ketik, atau halaman ini tidak tersedia untuk Anda."),
    ),
    405: (
        _l("Tindakan ini tidak dikenal di sini"),
        _l("Kembali ke halaman sebelumnya dan gunakan tombol yang tersedia."),
    ),
    409: (
        _l("Tindakan ini tidak dapat dilakukan sekarang"),
        _l("Keadaan sudah berubah sejak halaman dibuka. Muat ulang untuk melihat yang terbaru."),
    ),
    413: (
        _l("Kiriman terlalu besar"),
        _l("Kirim berkas atau teks yang lebih kecil. Tidak ada yang disimpan dari kiriman ini."),
    ),
    422: (
        _l("Isian belum dapat diproses"),
        _l("Kembali ke formulir dan periksa isian yang ditandai."),
    ),
    429: (
        _l("Terlalu banyak percobaan"),
        _l("Tunggu beberapa menit, lalu coba lagi. Akun dan data Anda aman."),
    ),
    500: (
        _l("Terjadi gangguan pada sistem"),
        _l("Ini kesalahan kami. Yang sudah tersimpan tetap aman. Coba lagi sebentar lagi."),
    ),
    503: (
        _l("Layanan sedang sibuk"),
        _l(
            "Yang sudah tersimpan tetap aman. Tunggu sebentar, lalu muat ulang halaman ini: "
            "kiriman yang belum tersimpan dikirim lagi, dan tidak ada yang tercatat dua kali."
        ),
    ),
    507: (
        _l("Server tidak dapat menyimpan"),
        _l(
            "Ruang penyimpanan server habis atau tidak dapat ditulis. Yang sudah tersimpan tetap "
            "aman dan dapat dibaca, tetapi kiriman terakhir Anda belum tersimpan. "
            "Beri tahu admin, lalu coba lagi nanti."
        ),
    ),
}


def init_app(app: Flask) -> None:
    app.before_request(_refuse_nul)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(NotFound, lambda _: error_page(404))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _server_error)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, _server_error)
    # Flask's own line would repeat ours as plain text, with the path (and any token in it).
    app.log_exception = lambda exc_info: None  # type: ignore[method-assign]


def _refuse_nul() -> ResponseReturnValue | None:
    """No text of ours holds a NUL, and PostgreSQL stores none: such a request was not typed."""
    sent = [*request.args.items(multi=True), *request.form.items(multi=True)]
    if "\0" in request.path or any("\0" in name + value for name, value in sent):
        return str(PAGES[400][0]), 400, {"Content-Type": "text/plain; charset=utf-8"}
    return None


def error_page(code: int, text: str | None = None) -> tuple[str | dict[str, str], int]:
    """The page of an error, with the reference number that the log line carries too."""
    _roll_back()
    g.plain_page = code >= 500
    if g.plain_page and "_login_user" not in g:
        g._login_user = AnonymousUserMixin()  # else Flask-Login asks the database for its templates
    title, usual = PAGES.get(code, PAGES[500 if code >= 500 else 400])
    if code == 404 and request.method == "POST":
        usual = _l("Mungkin baru saja dihapus, atau tidak tersedia untuk Anda.")
    reference = g.get("request_id", "")
    if wants_json():
        return {"error": str(text or usual), "reference": reference}, code
    html = render_template(
        "errors/error.html",
        code=code,
        title=title,
        text=text or usual,
        what_now=[{"label": gettext("Ke beranda"), "url": "/"}],
        reference=reference,
        typed=_typed(),
    )
    return html, code


def _typed() -> list[str]:
    """The sentences of a form of ours that was refused as a whole, to be copied: what it was for
    may be gone."""
    if not g.get("csrf_valid"):  # or another site could have us say whatever it likes
        return []
    sent = request.form.items(multi=True)
    return [
        text.strip()
        for name, text in sent
        if " " in text.strip() and name not in _UNTYPED and not name.startswith("password")
    ]


def wants_json() -> bool:
    """Does a script ask, rather than a page being loaded?"""
    return request.accept_mimetypes.best == "application/json"


def _domain_error(error: DomainError) -> ResponseReturnValue:
    return error_page(409, error.message)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if error.response is not None:
        return error.response
    body, code = error_page(error.code)
    return body, code, {k: v for k, v in error.get_headers() if k in KEPT_HEADERS}


def _server_error(error: Exception) -> ResponseReturnValue:
    """Also called for what fails after the view: the commit, above all."""
    original = getattr(error, "original_exception", None) or error
    status = 507 if _is_full(original) else 503 if _is_unavailable(original) else 500
    if status == 500:
        log.error("unhandled", exc_info=original)
        return error_page(500)
    event = "storage full" if status == 507 else "database unavailable"
    log.error(event, error=str(getattr(original, "orig", original)))
    body, code = error_page(status)
    return body, code, {"Retry-After": str(RETRY_SECONDS[status])}


def _is_full(error: Exception) -> bool:
    cause = getattr(error, "orig", error)
    return (
        getattr(cause, "sqlite_errorcode", None) in FULL_SQLITE
        or getattr(cause, "sqlstate", None) == FULL_POSTGRESQL
        or (isinstance(cause, OSError) and cause.errno in FULL_FILES)
    )


def _is_unavailable(error: Exception) -> bool:
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_ERROR:  # a wrong statement, such as a missing table: ours
        return False
    cut = isinstance(error, DBAPIError) and error.connection_invalidated
    return cut or isinstance(error, UNAVAILABLE) or code in DAMAGED


def _roll_back() -> None:
    try:
        db.session.rollback()
    except SQLAlchemyError:  # the connection is gone, and the transaction with it
        db.session.remove()
