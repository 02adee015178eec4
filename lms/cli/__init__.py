"""The commands. `flask --app app <command> --help` explains each; README shows the first ones."""

import click
from flask import Flask
from flask.cli import with_appcontext

from lms import setup
from lms.cli.certificates import certificates_cli
from lms.cli.courses import courses_cli
from lms.cli.jobs import jobs_cli
from lms.cli.learning import learning_cli
from lms.cli.people import people_cli
from lms.cli.records import records_cli
from lms.core.errors import StartError
from lms.upkeep.cli import backup, check_backup, move_to_postgres, restore, uploads


def init_app(app: Flask) -> None:
    for command in (setup_command, backup, check_backup, restore, move_to_postgres, uploads):
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
