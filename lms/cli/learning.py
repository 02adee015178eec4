"""`flask learning`: enrolments."""

import click

from lms.cli.commands import Commands, changing, person_of
from lms.learning.actions import running

learning_cli = Commands("learning", help="Enrolments, until there is a page for it.")


@learning_cli.command("withdraw")
@click.argument("identifier")
@click.argument("slug")
@click.option("--reason", required=True)
def withdraw(identifier: str, slug: str, reason: str) -> None:
    """Close a person's open enrolment, so that they can enrol anew with fresh attempts."""
    with changing():
        running.withdraw(None, person_of(identifier), slug, reason=reason)
    click.echo(f"The enrolment in {slug} is closed.")
