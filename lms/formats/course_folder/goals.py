"""The learning goals of a course, and which questions ask for which: the blueprint of its tests."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches

from lms.formats.course_folder.content import (
    CourseContent,
    GoalContent,
    Problem,
    QuizContent,
    Standing,
)
from lms.formats.course_folder.settings import Table
from lms.formats.words import Words

GOAL_TAG = "goal."
LONGEST_KEY = 55  # with GOAL_TAG as long as a tag may be
LONGEST_TEXT = 200
_OF_EVIDENCE = ("level", "score", "standing")  # what a goal says only with a competency


def read(course: Table, competencies: Collection[str] | None) -> tuple[GoalContent, ...]:
    """`competencies` are the codes of the dictionary, None where it is not at hand."""
    goals: list[GoalContent] = []
    for inner in course.tables("goals"):
        goal = GoalContent(inner.key(), inner.text("text", LONGEST_TEXT))
        if len(goal.key) > LONGEST_KEY:
            long = Words(
                "Kunci tujuan paling banyak %(longest_key)s karakter; persingkat.",
                longest_key=LONGEST_KEY,
            )
            inner.note("key", "key-invalid", long)
        if goal.key and any(each.key == goal.key for each in goals):
            doubled = Words('Tujuan "%(key)s" sudah ditulis di atas; ganti kuncinya.', key=goal.key)
            inner.note("key", "goal-doubled", doubled)
        goals.append(_with_evidence(inner, goal, competencies))
        inner.close()
    return tuple(goals)


def _with_evidence(
    table: Table, goal: GoalContent, competencies: Collection[str] | None
) -> GoalContent:
    """The goal with what reaching it is evidence of, if it says so."""
    code = table.text("competency", 60, optional=True)
    if not code:
        table.known += _OF_EVIDENCE
        for name in _OF_EVIDENCE:
            if name in table.values:
                alone = Words(
                    'Pengaturan "%(name)s" hanya berarti bersama competency; tambahkan.', name=name
                )
                table.note(name, "goal-without-competency", alone)
        return goal
    if competencies is not None and code not in competencies:
        unknown = Words('Kompetensi "%(code)s" tidak ada dalam kamus; periksa kodenya.', code=code)
        table.note("competency", "competency-unknown", unknown)
    return replace(
        goal,
        competency=code,
        level=table.integer("level", 1, 5),
        score=table.decimal("score", Decimal("0.01"), Decimal(100)),
        standing=table.choice("standing", Standing.SUPPORTS),
    )


def goals_of(tags: Iterable[str]) -> list[str]:
    """Keys of the goals that a question asks for: what its tags "goal.KEY" name."""
    return [tag.removeprefix(GOAL_TAG) for tag in tags if tag.startswith(GOAL_TAG)]


def unknown(tags: Iterable[tuple[str, int, str]], known: Collection[str]) -> list[Problem]:
    """`tags` are file, line and the key of the goal that is named there."""
    found = []
    for file, line, key in tags:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            message = (
                Words(
                    "Tag goal.%(key)s menunjuk tujuan yang tidak ada dalam course.toml; "
                    'mungkin maksudnya "%(near)s".',
                    key=key,
                    near=near[0],
                )
                if near
                else Words(
                    "Tag goal.%(key)s menunjuk tujuan yang tidak ada dalam course.toml; "
                    "tambahkan [[goals]].",
                    key=key,
                )
            )
            found.append(Problem(file, line, "goal-unknown", message))
    return found


def blueprint(content: CourseContent) -> list[tuple[GoalContent, list[tuple[str, list[str]]]]]:
    """For each goal the quizzes that can ask for it, by key, each with the keys of its questions
    in the order of the course."""
    quizzes = [part for m in content.modules for part in m.parts if isinstance(part, QuizContent)]
    return [
        (goal, [(quiz.key, keys) for quiz in quizzes if (keys := _asking(quiz, goal.key))])
        for goal in content.goals
    ]


def _asking(quiz: QuizContent, goal: str) -> list[str]:
    asked = sorted(position for section in quiz.sections for position in section.questions)
    questions = [quiz.questions[position] for position in asked]
    return [question.key for question in questions if goal in goals_of(question.tags)]
