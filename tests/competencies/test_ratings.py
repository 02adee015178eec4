"""Observations, assessors' ratings, and what people say of themselves."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from lms.competencies.models import CompetencyState, Evidence, Rating, SelfAssessment
from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient, words
from tests.competencies.test_dictionary import hr_of_a
from tests.conftest import SetClock

NOON = datetime(2026, 5, 6, 5, tzinfo=UTC)
SEEN: dict[str, Any] = {
    "competency": "M.05", "level": "2", "occasion": "Melayani pengaduan", "rated_on": "2026-05-05",
    "note": "Tenang dan jelas.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon(at: SetClock) -> None:
    at(NOON)


def uuid_of(app: Flask, cast: Cast, name: str) -> UUID:
    with app.app_context():
        return cast.person(name).uuid


def send(client: PageClient, address: str, **changed: Any) -> Any:
    return client.send(address, {"key": str(uuid4()), **SEEN, **changed})


def test_an_observation_supports_and_sets_no_level(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    uuid = uuid_of(app, cast, "learner")
    client.sign_in(cast.people["head"])
    assert "Catat pengamatan" in words(client.get(f"/team/{uuid}"))
    assert client.get(f"/team/{uuid}/observe").status_code == 200
    assert send(client, f"/team/{uuid}/observe").status_code == 302
    with app.app_context():
        entry = db.session.query(Evidence).one()
        assert (entry.kind, entry.standing, entry.level) == ("observation", "supports", 2)
        assert entry.earned_on == date(2026, 5, 5)
        assert db.session.query(CompetencyState).one().level == 0
    client.sign_in(cast.people["learner"])
    page = words(client.get("/my/competencies"))
    assert "Pengamatan atasan: Melayani pengaduan" in page
    assert "Oleh Bagus Prasetyo · Tenang dan jelas. Mendukung tingkat 2" in page


def test_an_assessors_rating_sets_the_level(app: Flask, client: PageClient, cast: Cast) -> None:
    uuid = uuid_of(app, cast, "learner")
    client.sign_in(cast.people["hr"])
    assert "Catat penilaian asesor" in words(client.get(f"/people/{uuid}"))
    assert send(client, f"/people/{uuid}/assess", level="4").status_code == 302
    with app.app_context():
        assert db.session.query(CompetencyState).one().level == 4
        assert db.session.query(Rating).one().by_id == cast.people["hr"]


def test_the_same_form_twice_is_one_rating(app: Flask, client: PageClient, cast: Cast) -> None:
    uuid, key = uuid_of(app, cast, "learner"), str(uuid4())
    client.sign_in(cast.people["head"])
    for _ in range(2):
        assert send(client, f"/team/{uuid}/observe", key=key).status_code == 302
    with app.app_context():
        assert db.session.query(Rating).count() == 1
        assert db.session.query(Evidence).count() == 1


def test_nobody_rates_herself_or_whom_she_does_not_reach(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    learner, head, stranger, hr = (
        uuid_of(app, cast, name) for name in ("learner", "head", "stranger", "hr")
    )
    with app.app_context():
        hr_of_a(cast)  # the learner, for Dinas A
    tries = (
        ("head", f"/team/{head}/observe", 404), ("head", f"/team/{stranger}/observe", 404),
        ("other_head", f"/team/{learner}/observe", 404), ("head", f"/team/{uuid4()}/observe", 404),
        ("stranger", f"/team/{learner}/observe", 403), ("hr", f"/people/{hr}/assess", 404),
        ("learner", f"/people/{stranger}/assess", 404),
        ("learner", f"/people/{learner}/assess", 404),
        ("admin", f"/people/{learner}/assess", 403), ("head", f"/people/{learner}/assess", 403),
    )  # fmt: skip
    for who, address, status in tries:
        client.sign_in(cast.people[who])
        assert client.get(address).status_code == status, (who, address)
        assert send(client, address).status_code == status, (who, address)
    with app.app_context():
        assert db.session.query(Rating).count() == 0
        assert db.session.query(Evidence).count() == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"competency": ""}, "Pilih kompetensi"),
        ({"competency": "X.1"}, "dari daftar"),
        ({"level": "0"}, "Pilih tingkat"),
        ({"occasion": ""}, "Isi kegiatannya"),
        ({"rated_on": "2026-05-07"}, "sudah lewat"),
    ],
)
def test_a_wrong_rating_is_refused(
    app: Flask, client: PageClient, cast: Cast, changed: dict[str, str], message: str
) -> None:
    uuid = uuid_of(app, cast, "learner")
    client.sign_in(cast.people["head"])
    answer = send(client, f"/team/{uuid}/observe", **changed)
    assert answer.status_code == 422
    assert message in words(answer)
    assert "Tenang dan jelas." in answer.get_data(as_text=True)


def test_what_one_says_of_oneself_never_counts(app: Flask, client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    assert "Standar jabatan: tingkat 1" in words(client.get("/my/competencies/self"))
    sent = {"M.01": "5", "M.02": "9", "T.X": "5", "M.03": "0"}
    for _ in range(2):
        assert client.send("/my/competencies/self", sent).status_code == 302
    with app.app_context():
        assert [row.level for row in db.session.query(SelfAssessment)] == [5]
        assert db.session.query(Evidence).count() == 0
        assert db.session.query(CompetencyState).count() == 0
    page = words(client.get("/my/competencies"))
    assert "5 menurut Anda, – terukur" in page
    assert "0%" in page
    client.send("/my/competencies/self", {"M.01": "0"})
    assert "menurut Anda" not in words(client.get("/my/competencies"))
    client.sign_in(cast.people["hr"])
    assert "Belum ada standar" in words(client.get("/my/competencies/self"))
