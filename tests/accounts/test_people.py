"""People and roles: what the actions allow, and who is acting."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from lms.accounts import queries
from lms.accounts.actions import people, roles
from lms.accounts.models import Person
from lms.accounts.queries.sessions import signed_in_for
from lms.accounts.rules import Employment, Role
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from tests.accounts.door import is_in, key_of, sessions, sign_in
from tests.cast import Cast
from tests.client import PageClient
from tests.conftest import SetClock
from tests.queries import counted

NEW = {"nip": "199209092018012009", "name": "Wayan Sudiarta", "email": "wayan@contoh.test"}


def add(**values: Any) -> Person:
    given: dict[str, Any] = {**NEW, "employment": Employment.PNS, **values}
    return people.add_person(**given)


def test_a_person_is_stored_tidied(context: Flask) -> None:
    with transaction():
        person = add(
            nip="19920909 201801 2 009",
            name="  Wayan \u200b Sudiarta\n",
            email=" Wayan@Contoh.TEST ",
        )
    assert (person.nip, person.name, person.email) == tuple(NEW.values())


@pytest.mark.parametrize("email", [None, "", "  "])
def test_a_person_needs_no_address(context: Flask, email: str | None) -> None:
    with transaction():
        assert add(email=email).email is None
        assert add(nip="199209092018012010", email=email).email is None  # none is not "the same"


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"nip": "199004042015042004"}, "nip", "NIP ini sudah terdaftar"),
        ({"nip": "1990 0404 2015 04 2004"}, "nip", "NIP ini sudah terdaftar"),
        ({"email": "sari@contoh.test"}, "email", "Surel ini sudah terdaftar"),
        ({"email": "SARI@contoh.test "}, "email", "Surel ini sudah terdaftar"),
        ({"nip": "1992"}, "nip", "NIP terdiri atas 18 angka"),
        ({"nip": ""}, "nip", "NIP terdiri atas 18 angka"),
        ({"nip": "199213092018012009"}, "nip", "Delapan angka pertama NIP bukan tanggal lahir"),
        ({"nip": "199209092018002009"}, "nip", "bukan waktu pengangkatan"),
        ({"nip": "200509092018012009"}, "nip", "belum 18 tahun"),
        ({"nip": "199209092018013009"}, "nip", "Angka ke-15 NIP harus 1 atau 2"),
        ({"nip": "199209092018012000"}, "nip", "Tiga angka terakhir NIP tidak boleh 000"),
        ({"nip": "199209092019212009"}, "nip", "Nomor ini milik PPPK, bukan PNS"),
        ({"name": ""}, "name", "Isi nama, paling banyak 160 karakter"),
        ({"name": " \u200b\x00 "}, "name", "Isi nama, paling banyak 160 karakter"),
        ({"name": "W" * 161}, "name", "Isi nama, paling banyak 160 karakter"),
        ({"email": "wayan"}, "email", "tidak dapat dikirimi surat"),
        ({"email": "a@b.test\nBcc: c@d.test"}, "email", "tidak dapat dikirimi surat"),
        ({"email": f"{'a' * 60}@{'b' * 60}.{'c.' * 80}test"}, "email", "tidak dapat dikirimi"),
    ],
)
def test_a_faulty_or_taken_person_is_refused_by_field(
    context: Flask, cast: Cast, values: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(DomainError) as caught, transaction():
        add(**values)
    assert caught.value.field == field
    assert message in caught.value.message
    assert db.session.scalar(sa.select(sa.func.count(Person.id))) == len(cast.people)


def test_a_pppk_number_belongs_to_pppk(context: Flask) -> None:
    with transaction():
        person = add(nip="199209092019212009", employment=Employment.PPPK)
    assert person.employment is Employment.PPPK


def test_the_database_itself_refuses_a_second_of_each(context: Flask, cast: Cast) -> None:
    for values in ({"nip": "199004042015042004"}, {"email": "sari@contoh.test"}):
        columns = {**NEW, "employment": Employment.PNS, "uuid": uuid4(), **values}
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(sa.insert(Person).values(columns))


# ── Who acts ─────────────────────────────────────────────────────────────────────────────────


def test_knowing_who_acts_takes_two_queries(app: Flask, cast: Cast, client: PageClient) -> None:
    client.sign_in(cast.people["head"])
    key = key_of(client)
    with app.app_context(), counted(app) as statements:
        assert signed_in_for(key) is not None
    assert len(statements) <= 2
    with app.app_context(), counted(app) as statements:
        assert signed_in_for("nobody's") is None
    assert len(statements) == 1


def test_a_deactivated_person_is_out_with_the_next_request(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    sign_in(client, remember="y")
    with app.app_context(), transaction():
        people.deactivate_person(None, cast.person("learner"))
    assert not is_in(client)
    client.delete_cookie("kompeten")
    assert not is_in(client)  # nor by the remember cookie
    assert sessions(app, live=True) == []
    assert sign_in(client).status_code == 422


def test_deactivating_alone_shuts_out_whatever_the_sessions_say(
    app: Flask, cast: Cast, client: PageClient
) -> None:
    sign_in(client)
    with app.app_context(), transaction():
        cast.person("learner").deactivated_at = clock.now()
    assert len(sessions(app, live=True)) == 1
    assert not is_in(client)


def test_the_day_of_leaving_is_the_first_one_named(
    context: Flask, cast: Cast, at: SetClock
) -> None:
    start = clock.now()
    at(start)
    with transaction():
        people.deactivate_person(None, cast.person("learner"))
    at(start + timedelta(days=9))
    with transaction():
        people.deactivate_person(None, cast.person("learner"))
    assert cast.person("learner").deactivated_at == start


def test_a_role_holds_from_its_first_day_to_its_last(
    app: Flask, cast: Cast, client: PageClient, at: SetClock
) -> None:
    first, last = date(2027, 3, 1), date(2027, 3, 31)
    with app.app_context(), transaction():
        grant = roles.grant_role(
            cast.person("learner"), Role.HR, cast.unit("a"), start_on=first, reason="SK 9"
        )
        grant.end_on = last
    jakarta = ZoneInfo("Asia/Jakarta")
    for moment, holds in (
        (datetime(2027, 2, 28, 23, 59, tzinfo=jakarta), False),
        (datetime(2027, 3, 1, 0, 0, tzinfo=jakarta), True),
        (datetime(2027, 3, 31, 23, 59, tzinfo=jakarta), True),
        (datetime(2027, 4, 1, 0, 0, tzinfo=jakarta), False),
    ):
        at(moment)
        client.sign_in(cast.people["learner"])
        with app.app_context():
            actor = signed_in_for(key_of(client))
            assert actor is not None
            assert [g.role for g in queries.own_roles(actor)] == ([Role.HR] if holds else [])
