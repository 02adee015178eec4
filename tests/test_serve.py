"""The running product: what its processes survive, what they trust, and that they end at once."""

import gc
import http.client
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from lms import create_app, serve
from lms.accounts.actions import people
from lms.accounts.rules import Employment
from lms.config import Settings
from lms.core import logs
from lms.core.db import db, transaction
from tests.postgres import new_database
from tests.running import Running, children_of, free_port, is_alive, is_ready, start, until


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    server = os.environ.get("TEST_DATABASE") == "postgresql"
    return new_database(tmp_path_factory) if server else ""


@pytest.fixture
def running(tmp_path: Path, database_url: str) -> Iterator[Running]:
    found = start(tmp_path, database_url)
    until(lambda: is_ready(found), "the first start")
    yield found
    found.stop()


@pytest.mark.parametrize("which", ["server", "jobs"])
def test_a_killed_child_comes_back_and_the_other_stays(running: Running, which: str) -> None:
    server, jobs = running.children()
    os.kill(server if which == "server" else jobs, signal.SIGKILL)
    until(lambda: len(set(running.children()) - {server, jobs}) == 1, "a new child")
    stays = jobs if which == "server" else server
    assert stays in running.children()
    assert until(lambda: is_ready(running), "serving again") < 5
    (line,) = [line for line in json_lines(running) if "process" in line]
    assert (line["process"], line["exit_code"]) == (which, -9)


def test_a_killed_worker_comes_back(running: Running) -> None:
    workers = children_of(running.children()[0])
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: bool(set(children_of(running.children()[0])) - set(workers)), "a new worker")
    until(lambda: is_ready(running), "serving again", 5)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_within_five_seconds(running: Running, sign: int) -> None:
    """Although one browser keeps its connection and another sends its request very slowly."""
    family = running.family()[1:]
    with (
        closing(http.client.HTTPConnection("127.0.0.1", running.port)) as kept,
        socket.create_connection(("127.0.0.1", running.port)) as slow,
    ):
        kept.request("GET", "/healthz")
        kept.getresponse().read()
        slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na")
        running.process.send_signal(sign)
        begun = time.monotonic()
        assert running.process.wait(20) == 0
        assert time.monotonic() - begun < 5
    assert not [pid for pid in family if is_alive(pid)]
    assert "Traceback" not in running.log()


def test_no_child_outlives_a_killed_supervisor(running: Running) -> None:
    """Else the next start would find its port taken."""
    family = running.family()[1:]
    running.process.kill()
    running.process.wait(10)
    gone = lambda: not [pid for pid in family if is_alive(pid)]  # noqa: E731
    until(gone, "all children ended", 10)


def test_after_a_kill_of_everything_it_starts_again_by_itself(
    running: Running, database_url: str
) -> None:
    running.kill_everything()
    again = start(running.folder, database_url, running.port)
    try:
        took = until(lambda: is_ready(again), "the second start", 20)
    finally:
        again.process.terminate()
        again.process.wait(20)
    print(f"second start: {took:.1f} s")  # noqa: T201 - pytest -s shows the figure
    assert took < 10


def test_the_last_start_says_where_and_nothing_secret(running: Running) -> None:
    first = running.log().splitlines()[0]
    assert f"http://127.0.0.1:{running.port}" in first
    assert "secret" not in running.log().lower()
    assert "postgresql" not in running.log()


def test_every_line_after_the_greeting_is_one_json_object(running: Running) -> None:
    for address in ("/", "/nothing", "/healthz", "/password/reset/a-secret-token"):
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{running.url}{address}", timeout=5)
    raw(running, b"NO HTTP\r\n\r\n")
    os.kill(children_of(running.children()[0])[0], signal.SIGKILL)
    until(lambda: is_ready(running), "serving again")
    lines = json_lines(running)
    assert {line["event"] for line in lines} >= {"request"}
    assert "a-secret-token" not in running.log()


def json_lines(running: Running) -> list[dict[str, object]]:
    return [json.loads(line) for line in running.log().splitlines()[1:]]


def raw(running: Running, sent: bytes) -> bytes:
    """What the server answers to bytes as they are."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as connection:
        connection.sendall(sent)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


HOSTILE = [
    # bytes of a request (| ends a line), the status that it deserves
    (b"GET /healthz HTTP/1.1|Host: x|X-Forwarded-Proto: https|Connection: close||", 200),
    (b"GET /%00 HTTP/1.1|Host: x|Connection: close||", 400),
    (b"GET /nothing HTTP/1.1|Host: \xff\xfe|Connection: close||", 404),
    (b"GET / HTTP/1.1|Host: x|X-Request-ID: a\x0bb|Connection: close||", 400),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1|Host: x|Connection: close||", 414),
    (b"GET / HTTP/1.1|Host: x|" + b"X: y|" * 500 + b"|", 431),
    (b"POST / HTTP/1.1|Host: x|Content-Length: 5|Transfer-Encoding: chunked||0||", 400),
    (b"BREW / HTTP/1.1|Host: x|Connection: close||", 405),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_bytes_of_a_visitor_are_a_fault(running_once: Running, number: int) -> None:
    sent, status = HOSTILE[number]
    answer = raw(running_once, sent.replace(b"|", b"\r\n")).decode("latin-1")
    found = re.match(r"HTTP/1\.1 (\d{3})", answer)
    assert found, answer[:100]
    assert int(found[1]) == status, answer[:300]
    assert "Traceback" not in answer
    # A visitor's own word that it is https is not believed.
    assert "Strict-Transport-Security" not in answer


@pytest.fixture(scope="module")
def running_once(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Running]:
    # Either process can hold every slow visitor of the tests below, on whatever database.
    found = start(tmp_path_factory.mktemp("once"), database_url, THREADS="24")
    until(lambda: is_ready(found), "the first start")
    yield found
    found.process.terminate()
    found.process.wait(20)


def test_a_body_beyond_the_limit_gets_its_answer(running_once: Running) -> None:
    size = 3 * 1024 * 1024
    head = f"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", running_once.port), timeout=20) as connection:
        connection.sendall(head)
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413")


def test_slow_visitors_do_not_stop_the_others(running_once: Running) -> None:
    address = ("127.0.0.1", running_once.port)
    with ExitStack() as slow:
        for _ in range(20):
            visitor = slow.enter_context(socket.create_connection(address))
            visitor.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\na")
        begun = time.monotonic()
        assert is_ready(running_once)
        assert time.monotonic() - begun < 3


def test_a_mail_leaves_at_once_by_the_hint_of_the_server(running_once: Running) -> None:
    """From a thread of the server through the queue to the jobs process, without the minute."""
    stored = {k: v for k, v in running_once.settings.items() if k.endswith(("_DIR", "_URL"))}
    app = create_app(Settings(**stored, LOG_LEVEL="CRITICAL"))  # type: ignore[arg-type]  # all text
    with app.app_context():
        with transaction():
            people.add_person(
                nip="199001012015041009", name="Sari", email="sari@contoh.test",
                employment=Employment.PNS,
            )  # fmt: skip
        db.session.remove()
        db.engine.dispose()
    logs.configure("CRITICAL")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{running_once.url}/password/forgot").read().decode()
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "identifier": "sari@contoh.test"}
    browser.open(f"{running_once.url}/password/forgot", urllib.parse.urlencode(form).encode())
    folder = running_once.folder / "data" / "mail"
    assert until(lambda: bool(list(folder.glob("*.eml"))), "the mail") < 5
    (mail,) = folder.glob("*.eml")
    assert f"{running_once.url}/password/reset/" in mail.read_text().replace("=\n", "")


def test_what_is_loaded_before_the_fork_is_gone_through_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole collection else stops a process for as long as a page takes."""
    frozen: list[int] = []
    given = {"DATA_DIR": "data", "UPLOADS_DIR": "uploads", "DATABASE_URL": "", "DEMO": "0"}
    for name, value in {**given, "PORT": str(free_port()), "LOG_LEVEL": "CRITICAL"}.items():
        monkeypatch.setenv(name, str(tmp_path / value) if name.endswith("DIR") else value)
    monkeypatch.setattr(serve, "_supervise", lambda _: frozen.append(gc.get_freeze_count()))
    try:
        serve.main()
    finally:
        gc.unfreeze()
    assert frozen[0] > 100_000


def test_every_option_is_one_that_the_server_knows(tmp_path: Path) -> None:
    settings = Settings(
        DATA_DIR=str(tmp_path), UPLOADS_DIR=str(tmp_path), LOG_LEVEL="CRITICAL", THREADS=7
    )
    app = create_app(settings)
    server = serve._Server(app, settings)
    for name, value in server.options().items():
        assert name in server.cfg.settings, name
        kept = server.cfg.settings[name].get()
        assert kept == value or str(value) in str(kept), name
    assert server.cfg.threads == 7
    assert server.cfg.control_socket_disable is True
