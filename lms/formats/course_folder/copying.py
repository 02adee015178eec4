"""A module or a part of a course folder copied into another one, or once more into its own: with
keys that are free there, and with all that names them."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from lms.formats.course_folder import quiz_text
from lms.formats.course_folder.front_matter import MARK, plain, split
from lms.formats.course_folder.goals import GOAL_TAG
from lms.formats.course_folder.outline import OutlineModule, outline, settings_of
from lms.formats.course_folder.parts import LESSON_TAG
from lms.formats.course_folder.writing import slug_of, with_settings
from lms.formats.gift import reader as gift
from lms.formats.gift.source import LABEL

MEDIUM = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*")
_LINK = re.compile(r"\[([^\[\]]*)\]\(\s*<?part/([a-z0-9-]+)>?(?:\s+\"[^\"]*\")?\s*\)")


class Unreadable(ValueError):
    """The settings of this file cannot be read, so nobody knows its key."""


@dataclass
class Lost:
    """What does not come along, because it names what stays behind: keys of parts that were to be
    done before, keys of linked parts, tags that name goals or lessons (they become plain ones), and
    quizzes that results were compared with."""

    requires: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    pretests: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Copy:
    """Texts by their paths in the folder that they come from. `keys` are new keys by old ones, as
    far as they differ; `media` the files that each text names, by the name there: paths in the
    folder. `lent` are quizzes whose questions come along with another that asks them."""

    texts: Mapping[str, str]
    keys: Mapping[str, str]
    media: Mapping[str, Mapping[str, str]]
    lent: Collection[str]
    lost: Lost

    @property
    def module(self) -> OutlineModule:
        """What comes: the module, or the one that the part is in, with nothing else in it."""
        return outline(self.texts)[0]


def copied(
    texts: Mapping[str, str],
    media: Collection[str],
    path: str,
    taken: Collection[str],
    goals: Collection[str],
    *,
    within: bool,
) -> Copy:
    """The module in this folder, or the part with its settings in this file. `media` are the paths
    of all other files; keys that are `taken` are changed; `goals` are those of the other course
    that are the same there. `within`: it stays in its course, so that whatever it names is there.

    Raises KeyError where there is no such module or part, Unreadable.
    """
    here = _files_of(texts, path)
    folders = dict.fromkeys(here, path.partition("/")[0])
    lent = {} if within else _lend(texts, here, folders)
    keys = _new_keys(here, taken)
    lost = Lost()
    rename = _Renaming(keys, _keys_in(here), goals, lost, within=within)
    found = {each: rename.text(each, text) for each, text in here.items()}
    return Copy(
        texts=found,
        keys={old: new for old, new in keys.items() if old != new},
        media={each: _media_in(text, folders[each], media) for each, text in found.items()},
        lent=lent,
        lost=lost,
    )


def keys_of(path: str, text: str) -> list[str]:
    """Keys of a module, part or questions in a file, as far as it can be read."""
    if path.endswith(".gift"):
        return [key for key, _ in gift.keys(text)]
    key = (settings_of(path, text) or {}).get("key")
    return [key] if isinstance(key, str) and key else []


def _files_of(texts: Mapping[str, str], path: str) -> dict[str, str]:
    """The texts of a module or part; with plain line ends."""
    for module in outline(texts):
        if module.path == path and module.file:
            wanted = [each for each in sorted(texts) if each.startswith(f"{path}/")]
            break
        if any(part.path == path for part in module.parts):
            wanted = [path, f"{path.removesuffix('.toml')}.gift"]
            break
    else:
        raise KeyError(path)
    found = {each: plain(texts[each]) for each in wanted if each in texts}
    for each, text in found.items():
        if each.endswith((".md", ".toml")) and settings_of(each, text) is None:
            raise Unreadable(each)
    return found


def _lend(
    texts: Mapping[str, str], here: dict[str, str], folders: dict[str, str]
) -> dict[str, str]:
    """Give quizzes that ask the questions of one that stays behind these questions, with what its
    settings say of them. A second one that asks the same ones asks those of the first."""
    quizzes = {
        key: path
        for path in sorted(texts)
        if path.endswith(".toml") and f"{path.removesuffix('.toml')}.gift" in texts
        for key in keys_of(path, texts[path])
    }
    lent: dict[str, str] = {}
    for path in sorted(each for each in here if each.endswith(".toml")):
        settings = settings_of(path, here[path]) or {}
        pool = settings.get("questions")
        if not isinstance(pool, str) or pool not in quizzes or quizzes[pool] in here:
            continue
        if pool in lent:
            here[path] = with_settings(path, here[path], {"questions": lent[pool]})
            continue
        lent[pool] = str(settings.get("key", ""))
        lender, beside = quizzes[pool], f"{path.removesuffix('.toml')}.gift"
        here[path] = _with_own(here[path], plain(texts[lender]))
        here[beside] = plain(texts[f"{lender.removesuffix('.toml')}.gift"])
        folders[beside] = lender.partition("/")[0]
    return lent


def _with_own(settings: str, lender: str) -> str:
    """Settings of a quiz that has its questions itself, with what those of their lender say of
    essays. Hints are each quiz's own."""
    said = quiz_text.said_by_question(lender).values()
    essays = [{name: rows for name, rows in each.items() if name != "hints"} for each in said]
    alone = quiz_text.changed(settings, {"questions": None}, {}, {})
    return quiz_text.with_said(alone, *essays)


def _keys_in(texts: Mapping[str, str]) -> set[str]:
    return {key for path, text in texts.items() for key in keys_of(path, text)}


def _new_keys(texts: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    """A key that is free for every key of these texts: its own, if that is."""
    own = _keys_in(texts)
    used, keys = {*taken, *own}, dict[str, str]()
    for key in sorted(own):
        keys[key] = slug_of(key, used, fallback="salinan") if key in taken else key
        used.add(keys[key])
    return keys


def _media_in(text: str, folder: str, media: Collection[str]) -> dict[str, str]:
    """The files that a text names: those of its module go before the course's."""
    found = {}
    for name in sorted(set(MEDIUM.findall(text))):
        path = next((each for each in (f"{folder}/{name}", name) if each in media), None)
        if path:
            found[name] = path
    return found


@dataclass(frozen=True)
class _Renaming:
    """New keys by old ones, put wherever one is named; what names anything but `own` keys goes,
    unless all stays `within` one course."""

    keys: Mapping[str, str]
    own: Collection[str]
    goals: Collection[str]
    lost: Lost
    within: bool

    def text(self, path: str, text: str) -> str:
        text = _LINK.sub(self._link, text)
        if path.endswith(".gift"):
            return "\n".join(self._comment(line) for line in text.split("\n"))
        halves = split(text) if path.endswith(".md") else None
        try:
            document = tomlkit.parse(halves[0] + "\n" if halves else text)
            self._settings(document)
        except (TOMLKitError, ValueError) as error:
            raise Unreadable(path) from error
        settings = tomlkit.dumps(document)
        return f"{MARK}\n{settings}{MARK}\n{halves[1]}" if halves else settings

    def _link(self, found: re.Match[str]) -> str:
        key = found[2]
        if key not in self.own and not self.within:
            self.lost.links.add(key)
            return found[1]
        return found[0].replace(f"part/{key}", f"part/{self._key(key)}")

    def _comment(self, line: str) -> str:
        """The labels of a question stand in its comment lines."""
        return LABEL.sub(self._label, line) if line.lstrip().startswith("//") else line

    def _label(self, found: re.Match[str]) -> str:
        name, value = found[1], found[2].strip()
        if name == "id":
            return f"[id:{self._key(value)}]"
        return f"[tag:{self._tag(value)}]" if name == "tag" else found[0]

    def _tag(self, tag: str) -> str:
        lesson = tag.removeprefix(LESSON_TAG) if tag.startswith(LESSON_TAG) else ""
        if lesson in self.own:
            return LESSON_TAG + self.keys[lesson]
        goal = tag.removeprefix(GOAL_TAG) if tag.startswith(GOAL_TAG) else ""
        if self.within or not (lesson or goal) or goal in self.goals:
            return tag
        self.lost.tags.add(tag)
        return lesson or goal

    def _settings(self, document: Any) -> None:
        said = document.unwrap()
        if isinstance(said.get("key"), str):
            _put(document, said, "key", self._key(said["key"]))
        for name in ("questions", "pretest"):
            self._named_quiz(document, said, name)
        self._requires(document, said)
        for name in quiz_text.OF_QUESTIONS:
            for row, each in _rows(document, said, name):
                if isinstance(each.get("question"), str):
                    _put(row, each, "question", self._key(each["question"]))
        for row, each in _rows(document, said, "sections"):
            if isinstance(each.get("tag"), str):
                _put(row, each, "tag", self._tag(each["tag"]))

    def _named_quiz(self, document: Any, said: Mapping[str, Any], name: str) -> None:
        key = said.get(name)
        if not isinstance(key, str):
            return
        if key in self.own or self.within:
            _put(document, said, name, self._key(key))
        elif name == "pretest":
            self.lost.pretests.add(key)
            document.pop(name)

    def _requires(self, document: Any, said: Mapping[str, Any]) -> None:
        asked = said.get("requires")
        if not isinstance(asked, list) or not all(isinstance(each, str) for each in asked):
            return
        kept = [each for each in asked if each in self.own or self.within]
        self.lost.requires.update(set(asked) - set(kept))
        if kept:
            _put(document, said, "requires", [self._key(each) for each in kept])
        else:
            document.pop("requires")

    def _key(self, key: str) -> str:
        return self.keys.get(key, key)


def _put(table: Any, said: Mapping[str, Any], name: str, value: Any) -> None:
    if said.get(name) != value:
        table[name] = value


def _rows(document: Any, said: Mapping[str, Any], name: str) -> Iterator[tuple[Any, Any]]:
    """The tables of a list with what they say."""
    rows = said.get(name)
    for at, each in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(each, dict):
            yield document[name][at], each
