"""What a course begins with: the templates of each language, and the language itself."""

import re

import pytest

from lms.core.db import db
from lms.core.i18n import LANGUAGES
from lms.courses.actions import beginning, publishing
from lms.courses.models import Course
from lms.courses.queries import drafts as queries
from lms.formats.course_folder.content import QuizContent
from lms.formats.course_folder.outline import settings_of
from tests.cast import Cast
from tests.client import PageClient, words

TEMPLATES = sorted(each.name for each in beginning.TEMPLATES.glob("id/*"))
WORDED = {"key", "title", "summary", "purpose", "language", "category", "goals"}
REFERENCES = {"questions", "pretest", "requires"}


@pytest.fixture
def page(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["hr"])
    return client


def begin(page: PageClient, title: str, template: str, **more: str) -> None:
    data = {"title": title, "unit": "B", "beginning": template, **more}
    assert page.send("/studio/new", data).status_code == 302


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_a_course_without_problems(
    page: PageClient, template: str, language: str
) -> None:
    begin(page, "Menulis laporan", template, language=language)
    with page.application.app_context():
        course = db.session.query(Course).filter_by(slug="menulis-laporan").one()
        found = queries.draft_of(course)
        assert found is not None
        folder = queries.folder_of("menulis-laporan", queries.source_of_draft(found))
        content, problems = publishing.check_folder(folder)
        assert content is not None, problems
        assert content.title == "Menulis laporan"
        assert content.language == language
        assert content.warnings == ()
        # Before learning nobody needs a score: with one attempt it would shut them out for good.
        parts = [part for module in content.modules for part in module.parts]
        quizzes = [part for part in parts if isinstance(part, QuizContent)]
        asked_before = {quiz.pretest for quiz in quizzes}
        assert all(quiz.pass_percent == 0 for quiz in quizzes if quiz.key in asked_before)


def test_every_language_has_the_three_templates() -> None:
    assert len(TEMPLATES) == 3
    for language in LANGUAGES:
        assert sorted(each.name for each in beginning.TEMPLATES.glob(f"{language}/*")) == TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_built_alike_in_every_language(template: str) -> None:
    """Other words and keys, of the same parts, settings and questions."""

    def built(language: str) -> list[object]:
        source = beginning.from_template(template, "Menulis laporan", language)
        return [shape(path, text) for path, text in source["texts"].items()]

    assert built("en") == built("id")


def shape(path: str, text: str) -> object:
    settings = {} if path.endswith(".gift") else settings_of(path, text) or {}
    plain = {
        name: name in REFERENCES or value for name, value in settings.items() if name not in WORDED
    }
    said = sorted(WORDED & settings.keys())
    marks = re.findall(r"(?m)^(?:[=~>#|-]|\d\.|// \[id:)|[{}]|####", text.rpartition("+++")[2])
    lines = text.count("\n")
    return path.rpartition(".")[2], plain, said, marks, lines


@pytest.mark.parametrize("start", ["blank", *TEMPLATES])
def test_a_course_begins_in_the_language_of_the_screen_or_the_chosen_one(
    page: PageClient, start: str
) -> None:
    def language_of(slug: str) -> str:
        chosen = r'<option selected value="(\w+)">(?:Bahasa Indonesia|English)'
        found = re.findall(chosen, page.get(f"/studio/{slug}").get_data(as_text=True))
        assert len(found) == 1
        return str(found[0])

    begin(page, "Satu", start)
    assert language_of("satu/settings") == "id"
    begin(page, "Dua", start, language="en")
    assert language_of("dua/settings") == "en"
    page.set_cookie("language", "en")
    assert language_of("new") == "en"
    begin(page, "Tiga", start)
    assert language_of("tiga/settings") == "en"


def test_a_course_begins_in_no_other_language(page: PageClient) -> None:
    data = {"title": "Satu", "unit": "B", "beginning": TEMPLATES[0], "language": "../id"}
    answer = page.send("/studio/new", data)
    assert answer.status_code == 422
    assert "Pilih salah satu" in words(answer)
