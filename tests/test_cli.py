"""The commands of an operator: clear answers, and every mistake in one sentence."""

import os
import re
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from lms import create_app
from lms.accounts.models import Person, Placement, RoleGrant
from lms.competencies.models import CompetencyState, Evidence, HourEntry
from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient
from tests.learning.answers import take
from tests.postgres import new_database
from tests.sample_course import import_course, write_course

NIP = "199501012020122001"


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def run(runner: FlaskCliRunner, *args: str, fails: bool = False) -> str:
    result = runner.invoke(args=list(args))
    assert result.exit_code == (1 if fails else 0), result.output
    assert "Traceback" not in result.output
    return result.output


def add(runner: FlaskCliRunner, *more: str, nip: str = NIP, fails: bool = False) -> str:
    return run(
        runner, "people", "add", nip, "Putri Maharani", "--unit", "KOTA", "--position", "STAF",
        "--password", "padi-menguning-lagi", *more, fails=fails,
    )  # fmt: skip


@pytest.fixture
def office(runner: FlaskCliRunner) -> None:
    run(runner, "people", "add-unit", "KOTA", "Kota Baru")
    run(runner, "people", "add-unit", "DINAS", "Dinas Baru", "--parent", "KOTA")
    run(runner, "people", "add-position", "STAF", "Staf", "--tier", "pelaksana")


def test_without_tables_every_command_says_what_to_do(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    on_postgresql = os.environ.get("TEST_DATABASE") == "postgresql"
    url = new_database(tmp_path_factory) if on_postgresql else f"sqlite:///{tmp_path / 'new.db'}"
    empty = create_app(DATABASE_URL=url, DATA_DIR=str(tmp_path), UPLOADS_DIR=str(tmp_path / "up"))
    course = write_course(tmp_path)
    for command in (["courses", "check", str(course)], ["records", "verify"]):
        told = run(empty.test_cli_runner(), *command, fails=True)
        assert "run `flask --app app setup`" in told
    with empty.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("office")
def test_a_first_person_is_added_placed_and_must_change_the_password(
    app: Flask, runner: FlaskCliRunner
) -> None:
    assert "Putri Maharani added" in add(runner, "--email", "putri@contoh.test", "--head")
    with app.app_context():
        person = db.session.scalars(sa.select(Person)).one()
        assert person.initial_password_at is not None
        assert db.session.scalars(sa.select(Placement)).one().heads_unit


def test_warnings_are_told_and_stop_only_who_wants_them_to(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    folder = str(write_course(tmp_path))
    found = run(runner, "courses", "check", folder)
    assert "01-dasar/04-akhir.gift:9: warning: 4 dari 4 pilihan tanpa umpan balik" in found
    assert found.endswith(" peringatan.\n")
    assert run(runner, "courses", "check", folder, "--strict", fails=True) == found
    done = run(runner, "courses", "import", folder)
    assert "04-akhir.gift:9: warning: " in done
    assert "versi 1 terbit" in done


def test_a_course_is_checked_and_imported_in_the_language_that_is_asked_for(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    folder = write_course(tmp_path)
    english = ("--language", "en")
    found = run(runner, "courses", "check", str(folder), *english)
    assert "01-dasar/04-akhir.gift:9: warning: 4 of 4 options have no feedback; write" in found
    assert re.search(r": no problems, [0-9]+ warnings\.\n\Z", found)
    quiz = folder / "01-dasar" / "04-akhir.toml"
    quiz.write_text(quiz.read_text().replace("pass = 70", 'pass = "70"\nclose = 1'))
    for command, count in (
        ("check", "2 problems found."),
        ("import", "Error: 2 problems; nothing was published."),
    ):
        found = run(runner, "courses", command, str(folder), *english, fails=True)
        assert '01-dasar/04-akhir.toml:4: The setting "pass" must be a number.' in found
        assert 'The setting "close" is not known; perhaps "closes" is meant.' in found
        assert found.endswith(f"{count}\n")
    assert 'Pengaturan "pass" harus angka.' in run(
        runner, "courses", "check", str(folder), fails=True
    )
    write_course(tmp_path)
    done = run(runner, "courses", "import", str(folder), *english)
    assert "melayani: version 1 published; 0 learners moved." in done
    again = run(runner, "courses", "import", str(folder), *english)
    assert "melayani: unchanged, still version 1." in again


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("people", "add-unit", "KOTA", "Lagi"), "sudah dipakai"),
        (("people", "add-unit", "X", "X", "--parent", "NOPE"), "There is no unit NOPE"),
        (("people", "add-unit", "X", "X", "--time-zone", "Asia/Nowhere"), "bukan WIB"),
        (("people", "add-position", "STAF", "Staf", "--tier", "pelaksana"), "sudah dipakai"),
        (("people", "grant", "nobody@x", "admin", "KOTA", "--reason", "SK"), "There is nobody"),
        (("people", "place", NIP, "--unit", "KOTA", "--position", "STAF"), "There is nobody"),
        (("people", "set-password", "nobody@x", "--password", "hujan-di-bulan-juni"),
         "There is nobody"),
        (("records", "reverse", "00000000-0000-4000-8000-000000000000", "--reason", "x"),
         "There is no entry"),
        (("courses", "check", "nowhere"), "masalah"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_in_one_sentence(
    runner: FlaskCliRunner, args: tuple[str, ...], words: str
) -> None:
    assert words in run(runner, *args, fails=True)


@pytest.mark.usefixtures("office")
def test_a_faulty_person_leaves_nothing_behind(app: Flask, runner: FlaskCliRunner) -> None:
    assert "NIP" in add(runner, nip="123", fails=True)
    assert "There is no position" in run(
        runner, "people", "add", NIP, "X Y", "--unit", "KOTA", "--position", "NOPE",
        "--password", "padi-menguning-lagi", fails=True,
    )  # fmt: skip
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


@pytest.mark.usefixtures("office")
def test_roles_are_granted_and_accounts_closed(app: Flask, runner: FlaskCliRunner) -> None:
    add(runner)
    run(runner, "people", "grant", NIP, "admin", "KOTA", "--reason", "SK 7/2026")
    common = ("people", "set-password", NIP, "--password", "Qwerty-Uiop")
    assert "mudah ditebak" in run(runner, *common, fails=True)
    run(runner, "people", "set-password", NIP, "--password", "hujan-di-bulan-juni")
    run(runner, "people", "deactivate", NIP)
    with app.app_context():
        assert db.session.scalars(sa.select(RoleGrant)).one().reason == "SK 7/2026"
        assert db.session.scalars(sa.select(Person)).one().deactivated_at is not None


def test_records_are_verified_and_an_entry_is_taken_back(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, runner: FlaskCliRunner
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    for key in ("sapa", "dengar"):
        client.send(f"/courses/melayani/learn/{key}/done")
    for key in ("kuis-1", "akhir"):
        take(client, "melayani", key, right=True)
    assert "intact" in run(runner, "records", "verify")
    with app.app_context():
        evidence = str(db.session.scalars(sa.select(Evidence.uuid)).first())
        hours = str(db.session.scalars(sa.select(HourEntry.uuid)).one())
    for uuid in (evidence, hours):
        assert "Taken back" in run(runner, "records", "reverse", uuid, "--reason", "Salah catat")
        again = run(runner, "records", "reverse", uuid, "--reason", "Lagi", fails=True)
        assert "sudah dibatalkan" in again
    assert "intact" in run(runner, "records", "verify")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.sum(HourEntry.hours))) == 0
        levels = db.session.scalars(sa.select(CompetencyState.level))
        assert sorted(levels) == [0, 1]


def test_a_stored_level_that_is_not_the_ledgers_is_found_and_mended(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, runner: FlaskCliRunner
) -> None:
    test_records_are_verified_and_an_entry_is_taken_back(app, client, cast, tmp_path, runner)
    with app.app_context(), db.engine.begin() as behind:
        behind.execute(sa.update(CompetencyState).values(level=5))
    assert "not the ledger's" in run(runner, "records", "verify", fails=True)
    assert "2 levels written anew" in run(runner, "records", "rebuild-levels")
    assert "intact" in run(runner, "records", "verify")


def test_a_withdrawn_learner_enrols_anew_with_fresh_attempts(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, runner: FlaskCliRunner
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path, attempts=1))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    take(client, "melayani", "akhir", right=False)
    assert "Semua kesempatan sudah dipakai" in client.get("/courses/melayani/learn/akhir").get_data(
        as_text=True
    )
    args = ("learning", "withdraw", "sari@contoh.test", "melayani", "--reason", "Gangguan jaringan")
    assert "is closed" in run(runner, *args)
    assert "Tidak ada kursus" in run(runner, *args, fails=True)
    page = client.get("/courses/melayani").get_data(as_text=True)
    assert "Daftar kursus ini" in page
    client.send("/courses/melayani/enrol")
    uuid = take(client, "melayani", "akhir", right=True)
    assert "Anda lulus" in client.get(f"/attempts/{uuid}/result").get_data(as_text=True)


@pytest.mark.usefixtures("office")
def test_an_acting_head_is_ended_by_command(app: Flask, runner: FlaskCliRunner) -> None:
    add(runner)
    place = ("people", "place", NIP, "--unit", "DINAS", "--position", "STAF", "--acting", "--head")
    run(runner, *place, "--until", "2099-12-31")
    assert "1 placements end" in run(runner, "people", "end-placement", NIP, "--unit", "DINAS")
    with app.app_context():
        ends = db.session.scalars(sa.select(Placement.end_on).order_by(Placement.id)).all()
        assert ends[0] is None
        assert ends[1] is not None
        assert ends[1].year < 2099


@pytest.mark.usefixtures("office")
def test_a_placement_ends_on_the_day_that_the_command_names(
    app: Flask, runner: FlaskCliRunner
) -> None:
    add(runner)
    place = ("people", "place", NIP, "--unit", "DINAS", "--position", "STAF", "--acting")
    run(runner, *place, "--until", "2099-12-31")
    with app.app_context():
        ends = db.session.scalars(sa.select(Placement.end_on).order_by(Placement.id)).all()
        assert ends == [None, date(2099, 12, 31)]
    words = run(runner, *place, "--until", "2000-01-01", fails=True)
    assert "tidak dapat berakhir sebelum mulai" in words


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("add-unit", "K" * 41, "Kota"), "Isi kode, paling banyak 40 karakter"),
        (("add-unit", " ", "Kota"), "Isi kode, paling banyak 40 karakter"),
        (("add-unit", "K", "K" * 161), "Isi nama, paling banyak 160 karakter"),
        (("add-unit", "K", ""), "Isi nama, paling banyak 160 karakter"),
        (("add-position", "P" * 41, "Staf", "--tier", "pelaksana"), "Isi kode, paling banyak"),
        (("add-position", "P", "S" * 161, "--tier", "pelaksana"), "Isi nama, paling banyak"),
        (("grant", NIP, "hr", "KOTA", "--reason", "S" * 301), "Isi alasan, paling banyak 300"),
        (("grant", NIP, "hr", "KOTA", "--reason", " "), "Isi alasan, paling banyak 300"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_on_both_databases(
    app: Flask, runner: FlaskCliRunner, args: tuple[str, ...], words: str
) -> None:
    """SQLite would store texts of any length, and PostgreSQL answer with a fault of ours."""
    add(runner)
    assert words in run(runner, "people", *args, fails=True)


def test_the_sweeps_run_once_on_demand(runner: FlaskCliRunner) -> None:
    assert "Swept" in run(runner, "jobs", "sweep")
