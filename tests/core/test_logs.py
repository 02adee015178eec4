"""Logs: one JSON object a line, found by the number of the request, and nothing secret in it."""

import json
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError

from lms.accounts.actions import people
from lms.accounts.models import Person
from lms.accounts.rules import Employment
from lms.core import logs
from lms.core.access import public
from lms.core.db import db, transaction
from tests.cast import PASSWORD, Cast
from tests.client import PageClient
from tests.core.conftest import MakeApp

ReadLog = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def fresh(make_app: MakeApp) -> Flask:
    return make_app(LOG_LEVEL="INFO")


@pytest.fixture
def visitor(fresh: Flask) -> PageClient:
    found = fresh.test_client()
    assert isinstance(found, PageClient)
    return found


def test_a_request_is_one_line_with_its_number(
    visitor: PageClient, log_lines: ReadLog, cast: Cast
) -> None:
    answer = visitor.get("/sign-in")
    (line,) = log_lines()
    assert line["event"] == "request"
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "accounts.sign_in", 200)
    assert line["person"] is None
    assert isinstance(line["ms"], float)
    assert isinstance(line["queries"], int)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line["timestamp"])


def test_who_asked_is_noted_by_uuid_and_never_by_name(
    fresh: Flask, visitor: PageClient, log_lines: ReadLog, cast: Cast
) -> None:
    visitor.sign_in(cast.people["learner"])
    visitor.get("/")
    line = log_lines()[-1]
    with fresh.app_context():
        person = cast.person("learner")
        assert line["person"] == str(person.uuid)
        assert person.name not in json.dumps(line)
        assert person.nip not in json.dumps(line)


def test_each_request_has_a_number_of_its_own(visitor: PageClient) -> None:
    numbers = {visitor.get("/healthz").headers["X-Request-ID"] for _ in range(20)}
    assert len(numbers) == 20
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", number) for number in numbers)


@pytest.mark.parametrize("given", ["abc-123_X.9", "A" * 40, "4bf92f3577b34da6a3ce929d0e0e4736"])
def test_the_number_of_a_proxy_in_front_is_taken_over(visitor: PageClient, given: str) -> None:
    assert visitor.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


INJECTIONS = [
    "", "short", "A" * 41, "a b c d e f", '"},{"event":"forged"}', "abcdef\\n{}", "abcdef\x0b",
    "abcdef<script>", "äöüäöü", "abcdef\x85ghijkl", "%0d%0aSet-Cookie:x", "abcdef;ghi",
]  # fmt: skip


@pytest.mark.parametrize("given", INJECTIONS, ids=repr)
def test_a_number_that_could_forge_a_line_is_not_taken(
    visitor: PageClient, log_lines: ReadLog, given: str
) -> None:
    answer = visitor.get("/healthz", headers={"X-Request-ID": given})
    number = answer.headers["X-Request-ID"]
    assert number != given
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", number)
    (line,) = log_lines()
    assert line["request_id"] == number
    assert line["event"] == "request"


@pytest.mark.parametrize(
    "value", ["a\nb", "a\r\nb", "a\u2028b", "a\x85b", "\x00", "é", '"}', "\x1b[31m"]
)
def test_no_value_breaks_a_line(
    fresh: Flask,
    capsys: pytest.CaptureFixture[str],
    value: str,
) -> None:
    structlog.get_logger().error("told", value=value)
    logging.getLogger("some.package").error("told %s", value)
    written = capsys.readouterr().err
    assert written.isascii()
    assert "\x1b" not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["level"] for line in lines] == ["error", "error"]
    assert lines[0]["value"] == value


def test_what_packages_warn_of_has_the_same_form(fresh: Flask, log_lines: ReadLog) -> None:
    for name in ("sqlalchemy.pool", "huey", "alembic", "werkzeug", "lms", ""):
        logging.getLogger(name).warning("something %s", "odd")
        logging.getLogger(name).info("chatter")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("huey").exception("failed")
    lines = log_lines()
    assert [line["event"] for line in lines] == ["something odd"] * 6 + ["failed"]
    assert "ValueError: broken" in lines[-1]["exception"]
    assert all(line["timestamp"] for line in lines)


def test_the_level_is_the_settings(make_app: MakeApp, log_lines: ReadLog) -> None:
    for level, heard in (("DEBUG", 3), ("INFO", 2), ("ERROR", 1), ("CRITICAL", 0)):
        make_app(LOG_LEVEL=level)
        for write in (structlog.get_logger().debug, structlog.get_logger().info,
                      structlog.get_logger().error):  # fmt: skip
            write("told")
        assert len(log_lines()) == heard, level


def test_configuring_twice_does_not_tell_twice(fresh: Flask, log_lines: ReadLog) -> None:
    logs.configure("INFO")
    logging.getLogger("huey").error("once")
    assert len(log_lines()) == 1


def test_no_secret_of_a_sign_in_reaches_the_log(
    visitor: PageClient, log_lines: ReadLog, cast: Cast
) -> None:
    wrong = "kata-sandi-yang-salah"
    for password in (wrong, PASSWORD):
        visitor.send("/sign-in", {"identifier": "sari@contoh.test", "password": password})
    visitor.send("/password/forgot", {"identifier": "sari@contoh.test"})
    visitor.get("/password/reset/a-token-that-opens-an-account")
    visitor.get("/nothing?token=a-token-that-opens-an-account")
    written = json.dumps(log_lines())
    assert "sign-in refused" in written
    for secret in (PASSWORD, wrong, "sari@contoh.test", "a-token-that", "argon2", "csrf_token"):
        assert secret not in written


def test_a_fault_logs_neither_values_of_a_statement_nor_the_address(
    fresh: Flask, visitor: PageClient, log_lines: ReadLog, cast: Cast
) -> None:
    def clash() -> str:
        with transaction():
            person = people.add_person(
                nip="199001012015041009", name="Nama Rahasia", email=None,
                employment=Employment.PNS,
            )  # fmt: skip
            person.password_hash = "$argon2id$rahasia"
            db.session.add(Person(nip=person.nip, name="Nama Lain", employment=Employment.PNS))
        return ""

    fresh.add_url_rule("/test/clash/<name>", "clash", public(lambda name: clash()))
    assert visitor.get("/test/clash/a-token-that-opens").status_code == 500
    written = json.dumps(log_lines())
    assert IntegrityError.__name__ in written
    for secret in ("$argon2id$rahasia", "Nama Rahasia", "Nama Lain", "a-token-that-opens"):
        assert secret not in written


def test_a_line_that_cannot_be_written_fails_nobody(
    visitor: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log lies on a full disk; the act that it tells of is done, and answered so."""
    with monkeypatch.context() as patch:
        full = open("/dev/full", "w")  # noqa: SIM115 - closing it would try to write once more
        patch.setattr("sys.stderr", full)
        assert visitor.get("/sign-in").status_code == 200
        assert visitor.get("/nothing").status_code == 404
        with suppress(OSError):
            full.close()
