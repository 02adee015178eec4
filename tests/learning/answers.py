"""Answering quizzes through the pages, right or wrong on purpose."""

import re

import sqlalchemy as sa

from lms.core.db import db
from lms.quizzes import queries
from lms.quizzes.models import Attempt
from tests.client import PageClient


def start(client: PageClient, slug: str, key: str) -> str:
    """Press "Mulai kuis"; the attempt's UUID."""
    response = client.send(f"/courses/{slug}/learn/{key}/attempts")
    assert response.status_code == 302, response.get_data(as_text=True)[:500]
    found = re.search(r"/attempts/([0-9a-f-]{36})/", response.location)
    assert found
    return found.group(1)


def values(client: PageClient, uuid: str, number: int, *, right: bool) -> list[int]:
    """The form values (positions as shown, from 1) of a right or a wrong answer."""
    with client.application.app_context():
        attempt = db.session.scalar(sa.select(Attempt).where(Attempt.uuid == sa.text(f"'{uuid}'")))
        attempt = attempt or next(
            a for a in db.session.scalars(sa.select(Attempt)) if str(a.uuid) == uuid
        )
        slot = queries.slots(attempt)[number - 1]
        view = queries.questions([slot.question_id])[slot.question_id]
        good = [i + 1 for i, option in enumerate(slot.order) if view.options[option].weight > 0]
        bad = [i + 1 for i, option in enumerate(slot.order) if view.options[option].weight <= 0]
        return good if right else bad[:1]


def count(client: PageClient, uuid: str) -> int:
    with client.application.app_context():
        return next(
            len(a.layout) for a in db.session.scalars(sa.select(Attempt)) if str(a.uuid) == uuid
        )


def take(client: PageClient, slug: str, key: str, *, right: bool) -> str:
    """Take a whole quiz by the pages, every answer right or every answer wrong."""
    uuid = start(client, slug, key)
    for number in range(1, count(client, uuid) + 1):
        answer = values(client, uuid, number, right=right)
        page = f"/attempts/{uuid}/questions/{number}"
        assert client.get(page).status_code == 200
        response = client.send(page, {"answer": answer, "seq": 1, "go": "next"})
        assert response.status_code == 302, response.get_data(as_text=True)[:800]
    assert client.get(f"/attempts/{uuid}/review").status_code == 200
    assert client.send(f"/attempts/{uuid}/submit").status_code == 302
    return uuid
