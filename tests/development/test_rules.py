"""How claims become hours, by the worked figures of the forms of development."""

from datetime import date
from decimal import Decimal

import pytest

from lms.development import rules
from lms.development.rules import ClaimFault, HourRule
from lms.formats.document import kind_of

SEMINAR = HourRule(Decimal(4), Decimal(6), by_day=True, times=None)
COACHING = HourRule(Decimal(2), Decimal(4), by_day=False, times=2)
TECHNICAL = HourRule(None, None, by_day=False, times=None)


@pytest.mark.parametrize(
    ("rule", "quantity", "abroad", "hours"),
    [
        (SEMINAR, "2", False, "8"), (SEMINAR, "2", True, "12"), (COACHING, "1", False, "2"),
        (TECHNICAL, "7.5", False, "7.5"), (TECHNICAL, "40", True, "40"),
        (HourRule(Decimal(10), None, by_day=False, times=None), "1", True, "10"),
    ],
)  # fmt: skip
def test_hours_follow_the_form(rule: HourRule, quantity: str, abroad: bool, hours: str) -> None:
    assert rules.hours(rule, Decimal(quantity), abroad=abroad) == Decimal(hours)


@pytest.mark.parametrize(
    ("rule", "quantity", "days", "fault"),
    [
        (SEMINAR, "3", 2, ClaimFault.TOO_MANY_DAYS), (SEMINAR, "2", 2, None),
        (SEMINAR, "1.5", 2, ClaimFault.NOT_WHOLE), (COACHING, "3", 30, ClaimFault.TOO_OFTEN),
        (COACHING, "2", 1, None), (TECHNICAL, "120.5", 1, None),
    ],
)  # fmt: skip
def test_a_quantity_fits_its_form(
    rule: HourRule, quantity: str, days: int, fault: ClaimFault | None
) -> None:
    assert rules.fault_of_quantity(rule, Decimal(quantity), days) is fault


def test_days_stand_in_order() -> None:
    a, b, today = date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 5)
    assert rules.fault_of_days(a, b, None, today) is None
    assert rules.fault_of_days(b, a, None, today) is ClaimFault.ENDS_BEFORE_START
    assert rules.fault_of_days(a, date(2026, 3, 6), None, today) is ClaimFault.IN_THE_FUTURE
    assert rules.fault_of_days(a, b, a, today) is ClaimFault.OVER_BEFORE_IT_BEGAN


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n1 0 obj\n%%EOF\n", "pdf"), (b"%PDF-1.7\n cut", None),
        (b"\xff\xd8\xff\xe0 jpg \xff\xd9", "jpg"), (b"\xff\xd8\xff\xe0 cut", None),
        (b"\x89PNG\r\n\x1a\n..IEND\xaeB`\x82", "png"), (b"<script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None), (b"PK\x03\x04", None), (b"", None),
        (b"MZ %PDF-1.7 %%EOF", None),
    ],
)  # fmt: skip
def test_a_document_is_known_by_its_content(content: bytes, kind: str | None) -> None:
    assert kind_of(content) == kind
