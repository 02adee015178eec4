"""Structured logs: one JSON object a line, each with the number of the request it belongs to."""

import logging
import re
import secrets
import sys
import time
from contextlib import suppress
from typing import Any

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()
Steps = list[structlog.typing.Processor]
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_INCOMING = re.compile(r"[A-Za-z0-9._-]{6,40}")


def init_app(app: Flask) -> None:
    configure(app.config["LOG_LEVEL"])
    app.before_request(_open_request)
    app.after_request(_close_request)


def configure(level: str) -> None:
    """Send our own lines and the warnings of every package to stderr, in one form."""
    known: Steps = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # ASCII only: no sign in a value can break the line or fail to be written.
    written: Steps = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    least = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[*known, *written],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=False,
    )
    handler = _StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=known,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
        )
    )
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h, _StderrHandler)]
    root.addHandler(handler)
    root.setLevel(max(least, logging.WARNING))


class _Lines:
    """Each line is one write, so that a killed process leaves no half of it in front of another's.
    One that cannot be written (a full disk, a reader that is gone) is lost; what it tells of must
    not fail by it. The handler of other packages' lines does the same."""

    def msg(self, line: str) -> None:
        with suppress(OSError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


class _StderrHandler(logging.StreamHandler[Any]):
    """Writes to what stderr is now, not to what it was when the process started."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def new_reference() -> str:
    """Eight signs that can be read out over the telephone."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(8))


def _open_request() -> None:
    incoming = request.headers.get("X-Request-ID", "")
    g.request_id = incoming if _INCOMING.fullmatch(incoming) else new_reference()
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _close_request(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    log.info(
        "request",
        method=request.method,
        endpoint=request.endpoint,
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        queries=g.get("queries", 0),
        person=str(getattr(g.get("_login_user"), "person_uuid", "")) or None,
    )
    return response
