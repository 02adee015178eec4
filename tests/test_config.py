"""Settings: each is read, a bad one is told in one sentence, and no secret is repeated in it."""

import multiprocessing
import os
import stat
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from lms.config import LIMITS, PLAIN, SECRET_MIN, Settings, flask_config, from_environment
from lms.core.errors import StartError

KEY = "0123456789abcdef0123456789abcdef"

READ = {
    # name: what is written, what is read
    "DATABASE_URL": ("sqlite:////srv/kompeten.db", "sqlite:////srv/kompeten.db"),
    "SECRET_KEY": (KEY, KEY),
    "DATA_DIR": ("/srv/data", "/srv/data"),
    "UPLOADS_DIR": ("/srv/uploads", "/srv/uploads"),
    "UPLOADS_URL": ("/kept/", "/kept/"),
    "HOST": ("0.0.0.0", "0.0.0.0"),
    "PORT": ("8080", 8080),
    "WORKERS": ("4", 4),
    "THREADS": ("8", 8),
    "SITE_NAME": ("Pemerintah Kabupaten Contoh", "Pemerintah Kabupaten Contoh"),
    "SITE_SHORT_NAME": ("Kab. Contoh", "Kab. Contoh"),
    "SITE_URL": ("https://lms.contoh.go.id/", "https://lms.contoh.go.id"),
    "CERTIFICATE_NUMBER": ("800.2/{number}/{year}", "800.2/{number}/{year}"),
    "CERTIFICATE_ISSUER": ("BKPSDM", "BKPSDM"),
    "CERTIFICATE_PLACE": ("Contoh", "Contoh"),
    "CERTIFICATE_SIGNATORY": ("Budi, M.Si.", "Budi, M.Si."),
    "CERTIFICATE_SIGNATORY_POSITION": ("Kepala", "Kepala"),
    "CERTIFICATE_LOGO": ("/srv/logo.png", "/srv/logo.png"),
    "CERTIFICATE_REMINDER_DAYS": ("90, 30,1", "90,30,1"),
    "MAIL_URL": ("smtps://u:p%40ss@mail.contoh.go.id:465", "smtps://u:p%40ss@mail.contoh.go.id:465"),
    "MAIL_FROM": ("Kompeten <lms@contoh.go.id>", "Kompeten <lms@contoh.go.id>"),
    "PROXIES": ("1", 1),
    "SECURE_COOKIES": ("true", True),
    "SESSION_IDLE_HOURS": ("1", 1),
    "SESSION_DAYS": ("1", 1),
    "REMEMBER_DAYS": ("90", 90),
    "DEADLINE_NOTICE_DAYS": ("14, 3,1", "14,3,1"),
    "LOG_LEVEL": ("debug", "DEBUG"),
    "DEMO": ("no", False),
}  # fmt: skip


def test_every_setting_is_tried_here() -> None:
    assert set(READ) == {field.name for field in fields(Settings)}
    assert set(LIMITS) == {field.name for field in fields(Settings) if field.type is int}


@pytest.mark.parametrize("name", READ)
def test_each_setting_is_read(name: str) -> None:
    written, expected = READ[name]
    settings = from_environment({name: written})
    assert getattr(settings, name) == expected
    others = {field.name for field in fields(Settings)} - {name, "SITE_URL"}
    others -= PLAIN.keys() if name == "SITE_NAME" else set()
    assert all(getattr(settings, other) == getattr(Settings(), other) for other in others)


def test_an_office_with_a_name_of_its_own_has_nobody_elses_official() -> None:
    settings = from_environment({"SITE_NAME": "Pemerintah Kabupaten Contoh"})
    assert {name: getattr(settings, name) for name in PLAIN} == PLAIN
    both = from_environment({"SITE_NAME": "Contoh", "CERTIFICATE_SIGNATORY": "Budi, M.Si."})
    assert both.CERTIFICATE_SIGNATORY == "Budi, M.Si."


@pytest.mark.parametrize(
    ("content", "fine"),
    [
        (b"\x89PNG\r\n\x1a\n and more", True), (b"\xff\xd8\xff\xe0", True),
        (b"<svg/>", False), (b"", False), (b"\xff\xd8\xff" + b"x" * 500_000, False),
    ],
)  # fmt: skip
def test_a_logo_is_looked_at_before_the_start(tmp_path: Path, content: bytes, fine: bool) -> None:
    logo = tmp_path / "logo"
    logo.write_bytes(content)
    settings = Settings(
        DATA_DIR=str(tmp_path), UPLOADS_DIR=str(tmp_path), CERTIFICATE_LOGO=str(logo)
    )
    if fine:
        assert flask_config(settings)["CERTIFICATE_LOGO"] == content
    else:
        with pytest.raises(StartError, match="PNG or JPEG"):
            flask_config(settings)
    logo.unlink()
    with pytest.raises(StartError, match="cannot be read"):
        flask_config(settings)


def test_an_empty_environment_gives_a_fresh_machine() -> None:
    assert from_environment({}) == Settings(SITE_URL="http://127.0.0.1:8000")
    assert from_environment(dict.fromkeys(READ, "")) == from_environment({})
    assert from_environment({"SOMETHING_ELSE": "x"}) == from_environment({})


def test_without_an_address_of_its_own_the_site_is_where_it_listens() -> None:
    """Else the links in its mail would lead nowhere."""
    assert from_environment({"PORT": "9000"}).SITE_URL == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("written", "expected"),
    [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("no", False), ("False", False)],
)
def test_yes_and_no(written: str, expected: bool) -> None:
    assert from_environment({"SECURE_COOKIES": written}).SECURE_COOKIES is expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgres://u:p@h:5433/d?sslmode=require", "postgresql+psycopg://u:p@h:5433/d?sslmode=require"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql:///d?host=/run/postgresql", "postgresql+psycopg:///d?host=%2Frun%2Fpostgresql"),
        ("postgresql://u:p%40%2Fss@h/d", "postgresql+psycopg://u:p%40%2Fss@h/d"),
    ],
)  # fmt: skip
def test_postgresql_is_spoken_by_the_driver_at_hand(written: str, read: str) -> None:
    assert read == from_environment({"DATABASE_URL": written}).DATABASE_URL


BAD = [
    ("PORT", "eight"), ("PORT", "0"), ("PORT", "65536"), ("PORT", "-1"), ("PORT", "80.0"),
    ("PORT", "８０００"), ("PORT", "9" * 30), ("PORT", " 8000"),
    ("WORKERS", "65"), ("THREADS", "0"), ("PROXIES", "many"), ("SESSION_DAYS", "0"),
    ("SESSION_IDLE_HOURS", "1e3"), ("REMEMBER_DAYS", "99999999"),
    ("DEADLINE_NOTICE_DAYS", "0"), ("DEADLINE_NOTICE_DAYS", "7,"), ("DEADLINE_NOTICE_DAYS", "100"),
    ("DEADLINE_NOTICE_DAYS", "9,8,7,6,5,4"),
    ("SECURE_COOKIES", "maybe"), ("SECURE_COOKIES", "2"),
    ("LOG_LEVEL", "LOUD"), ("LOG_LEVEL", "10"),
    ("DATABASE_URL", "mysql://u:geheim@h/d"), ("DATABASE_URL", "kompeten.db"),
    ("DATABASE_URL", "sqlite://"), ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "postgresql://u:geheim@h:port/d"), ("DATABASE_URL", "://"),
    ("CERTIFICATE_NUMBER", "{number}"), ("CERTIFICATE_NUMBER", "{number}/{year}/{unit}"),
    ("CERTIFICATE_REMINDER_DAYS", "60;7"), ("CERTIFICATE_REMINDER_DAYS", "-7"),
    ("SECRET_KEY", "geheim"), ("SECRET_KEY", "x" * (SECRET_MIN - 1)),
    ("SITE_URL", "lms.contoh.go.id"), ("SITE_URL", "ftp://x"), ("SITE_URL", "https://x/lms"),
    ("SITE_URL", "https://"), ("SITE_URL", "https://x:port"), ("SITE_URL", "https://x?a"),
    ("MAIL_URL", "mail.contoh.go.id:25"), ("MAIL_URL", "http://u:geheim@h"), ("MAIL_URL", "smtp://"),
    ("MAIL_URL", "smtp://u:geheim@h:port"), ("MAIL_URL", "smtp://h:99999"),
    ("MAIL_FROM", "Kompeten"), ("MAIL_FROM", "a@b@c"), ("MAIL_FROM", "x <a@b>, <c@d>"),
    ("UPLOADS_URL", "kept"), ("UPLOADS_URL", "/"), ("UPLOADS_URL", "/kept"),
    ("UPLOADS_URL", "/../"), ("UPLOADS_URL", "https://x/"),
    ("MAIL_FROM", "a@b\nBcc: c@d"), ("SITE_NAME", "Kota\nContoh"), ("HOST", "a\x00b"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "written"), BAD, ids=lambda value: repr(value)[:30])
def test_a_bad_value_is_one_sentence_that_names_the_setting(name: str, written: str) -> None:
    with pytest.raises(StartError) as refused:
        from_environment({name: written})
    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "geheim" not in sentence


def config(folder: Path, **values: object) -> dict[str, object]:
    return flask_config(
        Settings(DATA_DIR=str(folder / "data"), UPLOADS_DIR=str(folder / "up"), **values)  # type: ignore[arg-type]  # all text
    )


def test_the_folders_are_made(tmp_path: Path) -> None:
    config(tmp_path)
    assert (tmp_path / "data").is_dir()
    assert (tmp_path / "up").is_dir()
    assert [path.name for path in (tmp_path / "up").iterdir()] == []
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


@pytest.mark.parametrize(("name", "made"), [("DATA_DIR", "data"), ("UPLOADS_DIR", "up")])
@pytest.mark.parametrize("obstacle", ["a file", "below a file"])
def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, name: str, made: str, obstacle: str
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    folders = {"DATA_DIR": str(tmp_path / "data"), "UPLOADS_DIR": str(tmp_path / "up")}
    folders[name] = str(blocked if obstacle == "a file" else blocked / made)
    with pytest.raises(StartError) as refused:
        flask_config(Settings(**folders))  # type: ignore[arg-type]  # all text
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="the root user may write everywhere")
def test_a_folder_without_the_right_to_write_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(StartError, match="DATA_DIR"):
        config(tmp_path)


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = config(tmp_path)["SECRET_KEY"]
    assert config(tmp_path)["SECRET_KEY"] == first
    path = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert isinstance(first, str)
    assert len(bytes.fromhex(first)) == 32
    assert config(tmp_path / "other")["SECRET_KEY"] != first


def test_a_secret_from_the_environment_leaves_no_file(tmp_path: Path) -> None:
    assert config(tmp_path, SECRET_KEY=KEY)["SECRET_KEY"] == KEY
    assert not (tmp_path / "data" / "secret.key").exists()


@pytest.mark.parametrize("content", ["", "\n", "short", "ä" * 40])
def test_a_damaged_secret_is_told_and_never_used(tmp_path: Path, content: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret.key").write_text(content)
    with pytest.raises(StartError, match=r"secret\.key"):
        config(tmp_path)


def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, found = context.Barrier(6), context.Queue()

    def start() -> None:
        barrier.wait(10)
        found.put(config(tmp_path)["SECRET_KEY"])

    processes = [context.Process(target=start) for _ in range(6)]
    for process in processes:
        process.start()
    secrets = [found.get(timeout=30) for _ in processes]
    for process in processes:
        process.join(30)
    assert len(set(secrets)) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


MADE = [
    # setting, key of the configuration, value
    ({}, "SESSION_COOKIE_NAME", "kompeten"),
    ({"SECURE_COOKIES": True}, "SESSION_COOKIE_NAME", "__Host-kompeten"),
    ({"SECURE_COOKIES": True}, "SESSION_COOKIE_SECURE", True),
    ({"SECURE_COOKIES": True}, "REMEMBER_COOKIE_SECURE", True),
    ({}, "SESSION_COOKIE_HTTPONLY", True),
    ({}, "SESSION_COOKIE_SAMESITE", "Lax"),
    ({"REMEMBER_DAYS": 2}, "REMEMBER_COOKIE_DURATION", 2 * 86400),
    ({}, "WTF_CSRF_TIME_LIMIT", None),
    ({"DATABASE_URL": "sqlite:////x"}, "SQLALCHEMY_DATABASE_URI", "sqlite:////x"),
]


@pytest.mark.parametrize(("values", "key", "made"), MADE)
def test_what_flask_is_told(
    tmp_path: Path, values: Mapping[str, object], key: str, made: object
) -> None:
    assert config(tmp_path, **values)[key] == made


def test_the_database_is_in_the_data_folder_and_hides_its_values(tmp_path: Path) -> None:
    made = config(tmp_path, THREADS=5)
    assert made["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path / 'data' / 'kompeten.db'}"
    options = made["SQLALCHEMY_ENGINE_OPTIONS"]
    assert isinstance(options, dict)
    assert options["hide_parameters"] is True
    assert options["pool_size"] == 5  # one connection for every thread, up to a limit
    for url, size in (("sqlite:////x", 500), ("postgresql://x/y", 32)):
        many = config(tmp_path, THREADS=500, DATABASE_URL=url)["SQLALCHEMY_ENGINE_OPTIONS"]
        assert isinstance(many, dict)
        assert many["pool_size"] == size
