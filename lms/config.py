"""Settings, all from the environment. docs/settings.md lists every one (a test keeps it so)."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from lms.core.errors import StartError
from lms.credentials.rules import pattern_fault

ROOT = Path(__file__).parent.parent
SECRET_MIN = 32
# These are of the invented city: an office that sets its own name does not want them on its
# certificates.
PLAIN: dict[str, object] = {
    "CERTIFICATE_NUMBER": "{number}-{check}/{year}",
    "CERTIFICATE_ISSUER": "",
    "CERTIFICATE_PLACE": "",
    "CERTIFICATE_SIGNATORY": "",
    "CERTIFICATE_SIGNATORY_POSITION": "",
}
LOGO_BYTES = 500_000
LOGO_KINDS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MOST_CONNECTIONS = 32  # of a process to the database, beside 4 at peaks
# The least and the most of each number.
LIMITS = {
    "PORT": (1, 65535),
    "WORKERS": (0, 64),
    "THREADS": (1, 1000),
    "PROXIES": (0, 10),
    "SESSION_IDLE_HOURS": (1, 8760),
    "SESSION_DAYS": (1, 365),
    "REMEMBER_DAYS": (1, 365),
}


@dataclass(frozen=True)
class Settings:
    """Defaults are those of a fresh machine. Field names are the environment's names."""

    DATABASE_URL: str = ""
    DEMO: bool = True
    SECRET_KEY: str = ""
    DATA_DIR: str = str(ROOT / "instance")
    UPLOADS_DIR: str = str(ROOT / "uploads")
    UPLOADS_URL: str = ""
    HOST: str = "127.0.0.1"
    PORT: int = 8000
    WORKERS: int = 0
    THREADS: int = 64
    SITE_NAME: str = "Pemerintah Kota Wanasari"
    SITE_SHORT_NAME: str = "Kota Wanasari"
    SITE_URL: str = ""
    CERTIFICATE_NUMBER: str = "{number}-{check}/BKPSDM/{year}"
    CERTIFICATE_ISSUER: str = "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia"
    CERTIFICATE_PLACE: str = "Wanasari"
    CERTIFICATE_SIGNATORY: str = "Dra. Hj. Nurlaila Zubaidah, M.M."
    CERTIFICATE_SIGNATORY_POSITION: str = "Kepala BKPSDM"
    CERTIFICATE_LOGO: str = ""
    CERTIFICATE_REMINDER_DAYS: str = "60,7"
    MAIL_URL: str = ""
    MAIL_FROM: str = "kompeten@localhost"
    PROXIES: int = 0
    SECURE_COOKIES: bool = False
    SESSION_IDLE_HOURS: int = 12
    SESSION_DAYS: int = 7
    REMEMBER_DAYS: int = 30
    DEADLINE_NOTICE_DAYS: str = "7,1"
    LOG_LEVEL: str = "INFO"


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises StartError naming the one that cannot be read."""
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for field in fields(Settings):
        written = environment.get(field.name)
        if written is not None and written != "":
            values[field.name] = _read(field.name, field.type, written)
    if "SITE_NAME" in values:
        values = {**PLAIN, **values}
    if "SITE_URL" not in values:
        host = values.get("HOST", Settings.HOST)
        values["SITE_URL"] = f"http://{host}:{values.get('PORT', Settings.PORT)}"
    return Settings(**values)  # type: ignore[arg-type]  # each value was read by its type


def _read(name: str, kind: object, written: str) -> object:
    if kind is bool:
        if written.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise StartError(f"{name} must be true or false, not {written!r}.")
        return written.lower() in ("1", "true", "yes")
    if kind is int:
        least, most = LIMITS[name]
        if not re.fullmatch(r"[0-9]{1,9}", written) or not least <= int(written) <= most:
            raise StartError(
                f"{name} must be a whole number from {least} to {most}, not {written!r}."
            )
        return int(written)
    if not written.isprintable():
        raise StartError(f"{name} must be one line of plain text.")
    check = _CHECKS.get(name)
    return check(written) if check else written


# Addresses may hold a password, so these sentences do not repeat what was written.


def _database_url(written: str) -> str:
    """PostgreSQL by the driver that comes with the product, whatever way it is written."""
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        url = None
    kind = url.drivername.split("+")[0] if url else ""
    if url is None or kind not in ("sqlite", "postgresql", "postgres"):
        raise StartError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    if kind == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise StartError("DATABASE_URL must name a file: sqlite:///kompeten.db.")
        return written
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _site_url(written: str) -> str:
    parts = _parts(written)
    if parts is None or parts[0] not in ("http", "https") or parts[3].strip("/"):
        raise StartError("SITE_URL must be an address without a path, such as https://lms.go.id.")
    return written.rstrip("/")


def _uploads_url(written: str) -> str:
    if not re.fullmatch(r"/(?:[a-z0-9_-]+/)+", written):
        raise StartError("UPLOADS_URL must be a path such as /kept/, with both strokes.")
    return written


def _mail_url(written: str) -> str:
    parts = _parts(written)
    if parts is None or parts[0] not in ("smtp", "smtps", "smtp+starttls"):
        raise StartError(
            "MAIL_URL must be smtp://, smtps:// or smtp+starttls:// with a host, "
            "such as smtps://name:password@mail.go.id."
        )
    return written


def _parts(written: str) -> tuple[str, str, int | None, str] | None:
    """Scheme, host, port and all that follows; None where one of them cannot be read."""
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        return None
    rest = parts.path + parts.query + parts.fragment
    return (parts.scheme, parts.hostname, port, rest) if parts.hostname else None


def _mail_from(written: str) -> str:
    if not re.fullmatch(r"[^<>@]+@[^<>@\s]+|[^<>@]*<[^<>@\s]+@[^<>@\s]+>", written):
        raise StartError("MAIL_FROM must be an address, such as Kompeten <lms@kota.go.id>.")
    return written


def _certificate_number(written: str) -> str:
    fault = pattern_fault(written)
    if fault:
        raise StartError(
            f"CERTIFICATE_NUMBER {fault}; write it such as {{number}}-{{check}}/BKPSDM/{{year}}."
        )
    return written


def _reminder_days(written: str) -> str:
    days = [day.strip() for day in written.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,4}", day) for day in days):
        raise StartError("CERTIFICATE_REMINDER_DAYS must be whole numbers of days, such as 60,7.")
    return ",".join(days)


def _notice_days(written: str) -> str:
    days = [day.strip() for day in written.split(",")]
    if len(days) > 5 or not all(re.fullmatch(r"[1-9][0-9]?", day) for day in days):
        raise StartError(
            "DEADLINE_NOTICE_DAYS must be up to five numbers of days from 1 to 99, such as 7,1, "
            f"not {written!r}."
        )
    return ",".join(days)


def _log_level(written: str) -> str:
    if written.upper() not in LOG_LEVELS:
        raise StartError(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}.")
    return written.upper()


def _secret_key(written: str) -> str:
    if len(written) < SECRET_MIN:
        raise StartError(f"SECRET_KEY must have at least {SECRET_MIN} characters, made at random.")
    return written


_CHECKS: dict[str, Callable[[str], str]] = {
    "CERTIFICATE_NUMBER": _certificate_number,
    "CERTIFICATE_REMINDER_DAYS": _reminder_days,
    "DATABASE_URL": _database_url,
    "DEADLINE_NOTICE_DAYS": _notice_days,
    "LOG_LEVEL": _log_level,
    "MAIL_FROM": _mail_from,
    "MAIL_URL": _mail_url,
    "SECRET_KEY": _secret_key,
    "SITE_URL": _site_url,
    "UPLOADS_URL": _uploads_url,
}


def flask_config(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions need, made from the settings. Creates the data folders."""
    data = _writable(settings.DATA_DIR, "DATA_DIR")
    _writable(settings.UPLOADS_DIR, "UPLOADS_DIR")
    url = settings.DATABASE_URL or f"sqlite:///{data / 'kompeten.db'}"
    return {
        **{field.name: getattr(settings, field.name) for field in fields(Settings)},
        "CERTIFICATE_LOGO": _logo(settings.CERTIFICATE_LOGO),
        "SECRET_KEY": settings.SECRET_KEY or _kept_secret(data / "secret.key"),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            # Slow downloads hold a thread each, but no connection. On SQLite, where one costs next
            # to nothing, who has the writers' turn must never have to wait for a connection.
            "pool_size": settings.THREADS
            if url.startswith("sqlite")
            else min(settings.THREADS, MOST_CONNECTIONS),
            "max_overflow": 4,
            "pool_use_lifo": True,  # few warm connections rather than all of them lukewarm
            "pool_pre_ping": not url.startswith("sqlite"),
            # A server that takes the connection and says nothing must not hold a thread for long.
            "connect_args": {} if url.startswith("sqlite") else {"connect_timeout": 5},
            "hide_parameters": True,  # an error must not carry names or hashes into the log
        },
        "SESSION_COOKIE_NAME": "__Host-kompeten" if settings.SECURE_COOKIES else "kompeten",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": settings.SECURE_COOKIES,
        "REMEMBER_COOKIE_NAME": "__Host-kompeten-remember"
        if settings.SECURE_COOKIES
        else "kompeten_remember",
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": settings.SECURE_COOKIES,
        "REMEMBER_COOKIE_DURATION": settings.REMEMBER_DAYS * 86400,
        "WTF_I18N_ENABLED": False,  # WTForms has no Indonesian; our validators have their own words
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # the site's own Referrer-Policy may cut the header
        "COMPRESS_BR_LEVEL": 3,  # of what level 4 saves 4 % are lost, and half of its CPU saved
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "DEMO_ACCOUNTS": (),
    }


def _logo(path: str) -> bytes | None:
    """The picture itself; None where the product's mark is to stand."""
    if not path:
        return None
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise StartError(f"CERTIFICATE_LOGO {path} cannot be read: {error.strerror}.") from error
    if len(content) > LOGO_BYTES or not content.startswith(LOGO_KINDS):
        raise StartError("CERTIFICATE_LOGO must be a PNG or JPEG of at most 500 kB.")
    return content


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
        # Written whole before it has its name: another process never reads half of it.
        draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
            os.link(draft, path)
        except FileExistsError:  # another process was faster; its secret holds
            pass
        except OSError as error:
            raise StartError(f"The secret {path} cannot be written: {error.strerror}.") from error
        finally:
            draft.unlink(missing_ok=True)
    try:
        secret = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise StartError(f"The file {path} with the site's secret cannot be read.") from error
    if not is_kept_secret(secret):
        raise StartError(f"The file {path} holds no secret; remove it and a new one is made.")
    return secret


def is_kept_secret(text: str) -> bool:
    """May this stand in the file of the secret? The setting SECRET_KEY may also be other text."""
    return text.isascii() and len(text) >= SECRET_MIN
