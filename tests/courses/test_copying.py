"""One module or part copied into a draft, from another course or its own; and taken out again."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms.core import files
from lms.core.db import db, transaction
from lms.courses.actions import drafts, publishing
from lms.courses.models import BankCopy, Course, CourseMember, Draft
from lms.courses.queries import drafts as queries
from lms.courses.rules import CourseRole, Source
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import Desk, undo
from tests.formats.course_folder.sample import picture
from tests.learning.assigning import actor_of

HERE = "/studio/melayani"
COPY = f"{HERE}/parts/copy"
COURSE = 'format = 1\ntitle = "Menyapa lagi"\nlanguage = "id"\n'
ESSAY = (
    'key = "kuis-1"\ntitle = "Kuis esai"\nminutes = 3\npass = 50\nrequires = ["sapa"]\n\n'
    '[[essays]]\nquestion = "k1-1"\nmost_words = 200\n\n'
    '[[rubric]]\nquestion = "k1-1"\ncriterion = "Isi"\nlevels = ["0: tidak", "5: ya"]\n'
)


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    """The draft of `melayani`, and `menyapa`, another course that `stranger` writes: a lesson, and
    a quiz that waits for the lesson."""
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    with app.app_context():
        trainer, other = actor_of(cast, "stranger"), files.save(picture(90))
        source: Source = {
            "texts": {
                "course.toml": COURSE,
                "01-buka/module.toml": 'key = "buka"\ntitle = "Membuka"\n',
                "01-buka/01-sapa.md": (
                    '+++\nkey = "sapa"\ntitle = "Sapaan"\nminutes = 4\n+++\n\n'
                    "Sapa. ![Loket](media/loket.png)\n\nLalu [kuis](part/kuis-1).\n"
                ),
                "01-buka/02-kuis.toml": ESSAY,
                "01-buka/02-kuis.gift": (
                    "// [id:k1-1] [tag:goal.sapa] [tag:lesson.sapa]\n"
                    "Ceritakan. ![Loket](media/loket.png) {}\n"
                ),
                "02-rusak/module.toml": 'key = "rusak"\ntitle = "Rusak"\n',
                "02-rusak/01-x.md": "+++\nkey = \n+++\nTeks\n",
            },
            "media": {"media/loket.png": other},
        }
        with transaction():
            drafts.create_course(trainer, "menyapa", cast.unit("b"), source)
        db.session.remove()
    return desk


@pytest.fixture
def author(client: PageClient, desk: Desk) -> PageClient:
    client.sign_in(desk.cast.people["stranger"])
    return client


def texts(desk: Desk, slug: str = "melayani") -> dict[str, str]:
    with desk.app.app_context():
        draft = db.session.scalars(select(Draft).join(Course).where(Course.slug == slug)).one()
        source = queries.source_of_draft(draft)
        found = {**source["texts"], **source["media"]}
        db.session.remove()
    return found


def problems(desk: Desk, slug: str = "melayani") -> list[str]:
    with desk.app.app_context():
        draft = db.session.scalars(select(Draft).join(Course).where(Course.slug == slug)).one()
        folder = queries.folder_of(slug, queries.source_of_draft(draft))
        found = publishing.check_folder(folder)[1]
        db.session.remove()
    return [str(each) for each in found]


def places(page: str) -> dict[str, str]:
    return {
        unescape(words): value
        for value, words in re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', page)
    }


def copied(author: PageClient, part: str, place: str) -> str:
    """Copy something; the address of the outline after it."""
    address = f"{COPY}?from=menyapa&part={part}"
    page = author.get(address)
    assert page.status_code == 200
    chosen = places(page.get_data(as_text=True))[place]
    answer = author.send(address, {"place": chosen})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_a_course_then_a_part_then_a_place_is_chosen(author: PageClient, desk: Desk) -> None:
    page = author.get(HERE).get_data(as_text=True)
    assert f'href="{COPY}"' in page
    first = author.get(COPY)
    assert "Menyapa lagi" in words(first)
    assert "Melayani dengan ramah" not in re.findall(
        r'class="pname"[^>]*>([^<]*)<', first.get_data(as_text=True)
    )
    assert "Tidak ada yang cocok" in words(author.get(f"{COPY}?q=tidakada"))
    parts = author.get(f"{COPY}?from=menyapa")
    html = parts.get_data(as_text=True)
    assert 'part=01-buka"' in html
    assert 'part=01-buka/02-kuis.toml"' in html
    assert "part=02-rusak/01-x.md" not in html
    shown = words(author.get(f"{COPY}?from=menyapa&part=01-buka/02-kuis.toml"))
    assert "Kuis esai" in shown
    assert "1 soal, dengan petunjuk dan rubriknya" in shown
    assert "loket.png" in shown
    assert "Syarat yang dihapus karena tidak ikut: Sapaan" in shown
    assert "menjadi tag biasa: goal.sapa, lesson.sapa" in shown
    assert "k1-1 → k1-1-2, kuis-1 → kuis-1-2" in shown


def test_a_module_comes_with_all_that_it_uses(author: PageClient, desk: Desk) -> None:
    before = texts(desk)
    after_it = copied(author, "01-buka", "Sebelum modul “Dasar”")
    now = texts(desk)
    assert problems(desk) == []
    lesson = now["01-buka/01-sapa.md"]
    assert 'key = "sapa-2"' in lesson
    assert "[kuis](part/kuis-1-2)" in lesson
    quiz = now["01-buka/02-kuis.toml"]
    assert 'requires = ["sapa-2"]' in quiz
    assert quiz.count('question = "k1-1-2"') == 2
    assert "[id:k1-1-2] [tag:sapa] [tag:lesson.sapa-2]" in now["01-buka/02-kuis.gift"]
    assert now["02-dasar/module.toml"] == before["01-dasar/module.toml"]
    with desk.app.app_context():
        kept = db.session.scalars(select(BankCopy)).one()
        assert (kept.key, kept.from_key) == ("k1-1-2", "k1-1")
        db.session.remove()
    # Undone, and brought back again.
    gone = undo(author, after_it)
    left = texts(desk)
    assert {each.partition("/")[2] or each for each in left} == {
        each.partition("/")[2] or each for each in before
    }
    assert [each for each in left if each.endswith(".png")] == ["02-dasar/media/loket.png"]
    undo(author, gone)
    assert texts(desk) == now


def test_a_part_goes_before_another_with_its_picture(author: PageClient, desk: Desk) -> None:
    place = "Modul “Dasar”, sebelum “Mendengar”"
    copied(author, "01-buka/01-sapa.md", place)
    now = texts(desk)
    lesson = now["01-dasar/02-sapa-2.md"]
    # The module has a picture of that name with something else in it.
    assert "![Loket](media/loket-2.png)" in lesson
    assert now["media/loket-2.png"] == texts(desk, "menyapa")["media/loket.png"]
    assert "Lalu kuis." in lesson
    assert "01-dasar/03-dengar.md" in now
    assert problems(desk) == []
    again = copied(author, "01-buka/01-sapa.md", "Di akhir modul “Dasar”")
    assert "01-dasar/06-sapa-3.md" in texts(desk)
    undo(author, again)
    assert "media/loket-2.png" in texts(desk), "the first copy shows it"


def test_a_part_is_duplicated_right_after_itself(author: PageClient, desk: Desk) -> None:
    before = texts(desk)
    kuis = desk.uuid("01-dasar/03-kuis.toml")
    answer = author.send(f"{HERE}/outline/{kuis}/duplicate")
    assert answer.status_code == 302
    now = texts(desk)
    assert 'title = "Salinan Kuis 1"' in now["01-dasar/04-kuis-1-2.toml"]
    assert "[id:k1-1-2]" in now["01-dasar/04-kuis-1-2.gift"]
    assert now["01-dasar/05-akhir.toml"] == before["01-dasar/04-akhir.toml"]
    assert problems(desk) == []
    undo(author, answer.headers["Location"])
    assert sorted(texts(desk).values()) == sorted(before.values())
    with desk.app.app_context():
        assert db.session.scalars(select(BankCopy)).all() == []
        db.session.remove()


def test_a_module_is_duplicated_with_its_pictures(author: PageClient, desk: Desk) -> None:
    module = desk.uuid("01-dasar/module.toml")
    answer = author.send(f"{HERE}/outline/{module}/duplicate")
    assert answer.status_code == 302
    now = texts(desk)
    assert 'title = "Salinan Dasar"' in now["02-dasar-2/module.toml"]
    assert "[id:jenis-7-2]" in now["02-dasar-2/04-akhir.gift"]
    assert now["media/loket.png"] == now["01-dasar/media/loket.png"]
    assert [each for each in problems(desk) if "akhir" not in each] == []


def test_only_what_one_writes_is_offered_and_taken(
    author: PageClient, desk: Desk, client: PageClient
) -> None:
    address = f"{COPY}?from=menyapa&part=01-buka"
    for wrong in (
        f"{COPY}?from=tidak-ada", f"{COPY}?from=melayani", f"{COPY}?from=menyapa&part=09-x",
        f"{COPY}?from=menyapa&part=course.toml",
    ):  # fmt: skip
        assert author.get(wrong).status_code == 404, wrong
    assert author.get(f"{COPY}?from=menyapa&part=02-rusak").status_code == 409
    before = texts(desk)
    lesson = f"{COPY}?from=menyapa&part=01-buka/01-sapa.md"
    for place in (str(desk.uuid("course.toml")), "bukan", ""):
        assert author.send(lesson, {"place": place}).status_code == 422, place
    assert author.send(address, {"place": "bukan"}).status_code == 422
    assert texts(desk) == before
    with desk.app.app_context(), transaction():
        course = db.session.scalars(select(Course).where(Course.slug == "menyapa")).one()
        db.session.get_one(
            CourseMember, (course.id, desk.cast.people["stranger"])
        ).role = CourseRole.REVIEWER
    assert "Menyapa lagi" not in words(author.get(COPY))
    assert author.get(address).status_code == 403
    assert author.send(address, {"place": ""}).status_code == 403


def test_what_takes_a_copy_back_is_of_this_draft_alone(author: PageClient, desk: Desk) -> None:
    where = copied(author, "01-buka", "Di akhir kursus")
    uuid = where.rpartition("=")[2]
    for slug, file in (
        ("menyapa", uuid), ("melayani", str(desk.uuid("01-dasar/module.toml"))),
        ("melayani", "00000000-0000-0000-0000-000000000000"),
    ):  # fmt: skip
        address = f"/studio/{slug}/outline/copies/{file}/undo"
        assert author.send(address).status_code == 404, address
    undo(author, where)
    assert author.send(f"{HERE}/outline/copies/{uuid}/undo").status_code == 404
    assert "Sudah disalin." not in words(author.get(where))


def test_a_file_whose_name_grows_too_long_is_refused_with_words(
    author: PageClient, desk: Desk
) -> None:
    lesson = '+++\nkey = "s"\ntitle = "S"\nminutes = 4\n+++\n\nHai.\n'
    with desk.app.app_context():
        trainer, unit = actor_of(desk.cast, "stranger"), desk.cast.unit("b")
        source: Source = {
            "texts": {
                "course.toml": COURSE,
                "01-b/module.toml": 'key = "membuka"\ntitle = "Panjang"\n',
                f"01-b/01-{'x' * 189}.md": lesson,
            },
            "media": {},
        }
        with transaction():
            drafts.create_course(trainer, "panjang", unit, source)
        db.session.remove()
    address, before = f"{COPY}?from=panjang&part=01-b", texts(desk)
    place = next(iter(places(author.get(address).get_data(as_text=True)).values()))
    answer = author.send(address, {"place": place})
    assert answer.status_code == 422
    assert "terlalu panjang" in words(answer)
    assert texts(desk) == before
