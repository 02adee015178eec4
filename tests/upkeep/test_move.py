"""The move from SQLite to PostgreSQL: every row, compared, or nothing at all."""

import sqlite3
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.engine import Engine

from lms.core.db import db, writers_kept_out
from lms.notifications.models import Notification
from lms.upkeep import records
from lms.upkeep.move import move
from tests.cast import PEOPLE
from tests.client import PageClient
from tests.postgres import new_database
from tests.upkeep.conftest import SERVER, Kept, Places, close, counts, file_of
from tests.upkeep.killing import Tick, was_killed

pytestmark = pytest.mark.skipif(SERVER, reason="the run on SQLite moves to PostgreSQL")


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_database(tmp_path_factory)


@pytest.fixture
def moving(small: Kept, places: Places) -> Iterator[Flask]:
    """A small site that may be harmed."""
    app = places.copy_of(small.app)
    yield app
    close(app)


def run(app: Flask, *args: str, fails: bool = False) -> str:
    runner: FlaskCliRunner = app.test_cli_runner()
    result = runner.invoke(args=["move-to-postgres", *args])
    assert result.exit_code == (1 if fails else 0), result.output
    assert "Traceback" not in result.output
    return str(result.output)


def tables_of(url: str) -> list[str]:
    engine = sa.create_engine(url)
    found = sa.inspect(engine).get_table_names()
    engine.dispose()
    return found


def refused(app: Flask, url: str) -> str:
    """The sentence of a move that fails; the target is as empty as before."""
    said = run(app, url, fails=True)
    assert tables_of(url) == []
    return said


def values(app: Flask) -> dict[str, list[str]]:
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(str(row) for row in connection.execute(sa.select(table)))
            for table in db.metadata.sorted_tables
        }


def test_a_thousand_people_arrive_row_by_row_and_the_source_stays(
    kept: Kept, places: Places, target: str
) -> None:
    close(kept.app)
    before = file_of(kept.app).read_bytes()
    said = run(kept.app, target)
    close(kept.app)
    assert file_of(kept.app).read_bytes() == before
    rows = counts(kept.app)
    assert f"person: {rows['person']} rows" in said
    assert f"Moved {sum(rows.values()) - 1} rows" in said  # alembic_version is not moved
    app = places.new(target)
    assert counts(app) == rows
    assert values(app) == values(kept.app)
    with app.app_context():
        assert list(records.faults()) == []
        db.session.remove()
    app.config["SECRET_KEY"] = kept.app.config["SECRET_KEY"]
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(kept.cast.people["learner"])
    assert "Melayani dengan ramah" in client.get("/my/hours").get_data(as_text=True)
    close(app)


def test_new_rows_get_numbers_after_those_that_came(
    moving: Flask, places: Places, target: str
) -> None:
    run(moving, target)
    app = places.new(target)
    added = app.test_cli_runner().invoke(args=["people", "add-unit", "BARU", "Unit Baru"])
    assert added.exit_code == 0, added.output
    closed = app.test_cli_runner().invoke(args=["people", "deactivate", "sari@contoh.test"])
    assert closed.exit_code == 0, closed.output
    with app.app_context(), db.engine.connect() as connection:
        assert sa.inspect(connection).get_foreign_keys("placement")
        db.session.remove()
    close(app)


def test_rows_that_name_later_ones_arrive(moving: Flask, places: Places, target: str) -> None:
    """A unit below one with a higher number; and NULL in JSON is no text."""
    with moving.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(sa.text("UPDATE unit SET parent_id = 4 WHERE id = 3"))
        connection.execute(
            sa.insert(Notification).values(
                person_id=1, kind="course_completed", url="/x", created_at=sa.func.now(),
                values={"title": "“ñ” 😀", "n": None},
            )
        )  # fmt: skip
    run(moving, target)
    app = places.new(target)
    assert values(app) == values(moving)
    close(app)


def test_a_target_with_anything_in_it_is_refused(moving: Flask, target: str) -> None:
    run(moving, target)
    assert "not empty" in run(moving, target, fails=True)


@pytest.mark.parametrize(
    "url",
    ["sqlite:///x.db", "mysql://u:rahasia@h/d", "rahasia", "postgresql://u:rahasia@h:x/d"],
)
def test_an_address_that_is_no_postgresql_is_refused(moving: Flask, url: str) -> None:
    said = run(moving, url, fails=True)
    assert "TARGET_URL must begin with postgresql://" in said
    assert "rahasia" not in said


def test_a_server_that_is_not_there_is_one_sentence(moving: Flask) -> None:
    said = run(moving, "postgresql://u:rahasia@127.0.0.1:1/none", fails=True)
    assert said.startswith("Error: The database cannot be used:")
    assert "rahasia" not in said


BAD_ROWS = {
    "too long": "UPDATE person SET name = printf('%.*c', 500, 'x') WHERE id = 2",
    "a NUL": "UPDATE person SET name = 'a' || char(0) || 'b' WHERE id = 2",
    "no such value": "UPDATE person SET employment = 'honorer' WHERE id = 2",
    "no JSON": "UPDATE question SET tags = '[' WHERE id = 1",
    "a broken key": "UPDATE placement SET unit_id = 99 WHERE id = 2",
}


@pytest.mark.parametrize("how", BAD_ROWS)
def test_a_row_that_cannot_be_moved_is_named_and_nothing_is(
    moving: Flask, target: str, how: str
) -> None:
    close(moving)
    with sqlite3.connect(file_of(moving)) as behind:
        behind.execute(BAD_ROWS[how])
    behind.close()
    table = BAD_ROWS[how].split()[1]
    assert table in refused(moving, target)


def test_records_with_faults_are_not_moved(moving: Flask, target: str) -> None:
    with moving.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER evidence_refuses_delete"))
    assert "evidence_refuses_delete is missing" in refused(moving, target)


def test_a_site_that_is_not_migrated_is_not_moved(places: Places, target: str) -> None:
    app = places.new()
    assert "run flask setup first" in refused(app, target)
    close(app)


def test_nobody_writes_meanwhile(moving: Flask) -> None:
    with moving.app_context(), writers_kept_out() as source:
        other = sqlite3.connect(file_of(moving), timeout=0)
        assert source.scalar(sa.text("SELECT count(*) FROM person")) == len(PEOPLE)
        assert other.execute("SELECT count(*) FROM person").fetchone() == (len(PEOPLE),)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM credential_try")
        other.close()


def test_killed_in_the_middle_the_target_stays_empty(moving: Flask, target: str) -> None:
    close(moving)

    def act() -> None:
        with moving.app_context():
            move(target)

    def count(tick: Tick) -> None:
        sa.event.listen(Engine, "before_cursor_execute", lambda *_: tick())
        sa.event.listen(Engine, "commit", lambda *_: tick())

    step, killed = 20, 0
    while was_killed(step, act, count):
        assert tables_of(target) == []
        step, killed = step + 1 + step // 3, killed + 1
    assert killed > 6
    assert "person" in tables_of(target)
