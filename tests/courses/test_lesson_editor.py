"""The lesson editor: saved by number, shown as learners get it, with nothing lost."""

from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from lms.core.db import db, transaction
from lms.courses.actions import drafts, rendering
from lms.courses.actions.publishing import check_folder
from lms.courses.models import CourseMember
from lms.courses.queries import course_by_slug
from lms.courses.queries import drafts as queries
from lms.courses.rules import CourseRole
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.drafted import Drafted, drafted
from tests.courses.test_course_settings import shown_base
from tests.learning.assigning import actor_of
from tests.sample_course import write_course

LESSON = "01-dasar/01-sapa.md"


@pytest.fixture
def course(app: Flask, cast: Cast, tmp_path: Path) -> Drafted:
    return drafted(app, cast, tmp_path)


@pytest.fixture
def trainer(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def typed(**changes: object) -> dict[str, object]:
    return {"title": "Menyapa", "minutes": 4, "text": "Sapa dulu.", "number": 1, **changes}


def test_the_form_holds_what_the_file_says(course: Drafted, trainer: PageClient) -> None:
    page = trainer.get(course.url(LESSON))
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    assert 'value="Menyapa"' in html
    assert 'value="4"' in html
    assert "Sapa warga yang datang.\n\n![Loket pelayanan](media/loket.png)</textarea>" in html
    assert "Melayani dengan ramah" in words(page)


def test_the_preview_is_what_learners_get_with_the_media_of_the_draft(
    course: Drafted, trainer: PageClient
) -> None:
    html = trainer.get(course.url(LESSON)).get_data(as_text=True)
    start = html.index('src="/studio/melayani/preview/01-dasar/media/loket.png?v=') + 5
    address = html[start : html.index('"', start)]
    picture = trainer.get(address)
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Cache-Control"].startswith("private")


def test_a_save_changes_what_was_typed_and_nothing_else(
    course: Drafted, trainer: PageClient
) -> None:
    before = course.text(LESSON)
    answer = trainer.send(course.url(LESSON), typed(text="Sapa dulu.\r\n\r\nLalu dengar."))
    assert answer.status_code == 302
    body = "Sapa warga yang datang.\n\n![Loket pelayanan](media/loket.png)"
    assert course.text(LESSON) == before.replace(body, "Sapa dulu.\n\nLalu dengar.")
    assert "Tersimpan pukul" in words(trainer.get(answer.location))


def test_title_and_minutes_are_saved_too(course: Drafted, trainer: PageClient) -> None:
    trainer.send(course.url(LESSON), typed(title='Menyapa "warga"', minutes=7))
    assert 'title = "Menyapa \\"warga\\""\nminutes = 7\n' in course.text(LESSON)


def test_the_script_saves_while_one_writes(course: Drafted, trainer: PageClient) -> None:
    answer = trainer.save(course.url(LESSON), typed(text="**Sapa** dulu."))
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["number"] == 2
    assert answer.json["state"].startswith("Tersimpan pukul ")
    assert "<strong>Sapa</strong> dulu." in answer.json["look"]
    assert "2 kata, sekitar 1 menit baca" in answer.json["look"]
    again = trainer.save(course.url(LESSON), typed(text="**Sapa** dulu."))
    assert again.json is not None
    assert again.json["number"] == 2  # sent twice, saved once


def test_a_preview_saves_nothing(course: Drafted, trainer: PageClient) -> None:
    before = course.text(LESSON)
    page = trainer.send(course.url(LESSON), typed(text="Ini **baru**.", go="preview"))
    assert page.status_code == 200
    assert "Ini <strong>baru</strong>." in page.get_data(as_text=True)
    assert "Belum tersimpan" in words(page)
    assert course.text(LESSON) == before


def test_two_who_write_at_once_lose_nothing(course: Drafted, trainer: PageClient) -> None:
    trainer.send(course.url(LESSON), typed(text="Baris satu.\nDari yang pertama."))
    stale = typed(title="Judul kedua", text="Baris satu.\nDari yang kedua.")
    script = trainer.save(course.url(LESSON), stale)
    assert script.status_code == 409
    assert script.json is not None
    assert script.json["error"].startswith("Andi Tenri menyimpan pelajaran ini pada ")
    page = trainer.send(course.url(LESSON), stale)
    html = page.get_data(as_text=True)
    assert page.status_code == 409
    assert "<del>pertama</del>" in html
    assert "<ins>kedua</ins>" in html
    assert 'value="Judul kedua"' in html
    assert "Dari yang pertama." in course.text(LESSON)
    joined = typed(title="Judul kedua", text="Dari keduanya.", number=2)
    assert trainer.send(course.url(LESSON), joined).status_code == 302
    assert "Dari keduanya." in course.text(LESSON)


def base(page: PageClient, course: Drafted) -> str:
    return shown_base(page.get(course.url(LESSON)).get_data(as_text=True))


def opened(course: Drafted, trainer: PageClient) -> dict[str, object]:
    """The form as it is, sent without a change."""
    body = "Sapa warga yang datang.\r\n\r\n![Loket pelayanan](media/loket.png)"
    return typed(text=body, base=base(trainer, course))


@pytest.mark.parametrize("by_script", [True, False])
def test_text_and_title_that_two_changed_are_both_saved(
    course: Drafted, trainer: PageClient, by_script: bool
) -> None:
    began = opened(course, trainer)
    outline = course.url(LESSON).replace("/lessons/", "/outline/")
    theirs = {
        "title": "Judul rekan", "minutes": 33, "opens_after": 0, "min_minutes": 0, "number": 1
    }  # fmt: skip
    assert trainer.send(outline, theirs).status_code == 302
    mine = {**began, "text": "Teks saya."}
    if by_script:
        answer = trainer.save(course.url(LESSON), mine)
        assert answer.status_code == 200
        assert answer.json is not None
        kept = answer.json["kept"]
        assert (kept["title"], kept["minutes"]) == ("Judul rekan", 33)
        assert kept["base"] == base(trainer, course)
    else:
        assert trainer.send(course.url(LESSON), mine).status_code == 302
    text = course.text(LESSON)
    assert 'title = "Judul rekan"' in text
    assert "minutes = 33" in text
    assert text.endswith("Teks saya.\n")


def test_a_title_is_saved_beside_the_text_of_another(course: Drafted, trainer: PageClient) -> None:
    began = opened(course, trainer)
    trainer.send(course.url(LESSON), {**began, "text": "Teks rekan."})
    mine = {**began, "title": "Judul saya"}
    assert trainer.save(course.url(LESSON), mine).status_code == 409  # the page has another text
    assert trainer.send(course.url(LESSON), mine).status_code == 302
    text = course.text(LESSON)
    assert 'title = "Judul saya"' in text
    assert text.endswith("Teks rekan.\n")


def test_two_texts_are_compared_without_taking_back_title_and_minutes(
    course: Drafted, trainer: PageClient
) -> None:
    began = opened(course, trainer)
    theirs = {**began, "title": "Judul rekan", "minutes": 33, "text": "Teks rekan."}
    trainer.send(course.url(LESSON), theirs)
    page = trainer.send(course.url(LESSON), {**began, "text": "Teks saya."})
    assert page.status_code == 409
    html = page.get_data(as_text=True)
    assert 'value="Judul rekan"' in html
    assert 'value="33"' in html
    assert "Teks saya.</textarea>" in html
    assert shown_base(html) == base(trainer, course)
    trainer.send(course.url(LESSON), {**theirs, "minutes": 40, "number": 2})
    joined = typed(
        title="Judul rekan", minutes=33, text="Teks keduanya.", number=2, base=shown_base(html)
    )
    assert trainer.send(course.url(LESSON), joined).status_code == 302
    assert "minutes = 40" in course.text(LESSON)
    assert course.text(LESSON).endswith("Teks keduanya.\n")


def test_what_was_written_in_a_lesson_that_is_gone_is_shown(
    course: Drafted, app: Flask, trainer: PageClient
) -> None:
    with app.app_context(), transaction():
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        drafts.remove_files(draft, [queries.file_for(draft, course.uuids[LESSON])])
    page = trainer.send(course.url(LESSON), typed(text="Sudah ditulis panjang."))
    assert page.status_code == 409
    assert "Sudah ditulis panjang." in words(page)
    assert trainer.get(course.url(LESSON)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": " "}, "Judul belum diisi."),
        ({"minutes": "0"}, "Tulis angka antara 1 dan 6000."),
        ({"minutes": ""}, "Lama belajar belum diisi."),
        ({"text": "x" * 50_001}, "Paling banyak 50000 karakter."),
    ],
)
def test_what_cannot_be_saved_is_told_and_stays(
    course: Drafted, trainer: PageClient, changes: dict[str, object], told: str
) -> None:
    before = course.text(LESSON)
    sent = typed(text="Tetap di sini.", **changes) if "text" not in changes else typed(**changes)
    page = trainer.send(course.url(LESSON), sent)
    assert page.status_code == 422
    assert told in words(page)
    assert str(sent["text"])[:20] in page.get_data(as_text=True)
    script = trainer.save(course.url(LESSON), sent)
    assert (script.status_code, script.json) == (422, {"error": told})
    assert course.text(LESSON) == before


def test_whoever_writes_a_lesson_that_was_removed_is_told(
    course: Drafted, trainer: PageClient
) -> None:
    address = course.url(LESSON)
    trainer.send(f"{course.url(LESSON, 'outline')}/remove")
    script = trainer.save(address, typed(text="Lebih baik."))
    told = "Pelajaran ini sudah dihapus. Tekan Simpan untuk melihat teks Anda."
    assert (script.status_code, script.json) == (409, {"error": told, "is_gone": True})
    page = trainer.send(address, typed(text="Lebih baik."))
    assert page.status_code == 409
    assert "Lebih baik." in words(page)


@pytest.mark.parametrize("address", ["https://", "http:///", "HTTPS:"])
def test_an_address_without_a_place_is_told(
    course: Drafted, trainer: PageClient, address: str
) -> None:
    told = words(trainer.send(course.url(LESSON), typed(text=f"[T]({address})", go="preview")))
    assert f'Alamat "{address}" tidak dikenal' in told


def test_problems_stand_at_their_line_of_the_text(course: Drafted, trainer: PageClient) -> None:
    text = "Baik.\n\n![Gambar](media/hilang.png)\n\n[mati](tidak-ada.html)\n\n![](media/loket.png)"
    page = trainer.send(course.url(LESSON), typed(text=text, go="preview"))
    told = words(page)
    assert "Baris 3 : Berkas media/hilang.png tidak ada di Media" in told
    assert 'Baris 5 : Alamat "tidak-ada.html" tidak dikenal' in told
    assert "Baris 7 : Gambar ini tanpa teks pengganti" in told
    assert 'Teks pengganti gambar "Gambar" terlalu pendek' in told
    fine = trainer.send(course.url(LESSON), typed(text="Baik.", go="preview"))
    assert "Tidak ada yang perlu diperbaiki" in words(fine)


RICH = """Baca [kuis](part/akhir) dan [hilang](part/hilang)[^1].

> [!WARNING] Awas
> Jangan bagikan sandi.

> [!DETAILS] Dasar hukum
> UU 5/2014

[^1]: Kaki.
"""


def test_boxes_footnotes_and_links_are_shown_and_checked(
    course: Drafted, trainer: PageClient
) -> None:
    page = trainer.send(course.url(LESSON), typed(text=RICH, go="preview"))
    html = page.get_data(as_text=True)
    assert '<a href="/studio/melayani/preview/akhir">kuis</a>' in html
    assert "<strong>Peringatan: Awas</strong>" in html
    assert "<details>\n<summary>Dasar hukum</summary>" in html
    assert '<li id="fn-1">' in html
    told = words(page)
    assert "Baris 1 : Tautan part/hilang menunjuk bagian yang tidak ada" in told
    assert "part/akhir menunjuk" not in told
    assert "13 kata" in told
    followed = trainer.get("/studio/melayani/preview/akhir")
    assert followed.status_code == 200


def test_the_toolbar_names_the_other_parts(course: Drafted, trainer: PageClient) -> None:
    html = trainer.get(course.url(LESSON)).get_data(as_text=True)
    assert '<button type="button" data-part="akhir">' in html
    assert 'data-part="sapa"' not in html
    assert html.count("data-box=") == 5


def test_the_toolbar_offers_the_files_that_the_lesson_can_name(
    course: Drafted, trainer: PageClient
) -> None:
    html = trainer.get(course.url(LESSON)).get_data(as_text=True)
    assert 'data-medium="![](media/loket.png)"' in html
    assert html.count("data-medium=") == 1
    library = words(trainer.get("/studio/melayani/media"))
    assert "![](media/loket.png)" in library


def test_learners_get_links_to_parts_beside_their_own(app: Flask, tmp_path: Path) -> None:
    folder = write_course(tmp_path / "terbit")
    lesson = folder / LESSON
    lesson.write_text(lesson.read_text() + "\n[kuis](part/akhir)\n")
    with app.app_context():
        content, problems = check_folder(folder)
        assert content is not None, problems
        html = rendering.prepare(content, rendering.kept_source(folder)).html["sapa"]
    assert '<a href="akhir">kuis</a>' in html


def test_a_file_that_no_form_can_read_is_edited_whole(
    course: Drafted, app: Flask, trainer: PageClient, cast: Cast
) -> None:
    with app.app_context():
        found = course_by_slug("melayani")
        assert found is not None
        draft = queries.draft_of(found)
        assert draft is not None
        writer = actor_of(cast, "stranger")
        with transaction():
            file = queries.file_for(draft, course.uuids[LESSON])
            drafts.save_text(writer, draft, file, '+++\ntitle = "x\n+++\nIsi.\n', 1)
    page = trainer.get(course.url(LESSON))
    assert "Pengaturan pelajaran ini tidak dapat dibaca" in words(page)
    assert 'title = "x' in words(page)
    mended = '+++\nkey = "sapa"\ntitle = "Pulih"\nminutes = 3\n+++\nIsi.\n'
    assert trainer.send(course.url(LESSON), {"text": mended, "number": 2}).status_code == 302
    assert course.text(LESSON) == mended
    assert 'value="Pulih"' in trainer.get(course.url(LESSON)).get_data(as_text=True)


def test_hostile_markdown_runs_nothing(course: Drafted, trainer: PageClient) -> None:
    text = "<script>alert(1)</script> <img src=x alt=x onerror=alert(1)> [x](javascript:alert)"
    page = trainer.send(course.url(LESSON), typed(text=text, go="preview"))
    preview = page.get_data(as_text=True).split('data-look="preview"')[1]
    assert "<script" not in preview
    assert "onerror=" not in preview.split("</div>")[0]
    assert "javascript:" not in preview.split("</div>")[0]


@pytest.mark.parametrize(
    ("role", "writes", "sees"),
    [(CourseRole.AUTHOR, 200, 200), (CourseRole.REVIEWER, 403, 200), (CourseRole.MARKER, 403, 200),
     (None, 404, 404)],
)  # fmt: skip
def test_what_each_part_in_a_course_may(
    course: Drafted,
    app: Flask,
    trainer: PageClient,
    cast: Cast,
    role: CourseRole | None,
    writes: int,
    sees: int,
) -> None:
    with app.app_context(), transaction():
        found = course_by_slug("melayani")
        assert found is not None
        member = db.session.get(CourseMember, (found.id, cast.people["stranger"]))
        assert member is not None
        if role is None:
            db.session.delete(member)
        else:
            member.role = role
    before = course.text(LESSON)
    assert trainer.get(course.url(LESSON)).status_code == writes
    answer = trainer.send(course.url(LESSON), typed())
    assert answer.status_code == (302 if writes == 200 else writes)
    assert (course.text(LESSON) == before) is (writes != 200)
    picture = trainer.get("/studio/melayani/preview/01-dasar/media/loket.png")
    assert picture.status_code == sees


def test_files_of_other_kinds_and_other_courses_are_not_found(
    course: Drafted, trainer: PageClient
) -> None:
    assert trainer.get(course.url("course.toml")).status_code == 404
    assert trainer.get(f"/studio/melayani/lessons/{uuid4()}").status_code == 404
    nested = course.url(LESSON).replace("melayani", "lain")
    assert trainer.get(nested).status_code == 404
    assert trainer.get("/studio/melayani/preview/course.toml").status_code == 404
    assert trainer.get("/studio/melayani/preview/01-dasar/media/tidak.png").status_code == 404


def test_the_outline_leads_to_the_editors_and_back(course: Drafted, trainer: PageClient) -> None:
    outline = trainer.get("/studio/melayani").get_data(as_text=True)
    assert f'href="{course.url(LESSON)}"' in outline
    assert f'href="{course.url("01-dasar/04-akhir.toml", "quizzes")}"' in outline
    assert 'href="/studio/melayani/media"' in outline
    assert 'href="/studio/melayani/as-learner"' in outline
    assert 'href="/studio/melayani"' in trainer.get(course.url(LESSON)).get_data(as_text=True)
