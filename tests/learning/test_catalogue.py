"""The page of the catalogue: what it asks, what it tells, and that it stays usable when nothing is
found."""

import re
from datetime import date
from html import unescape

import pytest
from flask import Flask

from lms.accounts.actions import people
from lms.accounts.rules import Employment
from lms.competencies.actions import record_evidence
from lms.competencies.queries import competencies_by_code
from lms.competencies.rules import EvidenceKind
from lms.core.db import db, new_uuid, transaction
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.published import publish
from tests.learning.answers import take
from tests.queries import counted


@pytest.fixture
def shelf(app: Flask, cast: Cast, client: PageClient) -> PageClient:
    """The learner in front of six courses; the standard of the position asks for level 1 in all
    of the competencies, and nothing is measured yet."""
    with app.app_context():
        with transaction():
            publish("Integritas bagi pemula", summary="Jujur setiap hari.", minutes=45,
                    outcomes=(("M.01", 0, 1),), size=12_300_000)  # fmt: skip
            publish("Rapat <b>yang</b> ringkas", jp="1", minutes=20, category="Kerja tim",
                    size=40_000)  # fmt: skip
            publish("Menulis nota dinas", jp="4.5", minutes=90, category="Kerja tim")
        db.session.remove()
    client.sign_in(cast.people["learner"])
    return client


def page(client: PageClient, **asked: str) -> str:
    response = client.get("/courses", query_string=asked)
    assert response.status_code == 200
    return words(response)


def titles(client: PageClient, **asked: str) -> list[str]:
    html = client.get("/courses", query_string=asked).get_data(as_text=True)
    return [
        unescape(t) for t in re.findall(r'href="/courses/[a-z0-9<>/-]+">([^<]+)</a></h2>', html)
    ]


def test_a_row_tells_why_it_fits_how_long_it_takes_and_what_it_weighs(shelf: PageClient) -> None:
    text = page(shelf)
    assert "3 kursus" in text
    assert "Menutup kesenjangan Integritas: belum terukur, sampai tingkat 1" in text
    assert "12 MB" in text
    assert "< 0,1 MB" in text
    assert "Teks saja" in text
    assert "1 jam 30 menit" in text
    assert "Rapat <b>yang</b> ringkas" in text  # a title is text
    assert text.index("Integritas bagi pemula") < text.index("Menulis nota dinas")  # it fits


def test_a_course_in_another_language_is_marked_and_can_be_asked_for(
    app: Flask, shelf: PageClient
) -> None:
    """In the language of the page nothing needs to be said."""
    assert "Bahasa" not in page(shelf).replace("Bahasa Indonesia", "")  # the switch of the page
    with app.app_context(), transaction():
        publish("Serving people", summary="Meet and greet.", language="en")
    html = shelf.get("/courses").get_data(as_text=True)
    assert '<h2 class="course__t" lang="en"><a href="/courses/serving-people">' in html
    assert 'lang="en">Meet and greet.</p>' in html
    assert page(shelf).count("Bahasa Inggris") == 1
    assert "Bahasa kursus Semua Inggris (1) Indonesia (3)" in page(shelf)
    assert titles(shelf, language="en") == ["Serving people"]
    assert "Bahasa Inggris" in page(shelf, language="en")
    assert "4 kursus" in page(shelf, language="xx")  # no course has it
    assert "Bahasa Inggris" in page_of(shelf, "/courses/serving-people")
    shelf.set_cookie("language", "en")
    assert page(shelf).count("Indonesian") == 4  # three courses, and the choice
    assert "Language English" in page_of(shelf, "/courses/serving-people")


def page_of(client: PageClient, address: str) -> str:
    return words(client.get(address))


def test_a_completed_course_closes_no_gap_any_more(learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    for lesson in ("sapa", "dengar"):
        learner.send(f"/courses/{course}/learn/{lesson}/done")
    take(learner, course, "kuis-1", right=True)
    take(learner, course, "akhir", right=True)
    text = page(learner, state="completed")
    assert "Melayani dengan ramah Selesai" in text
    assert "Menutup kesenjangan Integritas" not in text


def test_the_level_held_is_told(app: Flask, client: PageClient, cast: Cast) -> None:
    with app.app_context(), transaction():
        publish("Integritas lanjutan", outcomes=(("M.01", 1, 3),))
        record_evidence(
            cast.person("head"), competencies_by_code()["M.01"],
            kind=EvidenceKind.ASSESSMENT, level=1, score=None, title="Asesmen",
            source_uuid=new_uuid(), earned_on=date(2026, 1, 2), post=None,
        )  # fmt: skip
    client.sign_in(cast.people["head"])
    assert "Menutup kesenjangan Integritas: tingkat 1 ke 3" in page(client, q="lanjutan")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "integrtas"}, ["Integritas bagi pemula"]),
        ({"competency": "M.01"}, ["Integritas bagi pemula"]),
        ({"competency": "gap"}, ["Integritas bagi pemula"]),
        ({"level": "1"}, ["Integritas bagi pemula"]),
        ({"level": "5"}, []),
        ({"category": "Kerja tim", "sort": "title"}, ["Menulis nota dinas"]),
        ({"jp_min": "4,5"}, ["Menulis nota dinas"]),
        ({"minutes": "60", "sort": "shortest"}, ["Integritas bagi pemula"]),
        ({"state": "open"}, []),
        ({"jp_min": "9"}, []),
    ],
)
def test_what_the_address_asks_for_is_what_the_page_shows(
    shelf: PageClient, asked: dict[str, str], expected: list[str]
) -> None:
    assert [t for t in titles(shelf, **asked) if "Rapat" not in t] == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"level": "6"}, {"level": "x"}, {"jp_min": "-1"}, {"jp_max": "1e9"}, {"minutes": "61"},
        {"state": "withdrawn"}, {"sort": "price"}, {"competency": "X.99"}, {"category": "x"},
        {"after": "x"}, {"q": " "}, {"jp_min": "9" * 5000},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_changes_nothing(shelf: PageClient, asked: dict[str, str]) -> None:
    text = page(shelf, **asked)
    assert "3 kursus" in text
    assert "Hapus saringan" not in text


def test_every_filter_has_a_chip_that_removes_it_and_only_it(shelf: PageClient) -> None:
    asked = {
        "q": "nota", "competency": "M.01", "level": "1", "jp_min": "1", "jp_max": "5",
        "minutes": "120", "category": "Kerja tim", "state": "new", "sort": "newest",
    }  # fmt: skip
    html = shelf.get("/courses", query_string=asked).get_data(as_text=True)
    chips = [unescape(a) for a in re.findall(r'class="chip" href="([^"]+)"', html)]
    assert len(chips) == len(asked) - 1
    for address, key in zip(chips, [k for k in asked if k != "sort"], strict=True):
        left = set(re.findall(r"[?&](\w+)=", address))
        assert left == asked.keys() - {key}
    assert shelf.get(chips[0]).status_code == 200


def test_closest_spelling_is_told(shelf: PageClient) -> None:
    text = page(shelf, q="integrtas")
    assert "1 kursus untuk “integritas”" in text
    assert "Tidak ada kursus dengan kata “integrtas”." in text


def test_nothing_found_leads_on(shelf: PageClient) -> None:
    text = page(shelf, q="nota", minutes="30")
    assert "Tidak ada kursus yang cocok" in text
    assert "1 kursus tanpa saringan" in text
    assert "1 kursus untuk “nota”" in page(shelf, q="nota integritas")
    assert "Lihat semua kursus" in page(shelf, q="qqqqqqqqq")


def test_an_empty_catalogue_says_so(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    assert "Belum ada kursus" in page(client)


def test_own_state_filters(learner: PageClient, course: str) -> None:
    assert "Melayani dengan ramah" in page(learner, state="new")
    learner.send(f"/courses/{course}/enrol")
    assert "Melayani dengan ramah Sedang diikuti" in page(learner, state="open")
    assert "Tidak ada kursus yang cocok" in page(learner, state="new")
    assert "Tidak ada kursus yang cocok" in page(learner, state="completed")


def test_the_next_page_keeps_what_was_asked(
    app: Flask, shelf: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.courses.queries.catalogue.PAGE", 1)
    html = shelf.get("/courses?category=Kerja+tim&sort=title").get_data(as_text=True)
    link = re.search(r'href="([^"]+)" rel="next"', html)
    assert link
    address = unescape(link.group(1))
    assert "category=Kerja+tim" in address
    assert "sort=title" in address
    second = words(shelf.get(address))
    assert "Rapat" in second
    assert "Menulis nota dinas" not in second.split("Urut:")[1]
    assert "Ke halaman pertama" in second


def test_a_person_without_gaps_is_not_told_of_them(
    app: Flask, client: PageClient, course: str
) -> None:
    with app.app_context(), transaction():
        person_id = people.add_person(
            nip="199209092018012009", name="Wayan", email=None, employment=Employment.PNS
        ).id
    client.sign_in(person_id)
    text = page(client)
    assert "esenjangan" not in text
    assert "paling sesuai" not in text
    assert page(client, sort="fit", competency="gap").count("Melayani dengan ramah") == 1


def test_the_page_asks_the_database_six_times(app: Flask, shelf: PageClient) -> None:
    shelf.get("/courses")
    with counted(app) as statements:
        shelf.get("/courses?q=nota&sort=newest")
    assert len(statements) <= 6, "\n".join(statements)
