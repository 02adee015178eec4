"""The difference of two texts: both can be read from it, and nothing is said twice."""

from hypothesis import given
from hypothesis import strategies as st

from lms.formats.difference import Row, rows

TEXTS = st.lists(st.sampled_from(["", "a", "a b", "b a c", "sama", "x" * 30])).map("\n".join)


def side(found: list[Row], name: str) -> list[tuple[int, str]]:
    lines = [getattr(row, name) for row in found]
    return [(line.number, "".join(t for t, _ in line.pieces)) for line in lines if line]


@given(TEXTS, TEXTS)
def test_every_line_that_is_shown_is_one_of_its_text(before: str, after: str) -> None:
    found = rows(before, after)
    old, new = before.split("\n"), after.split("\n")
    assert all(old[n - 1] == text for n, text in side(found, "before"))
    assert all(new[n - 1] == text for n, text in side(found, "after"))
    hidden = sum(row.skipped for row in found)
    assert len(side(found, "before")) + hidden == len(old)
    assert len(side(found, "after")) + hidden == len(new)


@given(TEXTS, TEXTS)
def test_what_is_not_marked_is_the_same_on_both_sides(before: str, after: str) -> None:
    def kept(name: str) -> list[str]:
        lines = [getattr(row, name) for row in rows(before, after)]
        return ["".join(t for t, differs in line.pieces if not differs) for line in lines if line]

    assert [t for t in kept("before") if t] == [t for t in kept("after") if t]


def test_a_changed_word_is_marked_and_the_rest_is_not() -> None:
    (row,) = rows("Sapa warga dulu.", "Sapa tamu dulu.")
    assert row.before is not None
    assert row.after is not None
    assert list(row.before.pieces) == [("Sapa ", False), ("warga", True), (" dulu.", False)]
    assert list(row.after.pieces) == [("Sapa ", False), ("tamu", True), (" dulu.", False)]


def test_long_unchanged_parts_are_left_out() -> None:
    same = [f"baris {n}" for n in range(20)]
    found = rows("\n".join([*same, "a"]), "\n".join([*same, "b"]))
    assert [row.skipped for row in found] == [18, 0, 0, 0]


def test_texts_that_are_equal_show_no_change() -> None:
    assert not any(row.changed for row in rows("a\nb", "a\nb"))
