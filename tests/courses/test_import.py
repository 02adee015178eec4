"""Importing a course folder: idempotent, versioned, and careful with learners under way."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from lms.core.db import db
from lms.courses.actions.publishing import ImportState
from lms.courses.models import Activity, Course, CourseVersion
from lms.learning.models import Completion, Enrolment
from lms.quizzes.models import Attempt, Question
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import start, take
from tests.sample_course import FINAL, import_course, write_course


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def rows(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_importing_again_what_is_unchanged_does_nothing(context: Flask, tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    first = import_course(folder)
    before = [rows(m) for m in (Course, CourseVersion, Activity, Question)]
    second = import_course(folder)
    assert (first.state, second.state) == (ImportState.PUBLISHED, ImportState.UNCHANGED)
    assert [rows(m) for m in (Course, CourseVersion, Activity, Question)] == before


def test_changed_content_is_the_next_version_and_unchanged_questions_are_kept(
    context: Flask, tmp_path: Path
) -> None:
    import_course(write_course(tmp_path))
    questions = rows(Question)
    changed = FINAL.replace("Layanan boleh dibeda-bedakan.", "Layanan boleh dipilih-pilih.")
    second = import_course(write_course(tmp_path, final=changed))
    assert second.version.number == 2
    assert rows(Question) == questions + 1  # only the changed one has a new version
    numbers = db.session.scalars(sa.select(Question.number).where(Question.key == "akhir-3"))
    assert sorted(numbers) == [1, 2]


def test_a_link_to_a_part_leads_to_nothing_else(context: Flask, tmp_path: Path) -> None:
    hostile = "".join(
        f'<a\nhref="part/{address}">x</a>\n\n'
        for address in ("javascript:alert(1)", "/contoh.id", "dengar#a", "dengar")
    )
    import_course(write_course(tmp_path, text=f"{hostile}[y](part/dengar)"))
    html = db.session.scalars(sa.select(Activity.html).where(Activity.key == "sapa")).one() or ""
    assert re.findall('<a href="([^"]*)"', html) == [
        "part/javascript:alert(1)", "part//contoh.id", "part/dengar#a", "dengar", "dengar",
    ]  # fmt: skip


def test_learners_under_way_finish_on_their_version(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    with app.app_context():
        import_course(write_course(tmp_path))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    uuid = start(client, "melayani", "akhir")
    before = client.get(f"/attempts/{uuid}/questions/1").get_data(as_text=True)
    with app.app_context():
        new = FINAL.replace("warga", "pemohon")
        import_course(write_course(tmp_path, title="Judul baru", jp="3", final=new))
        db.session.remove()
    assert "Melayani dengan ramah" in words(client.get("/courses/melayani"))
    after = client.get(f"/attempts/{uuid}/questions/1").get_data(as_text=True)
    assert (
        before.split("<fieldset")[1].split("</fieldset")[0]
        == (after.split("<fieldset")[1].split("</fieldset")[0])
    )
    client.send(f"/attempts/{uuid}/submit")
    for key in ("sapa", "dengar"):
        client.send(f"/courses/melayani/learn/{key}/done")
    for key in ("kuis-1", "akhir"):
        take(client, "melayani", key, right=True)
    with app.app_context():
        completion = db.session.scalars(sa.select(Completion)).one()
        assert completion.version.number == 1
    assert "2 JP" in words(client.get("/my/hours"))  # the hours of version 1, not of version 2


def test_a_small_correction_moves_learners_and_keeps_what_they_did(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, runner: FlaskCliRunner
) -> None:
    folder = write_course(tmp_path)
    assert "versi 1 terbit" in runner.invoke(args=["courses", "import", str(folder)]).output
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    client.send("/courses/melayani/learn/sapa/done")
    take(client, "melayani", "akhir", right=False)
    write_course(tmp_path, text="Sapa setiap warga yang datang.")
    result = runner.invoke(args=["courses", "import", str(folder), "--small"])
    assert "versi 2 terbit; 1 peserta dipindahkan" in result.output
    page = words(client.get("/courses/melayani/learn/sapa"))
    assert "Sapa setiap warga" in page
    assert "1 dari 4 bagian selesai" in page
    quiz = words(client.get("/courses/melayani/learn/akhir"))
    assert "tersisa 1 dari 2" in quiz  # the attempt of the old version still counts
    with app.app_context():
        assert db.session.scalars(sa.select(Enrolment)).one().version.number == 2
        assert rows(Attempt) == 1


@pytest.mark.parametrize(
    "change",
    [{"jp": "3"}, {"level": 2}],  # what a completion is worth is no small matter
)
def test_a_change_that_is_not_small_is_refused_as_small(
    app: Flask, tmp_path: Path, runner: FlaskCliRunner, change: dict[str, str]
) -> None:
    folder = write_course(tmp_path)
    runner.invoke(args=["courses", "import", str(folder)])
    write_course(tmp_path, **change)  # type: ignore[arg-type]  # each is one keyword
    result = runner.invoke(args=["courses", "import", str(folder), "--small"])
    assert result.exit_code == 1
    assert "bukan perbaikan kecil" in result.output
    with app.app_context():
        assert rows(CourseVersion) == 1


def test_check_names_every_problem_by_file_and_line(
    app: Flask, tmp_path: Path, runner: FlaskCliRunner
) -> None:
    folder = write_course(tmp_path)
    runner.invoke(args=["courses", "import", str(folder)])
    lesson = folder / "01-dasar" / "01-sapa.md"
    lesson.write_text(lesson.read_text().replace('key = "sapa"', 'key = "dengar"'))
    result = runner.invoke(args=["courses", "check", str(folder)])
    assert result.exit_code == 1
    assert "01-dasar/02-dengar.md:2:" in result.output  # doubled
    assert "sapa" in result.output  # lost
    assert "Traceback" not in result.output
    refused = runner.invoke(args=["courses", "import", str(folder)])
    assert refused.exit_code == 1
    assert "tidak ada yang diterbitkan" in refused.output


def test_an_unknown_competency_is_named(app: Flask, tmp_path: Path, runner: FlaskCliRunner) -> None:
    folder = write_course(tmp_path)
    toml = folder / "course.toml"
    toml.write_text(toml.read_text().replace("M.05", "X.99"))
    result = runner.invoke(args=["courses", "check", str(folder)])
    assert result.exit_code == 1
    assert "course.toml:" in result.output
    assert "X.99" in result.output


def test_the_course_that_is_shipped_has_no_problem(app: Flask, runner: FlaskCliRunner) -> None:
    root = Path(__file__).parent.parent.parent / "courses"
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        result = runner.invoke(args=["courses", "check", str(folder)])
        assert result.exit_code == 0, result.output


def test_hostile_markdown_is_cleaned_on_the_way_in(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    text = (
        "<script>alert(1)</script>[klik](javascript:1) <b onclick=x>tebal</b> "
        '<img src=x onerror=y alt="gambar"> [data](data:1)'
    )
    with app.app_context():
        final = FINAL.replace("Ramah\n", "Ramah <script>x</script>\n")
        import_course(write_course(tmp_path, text=text, final=final))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    page = client.get("/courses/melayani/learn/sapa").get_data(as_text=True)
    article = page.split("<article")[1].split("</article")[0]
    for bad in ("<script", "javascript:", "onclick", "onerror", "data:1"):
        assert bad not in article
