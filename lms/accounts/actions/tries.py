"""Tries of a password or of a reset link: counted before they are answered."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from lms.accounts import queries, rules
from lms.accounts.models import CredentialTry, Person
from lms.accounts.rules import TryVerdict
from lms.core import clock
from lms.core.db import db, delete_older

SIGN_IN, RESET, ACTIVATE, VERIFY = "sign-in", "reset", "activate", "verify"


def reserve_try(kind: str, identifier: str, address: str) -> TryVerdict:
    """Count a try before the password is looked at; the verdict says whether it may be."""
    account = account_digest(identifier)
    _lock(f"try:{account}")
    _lock(f"try-from:{address}")
    verdict = rules.judge_try(
        queries.tries_within_window(kind, account=account, address=None),
        queries.tries_within_window(kind, account=None, address=address),
        rules.RESET_TRIES if kind == RESET else rules.ACCOUNT_TRIES,
    )
    if verdict.allowed:
        db.session.add(
            CredentialTry(kind=kind, account_digest=account, address=address, at=clock.now())
        )
        db.session.flush()
    return verdict


def may_ask(kind: str, address: str, limit: int) -> bool:
    """Were fewer misses than the limit counted from a network address inside the window?"""
    return len(queries.tries_within_window(kind, account=None, address=address)) < limit


def count_miss(kind: str, typed: str, address: str) -> None:
    """Count a question that found nothing. What was typed is not kept."""
    digest = queries.digest_of(typed)
    db.session.add(CredentialTry(kind=kind, account_digest=digest, address=address, at=clock.now()))
    db.session.flush()


def account_digest(identifier: str) -> str:
    """One digest for all spellings of an account, NIP and e-mail address alike."""
    person = queries.person_by_identifier(identifier)
    return queries.digest_of(str(person.uuid) if person else rules.account_name(identifier))


def forget_tries(person: Person) -> None:
    """The person proved to be who they are: their failed tries count no more."""
    account = queries.digest_of(str(person.uuid))
    db.session.execute(delete(CredentialTry).where(CredentialTry.account_digest == account))


def forget_tries_of(identifier: str) -> None:
    """The same for who proved it by a code."""
    account = account_digest(identifier)
    db.session.execute(delete(CredentialTry).where(CredentialTry.account_digest == account))


def remove_old_tries(limit: int) -> int:
    """Remove tries that no window looks at any more; how many."""
    return delete_older(CredentialTry, CredentialTry.at, clock.now() - timedelta(days=1), limit)


def _lock(name: str) -> None:
    """One at a time until the commit, also where there is no row to lock yet (SQLite has only one
    writer)."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
