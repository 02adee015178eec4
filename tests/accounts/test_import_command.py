"""`flask people import` and `undo-import`."""

import re
from pathlib import Path

import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from lms.accounts.models import Person
from lms.core.db import db
from tests.accounts.importing import csv, nip, person
from tests.cast import Cast


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["people", *words])


def is_there(app: Flask, number: int) -> bool:
    with app.app_context():
        return db.session.scalar(sa.select(Person.id).where(Person.nip == nip(number))) is not None


def test_looked_at_applied_and_taken_back(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "pegawai.csv"
    file.write_bytes(csv([person(1), person(2)]).read())
    looked = run(app, "import", str(file))
    assert (looked.exit_code, is_there(app, 1)) == (0, False)
    assert "2 new, 0 changed, 0 same, 0 faulty" in looked.output
    applied = run(app, "import", str(file), "--apply", "whole")
    assert (applied.exit_code, is_there(app, 1)) == (0, True)
    assert "2 rows applied." in applied.output
    again = run(app, "import", str(file), "--apply", "whole")
    assert again.exit_code == 0
    assert "0 new, 0 changed, 2 same, 0 faulty" in again.output
    found = re.search(r"Import ([0-9a-f-]{36})", applied.output)
    assert found is not None
    undone = run(app, "undo-import", found[1])
    assert (undone.exit_code, is_there(app, 1)) == (0, False)
    assert "2 rows taken back, 0 stay." in undone.output


def test_faulty_rows_are_named_and_the_exit_code_says_so(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "pegawai.csv"
    file.write_bytes(csv([person(1), person(2, unit="Z")]).read())
    refused = run(app, "import", str(file), "--apply", "whole")
    assert (refused.exit_code, is_there(app, 1)) == (1, False)
    assert "3: unit: Tidak ada unit dengan kode ini." in refused.output
    assert "baris yang salah" in refused.output
    passed = run(app, "import", str(file), "--apply", "rows")
    assert (passed.exit_code, is_there(app, 1)) == (1, True)
    assert "1 rows applied." in passed.output


def test_a_file_that_is_none(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"\x00\x01")
    assert run(app, "import", str(file)).exit_code == 1
    assert run(app, "import", str(tmp_path / "no.csv")).exit_code == 2
    missing = run(app, "undo-import", "00000000-0000-0000-0000-000000000000")
    assert (missing.exit_code, "There is no import" in missing.output) == (1, True)
