"""What every form shares: where a broken rule is shown, and what becomes of its transaction."""

import pytest
import sqlalchemy as sa
from flask import Flask
from wtforms import StringField

from lms.accounts.models import Unit
from lms.core.db import db, is_writing
from lms.core.errors import DomainError
from lms.core.forms import Form, at_most, required, writing


class NameForm(Form):
    name = StringField("Nama", [required("Isi nama"), at_most(5)])


def add_unit(code: str) -> None:
    db.session.add(Unit(code=code, name="X", path=f"/{code}/"))
    db.session.flush()


def codes() -> list[str]:
    return list(db.session.scalars(sa.select(Unit.code)))


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"name": "Sari"}, []),
        ({"name": ""}, ["Isi nama"]),
        ({}, ["Isi nama"]),
        ({"name": "a" * 6}, ["Paling banyak 5 karakter."]),
    ],
)
def test_the_messages_are_our_own(context: Flask, data: dict[str, str], errors: list[str]) -> None:
    with context.test_request_context(method="POST", data=data):
        form = NameForm(meta={"csrf": False})
        assert form.validate() is (not errors)
        assert [str(error) for error in form.name.errors] == errors


def test_a_form_without_its_token_is_not_valid(context: Flask) -> None:
    with context.test_request_context(method="POST", data={"name": "Sari"}):
        assert not NameForm().validate()


@pytest.mark.parametrize(
    ("field", "beside", "on_top"),
    [("name", ["Sudah ada"], []), (None, [], ["Sudah ada"]), ("unknown", [], ["Sudah ada"])],
)
def test_a_broken_rule_stands_beside_its_field_or_on_top(
    context: Flask, field: str | None, beside: list[str], on_top: list[str]
) -> None:
    with context.test_request_context(method="POST", data={"name": "Sari"}):
        form = NameForm(meta={"csrf": False})
        form.refuse(DomainError("Sudah ada", field))
        assert (list(form.name.errors), list(form.form_errors)) == (beside, on_top)


def test_a_broken_rule_undoes_the_act_and_the_view_goes_on(context: Flask) -> None:
    with context.test_request_context(method="POST", data={"name": "Sari"}):
        form = NameForm(meta={"csrf": False})
        with writing(form):
            add_unit("X")
            raise DomainError("Tidak boleh")
        assert (list(form.form_errors), is_writing(), codes()) == (["Tidak boleh"], False, [])


@pytest.mark.parametrize("error", [DomainError("x"), ZeroDivisionError(), KeyboardInterrupt()])
def test_without_a_form_every_error_undoes_the_act_and_goes_on_its_way(
    context: Flask, error: BaseException
) -> None:
    def act() -> None:
        with writing():
            add_unit("X")
            raise error

    with pytest.raises(type(error)):
        act()
    assert not is_writing()
    assert codes() == []


def test_an_act_that_succeeds_stays_open_for_the_hook(context: Flask) -> None:
    with writing():
        add_unit("X")
    assert is_writing()
    db.session.rollback()
    assert codes() == []
