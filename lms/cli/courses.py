"""`flask courses`: course folders are checked and imported."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask_babel import gettext, ngettext

from lms.cli.commands import Commands, changing
from lms.core import i18n
from lms.core.errors import DomainError
from lms.courses.actions import publishing as courses
from lms.courses.actions import question_index
from lms.courses.actions.rendering import kept_source, prepare
from lms.formats.course_folder.content import CourseContent, Problem
from lms.formats.course_folder.goals import blueprint
from lms.learning import actions as learning

courses_cli = Commands("courses", help="Check and import course folders.")

_in_language = click.option(
    "--language",
    type=click.Choice(i18n.LANGUAGES),
    default=i18n.LANGUAGES[0],
    show_default=True,
    help="What is said about the course.",
)


@courses_cli.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@_in_language
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings too.")
@click.option("--goals", "with_goals", is_flag=True, help="Also which questions ask for each goal.")
def check_course(folder: Path, language: str, strict: bool, with_goals: bool) -> None:
    """Name every problem of a course folder by file and line, and what could be better."""
    content, problems = courses.check_folder(folder)
    with i18n.in_language(language):
        _print_problems(problems)
        if content is None:
            count = len(problems)
            told = ngettext("%(num)s masalah ditemukan.", "%(num)s masalah ditemukan.", count)
            click.echo(told)
            sys.exit(1)
        if with_goals:
            _print_goals(content)
        _print_warnings(content)
        click.echo(_verdict(content))
    sys.exit(1 if strict and content.warnings else 0)


def _verdict(content: CourseContent) -> str:
    title, warnings = content.title, len(content.warnings)
    if not warnings:
        return gettext("%(title)s: tidak ada masalah.", title=title)
    return ngettext(
        "%(title)s: tidak ada masalah, %(num)s peringatan.",
        "%(title)s: tidak ada masalah, %(num)s peringatan.",
        warnings,
        title=title,
    )


@courses_cli.command("index")
def index_questions() -> None:
    """Make the index of all questions in drafts and banks anew from their files."""
    count = question_index.rebuild()
    click.echo(f"{count} berkas soal diindeks.")


def _print_problems(problems: Sequence[Problem], *, err: bool = False) -> None:
    for problem in problems:
        click.echo(f"{problem.place}: {i18n.said(problem.message)}", err=err)


def _print_warnings(content: CourseContent, *, err: bool = False) -> None:
    for warning in content.warnings:
        click.echo(f"{warning.place}: warning: {i18n.said(warning.message)}", err=err)


def _print_goals(content: CourseContent) -> None:
    for goal, quizzes in blueprint(content):
        click.echo(f"{goal.key}: {goal.text}")
        for quiz, questions in quizzes:
            count = ngettext("%(num)s soal", "%(num)s soal", len(questions))
            click.echo(f"  {quiz} ({count}): {', '.join(questions)}")
        if not quizzes:
            click.echo("  " + gettext("belum ditanyakan"))


@courses_cli.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@_in_language
@click.option("--small", is_flag=True, help="A small correction: move learners under way to it.")
def import_course(folder: Path, language: str, small: bool) -> None:
    """Publish a course folder. Unchanged content does nothing."""
    with i18n.in_language(language):
        _import_folder(folder, small=small)


def _import_folder(folder: Path, *, small: bool) -> None:
    content, problems = courses.check_folder(folder)
    if content is None:
        _print_problems(problems, err=True)
        told = ngettext(
            "%(num)s masalah; tidak ada yang diterbitkan.",
            "%(num)s masalah; tidak ada yang diterbitkan.",
            len(problems),
        )
        raise click.ClickException(told)
    _print_warnings(content, err=True)
    try:
        prepared = prepare(content, kept_source(folder))
    except DomainError as error:
        raise click.ClickException(error.message) from error
    except OSError as error:  # a full disk above all
        raise click.ClickException(f"{error.strerror}; nothing was published.") from error
    with changing():
        done = courses.publish(prepared, small=small)
        moved = 0
        published = done.state is courses.ImportState.PUBLISHED
        if published and done.version.is_small and done.before is not None:
            moved = learning.move_learners(done.before, done.version)
        slug, number, state = content.slug, done.version.number, done.state
    if state is courses.ImportState.UNCHANGED:
        told = gettext("%(slug)s: tidak berubah, tetap versi %(number)s.", slug=slug, number=number)
    else:
        told = gettext(
            "%(slug)s: versi %(number)s terbit; %(moved)s peserta dipindahkan.",
            slug=slug, number=number, moved=moved,
        )  # fmt: skip
    click.echo(told)
