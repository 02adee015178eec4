"""The tabs of a course and of a bank: each role is led to what it may open, and to nothing else."""

import html
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from lms.core import clock
from lms.core.db import db, transaction
from lms.courses.actions import banks, drafts
from lms.courses.models import Course, CourseMember
from lms.courses.rules import CourseRole
from lms.learning.actions.publishing import discard_draft
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import Desk
from tests.learning.assigning import actor_of

ROLES = list(CourseRole)
NOBODY = "nobody"


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    """The course `melayani` with a draft, and the bank `bank-layanan` of the same unit."""
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    with app.app_context():
        hr = actor_of(cast, "hr")
        with transaction():
            banks.create_bank(
                hr, "bank-layanan", cast.unit("b"), banks.beginning("Bank layanan", "id")
            )
        db.session.remove()
    return desk


def client_as(desk: Desk, slug: str, role: CourseRole | str) -> PageClient:
    """`stranger`, a trainer, with this role and no other in the course."""
    person = desk.cast.people["stranger"]
    with desk.app.app_context(), transaction():
        course = db.session.scalars(select(Course).where(Course.slug == slug)).one()
        db.session.execute(delete(CourseMember).where(CourseMember.person_id == person))
        if isinstance(role, CourseRole):
            db.session.add(
                CourseMember(
                    course_id=course.id, person_id=person, role=role, since_at=clock.now()
                )
            )  # fmt: skip
    client = desk.app.test_client()
    assert isinstance(client, PageClient)
    client.sign_in(person)
    return client


def tabs_in(page: str) -> list[str]:
    found = re.search(r'aria-label="(?:Kursus|Bank) ini">(.*?)</nav>', page, re.DOTALL)
    return re.findall(r'href="([^"]+)"', found.group(1)) if found else []


def followed(client: PageClient, start: str) -> list[str]:
    """The tabs of a page; every one of them is opened, and shows the same ones."""
    tabs = tabs_in(client.get(start).get_data(as_text=True))
    for url in tabs:
        answer = client.get(url, follow_redirects=True)
        assert answer.status_code == 200, url
        shown = tabs_in(answer.get_data(as_text=True))
        assert shown in (tabs, []), url  # the preview and the marking have a frame of their own
    return tabs


@pytest.mark.parametrize("has_draft", [True, False])
@pytest.mark.parametrize("role", ROLES)
def test_every_tab_of_a_course_opens_in_every_role(
    desk: Desk, role: CourseRole, *, has_draft: bool
) -> None:
    if not has_draft:
        with desk.app.app_context():
            hr = actor_of(desk.cast, "hr")
            with transaction():
                course = db.session.scalars(select(Course).where(Course.slug == "melayani")).one()
                discard_draft(hr, course)
    every = followed(client_as(desk, "melayani", CourseRole.OWNER), "/studio/melayani")
    client = client_as(desk, "melayani", role)
    own = followed(client, "/studio/melayani")
    assert own[0] == "/studio/melayani"
    for url in {*every} - {*own} - {"/marking?course=melayani"}:
        assert client.get(url).status_code == 403, url


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        (CourseRole.OWNER, set()),
        (CourseRole.AUTHOR, set()),
        (CourseRole.REVIEWER,
         {"settings", "media", "enrolment", "learners", "allowances", "regrades", "analytics"}),
        (CourseRole.MARKER, {"settings", "bank", "media", "review", "publish", "regrades"}),
    ],
)  # fmt: skip
def test_a_role_is_not_led_where_it_may_not_go(
    desk: Desk, role: CourseRole, hidden: set[str]
) -> None:
    every = tabs_in(
        client_as(desk, "melayani", CourseRole.OWNER)
        .get("/studio/melayani").get_data(as_text=True)
    )  # fmt: skip
    own = tabs_in(client_as(desk, "melayani", role).get("/studio/melayani").get_data(as_text=True))
    missing = {url.removeprefix("/studio/melayani/") for url in {*every} - {*own}}
    assert missing - {"/marking?course=melayani"} == hidden
    assert ("/marking?course=melayani" in own) is (role is not CourseRole.REVIEWER)


@pytest.mark.parametrize("role", [*ROLES, NOBODY])
def test_every_tab_of_a_bank_opens_in_every_role(desk: Desk, role: CourseRole | str) -> None:
    client = client_as(desk, "bank-layanan", role)
    own = followed(client, "/studio/bank-layanan/bank")
    pages = {url.removeprefix("/studio/bank-layanan/") for url in own}
    assert (
        pages
        == {
            CourseRole.OWNER: {"bank", "media", "members", "bank/settings"},
            CourseRole.AUTHOR: {"bank", "media", "members", "bank/settings"},
            CourseRole.REVIEWER: {"bank", "members", "bank/settings"},
            CourseRole.MARKER: {"bank", "members"},
            NOBODY: set(),  # one tab is no choice
        }[role]
    )
    for page in {"media", "members", "bank/settings"} - pages:
        assert client.get(f"/studio/bank-layanan/{page}").status_code in (403, 404), page


@pytest.mark.parametrize("slug", ["melayani", "bank-layanan"])
@pytest.mark.parametrize("role", ROLES)
def test_every_link_within_a_course_or_bank_leads_on(
    desk: Desk, role: CourseRole, slug: str
) -> None:
    client = client_as(desk, slug, role)
    begun = f"/studio/{slug}"
    ahead, seen, dead = [begun], {begun}, []
    while ahead:
        url = ahead.pop()
        answer = client.get(url, follow_redirects=True)
        if answer.status_code != 200:
            dead.append(url)
        elif answer.mimetype == "text/html":
            found = re.findall(r'href="([^"]+)"', answer.get_data(as_text=True))
            links = {html.unescape(link).partition("#")[0] for link in found}
            within = {link for link in links if link.startswith(begun)} - seen
            ahead += sorted(within)
            seen |= within
    assert dead == []
    assert len(seen) > 3


@pytest.mark.parametrize(
    "page",
    ["settings", "as-learner", "publish", "review", "versions", "versions/1/zip", "copy",
     "parts/copy", "enrolment", "learners", "allowances", "regrades", "analytics", "runs"],
)  # fmt: skip
def test_a_bank_has_no_page_that_only_courses_have(desk: Desk, page: str) -> None:
    client = client_as(desk, "bank-layanan", CourseRole.OWNER)
    assert client.get(f"/studio/bank-layanan/{page}").status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        "archiving",
        "withdrawal",
        "unarchive",
        "draft",
        "modules",
        "parts",
        "review/ask",
        "review/comments",
    ],
)
def test_nothing_is_done_to_a_bank_that_is_done_to_courses(desk: Desk, page: str) -> None:
    client = client_as(desk, "bank-layanan", CourseRole.OWNER)
    assert client.send(f"/studio/bank-layanan/{page}", {"title": "X"}).status_code == 404


def test_the_outline_of_a_bank_is_its_list_of_questions(desk: Desk) -> None:
    answer = client_as(desk, "bank-layanan", CourseRole.MARKER).get("/studio/bank-layanan")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/studio/bank-layanan/bank")


def test_the_preview_of_an_empty_course_says_so_on_its_outline(desk: Desk) -> None:
    with desk.app.app_context():
        hr = actor_of(desk.cast, "hr")
        source = {"texts": {"course.toml": 'title = "Kosong"\n'}, "media": {}}
        with transaction():
            drafts.create_course(hr, "kosong", desk.cast.unit("b"), source)
        db.session.remove()
    client = client_as(desk, "kosong", CourseRole.AUTHOR)
    answer = client.get("/studio/kosong/as-learner", follow_redirects=True)
    assert answer.status_code == 200
    assert "Kursus ini belum berisi bagian yang dapat ditampilkan" in words(answer)
    assert "Kosong" in words(answer)
