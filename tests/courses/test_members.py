"""Who does what on a course: added, changed, removed by its owners; what each part allows."""

import pytest
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.models import Person
from lms.accounts.rules import Role
from lms.core import clock
from lms.core.audit import AuditEntry
from lms.core.db import db, transaction
from lms.courses.models import CourseMember
from tests.cast import Cast
from tests.client import PageClient, client_of, words

SLUG = "menulis-laporan"
ADDRESS = f"/studio/{SLUG}/members"


@pytest.fixture
def owner(app: Flask, client: PageClient, cast: Cast) -> PageClient:
    """The owner of a course; `colleague` and `mover` are trainers too, of B and of the city."""
    with app.app_context(), transaction():
        for name, unit in (("colleague", "city"), ("mover", "b"), ("learner", "a1")):
            roles.grant_role(
                db.session.get_one(Person, cast.people[name]), Role.TRAINER, cast.unit(unit),
                start_on=clock.today("Asia/Jakarta"), reason="SK",
            )  # fmt: skip
    client.sign_in(cast.people["stranger"])
    data = {"title": "Menulis laporan", "unit": "B", "beginning": "kursus-singkat"}
    assert client.send("/studio/new", data).status_code == 302
    return client


def uuid_of(app: Flask, cast: Cast, name: str) -> str:
    with app.app_context():
        return str(cast.person(name).uuid)


def give(app: Flask, owner: PageClient, cast: Cast, name: str, role: str) -> int:
    return owner.send(f"{ADDRESS}/{uuid_of(app, cast, name)}/set", {"role": role}).status_code


def test_trainers_of_the_unit_are_found_by_name_and_number(owner: PageClient, cast: Cast) -> None:
    assert "Andi Tenri" in words(owner.get(ADDRESS))
    assert "Daud Kogoya" in words(owner.get(f"{ADDRESS}?q=kogoya"))
    assert "Putu Ayu Lestari" in words(owner.get(f"{ADDRESS}?q=19890808"))
    for nobody in ("Sari", "Andi", "Bagus"):  # of another unit, in it already, no trainer
        assert "Tidak ada pengajar yang cocok" in words(owner.get(f"{ADDRESS}?q={nobody}"))


def test_a_part_is_given_changed_and_taken_and_noted(
    app: Flask, owner: PageClient, cast: Cast
) -> None:
    assert give(app, owner, cast, "colleague", "author") == 302
    assert give(app, owner, cast, "colleague", "author") == 302
    assert give(app, owner, cast, "colleague", "owner") == 302
    assert "Daud Kogoya" in words(owner.get(ADDRESS))
    address = f"{ADDRESS}/{uuid_of(app, cast, 'colleague')}/remove"
    assert owner.send(address).status_code == 302
    owner.get(ADDRESS)  # says what was done, once
    assert "Daud Kogoya" not in words(owner.get(ADDRESS))
    with app.app_context():
        acts = (
            db.session.query(AuditEntry.action)
            .filter(AuditEntry.action.startswith("courses.member"))
            .order_by(AuditEntry.id)
        )
        assert [act for (act,) in acts] == [
            "courses.member_set", "courses.member_set", "courses.member_removed"
        ]  # fmt: skip


def test_the_last_owner_stays(app: Flask, owner: PageClient, cast: Cast) -> None:
    give(app, owner, cast, "stranger", "author")
    assert "paling sedikit satu pemilik" in words(owner.get(ADDRESS))
    own = f"{ADDRESS}/{uuid_of(app, cast, 'stranger')}/remove"
    owner.send(own, {"sure": "1"})
    with app.app_context():
        assert db.session.query(CourseMember).one().role.value == "owner"
    give(app, owner, cast, "mover", "owner")
    page = own.replace("/remove", "/removal")
    assert f'href="{page}"' in owner.get(ADDRESS).get_data(as_text=True)
    assert owner.send(own).headers["Location"] == page
    asked = words(owner.get(page))
    assert "Keluar dari kursus ini?" in asked
    assert "hanya pemilik lain" in asked
    answer = owner.send(own, {"sure": "1"})
    assert answer.headers["Location"] == "/studio"
    assert owner.get(ADDRESS).status_code == 404


def test_who_was_taken_out_comes_back_in_the_same_part(
    app: Flask, owner: PageClient, cast: Cast
) -> None:
    give(app, owner, cast, "colleague", "reviewer")
    uuid = uuid_of(app, cast, "colleague")
    assert "Keluarkan Daud Kogoya?" in words(owner.get(f"{ADDRESS}/{uuid}/removal"))
    answer = owner.send(f"{ADDRESS}/{uuid}/remove")
    page = owner.get(answer.headers["Location"])
    assert "Daud Kogoya dikeluarkan. Urungkan" in words(page)
    assert '<input type="hidden" name="role" value="reviewer">' in page.get_data(as_text=True)
    assert "Urungkan" not in words(owner.get(f"{ADDRESS}?removed={uuid}&role=boss"))
    assert "Urungkan" not in words(owner.get(f"{ADDRESS}?removed=x&role=author"))
    stranger = uuid_of(app, cast, "head")
    assert "Urungkan" not in words(owner.get(f"{ADDRESS}?removed={stranger}&role=author"))


def test_who_may_not_write_courses_gets_no_part(app: Flask, owner: PageClient, cast: Cast) -> None:
    for name in ("learner", "head", "auditor"):
        assert give(app, owner, cast, name, "author") == 404
    assert give(app, owner, cast, "mover", "boss") == 404


# What each part opens: reading, writing, and what is the owner's alone.
PAGES = {
    "": ("author", "reviewer", "marker"), "/members": ("author", "reviewer", "marker"),
    "/versions": ("author", "reviewer", "marker"), "/publish": ("author", "reviewer"),
    "/zip": ("author", "reviewer"), "/settings": ("author",), "/copy": ("author",),
    "/discard": (),
}  # fmt: skip
ACTS = {
    "/modules": ("author",), "/parts": ("author",), "/settings": ("author",),
    "/draft": ("author",), "/publish": (), "/archiving": (), "/withdrawal": (),
    "/unarchive": (), "/discard": (),
}  # fmt: skip


@pytest.mark.parametrize("role", ["author", "reviewer", "marker"])
def test_each_part_opens_what_it_says(app: Flask, owner: PageClient, cast: Cast, role: str) -> None:
    give(app, owner, cast, "mover", role)
    member = client_of(app, cast, "mover")
    other = client_of(app, cast, "colleague")
    for path, allowed in PAGES.items():
        assert owner.get(f"/studio/{SLUG}{path}").status_code == 200, path
        wanted = 200 if role in allowed else 403
        assert member.get(f"/studio/{SLUG}{path}").status_code == wanted, path
        assert other.get(f"/studio/{SLUG}{path}").status_code == 404, path
    for path, allowed in ACTS.items():
        answer = member.send(f"/studio/{SLUG}{path}").status_code
        assert (answer == 403) is (role not in allowed), path
        assert other.send(f"/studio/{SLUG}{path}").status_code == 404, path
    assert give(app, member, cast, "colleague", "owner") == 403
