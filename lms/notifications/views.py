"""The inbox."""

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import clock, i18n, paging
from lms.core.access import Permission, current_actor, requires
from lms.core.forms import EmptyForm, writing
from lms.notifications import actions, queries

if TYPE_CHECKING:
    from lms.notifications.models import Notification

bp = Blueprint("notifications", __name__)


@bp.get("/notifications")
@requires(Permission.NOTIFICATIONS_OWN_READ)
def inbox() -> ResponseReturnValue:
    actor = current_actor()
    before, unread_only = paging.after_id("before"), "unread" in request.args
    unread = 1 if unread_only else None
    rows = queries.own_notifications(actor, before, unread_only=unread_only)
    page, more = rows[: queries.PAGE], len(rows) > queries.PAGE
    return render_template(
        "notifications/inbox.html",
        rows=[_row(row, actor.time_zone) for row in page],
        unread_only=unread_only,
        first_url=url_for(".inbox", unread=unread) if before else None,
        next_url=url_for(".inbox", unread=unread, before=page[-1].id) if more else None,
        unread_here=any(row.read_at is None for row in page),
        form=EmptyForm(),
    )


@bp.post("/notifications/<uuid:uuid>/open")
@requires(Permission.NOTIFICATIONS_OWN_READ)
def open_notification(uuid: UUID) -> ResponseReturnValue:
    """Mark as read and go where it leads."""
    with writing():
        notification = queries.own_notification(current_actor(), uuid)
        actions.mark_read(notification)
        return redirect(notification.url)


@bp.post("/notifications/<uuid:uuid>/read")
@requires(Permission.NOTIFICATIONS_OWN_READ)
def read(uuid: UUID) -> ResponseReturnValue:
    """Mark as read and stay in the inbox."""
    with writing():
        actions.mark_read(queries.own_notification(current_actor(), uuid))
    return redirect(url_for(".inbox"))


@bp.post("/notifications/read-all")
@requires(Permission.NOTIFICATIONS_OWN_READ)
def read_all() -> ResponseReturnValue:
    with writing():
        actions.mark_all_read(current_actor())
    return redirect(url_for(".inbox"))


def _row(notification: "Notification", zone: str) -> dict[str, object]:
    title, text = queries.words_of(notification)
    day = clock.local_day(notification.created_at, zone)
    return {
        "uuid": notification.uuid,
        "title": title,
        "text": text,
        "at": i18n.instant(notification.created_at, zone),
        "is_today": day == clock.today(zone),
        "is_unread": notification.read_at is None,
    }
