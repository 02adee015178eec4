"""`flask records`: the ledgers are verified, and entries taken back."""

import sys
from uuid import UUID

import click

from lms.cli.commands import Commands, changing
from lms.competencies import actions as competencies
from lms.competencies.models import HourEntry
from lms.competencies.queries import ledgers as record
from lms.upkeep import records

records_cli = Commands("records", help="The append-only ledgers.")


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
