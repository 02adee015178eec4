"""Published versions beside each other, the comments that stay with them, and a draft that begins
from one."""

import pytest
from flask import Flask

from lms.core.db import db
from lms.courses.models import Draft
from lms.courses.queries.drafts import files_of
from lms.courses.queries.versions import changes
from tests.cast import Cast
from tests.client import PageClient, client_of, words
from tests.learning.test_publishing import begin, change, publish, versions

STUDIO = "/studio/kursus-baru"
LESSON = "01-isi/01-mengapa.md"


@pytest.fixture
def trainer(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    begin(client)
    return client


def texts(app: Flask) -> dict[str, str]:
    with app.app_context():
        draft = db.session.query(Draft).one()
        return {file.path: file.text for file in files_of(draft) if file.text is not None}


def lesson_of(app: Flask) -> str:
    return next(path for path in texts(app) if path.endswith(".md"))


def test_a_former_version_is_compared_and_comes_back(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    path, first = lesson_of(app), texts(app)
    publish(trainer)
    trainer.send(f"{STUDIO}/draft")
    change(app, cast, path, "\n+++\n", "\n+++\nKalimat yang salah.\n")
    publish(trainer, note="Kalimat baru")
    listed = trainer.get(f"{STUDIO}/versions").get_data(as_text=True)
    assert f'action="{STUDIO}/versions/1/draft"' in listed
    assert f'action="{STUDIO}/versions/2/draft"' not in listed
    page = trainer.get(f"{STUDIO}/versions/2")
    assert "Perbedaannya dengan versi 1" in words(page)
    assert "Kalimat baru" in words(page)
    assert "diubah" in words(page)
    beside = words(trainer.get(f"{STUDIO}/versions/2?since=1&file={path}"))
    assert "Kalimat yang salah." in beside
    assert "Perbedaannya dengan versi 2" in words(trainer.get(f"{STUDIO}/versions/1"))
    assert trainer.get(f"{STUDIO}/versions/2?since=1&file=x").status_code == 404
    assert trainer.get(f"{STUDIO}/versions/3").status_code == 404
    assert trainer.send(f"{STUDIO}/versions/1/draft").status_code == 302
    assert texts(app) == first
    again = trainer.send(f"{STUDIO}/versions/1/draft")
    assert again.status_code == 409
    assert "sudah punya draf" in words(again)
    assert f'action="{STUDIO}/versions/1/draft"' not in trainer.get(f"{STUDIO}/versions").get_data(
        as_text=True
    )
    publish(trainer, note="Kembali ke versi 1")
    assert [number for number, _, _ in versions(app)] == [1, 2, 3]
    assert "Isi kedua versi sama." in words(trainer.get(f"{STUDIO}/versions/3?since=1"))


def test_what_only_the_current_version_has_counts_as_removed_on_purpose(
    app: Flask, trainer: PageClient
) -> None:
    publish(trainer)
    trainer.send(f"{STUDIO}/draft")
    trainer.send(f"{STUDIO}/modules", {"title": "Tambahan"})
    with app.app_context():
        draft = db.session.query(Draft).one()
        module = next(f.uuid for f in files_of(draft) if f.path == "02-tambahan/module.toml")
        db.session.remove()
    part = {"module": str(module), "title": "Lagi", "kind": "lesson", "address": ""}
    assert trainer.send(f"{STUDIO}/parts", part).status_code == 302
    with app.app_context():
        draft = db.session.query(Draft).one()
        lesson = next(f for f in files_of(draft) if f.path == "02-tambahan/01-lagi.md")
        address = f"{STUDIO}/lessons/{lesson.uuid}"
        db.session.remove()
    sent = {"title": "Lagi", "minutes": "5", "text": "Isinya.", "number": "1"}
    assert trainer.send(address, sent).status_code == 302
    publish(trainer, note="Modul baru")
    assert "ditambahkan" in words(trainer.get(f"{STUDIO}/versions/2"))
    trainer.send(f"{STUDIO}/versions/1/draft")
    assert 'keys = ["lagi", "tambahan"]' in texts(app)["course.toml"]
    publish(trainer, note="Kembali")


def test_comments_stay_with_the_version_that_they_were_about(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    trainer.send(f"{STUDIO}/review/comments", {"file": "", "line": "", "text": "Terlalu panjang."})
    publish(trainer)
    page = words(trainer.get(f"{STUDIO}/versions/1"))
    assert "Terlalu panjang." in page
    assert "Andi Tenri" in page
    assert "Belum ada versi lain" not in page
    trainer.send(f"{STUDIO}/draft")
    assert "Terlalu panjang." not in words(trainer.get(f"{STUDIO}/review"))


def test_versions_are_for_who_works_on_the_course(
    app: Flask, trainer: PageClient, cast: Cast
) -> None:
    publish(trainer)
    assert client_of(app, cast, "learner").get(f"{STUDIO}/versions/1").status_code == 403


def test_a_file_is_the_same_wherever_it_stands() -> None:
    lesson, quiz = '+++\nkey = "a"\ntitle = "A"\n+++\n', 'key = "k"\ntitle = "K"\n'
    before = {
        "texts": {"01-x/01-a.md": lesson, "01-x/02-k.toml": quiz, "01-x/02-k.gift": "1", "b": ""},
        "media": {"media/a.png": "1", "media/b.png": "1"},
    }
    after = {
        "texts": {"01-x/02-a.md": lesson, "01-x/01-k.toml": quiz, "01-x/01-k.gift": "2"},
        "media": {"media/a.png": "2", "media/b.png": "1"},
    }
    found = [(c.title, c.before, c.after, c.has_moved) for c in changes(before, after)]
    assert found == [
        ("K", "01-x/02-k.gift", "01-x/01-k.gift", False),
        ("K", "01-x/02-k.toml", "01-x/01-k.toml", True),
        ("A", "01-x/01-a.md", "01-x/02-a.md", True),
        ("b", "b", "", False),
        ("media/a.png", "media/a.png", "media/a.png", False),
    ]
