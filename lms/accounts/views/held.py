"""What somebody sent when it could not be done yet: it waits, signed, in the form that stands in
between, and is offered again to its sender."""

from datetime import datetime
from uuid import UUID

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from lms.accounts import queries
from lms.accounts.views.blueprint import inside
from lms.core import clock, i18n, tokens
from lms.core.access import Permission, access_of

HELD = "held-act"
HELD_SECONDS = 12 * 3600
HELD_LIMIT = 60_000
NAME_MAX = 120
CSRF_KEY = "csrf_token"
CSRF_SALT = "wtf-csrf-token"  # Flask-WTF's own
SECRET_FIELDS = {"password", "password_again", "current"}
# What a page cannot carry in a hidden field: control characters but tab and line breaks.
UNCARRIED = dict.fromkeys({*range(32), 127} - {9, 10, 13})


def _opens_doors() -> bool:
    """Would the act open the site to somebody? Such a one is filled in anew: who signs in must not
    press a button for what another typed on their page."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is not None and access_of(view) is Permission.ACCOUNTS_PEOPLE_MANAGE


def hold_act() -> str:
    """What was sent, signed for its sender, without its files, of which only the names are kept;
    empty where it holds a password or is too large."""
    owner = owner_of_page()
    if owner is None or SECRET_FIELDS & set(request.form) or _opens_doors():
        return ""
    fields = [
        (name.translate(UNCARRIED), value.translate(UNCARRIED))
        for name, value in request.form.items(multi=True)
        if name != CSRF_KEY
    ]
    value = {
        "person": str(owner),
        "action": own_address(),
        "fields": fields,
        "files": [
            file.filename.translate(UNCARRIED)[:NAME_MAX]
            for file in request.files.values()
            if file.filename
        ],
        "at": clock.now().isoformat(),
    }
    token = tokens.sign(HELD, value)
    return token if len(token) <= HELD_LIMIT else ""


def act_of(token: str, person_uuid: UUID, person_id: int) -> dict[str, object] | None:
    """What the page accounts/resume.html offers to send again: only to the person who sent it."""
    value = tokens.unsign(HELD, token, HELD_SECONDS)
    if value is None or value["person"] != str(person_uuid):
        return None
    post = queries.post_of(person_id)
    zone = post.time_zone if post else queries.DEFAULT_ZONE
    return {
        "held_action": inside(value["action"]),
        "held_fields": value["fields"],
        "held_files": value.get("files", ()),  # none in what was signed before an update
        "held_at": i18n.instant(datetime.fromisoformat(value["at"]), zone),
    }


def own_address() -> str:
    """The path and query of this request."""
    return request.full_path.rstrip("?")


def is_held(token: str | None) -> bool:
    """Is it an act of the last twelve hours, whoever sent it?"""
    return tokens.unsign(HELD, token or "", HELD_SECONDS) is not None


def owner_of_page() -> UUID | None:
    """For whom the page was made that the sent form was on. Its token is signed, and stands on
    pages for that very person only."""
    serializer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=CSRF_SALT)
    try:
        token = serializer.loads(request.form.get(CSRF_KEY, ""))
        return UUID(token.partition(".")[2])
    except (BadData, ValueError):
        return None
