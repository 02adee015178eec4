"""The door as a browser sees it: forms of pages, sent as they stand; and what is stored."""

import re
from dataclasses import dataclass, field
from typing import Any

import html5lib
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from lms.accounts.models import CredentialTry, SignInSession
from lms.core.db import db, transaction
from lms.core.mail import OutboxMail
from tests.cast import PASSWORD
from tests.client import PageClient

NIP = "199004042015042004"  # of the learner
EMAIL = "sari@contoh.test"
NEW_PASSWORD = "perahu-kertas-biru"
CHANGE_PAGE = "/password/change"


@dataclass
class PageForm:
    """A form of a page: where it goes to and what it would send untouched."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


def form_on(response: TestResponse, holding: str = "csrf_token", *, to: str = "") -> PageForm:
    """The POST form of a page that has a field of this name and leads there."""
    tree = html5lib.parse(response.get_data(as_text=True), namespaceHTMLElements=False)
    for element in tree.iter("form"):
        found = PageForm(element.get("action") or response.request.path)
        for part in element.iter("input"):
            values = found.fields.setdefault(part.get("name", ""), [])
            if part.get("type") not in ("checkbox", "radio") or part.get("checked") is not None:
                values.append(part.get("value", ""))
        if element.get("method") == "post" and holding in found.fields and to in found.action:
            return found
    raise AssertionError(f"no form with {holding} to {to} on {response.request.path}")


def send_form(client: PageClient, form: PageForm, **typed: Any) -> TestResponse:
    return client.post(form.action, data={**form.fields, **typed})


def sign_in(client: PageClient, name: str = EMAIL, password: str = PASSWORD, **typed: Any) -> Any:
    """Sign in by the form of the page, as people do."""
    form = form_on(client.get("/sign-in"), "identifier")
    return send_form(client, form, identifier=name, password=password, **typed)


def change_to(
    client: PageClient, new: str = NEW_PASSWORD, again: str | None = None, current: str = PASSWORD
) -> TestResponse:
    """Change the password by the form of the page."""
    form = form_on(client.get(CHANGE_PAGE), "current")
    again = new if again is None else again
    return send_form(client, form, current=current, password=new, password_again=again)


def is_in(client: PageClient) -> bool:
    """Does the browser get a page that only a signed-in person gets?"""
    status = client.get("/my/settings").status_code
    assert status in (200, 302)
    return status == 200


def key_of(client: PageClient) -> str:
    with client.session_transaction() as session:
        return str(session.get("_user_id", ""))


def rows(app: Flask, query: sa.Select[Any]) -> list[Any]:
    """What the database holds, read on a connection of its own."""
    with app.app_context(), db.engine.connect() as connection:
        return list(connection.execute(query))


def sessions(app: Flask, *, live: bool = False) -> list[Any]:
    """Rows of the sign-in sessions, the oldest first."""
    query = sa.select(SignInSession.__table__).order_by(SignInSession.id)
    return rows(app, query.where(SignInSession.ended_at.is_(None)) if live else query)


def tries(app: Flask) -> list[Any]:
    """Tries that count, of sign-in and reset alike."""
    return rows(app, sa.select(CredentialTry.__table__).order_by(CredentialTry.id))


def change(app: Flask, statement: sa.Update | sa.Delete) -> None:
    """Change what the database holds behind the application's back."""
    with app.app_context(), transaction():
        db.session.execute(statement)


def mails(app: Flask) -> list[Any]:
    return rows(app, sa.select(OutboxMail.__table__).order_by(OutboxMail.id))


def reset_link(app: Flask) -> str:
    """The path of the link in the latest mail."""
    found = re.search(r"http://localhost(/password/reset/\S+)", mails(app)[-1].body)
    assert found
    return found.group(1)
