"""Is the process alive, and is it ready to serve?"""

import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue

from lms.core import ledger
from lms.core.access import public
from lms.core.db import is_reachable

bp = Blueprint("core", __name__)
log = structlog.get_logger()


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers. Asks nothing else, so that a slow database restarts nobody."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The database answers and its ledgers are guarded."""
    try:
        ready = is_reachable() and not ledger.missing_triggers()
    except Exception:  # whatever keeps it from answering, it is not ready
        log.exception("not ready")
        ready = False
    return ({"status": "ready"}, 200) if ready else ({"status": "unavailable"}, 503)
