"""People from a file: the difference, applied, applied again, taken back."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import activation, imports, people, placements
from lms.accounts.models import Person, Placement, Position, Unit
from lms.accounts.queries import position_by_code, unit_by_code
from lms.accounts.rules.importing import ImportState, Outcome, Verdict
from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.upkeep import records
from tests.accounts.importing import (
    apply,
    counts,
    faults,
    nip,
    person,
    receive,
    rows,
    run_of,
    undo,
    work,
)
from tests.cast import Cast

SARI = "199004042015042004"  # learner: Bidang A1, pengelola
DAUD = "199105052019211005"


def snapshot() -> list[list[object]]:
    """Everything that an import of people can change."""
    tables = (Person.__table__, Placement.__table__)
    return [
        [tuple(row) for row in db.session.execute(sa.select(t).order_by(t.c.id))] for t in tables
    ]


def placements_of(number: str) -> list[tuple[str, str, bool, date, date | None]]:
    found = db.session.scalars(
        sa.select(Placement)
        .join(Person)
        .where(Person.nip == number)
        .order_by(Placement.start_on, Placement.id)
    )
    return [(p.unit.code, p.position.code, p.heads_unit, p.start_on, p.end_on) for p in found]


def test_new_changed_same_and_faulty_are_told_apart(context: Flask, cast: Cast) -> None:
    before = snapshot()
    uuid = receive(
        [
            person(1, surel="Satu@Contoh.TEST"),
            {"nip": SARI, "surel": "sari.baru@contoh.test"},
            {"nip": DAUD, "nama": "Daud Kogoya", "status": "pppk"},
            person(2, unit="TIDAK-ADA", jabatan="?", surel="bukan"),
        ]
    )
    assert [row.verdict for row in rows(uuid)] == ["new", "changed", "same", "faulty"]
    assert rows(uuid)[1].changes == {"surel": ["sari@contoh.test", "sari.baru@contoh.test"]}
    assert faults(uuid) == {5: [("surel", "email")]}
    assert run_of(uuid).state is ImportState.READY
    assert snapshot() == before


def test_applied_twice_the_same_file_changes_nothing(context: Flask, cast: Cast) -> None:
    file = [
        person(1, surel="satu@contoh.test", memimpin="ya"),
        {"nip": SARI, "nama": "Sari Wulandari, S.Kom.", "unit": "A", "jabatan": "jf",
         "mulai": "2026-03-01"},
        person(2, penempatan="plt", sampai="2027-12-31"),
    ]  # fmt: skip
    done = apply(receive(file))
    assert done.outcomes == {Outcome.APPLIED: 3}
    assert placements_of(nip(1)) == [("A1", "plk", True, date(2026, 1, 31), None)]
    assert placements_of(nip(2)) == [("A1", "plk", False, date(2026, 1, 31), date(2027, 12, 31))]
    assert placements_of(SARI)[-1] == ("A", "jf", False, date(2026, 3, 1), None)
    assert placements_of(SARI)[0][4] == date(2026, 2, 28)
    after = snapshot()
    again = receive(file)
    assert counts(again).verdicts == {Verdict.SAME: 3}
    with pytest.raises(DomainError, match="Tidak ada yang perlu diterapkan"):
        apply(again)
    assert snapshot() == after


def test_all_or_nothing_refuses_a_file_with_a_fault_and_row_by_row_passes_it_over(
    context: Flask, cast: Cast
) -> None:
    uuid = receive([person(1), person(2, unit="TIDAK-ADA")])
    with pytest.raises(DomainError, match="baris yang salah"):
        apply(uuid)
    assert apply(uuid, whole=False).outcomes == {Outcome.APPLIED: 1}
    assert db.session.scalar(sa.select(Person.id).where(Person.nip == nip(1)))
    assert not db.session.scalar(sa.select(Person.id).where(Person.nip == nip(2)))


@pytest.mark.parametrize("whole", [True, False])
def test_what_changed_since_the_preview_is_not_applied(
    context: Flask, cast: Cast, whole: bool
) -> None:
    uuid = receive([person(1), {"nip": SARI, "surel": "lain@contoh.test"}])
    with transaction():
        cast.person("learner").email = "sudah.lain@contoh.test"
    done = apply(uuid, whole=whole)
    assert cast.person("learner").email == "sudah.lain@contoh.test"
    is_there = db.session.scalar(sa.select(Person.id).where(Person.nip == nip(1))) is not None
    assert is_there is not whole
    if whole:
        assert (run_of(uuid).state, done.outcomes) == (ImportState.STALE, {})
    else:
        assert done.outcomes == {Outcome.APPLIED: 1, Outcome.STALE: 1}
    with transaction():
        imports.check_again(None, run_of(uuid))
    work(uuid)
    assert rows(uuid)[1].changes == {"surel": ["sudah.lain@contoh.test", "lain@contoh.test"]}
    apply(uuid)
    assert cast.person("learner").email == "lain@contoh.test"
    assert counts(uuid).outcomes == {Outcome.APPLIED: 2}


def test_taken_back_everything_is_as_before(context: Flask, cast: Cast) -> None:
    before = snapshot()
    uuid = receive(
        [
            person(1, surel="satu@contoh.test"),
            {"nip": SARI, "unit": "A", "jabatan": "jf", "mulai": "2026-03-01", "surel": "x@y.test"},
            {"nip": DAUD, "unit": "A1", "jabatan": "jf", "memimpin": "ya", "sampai": "2027-01-31"},
        ]
    )
    apply(uuid)
    assert snapshot() != before
    assert undo(uuid).outcomes == {Outcome.UNDONE: 3}
    assert snapshot() == before
    assert list(records.chain_faults()) == []


def test_a_row_on_which_something_was_built_stays_and_says_why(context: Flask, cast: Cast) -> None:
    uuid = receive([person(1), person(2), person(3), person(4)])
    apply(uuid)
    with transaction():
        activation.give_code(None, person_of(1))
        person_of(2).name = "Nama Lain"
        placements.place_person(person_of(3), unit("B"), position("jf"), start_on=date(2026, 5, 1))
    done = undo(uuid)
    assert done.outcomes == {Outcome.KEPT: 3, Outcome.UNDONE: 1}
    kept = {row.number: row.trace["kept"] for row in rows(uuid) if "kept" in row.trace}
    assert kept == {2: "in_use", 3: "changed", 4: "changed"}
    assert placements_of(nip(1)) == [("A1", "plk", False, date(2026, 1, 31), None)]
    with pytest.raises(DomainError, match="tidak dapat diubah lagi"):
        undo(uuid)


def person_of(number: int) -> Person:
    return db.session.scalars(sa.select(Person).where(Person.nip == nip(number))).one()


def unit(code: str) -> Unit:
    found = unit_by_code(code)
    assert found is not None
    return found


def position(code: str) -> Position:
    found = position_by_code(code)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"nip": ""}, "nip", "required"),
        ({"nip": "12345"}, "nip", "nip_length"),
        ({"nip": "1.98001012005011E+17"}, "nip", "nip_spoiled"),
        ({"nip": "1,98001E+17"}, "nip", "nip_spoiled"),
        ({"nip": "199001012015011001"}, "nip", "example"),
        ({"nip": "199013012015011009"}, "nip", "nip_birth_date"),
        ({"nip": "199002022015213009"}, "nip", "nip_sex"),
        ({"nip": "199002022019211009"}, "nip", "nip_pppk"),
        ({"nama": ""}, "nama", "required"),
        ({"nama": "W" * 161}, "nama", "too_long"),
        ({"status": ""}, "status", "required"),
        ({"status": "honorer"}, "status", "choice"),
        ({"surel": "a@b"}, "surel", "email"),
        ({"surel": "sari@contoh.test"}, "surel", "email_taken"),
        ({"unit": "Z"}, "unit", "unit_unknown"),
        ({"unit": ""}, "unit", "required"),
        ({"jabatan": "Z"}, "jabatan", "position_unknown"),
        ({"penempatan": "tetap"}, "penempatan", "choice"),
        ({"memimpin": "y"}, "memimpin", "choice"),
        ({"mulai": "31-31-2026"}, "mulai", "day"),
        ({"mulai": "0001-01-01"}, "mulai", "day"),
        ({"mulai": "2026-02-01", "sampai": "2026-01-01"}, "sampai", "ends_before"),
    ],
)
def test_each_fault_is_named_by_its_column(
    context: Flask, cast: Cast, cells: dict[str, str], column: str, code: str
) -> None:
    assert faults(receive([person(1, **cells)])) == {2: [(column, code)]}


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"unit": "A"}, "jabatan", "placement_half"),
        ({"memimpin": "ya"}, "unit", "placement_half"),
        ({"unit": "A1", "jabatan": "plk", "mulai": "2026-01-01"}, "mulai", "starts_otherwise"),
        ({"unit": "A", "jabatan": "plk", "mulai": "2000-01-01"}, "mulai", "starts_too_early"),
        ({"unit": "A1", "jabatan": "plk", "sampai": "2001-01-01"}, "sampai", "ends_before"),
    ],
)
def test_faults_of_who_is_there_already(
    context: Flask, cast: Cast, cells: dict[str, str], column: str, code: str
) -> None:
    assert faults(receive([{"nip": SARI, **cells}])) == {2: [(column, code)]}


def test_the_same_number_or_address_twice_faults_every_one_of_them(
    context: Flask, cast: Cast
) -> None:
    uuid = receive([person(1), person(2, surel="a@b.test"), person(1), person(3, surel="A@B.test")])
    assert faults(uuid) == {
        2: [("nip", "twice")], 3: [("surel", "twice")], 4: [("nip", "twice")],
        5: [("surel", "twice")],
    }  # fmt: skip


def test_an_empty_first_day_is_the_day_of_the_file_and_then_what_is_known(
    context: Flask, cast: Cast
) -> None:
    uuid = receive([person(1, mulai="")])
    day = run_of(uuid).day
    apply(uuid)
    assert placements_of(nip(1))[0][3] == day
    assert counts(receive([person(1, mulai="")])).verdicts == {Verdict.SAME: 1}


def test_a_code_on_paper_is_void_when_its_holder_is_moved(context: Flask, cast: Cast) -> None:
    apply(receive([person(1)]))
    with transaction():
        code = activation.give_code(None, person_of(1))
    apply(receive([person(1, unit="A", mulai="2026-06-01")]))
    assert activation.token_of_code(nip(1), code) is None


def test_the_audit_log_names_columns_and_nothing_that_stands_in_them(
    context: Flask, cast: Cast
) -> None:
    apply(receive([person(1, surel="rahasia@contoh.test", nama="Nama Rahasia")]))
    entries = db.session.scalars(sa.select(AuditEntry)).all()
    told = " ".join(f"{e.action} {e.details}" for e in entries)
    assert "accounts.row_imported" in told
    assert "nama,surel,status" in told
    for secret in ("rahasia", "Rahasia", nip(1)):
        assert secret not in told
    (row,) = [e for e in entries if e.action == "accounts.row_imported"]
    assert row.subject_uuid == person_of(1).uuid
    assert list(records.chain_faults()) == []


def test_who_is_not_in_the_file_stays(context: Flask, cast: Cast) -> None:
    before = placements_of(SARI)
    apply(receive([person(1)]))
    assert placements_of(SARI) == before
    assert cast.person("learner").deactivated_at is None


def test_a_future_placement_is_no_place_to_begin_before(context: Flask, cast: Cast) -> None:
    later = clock.today("Asia/Jakarta") + timedelta(days=40)
    apply(receive([{"nip": SARI, "unit": "A", "jabatan": "jf", "mulai": str(later)}]))
    uuid = receive([{"nip": SARI, "unit": "B", "jabatan": "jf", "mulai": str(later)}])
    assert faults(uuid) == {2: [("mulai", "starts_too_early")]}


def test_a_closed_account_stays_closed(context: Flask, cast: Cast) -> None:
    with transaction():
        people.deactivate_person(None, cast.person("learner"))
    apply(receive([{"nip": SARI, "nama": "Sari W."}]))
    assert cast.person("learner").name == "Sari W."
    assert cast.person("learner").deactivated_at is not None
