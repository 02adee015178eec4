"""Settings, all from the environment. docs/settings.md lists every one (a test keeps it so)."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from lms.core.errors import StartError

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Settings:
    """Defaults are those of a fresh machine. Field names are the environment's names."""

    DATABASE_URL: str = ""
    SECRET_KEY: str = ""
    DATA_DIR: str = str(ROOT / "instance")
    UPLOADS_DIR: str = str(ROOT / "uploads")
    HOST: str = "127.0.0.1"
    PORT: int = 8000
    WORKERS: int = 1
    THREADS: int = 32
    SITE_NAME: str = "Pemerintah Kota Wanasari"
    SITE_SHORT_NAME: str = "Kota Wanasari"
    SITE_URL: str = ""
    MAIL_URL: str = ""
    MAIL_FROM: str = "kompeten@localhost"
    PROXIES: int = 0
    SECURE_COOKIES: bool = False
    SESSION_IDLE_HOURS: int = 12
    SESSION_DAYS: int = 7
    REMEMBER_DAYS: int = 30
    LOG_LEVEL: str = "INFO"


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises StartError naming the one that cannot be read."""
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for field in fields(Settings):
        written = environment.get(field.name)
        if written is not None and written != "":
            values[field.name] = _read(field.name, field.type, written)
    return Settings(**values)  # type: ignore[arg-type]  # each value was read by its type


def _read(name: str, kind: object, written: str) -> object:
    if kind is bool:
        if written.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise StartError(f"{name} must be true or false, not {written!r}.")
        return written.lower() in ("1", "true", "yes")
    if kind is int:
        if not written.isdecimal():
            raise StartError(f"{name} must be a whole number, not {written!r}.")
        return int(written)
    return written


def flask_config(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions need, made from the settings. Creates the data folders."""
    data = _writable(settings.DATA_DIR, "DATA_DIR")
    _writable(settings.UPLOADS_DIR, "UPLOADS_DIR")
    url = settings.DATABASE_URL or f"sqlite:///{data / 'kompeten.db'}"
    return {
        **{field.name: getattr(settings, field.name) for field in fields(Settings)},
        "SECRET_KEY": settings.SECRET_KEY or _kept_secret(data / "secret.key"),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": settings.THREADS,
            "max_overflow": 4,
            "pool_pre_ping": not url.startswith("sqlite"),
        },
        "SESSION_COOKIE_NAME": "__Host-kompeten" if settings.SECURE_COOKIES else "kompeten",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": settings.SECURE_COOKIES,
        "REMEMBER_COOKIE_NAME": "kompeten_remember",
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": settings.SECURE_COOKIES,
        "REMEMBER_COOKIE_DURATION": settings.REMEMBER_DAYS * 86400,
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # the site's own Referrer-Policy may cut the header
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "DEMO_ACCOUNTS": (),
    }


def _writable(folder: str, name: str) -> Path:
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"The folder {folder} ({name}) cannot be written to: {error.strerror}."
        ) from error
    return path


def _kept_secret(path: Path) -> str:
    """The secret of this site, made once and readable by its owner only."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()
