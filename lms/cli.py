"""The commands. `flask --app app <command> --help` explains each; README shows the first ones."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext, ngettext
from sqlalchemy.exc import OperationalError, ProgrammingError

from lms import setup
from lms.accounts import queries as accounts
from lms.accounts.actions import (
    activation,
    import_work,
    imports,
    passwords,
    people,
    placements,
    roles,
)
from lms.accounts.models import Person, RegisterImport, Unit
from lms.accounts.queries import imports as found_imports
from lms.accounts.queries.import_words import KEPT, fault_words
from lms.accounts.rules import (
    ACTIVATION_DAYS,
    INITIAL_PASSWORD_DAYS,
    Employment,
    PlacementStanding,
    PositionTier,
    Role,
)
from lms.accounts.rules.importing import ROWS_MAX, ImportKind, ImportState, Outcome, Verdict
from lms.competencies import actions as competencies
from lms.competencies.models import HourEntry
from lms.competencies.queries import ledgers as record
from lms.core import clock, i18n, jobs
from lms.core.db import transaction
from lms.core.errors import DomainError, StartError
from lms.core.passwords import hash_password
from lms.courses.actions import publishing as courses
from lms.courses.actions import question_index
from lms.courses.actions.rendering import prepare
from lms.credentials import actions as credentials
from lms.credentials import queries as certificates
from lms.credentials.models import Certificate
from lms.formats.codes import grouped
from lms.formats.course_folder.content import CourseContent, Problem
from lms.formats.course_folder.goals import blueprint
from lms.learning import actions as learning
from lms.learning.actions import reversing, running
from lms.upkeep import records
from lms.upkeep.cli import backup, check_backup, move_to_postgres, restore


class _Commands(AppGroup):
    """Commands that say what to do where the database has no tables yet, or those of before."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (OperationalError, ProgrammingError) as error:
            if re.search("no such (table|column)|Undefined(Table|Column)", repr(error.orig)):
                raise click.ClickException(
                    "The database is not set up for this version: run `flask --app app setup`."
                ) from error
            raise


courses_cli = _Commands("courses", help="Check and import course folders.")
people_cli = _Commands("people", help="People, units and roles, until there is a page for it.")
learning_cli = _Commands("learning", help="Enrolments, until there is a page for it.")
certificates_cli = _Commands("certificates", help="Certificates, until there is a page for it.")
records_cli = _Commands("records", help="The append-only ledgers.")
jobs_cli = _Commands("jobs", help="Work outside requests.")


_NOTICE = f"The password must be changed at the first sign-in, within {INITIAL_PASSWORD_DAYS} days."


def init_app(app: Flask) -> None:
    for command in (setup_command, backup, check_backup, restore, move_to_postgres):
        app.cli.add_command(command)
    for group in (
        courses_cli,
        people_cli,
        learning_cli,
        certificates_cli,
        records_cli,
        jobs_cli,
    ):
        app.cli.add_command(group)


@contextmanager
def changing() -> Iterator[None]:
    """A transaction of a command; a broken rule becomes the command's answer."""
    try:
        with transaction():
            yield
    except DomainError as error:
        raise click.ClickException(error.message) from error


@click.command("setup")
@with_appcontext
@click.option(
    "--demo", "with_demo", is_flag=True, help="Also an invented city, if nobody is there."
)
def setup_command(with_demo: bool) -> None:
    """Migrate the database and load reference data. Safe to run again."""
    try:
        setup.run(with_demo=with_demo)
    except StartError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The site is set up.")


# ── Courses ──────────────────────────────────────────────────────────────────────────────────


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
        prepared = prepare(content, folder)
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


# ── People ───────────────────────────────────────────────────────────────────────────────────


@people_cli.command("add-unit")
@click.argument("code")
@click.argument("name")
@click.option("--parent", help="Code of the unit above; none for the root.")
@click.option("--time-zone", help="IANA zone, such as Asia/Makassar; else that of the parent.")
def add_unit(code: str, name: str, parent: str | None, time_zone: str | None) -> None:
    """Add a work unit."""
    with changing():
        above = _unit(parent) if parent else None
        placements.add_unit(code=code, name=name, parent=above, time_zone=time_zone)
    click.echo(f"Unit {code} added.")


@people_cli.command("add-position")
@click.argument("code")
@click.argument("name")
@click.option("--tier", type=click.Choice([t.value for t in PositionTier]), required=True)
def add_position(code: str, name: str, tier: str) -> None:
    """Add a position (jabatan)."""
    with changing():
        placements.add_position(code=code, name=name, tier=PositionTier(tier))
    click.echo(f"Position {code} added.")


@people_cli.command("add")
@click.argument("nip")
@click.argument("name")
@click.option("--email")
@click.option("--employment", type=click.Choice([e.value for e in Employment]), default="pns")
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--position", required=True, help="Code of the position.")
@click.option("--head", is_flag=True, help="Heads the unit.")
@click.option("--acting", is_flag=True, help="An acting placement (Plt.).")
@click.password_option(help=f"Initial password; works for {INITIAL_PASSWORD_DAYS} days.")
def add_person(
    nip: str, name: str, email: str | None, employment: str, unit: str, position: str,
    head: bool, acting: bool, password: str,
) -> None:  # fmt: skip
    """Add a person, placed from today, with an initial password."""
    password_hash = hash_password(password)
    with changing():
        person = people.add_person(
            nip=nip, name=name, email=email, employment=Employment(employment)
        )
        passwords.check_new_password(person, password)
        _place(person, unit, position, head=head, acting=acting)
        passwords.set_initial_password(person, password_hash)
    click.echo(f"{name} added. {_NOTICE}")


@people_cli.command("place")
@click.argument("identifier")
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--position", required=True, help="Code of the position.")
@click.option("--head", is_flag=True, help="Heads the unit.")
@click.option("--acting", is_flag=True, help="Beside the definitive placement, which stays.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day, for example 2026-12-31."
)
def place_person(
    identifier: str, unit: str, position: str, head: bool, acting: bool, until: datetime | None
) -> None:
    """Move a person from today on; the placement before ends yesterday."""
    with changing():
        person = _person(identifier)
        end_on = until.date() if until else None
        _place(person, unit, position, head=head, acting=acting, end_on=end_on)
    click.echo(f"{person.name} is placed in {unit}.")


@people_cli.command("end-placement")
@click.argument("identifier")
@click.option("--unit", required=True, help="Code of the unit.")
def end_placement(identifier: str, unit: str) -> None:
    """End a person's open placements in a unit: today is the last day."""
    with changing():
        ended = placements.end_placements(_person(identifier), _unit(unit))
    click.echo(f"{ended} placements end today.")


@people_cli.command("set-password")
@click.argument("identifier")
@click.password_option()
def set_password(identifier: str, password: str) -> None:
    """Give a person (NIP or e-mail) an initial password; ends all their sessions."""
    password_hash = hash_password(password)
    with changing():
        person = _person(identifier)
        passwords.check_new_password(person, password)
        passwords.set_initial_password(person, password_hash)
    click.echo(_NOTICE)


@people_cli.command("give-code")
@click.argument("identifier")
def give_code(identifier: str) -> None:
    """Print a new activation code for a person; the one before works no more."""
    with changing():
        code = activation.give_code(None, _person(identifier))
    click.echo(f"{grouped(code)}  works once, for {ACTIVATION_DAYS} days, at /activate.")


@people_cli.command("grant")
@click.argument("identifier")
@click.argument("role", type=click.Choice([r.value for r in Role]))
@click.argument("unit")
@click.option("--reason", required=True)
def grant_role(identifier: str, role: str, unit: str, reason: str) -> None:
    """Grant a role for a unit and everything below it, from today."""
    with changing():
        person, where = _person(identifier), _unit(unit)
        roles.grant_role(
            person, Role(role), where, start_on=clock.today(where.time_zone), reason=reason
        )
    click.echo(f"{role} granted for {unit}.")


@people_cli.command("deactivate")
@click.argument("identifier")
def deactivate_person(identifier: str) -> None:
    """Close every way in for a person; the record stays."""
    with changing():
        people.deactivate_person(None, _person(identifier))
    click.echo("The account is closed.")


@people_cli.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--kind", type=click.Choice([k.value for k in ImportKind]), default="people")
@click.option(
    "--apply",
    "mode",
    type=click.Choice(["whole", "rows"]),
    help="Apply what was found: all rows or none, or each by itself. Without it only a preview.",
)
def import_register(file: IO[bytes], kind: str, mode: str | None) -> None:
    """Check a CSV or XLSX of units, positions or people, say what would change, and apply it if
    asked. Exit code 1 when a row is faulty or could not be applied."""
    try:
        uuid = imports.receive(None, ImportKind(kind), os.path.basename(file.name), file)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    import_work.work_on(_import(uuid).id)
    counts = found_imports.counts_of(_import(uuid))
    click.echo(", ".join(f"{counts.verdicts[verdict]} {verdict}" for verdict in list(Verdict)[1:]))
    _print_faulty_rows(uuid)
    if mode and counts.pending:
        with changing():
            imports.apply(None, _import(uuid), whole=mode == "whole")
        import_work.work_on(_import(uuid).id)
        counts = found_imports.counts_of(_import(uuid))
        click.echo(f"{counts.outcomes[Outcome.APPLIED]} rows applied.")
    click.echo(f"Import {uuid}; an admin of everything finds it at /people/imports/{uuid}.")
    stale = _import(uuid).state in (ImportState.STALE, ImportState.FAILED)
    if stale or counts.verdicts[Verdict.FAULTY] or counts.outcomes[Outcome.STALE]:
        sys.exit(1)


def _print_faulty_rows(uuid: UUID) -> None:
    after, more = 0, True
    while more:
        rows, more = found_imports.rows_of(
            _import(uuid), verdict=Verdict.FAULTY, after=after, limit=500
        )
        for row in rows:
            for fault in row.faults:
                click.echo(f"{row.number}: {fault[0]}: {fault_words(fault)}", err=True)
            after = row.number


@people_cli.command("undo-import")
@click.argument("uuid", type=click.UUID)
def undo_import(uuid: UUID) -> None:
    """Take an applied import back; rows on which something was built stay, and are named."""
    with changing():
        imports.undo(None, _import(uuid))
    import_work.work_on(_import(uuid).id)
    rows, _ = found_imports.rows_of(_import(uuid), outcome=Outcome.KEPT, limit=ROWS_MAX)
    for row in rows:
        click.echo(f"{row.number}: {KEPT[str(row.trace['kept'])]}", err=True)
    counts = found_imports.counts_of(_import(uuid))
    click.echo(
        f"{counts.outcomes[Outcome.UNDONE]} rows taken back, {counts.outcomes[Outcome.KEPT]} stay."
    )


def _import(uuid: UUID) -> RegisterImport:
    run = found_imports.import_by_uuid(uuid)
    if run is None:
        raise click.ClickException(f"There is no import {uuid}.")
    return run


def _place(
    person: Person, unit: str, position: str, *, head: bool, acting: bool,
    end_on: date | None = None,
) -> None:  # fmt: skip
    where, post = _unit(unit), accounts.position_by_code(position)
    if post is None:
        raise click.ClickException(f"There is no position {position}.")
    standing = PlacementStanding.ACTING if acting else PlacementStanding.DEFINITIVE
    today = clock.today(where.time_zone)
    placements.place_person(
        person, where, post, start_on=today, standing=standing, heads_unit=head, end_on=end_on
    )


def _unit(code: str) -> Unit:
    unit = accounts.unit_by_code(code)
    if unit is None:
        raise click.ClickException(f"There is no unit {code}.")
    return unit


def _person(identifier: str) -> Person:
    person = accounts.person_by_identifier(identifier)
    if person is None:
        raise click.ClickException(f"There is nobody with {identifier}.")
    return person


@learning_cli.command("withdraw")
@click.argument("identifier")
@click.argument("slug")
@click.option("--reason", required=True)
def withdraw(identifier: str, slug: str, reason: str) -> None:
    """Close a person's open enrolment, so that they can enrol anew with fresh attempts."""
    with changing():
        running.withdraw(None, _person(identifier), slug, reason=reason)
    click.echo(f"The enrolment in {slug} is closed.")


# ── Certificates ─────────────────────────────────────────────────────────────────────────────


@certificates_cli.command("revoke")
@click.argument("certificate")
@click.option("--reason", required=True, help="The holder reads it; the public does not.")
def revoke_certificate(certificate: str, reason: str) -> None:
    """Revoke a certificate (number or code) for good, with the completion, hours and evidence."""
    with changing():
        found = _certificate(certificate)
        reversing.revoke_certificate(None, found, reason=reason)
        number = found.number
    click.echo(f"{number} is revoked; the completion, its hours and evidence are taken back.")


@certificates_cli.command("reissue")
@click.argument("certificate")
@click.option("--reason", required=True, help="The holder reads it; the public does not.")
def reissue_certificate(certificate: str, reason: str) -> None:
    """Issue a certificate (number or code) anew, with the person's name of today."""
    with changing():
        new = credentials.reissue(None, _certificate(certificate), reason=reason)
        number = new.number
    click.echo(f"{number} is issued in place of {certificate}; a job makes its file.")


def _certificate(typed: str) -> Certificate:
    found = certificates.certificate_by_name(typed)
    if found is None:
        raise click.ClickException(f"There is no certificate {typed}.")
    return found


# ── Records ──────────────────────────────────────────────────────────────────────────────────


@records_cli.command("verify")
def verify_records() -> None:
    """Verify every chain, the triggers, stored levels and files of certificates. Exit code 1 on a
    fault."""
    found = 0
    for fault in records.faults():
        click.echo(fault)
        found += 1
    if found:
        click.echo(f"{found} faults found.")
        sys.exit(1)
    click.echo("All chains, triggers, levels and files of certificates are intact.")


@records_cli.command("reverse")
@click.argument("uuid", type=click.UUID)
@click.option("--reason", required=True)
def reverse_entry(uuid: UUID, reason: str) -> None:
    """Take back an entry of evidence or hours by a second entry with the reason."""
    with changing():
        entry = record.evidence_by_uuid(uuid) or record.hours_by_uuid(uuid)
        if entry is None:
            raise click.ClickException(f"There is no entry {uuid}.")
        if isinstance(entry, HourEntry):
            back = competencies.reverse_hours(None, entry, reason=reason).uuid
        else:
            back = competencies.reverse_evidence(None, entry, reason=reason).uuid
    click.echo(f"Taken back by entry {back}.")


@records_cli.command("rebuild-levels")
def rebuild_levels() -> None:
    """Write the stored levels that differ from the ledger anew."""
    stale = record.stale_states()
    for person_id, competency_id in stale:
        with changing():
            competencies.bring_level_up_to_date(person_id, competency_id)
    click.echo(f"{len(stale)} levels written anew.")


# ── Jobs ─────────────────────────────────────────────────────────────────────────────────────


@jobs_cli.command("run")
def run_jobs() -> None:
    """Run the consumer: sweeps every minute, and at once when hinted."""
    jobs.run_consumer(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's app


@jobs_cli.command("sweep")
def sweep() -> None:
    """Run every sweep once, now."""
    jobs.sweep_all(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's app
    click.echo("Swept.")
