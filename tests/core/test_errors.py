"""Every refusal and fault: an honest page, a number to call about, nothing of our insides."""

import errno
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, abort, request
from psycopg.errors import DiskFull
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests

from lms.accounts.models import Unit
from lms.core.access import Permission, public, requires
from lms.core.db import begin_write, db, transaction
from lms.core.errors import PAGES, DomainError, Forbidden, NotFound
from tests.cast import Cast
from tests.client import PageClient, words
from tests.core.conftest import MakeApp

ReadLog = Callable[[], list[dict[str, Any]]]


def busy() -> None:
    raise OperationalError("UPDATE x", {}, sqlite3.OperationalError("database is locked"))


def full_sqlite() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


def leaky() -> str:
    secret = "rahasia-besar"
    raise ValueError(f"{secret} in /srv/kompeten/instance")


def wrong_table() -> None:
    db.session.execute(sa.text("SELECT * FROM no_such_table"))


def too_many() -> None:
    raise TooManyRequests(retry_after=30)


def rule_broken() -> None:
    raise DomainError("Kuota kelas sudah penuh.")


def raising(error: Exception) -> Callable[[], None]:
    def view() -> None:
        raise error

    return view


VIEWS: dict[str, tuple[Callable[[], Any], int]] = {
    # address, what happens there, the status of the answer
    "bad": (lambda: request.form["missing"], 400),
    "forbidden": (raising(Forbidden()), 403),
    "missing": (raising(NotFound()), 404),
    "rule": (rule_broken, 409),
    "large": (lambda: abort(413), 413),
    "media-type": (lambda: abort(415), 415),
    "unprocessable": (lambda: abort(422), 422),
    "too-many": (too_many, 429),
    "fault": (leaky, 500),
    "aborted": (lambda: abort(500), 500),
    "wrong-table": (wrong_table, 500),
    "teapot": (lambda: abort(418), 418),
    "busy": (busy, 503),
    "raw-busy": (raising(sqlite3.OperationalError("unable to open database file")), 503),
    "pool": (raising(PoolTimeoutError("QueuePool limit reached")), 503),
    "aborted-busy": (lambda: abort(503), 503),
    "cut": (raising(InterfaceError("x", {}, OSError(), connection_invalidated=True)), 503),
    "full": (raising(OperationalError("COMMIT", {}, full_sqlite())), 507),
    "full-server": (raising(OperationalError("COMMIT", {}, DiskFull("no space"))), 507),
    "full-file": (raising(OSError(errno.ENOSPC, "No space left", "/srv/x")), 507),
    "missing-file": (raising(OSError(errno.ENOENT, "No such file", "/srv/x")), 500),
}


@pytest.fixture
def fresh(make_app: MakeApp) -> Flask:
    """The application with a route for every way to fail."""
    app = make_app(LOG_LEVEL="INFO")
    for name, (view, _) in VIEWS.items():
        handler = public(lambda view=view: view())
        app.add_url_rule(f"/test/{name}", name, handler, methods=["GET", "POST"])
    return app


@pytest.fixture
def visitor(fresh: Flask) -> PageClient:
    found = fresh.test_client()
    assert isinstance(found, PageClient)
    return found


@pytest.mark.parametrize("name", VIEWS)
def test_every_failure_has_its_page(visitor: PageClient, log_lines: ReadLog, name: str) -> None:
    """The client checks the HTML; here: status, words, reference, headers, log."""
    answer = visitor.get(f"/test/{name}")
    status = VIEWS[name][1]
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    reference = answer.headers["X-Request-ID"]
    assert re.fullmatch(r"[2-9A-Z]{8}", reference)
    page = words(answer)
    assert f"Nomor rujukan {reference}" in page
    assert f"Kode {status}" in page
    title = PAGES.get(status, PAGES[400])[0]
    assert str(title) in page
    lines = log_lines()
    assert {line["request_id"] for line in lines} == {reference}
    assert [line["status"] for line in lines if line["event"] == "request"] == [status]


@pytest.mark.parametrize("name", VIEWS)
def test_a_script_gets_the_same_as_json(visitor: PageClient, name: str) -> None:
    answer = visitor.get(f"/test/{name}", headers={"Accept": "application/json"})
    assert answer.status_code == VIEWS[name][1]
    body = answer.get_json()
    assert set(body) == {"error", "reference"}
    assert body["reference"] == answer.headers["X-Request-ID"]
    assert body["error"]


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("name", VIEWS)
def test_nothing_of_our_insides_is_told(visitor: PageClient, name: str, accept: str) -> None:
    body = visitor.get(f"/test/{name}", headers={"Accept": accept}).get_data(as_text=True)
    for word in ("Traceback", "rahasia", "/srv/", "ValueError", "sqlite", "psycopg", "SELECT",
                 "no_such_table", "QueuePool", ".py", "locked"):  # fmt: skip
        assert word not in body, word


def test_a_fault_of_ours_is_logged_with_its_trace(visitor: PageClient, log_lines: ReadLog) -> None:
    visitor.get("/test/fault")
    line = next(line for line in log_lines() if line["event"] == "unhandled")
    assert line["level"] == "error"
    assert "ValueError: rahasia-besar" in line["exception"]
    assert "leaky" in line["exception"]


@pytest.mark.parametrize("name", ["rule", "missing", "unprocessable"])
def test_the_users_mistake_is_not_logged_as_a_fault(
    visitor: PageClient, log_lines: ReadLog, name: str
) -> None:
    visitor.get(f"/test/{name}")
    assert [line["event"] for line in log_lines()] == ["request"]


def test_a_broken_rule_says_which(visitor: PageClient) -> None:
    assert "Kuota kelas sudah penuh." in words(visitor.get("/test/rule"))


@pytest.mark.parametrize("name", ["busy", "raw-busy", "pool"])
def test_a_busy_database_asks_to_try_again(visitor: PageClient, name: str) -> None:
    assert visitor.get(f"/test/{name}").headers["Retry-After"] == "5"


def test_the_protocols_own_headers_are_kept(visitor: PageClient) -> None:
    assert visitor.get("/test/too-many").headers["Retry-After"] == "30"
    answer = visitor.get("/sign-out")
    assert answer.status_code == MethodNotAllowed.code
    assert "POST" in answer.headers["Allow"]
    assert "Tindakan ini tidak dikenal" in words(answer)


def test_an_address_that_does_not_exist(visitor: PageClient) -> None:
    for address in ("/nothing", "/courses/../../etc/passwd", "/%ff", "/" + "a" * 5000):
        assert visitor.get(address).status_code == 404, address[:20]


def test_a_form_without_its_token_is_refused(visitor: PageClient, log_lines: ReadLog) -> None:
    for token in (None, "", "forged", visitor.csrf() + "x"):
        answer = visitor.post("/sign-in", data={"csrf_token": token} if token is not None else {})
        assert answer.status_code == 400
        assert "Permintaan tidak dapat dibaca" in words(answer)
    events = [line["event"] for line in log_lines()]
    assert events == ["csrf refused", "request"] * 4


def test_a_body_beyond_the_limit_is_refused(visitor: PageClient, fresh: Flask) -> None:
    size = fresh.config["MAX_CONTENT_LENGTH"] + 1
    answer = visitor.post("/sign-in", data={"csrf_token": "x", "identifier": "a" * size})
    assert answer.status_code == 413
    assert "Kiriman terlalu besar" in words(answer)


def test_a_failure_writes_nothing(fresh: Flask, visitor: PageClient) -> None:
    def write_and_fail() -> str:
        begin_write()
        db.session.add(Unit(code="X", name="X", path="/x/"))
        db.session.flush()
        raise DomainError("Tidak boleh.")

    fresh.add_url_rule("/test/half", "half", public(write_and_fail), methods=["POST"])
    assert visitor.send("/test/half").status_code == 409
    with fresh.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Unit)) == 0


def test_a_commit_that_fails_is_no_success(
    fresh: Flask, visitor: PageClient, log_lines: ReadLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the view promised is only told once it is kept."""

    def write() -> dict[str, str]:
        begin_write()
        db.session.add(Unit(code="X", name="X", path="/x/"))
        return {"state": "saved"}

    def full(*_: object) -> None:
        raise OperationalError("COMMIT", {}, full_sqlite())

    fresh.add_url_rule("/test/write", "write", public(write), methods=["POST"])
    with monkeypatch.context() as patch:
        patch.setattr("sqlalchemy.orm.Session.commit", full)
        answer = visitor.send("/test/write")
    assert answer.status_code == 507
    assert answer.headers["Retry-After"] == "30"
    assert "kiriman terakhir Anda belum tersimpan" in words(answer)
    assert answer.headers["Content-Security-Policy"]
    assert "saved" not in answer.get_data(as_text=True)
    assert [line for line in log_lines() if line["event"] == "storage full"]
    with fresh.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Unit)) == 0


def test_a_locked_database_is_told_and_heals(fresh: Flask, visitor: PageClient, cast: Cast) -> None:
    """Another process holds the write lock; the form comes back as 503, and later it works."""

    def write() -> dict[str, str]:
        with transaction():
            db.session.execute(sa.update(Unit).where(Unit.code == "A").values(name="Baru"))
        return {"state": "saved"}

    fresh.add_url_rule("/test/write", "write", public(write), methods=["POST"])
    with fresh.app_context():
        engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    pause = "PRAGMA busy_timeout = 50" if sqlite else "SET lock_timeout = '50ms'"

    @sa.event.listens_for(engine, "checkout")
    def impatient(connection: Any, *_: object) -> None:
        connection.cursor().execute(pause)

    other = engine.connect()
    if sqlite:
        other = other.execution_options(kompeten_write=True)
    other.execute(sa.update(Unit).where(Unit.code == "A").values(name="Lama"))
    answer = visitor.send("/test/write")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    other.rollback()
    other.close()
    assert visitor.send("/test/write").status_code == 200


@pytest.mark.parametrize("broken", ["garbage", "folder", "no server"])
def test_pages_stand_although_the_database_is_unreachable(
    make_app: MakeApp, tmp_path: Path, log_lines: ReadLog, broken: str
) -> None:
    if broken == "garbage":
        (tmp_path / "x.db").write_bytes(b"this is no database, whatever its name says" * 99)
    url = {
        "garbage": f"sqlite:///{tmp_path / 'x.db'}",
        "folder": f"sqlite:///{tmp_path}",
        "no server": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
    }[broken]
    app = make_app(DATABASE_URL=url, LOG_LEVEL="INFO")

    def ask() -> str:
        return str(db.session.execute(sa.text("SELECT * FROM unit")).all())

    app.add_url_rule("/test/ask", "ask", public(ask))
    app.add_url_rule("/test/fault", "fault", public(leaky))
    client = app.test_client()
    assert isinstance(client, PageClient)
    with client.session_transaction() as session:
        session["_user_id"] = "a session that must be looked up"
    for address in ("/test/ask", "/test/fault", "/", "/sign-in", "/nothing"):
        answer = client.get(address)
        assert answer.status_code in (500, 503), address
        assert f"Nomor rujukan {answer.headers['X-Request-ID']}" in words(answer)
        assert str(tmp_path) not in answer.get_data(as_text=True)
    assert app.test_client().get("/readyz").status_code == 503
    assert all(line["request_id"] for line in log_lines())


def test_a_person_is_not_asked_for_on_a_page_of_a_fault(
    fresh: Flask, visitor: PageClient, cast: Cast
) -> None:
    visitor.sign_in(cast.people["learner"])
    fresh.add_url_rule("/test/own", "own", requires(Permission.LEARNING_OWN_ACT)(leaky))
    answer = visitor.get("/test/own")
    assert answer.status_code == 500
    assert "Sari" not in words(answer)


def test_connections_that_the_server_cut_are_made_anew(
    fresh: Flask, visitor: PageClient, cast: Cast
) -> None:
    """After a restart of the database nobody sees more than the request that was under way."""
    with fresh.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has no server")
    visitor.sign_in(cast.people["learner"])
    assert visitor.get("/").status_code == 200
    with fresh.app_context(), db.engine.connect() as one, db.engine.connect() as other:
        assert one.scalar(sa.text("SELECT 1")) == other.scalar(sa.text("SELECT 1"))
        one.rollback()
        other.rollback()
        cut = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        one.execute(cut)
    for _ in range(5):
        assert visitor.get("/").status_code == 200


def test_being_alive_asks_nothing_of_the_database(make_app: MakeApp) -> None:
    """So that a slow database restarts nobody."""
    client = make_app(DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none").test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_what_was_typed_is_given_back_when_the_whole_form_is_refused(
    client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["learner"])
    typed = {
        "text": "\nBaris satu <b>\nBaris dua  ", "title": "Satu judul", "number": "17",
        "empty": " ", "base": "a b",
        "password": "kata sandi panjang", "password_again": "kata sandi panjang",
    }  # fmt: skip
    gone = client.send("/studio/tidak-ada/outline/00000000-0000-0000-0000-000000000000", typed)
    assert gone.status_code in (403, 404)
    vanished = client.send("/notifications/00000000-0000-0000-0000-000000000000/open", typed)
    assert "Mungkin baru saja dihapus" in words(vanished)
    html = gone.get_data(as_text=True)
    assert "Belum disimpan. Salin dari sini" in words(gone)
    assert re.findall(r"<textarea[^>]*>\n([^<]*)<", html) == [
        "Baris satu &lt;b&gt;\nBaris dua", "Satu judul",
    ]  # fmt: skip
    assert "sandi panjang" not in html
    forged = client.post("/studio/tidak-ada/outline", data=typed)
    assert "Satu judul" not in forged.get_data(as_text=True)
    assert "Yang Anda ketik" not in words(client.get("/tidak-ada?text=satu+dua"))
