"""The dictionary: read by everybody, edited by HR of the whole site, with its history."""

import csv
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.competencies import rules
from lms.competencies.actions import dictionary as acts
from lms.competencies.models import Competency, CompetencyRevision
from lms.competencies.queries import dictionary
from lms.core import clock
from lms.core.access import Actor
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.core.errors import DomainError, Forbidden
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.assigning import actor_of

pytestmark = pytest.mark.usefixtures("reference")
NEW: dict[str, Any] = {
    "code": "T.ARSIP.01", "kind": "technical", "name": "Arsip digital", "name_en": "",
    "field": "Kearsipan", "definition": "Menata arsip.",
    "level_1": "- Mengenali arsip\n\n• Menyimpan", "level_2": "Menata", "level_3": "Membimbing",
    "level_4": "Menilai", "level_5": "Merumuskan", "reason": "SK 1/2026",
    "rating_rule": "highest",
}  # fmt: skip


def hr_of_a(cast: Cast) -> None:
    """The learner holds the role of HR too, for Dinas A alone."""
    with transaction():
        roles.grant_role(
            cast.person("learner"), Role.HR, cast.unit("a"),
            start_on=clock.today("Asia/Jakarta"), reason="SK 9",
        )  # fmt: skip


def test_the_nine_have_five_levels_of_indicators_and_a_first_revision(context: Flask) -> None:
    found = dictionary.whole_dictionary()
    assert len(found) == 9
    for competency in found:
        assert len(competency.levels) == rules.LEVELS
        assert all(len(lines) >= 3 for lines in competency.levels), competency.code
        assert [row.number for row in dictionary.revisions_of(competency)] == [1]


def test_everybody_reads_and_searches(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    page = words(client.get("/competencies"))
    assert "Integritas" in page
    assert "Perekat Bangsa" in page
    assert "Tambah kompetensi" not in page
    page = words(client.get("/competencies?q=public&kind=managerial"))
    assert "Pelayanan Publik" in page
    assert "Integritas" not in page
    assert "Perekat Bangsa" in words(client.get("/competencies?kind=sociocultural"))
    assert "Tidak ada yang cocok" in words(client.get("/competencies?q=100%25"))
    assert "Tidak ada yang cocok" in words(client.get("/competencies?kind=technical"))


def test_a_page_shows_levels_standards_and_history(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["learner"])
    with app.app_context():
        found = dictionary.competency_by_code("M.05")
        assert found is not None
        uuid = found.uuid
    page = words(client.get(f"/competencies/{uuid}"))
    for expected in ("M.05", "5 · Ahli", "Merancang ulang layanan", "JPT pratama", "Versi 1"):
        assert expected in page
    assert client.get(f"/competencies/{uuid}/edit").status_code == 403


def test_hr_adds_and_changes_and_nothing_is_lost(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    answer = client.send("/competencies/new", NEW)
    assert answer.status_code == 302
    address = answer.headers["Location"]
    form = client.get(f"{address}/edit").get_data(as_text=True)
    assert 'name="seen"' in form
    assert "Mengenali arsip\nMenyimpan" in form
    changed = {**NEW, "definition": "Menata arsip elektronik.", "reason": "SK 2/2026", "seen": 1}
    assert client.send(f"{address}/edit", changed).status_code == 302
    page = words(client.get(address))
    assert "Menata arsip elektronik." in page
    assert "Versi 2" in page
    assert "Bunyinya saat itu" in page
    assert "Menata arsip." in page
    assert "SK 2/2026" in page
    with app.app_context():
        assert db.session.query(CompetencyRevision).filter_by(reason="SK 1/2026").count() == 1
        acted = db.session.query(AuditEntry.action).filter(
            AuditEntry.action.startswith("competencies.")
        )
        assert [row.action for row in acted] == ["competencies.added", "competencies.changed"]


def test_what_somebody_else_changed_meanwhile_is_not_written_over(
    client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    address = client.send("/competencies/new", NEW).headers["Location"]
    client.send(f"{address}/edit", {**NEW, "name": "Arsip satu", "seen": 1})
    answer = client.send(f"{address}/edit", {**NEW, "name": "Arsip dua", "seen": 1})
    assert answer.status_code == 422
    assert "diubah orang lain" in words(answer)
    assert "Arsip dua" in answer.get_data(as_text=True)
    assert "Arsip satu" in words(client.get(address))


def test_saving_the_same_again_writes_no_revision(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    client.sign_in(cast.people["hr"])
    address = client.send("/competencies/new", NEW).headers["Location"]
    client.send(f"{address}/edit", {**NEW, "seen": 1})
    assert "Versi 2" not in words(client.get(address))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("code", "m 05", "huruf besar"),
        ("code", "M.05", "sudah dipakai"),
        ("code", "A" * 31, "Paling banyak 30"),
        ("field", " ", "Isi bidang"),
        ("level_3", "\n - ", "tingkat 3"),
        ("level_2", "\n".join("abc"[n % 3] for n in range(13)), "Paling banyak 12"),
        ("name", "", "Isi nama"),
        ("reason", "", "Isi alasan"),
        ("kind", "manager", "Pilih jenis"),
        ("rating_rule", "", "Pilih aturan"),
        ("rating_rule", "average", "Pilih aturan"),
    ],
)
def test_a_wrong_entry_is_refused_beside_its_field(
    client: PageClient, cast: Cast, field: str, value: str, message: str
) -> None:
    client.sign_in(cast.people["hr"])
    answer = client.send("/competencies/new", {**NEW, field: value})
    assert answer.status_code == 422
    assert message in words(answer)
    assert "Menata arsip." in answer.get_data(as_text=True)


def test_hr_of_a_part_of_the_site_reads_only(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context():
        hr_of_a(cast)
        uuid = dictionary.whole_dictionary()[0].uuid
        actor: Actor = actor_of(cast, "learner")
        before = db.session.query(Competency).count()
        wording = acts.wording_of(dictionary.whole_dictionary()[0])
        with pytest.raises(Forbidden), transaction():
            acts.change_competency(
                actor, dictionary.competency_by_uuid(uuid), wording=wording, reason="x"
            )
    client.sign_in(cast.people["learner"])
    assert "Tambah kompetensi" not in words(client.get("/competencies"))
    assert client.get("/competencies/new").status_code == 403
    assert client.send("/competencies/new", NEW).status_code == 403
    assert client.send(f"/competencies/{uuid}/edit", NEW).status_code == 403
    with app.app_context():
        assert db.session.query(Competency).count() == before


def test_the_file_holds_the_whole_dictionary(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    answer = client.get("/competencies/file?format=csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row["kode"] for row in rows][:2] == ["M.01", "M.02"]
    assert rows[0]["tingkat_5"].count("\n") == 2
    assert {row["aturan_tingkat"] for row in rows} == {"highest"}
    xlsx = client.get("/competencies/file?format=xlsx")
    assert xlsx.data.startswith(b"PK")


def test_two_with_one_code_are_refused_by_the_action_too(context: Flask, cast: Cast) -> None:
    actor = actor_of(cast, "hr")
    wording = acts.wording_of(dictionary.whole_dictionary()[0])
    with pytest.raises(DomainError), transaction():
        acts.add_competency(
            actor, code="M.01", kind=rules.CompetencyKind.MANAGERIAL, wording=wording, reason="x"
        )


@pytest.mark.parametrize(
    ("written", "lines"),
    [("", []), ("a\r\n b  c \n", ["a", "b c"]), ("- a\n* b\n• c\n-d", ["a", "b", "c", "-d"])],
)
def test_indicators_are_lines_without_bullets(written: str, lines: list[str]) -> None:
    assert rules.indicators(written) == lines
