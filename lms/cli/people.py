"""`flask people`: people, units, positions and roles, one at a time or from a file."""

import os
import sys
from datetime import date, datetime
from typing import IO
from uuid import UUID

import click

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
from lms.accounts.models import Person, RegisterImport
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
from lms.cli.commands import Commands, changing, person_of, unit_of
from lms.core import clock
from lms.core.errors import DomainError
from lms.core.passwords import hash_password
from lms.formats.codes import grouped

people_cli = Commands("people", help="People, units and roles, until there is a page for it.")

_NOTICE = f"The password must be changed at the first sign-in, within {INITIAL_PASSWORD_DAYS} days."


@people_cli.command("add-unit")
@click.argument("code")
@click.argument("name")
@click.option("--parent", help="Code of the unit above; none for the root.")
@click.option("--time-zone", help="IANA zone, such as Asia/Makassar; else that of the parent.")
def add_unit(code: str, name: str, parent: str | None, time_zone: str | None) -> None:
    """Add a work unit."""
    with changing():
        above = unit_of(parent) if parent else None
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
        person = person_of(identifier)
        end_on = until.date() if until else None
        _place(person, unit, position, head=head, acting=acting, end_on=end_on)
    click.echo(f"{person.name} is placed in {unit}.")


@people_cli.command("end-placement")
@click.argument("identifier")
@click.option("--unit", required=True, help="Code of the unit.")
def end_placement(identifier: str, unit: str) -> None:
    """End a person's open placements in a unit: today is the last day."""
    with changing():
        ended = placements.end_placements(person_of(identifier), unit_of(unit))
    click.echo(f"{ended} placements end today.")


@people_cli.command("set-password")
@click.argument("identifier")
@click.password_option()
def set_password(identifier: str, password: str) -> None:
    """Give a person (NIP or e-mail) an initial password; ends all their sessions."""
    password_hash = hash_password(password)
    with changing():
        person = person_of(identifier)
        passwords.check_new_password(person, password)
        passwords.set_initial_password(person, password_hash)
    click.echo(_NOTICE)


@people_cli.command("give-code")
@click.argument("identifier")
def give_code(identifier: str) -> None:
    """Print a new activation code for a person; the one before works no more."""
    with changing():
        code = activation.give_code(None, person_of(identifier))
    click.echo(f"{grouped(code)}  works once, for {ACTIVATION_DAYS} days, at /activate.")


@people_cli.command("grant")
@click.argument("identifier")
@click.argument("role", type=click.Choice([r.value for r in Role]))
@click.argument("unit")
@click.option("--reason", required=True)
def grant_role(identifier: str, role: str, unit: str, reason: str) -> None:
    """Grant a role for a unit and everything below it, from today."""
    with changing():
        person, where = person_of(identifier), unit_of(unit)
        roles.grant_role(
            person, Role(role), where, start_on=clock.today(where.time_zone), reason=reason
        )
    click.echo(f"{role} granted for {unit}.")


@people_cli.command("deactivate")
@click.argument("identifier")
def deactivate_person(identifier: str) -> None:
    """Close every way in for a person; the record stays."""
    with changing():
        people.deactivate_person(None, person_of(identifier))
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
    where, post = unit_of(unit), accounts.position_by_code(position)
    if post is None:
        raise click.ClickException(f"There is no position {position}.")
    standing = PlacementStanding.ACTING if acting else PlacementStanding.DEFINITIVE
    today = clock.today(where.time_zone)
    placements.place_person(
        person, where, post, start_on=today, standing=standing, heads_unit=head, end_on=end_on
    )
