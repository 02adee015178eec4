"""The user's mistake and ours, told apart. Translated into pages once, in `init_app`."""

import structlog
from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
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
        _l("Yang sudah tersimpan tetap aman. Tunggu sebentar, lalu coba lagi."),
    ),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(NotFound, lambda _: error_page(404))
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _server_error)


def error_page(code: int, text: str | None = None) -> tuple[str | dict[str, str], int]:
    """The page of an error, with the reference number that the log line carries too."""
    db.session.rollback()
    g.plain_page = code >= 500
    title, usual = PAGES.get(code, PAGES[500])
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
    )
    return html, code


def wants_json() -> bool:
    """Does a script ask, rather than a page being loaded?"""
    return request.accept_mimetypes.best == "application/json"


def _domain_error(error: DomainError) -> ResponseReturnValue:
    return error_page(409, error.message)


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    log.info("csrf refused", reason=error.description)
    return error_page(400)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if error.response is not None:
        return error.response
    return error_page(error.code)


def _database_busy(error: OperationalError) -> ResponseReturnValue:
    log.error("database unavailable", error=str(error.orig))
    body, code = error_page(503)
    return body, code, {"Retry-After": "5"}


def _server_error(error: Exception) -> ResponseReturnValue:
    original = getattr(error, "original_exception", None) or error
    log.error("unhandled", exc_info=original)
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise original
    return error_page(500)
