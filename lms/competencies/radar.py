"""Where the lines of a radar run: a figure of up to eight competencies on a scale of 1 to 5."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

AXES = range(3, 9)  # fewer than three span no figure
LEVELS = 5
_X, _Y, _RADIUS, _LABEL = 240.0, 196.0, 122.0, 1.12
_LINE, _LONGEST = 19, 15  # height of a line of a label, and letters in it


@dataclass(frozen=True)
class Label:
    """The name of an axis, broken into lines from top to bottom."""

    x: str
    y: str
    anchor: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Radar:
    """Points of polygons as SVG writes them. `own` and `standard` follow the same axes."""

    grid: tuple[str, ...]
    axes: tuple[str, ...]
    own: str
    standard: str
    dots: tuple[tuple[str, str], ...]
    labels: tuple[Label, ...]


def radar(values: Sequence[tuple[str, int, int]]) -> Radar | None:
    """The figure of (name, level, standard) of each axis; None where they are too few or too many.
    Begins at the top and runs clockwise."""
    if len(values) not in AXES:
        return None
    angles = [2 * math.pi * n / len(values) for n in range(len(values))]
    rings = [_polygon([_point(angle, ring) for angle in angles]) for ring in range(1, LEVELS + 1)]
    own = [_point(angle, level) for angle, (_, level, _) in zip(angles, values, strict=True)]
    standard = [_point(a, required) for a, (_, _, required) in zip(angles, values, strict=True)]
    ends = [_point(angle, LEVELS) for angle in angles]
    return Radar(
        grid=tuple(rings),
        axes=tuple(f"M{_X:.0f} {_Y:.0f}L{x} {y}" for x, y in ends),
        own=_polygon(own),
        standard=_polygon(standard),
        dots=tuple(own),
        labels=tuple(_label(a, name) for a, (name, _, _) in zip(angles, values, strict=True)),
    )


def _point(angle: float, level: float) -> tuple[str, str]:
    reach = _RADIUS * level / LEVELS
    return f"{_X + reach * math.sin(angle):.1f}", f"{_Y - reach * math.cos(angle):.1f}"


def _polygon(points: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _label(angle: float, name: str) -> Label:
    lines = _broken(name)
    side, height = math.sin(angle), math.cos(angle)
    anchor = "middle" if abs(side) < 0.1 else ("start" if side > 0 else "end")
    x, y = _X + _RADIUS * _LABEL * side, _Y - _RADIUS * _LABEL * height
    # Above the figure the last line stands near it, below it the first, beside it the middle one.
    up = (1 + height) / 2
    y += 4 + (1 - up) * 6 - up * _LINE * (len(lines) - 1)
    return Label(f"{x:.1f}", f"{y:.1f}", anchor, lines)


def _broken(name: str) -> tuple[str, ...]:
    """A name in lines of about the same length."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LONGEST:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)
