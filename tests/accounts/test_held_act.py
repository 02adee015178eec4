"""A session ends while something is being sent: it waits for its sender, and for nobody else."""

import random
import re
import string
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from lms.accounts.actions import tries
from lms.accounts.models import Person
from lms.accounts.views.held import HELD, HELD_LIMIT
from lms.core import clock, tokens
from lms.core.db import db
from lms.learning.models import LessonDone
from lms.quizzes.models import Answer
from tests.accounts.door import EMAIL, form_on, is_in, rows, send_form, sign_in
from tests.cast import PASSWORD, Cast
from tests.client import PageClient, words
from tests.conftest import SetClock
from tests.learning import answers
from tests.learning.writing import ESSAYS, PDF, SETTINGS, TEXT
from tests.sample_course import import_course, write_course

LESSON = "/courses/melayani/learn/sapa"
OVER = timedelta(hours=13)


@pytest.fixture
def start(at: SetClock) -> datetime:
    """The clock stands still; sessions opened now are over at `start + OVER`."""
    now = clock.now()
    at(now)
    return now


@pytest.fixture
def learner(client: PageClient, course: str, start: datetime) -> PageClient:
    """Sari, signed in and enrolled."""
    sign_in(client)
    client.send(f"/courses/{course}/enrol")
    return client


@pytest.fixture
def interrupted(learner: PageClient, start: datetime, at: SetClock) -> TestResponse:
    """What Sari gets who pressed "Selesai, lanjut" after her session was over."""
    form = form_on(learner.get(LESSON), to="/done")
    at(start + OVER)
    return send_form(learner, form, csrf_token=form.fields["csrf_token"])


def lessons_done(app: Flask) -> int:
    return len(rows(app, sa.select(LessonDone.__table__)))


def sign_in_on(
    client: PageClient,
    page: TestResponse,
    name: str = EMAIL,
    password: str = PASSWORD,
    **typed: Any,
) -> TestResponse:
    """Sign in with the form of this very page, as a browser would send it."""
    return send_form(
        client, form_on(page, "identifier"), identifier=name, password=password, **typed
    )


def test_the_act_takes_effect_after_signing_in_and_going_on(
    app: Flask, learner: PageClient, interrupted: TestResponse
) -> None:
    assert interrupted.status_code == 401
    assert "Yang baru saja Anda kirim masih tersimpan" in words(interrupted)
    assert lessons_done(app) == 0
    resume = sign_in_on(learner, interrupted)
    assert resume.status_code == 200
    page = words(resume)
    assert "Lanjutkan yang tadi" in page
    assert re.search(r"Menunggu Anda Dikirim \d+ \w+ \d{4}, \d\d\.\d\d WIB", page)
    assert "Berkas" not in page
    assert lessons_done(app) == 0  # not before it is asked for
    form = form_on(resume, to="/done")
    assert form.action == f"{LESSON}/done"
    assert send_form(learner, form).location == "/courses/melayani/learn/dengar"
    assert lessons_done(app) == 1


def test_it_can_be_left_alone(app: Flask, learner: PageClient, interrupted: TestResponse) -> None:
    resume = sign_in_on(learner, interrupted)
    assert 'href="/">Batalkan' in resume.get_data(as_text=True)
    assert learner.get("/").status_code == 200
    assert lessons_done(app) == 0


def test_a_wrong_password_in_between_loses_nothing(
    app: Flask, learner: PageClient, interrupted: TestResponse
) -> None:
    refused = sign_in_on(learner, interrupted, password="salah-sama-sekali")
    assert refused.status_code == 422
    assert "Yang baru saja Anda kirim masih tersimpan" in words(refused)
    send_form(learner, form_on(sign_in_on(learner, refused), to="/done"))
    assert lessons_done(app) == 1


def test_the_answer_to_a_question_is_sent_with_all_its_values(
    app: Flask, learner: PageClient, start: datetime, at: SetClock
) -> None:
    """Also choices ticked more than once and the button that was pressed."""
    uuid = answers.start(learner, "melayani", "akhir")
    count = answers.count(learner, uuid)
    number, right = max(
        ((n, answers.values(learner, uuid, n, right=True)) for n in range(1, count + 1)),
        key=lambda pair: len(pair[1]),
    )
    address = f"/attempts/{uuid}/questions/{number}"
    form = form_on(learner.get(address), "seq")
    at(start + OVER)
    page = send_form(learner, form, answer=[str(v) for v in right], go="review", seq="1")
    resume = form_on(sign_in_on(learner, page), "seq")
    assert sorted(resume.fields["answer"]) == sorted(str(v) for v in right)
    assert len(right) == 2
    assert send_form(learner, resume).location == f"/attempts/{uuid}/review"
    ((chosen,),) = rows(app, sa.select(Answer.value).where(Answer.value.is_not(None)))
    assert len(chosen) == 2


def test_a_file_is_not_kept_and_the_page_says_so(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, start: datetime, at: SetClock
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path, final=ESSAYS, settings=SETTINGS))
        db.session.remove()
    sign_in(client)
    client.send("/courses/melayani/enrol")
    address = f"/attempts/{answers.start(client, 'melayani', 'akhir')}/questions/2"
    form = form_on(client.get(address), "seq")
    at(start + OVER)
    sent = {**form.fields, "answer": TEXT, "file": (BytesIO(PDF), "laporan <akhir>.pdf")}
    page = client.post(address, data=sent, content_type="multipart/form-data")
    assert page.status_code == 401
    resume = sign_in_on(client, page)
    assert "Berkas tidak ikut tersimpan: laporan <akhir>.pdf" in words(resume)
    assert "pilih dan kirim berkas itu sekali lagi" in words(resume)
    assert send_form(client, form_on(resume, "seq")).status_code == 302
    assert [row.value for row in rows(app, sa.select(Answer.value))] == [TEXT]
    assert "laporan" not in words(client.get(address))


def test_a_script_is_told_where_to_sign_in(
    learner: PageClient, start: datetime, at: SetClock
) -> None:
    at(start + OVER)
    response = learner.save(f"{LESSON}/done", {})
    assert response.status_code == 401
    assert response.json == {"error": "Sesi Anda berakhir.", "sign_in": "/sign-in"}


def test_another_person_gets_nothing_of_it(
    app: Flask, learner: PageClient, interrupted: TestResponse
) -> None:
    response = sign_in_on(learner, interrupted, "andi@contoh.test")
    assert response.status_code == 302
    assert "Lanjutkan" not in response.get_data(as_text=True)
    assert is_in(learner)
    assert lessons_done(app) == 0


def test_the_page_before_is_come_back_to_where_nothing_was_held(
    learner: PageClient, interrupted: TestResponse, start: datetime, at: SetClock
) -> None:
    where = {"Referer": f"http://localhost{LESSON}?from=mail"}
    page = learner.send(f"{LESSON}/done", headers=where)
    response = sign_in_on(learner, page, "andi@contoh.test")
    assert response.location == f"{LESSON}?from=mail"


@pytest.mark.parametrize(
    "referrer",
    ["https://evil.test/x", "http://[evil", "http://localhost//evil.test", "javascript:x", "\\x"],
)
def test_a_foreign_referrer_leads_home(
    learner: PageClient, start: datetime, at: SetClock, referrer: str
) -> None:
    at(start + OVER)
    page = learner.send(f"{LESSON}/done", headers={"Referer": referrer})
    assert page.status_code == 401
    assert form_on(page, "identifier").fields["next"] == [""]


# ── Tokens that do not hold ──────────────────────────────────────────────────────────────────


def changed(token: str) -> str:
    middle = len(token) // 2
    return token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]


@pytest.mark.parametrize(
    "tamper", [changed, lambda token: token[:-1], lambda _: "x", lambda _: "\x01é.x.y"]
)
def test_a_tampered_token_holds_nothing(
    app: Flask,
    learner: PageClient,
    interrupted: TestResponse,
    tamper: Callable[[str], str],
) -> None:
    form = form_on(interrupted, "identifier")
    held = tamper(form.fields["held"][0])
    refused = send_form(learner, form, identifier=EMAIL, password="salah-benar", held=held)
    assert "masih tersimpan" not in words(refused)
    assert form_on(refused, "identifier").fields["held"] == [""]
    response = send_form(learner, form, identifier=EMAIL, password=PASSWORD, held=held)
    assert response.status_code == 302
    assert lessons_done(app) == 0


@pytest.mark.parametrize(("after", "held"), [(12 * 3600, True), (12 * 3600 + 1, False)])
def test_it_is_held_for_twelve_hours(
    learner: PageClient,
    interrupted: TestResponse,
    start: datetime,
    at: SetClock,
    after: int,
    held: bool,
) -> None:
    at((start + OVER).replace(microsecond=0) + timedelta(seconds=after))
    assert sign_in_on(learner, interrupted).status_code == (200 if held else 302)


def uuid_of(app: Flask, cast: Cast, name: str) -> UUID:
    ((uuid,),) = rows(app, sa.select(Person.uuid).where(Person.id == cast.people[name]))
    assert isinstance(uuid, UUID)
    return uuid


@pytest.mark.parametrize(
    ("purpose", "action", "leads_to"),
    [
        (HELD, "/preferences", "/preferences"),
        (HELD, "//evil.test", "/"),  # even a signed address stays on this site
        (HELD, "https://evil.test", "/"),
        (tries.RESET, "/preferences", None),  # a token made for another purpose
    ],
)
def test_a_token_leads_inside_only_and_serves_one_purpose(
    app: Flask, cast: Cast, client: PageClient, purpose: str, action: str, leads_to: str | None
) -> None:
    with app.app_context():
        value = {
            "person": str(uuid_of(app, cast, "learner")),
            "action": action,
            "fields": [["theme", "dark"]],
            "at": clock.now().isoformat(),
        }
        token = tokens.sign(purpose, value)
    response = sign_in(client, held=token)
    if leads_to is None:
        assert response.status_code == 302
        return
    form = form_on(response, "theme")
    assert (form.action, form.fields["theme"]) == (leads_to, ["dark"])
    assert send_form(client, form).status_code == (302 if leads_to == "/preferences" else 405)


# ── What is not held ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("field", ["password", "password_again", "current"])
def test_a_password_is_never_held(
    learner: PageClient, start: datetime, at: SetClock, field: str
) -> None:
    at(start + OVER)
    page = learner.send("/password/change", {field: "rahasia-saya-7", "other": "x"})
    assert page.status_code == 401
    assert "rahasia-saya-7" not in page.get_data(as_text=True)
    assert form_on(page, "identifier").fields["held"] == [""]
    assert "Yang baru saja Anda kirim belum tersimpan" in words(page)


def test_something_too_large_is_not_held_and_the_page_says_so(
    learner: PageClient, start: datetime, at: SetClock
) -> None:
    at(start + OVER)
    noise = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=HELD_LIMIT))
    page = learner.send(f"{LESSON}/done", {"text": noise})
    assert page.status_code == 401
    assert form_on(page, "identifier").fields["held"] == [""]
    assert "Yang baru saja Anda kirim belum tersimpan" in words(page)
    assert sign_in_on(learner, page).status_code == 302


def test_a_visitor_without_a_session_is_held_nothing(client: PageClient, course: str) -> None:
    page = client.send(f"{LESSON}/done", {"x": "1"})
    assert page.status_code == 401
    assert form_on(page, "identifier").fields["held"] == [""]


@pytest.mark.parametrize(
    ("sent", "carried"),
    [
        ('"><script>alert(1)</script>', '"><script>alert(1)</script>'),
        ("Padi 🌾 \u202eterbalik", "Padi 🌾 \u202eterbalik"),
        ("satu\ndua\ttiga", "satu\ndua\ttiga"),
        ("nol\x01\x1bsatu", "nolsatu"),  # no page can carry these
        ("%(name)s %s {{ 7*7 }}", "%(name)s %s {{ 7*7 }}"),
    ],
)
def test_any_text_is_carried_as_it_was(
    learner: PageClient, start: datetime, at: SetClock, sent: str, carried: str
) -> None:
    at(start + OVER)
    resume = sign_in_on(learner, learner.send(f"{LESSON}/done", {"text": sent}))
    assert form_on(resume, "text").fields["text"] == [carried]


# ── Pages that stayed open in other tabs ─────────────────────────────────────────────────────


def test_an_open_tab_still_works_after_the_same_person_signed_in_again(
    app: Flask, learner: PageClient, start: datetime, at: SetClock
) -> None:
    tab = form_on(learner.get(LESSON), to="/done")
    at(start + OVER)
    assert sign_in(learner).status_code == 302
    assert send_form(learner, tab).status_code == 302
    assert lessons_done(app) == 1


def test_an_open_tab_is_dead_after_another_person_signed_in(
    app: Flask, learner: PageClient, start: datetime, at: SetClock
) -> None:
    """Else the act of one would be done in the name of the other."""
    tab = form_on(learner.get("/my/settings"), to="/preferences")
    at(start + OVER)
    assert sign_in(learner, "andi@contoh.test").status_code == 302
    assert send_form(learner, tab, language="en").status_code == 400
    assert rows(app, sa.select(Person.language).where(Person.language.is_not(None))) == []


def test_an_open_tab_is_dead_after_signing_out(learner: PageClient) -> None:
    tab = form_on(learner.get(LESSON), to="/done")
    learner.send("/sign-out")
    sign_in(learner)
    assert send_form(learner, tab).status_code == 400
