"""Whoever owns one course reaches nothing of another: every address of the studio as the URL map
has it, filled with what the other course has."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from lms.core import clock
from lms.core.db import Model, db, transaction
from lms.courses import queries as courses
from lms.courses.actions import drafts
from lms.courses.models import CourseMember, DraftFile
from lms.courses.queries.drafts import files_of
from lms.courses.rules import CourseRole
from tests.cast import Cast
from tests.client import PageClient, client_of
from tests.learning import classes
from tests.learning.assigning import actor_of
from tests.learning.corrected import ALL, publish, study
from tests.sample_course import import_course, write_course

OWN, OTHER = "sendiri", "melayani"
ROOMS = ("lms.courses.", "lms.learning.", "lms.quizzes.")
KEYS = ("sapa", "akhir", "butir-1")
# Who is named is a person, who may be asked into any course of the unit.
OF_PEOPLE = {"courses.set_member", "courses.remove_member"}
# Of a key that nobody was asked: a page says so, and of another course's key it says the same.
OF_ANY_KEY = {"learning.question_figures"}
# A file by its path: both courses have one of this name.
OF_ANY_NAME = {"courses.preview_file"}
# The owner of the other course gets 404 too, with what these tests have put into it.
UNFILLED = {
    "courses.captions",  # no video
    "courses.edit_captions",
    "courses.member_removal",  # nobody but the owner works on it
    "learning.bulk_act",  # nothing is done to many
    "learning.first_attempts",  # nothing is counted
    "learning.quiz_analysis",
    "learning.mark_answer",  # no essay
    "learning.marked_file",
    "learning.regrade",  # nothing is regraded
    "learning.run",  # no cohort
}


@pytest.fixture
def ids(app: Flask, cast: Cast, tmp_path: Path) -> list[str]:
    """Two published courses with drafts; a public id of each kind that only the other one has."""
    with app.test_request_context():
        _write_own(tmp_path)
        publish(tmp_path)
        lesson = tmp_path / OTHER / "01-dasar" / "01-sapa.md"
        lesson.write_text(f"{lesson.read_text()}\nSapa lebih dulu.\n")
        import_course(tmp_path / OTHER)
        study(classes.learner(1), ALL)
        actor = actor_of(cast, "hr")
        for slug in (OWN, OTHER):
            course = courses.course_by_slug(slug)
            assert course is not None
            with transaction():
                drafts.open_draft(actor, course)
        with transaction():
            own = courses.course_by_slug(OWN)
            assert own is not None
            member = CourseMember(
                course_id=own.id, person_id=cast.people["stranger"], role=CourseRole.OWNER,
                since_at=clock.now(),
            )  # fmt: skip
            db.session.add(member)
        found = list(_ids())
        db.session.remove()
    return found


def _write_own(folder: Path) -> None:
    """A course whose keys are not those of the other."""
    written = write_course(folder / "own").rename(folder / OWN)
    for path in written.rglob("*"):
        if path.suffix in (".md", ".toml", ".gift"):
            text = path.read_text()
            path.write_text(text.replace('key = "', 'key = "x-').replace("[id:", "[id:x-"))
    import_course(written)


def _ids() -> Iterator[str]:
    other = courses.course_by_slug(OTHER)
    assert other is not None
    draft = drafts.open_draft(None, other)  # type: ignore[arg-type]  # it is there already
    for file in files_of(draft):
        if file.path.endswith((".md", ".png", "/04-akhir.toml", "/module.toml")):
            yield str(file.uuid)
    for mapper in sorted(Model.registry.mappers, key=lambda mapper: mapper.class_.__name__):
        table = mapper.class_
        if table.__module__.startswith(ROOMS) and "uuid" in mapper.columns:
            # Of the last one written: that of the other course, which was written after.
            last = select(table.uuid).order_by(table.id.desc()).limit(1)
            if table is not DraftFile and (found := db.session.scalar(last)):
                yield str(found)


def studio_rules(app: Flask) -> list[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/studio/<slug:")]
    return sorted(found, key=lambda rule: (rule.rule, rule.endpoint))


def addresses(rule: Rule, slug: str, ids: list[str]) -> list[str]:
    """A route within a course, with each of the ids and keys where it has such a parameter."""
    path = rule.rule.replace("<slug:slug>", slug, 1)
    # The second version is the other course's; a learner has a first attempt, a text a first save.
    path = path.replace("<path:name>", "media/loket.png").replace("<slug:language>", "id")
    path = path.replace("<int:number>", "2" if "/versions/" in path else "1")
    places = re.findall(r"<(uuid|slug):\w+>", path)
    pattern = re.sub(r"<(uuid|slug):\w+>", "{}", path)
    keys = KEYS if "uuid" not in places else KEYS[1:]
    choices = [ids if place == "uuid" else keys for place in places]
    return [pattern.format(*values) for values in product(*choices)]


def methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def status(client: PageClient, method: str, address: str) -> int:
    answer = client.get(address) if method == "GET" else client.send(address)
    return answer.status_code


def is_nested(rule: Rule) -> bool:
    return rule.rule.count("<") > 1


def test_what_another_course_has_is_not_found_under_ones_own(
    app: Flask, cast: Cast, ids: list[str]
) -> None:
    owner, theirs = client_of(app, cast, "stranger"), client_of(app, cast, "hr")
    nested = [rule for rule in studio_rules(app) if is_nested(rule)]
    wrong, unfilled = [], set()
    for rule in nested:
        if rule.endpoint in OF_PEOPLE | OF_ANY_KEY | OF_ANY_NAME:
            continue
        for method, address in product(sorted(methods(rule)), addresses(rule, OWN, ids)):
            if (found := status(owner, method, address)) != 404:
                wrong.append(f"{method} {address} ({rule.endpoint}): {found}")
        # The ids are real ones: whoever owns the other course finds something by them.
        if "GET" in methods(rule) and all(  # as far as the first one that is found
            status(theirs, "GET", address) == 404 for address in addresses(rule, OTHER, ids)
        ):
            unfilled.add(rule.endpoint)
    assert not wrong, "\n".join(wrong)
    assert unfilled == UNFILLED


def test_another_course_is_closed_to_whoever_owns_one(
    app: Flask, cast: Cast, ids: list[str]
) -> None:
    owner = client_of(app, cast, "stranger")
    assert owner.get(f"/studio/{OWN}").status_code == 200
    wrong = [
        f"{method} {address} ({rule.endpoint}): {found}"
        for rule in studio_rules(app)
        for method, address in product(sorted(methods(rule)), addresses(rule, OTHER, ids[:2]))
        if (found := status(owner, method, address)) not in (403, 404)
    ]
    assert not wrong, "\n".join(wrong)
