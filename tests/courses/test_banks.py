"""Banks of a unit and of the site: who reads and writes them, and questions taken from them."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.core import clock, files
from lms.core.db import db, transaction
from lms.courses.actions import drafts, publishing, rendering
from lms.courses.models import BankCopy, Course, Draft, DraftFile
from lms.courses.queries import drafts as queries
from lms.courses.queries.studio import draft_mark
from lms.formats.course_folder.quiz_text import said_by_question
from lms.formats.gift import sheet
from lms.formats.gift.questions import Question
from lms.learning.actions.publishing import publish_draft
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import FIRST, QUIZ, Desk
from tests.learning.assigning import actor_of
from tests.sample_course import write_course

GIFT = """// [id:sapa-1] [tag:M.05] [tag:goal.lama]
// [author:Ratna Dewi]
Siapa yang disapa dulu? ![Loket pelayanan di kota](media/loket.png) {
=Warga#Tepat.
~Atasan#Keliru.
}

// [id:sapa-2] [state:draft]
Sapa itu perlu. {T}
"""


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    """The course `melayani`, which `stranger` writes; `colleague` is a trainer of unit A1, `mover`
    one of unit B."""
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    with app.app_context(), transaction():
        for name, unit in (("colleague", "a1"), ("mover", "b")):
            roles.grant_role(
                cast.person(name), Role.TRAINER, cast.unit(unit),
                start_on=clock.today("Asia/Jakarta"), reason="SK",
            )  # fmt: skip
    return desk


def client_of(desk: Desk, name: str) -> PageClient:
    found = desk.app.test_client()
    assert isinstance(found, PageClient)
    found.sign_in(desk.cast.people[name])
    return found


def make_bank(desk: Desk, by: str, unit: str, title: str = "Bank Layanan") -> str:
    """Its address; with two questions, one of them with a picture."""
    answer = client_of(desk, by).send("/studio/banks/new", {"title": title, "unit": unit})
    assert answer.status_code == 302
    where = str(answer.headers["Location"])
    with desk.app.app_context():
        actor = actor_of(desk.cast, by)
        medium = files.save(b"gambar bank")
        with transaction():
            draft = draft_at(where)
            drafts.add_medium(actor, draft, "media/loket.png", medium)
            [file] = [f for f in queries.files_of(draft) if f.path.endswith(".gift")]
            drafts.save_text(actor, draft, file, GIFT, file.number)
        db.session.remove()
    return where


def draft_at(where: str) -> Draft:
    return db.session.scalars(
        select(Draft).join(Course).where(Course.slug == where.split("/")[2])
    ).one()


def topic_of(desk: Desk, where: str) -> str:
    """The address of the first topic of a bank."""
    with desk.app.app_context():
        found = queries.files_of(draft_at(where))
        [file] = [f for f in found if f.path == "01-soal/01-umum.toml"]
        db.session.remove()
    return f"{where.removesuffix('/bank')}/quizzes/{file.uuid}"


def offered(page: str) -> dict[str, str]:
    """Ids of the questions to tick, by their beginning."""
    found = re.findall(r'name="question" value="(\d+)" aria-label="Pilih: ([^"]*)"', page)
    return {text[:10]: id_ for id_, text in found}


def questions(desk: Desk, path: str) -> dict[str, Question]:
    entries = sheet.entries(course_text(desk, f"{path}.gift"))
    return {entry.key: entry.question for entry in entries if entry.question}


def course_text(desk: Desk, path: str) -> str:
    with desk.app.app_context():
        draft = db.session.scalars(select(Draft).join(Course).filter_by(slug="melayani")).one()
        text = next(f.text for f in queries.files_of(draft) if f.path == path)
        db.session.remove()
    return text or ""


# ── Who reads, who writes ────────────────────────────────────────────────────────────────────


def test_a_bank_is_made_for_a_unit_of_ones_own(desk: Desk) -> None:
    author = client_of(desk, "mover")
    assert author.get("/studio/banks/new").status_code == 200
    refused = author.send("/studio/banks/new", {"title": "Bank A", "unit": "A1"})
    assert refused.status_code == 422
    assert "Tidak ada unit dengan kode ini" in words(refused)
    where = make_bank(desk, "mover", "B")
    assert where == "/studio/bank-layanan/bank"
    listed = words(author.get("/studio/banks"))
    assert "Bank Layanan" in listed
    assert "Dinas B" in listed
    assert "Bank Layanan" not in words(author.get("/studio")), "it is no course"


@pytest.mark.parametrize(
    ("unit", "reader", "status"),
    [
        ("B", "mover", 200),  # whose it is
        ("B", "stranger", 200),  # a trainer of the city, above it
        ("B", "colleague", 404),  # of another branch
        ("CITY", "colleague", 200),  # the site's is everybody's
        ("B", "hr", 200),
        ("B", "learner", 403),
    ],
)
def test_a_bank_is_read_above_and_below_its_unit(
    desk: Desk, unit: str, reader: str, status: int
) -> None:
    where = make_bank(desk, "mover" if unit == "B" else "stranger", unit)
    client = client_of(desk, reader)
    for page in (where, topic_of(desk, where), f"{topic_of(desk, where)}/questions/sapa-1"):
        assert client.get(page).status_code == status, page
    picture = f"{where.removesuffix('bank')}preview/media/loket.png"
    assert client.get(picture).status_code == status
    if reader != "learner":
        assert ("Bank Layanan" in words(client.get("/studio/banks"))) is (status == 200)


def test_whoever_only_reads_a_bank_writes_nothing(desk: Desk) -> None:
    where = make_bank(desk, "stranger", "CITY")
    topic, reader = topic_of(desk, where), client_of(desk, "colleague")
    page = words(reader.get(where))
    assert "Anda dapat membaca bank ini" in page
    assert "Pensiunkan" not in page
    assert "Tambah topik" not in page
    for address, data in {
        where: {"key": "sapa-1", "do": "retired"},
        f"{where}/topics": {"title": "Baru"},
        topic: {"title": "Lain"},
        f"{topic}/questions/sapa-1": {"kind": "single"},
        f"{topic}/take": {"question": "1"},
        f"{where.removesuffix('bank')}members/00000000-0000-0000-0000-000000000000/set": {},
    }.items():
        assert reader.send(address, data).status_code in (403, 404), address
    for address in (f"{topic}/take", f"{topic}/new-question", where.removesuffix("/bank")):
        assert reader.get(address).status_code in (403, 404), address


def test_a_bank_has_topics(desk: Desk) -> None:
    where = make_bank(desk, "mover", "B")
    author = client_of(desk, "mover")
    made = author.send(f"{where}/topics", {"title": "Etika kantor"})
    assert made.status_code == 302
    page = author.get(made.headers["Location"])
    assert page.status_code == 200
    assert "Etika kantor" in words(author.get(where))
    author.send(f"{where}/topics", {"title": " "})
    assert "Isi nama topik." in words(author.get(where))
    assert client_of(desk, "stranger").send(
        "/studio/melayani/bank/topics", {"title": "X"}
    ).status_code == 404, "a course has quizzes, no topics"  # fmt: skip


def test_the_pages_of_a_bank_offer_nothing_of_a_course(desk: Desk) -> None:
    where = make_bank(desk, "mover", "B")
    author = client_of(desk, "mover")
    course = where.removesuffix("/bank")
    for page in (where, f"{course}/media", f"{course}/members"):
        html = author.get(page).get_data(as_text=True)
        assert f'href="{where}"' in html, page
        assert "/publish" not in html, page
    assert "Rekan di bank soal ini" in words(author.get(f"{course}/members"))
    library = words(author.get(f"{course}/media"))
    assert "PDF bank soal ini" in library
    assert "kursus ini" not in library


def test_a_bank_is_never_published(app: Flask, desk: Desk, tmp_path: Path) -> None:
    where = make_bank(desk, "mover", "B")
    slug = where.split("/")[2]
    folder = write_course(tmp_path / "lain")
    done = app.test_cli_runner().invoke(
        args=["courses", "import", str(folder.rename(folder.with_name(slug)))]
    )
    assert done.exit_code == 1
    assert "milik bank soal" in done.output
    assert publishing.ImportState.PUBLISHED.value not in done.output
    assert slug not in words(client_of(desk, "learner").get("/courses"))


# ── Taking questions ─────────────────────────────────────────────────────────────────────────


def test_questions_are_copied_with_their_picture_and_their_origin(desk: Desk) -> None:
    make_bank(desk, "mover", "B")
    author, take = client_of(desk, "stranger"), desk_quiz(desk, FIRST, "/take")
    html = author.get(f"{take}?place=bank-layanan").get_data(as_text=True)
    found = offered(html)
    assert set(found) == {"Siapa yang", "Sapa itu p"}
    answer = author.send(take, {"question": [found["Siapa yang"], found["Sapa itu p"]]})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("#soal-kuis-1-1")
    first, second = (questions(desk, FIRST)[key] for key in ("kuis-1-1", "kuis-1-2"))
    assert first.tags == ("M.05",), "goals of the bank are none here"
    assert (first.author, first.source) == ("Ratna Dewi", "Bank Layanan")
    assert second.state == "draft"
    # The course has a picture of that name with something else in it.
    assert "media/loket-2.png" in first.text
    with desk.app.app_context():
        draft = db.session.scalars(select(Draft).join(Course).filter_by(slug="melayani")).one()
        paths = {f.path: f.digest for f in queries.files_of(draft) if f.digest}
        rows = {(c.key, c.from_key) for c in db.session.scalars(select(BankCopy))}
        db.session.remove()
    assert paths["media/loket-2.png"] not in {None, paths["01-dasar/media/loket.png"]}
    assert rows == {("kuis-1-1", "sapa-1"), ("kuis-1-2", "sapa-2")}
    assert "disalin 1 kali" in words(author.get("/studio/bank-layanan/bank"))


SAID = """
[[hints]]
question = "sapa-1"
texts = ["Lihat ![loket yang ramai](media/loket.png).", "Siapa yang datang?"]

[[essays]]
question = "esai-1"
most_words = 200

[[rubric]]
question = "esai-1"
criterion = "Isi"
levels = ["0: Tidak ada", "5: Lengkap"]
"""


def test_what_the_settings_say_of_a_question_comes_along(desk: Desk) -> None:
    where = make_bank(desk, "mover", "B")
    with desk.app.app_context():
        actor = actor_of(desk.cast, "mover")
        with transaction():
            draft = draft_at(where)
            present = {file.path: file for file in queries.files_of(draft)}
            gift, settings = present["01-soal/01-umum.gift"], present["01-soal/01-umum.toml"]
            essay = f"{GIFT}\n// [id:esai-1] [tag:difficulty.hard]\nCeritakan. {{}}\n"
            drafts.save_text(actor, draft, gift, essay, gift.number)
            text = f"{settings.text}{SAID}"
            drafts.save_text(actor, draft, settings, text, settings.number)
        db.session.remove()
    author, take = client_of(desk, "stranger"), desk_quiz(desk, FIRST, "/take")
    found = offered(author.get(f"{take}?place=bank-layanan").get_data(as_text=True))
    sent = {"question": [found["Siapa yang"], found["Ceritakan."]]}
    answer = author.send(take, sent)
    assert answer.status_code == 302
    assert "Tag tujuan dan pelajaran kursus asal tidak ikut." in words(
        author.get(answer.headers["Location"])
    )
    said = said_by_question(course_text(desk, f"{FIRST}.toml"))
    assert said == {
        "kuis-1-1": {"hints": [{
            "question": "kuis-1-1",
            "texts": ["Lihat ![loket yang ramai](media/loket-2.png).", "Siapa yang datang?"],
        }]},
        "kuis-1-2": {
            "essays": [{"question": "kuis-1-2", "most_words": 200}],
            "rubric": [{
                "question": "kuis-1-2", "criterion": "Isi",
                "levels": ["0: Tidak ada", "5: Lengkap"],
            }],
        },
    }  # fmt: skip
    assert questions(desk, FIRST)["kuis-1-2"].tags == ("difficulty.hard",)


def desk_quiz(desk: Desk, path: str, more: str = "") -> str:
    with desk.app.app_context():
        file = db.session.scalars(
            select(DraftFile)
            .join(Draft, Draft.id == DraftFile.draft_id)
            .join(Course, Course.id == Draft.course_id)
            .where(Course.slug == "melayani", DraftFile.path == f"{path}.toml")
        ).one()
        db.session.remove()
    return f"/studio/melayani/quizzes/{file.uuid}{more}"


def test_only_what_one_may_read_is_offered_and_taken(desk: Desk) -> None:
    make_bank(desk, "mover", "B")
    mine = make_bank(desk, "colleague", "A1", "Bank A1")
    theirs = client_of(desk, "mover").get(f"{topic_of(desk, '/studio/bank-layanan/bank')}/take")
    assert "Bank A1" not in words(theirs)
    take = f"{topic_of(desk, mine)}/take"
    colleague = client_of(desk, "colleague")
    assert offered(colleague.get(take).get_data(as_text=True)) == {}
    seen = client_of(desk, "stranger").get(desk_quiz(desk, FIRST, "/take?place=bank-layanan"))
    foreign = offered(seen.get_data(as_text=True))["Siapa yang"]
    assert colleague.send(take, {"question": foreign}).status_code == 404
    assert colleague.send(take, {"question": "999999"}).status_code == 404
    swapped = take.replace(take.split("/")[4], desk_quiz(desk, FIRST).rpartition("/")[2])
    assert colleague.get(swapped).status_code == 404, "a quiz of another course"
    assert colleague.get(desk_quiz(desk, FIRST, "/take")).status_code == 404
    for sent in ({}, {"question": "abc"}):
        assert colleague.send(take, sent).status_code == 422


def test_questions_of_own_courses_are_offered_and_filtered(desk: Desk) -> None:
    make_bank(desk, "stranger", "B")
    author = client_of(desk, "stranger")
    take = f"{topic_of(desk, '/studio/bank-layanan/bank')}/take"
    assert "9 soal" in words(author.get(take)), "those of the course, not its own"
    for query, shown in (("q=bandung", 2), ("kind=ordering", 1), ("q=tidakada", 0),
                         ("place=melayani", 9), ("place=bank-layanan", 0)):  # fmt: skip
        assert f"{shown} soal" in words(author.get(f"{take}?{query}")), query
    ids = offered(author.get(f"{take}?kind=ordering").get_data(as_text=True))
    assert author.send(take, {"question": list(ids.values())}).status_code == 302
    assert "Urutkan layanan." in words(author.get("/studio/bank-layanan/bank"))


# ── Published, without a draft ───────────────────────────────────────────────────────────────


PUBLISHED = "/studio/melayani/published"


def without_draft(desk: Desk) -> None:
    with desk.app.app_context():
        hr = actor_of(desk.cast, "hr")
        with transaction():
            drafts.discard_draft(hr, draft_at("/studio/melayani"))
        db.session.remove()


def test_what_is_published_is_offered_where_no_draft_stands_for_it(desk: Desk) -> None:
    make_bank(desk, "stranger", "B")
    author = client_of(desk, "stranger")
    take = f"{topic_of(desk, '/studio/bank-layanan/bank')}/take"
    before = offered(author.get(take).get_data(as_text=True))
    without_draft(desk)
    page = author.get(take)
    after = offered(page.get_data(as_text=True))
    assert after.keys() == before.keys()
    assert not {*after.values()} & {*before.values()}
    assert "9 soal" in words(page), "each once"
    assert f'href="{PUBLISHED}/jenis-2"' in page.get_data(as_text=True)
    assert "Ujian akhir" in words(page)
    for query, shown in (("q=bandung", 2), ("kind=ordering", 1), ("q=tidakada", 0),
                         ("place=melayani", 9), ("place=bank-layanan", 0)):  # fmt: skip
        assert f"{shown} soal" in words(author.get(f"{take}?{query}")), query
    with desk.app.app_context():
        hr = actor_of(desk.cast, "hr")
        with transaction():
            drafts.open_draft(
                hr, db.session.scalars(select(Course).filter_by(slug="melayani")).one()
            )
        db.session.remove()
    again = author.get(take)
    assert "9 soal" in words(again)
    assert PUBLISHED not in again.get_data(as_text=True)


def test_what_is_published_is_copied_with_its_pictures(desk: Desk) -> None:
    make_bank(desk, "stranger", "B")
    desk.save(f"{FIRST}.gift", desk.text(f"{FIRST}.gift").replace(
        "Pilih satu.", "Pilih satu. ![Loket](media/loket.png)"
    ))  # fmt: skip
    republish(desk)
    author = client_of(desk, "stranger")
    topic = topic_of(desk, "/studio/bank-layanan/bank")
    ids = offered(author.get(f"{topic}/take?q=pilih+satu").get_data(as_text=True))
    answer = author.send(f"{topic}/take", {"question": list(ids.values())})
    assert answer.status_code == 302
    with desk.app.app_context():
        draft = draft_at("/studio/bank-layanan/bank")
        texts = {f.path: f.text or "" for f in queries.files_of(draft)}
        [copy] = db.session.scalars(select(BankCopy)).all()
        assert copy.from_key == "k1-2"
        db.session.remove()
    assert "![Loket](media/loket-2.png)" in texts["01-soal/01-umum.gift"]
    assert "media/loket-2.png" in texts
    page = author.get(f"{PUBLISHED}/k1-2")
    assert "Bank Layanan" in words(page), "where it was copied to"
    assert "Terbit, versi 1–2" in words(page)
    [picture] = re.findall(r'src="(/studio/melayani/preview/[^"?]+)', page.get_data(as_text=True))
    assert author.get(picture).status_code == 200


def republish(desk: Desk) -> None:
    with desk.app.app_context():
        hr = actor_of(desk.cast, "hr")
        draft = draft_at("/studio/melayani")
        course, mark = draft.course, draft_mark(draft)
        source = queries.source_of_draft(draft)
        content, problems = publishing.check_folder(queries.folder_of("melayani", source))
        assert content is not None, problems
        prepared = rendering.prepare(content, source)
        with transaction():
            publish_draft(hr, course, prepared, mark=mark, small=False, note="")
        db.session.remove()


def test_nobody_finds_what_is_published_of_others(desk: Desk) -> None:
    """The course belongs to the site; it is open to its writers and to whoever manages all."""
    mine = make_bank(desk, "colleague", "A1", "Bank A1")
    theirs = make_bank(desk, "stranger", "B")
    without_draft(desk)
    seen = client_of(desk, "stranger").get(f"{topic_of(desk, theirs)}/take")
    foreign = offered(seen.get_data(as_text=True))["Pilih satu"]
    take, colleague = f"{topic_of(desk, mine)}/take", client_of(desk, "colleague")
    page = colleague.get(take)
    assert offered(page.get_data(as_text=True)) == {}
    assert "Melayani" not in words(page), "nor among the places"
    assert colleague.send(take, {"question": foreign}).status_code == 404
    for address in (f"{PUBLISHED}/k1-2", "/studio/melayani/preview/01-dasar/media/loket.png"):
        assert colleague.get(address).status_code == 404, address
        assert client_of(desk, "stranger").get(address).status_code == 200, address


def test_the_page_of_a_published_question_leads_to_a_draft(desk: Desk) -> None:
    author = client_of(desk, "stranger")
    there = author.get(f"{PUBLISHED}/jenis-2")
    assert there.headers["Location"] == desk.quiz("/questions/jenis-2"), "there is one"
    without_draft(desk)
    page = author.get(f"{PUBLISHED}/jenis-2")
    assert page.status_code == 200
    assert "Pilih dua sikap" in words(page)
    assert "Terbit, versi 1" in words(page)
    assert 'action="/studio/melayani/draft"' in page.get_data(as_text=True)
    assert author.get(f"{PUBLISHED}/tidak-ada").status_code == 404
    assert author.send("/studio/melayani/draft").status_code == 302
    assert author.get(f"{PUBLISHED}/jenis-2").status_code == 302


def test_a_bank_is_not_entered(desk: Desk) -> None:
    make_bank(desk, "mover", "B")
    author = client_of(desk, "mover")
    for page in ("enrolment", "enrolment/requests", "enrolment/invitations", "runs", "learners"):
        assert author.get(f"/studio/bank-layanan/{page}").status_code == 404, page
    for act in ("enrolment", "runs", "enrolment/invitations"):
        assert author.send(f"/studio/bank-layanan/{act}", {"way": "direct"}).status_code == 404, act


def test_a_bank_that_is_given_up_goes_with_its_traces(desk: Desk) -> None:
    make_bank(desk, "mover", "B")
    author, take = client_of(desk, "stranger"), desk_quiz(desk, FIRST, "/take")
    ids = offered(author.get(f"{take}?place=bank-layanan").get_data(as_text=True))
    author.send(take, {"question": list(ids.values())})
    with desk.app.app_context():
        mover = actor_of(desk.cast, "mover")
        with transaction():
            drafts.discard_draft(mover, draft_at("/studio/bank-layanan/bank"))
        assert db.session.scalars(select(BankCopy)).all() == []
        db.session.remove()
    assert len(questions(desk, FIRST)) == 4
    assert len(questions(desk, QUIZ)) == 7
