"""Somebody stands in for a head: as far as the head's own right, for its days, and no further."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people, placements
from lms.accounts.models import Delegation, Placement
from lms.accounts.queries import team
from lms.core import clock
from lms.core.db import db, transaction
from lms.notifications.models import Notification
from tests.cast import Cast
from tests.client import client_of, words
from tests.conftest import SetClock
from tests.development.claims import state_of, submit
from tests.learning.assigning import act_as_head, actor_of
from tests.learning.test_actions import at_once
from tests.reports.delegating import NIP, PAGE, end, give, noted, send, today, uuid_of
from tests.reports.test_export import table
from tests.reports.test_team import NAMES, board

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture(autouse=True)
def _morning(app: Flask, at: SetClock) -> None:
    """10.00 WIB: the same day in every zone of the cast."""
    at(clock.now().replace(hour=3, minute=0, second=0, microsecond=0))


def seen(app: Flask, cast: Cast, name: str, **query: str) -> set[str]:
    """Whom the board lists."""
    page = client_of(app, cast, name).get("/team", query_string=query).get_data(as_text=True)
    listed = set(re.findall(r'<a class="pname"[^>]*>([^<]+)</a>', page))
    return {each for each, full in NAMES.items() if full in listed}


def has_board(app: Flask, cast: Cast, name: str) -> bool:
    status = client_of(app, cast, name).get("/team").status_code
    assert status in (200, 403)
    return status == 200


# ── What it opens ────────────────────────────────────────────────────────────────────────────


def test_a_delegate_sees_the_team_without_herself_and_without_the_giver(
    app: Flask, cast: Cast
) -> None:
    assert not has_board(app, cast, "stranger")
    give(app, cast, "head", "stranger", "a1")
    assert seen(app, cast, "stranger") == {"learner", "colleague"}
    page = board(app, cast, "stranger")
    assert "Anda bertindak atas nama Bagus Prasetyo (Kepala Bidang) untuk Bidang A1" in page
    assert seen(app, cast, "head") == {"learner", "colleague"}  # keeps her own rights
    give(app, cast, "head", "learner", "a1")
    assert seen(app, cast, "learner") == {"colleague"}


def test_the_page_of_a_person_opens_for_the_team_alone(app: Flask, cast: Cast) -> None:
    give(app, cast, "agency_head", "stranger", "a")
    client = client_of(app, cast, "stranger")
    answers = {name: client.get(f"/team/{uuid_of(app, cast, name)}").status_code for name in NAMES}
    opened = {name for name, status in answers.items() if status == 200}
    assert opened == {"head", "learner", "colleague"}
    assert set(answers.values()) == {200, 404}
    page = words(client.get(f"/team/{uuid_of(app, cast, 'learner')}"))
    assert "Anda bertindak atas nama Hasan Basri di halaman ini." in page
    assert "Limpahkan wewenang" not in page


def test_the_file_of_the_board_is_that_of_the_team_and_names_the_head(
    app: Flask, cast: Cast
) -> None:
    give(app, cast, "head", "stranger", "a1")
    rows = table(client_of(app, cast, "stranger"))
    assert [row["Nama"] for row in rows] == ["Daud Kogoya", "Sari Wulandari"]
    (entry,) = noted(app, "reports.exported")
    assert entry["on_behalf_of"] == str(uuid_of(app, cast, "head"))


def test_claims_of_the_team_are_verified_but_neither_her_own_nor_the_givers(
    app: Flask, cast: Cast
) -> None:
    give(app, cast, "head", "learner", "a1")
    client = client_of(app, cast, "learner")
    of_team = submit(client, cast, "colleague", title="Arsip Dinamis")
    own = submit(client, cast, "learner", title="Arsip Statis")
    of_giver = submit(client, cast, "head", title="Arsip Vital")
    client.sign_in(cast.people["learner"])
    page = words(client.get("/team/claims"))
    assert [t for t in ("Dinamis", "Statis", "Vital") if f"Arsip {t}" in page] == ["Dinamis"]
    assert client.get(f"/claims/{of_giver}").status_code == 404
    for uuid in (own, of_giver):
        assert client.send("/team/claims/endorse", {"c": [uuid]}).status_code == 404
        assert client.send(f"/team/claims/{uuid}/return", {"reason": "x"}).status_code == 404
        assert state_of(app, uuid) == "submitted"
    assert client.send("/team/claims/endorse", {"c": [of_team]}).status_code == 302
    assert state_of(app, of_team) == "endorsed"
    client.sign_in(cast.people["colleague"])
    assert "Sari Wulandari (a.n. Kepala Bidang)" in words(client.get(f"/claims/{of_team}"))
    (entry,) = noted(app, "development.claim_endorsed")
    assert entry == {"on_behalf_of": str(uuid_of(app, cast, "head"))}
    client.sign_in(cast.people["agency_head"])  # the next head above
    assert client.send("/team/claims/endorse", {"c": [of_giver]}).status_code == 302
    assert "on_behalf_of" not in noted(app, "development.claim_endorsed")[1]


def test_an_observation_is_noted_with_the_head(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "stranger", "a1")
    client = client_of(app, cast, "stranger")
    values = {
        "competency": "M.05", "level": "2", "occasion": "Melayani pengaduan",
        "rated_on": today().isoformat(), "note": "",
    }  # fmt: skip
    for name, status in (("learner", 302), ("head", 404), ("stranger", 404), ("wali", 404)):
        address = f"/team/{uuid_of(app, cast, name)}/observe"
        assert client.send(address, {"key": str(uuid4()), **values}).status_code == status
    page = words(client_of(app, cast, "learner").get("/my/competencies"))
    assert "Oleh Andi Tenri (a.n. Kepala Bidang) ·" in page
    (entry,) = noted(app, "competencies.rated")
    assert entry["on_behalf_of"] == str(uuid_of(app, cast, "head"))


def test_the_audit_log_names_the_head(app: Flask, cast: Cast) -> None:
    uuid = give(app, cast, "head", "stranger", "a1")
    table(client_of(app, cast, "stranger"))
    end(app, cast, "stranger", uuid)
    page = words(client_of(app, cast, "auditor").get("/audit-log"))
    assert "atas nama: Bagus Prasetyo" in page
    assert "Wewenang kepala unit dilimpahkan" in page
    assert "pemberi wewenang: Bagus Prasetyo" in page


# ── From when to when ────────────────────────────────────────────────────────────────────────


def test_it_holds_from_the_first_day_to_the_last_of_the_unit(
    app: Flask, cast: Cast, at: SetClock
) -> None:
    """Dinas B lives an hour ahead of Jakarta, where the delegate works."""
    makassar = ZoneInfo("Asia/Makassar")
    at(datetime(2027, 2, 20, 9, tzinfo=makassar))
    days = {"start_on": "2027-03-01", "end_on": "2027-03-05"}
    give(app, cast, "other_head", "learner", "b", **days)
    for moment, holds in (
        (datetime(2027, 2, 28, 23, 59, 59, tzinfo=makassar), False),
        (datetime(2027, 3, 1, 0, 0, tzinfo=makassar), True),  # still 28 February in Jakarta
        (datetime(2027, 3, 5, 23, 59, 59, tzinfo=makassar), True),
        (datetime(2027, 3, 6, 0, 0, tzinfo=makassar), False),
    ):
        at(moment.astimezone(ZoneInfo("UTC")))
        assert has_board(app, cast, "learner") is holds, moment


def test_an_end_holds_at_once(app: Flask, cast: Cast) -> None:
    uuid = give(app, cast, "head", "stranger", "a1")
    client = client_of(app, cast, "stranger")
    assert client.get("/team").status_code == 200
    assert end(app, cast, "head", uuid).status_code == 302
    assert client.get("/team").status_code == 403  # the session of before
    page = words(client_of(app, cast, "head").get(PAGE))
    assert "Diakhiri" in page
    assert "oleh Bagus Prasetyo" in page
    assert end(app, cast, "head", uuid).headers["Location"] == PAGE  # told that it is over
    assert len(noted(app, "accounts.delegation_ended")) == 1


def test_the_delegate_gives_it_back_and_the_head_is_told(app: Flask, cast: Cast) -> None:
    uuid = give(app, cast, "head", "stranger", "a1")
    answer = end(app, cast, "stranger", uuid)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert not has_board(app, cast, "stranger")
    with app.app_context():
        rows = db.session.execute(
            sa.select(Notification.person_id, Notification.kind).order_by(Notification.id)
        ).all()
    assert [(number, kind.value) for number, kind in rows] == [
        (cast.people["stranger"], "rights_delegated"), (cast.people["head"], "delegation_ended"),
    ]  # fmt: skip
    news = words(client_of(app, cast, "stranger").get("/notifications"))
    assert "Anda bertindak atas nama Bagus Prasetyo" in news
    assert "Untuk Bidang A1, " in news
    assert "Alasan: Cuti tahunan" in news
    news = words(client_of(app, cast, "head").get("/notifications"))
    assert "Atas nama Bagus Prasetyo, diakhiri oleh Andi Tenri" in news


def test_nobody_else_ends_it(app: Flask, cast: Cast) -> None:
    uuid = give(app, cast, "head", "stranger", "a1")
    for name in ("agency_head", "other_head"):
        assert end(app, cast, name, uuid).status_code == 404
    assert end(app, cast, "learner", uuid).status_code == 403
    assert has_board(app, cast, "stranger")


def test_it_ends_with_the_headship_of_its_giver(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "stranger", "a1")
    assert has_board(app, cast, "stranger")
    with app.app_context(), transaction():
        query = sa.select(Placement).where(Placement.person_id == cast.people["head"])
        placement = db.session.scalars(query).one()
        placement.end_on = today() - timedelta(days=1)
    assert not has_board(app, cast, "stranger")


def test_it_ends_when_the_giver_moves_to_head_another_unit(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "stranger", "a1")
    with app.app_context(), transaction():
        query = sa.select(Placement).where(Placement.person_id == cast.people["head"])
        position = db.session.scalars(query).one().position
        placements.place_person(
            cast.person("head"), cast.unit("a"), position, start_on=today(), heads_unit=True
        )
    assert not has_board(app, cast, "stranger")


def test_it_ends_with_the_account_of_its_giver(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "stranger", "a1")
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("head"))
    assert not has_board(app, cast, "stranger")


# ── Never more than one holds ────────────────────────────────────────────────────────────────


def test_only_a_head_by_a_placement_gives(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "learner", "a1")
    for name, status in (("head", 200), ("learner", 403), ("colleague", 403), ("hr", 403)):
        assert client_of(app, cast, name).get(PAGE).status_code == status, name
    assert send(app, cast, "learner", "colleague", "a1").status_code == 403


def test_what_was_delegated_is_not_passed_on(app: Flask, cast: Cast) -> None:
    """A head who stands in for another one gives her own unit, and no other."""
    give(app, cast, "head", "other_head", "a1")
    page = client_of(app, cast, "other_head").get(PAGE).get_data(as_text=True)
    assert str(uuid_of(app, cast, "b")) in page
    assert str(uuid_of(app, cast, "a1")) not in page
    answer = send(app, cast, "other_head", "stranger", "a1")
    assert answer.status_code == 422
    assert "Pilih unit yang Anda pimpin" in words(answer)
    give(app, cast, "other_head", "stranger", "b")
    assert seen(app, cast, "stranger") == {"mover"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"identifier": "198003032005011003"}, "sudah Anda pegang sendiri"),
        ({"identifier": "199105052019211005"}, "Akun pegawai ini sudah ditutup"),
        ({"identifier": "197001011995031001"}, "sudah memimpin unit ini atau unit di atasnya"),
        ({"identifier": "197202021996032002"}, "sudah memimpin unit ini atau unit di atasnya"),
        ({"identifier": "196001011985031001"}, "Tidak ada pegawai dengan NIP"),
        ({"identifier": ""}, "Isi NIP atau surelnya"),
        ({"first": -1}, "Mulai paling awal hari ini"),
        ({"first": 5, "last": 4}, "Tidak dapat berakhir sebelum mulai"),
        ({"last": 90}, "Paling lama 90 hari"),
        ({"first": 91, "last": 92}, "Mulai paling lambat 90 hari dari sekarang"),
        ({"end_on": ""}, "Isi tanggal akhir"),
        ({"end_on": "besok"}, "Isi tanggal, misalnya"),
        ({"reason": " "}, "Isi alasan"),
        ({"unit": ""}, "Pilih unit"),
        ({"unit": "x"}, "Pilih unit yang Anda pimpin"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    app: Flask, cast: Cast, changed: dict[str, Any], said: str
) -> None:
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("colleague"))
    answer = send(app, cast, "head", "stranger", "a1", **changed)
    assert answer.status_code == 422
    assert said in words(answer)
    if "reason" not in changed:
        assert "Cuti tahunan" in answer.get_data(as_text=True)  # what was typed is there again
    with app.app_context():
        assert db.session.scalars(sa.select(Delegation)).all() == []


@pytest.mark.parametrize("last", [0, 89])
def test_the_shortest_and_the_longest(app: Flask, cast: Cast, last: int) -> None:
    give(app, cast, "head", "stranger", "a1", last=last)
    assert has_board(app, cast, "stranger")


def test_an_acting_head_gives_no_longer_than_she_acts(app: Flask, cast: Cast) -> None:
    with app.app_context():
        act_as_head(cast, "colleague", "b", today(), today() + timedelta(days=5))
    answer = send(app, cast, "colleague", "learner", "b", last=6)
    assert answer.status_code == 422
    assert "hari terakhir Anda memimpin unit ini" in words(answer)
    give(app, cast, "colleague", "learner", "b", last=5)
    assert seen(app, cast, "learner") == {"other_head", "stranger", "mover"}
    assert "atas nama Daud Kogoya (Plt. Kepala Bidang)" in board(app, cast, "learner")


def test_the_same_twice_is_refused(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "stranger", "a1", last=3)
    answer = send(app, cast, "head", "stranger", "a1", first=3, last=9)
    assert answer.status_code == 422
    assert "Andi Tenri sudah memegang wewenang ini sampai" in words(answer)
    give(app, cast, "head", "stranger", "a1", first=4, last=9)  # the days after
    give(app, cast, "head", "colleague", "a1")  # another person


def test_the_same_form_sent_twice_at_once_gives_once(app: Flask, cast: Cast) -> None:
    client, unit = client_of(app, cast, "head"), str(uuid_of(app, cast, "a1"))
    values = {
        "identifier": NIP["stranger"], "unit": unit, "start_on": today().isoformat(),
        "end_on": today().isoformat(), "reason": "Cuti",
    }  # fmt: skip
    answers = at_once(app, client, 3, lambda each: each.send(PAGE, values).status_code)
    assert sorted(answers, key=str) == [302, 422, 422]
    with app.app_context():
        assert len(db.session.scalars(sa.select(Delegation)).all()) == 1


# ── Beside rights of one's own ───────────────────────────────────────────────────────────────


def test_a_head_switches_between_the_own_unit_and_that_of_another(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "other_head", "a1")
    own, other = (str(uuid_of(app, cast, unit)) for unit in ("b", "a1"))
    everybody = {"learner", "colleague", "stranger", "mover"}
    assert seen(app, cast, "other_head") == everybody
    assert "Bidang A1, a.n. Bagus Prasetyo" in board(app, cast, "other_head")
    assert seen(app, cast, "other_head", unit=own) == {"stranger", "mover"}
    assert seen(app, cast, "other_head", unit=other) == {"learner", "colleague"}
    for foreign in (str(uuid_of(app, cast, "a")), str(uuid4()), "x"):
        assert seen(app, cast, "other_head", unit=foreign) == everybody
    client = client_of(app, cast, "other_head")
    assert len(table(client, f"/team/export?unit={own}")) == 2
    assert len(table(client, f"/team/export?unit={other}")) == 2
    first, second = noted(app, "reports.exported")
    assert "on_behalf_of" not in first
    assert second["on_behalf_of"] == str(uuid_of(app, cast, "head"))


def test_whoever_is_above_the_giver_anyway_still_supervises_her(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "stranger", "a1")
    with app.app_context():
        act_as_head(cast, "stranger", "a", today(), None)
    assert seen(app, cast, "stranger") == {"head", "agency_head", "learner", "colleague"}
    with app.app_context():
        actor = actor_of(cast, "stranger")
        assert team.on_behalf(actor, [cast.people["learner"]]) == {}
        assert team.supervises(actor, cast.people["head"])


def test_two_givers_are_not_supervised_by_each_others_rights(app: Flask, cast: Cast) -> None:
    give(app, cast, "head", "stranger", "a1")
    give(app, cast, "agency_head", "stranger", "a")
    assert seen(app, cast, "stranger") == {"learner", "colleague"}


def test_the_page_lists_what_was_given_page_by_page(app: Flask, cast: Cast) -> None:
    with app.app_context(), transaction():
        for number in range(30):
            day = date(2025, 1, 1) + timedelta(days=number)
            db.session.add(
                Delegation(
                    giver_id=cast.people["head"], delegate_id=cast.people["stranger"],
                    unit_id=cast.units["a1"], start_on=day, end_on=day, reason=f"Cuti {number:02}",
                    given_at=datetime(2025, 1, 1, tzinfo=JAKARTA),
                )
            )  # fmt: skip
    client = client_of(app, cast, "head")
    first = client.get(PAGE).get_data(as_text=True)
    assert "Cuti 29" in first
    assert "Cuti 04" not in first
    address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = words(client.get(address))
    assert "Cuti 04" in second
    assert "Cuti 05" not in second
    assert "Cuti 00" not in words(client_of(app, cast, "other_head").get(PAGE))


def test_the_form_begins_on_the_page_of_a_person(app: Flask, cast: Cast) -> None:
    client, uuid = client_of(app, cast, "head"), uuid_of(app, cast, "learner")
    assert f"{PAGE}?person={uuid}" in client.get(f"/team/{uuid}").get_data(as_text=True)
    page = client.get(f"{PAGE}?person={uuid}").get_data(as_text=True)
    assert "19900404 201504 2 004" in page
    foreign = uuid_of(app, cast, "stranger")
    assert client.get(f"{PAGE}?person={foreign}").status_code == 404
