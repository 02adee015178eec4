"""The audit log: who, what, to which thing, in which request; in text, and kept."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask, g

from lms.accounts.actions import sessions
from lms.accounts.queries.sessions import signed_in_for
from lms.core import audit, ledger
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.ledger import SITE_CHAIN
from tests.cast import PASSWORD, Cast
from tests.client import PageClient
from tests.conftest import SetClock


def only() -> AuditEntry:
    return db.session.scalars(audit.entries().where(AuditEntry.action == "test.done")).one()


def test_an_act_of_the_signed_in_person_stands_in_their_chain(context: Flask, cast: Cast) -> None:
    with transaction():
        key = sessions.open_session(
            cast.person("learner"), remembered=False, device="x", address="::1", new_hash=None
        )
    actor = signed_in_for(key)
    assert actor is not None
    with transaction():
        audit.record(actor, "test.done")
    assert only().chain == cast.person("learner").uuid


def test_an_act_before_signing_in_names_the_person_by_uuid(context: Flask, cast: Cast) -> None:
    person = cast.person("learner").uuid
    with transaction():
        audit.record(person, "test.done", "person", person)
    entry = only()
    assert (entry.chain, entry.subject_kind, entry.subject_uuid) == (person, "person", person)


def test_an_act_of_the_site_itself_stands_in_its_own_chain(context: Flask) -> None:
    with transaction():
        audit.record(None, "test.done")
    entry = only()
    assert (entry.chain, entry.request_id) == (SITE_CHAIN, None)


def test_the_request_is_noted(context: Flask) -> None:
    with context.test_request_context():
        g.request_id = "ABCD2345"
        with transaction():
            audit.record(None, "test.done")
    assert only().request_id == "ABCD2345"


def test_details_are_text_and_come_back_as_they_were_digested(context: Flask) -> None:
    with transaction():
        audit.record(
            None, "test.done", number=3, amount=Decimal("1.50"), flag=True, nothing=None,
            thing=uuid.UUID(int=1), words="“kutip”\n",
        )  # fmt: skip
    db.session.expire_all()
    entry = only()
    assert entry.details == {
        "number": "3", "amount": "1.50", "flag": "True", "nothing": "None",
        "thing": "00000000-0000-0000-0000-000000000001", "words": "“kutip”\n",
    }  # fmt: skip
    assert entry.digest == ledger.digest_of(entry, audit.entry_facts(entry))


def test_the_instant_is_the_clocks(context: Flask, at: SetClock) -> None:
    then = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
    at(then)
    with transaction():
        audit.record(None, "test.done")
    db.session.expire_all()
    assert only().recorded_at == then


def test_what_is_rolled_back_was_never_noted(context: Flask) -> None:
    def undone() -> None:
        with transaction():
            audit.record(None, "test.done")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    with transaction():
        audit.record(None, "test.done")
    assert only().seq == 1


def test_the_log_of_a_sign_in_holds_no_secret(app: Flask, client: PageClient, cast: Cast) -> None:
    client.send("/sign-in", {"identifier": "sari@contoh.test", "password": "salah-sekali"})
    answer = client.send("/sign-in", {"identifier": "sari@contoh.test", "password": PASSWORD})
    assert answer.status_code == 302
    with app.app_context():
        entries = list(db.session.scalars(audit.entries()))
        assert entries
        written = " ".join(str(audit.entry_facts(entry)) for entry in entries)
        for secret in (PASSWORD, "salah-sekali", "argon2", "sari@", "Sari"):
            assert secret not in written
