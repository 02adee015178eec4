"""From a draft to a version in the browser: the check, the effect on learners, the way out as a
file and back, archiving and giving up."""

import io
import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from lms.accounts.queries import DEFAULT_ZONE
from lms.config import ROOT
from lms.core import clock
from lms.core import files as kept
from lms.core.db import begin_write, db
from lms.core.errors import DomainError
from lms.courses.actions import beginning, drafts
from lms.courses.models import CoursePrerequisite, CourseVersion, Draft
from lms.courses.queries.drafts import files_of
from lms.formats.course_folder import archive
from lms.formats.course_folder.tree import FileOnDisk
from lms.learning.models import (
    CourseAnalysis,
    CourseAudience,
    CourseRun,
    Enrolment,
    EnrolmentPolicy,
)
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning.assigning import actor_of
from tests.sample_course import import_course, write_course


def begin(page: PageClient, beginning: str = "kursus-singkat", **fields: object) -> None:
    data = {"title": "Kursus baru", "unit": "B", "beginning": beginning, **fields}
    answer = page.send("/studio/new", data)
    assert answer.status_code == 302, words(answer)


def publish(page: PageClient, slug: str = "kursus-baru", **fields: str) -> None:
    answer = page.send(f"/studio/{slug}/publish", {**seen(page, slug), **fields})
    assert answer.status_code == 302, words(answer)


def seen(page: PageClient, slug: str = "kursus-baru") -> dict[str, str]:
    """The form as the page shows it."""
    html = page.get(f"/studio/{slug}/publish").get_data(as_text=True)
    mark = re.search(r'name="mark" type="hidden" value="([^"]+)"', html)
    assert mark, html
    return {"mark": mark[1], "change": "content", "note": "Versi pertama"}


def versions(app: Flask) -> list[tuple[int, str, bool]]:
    with app.app_context():
        rows = db.session.query(CourseVersion).order_by(CourseVersion.number)
        return [(row.number, row.note, row.is_small) for row in rows]


def change(app: Flask, cast: Cast, path: str, old: str, new: str) -> None:
    """Save a file of the draft, as an editor does."""
    with app.app_context():
        actor = actor_of(cast, "stranger")
        begin_write()
        draft = db.session.query(Draft).one()
        file = next(each for each in files_of(draft) if each.path == path)
        text = (file.text or "").replace(old, new)
        assert text != file.text
        drafts.save_text(actor, draft, file, text, file.number)
        db.session.commit()


def test_a_template_is_published_once_and_taken(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    begin(trainer)
    form = seen(trainer)
    assert trainer.send("/studio/kursus-baru/publish", {**form, "note": ""}).status_code == 422
    for _ in range(2):
        assert trainer.send("/studio/kursus-baru/publish", form).status_code == 302
    assert versions(app) == [(1, "Versi pertama", False)]
    shown = words(trainer.get("/studio/kursus-baru/versions"))
    assert "Versi pertama" in shown
    assert "berlaku" in shown
    learner = client_of(app, cast, "learner")
    assert "Kursus baru" in words(learner.get("/courses"))
    assert learner.send("/courses/kursus-baru/enrol").status_code == 302
    assert "Mengapa ini penting" in words(learner.get("/courses/kursus-baru/learn/mengapa"))


def test_a_draft_that_changed_since_the_check_is_not_published(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    begin(trainer)
    form = seen(trainer)
    change(app, cast, "01-isi/02-langkah.md", "minutes = 15", "minutes = 16")
    answer = trainer.send("/studio/kursus-baru/publish", form)
    assert answer.status_code == 422
    assert "Draf berubah sesudah diperiksa" in words(answer)
    assert versions(app) == []


def test_problems_are_named_with_the_place_to_mend_them(trainer: PageClient) -> None:
    begin(trainer, "blank")
    page = trainer.get("/studio/kursus-baru/publish")
    assert "belum punya modul" in words(page)
    assert "masalah menghalangi penerbitan" in words(page)
    assert "Terbitkan versi" not in words(page)
    assert 'href="/studio/kursus-baru"' in page.get_data(as_text=True)
    answer = trainer.send("/studio/kursus-baru/publish", {"change": "content", "note": "x"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("kind", "version"), [("small", 2), ("content", 1)], ids=["small", "content"]
)
def test_learners_move_with_a_small_correction_only(
    app: Flask, trainer: PageClient, cast: Cast, kind: str, version: int
) -> None:
    begin(trainer)
    publish(trainer)
    client_of(app, cast, "learner").send("/courses/kursus-baru/enrol")
    trainer.send("/studio/kursus-baru/draft")
    change(app, cast, "01-isi/02-langkah.md", "Uraikan", "Tuliskan")
    shown = words(trainer.get("/studio/kursus-baru/publish"))
    assert "1 peserta tetap di versi 1" in shown
    assert "1 peserta dipindahkan ke versi baru" in shown
    publish(trainer, change=kind, note="Salah ketik")
    with app.app_context():
        enrolment = db.session.query(Enrolment).one()
        assert enrolment.version.number == version
    assert versions(app)[1] == (2, "Salah ketik", kind == "small")


def test_what_changes_the_parts_is_no_small_correction(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    begin(trainer)
    publish(trainer)
    trainer.send("/studio/kursus-baru/draft")
    unchanged = trainer.send("/studio/kursus-baru/publish", seen(trainer))
    assert "sama dengan versi 1" in words(unchanged)
    change(app, cast, "01-isi/04-kuis-akhir.toml", "attempts = 3", "attempts = 2")
    assert "Bukan perbaikan kecil" in words(trainer.get("/studio/kursus-baru/publish"))
    answer = trainer.send("/studio/kursus-baru/publish", {**seen(trainer), "change": "small"})
    assert answer.status_code == 422
    assert len(versions(app)) == 1


def test_an_archived_course_takes_nobody_and_lets_learners_go_on(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    begin(trainer)
    publish(trainer)
    learner = client_of(app, cast, "learner")
    learner.send("/courses/kursus-baru/enrol")
    assert "1 orang sedang belajar." in words(trainer.get("/studio/kursus-baru/archiving"))
    assert trainer.send("/studio/kursus-baru/archiving", {"reason": ""}).status_code == 422
    for reason in ("Sudah diganti", "Lain"):
        sent = trainer.send("/studio/kursus-baru/archiving", {"reason": reason})
        assert sent.status_code == 302
    assert "Alasan: Sudah diganti" in words(trainer.get("/studio/kursus-baru/versions"))
    assert "Kursus baru" not in words(learner.get("/courses"))
    assert learner.get("/courses/kursus-baru/learn/mengapa").status_code == 200
    assert client_of(app, cast, "colleague").send("/courses/kursus-baru/enrol").status_code == 422
    assert "Arsip" in words(trainer.get("/studio?state=archived"))
    assert trainer.send("/studio/kursus-baru/unarchive").status_code == 302
    assert "Kursus baru" in words(learner.get("/courses"))


def test_a_draft_is_given_up_after_a_question(app: Flask, trainer: PageClient) -> None:
    begin(trainer)
    publish(trainer)
    trainer.send("/studio/kursus-baru/draft")
    assert "tidak dapat diurungkan" in words(trainer.get("/studio/kursus-baru/discard"))
    for _ in range(2):
        assert trainer.send("/studio/kursus-baru/discard").status_code == 302
    assert trainer.get("/studio/kursus-baru/discard").status_code == 404
    assert "Ubah kursus" in words(trainer.get("/studio/kursus-baru"))
    begin(trainer, title="Belum terbit")
    trainer.send("/studio/belum-terbit/discard")
    assert trainer.get("/studio/belum-terbit").status_code == 404
    begin(trainer, title="Belum terbit")  # the address is free again


def test_what_was_said_of_entering_it_goes_with_a_course_never_published(
    app: Flask, trainer: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path))
        day = clock.today(DEFAULT_ZONE).isoformat()
        db.session.remove()
    begin(trainer)
    course = "/studio/kursus-baru"
    policy = {
        "way": "approval", "by_run": "y", "units-0": "B", "kinds": "pengawas",
        "requires-0": "melayani",
    }  # fmt: skip
    run = {
        "name": "Angkatan I", "registers_from": day, "registers_until": day, "starts_on": day,
        "seats": "3",
    }  # fmt: skip
    for act, sent in (("enrolment", policy), ("runs", run), ("analytics/count", {})):
        assert trainer.send(f"{course}/{act}", sent).status_code == 302, act
    told = (CoursePrerequisite, EnrolmentPolicy, CourseAudience, CourseRun, CourseAnalysis)

    def left() -> list[int]:
        with app.app_context():
            counts = [db.session.query(model).count() for model in told]
            db.session.remove()
        return counts

    assert left() == [1, 1, 2, 1, 1]
    assert trainer.send(f"{course}/discard").status_code == 302
    assert left() == [0] * 5
    assert trainer.get(course).status_code == 404


# ── Out and in ───────────────────────────────────────────────────────────────────────────────


def upload(page: PageClient, content: bytes, **fields: str) -> TestResponse:
    data = {"title": "Impor", "unit": "B", "beginning": "archive", **fields}
    return page.send(
        "/studio/new",
        {**data, "archive": (io.BytesIO(content), "kursus.zip")},
        content_type="multipart/form-data",
    )


def test_export_import_export_gives_the_same_bytes(app: Flask, trainer: PageClient) -> None:
    begin(trainer)
    publish(trainer)
    first = trainer.get("/studio/kursus-baru/versions/1/zip").data
    assert upload(trainer, first, slug="lain", title="").status_code == 302
    second = trainer.get("/studio/lain/zip").data

    def inside(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}

    assert inside(first) == inside(second)
    assert trainer.get("/studio/lain/zip").data == second
    assert trainer.get("/studio/lain/versions/1/zip").status_code == 404


@pytest.mark.parametrize("folder", sorted((ROOT / "courses").iterdir()), ids=lambda p: p.name)
def test_shipped_courses_survive_export_and_import(context: Flask, folder: Path) -> None:
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    texts = {
        name: path.read_bytes().decode()
        for name, path in files.items()
        if name.endswith(archive.TEXTS)
    }
    media = {name: FileOnDisk(path) for name, path in files.items() if name not in texts}
    first = io.BytesIO()
    archive.write(first, folder.name, texts, media)
    root, source = beginning.from_archive(io.BytesIO(first.getvalue()))
    assert root == folder.name
    assert source["texts"] == texts
    second = io.BytesIO()
    again = {name: kept.Kept(digest) for name, digest in source["media"].items()}
    archive.write(second, root, source["texts"], again)
    assert second.getvalue() == first.getvalue()


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
NAME = st.from_regex(r"[a-z]{1,8}(-[a-z]{1,4})?/[a-z]{1,8}\.(md|toml|gift)", fullmatch=True)


@given(texts=st.dictionaries(NAME, TEXT, min_size=1, max_size=6))
def test_any_texts_survive_export_and_import(texts: dict[str, str]) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    archive.write(first, "kursus", texts, {})
    root, source = beginning.from_archive(io.BytesIO(first.getvalue()))
    assert (root, source["texts"]) == ("kursus", texts)
    archive.write(second, root, source["texts"], {})
    assert second.getvalue() == first.getvalue()


def packed(*members: tuple[str, bytes], **attributes: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.filename = name  # as hostile programs write it
            info.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            opened.writestr(info, content)
    return file.getvalue()


LINK = 0o120777 << 16
HOSTILE = {
    "no-zip": (b"PK no", "bukan berkas ZIP yang utuh"),
    "climbing": (packed(("k/../../x.md", b"x")), "tidak diterima"),
    "absolute": (packed(("/etc/x.md", b"x")), "tidak diterima"),
    "backslash": (packed(("k\\..\\x.md", b"x")), "tidak diterima"),
    "drive": (packed(("C:/x.md", b"x")), "tidak diterima"),
    "link": (packed(("k/x.md", b"/etc/passwd"), external_attr=LINK), "adalah tautan"),
    "nested": (packed(("k/course.toml", b""), ("k/inner.zip", b"x")), "tidak diterima dalam"),
    "program": (packed(("k/course.toml", b""), ("k/x.exe", b"x")), "tidak diterima dalam"),
    "many": (packed(*((f"k/{n}.md", b"") for n in range(2001))), "terlalu banyak berkas"),
    "large": (packed(("k/x.md", b"0" * 1_100_000)), "terlalu besar"),
    "large picture": (packed(("k/media/x.png", bytes(21 * 1024 * 1024))), "berkas lain 20 MB"),
    "doubled": (packed(("k/x.md", b"1"), ("k/X.md", b"2")), "ada dua kali"),
    "latin": (packed(("k/x.md", b"caf\xe9")), "bukan teks UTF-8"),
    "zero": (packed(("k/x.md", b"a\0b")), "bukan teks UTF-8"),
    "empty": (packed(), "kosong"),
    "hidden": (packed(("k/.git/config.md", b"x")), "kosong"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(
    app: Flask, trainer: PageClient, name: str
) -> None:
    content, said = HOSTILE[name]
    folder = Path(app.config["UPLOADS_DIR"])
    before = sorted(folder.rglob("*"))
    answer = upload(trainer, content)
    assert answer.status_code == 422, name
    assert said in words(answer)
    assert sorted(folder.rglob("*")) == before
    assert "Impor" not in words(trainer.get("/studio"))


def test_a_bomb_is_not_unpacked(context: Flask) -> None:
    """A member that claims to be small and is not."""
    content = bytearray(packed(("k/x.md", b"0" * 900_000)))
    at = content.rindex(b"PK\x01\x02") + 24  # the size in the list of members
    content[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(DomainError, match="rusak"):
        beginning.from_archive(io.BytesIO(bytes(content)))


def test_a_large_video_comes_in_without_filling_the_memory(context: Flask) -> None:
    content = packed(("k/course.toml", b"format = 1"), ("k/media/x.mp4", bytes(60 * 1024 * 1024)))
    tracemalloc.start()
    _, source = beginning.from_archive(io.BytesIO(content))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept.Kept(source["media"]["media/x.mp4"]).size == 60 * 1024 * 1024
    assert peak < 8 * 1024 * 1024


def test_nothing_is_kept_of_an_archive_whose_last_file_is_damaged(
    app: Flask, trainer: PageClient
) -> None:
    whole = packed(("k/course.toml", b"format = 1"), ("k/media/a.png", b"1" * 99),
                   ("k/media/b.png", b"satu dua tiga empat"))  # fmt: skip
    at = whole.rindex(b"PK\x01\x02") + 16  # its checksum in the list of members
    content = whole[:at] + b"\0\0\0\0" + whole[at + 4 :]
    folder = Path(app.config["UPLOADS_DIR"])
    before = sorted(folder.rglob("*"))
    answer = upload(trainer, content)
    assert answer.status_code == 422
    assert "“media/b.png” di dalam ZIP rusak." in words(answer)
    assert sorted(folder.rglob("*")) == before


def test_a_faulty_folder_becomes_a_draft_that_names_its_faults(trainer: PageClient) -> None:
    content = packed(("x/course.toml", b"title = "), ("x/01-a/01-b.md", b"tanpa pengaturan"))
    assert upload(trainer, content, slug="rusak").status_code == 302
    shown = words(trainer.get("/studio/rusak/publish"))
    assert "Tidak dapat dibaca sebagai TOML" in shown
    assert "Pelajaran: b, baris 1" in shown
    assert "Pengaturan kursus, baris 1" in shown
    assert "Tidak terbaca" in words(trainer.get("/studio/rusak"))


def test_versions_of_others_are_not_there(
    app: Flask, trainer: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    for path in ("versions", "publish", "zip", "versions/1/zip", "discard"):
        assert trainer.get(f"/studio/melayani/{path}").status_code == 404
    for path in ("archive", "unarchive", "publish", "discard"):
        assert trainer.send(f"/studio/melayani/{path}").status_code == 404
