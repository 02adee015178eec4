"""What modules, lessons and quizzes require of each other, and what cannot be fulfilled."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lms.formats.course_folder.content import Problem
from lms.formats.words import Words


@dataclass(frozen=True)
class Needs:
    """What a module or part requires, and where it says so. `module` is the key of the module that
    a part is in; of a module its own. `optional` is of parts."""

    key: str
    module: str
    requires: tuple[str, ...]
    file: str
    line: int
    optional: bool = False

    @property
    def is_module(self) -> bool:
        return self.key == self.module


def problems_of(needs: Sequence[Needs], known: Collection[str]) -> list[Problem]:
    """`known` are the keys of all modules and parts, those of unreadable files too."""
    parts: dict[str, list[str]] = {}
    for each in needs:
        inside = parts.setdefault(each.module, [])
        if not each.is_module:
            inside.append(each.key)
    edges = _edges(needs, parts)
    optional = _optional(needs, parts)
    return [
        Problem(each.file, each.line, *found)
        for each in needs
        for key in dict.fromkeys(each.requires)
        if (
            found := _problem(each, key, parts, edges, known)
            or _problem_of_optional(each, key, optional)
        )
    ]


def _optional(needs: Iterable[Needs], parts: Mapping[str, Sequence[str]]) -> set[str]:
    """Keys of the optional parts, and of modules that have no other."""
    found = {each.key for each in needs if each.optional}
    return found | {key for key, inside in parts.items() if inside and found.issuperset(inside)}


def _problem_of_optional(
    needs: Needs, key: str, optional: Collection[str]
) -> tuple[str, Words] | None:
    if key not in optional or needs.key in optional:
        return None
    return "requires-optional", Words(
        '"%(key)s" tidak wajib, jadi tidak dapat menjadi syarat bagi yang wajib; hapus dari '
        "requires, atau hapus optional di sana.",
        key=key,
    )


def _problem(
    needs: Needs,
    key: str,
    parts: Mapping[str, Sequence[str]],
    edges: Mapping[str, Collection[str]],
    known: Collection[str],
) -> tuple[str, Words] | None:
    if key not in known:
        near = get_close_matches(key, known, n=1)
        hint = (
            Words(
                'Tidak ada modul, pelajaran, atau kuis "%(key)s"; mungkin maksudnya "%(near)s".',
                key=key,
                near=near[0],
            )
            if near
            else Words(
                'Tidak ada modul, pelajaran, atau kuis "%(key)s"; tulis kunci modul atau bagian.',
                key=key,
            )
        )
        return "requires-unknown", hint
    if needs.requires.count(key) > 1:
        return "requires-doubled", Words(
            'Kunci "%(key)s" disebut lebih dari sekali; hapus salah satunya.', key=key
        )
    if key == needs.key:
        return "requires-itself", Words(
            '"%(key)s" mensyaratkan dirinya sendiri; hapus dari requires.', key=key
        )
    if needs.is_module and key in parts[needs.module]:
        return (
            "requires-itself",
            Words(
                'Modul ini mensyaratkan "%(key)s" yang ada di dalamnya; hapus dari requires.',
                key=key,
            ),
        )
    if key == needs.module:
        return (
            "requires-itself",
            Words(
                'Bagian ini mensyaratkan modulnya sendiri, "%(key)s"; hapus dari requires.', key=key
            ),
        )
    own = parts[needs.module] if needs.is_module else [needs.key]
    path = _path(parts.get(key, [key]), own, edges)
    if path is None:
        return None
    circle = " → ".join([path[-1], *path])
    return "requires-cycle", Words(
        "Syarat ini berputar: %(circle)s; hapus salah satunya.", circle=circle
    )


def _edges(needs: Iterable[Needs], parts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Parts that each part waits for, those of its module included; a module is all its parts.

    What a module or part requires of itself is left out: it is told by itself.
    """
    edges: dict[str, list[str]] = {}
    for each in needs:
        own = parts[each.module] if each.is_module else [each.key]
        for key in each.requires:
            if key in own or key in (each.key, each.module):
                continue
            for part in own:
                edges.setdefault(part, []).extend(parts.get(key, [key]))
    return edges


def _path(
    start: Iterable[str], ends: Collection[str], edges: Mapping[str, Collection[str]]
) -> list[str] | None:
    """The shortest way from one of `start` to one of `ends`."""
    ways = [[key] for key in start]
    seen = {way[0] for way in ways}
    for way in ways:  # grows while it is walked
        if way[-1] in ends:
            return way
        for key in edges.get(way[-1], ()):
            if key not in seen:
                seen.add(key)
                ways.append([*way, key])
    return None
