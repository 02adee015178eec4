"""A session lives on the server: how long, how it ends, and who may end it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import SignInSession
from lms.core import clock
from lms.core.audit import AuditEntry
from tests.accounts.door import EMAIL, change, is_in, key_of, rows, sessions, sign_in
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

PHONE = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"

REMEMBERED, FORGOTTEN = {"remember": "y"}, dict[str, str]()


# ── "Ingat saya" ─────────────────────────────────────────────────────────────────────────────


def test_a_remembered_browser_comes_back_with_the_same_session(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    sign_in(client, remember="y")
    (before,) = sessions(app)
    client.delete_cookie("kompeten")  # the browser was closed
    assert "Sari" in words(client.get("/"))
    (after,) = sessions(app)
    assert (after.uuid, after.ended_at, after.remembered) == (before.uuid, None, True)


def test_without_being_asked_a_browser_is_not_remembered(cast: Cast, client: PageClient) -> None:
    sign_in(client)
    assert client.get_cookie("kompeten_remember") is None
    client.delete_cookie("kompeten")
    assert not is_in(client)


def test_the_cookies_are_kept_from_scripts_and_other_sites(cast: Cast, client: PageClient) -> None:
    sign_in(client, remember="y")
    for name in ("kompeten", "kompeten_remember"):
        cookie = client.get_cookie(name)
        assert cookie is not None
        assert cookie.http_only
        assert cookie.same_site == "Lax"


def test_signing_out_forgets_the_browser_and_kills_both_cookies(
    cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    sign_in(client, remember="y")
    stolen = {n: client.get_cookie(n) for n in ("kompeten", "kompeten_remember")}
    response = client.send("/sign-out")
    assert response.location == "/sign-in"
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("kompeten_remember") is None
    assert not is_in(client)
    for name, cookie in stolen.items():  # replayed, each by itself
        assert cookie is not None
        thief = browser()
        thief.set_cookie(name, cookie.value)
        assert not is_in(thief), name


@pytest.mark.parametrize("value", ["", "x", "x|y", "x|0" * 50, "|", "1|" + "0" * 128])
def test_a_forged_remember_cookie_opens_nothing(cast: Cast, client: PageClient, value: str) -> None:
    client.set_cookie("kompeten_remember", value)
    assert not is_in(client)


def test_a_session_cookie_signed_with_another_secret_opens_nothing(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    sign_in(client)
    key = key_of(client)
    interface, secret = app.session_interface, app.secret_key
    app.secret_key = "guessed"
    serializer = interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own interface
    forged = str(serializer.dumps({"_user_id": key}))
    app.secret_key = secret
    client.set_cookie("kompeten", forged)
    assert not is_in(client)


def test_the_next_person_is_not_followed_by_the_one_before(cast: Cast, client: PageClient) -> None:
    """On a shared computer Sari was remembered; then Andi signs in without being remembered."""
    sign_in(client, remember="y")
    client.send("/sign-in", {"identifier": "andi@contoh.test", "password": "sawah-hijau-pagi"})
    assert "Andi" in words(client.get("/"))
    assert client.get_cookie("kompeten_remember") is None
    client.delete_cookie("kompeten")
    assert not is_in(client)


# ── Limits ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "idle", "live"),
    [
        (FORGOTTEN, timedelta(hours=12), True),  # SESSION_IDLE_HOURS itself
        (FORGOTTEN, timedelta(hours=12, seconds=1), False),
        (REMEMBERED, timedelta(hours=13), True),
        (REMEMBERED, timedelta(days=30, seconds=-1), True),
        (REMEMBERED, timedelta(days=30), False),  # REMEMBER_DAYS
    ],
)
def test_an_idle_session_ends(
    cast: Cast,
    client: PageClient,
    at: SetClock,
    asked: dict[str, str],
    idle: timedelta,
    live: bool,
) -> None:
    start = clock.now()
    at(start)
    sign_in(client, **asked)
    at(start + idle)
    assert is_in(client) is live


@pytest.mark.parametrize(("asked", "days"), [(FORGOTTEN, 7), (REMEMBERED, 30)])
def test_a_session_in_use_ends_at_its_absolute_limit(
    app: Flask, cast: Cast, client: PageClient, at: SetClock, asked: dict[str, str], days: int
) -> None:
    start = clock.now()
    at(start)
    sign_in(client, **asked)
    moment = start
    while moment < start + timedelta(days=days, seconds=-1):
        moment = min(moment + timedelta(hours=10), start + timedelta(days=days, seconds=-1))
        at(moment)
        assert is_in(client), moment
    at(start + timedelta(days=days))
    assert not is_in(client)


@pytest.mark.parametrize(
    ("after", "written"),
    [
        (timedelta(minutes=4, seconds=59), False),
        (timedelta(minutes=5), False),
        (timedelta(minutes=5, seconds=1), True),
    ],
)
def test_being_seen_is_noted_at_most_every_five_minutes(
    app: Flask, cast: Cast, client: PageClient, at: SetClock, after: timedelta, written: bool
) -> None:
    """A GET notes it too, and touches nothing else."""
    start = clock.now().replace(microsecond=0)
    at(start)
    client.sign_in(cast.people["learner"])
    client.application.test_client().sign_in(cast.people["learner"])  # type: ignore[attr-defined]  # the checking client
    before, other = sessions(app)
    acts = rows(app, sa.select(AuditEntry.id))
    at(start + after)
    assert client.get("/courses").status_code == 200
    seen, unseen = sessions(app)
    assert unseen == other
    changed = {name for name in seen._fields if getattr(seen, name) != getattr(before, name)}
    assert changed == ({"last_seen_at"} if written else set())
    assert rows(app, sa.select(AuditEntry.id)) == acts


def test_an_act_after_a_pause_is_done_and_the_pause_is_over(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    start = clock.now()
    at(start)
    client.sign_in(cast.people["learner"])
    client.application.test_client().sign_in(cast.people["learner"])  # type: ignore[attr-defined]  # the checking client
    at(start + timedelta(minutes=6))
    assert client.send("/my/sessions/end-others").status_code == 302
    mine, other = sessions(app)
    assert other.ended_at is not None
    assert mine.last_seen_at > other.last_seen_at


def test_a_page_that_is_refused_counts_as_being_seen(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    start = clock.now()
    at(start)
    client.sign_in(cast.people["learner"])
    (before,) = sessions(app)
    at(start + timedelta(minutes=6))
    assert client.get("/team").status_code == 403
    assert sessions(app)[0].last_seen_at > before.last_seen_at


# ── The list of own sessions ─────────────────────────────────────────────────────────────────


def test_own_sessions_are_listed_with_device_and_time(
    app: Flask, cast: Cast, browser: Callable[[], PageClient]
) -> None:
    here, phone, other = browser(), browser(), browser()
    for one, agent, name in ((here, WINDOWS, EMAIL), (phone, PHONE, EMAIL), (other, "", "")):
        one.environ_base["HTTP_USER_AGENT"] = agent
        sign_in(one, name or "andi@contoh.test")
    page = words(here.get("/my/settings"))
    assert "Firefox, Windows" in page
    assert "Chrome, Android" in page
    assert page.count("Perangkat ini") == 1
    assert page.count("127.0.0.1") == 2
    assert page.count("WIB") == 4  # seen and begun, of two sessions
    assert "Akhiri semua sesi lain" in page
    alone = words(other.get("/my/settings"))
    assert "Perangkat tidak dikenal" in alone
    assert "WITA" in alone  # the zone of the unit
    assert "Akhiri semua sesi lain" not in alone


def test_one_session_is_ended_and_its_browser_is_out_at_once(
    app: Flask, cast: Cast, browser: Callable[[], PageClient]
) -> None:
    here, lost, third = browser(), browser(), browser()
    for one in (here, lost, third):
        sign_in(one)
    lost_row = sessions(app)[1]
    response = here.send(f"/my/sessions/{lost_row.uuid}/end", follow_redirects=True)
    assert "Sesi diakhiri." in words(response)
    assert words(response).count("127.0.0.1") == 2
    assert (is_in(here), is_in(lost), is_in(third)) == (True, False, True)


def test_ending_a_session_twice_keeps_the_first_end(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient], at: SetClock
) -> None:
    sign_in(client)
    sign_in(browser())
    address = f"/my/sessions/{sessions(app)[1].uuid}/end"
    client.send(address)
    ended = sessions(app)[1].ended_at
    at(clock.now() + timedelta(minutes=1))
    assert client.send(address).status_code == 302
    assert sessions(app)[1].ended_at == ended


def test_all_other_sessions_are_ended_and_counted_without_those_that_were_over(
    app: Flask, cast: Cast, browser: Callable[[], PageClient]
) -> None:
    here, lost, old = browser(), browser(), browser()
    for one in (here, lost, old):
        sign_in(one)
    sign_in(stranger := browser(), "andi@contoh.test")
    long_ago = clock.now() - timedelta(days=60)
    change(
        app,
        sa.update(SignInSession)
        .where(SignInSession.id == sessions(app)[2].id)
        .values(last_seen_at=long_ago, expires_at=long_ago),
    )
    response = here.send("/my/sessions/end-others", follow_redirects=True)
    assert "1 sesi diakhiri." in words(response)
    assert (is_in(here), is_in(lost), is_in(stranger)) == (True, False, True)


def test_nobody_elses_session_can_be_seen_or_ended(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient]
) -> None:
    sign_in(victim := browser())
    sign_in(client, "andi@contoh.test")
    before = sessions(app)
    acts = rows(app, sa.select(AuditEntry.id))
    for uuid in (before[0].uuid, uuid4()):  # a foreign one and none at all: no difference
        response = client.send(f"/my/sessions/{uuid}/end")
        assert response.status_code == 404
        assert "Sesi diakhiri" not in words(response)
    assert client.send("/my/sessions/1/end").status_code == 404
    assert sessions(app) == before
    assert rows(app, sa.select(AuditEntry.id)) == acts
    assert is_in(victim)


def test_ending_the_own_session_is_signing_out(app: Flask, cast: Cast, client: PageClient) -> None:
    sign_in(client)
    client.send(f"/my/sessions/{sessions(app)[0].uuid}/end")
    assert not is_in(client)


UNKNOWN = "/my/sessions/6f1d3c2e-0000-4000-8000-000000000000/end"


@pytest.mark.parametrize("address", ["/my/sessions/end-others", UNKNOWN])
def test_a_visitor_ends_nothing(
    app: Flask, cast: Cast, client: PageClient, browser: Callable[[], PageClient], address: str
) -> None:
    sign_in(browser())
    assert client.send(address).status_code == 401
    assert client.get(address).status_code == 405
    assert len(sessions(app, live=True)) == 1


def test_signing_out_needs_a_post_with_a_token_and_may_be_done_twice(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert is_in(client)
    for _ in range(2):
        assert client.send("/sign-out").location == "/sign-in"
    assert not is_in(client)
