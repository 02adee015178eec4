"""The list beside the check of a draft: what a good course has, as far as faults let one see."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db, transaction
from lms.core.i18n import LANGUAGES
from lms.courses.actions import beginning, drafts
from lms.formats.course_folder.outline import outline
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import FIRST, Desk
from tests.learning.assigning import actor_of

LESSON = "01-dasar/01-sapa.md"
GOALS, TESTED = "Tujuan belajar tertulis", "Setiap tujuan belajar diuji oleh soal"
KEYS = "Setiap bagian dan soal punya kunci yang tetap"
IMAGES, DEAD = "Setiap gambar punya teks pengganti", "Tidak ada berkas atau alamat yang hilang"
MEDIA = "Setiap video punya takarir, dan setiap media punya teks"
TIME, FEEDBACK = "JP sesuai dengan waktu belajar", "Setiap pilihan jawaban punya umpan balik"
SAMPLES = "Teks contoh dari templat sudah diganti"
EVERY = {GOALS, TESTED, KEYS, IMAGES, DEAD, MEDIA, TIME, FEEDBACK, SAMPLES}


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    """The course `melayani` without a fault, in whose quizzes everything has its feedback."""
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


@pytest.fixture
def page(desk: Desk, client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["hr"])
    return client


def listed(page: PageClient, slug: str = "melayani") -> dict[str, bool | None]:
    """Each point of the list, and whether it is met; None: cannot be told."""
    html = page.get(f"/studio/{slug}/publish").get_data(as_text=True)
    found = re.search(r'<ul class="checks" role="list">(.*?)</ul>', html, re.DOTALL)
    assert found
    told = {"ok": True, "warn": False, "": None}
    rows = re.findall(r'<li class="(ok|warn|)">.*?<span[^>]*>(.*?)</span>', found.group(1))
    return {text.partition(" – ")[0]: told[state] for state, text in rows}


def spoil(desk: Desk, path: str, old: str, new: str) -> None:
    text = desk.text(path)
    assert old in text
    desk.save(path, text.replace(old, new, 1))


def changed(page: PageClient, before: dict[str, bool | None]) -> dict[str, bool | None]:
    now = listed(page)
    return {words: now[words] for words in now if now[words] is not before[words]}


def test_every_point_is_there(page: PageClient) -> None:
    assert listed(page).keys() == EVERY
    assert listed(page)[KEYS] is True
    assert listed(page)[SAMPLES] is True


def test_a_dead_link_changes_its_own_point_alone(desk: Desk, page: PageClient) -> None:
    before = listed(page)
    desk.save(LESSON, desk.text(LESSON) + "\n[Lanjut](part/tak-ada)\n")
    assert changed(page, before) == {DEAD: False}


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("![Loket pelayanan di kantor kota](media/tak-ada.png)", {DEAD: False}),
        ("# Judul di dalam teks", {}),
        ("[Lihat](tak-ada)", {DEAD: False}),
    ],
)
def test_what_a_text_lacks_hides_nothing_else(
    desk: Desk, page: PageClient, text: str, point: dict[str, bool | None]
) -> None:
    before = listed(page)
    desk.save(LESSON, f"{desk.text(LESSON)}\n{text}\n")
    assert changed(page, before) == point


def test_a_key_used_twice_is_a_point_of_its_own(desk: Desk, page: PageClient) -> None:
    spoil(desk, LESSON, 'key = "sapa"', 'key = "akhir"')
    assert listed(page)[KEYS] is False


def test_a_key_that_learners_had_is_missed(desk: Desk, page: PageClient) -> None:
    before = listed(page)
    spoil(desk, LESSON, 'key = "sapa"', 'key = "sapa-baru"')
    assert changed(page, before)[KEYS] is False
    assert FEEDBACK not in changed(page, before)


def test_settings_that_cannot_be_read_hide_what_they_say(desk: Desk, page: PageClient) -> None:
    before = listed(page)
    spoil(desk, LESSON, "+++", '+++\nkacau = "')
    now = changed(page, before)
    assert now.keys() <= {KEYS, IMAGES, MEDIA, TIME, DEAD, TESTED, GOALS}
    assert now[TIME] is None
    assert FEEDBACK not in now


def test_questions_that_cannot_be_read_hide_their_feedback(desk: Desk, page: PageClient) -> None:
    desk.save(f"{FIRST}.gift", desk.text(f"{FIRST}.gift") + "\n\nRusak {=a ~\n")
    assert listed(page)[FEEDBACK] in (None, False)
    assert listed(page)[KEYS] is not True


def test_hours_cannot_be_told_without_the_minutes(desk: Desk, page: PageClient) -> None:
    text = desk.text(LESSON)
    desk.save(LESSON, re.sub(r"minutes = \d+\n", "", text, count=1))
    assert listed(page)[TIME] is None


def test_unreadable_settings_of_the_course_leave_keys_and_links(
    desk: Desk, page: PageClient
) -> None:
    desk.save("course.toml", 'title = "')
    told = listed(page)
    assert (told[GOALS], told[TIME], told[FEEDBACK]) == (None, None, None)
    assert (told[DEAD], told[KEYS]) == (True, True)


def test_a_video_in_the_midst_of_a_text_has_no_captions(desk: Desk, page: PageClient) -> None:
    desk.save(LESSON, desk.text(LESSON) + "\n[Contoh](media/contoh.mp4)\n")
    assert listed(page)[MEDIA] is False
    shown = words(page.get("/studio/melayani/publish"))
    assert "media/contoh.mp4 hanya ditautkan di dalam teks" in shown


def test_addresses_elsewhere_are_said_not_to_be_tried(page: PageClient) -> None:
    assert "Alamat di luar situs ini tidak dicoba" in words(page.get("/studio/melayani/publish"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [each.name for each in beginning.TEMPLATES.glob("id/*")])
def test_what_a_template_says_is_to_be_replaced(
    app: Flask, page: PageClient, cast: Cast, template: str, language: str
) -> None:
    with app.app_context():
        actor = actor_of(cast, "hr")
        with transaction():
            source = beginning.from_template(template, "Menulis laporan", language)
            draft = drafts.create_course(actor, "laporan", cast.unit("b"), source)
            texts = [path for path in source["texts"] if path.endswith((".md", ".gift"))]
            titles = {p.path: p.title for m in outline(source["texts"]) for p in m.parts}
        db.session.remove()
    assert draft
    assert listed(page, "laporan")[SAMPLES] is False
    html = page.get("/studio/laporan/publish").get_data(as_text=True)
    assert "Ringkasan, kegunaan, atau tujuan belajar masih contoh" in html
    assert html.count("Teks ini masih contoh dari templat; ganti") >= len(texts)
    for path in texts:
        assert f": {titles[path.replace('.gift', '.toml')]}" in unescape(html)
