"""Units and positions from a file."""

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import Position, Unit
from lms.accounts.queries import unit_by_code
from lms.accounts.rules import PositionKind, PositionTier
from lms.accounts.rules.importing import ImportKind, Outcome, Verdict
from lms.core.db import db
from tests.accounts.importing import apply, counts, faults, person, receive, rows, undo
from tests.cast import Cast

UNITS, POSITIONS = ImportKind.UNITS, ImportKind.POSITIONS


def snapshot() -> list[list[object]]:
    tables = (Unit.__table__, Position.__table__)
    return [
        [tuple(row) for row in db.session.execute(sa.select(t).order_by(t.c.id))] for t in tables
    ]


TREE = [
    {"kode": "C", "nama": "Dinas C", "induk": "CITY", "zona": "WIT"},
    {"kode": "C1", "nama": "Bidang C1", "induk": "C"},
    {"kode": "A", "nama": "Dinas A yang Baru"},
]


def test_a_tree_in_one_file_applied_twice_and_taken_back(context: Flask, cast: Cast) -> None:
    before = snapshot()
    uuid = receive(TREE, UNITS)
    assert [row.verdict for row in rows(uuid)] == ["new", "new", "changed"]
    assert snapshot() == before
    apply(uuid)
    below, above = unit_by_code("C1"), unit_by_code("C")
    assert below is not None
    assert above is not None
    assert below.path == f"{above.path}{below.id}/"
    assert below.time_zone == "Asia/Jayapura"
    assert counts(receive(TREE, UNITS)).verdicts == {Verdict.SAME: 3}
    assert undo(uuid).outcomes == {Outcome.UNDONE: 3}
    assert snapshot() == before


def test_a_unit_in_which_somebody_stands_stays(context: Flask, cast: Cast) -> None:
    uuid = receive(TREE, UNITS)
    apply(uuid)
    apply(receive([person(1, unit="C1")]))
    assert undo(uuid).outcomes == {Outcome.KEPT: 2, Outcome.UNDONE: 1}
    kept = {row.number: row.trace["kept"] for row in rows(uuid) if "kept" in row.trace}
    assert kept == {2: "in_use", 3: "in_use"}


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ([{"kode": "", "nama": "X", "induk": "CITY"}], {2: [("kode", "required")]}),
        ([{"kode": "C", "induk": "CITY"}], {2: [("nama", "required")]}),
        ([{"kode": "C", "nama": "X", "induk": "ZZ"}], {2: [("induk", "above_unknown")]}),
        ([{"kode": "C", "nama": "X", "induk": "CITY", "zona": "GMT"}], {2: [("zona", "zone")]}),
        ([{"kode": "A1", "induk": "B"}], {2: [("induk", "above_moved")]}),
        ([{"kode": "CONTOH-01", "nama": "X"}], {2: [("kode", "example")]}),
        (
            [
                {"kode": "C1", "nama": "X", "induk": "C"},
                {"kode": "C", "nama": "X", "induk": "CITY"},
            ],
            {2: [("induk", "above_unknown")]},
        ),
        (
            [{"kode": "C", "induk": "CITY"}, {"kode": "C1", "nama": "X", "induk": "C"}],
            {2: [("nama", "required")], 3: [("induk", "above_faulty")]},
        ),
    ],
)
def test_faults_of_units(
    context: Flask, cast: Cast, file: list[dict[str, str]],
    wanted: dict[int, list[tuple[str, str]]],
) -> None:  # fmt: skip
    assert faults(receive(file, UNITS)) == wanted


def test_positions(context: Flask, cast: Cast) -> None:
    before = snapshot()
    file = [
        {"kode": "arsiparis-1", "nama": "Arsiparis Ahli Pertama", "jenjang": "Ahli Pertama"},
        {"kode": "jf", "jenjang": "ahli_muda"},
        {"kode": "plk", "nama": "Pengelola Layanan Operasional"},
    ]
    uuid = receive(file, POSITIONS)
    assert [row.verdict for row in rows(uuid)] == ["new", "changed", "same"]
    apply(uuid)
    new = db.session.scalars(sa.select(Position).where(Position.code == "arsiparis-1")).one()
    assert (new.tier, new.kind) == (PositionTier.AHLI_PERTAMA, PositionKind.FUNGSIONAL)
    assert undo(uuid).outcomes == {Outcome.UNDONE: 2}
    assert snapshot() == before
    assert faults(receive([{"kode": "x", "nama": "X", "jenjang": "lurah"}], POSITIONS)) == {
        2: [("jenjang", "choice")]
    }
