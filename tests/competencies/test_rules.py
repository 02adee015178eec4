"""Which level the evidence gives."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.competencies import rules
from lms.competencies.rules import EvidenceStanding, Proof

PROVES, SUPPORTS = EvidenceStanding.PROVES, EvidenceStanding.SUPPORTS


@pytest.mark.parametrize(
    ("entries", "level"),
    [
        ([], (0, None)),  # not measured
        ([Proof(1, 2, SUPPORTS)], (0, None)),  # support alone gives no level
        ([Proof(1, 2, PROVES)], (2, 1)),
        ([Proof(1, 3, PROVES), Proof(2, 1, PROVES)], (3, 1)),  # the highest wins
        ([Proof(1, 2, PROVES), Proof(2, 2, PROVES)], (2, 2)),  # the latest among equals
        ([Proof(1, 3, PROVES), Proof(2, 3, PROVES, reverses_id=1)], (0, None)),  # taken back
        ([Proof(1, 1, PROVES), Proof(2, 3, PROVES), Proof(3, 3, PROVES, 2)], (1, 1)),
    ],
)
def test_the_level_is_the_highest_that_stands_proved(
    entries: list[Proof], level: tuple[int, int | None]
) -> None:
    assert rules.level_of(entries) == level


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from([PROVES, SUPPORTS]))), st.randoms())
def test_the_order_of_the_entries_does_not_matter(
    rows: list[tuple[int, EvidenceStanding]], random: object
) -> None:
    entries = [Proof(i, level, standing) for i, (level, standing) in enumerate(rows, start=1)]
    mixed = list(entries)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert rules.level_of(mixed) == rules.level_of(entries)


@pytest.mark.parametrize(
    ("level", "limit", "standing"),
    [(1, 3, PROVES), (3, 3, PROVES), (4, 3, SUPPORTS), (1, 0, SUPPORTS)],
)
def test_evidence_proves_up_to_what_hr_allows(
    level: int, limit: int, standing: EvidenceStanding
) -> None:
    assert rules.standing(level, limit) is standing


@pytest.mark.parametrize(("level", "required", "gap"), [(0, 2, 2), (2, 2, 0), (3, 2, 0), (1, 3, 2)])
def test_a_gap_is_never_negative(level: int, required: int, gap: int) -> None:
    assert rules.gap(level, required) == gap


@pytest.mark.parametrize(
    ("level", "required", "course", "closes"),
    [
        (1, 3, (1, 2), 1),
        (1, 3, (1, 3), 2),
        (1, 2, (1, 4), 1),  # no more than what is missing
        (2, 3, (0, 2), 0),  # leads no higher than the level held
        (1, 4, (2, 3), 0),  # begins above it
        (0, 2, (0, 1), 1),
        (0, 2, (1, 2), 2),  # not measured: may begin at level 1
        (0, 3, (2, 3), 0),
        (3, 3, (3, 4), 0),  # no gap
        (4, 3, (4, 5), 0),
    ],
)
def test_how_much_of_a_gap_a_course_closes(
    level: int, required: int, course: tuple[int, int], closes: int
) -> None:
    assert rules.closes(level, required, *course) == closes


@pytest.mark.parametrize(
    ("lines", "percent"),
    [
        ([], None),
        ([(3, 0, 1)], None),  # nothing is required
        ([(2, 2, 1), (1, 2, 1)], "75"),
        ([(0, 3, 1), (3, 3, 1), (3, 3, 1)], "66.67"),
        ([(5, 2, 1), (1, 2, 1)], "100"),  # six of four, held at a hundred
        ([(2, 2, 3), (1, 2, 1)], "87.5"),  # by weight: 7 of 8
        ([(4, 4, 1)] * 8 + [(3, 4, 1)], "97.22"),
        ([(5, 1, 1), (0, 0, 9)], "100"),
    ],
)
def test_the_job_person_match_is_what_is_held_of_what_is_required(
    lines: list[tuple[int, int, int]], percent: str | None
) -> None:
    assert rules.job_match(lines) == (Decimal(percent) if percent else None)


def test_history_tells_every_change_of_a_level_and_nothing_else() -> None:
    proves, supports = EvidenceStanding.PROVES, EvidenceStanding.SUPPORTS
    entries = [
        Proof(1, 4, supports), Proof(2, 1, proves), Proof(3, 3, proves), Proof(4, 2, proves),
        Proof(5, 3, proves, reverses_id=3), Proof(6, 2, proves, reverses_id=4),
        Proof(7, 1, proves, reverses_id=2),
    ]  # fmt: skip
    assert rules.history(entries) == [(2, 1, 0), (3, 3, 1), (5, 2, 3), (6, 1, 2), (7, 0, 1)]
