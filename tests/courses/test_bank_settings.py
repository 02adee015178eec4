"""What is done to a bank as a whole: its name, its topics, taking it out and away."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms.core.db import db, transaction
from lms.courses.actions import banks, drafts, outline
from lms.courses.actions.questions import add_questions
from lms.courses.models import Course, CourseMember, Draft
from lms.courses.queries.drafts import files_of
from lms.courses.rules import CourseRole
from lms.formats.gift import reader as gift
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.assigning import actor_of

BANK = "/studio/bank-layanan"
PAGE = f"{BANK}/bank/settings"


def draft_at_hand() -> Draft:
    return db.session.scalars(select(Draft).join(Course).where(Course.slug == "bank-layanan")).one()


@pytest.fixture
def owner(app: Flask, client: PageClient, cast: Cast) -> PageClient:
    """`stranger`, whose bank has the topics Umum, with a question, and Kedua."""
    with app.app_context():
        actor = actor_of(cast, "stranger")
        source = banks.beginning("Bank layanan", "id")
        with transaction():
            draft = banks.create_bank(actor, "bank-layanan", cast.unit("b"), source)
            files = {file.path: file for file in files_of(draft)}
            outline.add_part(actor, draft, files["01-soal/module.toml"], "quiz", "Kedua")
            [question] = gift.parse("// [id:sapa]\nSapa itu perlu. {T#Ya.#Tidak.}\n")[0]
            add_questions(actor, draft, files["01-soal/01-umum.toml"].uuid, [question])
        db.session.remove()
    client.sign_in(cast.people["stranger"])
    return client


def topics(client: PageClient) -> list[tuple[str, str]]:
    """Public id and name, in the order of the page."""
    page = client.get(PAGE).get_data(as_text=True)
    return re.findall(r'<li id="b-([0-9a-f-]+)">.*?class="pname"[^>]*>([^<]+)<', page, re.DOTALL)


def number_of(client: PageClient) -> str:
    found = re.search(r'name="number"[^>]*value="(\d+)"', client.get(PAGE).get_data(as_text=True))
    assert found
    return found.group(1)


def test_a_bank_is_renamed(owner: PageClient) -> None:
    form = {"title": "  Bank   pelayanan ", "number": number_of(owner)}
    assert "Nama bank disimpan." in words(owner.send(PAGE, form, follow_redirects=True))
    assert "Bank pelayanan" in words(owner.get("/studio/banks"))
    assert "Bank pelayanan" in words(owner.get(f"{BANK}/bank"))


def test_a_bank_needs_a_name(owner: PageClient) -> None:
    answer = owner.send(PAGE, {"title": " ", "number": number_of(owner)})
    assert answer.status_code == 422
    assert "Isi nama" in words(answer)


def test_of_two_names_the_later_one_is_told_of_the_other(owner: PageClient) -> None:
    old = number_of(owner)
    owner.send(PAGE, {"title": "Nama rekan", "number": old})
    answer = owner.send(PAGE, {"title": "Nama saya", "number": old})
    assert answer.status_code == 409
    assert "Orang lain baru saja menamainya “Nama rekan”." in words(answer)
    page = answer.get_data(as_text=True)
    assert 'value="Nama saya"' in page
    again = re.search(r'name="number"[^>]*value="(\d+)"', page)
    assert again
    assert owner.send(PAGE, {"title": "Nama saya", "number": again.group(1)}).status_code == 302


def test_topics_change_their_order(owner: PageClient) -> None:
    (first, _), (second, _) = topics(owner)
    answer = owner.send(f"{BANK}/outline/{second}/move", {"way": "up"})
    assert answer.headers["Location"].startswith(PAGE)
    page = owner.get(answer.headers["Location"]).get_data(as_text=True)
    assert page.count(" autofocus") == 1
    assert re.search(r'aria-label="Naikkan Kedua"[^>]* autofocus', page)
    assert [uuid for uuid, _ in topics(owner)] == [second, first]


def test_a_topic_is_removed_and_comes_back_with_its_questions(owner: PageClient) -> None:
    (first, _), _ = topics(owner)
    answer = owner.send(f"{BANK}/outline/{first}/remove")
    page = owner.get(answer.headers["Location"]).get_data(as_text=True)
    assert re.search(r"<button[^>]* autofocus>Kembalikan", page)
    assert [name for _, name in topics(owner)] == ["Kedua"]
    assert "Sapa itu perlu" not in words(owner.get(f"{BANK}/bank"))
    owner.get("/studio")  # it is still there after another page was looked at
    assert "Topik yang dihapus" in words(owner.get(PAGE))
    answer = owner.send(f"{BANK}/outline/{first}/restore", follow_redirects=True)
    assert "Topik yang dihapus" not in words(answer)
    assert "Sapa itu perlu" in words(owner.get(f"{BANK}/bank"))


def test_a_bank_is_taken_out_as_a_folder(owner: PageClient) -> None:
    found = re.search(r'href="([^"]+/zip)"', owner.get(PAGE).get_data(as_text=True))
    assert found
    with zipfile.ZipFile(BytesIO(owner.get(found.group(1)).data)) as packed:
        names = {Path(name).name for name in packed.namelist()}
    assert {"course.toml", "01-umum.gift", "02-kedua.toml"} <= names


def test_a_bank_is_given_up_after_a_question(owner: PageClient) -> None:
    assert f'href="{BANK}/discard"' in owner.get(PAGE).get_data(as_text=True)
    asked = words(owner.get(f"{BANK}/discard"))
    assert "Buang bank soal?" in asked
    assert "Kursus ini" not in asked
    answer = owner.send(f"{BANK}/discard")
    assert answer.headers["Location"] == "/studio/banks"
    shown = words(owner.get("/studio/banks"))
    assert "Bank soal dibuang." in shown
    assert "Bank layanan" not in shown
    assert owner.get(f"{BANK}/bank").status_code == 404


def test_a_reviewer_takes_the_bank_out_and_changes_nothing(app: Flask, owner: PageClient) -> None:
    name = {"title": "Milik peninjau", "number": number_of(owner)}
    with app.app_context(), transaction():
        member = db.session.scalars(
            select(CourseMember).where(CourseMember.course_id == draft_at_hand().course_id)
        ).one()
        member.role = CourseRole.REVIEWER
    page = words(owner.get(PAGE))
    assert "Unduh bank (ZIP)" in page
    assert "Simpan nama" not in page
    assert "Buang bank" not in page
    assert owner.send(PAGE, name).status_code == 403
    assert owner.get(f"{BANK}/discard").status_code == 403


def test_a_course_has_no_such_page(app: Flask, owner: PageClient, cast: Cast) -> None:
    with app.app_context():
        actor = actor_of(cast, "stranger")
        source = {"texts": {"course.toml": 'title = "Kursus"\n'}, "media": {}}
        with transaction():
            drafts.create_course(actor, "kursus", cast.unit("b"), source)
        db.session.remove()
    assert owner.get("/studio/kursus/bank/settings").status_code == 404
    assert owner.send("/studio/kursus/bank/settings", {"title": "X"}).status_code == 404
