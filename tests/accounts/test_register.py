"""The register of people: who sees whom, and what an admin may do with whose account."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import people, placements, roles
from lms.accounts.models import ActivationCode, Person, Position, RoleGrant
from lms.accounts.rules import Employment, PlacementStanding, Role
from lms.accounts.views.audit_log import ACTS
from lms.config import ROOT
from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from tests.accounts.door import rows
from tests.cast import Cast
from tests.client import PageClient, words
from tests.conftest import SetClock

START = date(2020, 1, 1)
TODAY = clock.today("Asia/Jayapura")  # the latest of the zones


def grant(app: Flask, cast: Cast, name: str, role: Role, unit: str, **more: Any) -> None:
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person(name), role, cast.unit(unit), start_on=START, reason="SK 3", **more
        )


def a_position() -> Position:
    return db.session.scalars(sa.select(Position)).all()[0]


def uuid_of(app: Flask, cast: Cast, name: str) -> str:
    return str(rows(app, sa.select(Person.uuid).where(Person.id == cast.people[name]))[0][0])


def page_of(app: Flask, cast: Cast, name: str) -> str:
    return f"/people/{uuid_of(app, cast, name)}"


@pytest.fixture
def unit_admin(app: Flask, cast: Cast, client: PageClient) -> PageClient:
    """The other head administers Dinas A, and nothing else."""
    grant(app, cast, "other_head", Role.ADMIN, "a")
    client.sign_in(cast.people["other_head"])
    return client


# ── Who sees whom ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["hr", "auditor", "admin"])
def test_a_role_for_the_root_shows_everybody(
    app: Flask, cast: Cast, client: PageClient, name: str
) -> None:
    with app.app_context(), transaction():
        people.add_person(
            nip="199001012015011001",
            name="Belum Ditempatkan",
            email=None,
            employment=Employment.PNS,
        )
    client.sign_in(cast.people[name])
    seen = words(client.get("/people"))
    for person in ("Sari Wulandari", "Andi Tenri", "Ratna Dewi", "Belum Ditempatkan"):
        assert person in seen


def test_a_role_for_a_unit_shows_who_is_placed_there_today(unit_admin: PageClient) -> None:
    seen = words(unit_admin.get("/people"))
    assert "Sari Wulandari" in seen
    assert "Hasan Basri" in seen
    for outside in ("Andi Tenri", "Ratna Dewi", "Putu Ayu Lestari"):  # the last one has moved on
        assert outside not in seen


def test_today_is_the_day_of_whoever_looks(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    """Half past midnight in Makassar, where the other head works, is yesterday in Jakarta."""
    grant(app, cast, "other_head", Role.AUDITOR, "b")
    at(clock.now().replace(hour=16, minute=30))
    with app.app_context(), transaction():
        placements.place_person(
            cast.person("learner"), cast.unit("b"), a_position(),
            start_on=clock.today("Asia/Makassar"),
        )  # fmt: skip
    assert clock.today("Asia/Makassar") > clock.today("Asia/Jakarta")
    page = page_of(app, cast, "learner")
    client.sign_in(cast.people["other_head"])
    assert "Sari Wulandari" in words(client.get("/people"))
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("outside", ["stranger", "wali", "mover"])
def test_nobody_beyond_the_reach_can_be_opened_or_acted_on(
    app: Flask, cast: Cast, unit_admin: PageClient, outside: str
) -> None:
    page = page_of(app, cast, outside)
    assert unit_admin.get(page).status_code == 404
    for act in ("activation-code", "close", "open", "roles"):
        assert unit_admin.send(f"{page}/{act}").status_code == 404, act
    assert rows(app, sa.select(ActivationCode.id)) == []


def test_a_role_that_is_over_opens_nothing(app: Flask, cast: Cast, client: PageClient) -> None:
    grant(app, cast, "learner", Role.ADMIN, "city", end_on=date(2021, 1, 1))
    client.sign_in(cast.people["learner"])
    assert client.get("/people").status_code == 403
    assert "Log audit" not in words(client.get("/my/settings"))


def test_hr_and_auditors_change_nothing(app: Flask, cast: Cast, client: PageClient) -> None:
    page = page_of(app, cast, "learner")
    for name in ("hr", "auditor"):
        client.sign_in(cast.people[name])
        shown = words(client.get(page))
        assert "Tutup akun" not in shown
        assert "Beri peran" not in shown
        for act in ("activation-code", "close", "open", "roles"):
            assert client.send(f"{page}/{act}").status_code == 403, act


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=wulan+sari", {"Sari Wulandari"}),
        ("q=19900404", {"Sari Wulandari"}),
        ("q=1990 0404", {"Sari Wulandari"}),
        ("q=%25", set()),
        ("unit=A1", {"Bagus Prasetyo", "Daud Kogoya", "Sari Wulandari"}),
        ("unit=TIDAK", set()),
        ("state=closed", {"Daud Kogoya"}),
        ("state=waiting", {"Andi Tenri"}),
        ("state=waiting&unit=A1", set()),
    ],
)
def test_search_unit_and_state_narrow(
    app: Flask, cast: Cast, client: PageClient, query: str, found: set[str]
) -> None:
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("colleague"))
        cast.person("stranger").password_hash = None
    client.sign_in(cast.people["admin"])
    page = client.get(f"/people?{query}").get_data(as_text=True)
    assert set(re.findall(r'class="pname"[^>]*>([^<]+)', page)) == found


def test_pages_go_on_by_key(app: Flask, cast: Cast, client: PageClient) -> None:
    with app.app_context(), transaction():
        for n in range(1, 61):
            person = people.add_person(
                nip=f"19900101201501{1 + n % 2}{n:03d}", name="Nama Sama", email=None,
                employment=Employment.PNS,
            )  # fmt: skip
            assert person.id
    client.sign_in(cast.people["admin"])
    address, seen, pages = "/people", list[str](), 0
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += re.findall(r'class="pname" href="([^"]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address, pages = (following[1].replace("&amp;", "&") if following else ""), pages + 1
    everybody = rows(app, sa.select(sa.func.count(Person.id)))[0][0]
    assert len(seen) == len(set(seen)) == everybody
    assert pages == 3


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────


def test_an_admin_closes_and_opens_an_account(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "learner")
    assert client.send(f"{page}/close").location == page
    assert "Ditutup" in words(client.get(page))
    assert client.send(f"{page}/open").location == page
    assert "Aktif" in words(client.get(page))
    acts = rows(app, sa.select(AuditEntry.action).order_by(AuditEntry.id))
    assert ("accounts.person_deactivated",) in acts
    assert ("accounts.person_reactivated",) in acts


def test_nobody_closes_the_own_account(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "admin")
    answer = client.send(f"{page}/close", follow_redirects=True)
    assert "Akun sendiri ditutup oleh admin lain" in words(answer)
    assert client.get("/people").status_code == 200


@pytest.mark.parametrize("act", ["activation-code", "close"])
def test_an_admin_of_a_unit_cannot_take_over_a_greater_role(
    app: Flask, cast: Cast, unit_admin: PageClient, act: str
) -> None:
    """The learner works in Dinas A, but is also an auditor of the whole city."""
    grant(app, cast, "learner", Role.AUDITOR, "city")
    page = page_of(app, cast, "learner")
    answer = unit_admin.send(f"{page}/{act}", follow_redirects=True)
    assert "Pegawai ini memegang peran atau jabatan di luar wewenang Anda." in words(answer)
    assert rows(app, sa.select(ActivationCode.id)) == []
    closed = sa.select(Person.deactivated_at).where(Person.id == cast.people["learner"])
    assert rows(app, closed) == [(None,)]


def test_a_head_who_also_stands_in_below_is_no_way_up(
    app: Flask, cast: Cast, unit_admin: PageClient
) -> None:
    """Who heads the city acts as head of Bidang A1 as well, within the reach of Dinas A's admin."""
    with app.app_context(), transaction():
        placements.place_person(
            cast.person("wali"), cast.unit("a1"), a_position(),
            start_on=START, standing=PlacementStanding.ACTING, heads_unit=True,
        )  # fmt: skip
    page = page_of(app, cast, "wali")
    assert unit_admin.get(page).status_code == 200
    for act in ("activation-code", "close"):
        answer = unit_admin.send(f"{page}/{act}", follow_redirects=True)
        assert "di luar wewenang Anda" in words(answer)
    assert rows(app, sa.select(ActivationCode.id)) == []


def test_an_admin_for_a_time_does_not_take_over_one_for_good(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    grant(app, cast, "other_head", Role.ADMIN, "a", end_on=TODAY + timedelta(days=3))
    grant(app, cast, "learner", Role.HR, "a1")
    client.sign_in(cast.people["other_head"])
    page = page_of(app, cast, "learner")
    answer = client.send(f"{page}/activation-code", follow_redirects=True)
    assert "di luar wewenang Anda" in words(answer)


def test_nobody_gives_a_code_to_oneself(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "admin")
    assert "Buat kode baru" not in words(client.get(page))
    client.send(f"{page}/activation-code")
    assert rows(app, sa.select(ActivationCode.id)) == []


def void_after(app: Flask, cast: Cast, client: PageClient) -> str:
    """A code for the learner, given by the admin of Dinas A; the page of the learner."""
    grant(app, cast, "other_head", Role.ADMIN, "a")
    client.sign_in(cast.people["other_head"])
    page = page_of(app, cast, "learner")
    assert client.send(f"{page}/activation-code").status_code == 200
    assert open_codes(app) == 1
    return page


def open_codes(app: Flask) -> int:
    where = (ActivationCode.used_at.is_(None), ActivationCode.void_at.is_(None))
    count: int = rows(app, sa.select(sa.func.count(ActivationCode.id)).where(*where))[0][0]
    return count


def test_a_code_does_not_outlive_what_it_was_given_for(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    page = void_after(app, cast, client)
    grant(app, cast, "learner", Role.ADMIN, "city")
    assert open_codes(app) == 0, "a new role"
    with app.app_context(), transaction():
        held = db.session.scalars(
            sa.select(RoleGrant).where(RoleGrant.person_id == cast.people["learner"])
        ).one()
        db.session.delete(held)
    client.send(f"{page}/activation-code")
    assert open_codes(app) == 1
    with app.app_context(), transaction():
        placements.place_person(
            cast.person("learner"), cast.unit("b"), a_position(),
            start_on=TODAY + timedelta(days=9),
        )  # fmt: skip
    assert open_codes(app) == 0, "another placement"


@pytest.mark.parametrize("ending", ["role", "account"])
def test_a_code_does_not_outlive_the_right_to_give_it(
    app: Flask, cast: Cast, client: PageClient, ending: str
) -> None:
    void_after(app, cast, client)
    client.sign_in(cast.people["admin"])
    giver = page_of(app, cast, "other_head")
    query = sa.select(RoleGrant.uuid).where(RoleGrant.person_id == cast.people["other_head"])
    held = rows(app, query)
    if ending == "role":
        client.send(f"{giver}/roles/{held[0][0]}/end", {"reason": "Mutasi"})
    else:
        client.send(f"{giver}/close")
    assert open_codes(app) == 0


def test_letters_leave_out_whom_the_admin_may_not_manage_and_say_so(
    app: Flask, cast: Cast, unit_admin: PageClient
) -> None:
    with app.app_context(), transaction():
        for name in ("learner", "colleague"):
            cast.person(name).password_hash = None
    grant(app, cast, "learner", Role.AUDITOR, "city")
    printed = words(unit_admin.send("/people/letters/print", {"unit": "A"}))
    assert "di luar wewenang Anda: Sari Wulandari." in printed
    assert open_codes(app) == 1
    again = words(unit_admin.get("/people/letters?unit=A"))
    assert "Daud Kogoya" not in again, "who has a code needs no second letter"


def test_a_role_that_is_over_stays_as_it_was(app: Flask, cast: Cast, client: PageClient) -> None:
    last = date(2021, 1, 1)
    grant(app, cast, "learner", Role.HR, "a", end_on=last)
    client.sign_in(cast.people["admin"])
    own = RoleGrant.person_id == cast.people["learner"]
    held = rows(app, sa.select(RoleGrant.uuid).where(own))[0][0]
    ending = f"{page_of(app, cast, 'learner')}/roles/{held}/end"
    assert "Peran ini sudah berakhir" in words(client.send(ending, {"reason": "x"}))
    assert rows(app, sa.select(RoleGrant.end_on).where(own)) == [(last,)]


def test_a_letter_shows_the_code_once_and_is_kept_by_nobody(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "learner")
    letter = client.send(f"{page}/activation-code")
    shown = words(letter)
    assert re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", shown)
    assert "http://localhost/activate" in shown
    assert letter.headers["Cache-Control"] == "no-store"
    assert "Kode aktivasi" in words(client.get(page))


def test_letters_are_for_who_waits_in_the_unit(app: Flask, cast: Cast, client: PageClient) -> None:
    with app.app_context(), transaction():
        for name in ("learner", "stranger"):
            cast.person(name).password_hash = None
    client.sign_in(cast.people["admin"])
    before = words(client.get("/people/letters?unit=A"))
    assert "Sari Wulandari" in before
    assert "Andi Tenri" not in before
    printed = words(client.send("/people/letters/print", {"unit": "A"}))
    assert "Sari Wulandari" in printed
    assert "Andi Tenri" not in printed
    assert "Hasan Basri" not in printed  # has a password
    assert len(rows(app, sa.select(ActivationCode.id))) == 1


def test_letters_of_a_unit_beyond_the_reach(app: Flask, cast: Cast, unit_admin: PageClient) -> None:
    with app.app_context(), transaction():
        cast.person("stranger").password_hash = None
    assert "Tidak ada unit" in words(unit_admin.get("/people/letters?unit=B"))
    unit_admin.send("/people/letters/print", {"unit": "B"})
    assert rows(app, sa.select(ActivationCode.id)) == []


# ── Roles ────────────────────────────────────────────────────────────────────────────────────


def typed(**values: str) -> dict[str, str]:
    return {"role": "hr", "unit": "A", "start_on": TODAY.isoformat(), "reason": "SK 9", **values}


def test_an_admin_grants_and_ends_a_role(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "learner")
    assert client.send(f"{page}/roles", typed()).location == page
    shown = words(client.get(page))
    assert "Admin SDM, Dinas A" in shown
    assert "SK 9" in shown
    found = rows(
        app, sa.select(RoleGrant.uuid).where(RoleGrant.person_id == cast.people["learner"])
    )
    ending = f"{page}/roles/{found[0][0]}/end"
    assert client.get(ending).status_code == 200
    assert client.send(ending, {"reason": ""}).status_code == 422
    assert client.send(ending, {"reason": "Pindah tugas"}).location == page
    assert "Berakhir" in words(client.get(page))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"unit": "TIDAK"}, "Tidak ada unit dengan kode ini dalam wewenang Anda"),
        ({"reason": " "}, "Isi alasan"),
        ({"end_on": "2025-12-31"}, "Peran tidak dapat berakhir sebelum mulai"),
        ({"start_on": "2026-01-05"}, "Peran mulai paling awal hari ini"),
        ({"start_on": "besok"}, "Isi tanggal, misalnya 2026-12-31."),
        ({"start_on": ""}, "Isi tanggal mulai"),
        ({"role": ""}, "Pilih peran"),
    ],
)
def test_a_faulty_grant_names_the_field_and_loses_nothing(
    app: Flask, cast: Cast, client: PageClient, fault: dict[str, str], message: str
) -> None:
    client.sign_in(cast.people["admin"])
    answer = client.send(f"{page_of(app, cast, 'learner')}/roles", typed(**fault))
    assert answer.status_code == 422
    assert message in words(answer)
    for value in typed(**fault).values():
        assert value.strip() in answer.get_data(as_text=True)


def test_a_role_that_does_not_exist_is_refused(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    answer = client.send(f"{page_of(app, cast, 'learner')}/roles", typed(role="raja"))
    assert answer.status_code == 422
    assert "Pilih peran" in words(answer)


def test_never_to_oneself(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    answer = client.send(f"{page_of(app, cast, 'admin')}/roles", typed())
    assert answer.status_code == 422
    assert rows(
        app, sa.select(RoleGrant.role).where(RoleGrant.person_id == cast.people["admin"])
    ) == [(Role.ADMIN,)]


def test_never_further_than_one_administers(app: Flask, cast: Cast, unit_admin: PageClient) -> None:
    page = page_of(app, cast, "learner")
    for beyond in ("CITY", "B"):
        assert unit_admin.send(f"{page}/roles", typed(unit=beyond)).status_code == 422
    assert unit_admin.send(f"{page}/roles", typed(unit="A1", role="admin")).status_code == 302


def test_never_for_longer_than_one_administers(app: Flask, cast: Cast, client: PageClient) -> None:
    last = clock.today("Asia/Jakarta") + timedelta(days=30)
    grant(app, cast, "other_head", Role.ADMIN, "a", end_on=last)
    client.sign_in(cast.people["other_head"])
    page = page_of(app, cast, "learner")
    longer = (last + timedelta(days=1)).isoformat()
    for end_on in ("", longer):
        answer = client.send(f"{page}/roles", typed(end_on=end_on))
        assert "Peran ini paling lama sampai peran Anda sendiri berakhir" in words(answer)
    assert client.send(f"{page}/roles", typed(end_on=last.isoformat())).status_code == 302


def test_a_role_is_held_once(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "learner")
    client.send(f"{page}/roles", typed())
    assert "Peran ini sudah dipegang di unit itu" in words(client.send(f"{page}/roles", typed()))


def test_an_admin_of_a_unit_ends_no_role_beyond_it(
    app: Flask, cast: Cast, unit_admin: PageClient
) -> None:
    grant(app, cast, "learner", Role.AUDITOR, "city")
    found = rows(
        app, sa.select(RoleGrant.uuid).where(RoleGrant.person_id == cast.people["learner"])
    )
    page = page_of(app, cast, "learner")
    assert unit_admin.send(f"{page}/roles/{found[0][0]}/end", {"reason": "x"}).status_code == 404


def test_nobody_ends_a_role_of_their_own(app: Flask, cast: Cast, client: PageClient) -> None:
    held = rows(app, sa.select(RoleGrant.uuid).where(RoleGrant.person_id == cast.people["admin"]))
    client.sign_in(cast.people["admin"])
    answer = client.send(f"{page_of(app, cast, 'admin')}/roles/{held[0][0]}/end", {"reason": "x"})
    assert answer.status_code == 422
    assert "Peran sendiri diakhiri oleh admin lain" in words(answer)


# ── The audit log ────────────────────────────────────────────────────────────────────────────


def test_the_log_tells_who_did_what(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["admin"])
    page = page_of(app, cast, "learner")
    client.send(f"{page}/close")
    client.sign_in(cast.people["auditor"])
    shown = words(client.get("/audit-log?act=accounts.person_deactivated"))
    assert "Akun ditutup" in shown
    assert "Komang Sri Astuti" in shown
    assert "Sari Wulandari" in shown
    narrowed = words(client.get("/audit-log?person=199004042015042004"))
    assert "Akun ditutup" in narrowed
    assert "Tidak ada yang cocok" in words(client.get("/audit-log?person=199999999999999999"))


def test_the_log_of_a_unit_holds_nothing_of_others(
    app: Flask, cast: Cast, unit_admin: PageClient
) -> None:
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("stranger"))
        people.deactivate_person(None, cast.person("colleague"))
    shown = words(unit_admin.get("/audit-log"))
    assert "Daud Kogoya" in shown
    assert "Andi Tenri" not in shown


def test_the_log_goes_on_by_key(app: Flask, cast: Cast, client: PageClient) -> None:
    with app.app_context():
        for _ in range(60):
            with transaction():
                people.deactivate_person(None, cast.person("learner"))
                people.reactivate_person(None, cast.person("learner"))
    client.sign_in(cast.people["auditor"])
    address, seen = "/audit-log?person=199004042015042004", 0
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += page.count('role="rowheader"')
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    about = sa.select(sa.func.count()).select_from(AuditEntry).where(
        AuditEntry.subject_uuid == rows(
            app, sa.select(Person.uuid).where(Person.id == cast.people["learner"])
        )[0][0]
    )  # fmt: skip
    assert seen == rows(app, about)[0][0] >= 120


def test_every_recorded_act_has_words() -> None:
    """What the code writes into the log, and what the page can say, are the same."""
    sources = " ".join(path.read_text("utf-8") for path in sorted((ROOT / "lms").rglob("*.py")))
    calls = re.findall(r'record(?:_many)?\(\s*[^"]*?"([a-z]+\.[a-z_]+)"', sources)
    assert set(calls) == set(ACTS)
