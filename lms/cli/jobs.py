"""`flask jobs`: the consumer and its sweeps."""

import click
from flask import current_app

from lms.cli.commands import Commands
from lms.core import jobs

jobs_cli = Commands("jobs", help="Work outside requests.")


@jobs_cli.command("run")
def run_jobs() -> None:
    """Run the consumer: sweeps every minute, and at once when hinted."""
    jobs.run_consumer(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's app


@jobs_cli.command("sweep")
def sweep() -> None:
    """Run every sweep once, now."""
    jobs.sweep_all(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's app
    click.echo("Swept.")
