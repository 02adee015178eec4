"""Telling somebody, marking as read, and mailing what is still unread."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import current_app
from flask_babel import ngettext
from sqlalchemy import select, update

from lms.accounts.models import Person
from lms.accounts.queries import DEFAULT_ZONE, posts_of
from lms.accounts.rules import USUAL_MAIL, MailChoice
from lms.core import clock, i18n, jobs, mail
from lms.core.access import Actor
from lms.core.db import db, new_uuid
from lms.notifications import queries, rules
from lms.notifications.models import Notification
from lms.notifications.rules import NotificationKind

MOST_IN_MAIL = 20


def notify(person_id: int, kind: NotificationKind, *, url: str, **values: str) -> Notification:
    """Add a notification in the transaction of what it tells of. `url` is a path of this site."""
    [notification] = _add([db.session.get_one(Person, person_id)], {person_id: values}, kind, url)
    return notification


def notify_many(
    told: Mapping[int, Mapping[str, str]], kind: NotificationKind, *, url: str
) -> list[Notification]:
    """As `notify`, to several people: their ids with the values."""
    people = db.session.scalars(select(Person).where(Person.id.in_(told)).order_by(Person.id)).all()
    return _add(people, told, kind, url)


def _add(
    people: Sequence[Person], told: Mapping[int, Mapping[str, str]], kind: NotificationKind,
    url: str,
) -> list[Notification]:  # fmt: skip
    now, zones = clock.now(), dict[int, str]()
    waiting = [person.id for person in people if _mails(person) is MailChoice.DAILY]
    if waiting:
        zones = {id_: post.time_zone for id_, post in posts_of(waiting).items()}
    added = [
        Notification(
            uuid=new_uuid(),
            person_id=person.id,
            kind=kind,
            values=dict(told[person.id]),
            url=url,
            created_at=now,
            mail_due_at=_mail_due(_mails(person), now, zones.get(person.id, DEFAULT_ZONE)),
        )
        for person in people
    ]
    db.session.add_all(added)
    db.session.flush()
    jobs.hint("notifications")
    return added


def _mails(person: Person) -> MailChoice:
    return MailChoice.NEVER if person.email is None else person.mail_choice or USUAL_MAIL


def _mail_due(choice: MailChoice, now: datetime, zone: str) -> datetime | None:
    if choice is MailChoice.NEVER:
        return None
    return now if choice is MailChoice.AT_ONCE else rules.next_digest(now, zone)


def mail_notifications(person_id: int) -> None:
    """Queue one mail with what is due and still unread, in the person's language. Nothing for
    whoever has no address any more, or wants no mail now."""
    due = queries.due_for_mail(person_id, clock.now())
    for notification in due:
        notification.mail_due_at = None
    person = db.session.get_one(Person, person_id)
    unread = [notification for notification in due if notification.read_at is None]
    wanted = person.mail_choice is not MailChoice.NEVER and person.deactivated_at is None
    if unread and wanted and person.email:
        with i18n.in_language(person.language or "id"):
            mail.queue_mail(person.email, *_mail(person, unread))
    db.session.flush()


def _mail(person: Person, unread: list[Notification]) -> tuple[str, str]:
    """Subject and text. Jobs have no request, so addresses are made of the site's own."""
    config = current_app.config
    news = [queries.words_of(notification) for notification in unread[:MOST_IN_MAIL]]
    subject = news[0][0]
    if len(unread) > 1:
        subject = ngettext(
            "%(num)s kabar dari %(site)s", "%(num)s kabar dari %(site)s", len(unread),
            site=config["SITE_NAME"],
        )  # fmt: skip
    body = current_app.jinja_env.get_template("emails/notifications.txt").render(
        name=person.name,
        site=config["SITE_NAME"],
        news=news,
        more=len(unread) - len(news),
        inbox=f"{config['SITE_URL']}/notifications",
        settings=f"{config['SITE_URL']}/my/settings",
    )
    return subject, body


def mark_read(notification: Notification) -> None:
    if notification.read_at is None:
        notification.read_at = clock.now()
        db.session.flush()


def mark_all_read(actor: Actor) -> None:
    db.session.execute(
        update(Notification)
        .where(Notification.person_id == actor.person_id, Notification.read_at.is_(None))
        .values(read_at=clock.now())
    )
