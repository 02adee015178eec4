"""Which level the evidence gives."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.competencies import rules
from lms.competencies.rules import EvidenceStanding, Proof, RatingRule, Verdict

PROVES, SUPPORTS = EvidenceStanding.PROVES, EvidenceStanding.SUPPORTS
HIGHEST, LATEST, ASSESSOR = RatingRule.HIGHEST, RatingRule.LATEST, RatingRule.ASSESSOR


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
    assert rules.level_of(entries, HIGHEST) == level


def proof(
    entry_id: int, level: int, day: int, *, by: str = "course", reverses: int | None = None
) -> Proof:
    """A proving entry that was earned on a day of May."""
    return Proof(entry_id, level, PROVES, reverses, date(2026, 5, day), by == "assessor")


# A course at level 3, an assessor's 2 and then 1, a later course at 2, and a claim that was
# approved last, for what was earned first.
HISTORY = [
    proof(1, 3, 4), proof(2, 2, 6, by="assessor"), proof(3, 1, 8, by="assessor"),
    proof(4, 2, 10), proof(5, 3, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "highest", "latest", "assessor"),
    [
        (HISTORY, (3, 5), (2, 4), (1, 3)),
        (HISTORY[:1], (3, 1), (3, 1), (3, 1)),  # without an assessor's the highest
        ([HISTORY[0], HISTORY[3]], (3, 1), (2, 4), (3, 1)),
        # The assessor's last rating is taken back: the one before it decides again.
        ([*HISTORY, proof(6, 1, 8, by="assessor", reverses=3)], (3, 5), (2, 4), (2, 2)),
        # A course and its quiz, earned on one day: the higher. An assessor's: the last word.
        ([proof(1, 3, 4), proof(2, 2, 4)], (3, 1), (3, 1), (3, 1)),
        ([proof(1, 3, 4, by="assessor"), proof(2, 2, 4, by="assessor")], (3, 1), (3, 1), (2, 2)),
        # An assessor's rating above what HR allows only supports, and goes before nothing.
        ([proof(1, 2, 4), Proof(2, 5, SUPPORTS, None, date(2026, 5, 6), True)],
         (2, 1), (2, 1), (2, 1)),
        ([], (0, None), (0, None), (0, None)),
    ],
)  # fmt: skip
def test_each_rule_by_worked_figures(
    entries: list[Proof],
    highest: tuple[int, int | None],
    latest: tuple[int, int | None],
    assessor: tuple[int, int | None],
) -> None:
    found = [rules.level_of(entries, rule) for rule in (HIGHEST, LATEST, ASSESSOR)]
    assert found == [highest, latest, assessor]


def some_proofs() -> st.SearchStrategy[list[Proof]]:
    entry = st.tuples(
        st.integers(1, 5), st.sampled_from([PROVES, SUPPORTS]),
        st.none() | st.integers(1, 8), st.dates(date(2026, 1, 1), date(2026, 1, 9)), st.booleans(),
    )  # fmt: skip
    return st.lists(entry, max_size=12).map(
        lambda rows: [
            Proof(
                number, level, standing, reverses if reverses and reverses < number else None, day,
                by_assessor,
            )
            for number, (level, standing, reverses, day, by_assessor) in enumerate(rows, start=1)
        ]
    )  # fmt: skip


@given(some_proofs(), st.sampled_from(RatingRule), st.randoms())
def test_the_order_of_the_entries_does_not_matter(
    entries: list[Proof], rule: RatingRule, random: object
) -> None:
    mixed = list(entries)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert rules.level_of(mixed, rule) == rules.level_of(entries, rule)


@given(some_proofs(), st.sampled_from(RatingRule))
def test_every_entry_has_its_verdict_and_at_most_one_decides(
    entries: list[Proof], rule: RatingRule
) -> None:
    found = rules.verdicts(entries, rule)
    assert found.keys() == {entry.entry_id for entry in entries}
    deciding = [id_ for id_, verdict in found.items() if verdict is Verdict.DECIDES]
    level, entry_id = rules.level_of(entries, rule)
    assert deciding == ([entry_id] if entry_id else [])
    for entry in entries:
        if found[entry.entry_id] is Verdict.LOWER:
            assert entry.level < level
        if found[entry.entry_id] is Verdict.REPLACED:
            assert entry.level == level


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (HIGHEST, ["replaced", "lower", "lower", "lower", "decides"]),
        (LATEST, ["older", "older", "older", "decides", "older"]),
        (ASSESSOR, ["outranked", "older", "decides", "outranked", "outranked"]),
    ],
)
def test_why_an_entry_does_not_decide(rule: RatingRule, expected: list[str]) -> None:
    assert list(rules.verdicts(HISTORY, rule).values()) == expected


def test_what_supports_or_was_taken_back_says_so() -> None:
    entries = [Proof(1, 3, PROVES), Proof(2, 3, PROVES, 1), Proof(3, 2, SUPPORTS)]
    assert list(rules.verdicts(entries, HIGHEST).values()) == [
        Verdict.TAKEN_BACK, Verdict.TAKES_BACK, Verdict.SUPPORTS,
    ]  # fmt: skip
    taken_back = [Proof(1, 3, SUPPORTS), Proof(2, 3, SUPPORTS, 1), Proof(3, 2, PROVES)]
    assert list(rules.verdicts(taken_back, HIGHEST).values()) == [
        Verdict.TAKEN_BACK, Verdict.TAKES_BACK, Verdict.DECIDES,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "limit", "standing"),
    [(1, 3, PROVES), (3, 3, PROVES), (4, 3, SUPPORTS), (1, 0, SUPPORTS)],
)
def test_evidence_proves_up_to_what_hr_allows(
    level: int, limit: int, standing: EvidenceStanding
) -> None:
    assert rules.standing(level, limit) is standing
    assert rules.standing(level, limit, may_prove=False) is SUPPORTS


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
    assert rules.history(entries, HIGHEST) == [
        (2, 1, 0),
        (3, 3, 1),
        (5, 2, 3),
        (6, 1, 2),
        (7, 0, 1),
    ]


def test_history_by_the_latest_goes_down_as_well() -> None:
    assert rules.history(HISTORY, LATEST) == [(1, 3, 0), (2, 2, 3), (3, 1, 2), (4, 2, 1)]
    assert rules.history(HISTORY, ASSESSOR) == [(1, 3, 0), (2, 2, 3), (3, 1, 2)]
