"""The details of the audit log, in words."""

import ast
from uuid import uuid4

import pytest
from flask import Flask

from lms.accounts.actions import roles
from lms.accounts.rules import Role
from lms.accounts.views.audit_details import LABELS, in_words
from lms.config import ROOT
from lms.core import clock, i18n
from lms.core.db import transaction
from tests.cast import Cast
from tests.client import PageClient, words


def test_every_detail_that_these_rooms_write_has_a_label() -> None:
    written = set[str]()
    for room in ("core", "accounts", "upkeep"):
        for path in sorted((ROOT / "lms" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                    written |= {keyword.arg for keyword in node.keywords if keyword.arg}
    assert {"reason", "rows", "endpoint"} <= written <= set(LABELS)


def test_the_page_names_role_unit_and_days(app: Flask, cast: Cast, client: PageClient) -> None:
    today = clock.today("Asia/Jakarta")
    with app.app_context(), transaction():
        roles.grant_role(
            cast.person("learner"), Role.HR, cast.unit("a"), start_on=today, reason="SK 9/2026"
        )
    client.sign_in(cast.people["auditor"])
    shown = words(client.get("/audit-log?act=accounts.role_granted"))
    day = i18n.long_date(today)
    assert f"peran: Admin SDM; unit: Dinas A; mulai: {day}; alasan: SK 9/2026" in shown
    assert "None" not in shown


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({}, ""),
        ({"end_on": "None", "whole": "False"}, "semua atau tidak sama sekali: tidak"),
        ({"kind": "people", "rows": "7"}, "jenis: Pegawai dan penempatan; baris: 7"),
        ({"kind": "lain", "role": "raja"}, "jenis: lain; peran: raja"),
        ({"due_on": "2026-13-77", "baru": "x"}, "batas: 2026-13-77; baru: x"),
    ],
)
def test_details_in_words(app: Flask, details: dict[str, object], said: str) -> None:
    with app.test_request_context():
        assert in_words(details, {}) == said
        assert in_words({"unit": str(uuid4())}, {}).startswith("unit: ")
