"""The settings of a course and the bare text of a file, in the browser."""

import re
from html import unescape

import pytest
from flask import Flask

from lms.core.db import db
from lms.courses.models import DraftFile
from tests.cast import Cast
from tests.client import PageClient, words

GOOD = {
    "title": "Menulis laporan", "summary": "Laporan yang dibaca.", "purpose": "Anda dapat menulis.",
    "language": "id", "category": "Umum", "jp": "1,5", "trainer": "", "organiser": "BKPSDM",
    "score": "70", "certificate": "y", "validity_months": "24",
    "goals-0-key": "", "goals-0-text": "Menulis satu halaman",
    "goals-1-key": "", "goals-1-text": "",
    "outcomes-0-competency": "M.05", "outcomes-0-level_from": "0", "outcomes-0-level_to": "2",
    "outcomes-1-competency": "", "outcomes-1-level_from": "0", "outcomes-1-level_to": "1",
}  # fmt: skip
ADDRESS = "/studio/menulis-laporan/settings"


@pytest.fixture
def page(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    data = {"title": "Menulis laporan", "unit": "B", "beginning": "blank"}
    assert client.send("/studio/new", data).status_code == 302
    return client


def number(page: PageClient, address: str = ADDRESS) -> str:
    return shown_number(page.get(address).get_data(as_text=True))


def shown_number(html: str) -> str:
    found = re.search(r'name="number" type="hidden" value="(\d+)"', html)
    assert found
    return found[1]


def stored(app: Flask, path: str = "course.toml") -> str:
    with app.app_context():
        return db.session.query(DraftFile).filter_by(path=path).one().text or ""


def shown_base(html: str) -> str:
    found = re.search(r'name="base" type="hidden" value="([^"]+)"', html)
    assert found
    return unescape(found[1])


def test_what_was_set_stands_in_the_file_and_in_the_form(app: Flask, page: PageClient) -> None:
    assert page.send(ADDRESS, {**GOOD, "number": number(page)}).status_code == 302
    text = stored(app)
    assert "jp = 1.5\n" in text
    assert "validity_months = 24\n" in text
    assert "certificate" not in text
    assert "[pass]\nscore = 70\n" in text
    assert 'key = "menulis-satu-halaman"\ntext = "Menulis satu halaman"' in text
    assert 'competency = "M.05"\nfrom = 0\nto = 2' in text
    shown = page.get(ADDRESS).get_data(as_text=True)
    assert 'value="1,5"' in shown
    assert '<option value="M.05" selected>' in shown
    problems = words(page.get("/studio/menulis-laporan/publish"))
    assert "belum punya modul" in problems
    assert "belum ada; tambahkan" not in problems


def test_a_goal_can_be_evidence_and_stays_so(app: Flask, page: PageClient) -> None:
    proof = {
        "goals-0-competency": "M.05", "goals-0-level": "2", "goals-0-score": "62,5",
        "goals-0-standing": "proves",
    }  # fmt: skip
    assert page.send(ADDRESS, {**GOOD, **proof, "number": number(page)}).status_code == 302
    told = 'competency = "M.05"\nlevel = 2\nscore = 62.5\nstanding = "proves"\n'
    assert told in stored(app)
    shown = page.get(ADDRESS).get_data(as_text=True)
    assert 'value="62,5"' in shown
    assert '<option selected value="proves">' in shown
    gone = {**proof, "goals-0-competency": "", "goals-0-score": "x"}
    assert page.send(ADDRESS, {**GOOD, **gone, "number": number(page)}).status_code == 302
    assert "standing" not in stored(app)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"goals-0-level": ""}, "Isi bersama kompetensinya"),
        ({"goals-0-score": ""}, "Isi bersama kompetensinya"),
        ({"goals-0-level": "6"}, "1 sampai 5"),
        ({"goals-0-score": "0"}, "di atas 0 sampai 100"),
        ({"goals-0-score": "100,01"}, "di atas 0 sampai 100"),
        ({"goals-0-score": "tujuh"}, "Tulis angka"),
    ],
)
def test_evidence_without_its_level_or_score_is_refused(
    app: Flask, page: PageClient, changed: dict[str, str], said: str
) -> None:
    before = stored(app)
    proof = {"goals-0-competency": "M.05", "goals-0-level": "2", "goals-0-score": "70"}
    sent = {**GOOD, **proof, **changed, "number": number(page)}
    answer = page.send(ADDRESS, sent)
    assert answer.status_code == 422
    assert said in words(answer)
    assert stored(app) == before


def test_a_new_wording_keeps_the_key_of_a_goal(app: Flask, page: PageClient) -> None:
    page.send(ADDRESS, {**GOOD, "number": number(page)})
    goal = {"goals-0-key": "menulis-satu-halaman", "goals-0-text": "Menulis dua halaman"}
    page.send(ADDRESS, {**GOOD, **goal, "number": number(page)})
    assert 'key = "menulis-satu-halaman"\ntext = "Menulis dua halaman"' in stored(app)
    gone = {"goals-0-text": "", "outcomes-0-competency": ""}
    page.send(ADDRESS, {**GOOD, **gone, "number": number(page)})
    assert "goals" not in stored(app)
    assert "outcomes" not in stored(app)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("title", "", "Isi judul"),
        ("jp", "satu", "Tulis angka"),
        ("jp", "0", "di atas 0"),
        ("jp", "1,234", "dua desimal"),
        ("jp", "NaN", "Tulis angka"),
        ("score", "101", "0 sampai 100"),
        ("validity_months", "-1", "0 sampai 600"),
        ("outcomes-0-level_to", "0", "1 sampai 5"),
        ("outcomes-0-level_from", "2", "Harus lebih tinggi"),
        ("goals-0-text", "x" * 201, "Paling banyak 200"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    app: Flask, page: PageClient, name: str, value: str, said: str
) -> None:
    before = stored(app)
    answer = page.send(ADDRESS, {**GOOD, name: value, "number": number(page)})
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="Laporan yang dibaca."' in answer.get_data(as_text=True)
    assert stored(app) == before


def test_two_who_save_lose_nothing(app: Flask, page: PageClient) -> None:
    old = number(page)
    page.send(ADDRESS, {**GOOD, "number": old})
    answer = page.send(ADDRESS, {**GOOD, "summary": "Milik saya", "number": old})
    assert answer.status_code == 409
    assert 'value="Milik saya"' in answer.get_data(as_text=True)
    assert "Laporan yang dibaca." in stored(app)


def test_what_only_one_of_two_changed_is_joined_and_both_texts_are_shown(
    app: Flask, page: PageClient
) -> None:
    page.send(ADDRESS, {**GOOD, "number": number(page)})
    opened = page.get(ADDRESS).get_data(as_text=True)
    old, base = shown_number(opened), shown_base(opened)
    page.send(ADDRESS, {**GOOD, "title": "Judul rekan", "jp": "3", "number": old})
    mine = {**GOOD, "summary": "Ringkasan saya", "jp": "4", "number": old, "base": base}
    answer = page.send(ADDRESS, mine)
    assert answer.status_code == 409
    html, said = answer.get_data(as_text=True), words(answer)
    assert 'value="Judul rekan"' in html
    assert 'value="Ringkasan saya"' in html
    assert 'value="4"' in html
    assert "Andi Tenri menyimpannya pada" in said
    assert "Judul kursus: Judul rekan" in said
    assert "sudah digabungkan" in said
    joined = {
        **mine, "title": "Judul rekan", "number": shown_number(html), "base": shown_base(html)
    }  # fmt: skip
    assert page.send(ADDRESS, joined).status_code == 302
    assert 'title = "Judul rekan"' in stored(app)
    assert 'summary = "Ringkasan saya"' in stored(app)


def test_goals_and_outcomes_of_both_are_kept(app: Flask, page: PageClient) -> None:
    old = {"goals-1-text": "Membaca", "outcomes-1-competency": "M.04"}
    page.send(ADDRESS, {**GOOD, **old, "number": number(page)})
    opened = page.get(ADDRESS).get_data(as_text=True)
    began = {"number": shown_number(opened), "base": shown_base(opened)}
    kept = {
        **GOOD, **began, **old, "goals-0-key": "menulis-satu-halaman", "goals-1-key": "membaca",
        "goals-2-key": "", "outcomes-2-level_from": "0", "outcomes-2-level_to": "1",
    }  # fmt: skip
    theirs = {
        **kept, "goals-1-text": "Membaca cepat", "goals-2-text": "Menyunting.",
        "outcomes-0-level_to": "3", "outcomes-2-competency": "M.01",
    }  # fmt: skip
    assert page.send(ADDRESS, theirs).status_code == 302
    mine = {
        **kept, "goals-0-text": "", "goals-2-text": "Menyunting", "outcomes-1-level_to": "2",
        "outcomes-2-competency": "M.02",
    }  # fmt: skip
    answer = page.send(ADDRESS, mine)
    assert answer.status_code == 409
    html, said = answer.get_data(as_text=True), words(answer)
    assert "sudah digabungkan" in said
    assert "- Menyunting." in said
    form = dict(re.findall(r'name="((?:goals|outcomes)-[^"]+)"[^>]*? value="([^"]*)"', html))
    goals = [form[f"goals-{at}-text"] for at in range(5)]
    assert sorted(goals) == ["", "", "Membaca cepat", "Menyunting", "Menyunting."]
    chosen = {
        found[1]: found[3]
        for found in re.finditer(
            r'name="(outcomes-(\d)-competency)">.*?value="([^"]*)" selected', html
        )
    }
    assert sorted(chosen.values()) == ["M.01", "M.02", "M.04", "M.05"]
    assert "Capaian 6" in said  # rows to spare
    again = {
        **GOOD, **form, **chosen, "number": shown_number(html), "base": shown_base(html)
    }  # fmt: skip
    assert page.send(ADDRESS, again).status_code == 302
    text = stored(app)
    assert 'competency = "M.05"\nfrom = 0\nto = 3\n' in text
    assert 'competency = "M.04"\nfrom = 0\nto = 2\n' in text
    assert 'competency = "M.01"' in text
    assert 'competency = "M.02"' in text
    assert 'key = "membaca"\ntext = "Membaca cepat"' in text
    assert 'key = "menyunting"\ntext = "Menyunting."' in text
    assert 'key = "menyunting-2"\ntext = "Menyunting"' in text
    assert "Menulis satu halaman" not in text


@pytest.mark.parametrize("base", ["", "{", "[]"])
def test_a_form_that_does_not_say_what_it_began_from_is_kept_whole(
    page: PageClient, base: str
) -> None:
    answer = page.send(ADDRESS, {**GOOD, "number": "77", "base": base})
    assert answer.status_code == 409
    assert "Bandingkan, ambil dari yang tersimpan" in words(answer)
    assert 'value="Laporan yang dibaca."' in answer.get_data(as_text=True)


def test_a_removed_file_keeps_what_was_typed_into_its_page(app: Flask, page: PageClient) -> None:
    page.send("/studio/menulis-laporan/modules", {"title": "Modul"})
    with app.app_context():
        module = db.session.query(DraftFile).filter_by(path="01-modul/module.toml").one().uuid
        db.session.remove()
    part = {"module": str(module), "title": "Isi", "kind": "lesson", "address": ""}
    page.send("/studio/menulis-laporan/parts", part)
    with app.app_context():
        file = db.session.query(DraftFile).filter_by(path="01-modul/01-isi.md").one().uuid
        db.session.remove()
    page.send(f"/studio/menulis-laporan/outline/{file}/remove")
    address = f"/studio/menulis-laporan/files/{file}"
    assert page.get(address).status_code == 404
    answer = page.send(address, {"text": "Milik saya", "number": "1"})
    assert answer.status_code == 409
    assert "Milik saya" in answer.get_data(as_text=True)
    assert "Kembalikan dahulu" in words(answer)
    settings = page.send(
        f"/studio/menulis-laporan/outline/{file}", {"title": "Judul saya", "number": "1"}
    )
    assert settings.status_code == 409
    assert 'value="Judul saya"' in settings.get_data(as_text=True)


def test_settings_and_texts_lead_to_their_history(page: PageClient) -> None:
    html = page.get(ADDRESS).get_data(as_text=True)
    found = re.search(r'href="([^"]+/history)"', html)
    assert found
    history = page.get(found[1])
    assert "Pengaturan kursus" in words(history)
    assert f'href="{ADDRESS}"' in history.get_data(as_text=True)


def test_a_file_that_cannot_be_read_is_mended_as_text(app: Flask, page: PageClient) -> None:
    page.send(ADDRESS, {**GOOD, "number": number(page)})
    with app.app_context():
        uuid = db.session.query(DraftFile).filter_by(path="course.toml").one().uuid
        db.session.remove()
    address = f"/studio/menulis-laporan/files/{uuid}"
    good = stored(app)
    broken = good.replace('"Umum"', '"Umum')
    assert page.send(address, {"text": broken, "number": number(page, address)}).status_code == 302
    assert "Tidak dapat dibaca sebagai TOML" in words(page.get(address))
    assert page.get(ADDRESS).headers["Location"] == address
    text = {"text": good.replace("\n", "\r\n"), "number": number(page, address)}
    assert page.send(address, text).status_code == 302
    assert stored(app) == good
    stale = page.send(address, {"text": "Milik saya", "number": "1"})
    assert stale.status_code == 409
    assert "Milik saya" in stale.get_data(as_text=True)
    assert "Bandingkan, ambil dari yang tersimpan" in words(stale)
    assert "<del>" in stale.get_data(as_text=True)
