"""A browser without its cookies sends a form: it waits for the person whose page it was on."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lms.core.db import db
from lms.learning.models import LessonDone
from tests.accounts.door import EMAIL, PageForm, form_on, is_in, rows, send_form, sign_in
from tests.cast import PASSWORD, Cast
from tests.client import PageClient, words

LESSON = "/courses/melayani/learn/sapa"
OTHER = "andi@contoh.test"


@pytest.fixture
def learner(client: PageClient, course: str) -> PageClient:
    """Sari, signed in and enrolled."""
    sign_in(client)
    client.send(f"/courses/{course}/enrol")
    return client


@pytest.fixture
def form(learner: PageClient) -> PageForm:
    """The button under a lesson, pressed after the browser's cookies are gone."""
    found = form_on(learner.get(LESSON), to="/done")
    learner.delete_cookie("kompeten")
    return found


def lessons_done(app: Flask) -> int:
    return len(rows(app, db.select(LessonDone.__table__)))


def sign_in_on(client: PageClient, page: TestResponse, name: str = EMAIL) -> TestResponse:
    found = form_on(page, "identifier")
    return send_form(client, found, identifier=name, password=PASSWORD)


def test_what_was_sent_is_offered_after_signing_in(
    app: Flask, learner: PageClient, form: PageForm
) -> None:
    page = send_form(learner, form)
    assert page.status_code == 401
    assert "Yang baru saja Anda kirim masih tersimpan" in words(page)
    resume = sign_in_on(learner, page)
    assert lessons_done(app) == 0  # not before it is asked for
    assert send_form(learner, form_on(resume, to="/done")).status_code == 302
    assert lessons_done(app) == 1


def test_another_person_gets_nothing_of_it(app: Flask, learner: PageClient, form: PageForm) -> None:
    response = sign_in_on(learner, send_form(learner, form), OTHER)
    assert response.status_code == 302
    assert is_in(learner)
    assert lessons_done(app) == 0


def test_with_another_person_signed_in_it_is_refused(
    app: Flask, learner: PageClient, form: PageForm
) -> None:
    sign_in(learner, OTHER)
    page = send_form(learner, form, secret_words="hanya milik Sari")
    assert page.status_code == 400
    assert "hanya milik Sari" not in page.get_data(as_text=True)
    assert lessons_done(app) == 0


def test_signed_in_again_in_another_tab_it_is_offered_at_once(
    app: Flask, learner: PageClient, form: PageForm
) -> None:
    sign_in(learner)
    page = send_form(learner, form)
    assert page.status_code == 400
    assert "Lanjutkan yang tadi" in words(page)
    assert lessons_done(app) == 0
    assert send_form(learner, form_on(page, to="/done")).status_code == 302
    assert lessons_done(app) == 1


def test_a_remembered_person_need_not_sign_in(app: Flask, client: PageClient, course: str) -> None:
    """A phone closes its browser: the cookie of the session goes, "Ingat saya" stays."""
    sign_in(client, remember="y")
    client.send(f"/courses/{course}/enrol")
    for _ in range(2):  # the session that is taken up again holds forms too
        form = form_on(client.get(LESSON), to="/done")
        client.delete_cookie("kompeten")
        page = send_form(client, form)
        assert "Lanjutkan yang tadi" in words(page)
        client.delete_cookie("kompeten")
    assert lessons_done(app) == 0
    client.get("/")
    form = form_on(client.get(LESSON), to="/done")
    assert send_form(client, form).status_code == 302
    assert lessons_done(app) == 1


@pytest.mark.parametrize("signed_in_as", [None, EMAIL, OTHER])
def test_a_script_is_told_that_the_session_ended(
    app: Flask, learner: PageClient, form: PageForm, signed_in_as: str | None
) -> None:
    """It finds out by itself who is signed in now."""
    if signed_in_as:
        sign_in(learner, signed_in_as)
    answer = learner.post(form.action, data=form.fields, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json == {"error": "Sesi Anda berakhir.", "sign_in": "/sign-in"}
    assert lessons_done(app) == 0


def test_the_page_of_a_visitor_is_nobodys(client: PageClient) -> None:
    """Its token is signed by us, but for no person."""
    form = form_on(client.get("/sign-in"), "identifier")
    client.delete_cookie("kompeten")
    page = client.post(f"{LESSON}/done", data=form.fields)
    assert page.status_code == 400


@pytest.mark.parametrize("token", ["", "x", "é.x.y", "ImFiYyI.x.y"])
def test_a_forged_token_holds_nothing(client: PageClient, token: str) -> None:
    for accept in ("text/html", "application/json"):
        headers = {"Accept": accept}
        answer = client.post(f"{LESSON}/done", data={"csrf_token": token}, headers=headers)
        assert answer.status_code == 400


def test_what_anybody_may_do_is_not_held(learner: PageClient) -> None:
    """Else one would sign in to sign out."""
    out = form_on(learner.get("/my/settings"), to="/sign-out")
    learner.delete_cookie("kompeten")
    assert send_form(learner, out).status_code == 400


def test_a_password_is_not_held(learner: PageClient) -> None:
    form = form_on(learner.get("/password/change"), "current")
    learner.delete_cookie("kompeten")
    page = send_form(learner, form, current=PASSWORD, password="rahasia-saya-7")
    assert page.status_code == 401
    assert "rahasia-saya-7" not in page.get_data(as_text=True)
    assert form_on(page, "identifier").fields["held"] == [""]
    sign_in(learner)
    again = send_form(learner, form, current=PASSWORD, password="rahasia-saya-7")
    assert again.status_code == 400
    assert "rahasia-saya-7" not in again.get_data(as_text=True)


@pytest.mark.parametrize(("from_where", "replaced"), [("cross-site", False), ("same-origin", True)])
def test_a_form_on_another_site_does_not_sign_anybody_out(
    client: PageClient, cast: Cast, from_where: str, replaced: bool
) -> None:
    """The browser sends no cookie with it, but would keep one that comes back."""
    headers = {"Sec-Fetch-Site": from_where}
    answer = client.post(f"{LESSON}/done", data={"csrf_token": "x"}, headers=headers)
    assert answer.status_code == 400
    assert ("Set-Cookie" in answer.headers) is replaced
