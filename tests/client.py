"""A client that signs in and looks at every page it gets."""

import re
import secrets
from itertools import pairwise
from typing import Any

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from lms.accounts.actions import sessions
from lms.accounts.models import Person
from lms.core.db import db, transaction
from tests.cast import Cast

_NAMED = ("input", "select", "textarea")


class PageClient(FlaskClient):
    """`get` and `post` check the HTML; `send` posts a form with its CSRF token."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # and closed, so that no file stays open
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and response.status_code // 100 != 3:
            faults = page_faults(response.get_data(as_text=True))
            assert not faults, f"{response.request.path}: " + "; ".join(faults)
        return response

    def sign_in(self, person_id: int, *, remembered: bool = False) -> None:
        """Open a session for a person without the form (which has tests of its own)."""
        with self.application.app_context(), transaction():
            key = sessions.open_session(
                db.session.get_one(Person, person_id),
                remembered=remembered,
                device="Chrome on Android",
                address="127.0.0.1",
                new_hash=None,
            )
        with self.session_transaction() as session:
            session["_user_id"] = key
            session["_fresh"] = True

    def csrf(self) -> str:
        """A token that fits this client's session."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        serializer = URLSafeTimedSerializer(
            self.application.config["SECRET_KEY"], salt="wtf-csrf-token"
        )
        return str(serializer.dumps(raw))

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Post a form as a browser would."""
        return self.post(path, data={"csrf_token": self.csrf(), **(data or {})}, **kwargs)

    def save(self, path: str, data: dict[str, Any]) -> TestResponse:
        """Post as the quiz script does."""
        return self.send(path, data, headers={"Accept": "application/json"})


def client_of(app: Flask, cast: Cast, name: str) -> PageClient:
    """A browser of its own in which somebody is signed in."""
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(cast.people[name])
    return client


def words(response: TestResponse) -> str:
    """The visible words of a page, blanks folded."""
    tree = html5lib.parse(response.get_data(as_text=True), namespaceHTMLElements=False)
    body = tree.find("body")
    assert body is not None
    return re.sub(r"\s+", " ", " ".join(body.itertext())).strip()


def page_faults(html: str) -> list[str]:
    """What is wrong with a page, as every page is checked."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(html)
    every = [e for e in tree.iter() if isinstance(e.tag, str)]
    faults = [f"parse error {code} at {where}" for where, code, _ in parser.errors]
    faults += _frame_faults(tree, every)
    faults += _id_faults(every)
    faults += _script_faults(every)
    faults += _form_faults(tree, every)
    return faults


def _frame_faults(tree: Any, every: list[Any]) -> list[str]:
    faults = []
    if len([e for e in every if e.tag == "h1"]) != 1:
        faults.append("not exactly one h1")
    title = tree.find("head/title")
    if title is None or not (title.text or "").strip().strip("–").strip():
        faults.append("no title")
    if tree.get("lang") not in ("id", "en"):
        faults.append("no language")
    levels = [int(e.tag[1]) for e in every if re.fullmatch(r"h[1-6]", e.tag)]
    faults += [f"heading h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1]
    return faults


def _id_faults(every: list[Any]) -> list[str]:
    ids = [e.get("id") for e in every if e.get("id")]
    faults = [f"id {i} twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    for e in every:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            missing = [i for i in (e.get(name) or "").split() if i not in ids]
            faults += [f"{name} names no {i}" for i in missing]
    return faults


def _script_faults(every: list[Any]) -> list[str]:
    faults = []
    for e in every:
        if e.get("style") is not None or e.tag == "style":
            faults.append(f"inline style on {e.tag}")
        if e.tag == "script" and (not e.get("src") or (e.text or "").strip()):
            faults.append("inline script")
        faults += [f"{name} on {e.tag}" for name in e.attrib if name.startswith("on")]
        if e.get("lang") == "":
            faults.append(f"empty language on {e.tag}")
        if e.tag == "img" and e.get("alt") is None:
            faults.append("image without alt")
        if e.tag == "a" and e.get("href", "x").strip() in ("", "#"):
            faults.append(f"link leads nowhere: {''.join(e.itertext()).strip()}")
    return faults


def _form_faults(tree: Any, every: list[Any]) -> list[str]:
    faults = []
    labelled = {e.get("for") for e in every if e.tag == "label"}
    wrapped = {id(c) for e in every if e.tag == "label" for c in e.iter()}
    for e in every:
        if e.tag in _NAMED and e.get("type") not in ("hidden", "submit"):
            named = e.get("id") in labelled or id(e) in wrapped or e.get("aria-label")
            if not named:
                faults.append(f"no label for {e.get('name')}")
        if e.tag in ("button", "a") and not ("".join(e.itertext()).strip() or e.get("aria-label")):
            faults.append(f"{e.tag} without a name")
        if e.tag == "form" and (e.get("method") or "").lower() == "post":
            names = [c.get("name") for c in e.iter() if isinstance(c.tag, str)]
            if "csrf_token" not in names:
                faults.append(f"form to {e.get('action')} without CSRF token")
    return faults
