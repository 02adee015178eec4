"""The catalogue: the courses published now, found by words, by what they offer, and by what they
would do for somebody's gaps.

What a published version says never changes. So each process keeps the current ones in memory, and
a request asks the database only whether they are still the same. Competencies may be renamed; their
names are read anew on every page that shows the catalogue, and compared.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from heapq import nsmallest
from itertools import combinations
from threading import Lock
from typing import Any
from uuid import UUID

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from lms.competencies import rules as competencies
from lms.competencies.queries import Dictionary, ProfileLine
from lms.core.db import read
from lms.courses import queries
from lms.courses.models import Course, CourseVersion, MediaFile
from lms.courses.queries import OutcomeView
from lms.courses.rules import CatalogueOrder

Aim = tuple[str, int, int]  # competency code, level from, level to
PAGE = 20
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A current version as the catalogue shows it. `size`: bytes of its media."""

    version_id: int
    uuid: UUID
    course_id: int
    slug: str
    title: str
    summary: str
    language: str
    category: str
    jp: Decimal
    minutes: int
    published_at: datetime
    size: int
    outcomes: tuple[OutcomeView, ...]
    plain_title: str  # for sorting, the same on every database
    aims: tuple[Aim, ...]
    words: tuple[str, ...]  # of title, summary and competencies, each once


@dataclass(frozen=True, slots=True)
class Fit:
    """What a course would do for a gap: of which competency (in the language of the page), how
    many of the missing levels it closes, from the level held to the one it leads to."""

    gap: int
    closes: int
    name: str
    level: int
    level_to: int


@dataclass(frozen=True)
class Filter:
    """What is looked for; what is None or empty is not asked. `level`: raised to that level or
    through it. `minutes`: at most. `gap_only`: only what closes a gap."""

    search: str = ""
    competency: str = ""
    gap_only: bool = False
    level: int | None = None
    jp_min: Decimal | None = None
    jp_max: Decimal | None = None
    minutes: int | None = None
    category: str = ""
    language: str = ""


@dataclass(frozen=True)
class Results:
    """One page of what was found. `used`: the words looked for in place of those typed, where no
    course has the ones typed."""

    count: int
    rows: tuple[tuple[Entry, Fit | None], ...]
    more: bool
    used: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Index:
    """The current entries by title, and where each word, competency and category stands."""

    state: tuple[Any, ...] = ()
    dictionary: Dictionary = frozenset()
    entries: tuple[Entry, ...] = ()
    by_word: Mapping[str, list[int]] = field(default_factory=dict)
    vocabulary: tuple[str, ...] = ()  # the frequent words first
    # the short courses first
    by_competency: Mapping[str, list[tuple[Entry, OutcomeView]]] = field(default_factory=dict)
    categories: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()  # by code

    @property
    def competencies(self) -> list[tuple[str, str, int]]:
        """Code, name in the language of the page, and how many courses raise it; by name."""
        found = [(c, rows[0][1].name, len(rows)) for c, rows in self.by_competency.items()]
        return sorted(found, key=lambda row: row[1])


# ── What is current ──────────────────────────────────────────────────────────────────────────

# A publication changes the sum, one that is taken back the count as well; another database has
# another latest version.
_OFFERED = aliased(Course)
STATE = (  # for a statement of another that wants to know it as well
    select(func.count(_OFFERED.current_version_id))
    .where(_OFFERED.archived_at.is_(None))
    .scalar_subquery(),
    select(func.sum(_OFFERED.current_version_id))
    .where(_OFFERED.archived_at.is_(None))
    .scalar_subquery(),
    select(CourseVersion.uuid).order_by(CourseVersion.id.desc()).limit(1).scalar_subquery(),
)
_STATE = select(*STATE)
_CURRENT = (
    select(CourseVersion.id, CourseVersion.uuid)
    .join(Course, Course.current_version_id == CourseVersion.id)
    .where(Course.archived_at.is_(None))
)
_SIZES = (
    select(MediaFile.version_id, func.sum(MediaFile.size))
    .where(
        MediaFile.version_id.in_(bindparam("version_ids", expanding=True)),
        MediaFile.name.not_like("%.%/%.webp"),  # `copy_name`: one of them goes in place of another
    )
    .group_by(MediaFile.version_id)
)
_ENTRIES = (
    select(
        CourseVersion.id.label("version_id"),
        CourseVersion.uuid,
        CourseVersion.course_id,
        Course.slug,
        CourseVersion.title,
        CourseVersion.summary,
        CourseVersion.language,
        CourseVersion.category,
        CourseVersion.jp,
        CourseVersion.minutes,
        CourseVersion.published_at,
    )
    .join(Course, CourseVersion.course_id == Course.id)
    .where(CourseVersion.id.in_(bindparam("version_ids", expanding=True)))
)
_BY_UUID = select(CourseVersion.id).where(CourseVersion.uuid == bindparam("uuid"))
_BATCH = 1000

_kept = Index()
_lock = Lock()


def current(dictionary: Dictionary | None = None) -> Index:
    """What is published now: from memory, after one query, unless something was published, or a
    competency has another name in the dictionary (as read just now) than before. Who shows no names
    of competencies needs no dictionary."""
    global _kept
    state = tuple(read(_STATE).one())
    found = _kept
    dictionary = found.dictionary if dictionary is None else dictionary
    if (found.state, found.dictionary) != (state, dictionary):
        with _lock:
            found = _kept  # another thread may have brought it up to date meanwhile
            if (found.state, found.dictionary) != (state, dictionary):
                _kept = found = _index(state, dictionary, found)
    return found


def kept(dictionary: Dictionary) -> Index:
    """What `current` gave last by these names, without a query: for who learns the state by another
    one, and asks `current` where it is not that of the index."""
    found = _kept
    return found if found.dictionary == dictionary else Index()


def _index(state: tuple[Any, ...], dictionary: Dictionary, before: Index) -> Index:
    """Only what was not there before is loaded; all of it where the names are others."""
    kept = before.entries if before.dictionary == dictionary else ()
    known = {entry.uuid: entry for entry in kept}
    wanted = read(_CURRENT).all()
    new = _load([version_id for version_id, uuid in wanted if uuid not in known])
    found = [known.get(uuid) or new[version_id] for version_id, uuid in wanted]
    entries = tuple(sorted(found, key=_by_title))
    by_word: dict[str, list[int]] = {}
    by_competency: dict[str, list[tuple[Entry, OutcomeView]]] = {}
    for position, entry in enumerate(entries):
        for word in entry.words:
            by_word.setdefault(word, []).append(position)
        for outcome in entry.outcomes:
            by_competency.setdefault(outcome.code, []).append((entry, outcome))
    for raising in by_competency.values():
        raising.sort(key=lambda row: (row[0].minutes, row[0].version_id))
    return Index(
        state=state,
        dictionary=dictionary,
        entries=entries,
        by_word=by_word,
        vocabulary=tuple(sorted(by_word, key=lambda word: (-len(by_word[word]), word))),
        by_competency=by_competency,
        categories=tuple(sorted(Counter(entry.category for entry in entries).items())),
        languages=tuple(sorted(Counter(entry.language for entry in entries).items())),
    )


def _load(version_ids: list[int]) -> dict[int, Entry]:
    found = {}
    for start in range(0, len(version_ids), _BATCH):
        some = version_ids[start : start + _BATCH]
        sizes = {id_: size for id_, size in read(_SIZES, version_ids=some)}  # noqa: C416 - no pairs
        outcomes = queries.outcomes_of(some)
        for row in read(_ENTRIES, version_ids=some):
            raised = tuple(outcomes.get(row.version_id, ()))
            found[row.version_id] = Entry(
                **row._mapping,
                size=int(sizes.get(row.version_id, 0)),
                outcomes=raised,
                aims=tuple((o.code, o.level_from, o.level_to) for o in raised),
                plain_title=_plain(row.title),
                words=_words_of(row, raised),
            )
    return found


def _plain(text: str) -> str:
    """Lower case, without accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in split if not unicodedata.combining(c))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", _plain(text))


def _words_of(row: Any, outcomes: tuple[OutcomeView, ...]) -> tuple[str, ...]:
    names = (name for o in outcomes for name in (o.name_id, o.name_en or ""))
    words = _words(" ".join((row.title, row.summary, *names)))
    return tuple(map(sys.intern, dict.fromkeys(words)))  # courses share most of their words


# ── Finding ──────────────────────────────────────────────────────────────────────────────────


def find(
    index: Index,
    asked: Filter,
    order: CatalogueOrder,
    *,
    gaps: Mapping[str, ProfileLine],
    taken: Collection[int] = (),
    courses: Collection[int] | None = None,
    without: Collection[int] = (),
    after: UUID | None = None,
) -> Results:
    """One page of the entries that fulfil everything asked, in an order.

    `gaps`: the reader's gaps by competency code; a course `taken` (by id) closes none any more.
    `courses`: only those; `without`: none of those. `after`: the last version of the page before,
    current or not, so that a page stays where it is whatever is published meanwhile.
    """
    positions, used = search(index, asked.search)

    ranks = _ranks(gaps)

    def fit(entry: Entry) -> Fit | None:
        """Of several gaps that a course closes, the largest."""
        if entry.course_id in taken:
            return None
        closing = [ranks[aim] for aim in entry.aims if aim in ranks]
        return max(closing, key=_rank) if closing else None

    matching = [
        entry
        for entry in _candidates(index, positions)
        if _fulfils(entry, asked)
        and (courses is None or entry.course_id in courses)
        and entry.course_id not in without
        and (not asked.gap_only or fit(entry))
    ]
    key = _key(order, fit)
    last = _entry(index, after) if after else None
    begin = key(last) if last else None
    rest = matching if begin is None else [entry for entry in matching if key(entry) > begin]
    page = nsmallest(PAGE + 1, rest, key=key)
    rows = tuple((entry, fit(entry)) for entry in page[:PAGE])
    return Results(len(matching), rows, len(page) > PAGE, used)


def search(index: Index, typed: str) -> tuple[set[int] | None, tuple[str, ...]]:
    """Positions of the entries that have every word typed, as a part of a word (None: no word was
    typed), and the words looked for where one had to be replaced by the closest spelling."""
    if not typed.strip():
        return None, ()
    found: set[int] | None = None
    words = _words(typed)[:MOST_WORDS]
    used = []
    for word in words:
        matching = [known for known in index.vocabulary if word in known]
        if not matching and (close := _closest(index, word)):
            matching, word = [close], close
        used.append(word)
        here = {position for known in matching for position in index.by_word[known]}
        found = here if found is None else found & here
    return found or set(), tuple(used) if used != words else ()


def _closest(index: Index, word: str) -> str | None:
    """The known word with the fewest letters missing, added, wrong or swapped; the most frequent
    of several. One fault in a word of four letters, two from eight on."""
    faults = 2 if len(word) >= 8 else 1 if len(word) >= 4 else 0
    best = extractOne(word, index.vocabulary, scorer=OSA.distance, score_cutoff=faults)
    return best[0] if best else None


def closing(
    index: Index, gaps: Iterable[ProfileLine], taken: Collection[int]
) -> Iterator[tuple[Entry, ProfileLine, OutcomeView]]:
    """What closes some of a gap and is not `taken`: gap by gap, the short courses first."""
    for line in gaps:
        for entry, outcome in index.by_competency.get(line.code, ()):
            if entry.course_id not in taken and competencies.closes(
                line.level, line.required, outcome.level_from, outcome.level_to
            ):
                yield entry, line, outcome


def _candidates(index: Index, positions: set[int] | None) -> Iterator[Entry]:
    if positions is None:
        return iter(index.entries)
    return (index.entries[position] for position in positions)


def _fulfils(entry: Entry, asked: Filter) -> bool:
    return (
        (not asked.category or entry.category == asked.category)
        and (not asked.language or entry.language == asked.language)
        and (asked.minutes is None or entry.minutes <= asked.minutes)
        and (asked.jp_min is None or entry.jp >= asked.jp_min)
        and (asked.jp_max is None or entry.jp <= asked.jp_max)
        and (
            not (asked.competency or asked.level) or any(_raises(o, asked) for o in entry.outcomes)
        )
    )


def _raises(outcome: OutcomeView, asked: Filter) -> bool:
    return (not asked.competency or outcome.code == asked.competency) and (
        asked.level is None or outcome.level_from < asked.level <= outcome.level_to
    )


def _ranks(gaps: Mapping[str, ProfileLine]) -> dict[Aim, Fit]:
    """What an outcome would do for these gaps, for every outcome that would do something."""
    found = {}
    for code, line in gaps.items():
        for level_from, level_to in combinations(range(6), 2):
            closes = competencies.closes(line.level, line.required, level_from, level_to)
            if closes:
                found[code, level_from, level_to] = Fit(
                    line.gap, closes, line.name, line.level, level_to
                )
    return found


def _rank(fit: Fit) -> tuple[int, int]:
    return fit.gap, fit.closes


def _by_title(entry: Entry) -> tuple[str, int]:
    return entry.plain_title, entry.version_id


def _key(order: CatalogueOrder, fit_of: Callable[[Entry], Fit | None]) -> Any:
    """What to sort by; never the same for two entries."""

    def by_fit(entry: Entry) -> tuple[Any, ...]:
        fit = fit_of(entry)
        if fit is None:
            return 0, 0, 0, *_by_title(entry)
        return -fit.gap, -fit.closes, entry.minutes, *_by_title(entry)

    return {
        CatalogueOrder.FIT: by_fit,
        CatalogueOrder.TITLE: _by_title,
        CatalogueOrder.NEWEST: lambda entry: (-entry.published_at.timestamp(), -entry.version_id),
        CatalogueOrder.SHORTEST: lambda entry: (entry.minutes, *_by_title(entry)),
    }[order]


def _entry(index: Index, uuid: UUID) -> Entry | None:
    """A current entry, or one that a later version has replaced."""
    for entry in index.entries:
        if entry.uuid == uuid:
            return entry
    version_id = read(_BY_UUID, uuid=uuid).scalar()
    return _load([version_id])[version_id] if version_id else None
