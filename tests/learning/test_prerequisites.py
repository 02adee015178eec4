"""Parts that open after others: why, in words, and refused by the server while they are locked."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lms.core.db import db
from lms.courses.models import CourseVersion
from lms.learning import rules
from lms.learning.models import LessonDone
from lms.learning.rules import Requirement
from lms.quizzes.models import Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import take
from tests.sample_course import import_course, write_course

Publish = Callable[..., None]


@pytest.fixture
def publish(app: Flask, cast: Cast, tmp_path: Path) -> Publish:
    """Publishes the sample course with lines added to the settings of its parts."""

    def publish(*, dengar: str = "", akhir: str = "", extra: str = "", small: bool = False) -> None:
        folder = write_course(tmp_path, settings=akhir, title=f"Melayani {small}")
        lesson = folder / "01-dasar" / "02-dengar.md"
        lesson.write_text(lesson.read_text().replace("minutes = 5\n", f"minutes = 5\n{dengar}"))
        if extra:
            other = folder / "02-lanjut"
            other.mkdir(exist_ok=True)
            (other / "module.toml").write_text(f'key = "lanjut"\ntitle = "Lanjut"\n{extra}')
            (other / "01-tutup.md").write_text(
                '+++\nkey = "tutup"\ntitle = "Menutup"\nminutes = 1\n+++\n\nRahasia penutup.\n'
            )
        with app.app_context():
            import_course(folder, small=small)
            db.session.remove()

    return publish


def enrolled(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return client


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_locked_lesson_says_why_and_keeps_its_text(
    app: Flask, client: PageClient, cast: Cast, publish: Publish
) -> None:
    publish(dengar='requires = ["kuis-1"]\n')
    learner = enrolled(client, cast)
    page = learner.get("/courses/melayani/learn/dengar")
    assert page.status_code == 403
    assert "Terbuka setelah: Kuis 1 lulus" in words(page)
    assert "Dengarkan sampai selesai" not in words(page)
    assert "/learn/kuis-1" in page.get_data(as_text=True).split('role="note"')[1]
    refused = learner.send("/courses/melayani/learn/dengar/done")
    assert refused.status_code == 422
    assert "masih terkunci" in words(refused)
    assert count(app, LessonDone) == 0
    take(learner, "melayani", "kuis-1", right=True)
    page = learner.get("/courses/melayani/learn/dengar")
    assert page.status_code == 200
    assert "Dengarkan sampai selesai" in words(page)
    assert learner.send("/courses/melayani/learn/dengar/done").status_code == 302
    assert count(app, LessonDone) == 1


def test_outline_and_course_page_show_the_reason(
    client: PageClient, cast: Cast, publish: Publish
) -> None:
    publish(akhir='requires = ["sapa", "dengar", "kuis-1"]\n', extra='requires = ["dasar"]\n')
    client.sign_in(cast.people["learner"])
    reason = "Terbuka setelah Menyapa selesai, Mendengar selesai, dan Kuis 1 lulus"
    page = client.get("/courses/melayani")  # before enrolling, too
    assert reason in words(page)
    assert "Terbuka setelah modul Dasar selesai" in words(page)
    client.send("/courses/melayani/enrol")
    for path in ("/courses/melayani", "/courses/melayani/learn/sapa"):
        page = client.get(path)
        assert reason in words(page)
        assert 'href="/courses/melayani/learn/akhir"' not in page.get_data(as_text=True)
    client.send("/courses/melayani/learn/sapa/done")
    after = words(client.get("/courses/melayani/learn/dengar"))
    assert "Terbuka setelah Mendengar selesai dan Kuis 1 lulus" in after


def test_a_locked_quiz_begins_no_attempt(
    app: Flask, client: PageClient, cast: Cast, publish: Publish
) -> None:
    publish(akhir='requires = ["kuis-1"]\n')
    learner = enrolled(client, cast)
    page = words(learner.get("/courses/melayani/learn/akhir"))
    assert "Terbuka setelah: Kuis 1 lulus" in page
    assert "Mulai kuis" not in page
    refused = learner.send("/courses/melayani/learn/akhir/attempts")
    assert refused.status_code == 422
    assert "masih terkunci" in words(refused)
    assert count(app, Attempt) == 0
    take(learner, "melayani", "kuis-1", right=False)
    assert learner.send("/courses/melayani/learn/akhir/attempts").status_code == 422
    take(learner, "melayani", "kuis-1", right=True)
    assert "Mulai kuis" in words(learner.get("/courses/melayani/learn/akhir"))
    assert learner.send("/courses/melayani/learn/akhir/attempts").status_code == 302


def test_a_module_opens_when_every_part_of_another_is_done(
    client: PageClient, cast: Cast, publish: Publish
) -> None:
    publish(extra='requires = ["dasar"]\n')
    learner = enrolled(client, cast)
    for key in ("sapa", "dengar"):
        learner.send(f"/courses/melayani/learn/{key}/done")
    take(learner, "melayani", "kuis-1", right=True)
    assert learner.get("/courses/melayani/learn/tutup").status_code == 403
    take(learner, "melayani", "akhir", right=True)
    assert "Rahasia penutup" in words(learner.get("/courses/melayani/learn/tutup"))


def test_nothing_leads_on_to_a_locked_part(
    client: PageClient, cast: Cast, publish: Publish
) -> None:
    publish(dengar='requires = ["kuis-1"]\n')
    learner = enrolled(client, cast)
    done = learner.send("/courses/melayani/learn/sapa/done")
    assert done.location.endswith("/learn")
    assert learner.get("/courses/melayani/learn").location.endswith("/learn/kuis-1")
    page = words(learner.get("/courses/melayani/learn/kuis-1"))
    assert "Mendengar: Terbuka setelah Kuis 1 lulus." in page
    take(learner, "melayani", "kuis-1", right=True)
    assert learner.get("/courses/melayani/learn").location.endswith("/learn/dengar")


@pytest.mark.parametrize(
    ("first", "second", "small"),
    [
        ("", 'requires = ["kuis-1"]\n', False),
        ('requires = ["kuis-1"]\n', "", False),
        ('requires = ["kuis-1"]\n', 'requires = ["kuis-1", "sapa"]\n', False),
        ('requires = ["sapa", "kuis-1"]\n', 'requires = ["kuis-1", "sapa"]\n', True),
    ],
)
def test_what_comes_first_is_no_small_correction(
    app: Flask, publish: Publish, first: str, second: str, small: bool
) -> None:
    publish(akhir=first)
    if small:
        publish(akhir=second, small=True)
        assert count(app, CourseVersion) == 2
        return
    with pytest.raises(Exception, match="bukan perbaikan kecil"):
        publish(akhir=second, small=True)
    assert count(app, CourseVersion) == 1


def test_a_part_once_done_stays_open() -> None:
    part = Requirement("b", None, requires=("a",))
    assert rules.locked([part], {}, set()) == {"b": ("a",)}
    assert rules.locked([part], {}, {"a"}) == {}
    assert rules.locked([part], {}, {"b"}) == {}


ORDER = [str(n) for n in range(6)]


@given(
    # Each part requires earlier ones of a shuffled order, so that there is no circle.
    st.permutations(ORDER),
    st.lists(st.sets(st.integers(0, 5)), min_size=6, max_size=6),
    st.sets(st.sampled_from(ORDER)),
)
def test_one_always_goes_on_at_a_part_that_is_open(
    order: list[str], needs: list[set[int]], done: set[str]
) -> None:
    parts = [
        Requirement(key, None, requires=tuple(order[n] for n in needs[i] if n < i))
        for i, key in enumerate(order)
    ]
    locked = rules.locked(parts, {}, done)
    key = rules.resume_key(ORDER, done, locked)
    assert key not in locked
    assert (key in done) == (done == set(ORDER))
