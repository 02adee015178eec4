"""Claims as people send them."""

import re
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from werkzeug.test import TestResponse

from lms.core.db import db
from lms.development.models import EvidenceClaim
from tests.cast import Cast
from tests.client import PageClient

PDF = b"%PDF-1.4\nsertifikat\n%%EOF\n"
TRAINING: dict[str, Any] = {
    "kind": "external_training", "title": "Pelatihan Arsip", "organiser": "ANRI",
    "number": "12/2026", "started_on": "2026-04-01", "ended_on": "2026-04-03", "valid_until": "",
    "form": "KL03", "quantity": "24", "competency": "M.05", "level": "2",
}  # fmt: skip


def send_claim(client: PageClient, content: bytes = PDF, **changed: Any) -> TestResponse:
    """Post the form of a new claim with its document."""
    filename = changed.pop("filename", "sertifikat.pdf")
    values = {"key": str(uuid4()), **TRAINING, **changed}
    if content:
        values["document"] = (BytesIO(content), filename)
    return client.send("/my/claims/new", values, content_type="multipart/form-data")


def submit(client: PageClient, cast: Cast, who: str, **changed: Any) -> str:
    """A claim of somebody; its UUID. They stay signed in."""
    client.sign_in(cast.people[who])
    answer = send_claim(client, **changed)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    found = re.search(r"/claims/([0-9a-f-]{36})", answer.headers["Location"])
    assert found
    return found[1]


def state_of(app: Flask, uuid: str) -> str:
    with app.app_context():
        found = db.session.query(EvidenceClaim).filter_by(uuid=UUID(uuid)).one().state
        db.session.remove()
    return str(found)
