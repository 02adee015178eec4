"""Accounts in the register: closed, opened and given codes by who may manage them, nobody else."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.actions import placements
from lms.accounts.models import ActivationCode, Person, RoleGrant
from lms.accounts.rules import PlacementStanding, Role
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from tests.accounts.door import rows
from tests.accounts.register import START, TODAY, a_position, grant, page_of
from tests.cast import Cast
from tests.client import PageClient, words


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
