"""Words and forms of a language: Indonesian (the source of all texts) first, English second."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, lists, numbers
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, request
from flask_babel import Babel, Domain, force_locale, get_locale, gettext, ngettext
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from lms.core import clock
from lms.formats.words import Words

LANGUAGES = ("id", "en")
ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

DAY = 24 * 60  # minutes

babel = Babel()


def init_app(app: Flask) -> None:
    babel.init_app(
        app,
        default_locale="id",
        default_translation_directories="translations",
        locale_selector=choose_language,
    )
    app.extensions["babel"].instance.domain_instance = _Catalogue()
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals.update(
        _=_words, gettext=_words,
        long_date=long_date, long_day=long_day, instant=instant, clock_time=clock_time,
        number=number, points=points, tenths=tenths, duration=duration, megabytes=megabytes,
        language_name=language_name, page_language=language, zone_name=zone_name, said=said,
    )  # fmt: skip


class _Catalogue(Domain):
    """Flask-Babel's own looks for the catalogue at every word: a fifth of the cost of a page."""

    def get_translations(self) -> NullTranslations:
        return _words_here() if has_app_context() else NullTranslations()


def _words_here() -> NullTranslations:
    """The catalogue of this request, or of the block `in_language`."""
    here = g._get_current_object()
    if "catalogue" not in here:
        here.catalogue = catalogue(language())
    found: NullTranslations = here.catalogue
    return found


@pass_eval_context
def _words(evaluation: EvalContext, text: str, **variables: object) -> str:
    """`_("…")` of templates."""
    catalogue = _words_here()
    if not evaluation.autoescape:
        return catalogue.gettext(text) % variables
    if not variables:
        return _fixed_words(catalogue, text)
    return Markup(catalogue.gettext(text)) % variables  # noqa: S704 - our own; values are escaped


@lru_cache(4096)
def _fixed_words(catalogue: NullTranslations, text: str) -> Markup:
    return Markup(catalogue.gettext(text)) % {}  # noqa: S704 - our own words


@cache
def catalogue(language: str) -> NullTranslations:
    """The words of a language, for what is no part of a page in the reader's own."""
    return Translations.load(Path(__file__).parent.parent / "translations", [language])


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Words and forms of another language than the reader's: for mail to somebody else."""
    g.pop("catalogue", None)
    try:
        with force_locale(language):
            yield
    finally:
        g.pop("catalogue", None)


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


def said(words: str) -> str:
    """Words of a format (`formats.words`) in the language of this request; any others as they
    are."""
    if not isinstance(words, Words):
        return words
    gaps = {name: said(gap) if isinstance(gap, str) else gap for name, gap in words.gaps.items()}
    return gettext(words.template, **gaps)


def language_name(code: str) -> str:
    """Indonesia, Inggris: a language of its own code (`id`, `en-GB`) in that of the page."""
    return _language_name(code, language())


@lru_cache(64)
def _language_name(code: str, shown_in: str) -> str:
    try:
        name = Locale.parse(code, sep="-").get_display_name(shown_in)
    except (ValueError, UnknownLocaleError):  # many have a name, though no forms of their own
        name = Locale.parse(shown_in).languages.get(code)
    return name or code


def long_date(day: date) -> str:
    """21 November 2026"""
    return _date(day, "d MMMM y", language())


@lru_cache(4096)
def _date(day: date, pattern: str, language: str) -> str:
    return dates.format_date(day, pattern, locale=language)


def long_day(day: date) -> str:
    """Sabtu, 21 November 2026"""
    return _date(day, "EEEE, d MMMM y", language())


def instant(at: datetime, zone: str) -> str:
    """21 November 2026, 14.05 WIB: an instant in the zone of the person's unit, zone printed."""
    return f"{long_date(at.astimezone(ZoneInfo(zone)).date())}, {clock_time(at, zone)}"


def clock_time(at: datetime, zone: str) -> str:
    """14.05 WIB"""
    local = at.astimezone(ZoneInfo(zone))
    pattern = "HH.mm" if language() == "id" else "HH:mm"
    return f"{dates.format_time(local, pattern, locale=language())} {zone_name(zone)}"


def zone_name(zone: str) -> str:
    """WIB"""
    return ZONE_NAMES.get(zone, zone)


def number(value: Decimal | int) -> str:
    """1.234,5: no trailing zeros."""
    return _decimal(value, None, language())


def exact(value: Decimal) -> str:
    """1.234,56789: every decimal of it, no trailing zeros."""
    return numbers.format_decimal(value.normalize(), locale=language(), decimal_quantization=False)


@lru_cache(4096)
def _decimal(value: Decimal | int, pattern: str | None, language: str) -> str:
    return numbers.format_decimal(value, format=pattern, locale=language)


def tenths(value: Decimal) -> str:
    """2,0: always one decimal, so that the numbers of a table compare."""
    return _decimal(value, "#,##0.0", language())


def listing(words: Sequence[str]) -> str:
    """A, B, dan C"""
    return lists.format_list(words, locale=language())


def points(percent: Decimal | None) -> str:
    """A score of 0-100 as it is kept, a dash where there is none. Never rounded: a learner with
    69,95 must not read "nilai Anda 70, nilai minimum 70"."""
    if percent is None:
        return "–"
    return _decimal(percent, "#,##0.##", language())


def duration(minutes: int) -> str:
    """45 menit / 1 jam 30 menit / 3 hari"""
    if minutes and minutes % DAY == 0:
        return ngettext("%(num)s hari", "%(num)s hari", minutes // DAY)
    hours, rest = divmod(minutes, 60)
    words = [gettext("%(num)s jam", num=hours)] if hours else []
    if rest or not hours:
        words.append(gettext("%(num)s menit", num=rest))
    return " ".join(words)


def megabytes(size: int) -> str:
    """12 MB / 1,5 MB / < 0,1 MB; `size` in bytes."""
    value = Decimal(size) / 1_000_000
    if value < Decimal("0.1"):
        return f"< {_decimal(Decimal('0.1'), None, language())} MB"
    pattern = "#,##0.#" if value < 10 else "#,##0"
    return f"{_decimal(value, pattern, language())} MB"


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
