"""Roles in the register: who grants and ends which, for whom and for how long."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.accounts.models import RoleGrant
from lms.accounts.rules import Role
from lms.core import clock
from tests.accounts.door import rows
from tests.accounts.register import TODAY, grant, page_of
from tests.cast import Cast
from tests.client import PageClient, words


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


def test_a_role_that_is_over_stays_as_it_was(app: Flask, cast: Cast, client: PageClient) -> None:
    last = date(2021, 1, 1)
    grant(app, cast, "learner", Role.HR, "a", end_on=last)
    client.sign_in(cast.people["admin"])
    own = RoleGrant.person_id == cast.people["learner"]
    held = rows(app, sa.select(RoleGrant.uuid).where(own))[0][0]
    ending = f"{page_of(app, cast, 'learner')}/roles/{held}/end"
    assert "Peran ini sudah berakhir" in words(client.send(ending, {"reason": "x"}))
    assert rows(app, sa.select(RoleGrant.end_on).where(own)) == [(last,)]


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
