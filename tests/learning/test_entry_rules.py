"""Who gets into a course: the one rule, over all it is asked with."""

from itertools import product

import pytest

from lms.learning.rules import (
    AdmissionKind,
    Audience,
    EnrolmentWay,
    Entry,
    Place,
    entry,
)

HERE = Place("/1/4/7/", 3, "fungsional")


@pytest.mark.parametrize(
    ("audience", "place", "includes"),
    [
        (Audience(), None, True),
        (Audience(), HERE, True),
        (Audience(unit_paths=("/1/4/",)), HERE, True),
        (Audience(unit_paths=("/1/4/7/",)), HERE, True),
        (Audience(unit_paths=("/1/4/7/9/",)), HERE, False),
        (Audience(unit_paths=("/1/40/",)), HERE, False),
        (Audience(unit_paths=("/1/40/", "/1/4/")), HERE, True),
        (Audience(unit_paths=("/1/",)), None, False),
        (Audience(position_ids=frozenset({3})), HERE, True),
        (Audience(position_ids=frozenset({2})), HERE, False),
        (Audience(position_kinds=frozenset({"fungsional"})), HERE, True),
        (Audience(position_ids=frozenset({2}), position_kinds=frozenset({"fungsional"})), HERE,
         True),
        (Audience(position_kinds=frozenset({"jpt"})), HERE, False),
        (Audience(("/1/4/",), position_kinds=frozenset({"jpt"})), HERE, False),
        (Audience(("/1/5/",), position_kinds=frozenset({"fungsional"})), HERE, False),
        (Audience(("/1/4/",), position_kinds=frozenset({"fungsional"})), HERE, True),
    ],
)  # fmt: skip
def test_whom_a_course_is_for(audience: Audience, place: Place | None, includes: bool) -> None:
    assert audience.includes(place) is includes


def test_every_case_has_the_first_answer_that_fits() -> None:
    admitted = (None, *AdmissionKind)
    for way, is_for, owed, archived, waiting, accepted in product(
        EnrolmentWay, (True, False), (True, False), (True, False), admitted, admitted
    ):
        found = entry(
            way, is_for=is_for, is_owed=owed, is_archived=archived, waiting=waiting,
            accepted=accepted,
        )  # fmt: skip
        if owed:
            assert found is Entry.OPEN
        elif archived:
            assert found is Entry.ARCHIVED
        elif waiting is AdmissionKind.INVITATION:
            assert found is Entry.INVITED
        elif accepted is AdmissionKind.INVITATION:
            assert found is Entry.OPEN
        elif way is EnrolmentWay.INVITATION:
            assert found is Entry.BY_INVITATION
        elif not is_for:
            assert found is Entry.NOT_FOR
        elif way is EnrolmentWay.DIRECT or accepted:
            assert found is Entry.OPEN
        else:
            assert found is (Entry.ASKED if waiting else Entry.ASK)
