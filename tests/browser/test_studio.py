"""The path of a trainer in a browser: from nothing to a course that a learner takes."""

import re

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.site import Site
from tests.courses.test_pictures import photo

pytestmark = pytest.mark.browser

SAVED = re.compile("^Tersimpan")
QUESTION = "Di mana arsip aktif disimpan?"


@pytest.mark.parametrize("width", [1280, 390])
def test_from_blank_to_a_course_that_a_learner_takes(
    browser: Browser, live: Site, width: int
) -> None:
    size = {"width": width, "height": 844}
    title, slug = f"Menata arsip {width}", f"menata-arsip-{width}"
    course = f"/studio/{slug}"
    trainer = Visitor(browser, live, viewport=size)
    trainer.sign_in("pengajar")
    trainer.press("Studio")
    trainer.press("Kursus baru")
    trainer.page.get_by_label("Judul kursus").fill(title)
    trainer.press("Buat draf")
    arrange(trainer)
    write(trainer, course)
    ask_questions(trainer, course)
    set_course(trainer, course)
    chosen = trainer.page.locator("[name=outcomes-0-competency] option:checked").inner_text()
    _code, _, shown = chosen.partition(" ")
    try_as_learner(trainer, course)
    invite(trainer, course)
    trainer.page.goto(f"{course}/review")
    trainer.press("Minta tinjauan")
    approve(Visitor(browser, live, viewport=size), course)
    publish(trainer, course)
    assert trainer.page.evaluate("document.documentElement.scrollWidth") <= width
    assert not trainer.faults
    learner = Visitor(browser, live, viewport=size)
    take(learner, slug, "pegawai")
    find_what_was_earned(learner, title, shown)
    supervisor = Visitor(browser, live, viewport=size)
    find_the_evidence(supervisor, title, shown)


def arrange(trainer: Visitor) -> None:
    """A module with a lesson and a quiz; what was added too much is taken out again."""
    page = trainer.page
    page.get_by_label("Judul modul baru").fill("Dasar")
    trainer.press("Tambah modul")
    for name, kind in (("Menata", "lesson"), ("Membuang", "lesson"), ("Ujian", "quiz")):
        page.get_by_label("Judul bagian baru").fill(name)
        page.get_by_label("Jenis", exact=True).select_option(kind)
        trainer.press("Tambah bagian")
    # The button that moved a part keeps the focus, for whoever works by keyboard.
    page.get_by_role("button", name="Naikkan Membuang").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Naikkan Membuang")).to_be_focused()
    with page.expect_navigation():
        page.get_by_role("button", name="Hapus Membuang").click()
    trainer.press("Urungkan")
    assert trainer.has("Membuang")
    with page.expect_navigation():
        page.get_by_role("button", name="Hapus Membuang").click()


def write(trainer: Visitor, course: str) -> None:
    """The lesson in its editor: bold by the toolbar, and a picture with what it shows."""
    page = trainer.page
    page.goto(course)
    trainer.press("Menata")
    page.locator("[name=minutes]").fill("45")
    text = page.get_by_label("Isi pelajaran (Markdown)")
    text.fill("ditemukan")
    text.select_text()
    page.get_by_role("button", name="Tebal").click()
    text.press("Control+Home")
    page.keyboard.type("Arsip yang ditata ")
    text.press("Control+End")
    page.keyboard.type(".")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Gambar atau berkas").click()
    picture = photo(800, 400, "JPEG")
    chooser.value.set_files({"name": "lemari.jpg", "mimeType": "image/jpeg", "buffer": picture})
    page.locator("[data-look=preview] img").wait_for(state="attached")
    page.keyboard.type("Lemari arsip")
    page.locator("[data-look=preview] img[alt='Lemari arsip']").wait_for(state="attached")
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.locator("[role=status][data-state]")).to_have_text(SAVED)
    page.goto(page.url)
    kept = text.input_value()
    assert kept.startswith("Arsip yang ditata **ditemukan**.")
    assert "![Lemari arsip](media/lemari.webp)" in kept


def ask_questions(trainer: Visitor, course: str) -> None:
    """Two kinds of questions in their editor, and how the quiz counts."""
    page = trainer.page
    page.goto(course)
    trainer.press("Ujian")
    quiz = page.url
    page.get_by_label("Jenis soal").select_option("single")
    trainer.press("Tambah soal")
    page.get_by_label("Pertanyaan").fill(QUESTION)
    for number, words in enumerate(("Di unit pengolah", "Di rumah")):
        page.locator(f"[name=options-{number}-text]").fill(words)
    page.get_by_role("radio", name="Pilihan 1 adalah jawaban yang benar").check()
    trainer.press("Simpan")
    page.goto(quiz)
    page.get_by_label("Jenis soal").select_option("truefalse")
    trainer.press("Tambah soal")
    page.get_by_label("Pertanyaan").fill("Arsip boleh dibuang tanpa izin.")
    page.get_by_role("radio", name="Jawaban yang benar: Salah").check()
    trainer.press("Simpan")
    page.goto(quiz)
    assert trainer.has(QUESTION)
    assert trainer.has("Arsip boleh dibuang tanpa izin.")
    page.get_by_label("Nilai lulus kuis (persen)").fill("100")
    page.get_by_label("Bobot dalam nilai akhir").fill("1")
    page.get_by_label("Acak urutan soal").uncheck()
    trainer.press("Simpan pengaturan")


def set_course(trainer: Visitor, course: str, needed: int = 70) -> None:
    page = trainer.page
    page.goto(f"{course}/settings")
    for label, value in {
        "Ringkasan": "Arsip yang ditemukan.",
        "Kegunaan": "Setelah kursus ini Anda dapat menata arsip.",
        "Kategori": "Umum",
        "Jam pelajaran (JP)": "1",
        "Nilai minimum untuk lulus (persen)": str(needed),
    }.items():
        page.get_by_label(label).first.fill(value)
    page.locator("[name=outcomes-0-competency]").select_option(index=1)
    with page.expect_navigation():
        page.get_by_role("button", name="Simpan", exact=True).click()
    assert trainer.has("Pengaturan disimpan.")


def try_as_learner(trainer: Visitor, course: str) -> None:
    page = trainer.page
    page.goto(f"{course}/as-learner")
    assert "ditemukan" in page.locator("article").inner_text()
    image = page.locator("article img[alt='Lemari arsip']")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    with page.expect_navigation():
        page.locator("a[rel=next]").click()
    assert trainer.has(QUESTION)
    assert trainer.has("Di unit pengolah")


def invite(trainer: Visitor, course: str) -> None:
    page = trainer.page
    page.goto(f"{course}/members?q=Dian+Permata")
    page.get_by_label("Peran Dian Permata").select_option("reviewer")
    trainer.press("Tambahkan")


def approve(reviewer: Visitor, course: str) -> None:
    reviewer.sign_in("sdm")
    reviewer.page.goto(f"{course}/review")
    reviewer.press("Setujui")
    assert reviewer.has("Disetujui oleh Dian Permata Hapsari")
    reviewer.context.close()
    assert not reviewer.faults


def publish(trainer: Visitor, course: str) -> None:
    page = trainer.page
    page.goto(f"{course}/publish")
    before = page.get_by_role("region", name="Sebelum terbit")
    rows = before.get_by_role("listitem").all_inner_texts()
    assert "Setiap bagian dan soal punya kunci yang tetap" in rows
    assert "Tujuan belajar tertulis – belum" in rows  # which hinders nobody
    assert trainer.has("Disetujui oleh Dian Permata Hapsari")
    page.get_by_label("Catatan perubahan").fill("Versi pertama")
    with page.expect_navigation():
        page.get_by_role("button", name="Terbitkan", exact=True).click()
    assert trainer.has("Versi 1 terbit.")


def take(learner: Visitor, slug: str, name: str) -> None:
    """Read, answer, pass: the course is complete."""
    page = learner.page
    learner.sign_in(name)
    page.goto(f"/courses/{slug}")
    learner.press("Daftar kursus ini")
    learner.press("Mulai belajar")
    assert learner.has("ditemukan")
    learner.press("Selesai, lanjut")
    learner.press("Mulai kuis")
    page.locator("label.choice", has_text="Di unit pengolah").click()
    learner.press("Berikutnya")
    page.locator("label.choice", has_text="Salah").click()
    learner.press("Tinjau dan kirim")
    learner.press("Kirim jawaban")
    assert learner.has("100")
    page.goto(f"/courses/{slug}")
    assert learner.has("Selesai")


def find_what_was_earned(learner: Visitor, title: str, shown: str) -> None:
    """The evidence in the competency record, the hours and the certificate of the learner."""
    page = learner.page
    page.goto("/my/competencies")
    expect_evidence(page, title, shown)
    page.goto("/my/hours")
    hours = page.get_by_role("row").filter(has=page.get_by_role("link", name=title, exact=True))
    expect(hours.locator("[data-l=JP]")).to_have_text("1")
    page.goto("/my/certificates")
    certificate = page.get_by_role("listitem").filter(has_text=title)
    expect(certificate.get_by_text("1 JP", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    learner.context.close()
    assert not learner.faults


def find_the_evidence(supervisor: Visitor, title: str, shown: str) -> None:
    """The same evidence and certificate on the supervisor's page about the learner."""
    page = supervisor.page
    supervisor.sign_in("atasan")
    page.goto("/team")
    supervisor.press("Siti Rahmawati")
    expect_evidence(page, title, shown)
    certificates = page.get_by_role("region", name="Sertifikat").get_by_role("listitem")
    certificate = certificates.filter(has_text=title)
    expect(certificate.get_by_text("1 JP", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    supervisor.context.close()
    assert not supervisor.faults


def expect_evidence(page: Page, title: str, shown: str) -> None:
    """In the row of the competency that the course shows: the course, with the quiz's score."""
    row = page.locator("li.gaprow").filter(has=page.get_by_role("link", name=shown, exact=True))
    row.locator("summary").click()
    entry = row.locator("ol.time > li").filter(has_text=f"Kursus {title}, tingkat 1")
    expect(entry).to_be_visible()
    expect(entry).to_contain_text("Nilai 100.")


def begin(trainer: Visitor, title: str) -> None:
    """A new course with the lessons Menata and Membuang, and the editor of the first."""
    page = trainer.page
    trainer.sign_in("pengajar")
    page.goto("/studio/new")
    page.get_by_label("Judul kursus").fill(title)
    trainer.press("Buat draf")
    page.get_by_label("Judul modul baru").fill("Dasar")
    trainer.press("Tambah modul")
    for name in ("Menata", "Membuang"):
        page.get_by_label("Judul bagian baru").fill(name)
        trainer.press("Tambah bagian")
    trainer.press("Menata")


def test_a_browser_takes_the_copy_of_a_picture_that_it_needs(browser: Browser, live: Site) -> None:
    trainer = Visitor(browser, live, viewport={"width": 1280, "height": 844})
    page = trainer.page
    begin(trainer, "Memilih gambar")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Gambar atau berkas").click()
    picture = photo(2000, 1000, "JPEG")
    chooser.value.set_files({"name": "alur.jpg", "mimeType": "image/jpeg", "buffer": picture})
    page.locator("[data-look=preview] img[srcset]").wait_for()
    page.reload()
    page.locator("summary[aria-label='Pilih dari media']").press("Enter")
    page.get_by_role("button", name="alur.webp").press("Enter")
    page.keyboard.type("Alur surat")
    text = page.get_by_label("Isi pelajaran (Markdown)").input_value()
    assert "![Alur surat](media/alur.webp)" in text
    page.locator("[data-look=preview] img[alt='Alur surat']").wait_for()
    address, cookies = "/studio/memilih-gambar/preview/menata", trainer.context.cookies()
    for width, ratio, taken in ((1280, 1, 960), (1280, 2, 1440), (390, 2, 960), (320, 1, 480)):
        size = {"width": width, "height": 844}
        other = Visitor(browser, live, viewport=size, device_scale_factor=ratio)
        other.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were given
        other.page.goto(address)
        image = other.page.locator("article img").first
        image.evaluate("image => image.decode()")
        assert f".webp/{taken}.webp?v=" in image.evaluate("image => image.currentSrc")
        assert other.page.evaluate("document.documentElement.scrollWidth") <= width
        assert not other.faults
        other.context.close()
    assert not trainer.faults


def test_the_toolbar_writes_boxes_footnotes_and_links(browser: Browser, live: Site) -> None:
    trainer = Visitor(browser, live, viewport={"width": 390, "height": 844})
    page = trainer.page
    begin(trainer, "Menulis kotak")
    text = page.get_by_label("Isi pelajaran (Markdown)")
    text.fill("Arsip ditata.")
    text.select_text()
    page.locator("summary[aria-label=Kotak]").press("Enter")
    page.get_by_role("button", name="Peringatan", exact=True).press("Enter")
    page.get_by_role("button", name="Bagian yang dapat dibuka").click()
    page.get_by_role("button", name="Catatan kaki", exact=True).click()
    page.keyboard.type("Kaki.")
    box, rest = text.input_value().split("\n\n", 1)
    assert box == "> [!WARNING]\n> Arsip ditata."
    assert rest.startswith("> [!DETAILS] Judulnya\n> Tulis isinya di sini.")
    assert "[^1]" in rest
    assert rest.endswith("[^1]: Kaki.")
    text.evaluate("field => field.setSelectionRange(0, 0)")
    page.locator("summary[aria-label='Tautan ke bagian lain']").click()
    page.get_by_role("button", name="Membuang", exact=True).click()
    assert text.input_value().startswith("[Membuang](part/membuang)")
    assert page.locator("markdown-toolbar details[open]").count() == 0
    page.keyboard.press("Control+z")
    assert text.input_value().startswith("> [!WARNING]")
    page.locator("[data-look=preview] .note--warn").wait_for(state="attached")
    assert page.locator("[data-look=preview] #fn-1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not trainer.faults


def sent(name: str) -> FilePayload:
    """A photo, another one for every name; or something else where the name says so."""
    is_photo = name not in ("rusak.jpg", "buruk.jpg")
    content = photo(64, 8 * len(name), "JPEG") if is_photo else b"MZ"
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_pictures_taken_at_once_stand_one_below_the_other(browser: Browser, live: Site) -> None:
    trainer = Visitor(browser, live, viewport={"width": 390, "height": 844})
    page = trainer.page
    begin(trainer, "Dua gambar")
    text = page.get_by_label("Isi pelajaran (Markdown)")
    text.fill("Mula.")

    def choose(*names: str) -> None:
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Gambar atau berkas").click()
        chooser.value.set_files([sent(name) for name in names])
        page.locator(f"[data-look=preview] img[src*='{names[0][:-4]}.webp']").wait_for(
            state="attached"
        )

    choose("satu.jpg", "kedua.jpg")
    assert text.input_value() == "Mula.\n\n![](media/satu.webp)\n\n![](media/kedua.webp)\n\n"
    choose("ketiga.jpg", "rusak.jpg")  # nothing was written about the first yet
    assert "rusak.jpg tidak diterima" in page.get_by_role("alert").inner_text()
    page.keyboard.type("Loket")
    taken = ["Mula.", "![](media/satu.webp)", "![Loket](media/ketiga.webp)",
             "![](media/kedua.webp)"]  # fmt: skip
    assert text.input_value().split() == taken
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Gambar atau berkas").click()
    chooser.value.set_files([sent("buruk.jpg")])
    page.get_by_role("alert").get_by_text("buruk.jpg tidak diterima").wait_for()
    page.locator("[data-state]").first.get_by_text("Tersimpan").wait_for()
    assert text.input_value().split() == taken
    page.get_by_text("Cara menulis kotak, catatan kaki, dan lainnya").click()
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_came_in_is_listed_beside_what_was_refused(browser: Browser, live: Site) -> None:
    trainer = Visitor(browser, live, viewport={"width": 390, "height": 844})
    page = trainer.page
    begin(trainer, "Sebagian diterima")
    page.goto("/studio/sebagian-diterima/media")
    page.get_by_label("Berkas").set_input_files([sent("baik.jpg"), sent("buruk.jpg")])
    page.get_by_role("button", name="Unggah").click()
    page.get_by_role("link", name="media/baik.webp").wait_for()
    assert "buruk.jpg tidak diterima" in page.locator("[data-told]").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_parts_are_dragged_and_put_back(browser: Browser, live: Site) -> None:
    trainer = Visitor(browser, live, viewport={"width": 1280, "height": 844})
    page = trainer.page
    begin(trainer, "Menyeret bagian")
    page.goto("/studio/menyeret-bagian")
    rows = page.locator("[data-place=part]")
    assert "Menata" in rows.nth(0).inner_text()
    with page.expect_navigation():
        rows.nth(1).drag_to(rows.nth(0), target_position={"x": 200, "y": 5})
    assert "Membuang" in rows.nth(0).inner_text()
    trainer.press("Urungkan")
    assert "Menata" in rows.nth(0).inner_text()
    assert not trainer.faults
