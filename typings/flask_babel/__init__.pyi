# What this project uses of Flask-Babel, which carries no types.
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Flask

class LazyString(str): ...

class Domain:
    def get_translations(self) -> NullTranslations: ...

class Babel:
    def __init__(self, app: Flask | None = None) -> None: ...
    def init_app(
        self,
        app: Flask,
        *,
        default_locale: str = ...,
        default_translation_directories: str = ...,
        locale_selector: Callable[[], str | None] | None = ...,
    ) -> None: ...

def gettext(message: str, /, **values: object) -> str: ...
def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str: ...
def lazy_gettext(message: str, /, **values: object) -> LazyString: ...
def get_locale() -> Locale | None: ...
def force_locale(locale: str) -> AbstractContextManager[Any]: ...
