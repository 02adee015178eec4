"""Who may do what: the permissions, the actor, and the mark that every route must carry."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import structlog
from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from lms.core import audit
from lms.core.db import db, transaction
from lms.core.errors import Forbidden, StartError, error_page

log = structlog.get_logger()


class Permission(StrEnum):
    """`area:resource:action`, in alphabetical order. What each allows: docs/access.md."""

    ACCOUNTS_OWN_MANAGE = "accounts:own:manage"
    ACCOUNTS_PEOPLE_MANAGE = "accounts:people:manage"
    ACCOUNTS_PEOPLE_READ = "accounts:people:read"
    ACCOUNTS_TEAM_DELEGATE = "accounts:team:delegate"
    AUDIT_LOG_READ = "audit:log:read"
    COMPETENCIES_DICTIONARY_MANAGE = "competencies:dictionary:manage"
    COMPETENCIES_DICTIONARY_READ = "competencies:dictionary:read"
    COMPETENCIES_OWN_READ = "competencies:own:read"
    COMPETENCIES_RATINGS_RECORD = "competencies:ratings:record"
    COMPETENCIES_TEAM_RATE = "competencies:team:rate"
    COURSES_ALL_MANAGE = "courses:all:manage"
    COURSES_CATALOGUE_READ = "courses:catalogue:read"
    COURSES_STUDIO_USE = "courses:studio:use"
    CREDENTIALS_OWN_READ = "credentials:own:read"
    CREDENTIALS_PEOPLE_MANAGE = "credentials:people:manage"
    DEVELOPMENT_CLAIMS_VERIFY = "development:claims:verify"
    DEVELOPMENT_OWN_CLAIM = "development:own:claim"
    DEVELOPMENT_TEAM_VERIFY = "development:team:verify"
    LEARNING_OWN_ACT = "learning:own:act"
    LEARNING_TEAM_ASSIGN = "learning:team:assign"
    LEARNING_TIME_GRANT = "learning:time:grant"
    NOTIFICATIONS_OWN_READ = "notifications:own:read"
    REPORTS_TEAM_READ = "reports:team:read"
    REPORTS_UNITS_READ = "reports:units:read"
    SITE_UPKEEP_MANAGE = "site:upkeep:manage"


# What everybody who can sign in may do for themselves.
EVERYBODY = frozenset(
    {
        Permission.ACCOUNTS_OWN_MANAGE,
        Permission.COMPETENCIES_DICTIONARY_READ,
        Permission.COMPETENCIES_OWN_READ,
        Permission.COURSES_CATALOGUE_READ,
        Permission.CREDENTIALS_OWN_READ,
        Permission.DEVELOPMENT_OWN_CLAIM,
        Permission.LEARNING_OWN_ACT,
        Permission.NOTIFICATIONS_OWN_READ,
    }
)
# What a placement as head of a unit adds, within that unit and below it.
HEAD_OF_UNIT = frozenset(
    {
        Permission.ACCOUNTS_TEAM_DELEGATE,
        Permission.COMPETENCIES_TEAM_RATE,
        Permission.DEVELOPMENT_TEAM_VERIFY,
        Permission.LEARNING_TEAM_ASSIGN,
        Permission.REPORTS_TEAM_READ,
    }
)
# What a head can have somebody else do for her; what was given so is not passed on.
DELEGATE = HEAD_OF_UNIT - {Permission.ACCOUNTS_TEAM_DELEGATE}
# What a granted role adds, within its unit and below it.
TRAINER = frozenset({Permission.COURSES_STUDIO_USE})
HR = TRAINER | {
    Permission.ACCOUNTS_PEOPLE_READ, Permission.COMPETENCIES_DICTIONARY_MANAGE,
    Permission.COMPETENCIES_RATINGS_RECORD, Permission.COURSES_ALL_MANAGE,
    Permission.CREDENTIALS_PEOPLE_MANAGE, Permission.DEVELOPMENT_CLAIMS_VERIFY,
    Permission.LEARNING_TEAM_ASSIGN, Permission.LEARNING_TIME_GRANT,
    Permission.REPORTS_UNITS_READ,
}  # fmt: skip
AUDITOR = frozenset({Permission.ACCOUNTS_PEOPLE_READ, Permission.AUDIT_LOG_READ})
ADMIN = AUDITOR | {Permission.ACCOUNTS_PEOPLE_MANAGE, Permission.SITE_UPKEEP_MANAGE}


@dataclass(frozen=True)
class Delegated:
    """The rights of a head over a unit that somebody else holds for some days ("atas nama").
    `position`: the head's, with "Plt." where she is an acting one."""

    uuid: UUID
    giver_id: int
    giver_uuid: UUID
    giver_name: str
    position: str
    unit_id: int
    unit_uuid: UUID
    unit_name: str
    path: str
    end_on: date


class Actor(Protocol):
    """Who is acting in this request or command. `accounts` implements it."""

    @property
    def person_id(self) -> int: ...
    @property
    def person_uuid(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def permissions(self) -> frozenset[Permission]: ...
    @property
    def headed_paths(self) -> tuple[str, ...]:
        """Paths of the units that the actor heads today, by a placement or on somebody's behalf."""

    @property
    def own_headed_paths(self) -> tuple[str, ...]:
        """Of these, the ones by a placement."""

    @property
    def delegations(self) -> tuple[Delegated, ...]: ...
    def paths_of(self, permission: Permission) -> tuple[str, ...]:
        """Paths of the units within which the actor holds it by a role, and in all below."""


View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
_MARK = "kompeten_access"


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view as open to those who hold a permission."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to anybody."""
    setattr(view, _MARK, PUBLIC)
    return view


def access_of(view: Callable[..., Any]) -> Permission | str | None:
    """The mark of a view, or None where it has none."""
    return getattr(view, _MARK, None)


def current_actor() -> Actor:
    """The signed-in actor. Only for views marked `@requires`: there always is one there."""
    return cast(Actor, current_user._get_current_object())


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def is_open_to_all() -> bool:
    """May anybody call the view of this request? Only where the request has one."""
    return access_of(current_app.view_functions[request.endpoint or ""]) == PUBLIC


def init_app(app: Flask) -> None:
    app.before_request(_check_access)
    app.register_error_handler(Forbidden, _refuse)


def assert_every_route_is_marked(app: Flask) -> None:
    """Refuse to start when a route has no mark. Raises StartError naming the endpoints."""
    unmarked = sorted(name for name, view in app.view_functions.items() if access_of(view) is None)
    if unmarked:
        raise StartError(f"These routes declare no access: {', '.join(unmarked)}.")


def may(actor: Actor, needed: Iterable[Permission]) -> bool:
    return set(needed) <= actor.permissions


def _check_access() -> Any:
    if request.endpoint is None or is_open_to_all():
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # Flask-Login adds it
    mark = access_of(current_app.view_functions[request.endpoint])
    if mark not in current_actor().permissions:
        raise Forbidden
    return None


def _refuse(_: Forbidden) -> ResponseReturnValue:
    """Answer 403 and note it. The note has a transaction of its own, after the rollback."""
    db.session.rollback()
    if is_signed_in():
        try:
            with transaction():
                audit.record(
                    current_actor(),
                    "access.refused",
                    endpoint=request.endpoint,
                    method=request.method,
                )
        except SQLAlchemyError:
            log.exception("refused access not noted", endpoint=request.endpoint)
    return error_page(403)
