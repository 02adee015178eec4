"""Signed values that leave the house and come back: links in mail, an act held over a sign-in."""

from typing import Any

from flask import current_app
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from lms.core import clock


class _Signer(TimestampSigner):
    """Ages tokens by the one clock."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def sign(purpose: str, value: object) -> str:
    """A URL-safe token for a JSON value. A token of one purpose is no token of another."""
    return _serializer(purpose).dumps(value)


def unsign(purpose: str, token: str, max_age: int) -> Any | None:
    """The value of a token not older than `max_age` seconds; None where it is forged or old."""
    try:
        return _serializer(purpose).loads(token, max_age=max_age)
    except (BadData, UnicodeError):
        return None


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current_app.config["SECRET_KEY"], salt=f"kompeten-{purpose}", signer=_Signer
    )
