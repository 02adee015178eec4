"""`flask certificates`: they are revoked and issued anew."""

import click

from lms.cli.commands import Commands, changing
from lms.credentials import actions as credentials
from lms.credentials import queries as certificates
from lms.credentials.models import Certificate
from lms.learning.actions import reversing

certificates_cli = Commands("certificates", help="Certificates, until there is a page for it.")


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
