"""One question of a file is changed, and all else keeps every character."""

from hypothesis import given
from hypothesis import strategies as st

from lms.formats.gift import sheet
from lms.formats.gift.questions import Question
from lms.formats.gift.reader import parse
from lms.formats.gift.writer import dump
from tests.formats.gift.test_writer import questions

FILE = """
// Soal tentang loket.

// [id:a-1] [tag:x] dari buku
Satu? {T}

$CATEGORY: lama

// [id:a-2]
Dua? {
=a

~b
}
Rusak tanpa kunci {
=c
"""


def test_each_question_is_found_with_its_lines_and_faults() -> None:
    found = sheet.entries(FILE)
    assert [(entry.key, entry.first, entry.last) for entry in found] == [
        ("a-1", 4, 5), ("a-2", 9, 16),
    ]  # fmt: skip
    assert found[0].question is not None
    assert found[0].remarks == ["//   dari buku"]
    assert found[1].question is None
    assert found[1].problems


def test_changing_one_leaves_the_rest_as_it_is() -> None:
    first = sheet.entries(FILE)[0]
    text = sheet.replaced(FILE, first, "// [id:a-1]\nLain? {F}")
    assert text == FILE.replace(
        "// [id:a-1] [tag:x] dari buku\nSatu? {T}", "// [id:a-1]\nLain? {F}"
    )


@given(st.lists(questions(), min_size=1, max_size=5, unique_by=lambda q: q.key), st.data())
def test_what_is_taken_out_and_put_back_is_as_before(
    written: list[Question], data: st.DataObject
) -> None:
    text = dump(written)
    at = data.draw(st.integers(0, len(written) - 1))
    entry = sheet.entries(text)[at]
    less = sheet.removed(text, entry)
    assert parse(less)[0] == [q for n, q in enumerate(written) if n != at]
    assert parse(sheet.inserted(less, at, [entry.text]))[0] == written


@given(st.lists(questions(), min_size=2, max_size=5, unique_by=lambda q: q.key), st.data())
def test_neighbours_change_places_and_back(written: list[Question], data: st.DataObject) -> None:
    text = dump(written)
    at = data.draw(st.integers(0, len(written) - 2))
    swapped = sheet.moved(text, at, 1)
    order = [*written[:at], written[at + 1], written[at], *written[at + 2 :]]
    assert parse(swapped)[0] == order
    assert sheet.moved(swapped, at + 1, -1) == text
    assert sheet.moved(text, 0, -1) == text
    assert sheet.moved(text, len(written) - 1, 1) == text


def test_several_are_taken_out_from_below() -> None:
    text = "\n\n" + "\n\n".join(f"// [id:k-{n}]\nSoal {n}? {{T}}" for n in range(5)) + "\n"
    for entry in reversed(sheet.entries(text)):
        if entry.key in ("k-0", "k-2", "k-4"):
            text = sheet.removed(text, entry)
    assert [entry.key for entry in sheet.entries(text)] == ["k-1", "k-3"]


@given(st.lists(questions(), min_size=1, max_size=5, unique_by=lambda q: q.key))
def test_one_is_found_without_reading_the_others(written: list[Question]) -> None:
    text = dump(written)
    for entry in sheet.entries(text):
        found = sheet.entry_with(text, entry.key, entry.digest)
        assert found is not None
        assert (found.key, found.first, found.last) == (entry.key, entry.first, entry.last)
        assert (found.text, found.question) == (entry.text, entry.question)


def test_where_only_reading_tells_nothing_is_found() -> None:
    first, second = sheet.entries(FILE)
    assert sheet.entry_with(FILE, "a-1", first.digest) == first
    assert sheet.entry_with(FILE, "a-2", second.digest) is None, "blank lines stand in it"
    assert sheet.entry_with(FILE, "a-1", second.digest) is None
    assert sheet.entry_with(FILE.replace("\n", "\r\n"), "a-1", first.digest) == first


@given(
    st.lists(questions(), min_size=1, max_size=6, unique_by=lambda q: q.key),
    st.sets(st.integers(0, 5)),
)
def test_several_are_put_back_to_where_they_stood(written: list[Question], gone: set[int]) -> None:
    text = dump(written)
    found = {at: each for at, each in enumerate(sheet.entries(text)) if at in gone}
    less = sheet.removed(text, *found.values())
    back = sheet.restored(less, {at: each.text for at, each in found.items()})
    assert parse(back)[0] == written


def test_those_that_stood_behind_the_end_of_now_come_back_in_their_order() -> None:
    one, two, three = (f"// [id:a-{n}]\nSoal {n}? {{T}}\n" for n in (1, 2, 3))
    back = sheet.restored(one, {9: three, 5: two})
    assert back == f"{one}\n{two}\n{three}"
