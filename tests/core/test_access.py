"""The gate in front of every route: marked, closed by default, and refusals are kept."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Unit
from lms.core import access, audit
from lms.core.access import PUBLIC, Permission, access_of, current_actor, may, public, requires
from lms.core.audit import AuditEntry
from lms.core.db import begin_write, db
from lms.core.errors import Forbidden, NotFound, StartError
from tests.cast import Cast
from tests.client import PageClient, words
from tests.core.conftest import MakeApp

TEAM = Permission.REPORTS_TEAM_READ
SECRET = "isi yang dijaga"


@pytest.fixture
def fresh(make_app: MakeApp) -> Flask:
    """The application with guarded routes of a test's own."""
    app = make_app()

    def team() -> dict[str, str]:
        return {"secret": SECRET}

    def half_done() -> str:
        begin_write()
        db.session.add(Unit(code="X", name=SECRET, path="/x/"))
        db.session.flush()
        raise Forbidden

    def hidden() -> str:
        raise NotFound

    views: dict[str, Callable[[], Any]] = {
        "team": requires(TEAM)(team),
        "half-done": requires(Permission.LEARNING_OWN_ACT)(half_done),
        "hidden": requires(Permission.LEARNING_OWN_ACT)(hidden),
        "open": public(lambda: {"open": "to all"}),
        "unmarked": lambda: {"secret": SECRET},
    }
    for name, view in views.items():
        app.add_url_rule(f"/test/{name}", name, view, methods=["GET", "POST"])
    return app


@pytest.fixture
def visitor(fresh: Flask) -> PageClient:
    found = fresh.test_client()
    assert isinstance(found, PageClient)
    return found


def refusals(app: Flask) -> list[AuditEntry]:
    with app.app_context():
        found = audit.entries().where(AuditEntry.action == "access.refused").order_by(AuditEntry.id)
        return list(db.session.scalars(found))


def test_an_unmarked_route_keeps_the_application_from_starting(fresh: Flask) -> None:
    with pytest.raises(StartError, match="declare no access: unmarked"):
        access.assert_every_route_is_marked(fresh)


def test_all_unmarked_routes_are_named(fresh: Flask) -> None:
    fresh.add_url_rule("/test/another", "another", lambda: "")
    with pytest.raises(StartError, match="another, unmarked"):
        access.assert_every_route_is_marked(fresh)


def test_a_mark_can_be_read_back() -> None:
    assert access_of(public(lambda: "")) == PUBLIC
    assert access_of(requires(TEAM)(lambda: "")) is TEAM
    assert access_of(lambda: "") is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_public_route_is_open_to_anybody(visitor: PageClient, method: str) -> None:
    answer = visitor.open("/test/open", method=method, data=token(visitor, method))
    assert answer.status_code == 200


def token(client: PageClient, method: str) -> dict[str, str]:
    return {"csrf_token": client.csrf()} if method == "POST" else {}


@pytest.mark.parametrize("name", ["team", "half-done", "unmarked"])
def test_without_a_session_a_page_leads_to_the_door(visitor: PageClient, name: str) -> None:
    answer = visitor.get(f"/test/{name}?a=1")
    assert answer.status_code == 302
    assert answer.location == f"/sign-in?next=/test/{name}?a%3D1"
    assert SECRET not in answer.get_data(as_text=True)
    posted = visitor.send(f"/test/{name}")
    assert posted.status_code == 401
    assert SECRET not in words(posted)
    asked = visitor.get(f"/test/{name}", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.get_json()["sign_in"]) == (401, "/sign-in")


def test_a_visitor_leaves_no_refusal(fresh: Flask, visitor: PageClient) -> None:
    visitor.get("/test/team")
    visitor.send("/test/team")
    assert refusals(fresh) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_without_the_permission_it_is_refused_and_noted(
    fresh: Flask, visitor: PageClient, cast: Cast, method: str
) -> None:
    visitor.sign_in(cast.people["learner"])
    answer = visitor.open("/test/team", method=method, data=token(visitor, method))
    assert answer.status_code == 403
    assert SECRET not in answer.get_data(as_text=True)
    (entry,) = refusals(fresh)
    assert entry.details == {"endpoint": "team", "method": method}
    assert entry.request_id == answer.headers["X-Request-ID"]
    with fresh.app_context():
        assert entry.chain == cast.person("learner").uuid
    assert entry.subject_uuid is None


def test_a_refusal_shows_the_page_and_nothing_more(visitor: PageClient, cast: Cast) -> None:
    visitor.sign_in(cast.people["learner"])
    page = words(visitor.get("/test/team"))
    assert "Halaman ini bukan untuk akun Anda" in page
    body = visitor.get("/test/team", headers={"Accept": "application/json"}).get_json()
    assert set(body) == {"error", "reference"}


def test_with_the_permission_it_opens(fresh: Flask, visitor: PageClient, cast: Cast) -> None:
    visitor.sign_in(cast.people["head"])
    assert visitor.get("/test/team").get_json() == {"secret": SECRET}
    assert refusals(fresh) == []


def test_a_refusal_in_the_middle_of_an_act_undoes_it_and_stays_noted(
    fresh: Flask, visitor: PageClient, cast: Cast
) -> None:
    visitor.sign_in(cast.people["learner"])
    assert visitor.send("/test/half-done").status_code == 403
    with fresh.app_context():
        assert db.session.scalar(sa.select(Unit).where(Unit.code == "X")) is None
    assert [entry.details["endpoint"] for entry in refusals(fresh)] == ["half-done"]


def test_what_is_hidden_is_not_there_and_is_not_noted(
    fresh: Flask, visitor: PageClient, cast: Cast
) -> None:
    """The same answer as for an address that does not exist, but for its number."""
    visitor.sign_in(cast.people["learner"])
    hidden, nothing = visitor.get("/test/hidden"), visitor.get("/test/nothing")
    assert hidden.status_code == nothing.status_code == 404
    numbers = [answer.headers["X-Request-ID"] for answer in (hidden, nothing)]
    pages = [words(a).replace(n, "") for a, n in zip((hidden, nothing), numbers, strict=True)]
    assert pages[0] == pages[1]
    assert refusals(fresh) == []


def test_an_unmarked_route_added_later_is_closed_to_everybody(
    visitor: PageClient, cast: Cast
) -> None:
    visitor.sign_in(cast.people["wali"])
    assert visitor.get("/test/unmarked").status_code == 403


def test_a_refusal_stands_although_it_cannot_be_noted(
    fresh: Flask, visitor: PageClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

    visitor.sign_in(cast.people["learner"])
    monkeypatch.setattr("lms.core.access.audit.record", locked)
    answer = visitor.get("/test/team")
    assert answer.status_code == 403
    assert SECRET not in answer.get_data(as_text=True)


def test_a_right_that_was_withdrawn_is_gone_with_the_next_request(
    fresh: Flask, visitor: PageClient, cast: Cast
) -> None:
    visitor.sign_in(cast.people["head"])
    assert visitor.get("/test/team").status_code == 200
    with fresh.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE placement SET heads_unit = false"))
    assert visitor.get("/test/team").status_code == 403


def test_the_actor_of_a_request_is_the_signed_in_person(
    fresh: Flask, visitor: PageClient, cast: Cast
) -> None:
    seen: list[uuid.UUID] = []

    def who() -> dict[str, str]:
        seen.append(current_actor().person_uuid)
        assert may(current_actor(), [Permission.LEARNING_OWN_ACT])
        assert not may(current_actor(), [Permission.LEARNING_OWN_ACT, TEAM])
        return {}

    fresh.add_url_rule("/test/who", "who", requires(Permission.LEARNING_OWN_ACT)(who))
    visitor.sign_in(cast.people["learner"])
    assert visitor.get("/test/who").status_code == 200
    with fresh.app_context():
        assert seen == [cast.person("learner").uuid]


def test_permissions_are_named_area_resource_action_in_order() -> None:
    names = [permission.value for permission in Permission]
    assert names == sorted(names)
    assert all(len(name.split(":")) == 3 and name == name.lower() for name in names)
