"""The outline of a draft in the browser: added, moved, removed, brought back, and set."""

import re
from pathlib import Path

import pytest
from flask import Flask

from lms.accounts.queries import SignedIn
from lms.core.db import db, transaction
from lms.core.errors import DomainError
from lms.courses.actions import drafts, publishing
from lms.courses.actions import outline as acts
from lms.courses.models import Course, Draft, DraftFile
from lms.courses.queries import drafts as queries
from lms.courses.queries.removed import removed_parts
from lms.courses.queries.studio import workshop
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.assigning import actor_of
from tests.sample_course import import_course, write_course


@pytest.fixture
def trainer(context: Flask, cast: Cast) -> SignedIn:
    return actor_of(cast, "stranger")


@pytest.fixture
def draft(trainer: SignedIn, cast: Cast) -> Draft:
    with transaction():
        return drafts.create_course(
            trainer,
            "baru",
            cast.unit("b"),
            {"texts": {"course.toml": 'title = "B"\n'}, "media": {}},
        )


@pytest.fixture
def hr_draft(context: Flask, cast: Cast, tmp_path: Path) -> Draft:
    """The draft of a published course, by who manages it."""
    course = db.session.get_one(Course, import_course(write_course(tmp_path)).course.id)
    hr = actor_of(cast, "hr")
    with transaction():
        return drafts.open_draft(hr, course)


def module(trainer: SignedIn, draft: Draft, title: str) -> DraftFile:
    with transaction():
        return acts.add_module(trainer, draft, title)


def part(trainer: SignedIn, draft: Draft, where: DraftFile, title: str, kind: str) -> DraftFile:
    with transaction():
        return acts.add_part(trainer, draft, where, kind, title)


def paths(draft: Draft) -> list[str]:
    return [file.path for file in queries.files_of(draft)]


def shape(draft: Draft) -> dict[str, list[str]]:
    shown = workshop(draft.course).modules
    return {m.title: [p.title for p in m.parts] for m in shown}


def at(draft: Draft, path: str) -> DraftFile:
    return next(file for file in queries.files_of(draft) if file.path == path)


def test_modules_and_parts_get_names_and_keys_of_their_titles(
    trainer: SignedIn, draft: Draft
) -> None:
    one = module(trainer, draft, "Menyapa Warga")
    part(trainer, draft, one, "Mengapa menyapa?", "lesson")
    part(trainer, draft, one, "Mengapa menyapa?", "quiz")
    part(trainer, draft, one, "Ŝ!", "video")
    assert paths(draft) == [
        "01-menyapa-warga/01-mengapa-menyapa.md",
        "01-menyapa-warga/02-mengapa-menyapa-2.gift",
        "01-menyapa-warga/02-mengapa-menyapa-2.toml",
        "01-menyapa-warga/03-s.toml",
        "01-menyapa-warga/module.toml",
        "course.toml",
    ]
    keys = [p.key for m in workshop(draft.course).modules for p in m.parts]
    assert keys == ["mengapa-menyapa", "mengapa-menyapa-2", "s"]


def test_a_link_is_a_lesson_that_begins_with_it(trainer: SignedIn, draft: Draft) -> None:
    one = module(trainer, draft, "Satu")
    with transaction():
        file = acts.add_part(trainer, draft, one, "link", "Panduan", "https://contoh.test/p")
    assert (file.text or "").endswith("+++\n\n[Panduan](https://contoh.test/p)\n")


def test_parts_move_within_and_between_modules_with_their_questions(
    trainer: SignedIn, draft: Draft
) -> None:
    one, two = module(trainer, draft, "Satu"), module(trainer, draft, "Dua")
    quiz = part(trainer, draft, one, "Kuis", "quiz")
    part(trainer, draft, one, "Isi", "lesson")
    part(trainer, draft, two, "Lain", "lesson")
    for _ in range(2):
        with transaction():
            acts.move(trainer, draft, quiz, up=False)
    assert shape(draft) == {"Satu": ["Isi"], "Dua": ["Kuis", "Lain"]}
    assert "02-dua/01-kuis.gift" in paths(draft)
    with transaction():
        acts.move(trainer, draft, at(draft, "02-dua/module.toml"), up=True)
    assert list(shape(draft)) == ["Dua", "Satu"]
    with transaction():
        acts.move(trainer, draft, at(draft, "01-dua/module.toml"), up=True)  # at the edge
    assert list(shape(draft)) == ["Dua", "Satu"]
    with transaction():
        acts.put_before(trainer, draft, at(draft, "02-satu/01-isi.md"), quiz)
    assert shape(draft) == {"Dua": ["Isi", "Kuis", "Lain"], "Satu": []}


def test_media_of_a_module_go_along(hr_draft: Draft, cast: Cast) -> None:
    hr = actor_of(cast, "hr")
    two = module(hr, hr_draft, "Dua")
    with transaction():
        acts.put_before(hr, hr_draft, at(hr_draft, "01-dasar/01-sapa.md"), two)
    assert {"02-dua/01-sapa.md", "02-dua/media/loket.png"} <= set(paths(hr_draft))
    folder = queries.folder_of("melayani", queries.source_of_draft(hr_draft))
    assert publishing.check_folder(folder)[1] == []


def test_what_was_removed_comes_back_and_its_keys_are_told(hr_draft: Draft, cast: Cast) -> None:
    hr = actor_of(cast, "hr")
    before = queries.source_of_draft(hr_draft)
    final = at(hr_draft, "01-dasar/04-akhir.toml")
    with transaction():
        acts.remove(hr, hr_draft, final)
    assert "01-dasar/04-akhir.gift" not in paths(hr_draft)
    told = at(hr_draft, "course.toml").text or ""
    assert '[removed]\nkeys = ["akhir", "akhir-1", "akhir-2", "akhir-3"]' in told
    with transaction():
        acts.restore(hr, hr_draft, final)
    assert queries.source_of_draft(hr_draft) == before


def test_a_removed_module_comes_back_whole(trainer: SignedIn, draft: Draft) -> None:
    one = module(trainer, draft, "Satu")
    part(trainer, draft, one, "Isi", "lesson")
    part(trainer, draft, one, "Kuis", "quiz")
    before = paths(draft)
    with transaction():
        acts.remove(trainer, draft, one)
    assert paths(draft) == ["course.toml"]
    module(trainer, draft, "Satu")
    with transaction():
        acts.restore(trainer, draft, one)
    assert len(paths(draft)) == len(before) + 1


def test_what_is_removed_goes_back_into_its_module_wherever_that_is(
    trainer: SignedIn, draft: Draft
) -> None:
    one, two = module(trainer, draft, "Satu"), module(trainer, draft, "Dua")
    isi = part(trainer, draft, one, "Isi", "lesson")
    with transaction():
        acts.remove(trainer, draft, isi)
        acts.move(trainer, draft, one, up=False)
    assert [(row.kind, row.title) for row in removed_parts(draft)] == [("lesson", "Isi")]
    with transaction():
        acts.restore(trainer, draft, isi)
    assert isi.path == "02-satu/01-isi.md"
    with transaction():
        acts.remove(trainer, draft, isi)
        acts.remove(trainer, draft, one)
    assert [row.title for row in removed_parts(draft)] == ["Satu", "Isi"]
    with pytest.raises(DomainError, match="Kembalikan dahulu modul itu"), transaction():
        acts.restore(trainer, draft, isi)
    with transaction():
        acts.restore(trainer, draft, one)
        acts.restore(trainer, draft, isi)
    assert isi.path == "02-satu/01-isi.md"
    assert removed_parts(draft) == []
    assert two.path == "01-dua/module.toml"


def test_a_new_title_keeps_the_key_and_what_else_is_said(trainer: SignedIn, draft: Draft) -> None:
    one = module(trainer, draft, "Satu")
    isi = part(trainer, draft, one, "Isi", "lesson")
    text = '+++\nkey = "isi"  # tetap\ntitle = "Isi"\nminutes = 5\nlain = true\n+++\n\nTeks.\n'
    with transaction():
        drafts.save_text(trainer, draft, isi, text, 1)
    with transaction():
        acts.change_settings(trainer, draft, isi, {"title": "Baru", "requires": None}, 2)
    assert isi.text == text.replace('title = "Isi"', 'title = "Baru"')


def test_what_waits_for_itself_is_refused(trainer: SignedIn, draft: Draft) -> None:
    one = module(trainer, draft, "Satu")
    a = part(trainer, draft, one, "A", "lesson")
    b = part(trainer, draft, one, "B", "lesson")
    with transaction():
        acts.change_settings(trainer, draft, b, {"requires": ["a"]}, 1)
    with pytest.raises(DomainError) as refused, transaction():
        acts.change_settings(trainer, draft, a, {"requires": ["b"]}, 1)
    assert refused.value.field == "requires"
    assert "berputar" in refused.value.message
    assert "A → B → A" in refused.value.message or "B → A → B" in refused.value.message


# ── In the browser ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def page(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def begin(page: PageClient, **fields: str) -> None:
    data = {"title": "Menulis laporan", "unit": "B", "beginning": "blank", **fields}
    answer = page.send("/studio/new", data)
    assert answer.status_code == 302, words(answer)


def uuids(page: PageClient, slug: str = "menulis-laporan") -> list[str]:
    html = page.get(f"/studio/{slug}").get_data(as_text=True)
    return re.findall(r'<(?:li|div class="sech row row--between") id="b-([0-9a-f-]{36})"', html)


def test_what_was_dragged_can_be_put_back(page: PageClient) -> None:
    begin(page)
    base = "/studio/menulis-laporan"
    for title in ("Satu", "Dua"):
        page.send(f"{base}/modules", {"title": title})
    one, two = uuids(page)
    for title in ("Isi", "Akhir"):
        page.send(f"{base}/parts", {"kind": "lesson", "title": title, "module": one})
    _, isi, akhir, _ = uuids(page)
    start = [one, isi, akhir, two]
    moves = [(isi, two), (akhir, isi), (one, one), (two, one), (isi, isi)]
    for moved, before in moves:
        was = uuids(page)
        answer = page.send(f"{base}/outline/{moved}/move", {"before": before})
        html = page.get(answer.headers["Location"]).get_data(as_text=True)
        back = re.search(r'name="before" value="([^"]+)"', html)
        assert bool(back) is (uuids(page) != was), (moved, before)
        if back:
            assert "Sudah dipindahkan." in html
            page.send(f"{base}/outline/{moved}/move", {"before": back[1]})
        assert uuids(page) == start
    strange = page.get(f"{base}?moved={isi}&back={one[:-1]}x")
    assert "Sudah dipindahkan." not in words(strange)
    gone = page.get(f"{base}?moved={isi}&back=00000000-0000-4000-8000-000000000000")
    assert "Sudah dipindahkan." not in words(gone)


@pytest.mark.parametrize("address", ["https://", "https:///a", "http://contoh.test", "contoh"])
def test_a_link_needs_a_whole_address(page: PageClient, address: str) -> None:
    begin(page)
    page.send("/studio/menulis-laporan/modules", {"title": "Dasar"})
    fields = {"kind": "link", "title": "T", "module": uuids(page)[0], "address": address}
    answer = page.send("/studio/menulis-laporan/parts", fields)
    assert answer.status_code == 422
    assert "Tulis alamat yang diawali https://" in words(answer)


def test_from_blank_to_an_outline(page: PageClient) -> None:
    begin(page)
    assert page.send("/studio/menulis-laporan/modules", {"title": "Dasar"}).status_code == 302
    (basics,) = uuids(page)
    for kind, title in (("lesson", "Isi"), ("quiz", "Kuis")):
        fields = {"kind": kind, "title": title, "module": basics}
        assert page.send("/studio/menulis-laporan/parts", fields).status_code == 302
    _, isi, kuis = uuids(page)
    answer = page.send(f"/studio/menulis-laporan/outline/{kuis}/move", {"way": "up"})
    moved = page.get(answer.headers["Location"]).get_data(as_text=True)
    assert re.search(r'aria-label="Naikkan Kuis"[^>]* autofocus', moved)
    assert uuids(page) == [basics, kuis, isi]
    page.send(f"/studio/menulis-laporan/outline/{kuis}/move", {"before": basics})
    assert uuids(page) == [basics, isi, kuis]  # to the end of its module
    page.send(f"/studio/menulis-laporan/outline/{kuis}/move", {"before": isi})
    assert uuids(page) == [basics, kuis, isi]
    nowhere = page.send(f"/studio/menulis-laporan/outline/{kuis}/move", {"before": "x"})
    assert nowhere.status_code == 404
    answer = page.send(f"/studio/menulis-laporan/outline/{isi}/remove")
    assert "Urungkan" in words(page.get(answer.headers["Location"]))
    page.send(f"/studio/menulis-laporan/outline/{kuis}/remove")
    html = page.get("/studio/menulis-laporan").get_data(as_text=True)  # any page later
    assert "Yang dihapus" in html
    for uuid in (kuis, isi):
        assert f'action="/studio/menulis-laporan/outline/{uuid}/restore"' in html
        restored = page.send(f"/studio/menulis-laporan/outline/{uuid}/restore")
        assert restored.status_code == 302
    assert "Yang dihapus" not in words(page.get("/studio/menulis-laporan"))
    assert uuids(page) == [basics, kuis, isi]
    again = page.send(f"/studio/menulis-laporan/outline/{isi}/restore")
    assert again.status_code == 404


def test_settings_are_shown_and_saved_and_an_old_form_loses_nothing(page: PageClient) -> None:
    begin(page, beginning="kursus-ujian")
    html = page.get("/studio/menulis-laporan").get_data(as_text=True)
    link = re.search(r'href="([^"]+)" aria-label="Pengaturan Menerapkan ketentuan"', html)
    assert link
    address = link[1]
    shown = page.get(address).get_data(as_text=True)
    number = re.search(r'name="number" type="hidden" value="(\d+)"', shown)
    assert number
    fields = {
        "number": number[1], "title": "Menerapkan", "minutes": "20", "min_minutes": "3",
        "requires": ["ketentuan"],
    }  # fmt: skip
    assert page.send(address, fields).status_code == 302
    shown = page.get(address).get_data(as_text=True)
    assert 'value="ketentuan" checked' in shown
    stale = page.send(address, {**fields, "title": "Milik saya"})
    assert stale.status_code == 409
    html = stale.get_data(as_text=True)
    assert 'value="Milik saya"' in html
    number = re.search(r'name="number" type="hidden" value="(\d+)"', html)
    assert number
    assert (
        page.send(address, {**fields, "title": "Milik saya", "number": number[1]}).status_code
        == 302
    )
    wrong = page.send(address, {**fields, "min_minutes": "21", "title": ""})
    assert wrong.status_code == 422
    assert "Tidak boleh melebihi perkiraan waktu" in words(wrong)


def test_the_outline_tells_what_a_part_waits_for(page: PageClient) -> None:
    begin(page)
    base = "/studio/menulis-laporan"
    for title in ("Satu", "Dua"):
        page.send(f"{base}/modules", {"title": title})
    one, two = uuids(page)
    for title in ("Isi", "Lanjutan"):
        page.send(f"{base}/parts", {"kind": "lesson", "title": title, "module": one})
    lanjutan = uuids(page)[2]
    assert "Dibuka" not in words(page.get(base))
    fields = {"number": "1", "title": "Lanjutan", "minutes": "5", "min_minutes": "0"}
    late = {"opens": "0001-01-01T08:00", "opens_after": "7", "requires": ["isi"]}
    assert page.send(f"{base}/outline/{lanjutan}", {**fields, **late}).status_code == 302
    waits = {"number": "1", "title": "Dua", "requires": ["isi", "lanjutan"]}
    assert page.send(f"{base}/outline/{two}", waits).status_code == 302
    told = words(page.get(base))
    assert "Sesudah “Isi” Dibuka 1 Januari 1, 08.00 WIB Dibuka 7 hari sesudah mulai" in told
    assert "Dua Sesudah “Isi” dan “Lanjutan”" in told


def test_what_need_not_be_done_is_set_and_shown(page: PageClient) -> None:
    begin(page)
    base = "/studio/menulis-laporan"
    page.send(f"{base}/modules", {"title": "Satu"})
    (one,) = uuids(page)
    for kind, title in (("lesson", "Isi"), ("quiz", "Kuis")):
        page.send(f"{base}/parts", {"kind": kind, "title": title, "module": one})
    _, isi, kuis = uuids(page)
    fields = {"number": "1", "title": "Isi", "minutes": "5", "min_minutes": "0"}
    for chosen in ({"optional": "y"}, {}):
        address = f"{base}/outline/{isi}"
        shown = page.get(address).get_data(as_text=True)
        number = re.search(r'name="number" type="hidden" value="(\d+)"', shown)
        assert number
        assert page.send(address, {**fields, "number": number[1], **chosen}).status_code == 302
        assert ("Tidak wajib" in words(page.get(base))) is bool(chosen)
        if chosen:
            waits = {"title": "Kuis", "minutes": "5", "number": "1", "requires": ["isi"]}
            refused = page.send(f"{base}/outline/{kuis}", waits)
            assert refused.status_code == 422
            assert "tidak dapat menjadi syarat bagi yang wajib" in words(refused)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "Isi judul"),
        ({"title": "A", "slug": "Salah Besar"}, "misalnya pelayanan-prima"),
        ({"title": "A", "unit": "TIDAK"}, "Tidak ada unit dengan kode ini"),
        ({"title": "A", "beginning": "lain"}, "Pilih salah satu"),
        ({"title": "A", "beginning": "archive"}, "Pilih berkas ZIP"),
    ],
)
def test_what_is_wrong_with_a_new_course_is_said(
    page: PageClient, fields: dict[str, str], said: str
) -> None:
    answer = page.send("/studio/new", {"unit": "B", "beginning": "blank", **fields})
    assert answer.status_code == 422
    assert said in words(answer)


def test_the_address_comes_from_the_title_and_is_free(page: PageClient) -> None:
    begin(page)
    begin(page)
    shown = page.get("/studio").get_data(as_text=True)
    assert 'href="/studio/menulis-laporan"' in shown
    assert 'href="/studio/menulis-laporan-2"' in shown


def test_a_course_is_copied(page: PageClient) -> None:
    begin(page, beginning="kursus-kasus")
    assert "Salinan Menulis laporan" in page.get("/studio/menulis-laporan/copy").get_data(
        as_text=True
    )
    answer = page.send("/studio/menulis-laporan/copy", {"title": "Kasus lain", "unit": "B"})
    assert answer.headers["Location"] == "/studio/kasus-lain"
    assert len(uuids(page, "kasus-lain")) == 8


def test_files_of_another_course_are_not_there(page: PageClient) -> None:
    begin(page, beginning="kursus-singkat")
    begin(page, title="Lain")
    strange = uuids(page)[1]
    for act in ("", "/move", "/remove", "/restore"):
        assert page.send(f"/studio/lain/outline/{strange}{act}").status_code == 404, act
