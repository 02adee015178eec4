"""Standards of positions and tiers: dated, never overwritten, edited by HR of the whole site."""

import csv
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from lms.accounts.models import Position
from lms.accounts.queries import post_of
from lms.accounts.rules import PositionTier
from lms.competencies import queries
from lms.competencies.actions import dictionary as acts
from lms.competencies.actions.dictionary import Requirement
from lms.competencies.models import CompetencyStandard
from lms.competencies.queries import dictionary, standards
from lms.competencies.queries.standards import Target
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning.assigning import actor_of

pytestmark = pytest.mark.usefixtures("reference")
NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)  # 12.00 in Jakarta
TODAY = date(2026, 5, 6)


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def target(code: str) -> Target:
    position = db.session.query(Position).filter_by(code=code).one()
    return standards.position_target(position.uuid)


def put(cast: Cast, where: Target, code: str, level: int, start_on: date, weight: int = 1) -> bool:
    actor = actor_of(cast, "hr")
    with transaction():
        where = standards.position_target(where.uuid) if where.uuid else where
        competency = dictionary.competency_by_code(code)
        assert competency is not None
        return acts.set_standard(
            actor, where, competency, Requirement(level, weight, start_on, "SK 3")
        )


def required(where: Target, day: date) -> dict[str, int]:
    return {row.competency.code: row.required_level for row in standards.standard_on(where, day)}


def test_a_row_of_the_position_goes_before_that_of_its_tier(context: Flask, cast: Cast) -> None:
    jf = target("jf")
    assert required(jf, TODAY)["M.01"] == 2  # of ahli pertama
    assert put(cast, jf, "M.01", 4, TODAY, weight=5)
    jf = target("jf")
    assert required(jf, TODAY)["M.01"] == 4
    assert required(jf, TODAY)["M.02"] == 2
    assert required(jf, date(2026, 5, 5))["M.01"] == 2  # the past stays
    assert required(Target(PositionTier.AHLI_PERTAMA), TODAY)["M.01"] == 2
    post = post_of(cast.people["colleague"])
    lines = {line.code: line for line in queries.levels_of(0, post, TODAY).lines}
    assert lines["M.01"].required == 4


def test_a_change_ends_the_row_before(context: Flask, cast: Cast) -> None:
    jf = target("jf")
    put(cast, jf, "M.01", 3, date(2026, 1, 1))
    put(cast, jf, "M.01", 4, date(2026, 3, 1))
    put(cast, jf, "M.01", 0, date(2026, 5, 1))
    jf = target("jf")
    assert required(jf, date(2026, 2, 28))["M.01"] == 3
    assert required(jf, date(2026, 3, 1))["M.01"] == 4
    assert required(jf, TODAY)["M.01"] == 2  # its tier's again
    assert [(row.start_on.month, row.end_on) for row in standards.history_of(jf)] == [
        (3, date(2026, 4, 30)), (1, date(2026, 2, 28)),
    ]  # fmt: skip
    put(cast, jf, "M.01", 5, date(2026, 5, 1))
    assert required(target("jf"), TODAY)["M.01"] == 5


def test_the_same_again_changes_nothing(context: Flask, cast: Cast) -> None:
    jf = target("jf")
    assert put(cast, jf, "M.01", 3, date(2026, 1, 1))
    assert not put(cast, jf, "M.01", 3, date(2026, 1, 1))
    assert not put(cast, jf, "M.01", 3, TODAY)
    assert len(standards.history_of(target("jf"))) == 1


def test_a_row_of_the_same_day_gives_way_and_never_held(context: Flask, cast: Cast) -> None:
    jf = target("jf")
    put(cast, jf, "M.01", 3, TODAY)
    put(cast, jf, "M.01", 4, TODAY)
    assert required(target("jf"), TODAY)["M.01"] == 4
    before = standards.history_of(target("jf"))[-1]
    assert before.end_on is not None
    assert before.end_on < before.start_on


def test_what_held_is_not_written_anew(context: Flask, cast: Cast) -> None:
    jf = target("jf")
    put(cast, jf, "M.01", 3, date(2026, 3, 1))
    with pytest.raises(DomainError, match="1 Maret 2026"):
        put(cast, jf, "M.01", 4, date(2026, 2, 1))
    put(cast, target("jf"), "M.01", 0, date(2026, 5, 1))
    with pytest.raises(DomainError, match="1 Mei 2026"):
        put(cast, target("jf"), "M.01", 4, date(2026, 4, 30))
    with pytest.raises(DomainError, match="tidak ada dalam standar"):
        put(cast, target("jf"), "M.02", 0, TODAY)


def test_hr_sets_a_standard_in_the_browser(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context():
        uuid = target("jf").uuid
    client.sign_in(cast.people["hr"])
    address = f"/standards/positions/{uuid}"
    assert "Ubah standar" in words(client.get(address))
    data: dict[str, Any] = {
        "competency": "m.03", "level": "4", "weight": "3", "start_on": "2026-06-01",
        "source": "SK 7",
    }  # fmt: skip
    assert client.send(address + "/set", data).status_code == 302
    page = words(client.get(address))
    assert "sejak 1 Juni 2026" in page
    assert "Yulia Hartati" in page
    for field, value, message in (
        ("competency", "X.9", "Tidak ada kompetensi"),
        ("level", "6", "Pilih tingkat"),
        ("weight", "0", "1 sampai 100"),
        ("weight", "tiga", "Isi angka bulat"),
        ("start_on", "besok", "Isi tanggal"),
        ("start_on", "2026-05-01", "1 Juni 2026"),
        ("source", "", "Isi dasarnya"),
    ):
        answer = client.send(address + "/set", {**data, field: value})
        assert answer.status_code == 422, field
        assert message in words(answer), field


def test_a_tier_is_set_by_its_own_address(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["hr"])
    address = "/standards/tiers/ahli-pertama"
    data = {
        "competency": "M.08", "level": "3", "weight": "1", "start_on": "2026-05-06", "source": "SK",
    }  # fmt: skip
    assert client.send(address + "/set", data).status_code == 302
    with app.app_context():
        assert required(target("jf"), TODAY)["M.08"] == 3
    assert client.get("/standards/tiers/raja").status_code == 404


def test_positions_with_and_without_a_standard(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context():
        put(cast, target("jf"), "M.01", 4, TODAY)
        with transaction():
            db.session.query(CompetencyStandard).filter_by(tier=PositionTier.PELAKSANA).update(
                {"end_on": date(2026, 1, 1)}
            )
    client.sign_in(cast.people["learner"])
    page = words(client.get("/standards?state=own"))
    assert "Pranata Komputer" in page
    assert "Kepala Dinas" not in page
    assert "1 kompetensi sendiri" in page
    assert "Pengelola Layanan" in words(client.get("/standards?state=none"))
    page = words(client.get("/standards?state=tier&q=kepala"))
    assert "Kepala Dinas" in page
    assert "9 kompetensi menurut jenjang" in page
    assert "Tanpa standar" in words(client.get("/standards/tiers"))
    assert "Ubah standar" not in words(client.get("/standards/tiers/pelaksana"))


def test_who_is_not_hr_of_the_site_sets_nothing(app: Flask, client: PageClient, cast: Cast) -> None:
    from tests.competencies.test_dictionary import hr_of_a

    with app.app_context():
        hr_of_a(cast)
    for name in ("learner", "head", "admin", "auditor"):
        client.sign_in(cast.people[name])
        answer = client.send("/standards/tiers/pelaksana/set", {"competency": "M.01", "level": "5"})
        assert answer.status_code == 403, name


def test_the_file_holds_what_is_in_force(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context():
        put(cast, target("jf"), "M.01", 4, TODAY, weight=7)
    client.sign_in(cast.people["hr"])
    answer = client.get("/standards/file?format=csv").get_data(as_text=True)
    rows = list(csv.DictReader(StringIO(answer.removeprefix("\ufeff"))))
    assert len([row for row in rows if row["jenjang"]]) == 14 * 9
    assert {**rows[-1]} == {
        "jenjang": "", "jabatan": "jf", "nama_jabatan": "Pranata Komputer Ahli Pertama",
        "kompetensi": "M.01", "tingkat": "4", "bobot": "7", "mulai": "2026-05-06", "dasar": "SK 3",
    }  # fmt: skip
