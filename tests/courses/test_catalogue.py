"""The catalogue in memory: what it finds, in which order, and that it follows what is published."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import InstrumentedAttribute

from lms.competencies.models import Competency
from lms.competencies.queries import ProfileLine, competencies_by_code, levels_of
from lms.competencies.rules import CompetencyKind
from lms.core.db import db, transaction
from lms.courses.queries import catalogue
from lms.courses.queries.catalogue import Filter, Index, Results
from lms.courses.rules import CatalogueOrder
from tests.courses.published import NOON, publish
from tests.queries import counted

TITLE, FIT = CatalogueOrder.TITLE, CatalogueOrder.FIT


@pytest.fixture
def shelf(context: Flask) -> Flask:
    """Five courses that differ in everything that can be asked for."""
    with transaction():
        publish(
            "Integritas bagi pemula", slug="integritas", summary="Jujur setiap hari.", jp="2",
            minutes=45, outcomes=(("M.01", 0, 1),), size=12_300_000, at=NOON,
        )  # fmt: skip
        publish(
            "Melayani warga", slug="melayani", summary="Sapa dan dengar.", jp="3", minutes=90,
            outcomes=(("M.05", 0, 2), ("M.01", 0, 1)), at=NOON + timedelta(days=3),
        )  # fmt: skip
        publish(
            "Bekerja sama lintas unit", slug="kerja-sama", jp="4.5", minutes=150,
            outcomes=(("M.02", 2, 3),), category="Kerja tim", at=NOON + timedelta(days=1),
        )  # fmt: skip
        publish("Éfisiensi rapat", slug="rapat", jp="1", minutes=20, at=NOON - timedelta(days=1))
        publish(
            "Menulis nota dinas", slug="nota", summary="Pelayanan lewat surat.", jp="2",
            minutes=20, category="Kerja tim", at=NOON + timedelta(days=2),
        )  # fmt: skip
    db.session.remove()
    return context


def current() -> Index:
    """The index as a page gets it."""
    profile = levels_of(0, None, NOON.date())
    return catalogue.current(profile.dictionary)


def find(
    search: str = "",
    *,
    asked: Filter | None = None,
    order: CatalogueOrder = TITLE,
    gaps: Mapping[str, ProfileLine] | None = None,
    taken: Collection[int] = (),
    after: UUID | None = None,
) -> Results:
    return catalogue.find(
        current(), asked or Filter(search=search), order, gaps=gaps or {}, taken=taken,
        after=after,
    )  # fmt: skip


def slugs(results: Results) -> list[str]:
    return [entry.slug for entry, _ in results.rows]


def gap(code: str, level: int, required: int) -> dict[str, ProfileLine]:
    line = ProfileLine(
        code, code, CompetencyKind.MANAGERIAL, level, required, required - level, False, ()
    )
    return {code: line}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ["kerja-sama", "rapat", "integritas", "melayani", "nota"]),
        ("integritas", ["integritas", "melayani"]),  # title, and the name of a competency
        ("INTEGRITY", ["integritas", "melayani"]),  # the English name of the competency
        ("jujur", ["integritas"]),  # summary
        ("layan", ["melayani", "nota"]),  # part of a word
        ("warga sapa", ["melayani"]),  # every word, in any order
        ("efisiensi", ["rapat"]),  # without the accent
        ("sapa nota", []),
    ],
)
def test_words_are_looked_for_in_title_summary_and_competencies(
    shelf: Flask, typed: str, expected: list[str]
) -> None:
    found = find(typed)
    assert slugs(found) == expected
    assert found.count == len(expected)
    assert found.used == ()


@pytest.mark.parametrize(
    ("typed", "used", "expected"),
    [
        ("integrtas", ("integritas",), ["integritas", "melayani"]),  # a letter is missing
        ("integrittas", ("integritas",), ["integritas", "melayani"]),  # one too many
        ("integirtas", ("integritas",), ["integritas", "melayani"]),  # swapped
        ("imtegrutas", ("integritas",), ["integritas", "melayani"]),  # two in a long word
        ("rapet", ("rapat",), ["rapat"]),
        ("wagra sapa", ("warga", "sapa"), ["melayani"]),
        ("dos", (), []),  # a short word means what it says
        ("qqqqqqqq", (), []),
        ("%", (), []),
        ("_", (), []),
        ("'; --", (), []),
        ("\x00\\", (), []),
    ],
)
def test_spelling_is_forgiven(
    shelf: Flask, typed: str, used: tuple[str, ...], expected: list[str]
) -> None:
    found = find(typed)
    assert slugs(found) == expected
    assert found.used == used


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Filter(competency="M.01"), ["integritas", "melayani"]),
        (Filter(competency="M.01", level=1), ["integritas", "melayani"]),
        (Filter(competency="M.01", level=2), []),  # melayani raises another one to 2
        (Filter(level=2), ["melayani"]),
        (Filter(level=3), ["kerja-sama"]),
        (Filter(jp_min=Decimal("2"), jp_max=Decimal("3")), ["integritas", "melayani", "nota"]),
        (Filter(jp_min=Decimal("4.5")), ["kerja-sama"]),
        (Filter(jp_max=Decimal("1.99")), ["rapat"]),
        (Filter(minutes=45), ["rapat", "integritas", "nota"]),
        (Filter(category="Kerja tim"), ["kerja-sama", "nota"]),
        (Filter(search="nota", category="Kerja tim", minutes=20), ["nota"]),
        (Filter(category="Tidak ada"), []),
    ],
)
def test_filters_hold_together(shelf: Flask, asked: Filter, expected: list[str]) -> None:
    assert slugs(find(asked=asked)) == expected


def test_courses_of_a_language(shelf: Flask) -> None:
    with transaction():
        publish("Serving people", language="en")
    db.session.remove()
    assert current().languages == (("en", 1), ("id", 5))
    assert slugs(find(asked=Filter(language="en"))) == ["serving-people"]
    assert find(asked=Filter(language="id")).count == 5


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (TITLE, ["kerja-sama", "rapat", "integritas", "melayani", "nota"]),
        (CatalogueOrder.NEWEST, ["melayani", "nota", "kerja-sama", "integritas", "rapat"]),
        (CatalogueOrder.SHORTEST, ["rapat", "nota", "integritas", "melayani", "kerja-sama"]),
        (FIT, ["melayani", "integritas", "kerja-sama", "rapat", "nota"]),
    ],
)
def test_orders(shelf: Flask, order: CatalogueOrder, expected: list[str]) -> None:
    assert slugs(find(order=order, gaps=gap("M.05", 0, 2) | gap("M.01", 0, 1))) == expected


def test_a_course_tells_which_gap_it_closes_best(shelf: Flask) -> None:
    gaps = gap("M.05", 0, 1) | gap("M.01", 0, 3) | gap("M.02", 1, 4)
    fits = {entry.slug: fit for entry, fit in find(gaps=gaps).rows}
    assert {slug: fit.name if fit else "" for slug, fit in fits.items()} == {
        "integritas": "M.01",
        "melayani": "M.01",  # the larger gap of the two
        "kerja-sama": "",  # begins above the level held
        "rapat": "",
        "nota": "",
    }
    only = Filter(gap_only=True)
    assert slugs(find(asked=only, gaps=gaps)) == ["integritas", "melayani"]
    melayani = next(e for e in current().entries if e.slug == "melayani")
    assert slugs(find(asked=only, gaps=gaps, taken={melayani.course_id})) == ["integritas"]


def test_what_closes_gaps_comes_gap_by_gap_the_shortest_first(shelf: Flask) -> None:
    lines = tuple((gap("M.02", 2, 3) | gap("M.01", 0, 2) | gap("M.03", 0, 1)).values())
    index = current()
    found = [(line.code, entry.slug) for entry, line, _ in catalogue.closing(index, lines, ())]
    assert found == [("M.02", "kerja-sama"), ("M.01", "integritas"), ("M.01", "melayani")]
    taken = {entry.course_id for entry in index.entries if entry.slug == "integritas"}
    left = [entry.slug for entry, _, _ in catalogue.closing(index, lines, taken)]
    assert left == ["kerja-sama", "melayani"]


# ── Following what is published ──────────────────────────────────────────────────────────────


def test_memory_follows_every_publication_with_one_query(shelf: Flask) -> None:
    dictionary = current().dictionary
    with counted(shelf) as statements:
        before = catalogue.current(dictionary)
    assert len(statements) == 1
    with transaction():
        publish("Anggaran dasar", size=5_000_000)
        publish("Melayani warga dengan hati", slug="melayani")
    after = current()
    assert after.entries[0].slug == "anggaran-dasar"
    titles = {e.slug: e.title for e in after.entries}
    assert titles["melayani"] == "Melayani warga dengan hati"
    assert len(titles) == len(after.entries) == 6
    kept = {e.uuid: e for e in before.entries}
    assert all(kept.get(e.uuid, e) is e for e in after.entries)  # nothing was loaded twice


def test_what_was_rolled_back_is_not_in_it(shelf: Flask) -> None:
    def undone() -> None:
        with transaction():
            publish("Tidak jadi")
            assert "tidak-jadi" in [e.slug for e in current().entries]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert "tidak-jadi" not in [e.slug for e in current().entries]
    with transaction():
        publish("Jadi")  # takes the id that the other had
    assert "jadi" in [e.slug for e in current().entries]
    assert "tidak-jadi" not in [e.slug for e in current().entries]


Rename = Callable[[InstrumentedAttribute[str]], None]


@pytest.fixture
def rename(shelf: Flask) -> Iterator[Rename]:
    """Gives M.01 another name, past everything that the product knows of. The dictionary outlives
    a test on PostgreSQL, so the name is given back."""

    def write(values: dict[str, str | None]) -> None:
        with db.engine.begin() as other:
            other.execute(sa.update(Competency).where(Competency.code == "M.01").values(values))
        db.session.rollback()  # the next request

    before = competencies_by_code()["M.01"]
    names = {"name": before.name, "name_en": before.name_en}
    db.session.rollback()
    yield lambda column: write({column.key: "Keteguhan"})
    write(names)


@pytest.mark.parametrize("column", [Competency.name, Competency.name_en], ids=["id", "en"])
def test_a_competency_that_is_renamed_is_found_by_its_new_name(
    rename: Rename, column: InstrumentedAttribute[str]
) -> None:
    assert slugs(find("keteguhan")) == []
    before = current()
    rename(column)
    assert slugs(find("keteguhan")) == ["integritas", "melayani"]
    assert current() is not before
    assert current() is current()
    names = {outcome.name_id for entry in current().entries for outcome in entry.outcomes}
    assert ("Keteguhan" in names) is (column is Competency.name)


@pytest.mark.parametrize("order", list(CatalogueOrder))
def test_pages_hold_everything_once_while_courses_come_and_change(
    context: Flask, order: CatalogueOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pages on sees each of the courses that were there, wherever new ones come in."""
    monkeypatch.setattr("lms.courses.queries.catalogue.PAGE", 5)
    gaps = gap("M.01", 0, 3)
    with transaction():
        for n in range(23):
            raised = (("M.01", 0, 1 + n % 3),) if n % 2 else ()
            publish(f"Kursus {n % 7}", slug=f"k-{n}", minutes=10 + n % 4, outcomes=raised,
                    at=NOON + timedelta(hours=n % 5))  # fmt: skip
    seen: list[str] = []
    last = None
    for turn in range(20):
        page = find(order=order, gaps=gaps, after=last)
        seen += slugs(page)
        if not page.more:
            break
        entry = page.rows[-1][0]
        last = entry.uuid
        with transaction():
            publish(f"Kursus {turn % 7}", slug=f"baru-{turn}", minutes=9 + turn, at=NOON,
                    outcomes=(("M.01", 0, 1),))  # fmt: skip
            if turn == 1:  # the very course that the page ended with is replaced
                publish("Aaa", slug=entry.slug, minutes=1, at=NOON + timedelta(days=9))
    old = [slug for slug in seen if slug.startswith("k-")]
    assert set(old) >= {f"k-{n}" for n in range(23)}
    assert len(seen) - len(set(seen)) <= 1  # only the one that was replaced may come again


def test_an_unknown_last_row_begins_at_the_first_page(shelf: Flask) -> None:
    assert slugs(find(after=UUID(int=1))) == slugs(find())
