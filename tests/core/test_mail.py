"""The outbox: what was decided is sent, once if it can be told, later if the server is down."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.core import mail
from lms.core.db import WriteOutsideTransaction, db, transaction
from lms.core.mail import (
    KEPT,
    LEASE,
    MAX_TRIES,
    OutboxMail,
    queue_mail,
    remove_old_mail,
    send_due_mail,
)
from tests.conftest import SetClock
from tests.core.smtp import Sink

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    """A server that the application sends to."""
    with Sink() as running:
        app.config["MAIL_URL"] = running.url
        yield running
        app.config["MAIL_URL"] = ""


def queue(*recipients: str, subject: str = "Perihal", body: str = "Isi.\n") -> None:
    with transaction():
        for recipient in recipients:
            queue_mail(recipient, subject, body)


def rows() -> list[OutboxMail]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def test_a_mail_is_sent_once(context: Flask, sink: Sink) -> None:
    queue(
        "sari@contoh.test", subject="Selamat – kursus “selesai”", body="Yth. Sari,\n.titik\n\nÉ\n"
    )
    assert send_due_mail() == 1
    assert send_due_mail() == 0
    (got,) = sink.received
    assert got.recipients == ["sari@contoh.test"]
    assert got.sender == "kompeten@localhost"
    message = got.message
    assert message["To"] == "sari@contoh.test"
    assert message["Subject"] == "Selamat – kursus “selesai”"
    assert message.get_content().splitlines() == ["Yth. Sari,", ".titik", "", "É"]
    assert message["Auto-Submitted"] == "auto-generated"
    (row,) = rows()
    assert message["Message-ID"] == f"<{row.uuid}@kompeten>"
    assert (row.tries, row.due_at, row.last_error) == (1, None, None)
    assert row.sent_at is not None


def test_the_mail_of_an_act_that_was_undone_is_never_sent(context: Flask, sink: Sink) -> None:
    def undone() -> None:
        with transaction():
            queue_mail("a@contoh.test", "x", "y")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert send_due_mail() == 0
    assert sink.received == []


def test_a_mail_is_queued_only_in_a_write_transaction(context: Flask) -> None:
    queue_mail("a@contoh.test", "x", "y")
    with pytest.raises(WriteOutsideTransaction):
        db.session.flush()


def test_a_server_that_is_down_is_tried_again_later_and_later(context: Flask, at: SetClock) -> None:
    with Sink() as gone:
        context.config["MAIL_URL"] = gone.url  # nobody listens there after this block
    at(NOON)
    queue("a@contoh.test")
    moment, waits = NOON, []
    for _ in range(MAX_TRIES - 1):
        assert send_due_mail() == 0
        (row,) = rows()
        assert row.last_error is not None
        assert "Refused" in row.last_error
        assert row.due_at is not None
        waits.append(row.due_at - moment)
        at(row.due_at - timedelta(seconds=1))
        tries = row.tries
        send_due_mail()  # too early: not even tried
        assert rows()[0].tries == tries
        moment = row.due_at
        at(moment)
    assert waits == [timedelta(minutes=2**n) for n in range(1, MAX_TRIES)]
    send_due_mail()
    (row,) = rows()
    assert (row.tries, row.due_at, row.sent_at) == (MAX_TRIES, None, None)  # given up
    at(moment + timedelta(days=365))
    assert send_due_mail() == 0
    assert rows()[0].tries == MAX_TRIES
    context.config["MAIL_URL"] = ""


def test_when_the_server_comes_back_everything_goes_out(context: Flask, at: SetClock) -> None:
    at(NOON)
    with Sink() as gone:
        context.config["MAIL_URL"] = gone.url
    queue(*(f"p{n}@contoh.test" for n in range(5)))
    send_due_mail()
    # Only one was tried: the others keep their tries, and the sweep does not wait for each.
    assert [row.tries for row in rows()] == [1, 0, 0, 0, 0]
    with Sink() as sink:
        context.config["MAIL_URL"] = sink.url
        assert send_due_mail() == 4
        at(NOON + timedelta(minutes=2))
        assert send_due_mail() == 1
        assert sorted(got.recipients[0][:2] for got in sink.received) == [
            "p0", "p1", "p2", "p3", "p4",
        ]  # fmt: skip
    context.config["MAIL_URL"] = ""


def test_a_refused_address_does_not_hold_up_the_others(context: Flask, sink: Sink) -> None:
    sink.refused = {"nobody@contoh.test"}
    queue("nobody@contoh.test", "sari@contoh.test")
    assert send_due_mail() == 1
    first, second = rows()
    assert "550" in (first.last_error or "")
    assert (first.sent_at, second.sent_at is not None) == (None, True)


def test_a_row_that_cannot_become_a_mail_does_not_hold_up_the_others(
    context: Flask, sink: Sink, at: SetClock
) -> None:
    """Such a row was not written by `queue_mail`; it is tried, noted and in the end given up."""
    at(NOON)
    queue("a@contoh.test", "sari@contoh.test")
    with transaction():
        db.session.execute(
            sa.update(OutboxMail)
            .where(OutboxMail.recipient == "a@contoh.test")
            .values(recipient="a@contoh.test\r\nBcc: b@contoh.test", due_at=NOON)
        )
    assert send_due_mail() == 1
    for n in range(1, MAX_TRIES + 3):
        at(NOON + timedelta(days=n))
        send_due_mail()
    assert [row.tries for row in rows()] == [MAX_TRIES, 1]
    assert [got.recipients for got in sink.received] == [["sari@contoh.test"]]


def test_a_server_that_hangs_up_after_taking_the_text_is_tried_again(
    context: Flask, sink: Sink, at: SetClock
) -> None:
    at(NOON)
    sink.hang_up = True
    queue("a@contoh.test")
    assert send_due_mail() == 0
    sink.hang_up = False
    at(NOON + timedelta(minutes=2))
    assert send_due_mail() == 1
    assert len(sink.received) == 1


def test_a_clumsy_goodbye_does_not_send_twice(context: Flask, sink: Sink, at: SetClock) -> None:
    sink.goodbye = "500 what"
    at(NOON)
    queue("a@contoh.test")
    assert send_due_mail() == 1
    at(NOON + timedelta(days=1))
    assert send_due_mail() == 0
    assert len(sink.received) == 1


def test_two_sweeps_at_once_send_each_mail_once(app: Flask, sink: Sink) -> None:
    with app.app_context():
        queue(*(f"p{n}@contoh.test" for n in range(24)))
        db.session.remove()
    counts: list[int] = []
    start = threading.Barrier(4)

    def sweep() -> None:
        with app.app_context():
            start.wait(10)
            counts.append(send_due_mail())

    sweeps = [threading.Thread(target=sweep) for _ in range(4)]
    for each in sweeps:
        each.start()
    for each in sweeps:
        each.join(60)
    assert sum(counts) == 24
    sent = sorted(got.recipients[0] for got in sink.received)
    assert sent == sorted(f"p{n}@contoh.test" for n in range(24))


def test_a_sweep_that_died_in_the_middle_is_made_up_for_after_the_lease(
    context: Flask, sink: Sink, at: SetClock
) -> None:
    at(NOON)
    queue("a@contoh.test")
    assert mail._lease_one() is not None  # and then the process was killed
    assert send_due_mail() == 0
    at(NOON + LEASE)
    assert send_due_mail() == 1


def test_a_mail_that_kills_its_sender_each_time_is_given_up(
    context: Flask, sink: Sink, at: SetClock
) -> None:
    at(NOON)
    queue("a@contoh.test")
    for n in range(1, MAX_TRIES + 5):
        at(NOON + timedelta(days=n))
        mail._lease_one()
    assert rows()[0].tries == MAX_TRIES


def test_one_sweep_takes_a_bounded_number(context: Flask, sink: Sink) -> None:
    queue(*(f"p{n}@contoh.test" for n in range(7)))
    assert [send_due_mail(3), send_due_mail(3), send_due_mail(3)] == [3, 3, 1]


def test_without_a_server_each_mail_becomes_a_file(context: Flask) -> None:
    folder = Path(context.config["DATA_DIR"]) / "mail"
    queue("sari@contoh.test", body="Yth. Sari,\n")
    assert send_due_mail() == 1
    (row,) = rows()
    written = (folder / f"{row.uuid}.eml").read_bytes()
    message = message_from_bytes(written, policy=default)
    assert message["To"] == "sari@contoh.test"


def test_mail_that_is_done_with_is_removed_after_a_month(
    context: Flask, sink: Sink, at: SetClock
) -> None:
    """Sent, given up, or died with its sender: done. What still waits is never removed."""
    at(NOON)
    sink.refused = {"refused@contoh.test"}
    queue("refused@contoh.test", "sari@contoh.test")
    for n in range(MAX_TRIES):
        at(NOON + timedelta(days=n))
        send_due_mail()
    at(NOON)
    queue("waits@contoh.test", "dies@contoh.test")
    with transaction():
        db.session.execute(
            sa.update(OutboxMail)
            .where(OutboxMail.recipient == "dies@contoh.test")
            .values(tries=MAX_TRIES)
        )
    refused, sent, waits, dies = rows()
    assert (refused.due_at, refused.tries, sent.sent_at is not None) == (None, MAX_TRIES, True)
    assert (waits.due_at, dies.due_at) == (NOON, NOON)
    at(NOON + KEPT)
    queue("today@contoh.test")
    assert remove_old_mail() == 0
    at(NOON + KEPT + timedelta(microseconds=1))
    assert remove_old_mail() == 3
    assert [row.recipient for row in rows()] == ["waits@contoh.test", "today@contoh.test"]
    assert send_due_mail() == 2


def test_old_mail_is_removed_in_bounded_batches(
    context: Flask, sink: Sink, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(NOON)
    queue(*(f"p{n}@contoh.test" for n in range(9)))
    assert send_due_mail() == 9
    at(NOON + KEPT + timedelta(days=1))
    monkeypatch.setattr("lms.core.jobs.BATCH", 2)
    monkeypatch.setattr("lms.core.jobs.BATCHES", 3)
    assert [remove_old_mail(), remove_old_mail(), remove_old_mail()] == [6, 3, 0]


HOSTILE_RECIPIENTS = [
    "", "a", "a@", "@b", "a b@c.test", "a@b.test, c@d.test", "a@b.test; c@d.test",
    "a@b.test\nBcc: c@d.test", "a@b.test\r\n\r\nbody", "Nama <a@b.test>", "<a@b.test>",
    "a@b.test (x)", '"a b"@c.test', "a@[127.0.0.1]", "a@b.test\x00", "a@b@c.test", "ä@b.test",
    "a" * 250 + "@b.test", "a@b.test>\nRCPT TO:<c@d.test", "a:b@c.test", "a@b.test ", "a\\@b.test",
]  # fmt: skip


@pytest.mark.parametrize("recipient", HOSTILE_RECIPIENTS, ids=repr)
def test_a_mail_goes_to_one_plain_address_and_to_nothing_else(
    context: Flask, recipient: str
) -> None:
    with pytest.raises(ValueError, match="address"):
        queue(recipient)
    assert rows() == []


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300))
def test_a_subject_adds_no_header(context: Flask, subject: str) -> None:
    with transaction():
        db.session.execute(sa.delete(OutboxMail))
    queue("a@contoh.test", subject=f"x\r\nBcc: c@d.test\n{subject}\x0b\x85Z: y")
    message = message_from_bytes(bytes(mail._message(rows()[0])), policy=default)
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert len(str(message["Subject"])) <= 200
    assert message["Subject"].startswith("x Bcc: c@d.test")
