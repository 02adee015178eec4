"""A GIFT file as it stands: one question of it is changed, and all else keeps every character."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from lms.formats.gift.questions import Question, is_key
from lms.formats.gift.reader import question_of
from lms.formats.gift.source import LABEL, Block, GiftProblem, blocks
from lms.formats.gift.writer import dump


@dataclass(frozen=True)
class Entry:
    """One question as written, from line `first` to `last`; `key` is empty where it has none.

    What stands in it is read when it is asked for: a file of thousands is mostly passed over.
    """

    key: str
    first: int
    last: int
    text: str
    block: Block = field(repr=False, compare=False)

    @cached_property
    def question(self) -> Question | None:
        """None where it cannot be read."""
        return question_of(self.block)

    @property
    def problems(self) -> tuple[GiftProblem, ...]:
        """What is wrong with it, by the lines of the file."""
        return () if self.question else tuple(sorted(self.block.problems))

    @property
    def digest(self) -> str:
        return _digest(self.text)

    @property
    def remarks(self) -> list[str]:
        """Comment lines without the labels, which are written anew with the question."""
        lines = (line.strip() for line in self.text.split("\n"))
        comments = (LABEL.sub("", line).strip() for line in lines if line.startswith("//"))
        return [line for line in comments if line.strip("/ ")]


def entries(text: str) -> list[Entry]:
    """All questions in their order, those that cannot be read among them."""
    lines = _lines(text)
    found: list[Entry] = []
    for block in blocks(text):
        numbers = [number for number, _ in (*block.comments, *block.lines)]
        first, last = min(numbers), max(numbers)
        keys = [key for _, key in block.labels("id")]
        found.append(
            Entry(
                key=keys[0] if keys and is_key(keys[0]) else "",
                first=first,
                last=last,
                text="\n".join(lines[first - 1 : last]),
                block=block,
            )
        )
    return found


def entry_with(text: str, key: str, digest: str) -> Entry | None:
    """The question with this key and this text, found without reading the others. None: it is not
    there, or only reading them all (`entries`) tells where it begins and ends."""
    text = _plain(text)
    mark = f"[id:{key}]"
    at = text.find(mark)
    while at >= 0:
        first = text.rfind("\n\n", 0, at) + 1  # 0 where nothing stands above
        last = text.find("\n\n", at)
        block = text[first : last if last >= 0 else len(text)]
        above = len(block) - len(block.lstrip("\n"))
        block = block.strip("\n")
        if _digest(block) == digest:
            line = text.count("\n", 0, first + above) + 1
            [found] = entries(block)
            return replace(found, first=line, last=line + block.count("\n"))
        at = text.find(mark, at + 1)
    return None


def only_entry_with(text: str, key: str, digest: str) -> Entry | None:
    """As `entry_with`; None also where the key stands more than once."""
    return entry_with(text, key, digest) if text.count(f"[id:{key}]") == 1 else None


def written(question: Question, remarks: Sequence[str] = ()) -> str:
    """One question as it stands in a file, with the remarks above it."""
    return "\n".join([*remarks, dump([question]).strip("\n")])


def replaced(text: str, entry: Entry, block: str) -> str:
    return rewritten(text, [(entry, block)])


def rewritten(text: str, changes: Iterable[tuple[Entry, str]]) -> str:
    """Put a new text in the place of each of these questions."""
    lines = _lines(text)
    for entry, block in sorted(changes, key=lambda change: change[0].first, reverse=True):
        lines[entry.first - 1 : entry.last] = block.strip("\n").split("\n")
    return "\n".join(lines)


def inserted(text: str, position: int, blocks_of_text: Iterable[str]) -> str:
    """Put questions before the one at this position (0-based), or after the last one."""
    [following] = _at(text, [position])
    return put_before(text, [(following, block) for block in blocks_of_text])


def restored(text: str, placed: Mapping[int, str]) -> str:
    """Put questions where they shall stand among all, by their positions (0-based); after the last
    one where there are not as many."""
    following = _at(text, [position - earlier for earlier, position in enumerate(sorted(placed))])
    return put_before(text, zip(following, (placed[at] for at in sorted(placed)), strict=True))


def _at(text: str, positions: Iterable[int]) -> list[Entry | None]:
    found = entries(text)
    return [found[each] if each < len(found) else None for each in positions]


def put_before(text: str, placed: Iterable[tuple[Entry | None, str]]) -> str:
    """Put each question before one that stands there, or after the last one. Those before the same
    one stay in their order."""
    lines = _lines(text)
    added: dict[int, list[str]] = {}
    for following, block in placed:
        at = following.first - 1 if following else len(lines)
        added.setdefault(at, []).extend((*block.strip("\n").split("\n"), ""))
    for at, new in sorted(added.items(), reverse=True):
        if at and lines[at - 1].strip():
            new = ["", *new]
        lines[at:at] = new
    return _tidied(lines)


def removed(text: str, *gone: Entry) -> str:
    lines = _lines(text)
    for entry in sorted(gone, key=lambda each: each.first, reverse=True):
        at = entry.first - 1
        del lines[at : entry.last]
        if at < len(lines) and not lines[at].strip() and (at == 0 or not lines[at - 1].strip()):
            del lines[at]
    return _tidied(lines)


def moved(text: str, position: int, by: int) -> str:
    """Let the question at this position (0-based) change places with its neighbour, -1 above or 1
    below; at the edge nothing changes."""
    found = entries(text)
    other = position + by
    if not (0 <= position < len(found) and 0 <= other < len(found)):
        return text
    upper, lower = sorted((found[position], found[other]), key=lambda entry: entry.first)
    lines = _lines(text)
    between = lines[upper.last : lower.first - 1]
    lines[upper.first - 1 : lower.last] = [
        *lower.text.split("\n"), *(between or [""]), *upper.text.split("\n"),
    ]  # fmt: skip
    return "\n".join(lines)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(text: str) -> list[str]:
    plain = _plain(text)
    return plain.split("\n") if plain else []


def _plain(text: str) -> str:
    return text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")


def _tidied(lines: Sequence[str]) -> str:
    """One line end at the end, and no blank lines before it. Lines above keep their numbers."""
    text = "\n".join(lines).rstrip("\n")
    return f"{text}\n" if text else ""
