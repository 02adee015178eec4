"""Words and forms of a language: Indonesian (the source of all texts) first, English second."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import dates, numbers
from flask import Flask, g, request
from flask_babel import Babel, get_locale, gettext

from lms.core import clock

LANGUAGES = ("id", "en")
ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

babel = Babel()


def init_app(app: Flask) -> None:
    babel.init_app(
        app,
        default_locale="id",
        default_translation_directories="translations",
        locale_selector=choose_language,
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals.update(
        long_date=long_date, long_day=long_day, instant=instant, clock_time=clock_time,
        number=number, points=points,
    )  # fmt: skip


def choose_language() -> str:
    """The person's choice, else the cookie of this device, else Indonesian."""
    if not request:
        return "id"
    actor = g.get("_login_user")  # only if it was loaded: an error page must not ask again
    chosen = getattr(actor, "language", None) or request.cookies.get("language")
    return chosen if chosen in LANGUAGES else "id"


def language() -> str:
    """Language of this request: `id` or `en`."""
    locale = get_locale()
    return locale.language if locale else "id"


def long_date(day: date) -> str:
    """21 November 2026"""
    return dates.format_date(day, "d MMMM y", locale=language())


def long_day(day: date) -> str:
    """Sabtu, 21 November 2026"""
    return dates.format_date(day, "EEEE, d MMMM y", locale=language())


def instant(at: datetime, zone: str) -> str:
    """21 November 2026, 14.05 WIB: an instant in the zone of the person's unit, zone printed."""
    return f"{long_date(at.astimezone(ZoneInfo(zone)).date())}, {clock_time(at, zone)}"


def clock_time(at: datetime, zone: str) -> str:
    """14.05 WIB"""
    local = at.astimezone(ZoneInfo(zone))
    pattern = "HH.mm" if language() == "id" else "HH:mm"
    return f"{dates.format_time(local, pattern, locale=language())} {ZONE_NAMES.get(zone, zone)}"


def number(value: Decimal | int) -> str:
    """1.234,5: no trailing zeros."""
    return numbers.format_decimal(value, locale=language())


def points(percent: Decimal | None) -> str:
    """A score of 0-100 as it is kept, a dash where there is none. Never rounded: a learner with
    69,95 must not read "nilai Anda 70, nilai minimum 70"."""
    if percent is None:
        return "–"
    return numbers.format_decimal(percent, format="#,##0.##", locale=language())


def greeting(zone: str) -> str:
    """Good morning, afternoon or evening, by the local hour."""
    hour = clock.now().astimezone(ZoneInfo(zone)).hour
    if 4 <= hour < 11:
        return gettext("Selamat pagi")
    if 11 <= hour < 15:
        return gettext("Selamat siang")
    if 15 <= hour < 18:
        return gettext("Selamat sore")
    return gettext("Selamat malam")
