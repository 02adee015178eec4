"""The documents name what the code has, all of it and nothing else."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from packaging.requirements import Requirement

from lms.config import LIMITS, ROOT, from_environment
from lms.core.access import (
    ADMIN,
    AUDITOR,
    EVERYBODY,
    HEAD_OF_UNIT,
    HR,
    PUBLIC,
    TRAINER,
    Permission,
    access_of,
)
from lms.formats.course_folder.reader import read
from lms.formats.course_folder.settings import Table
from tests.sample_course import write_course, write_video

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
PAGES = [ROOT / "README.md", ROOT / "uploads" / "README.md", *sorted(DOCS.rglob("*.md"))]
HOLDERS = {
    "everybody who can sign in": EVERYBODY,
    "heads of units": HEAD_OF_UNIT - HR,
    "heads of units, HR": HEAD_OF_UNIT & HR,
    "admins": ADMIN - AUDITOR,
    "auditors, admins": (ADMIN & AUDITOR) - HR,
    "HR": HR - TRAINER - AUDITOR - HEAD_OF_UNIT,
    "HR, with the role for a root unit": HR - TRAINER - AUDITOR - HEAD_OF_UNIT,
    "HR, auditors, admins": HR & AUDITOR & ADMIN,
    "trainers, HR": TRAINER & HR,
}

# Where the settings of each kind of file stand in docs/course-format.md.
FORMAT_SECTIONS = {
    "course.toml": "### course.toml",
    "module.toml": "### module.toml",
    ".md": "## Lessons",
    "video.toml": "### A file (`03-name.toml`)",
    ".toml": "### A quiz (`02-name.toml`)",
}


def prose(page: Path) -> str:
    """A page without its blocks of code, which may look like headings or links."""
    text = page.read_text("utf-8")
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def section(page: Path, heading: str) -> str:
    """What stands under a heading, up to the next heading of its rank or a higher one."""
    rank = len(heading.split(" ")[0])
    lines = prose(page).splitlines()
    start = lines.index(heading) + 1
    ends = (n for n, line in enumerate(lines) if n >= start and re.match(rf"#{{1,{rank}}} ", line))
    return "\n".join(lines[start : next(ends, len(lines))])


def rows(text: str) -> list[list[str]]:
    """The cells of every table row of a text, without heads and their rules."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("| ") and not after.startswith("|---")
    ]


def links(page: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", prose(page)))
    return [target for target in targets if "://" not in target]


def anchors(page: Path) -> set[str]:
    """What a link after # may name: headings as the usual hosts spell them."""
    heads = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# ── Settings ─────────────────────────────────────────────────────────────────────────────────


def test_every_setting_stands_with_its_default_and_its_limits() -> None:
    settings = vars(from_environment({}))
    text = (DOCS / "settings.md").read_text("utf-8").partition("## Read elsewhere")[0]
    written = {name.strip("`"): (default, unit) for name, default, _, unit in rows(text)}
    assert list(written) == list(settings)
    for name, value in settings.items():
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        shown = shown.removeprefix(f"{ROOT}/")
        assert written[name][0] == (f"`{shown}`" if shown else "empty"), name
        if name in LIMITS:
            assert written[name][1].endswith("{}–{}".format(*LIMITS[name])), name


def test_everything_else_that_is_read_from_the_environment_is_told() -> None:
    read_by_code = r"os\.environ(?:\.get\(|\[)\"([A-Z_]+)\""
    found = set(re.findall(r"^([A-Z]+) \?=", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for folder in ("lms", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(read_by_code, path.read_text("utf-8")))
    told = {row[0].strip("`") for row in rows(section(DOCS / "settings.md", "## Read elsewhere"))}
    assert found == told


# ── Access ───────────────────────────────────────────────────────────────────────────────────


def test_every_permission_stands_with_who_holds_it() -> None:
    told = {
        row[0].strip("`"): row[2] for row in rows(section(DOCS / "access.md", "## Permissions"))
    }
    assert set(told) == set(Permission)
    for permission in Permission:
        assert permission in HOLDERS[told[permission]], permission


def test_the_table_of_routes_is_the_applications(site: Flask) -> None:
    found = []
    for rule in sorted(site.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        mark = access_of(site.view_functions[rule.endpoint])
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        access = PUBLIC if mark == PUBLIC else f"`{mark}`"
        found.append([f"`{rule.endpoint}`", methods, f"`{rule.rule}`", access])
    assert rows(section(DOCS / "access.md", "## Routes")) == found


# ── Commands ─────────────────────────────────────────────────────────────────────────────────


def commands(group: click.Group, path: str = "flask") -> Iterator[tuple[str, click.Command]]:
    """Our own commands by what one types, with their arguments; not those of extensions."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        elif (command.callback.__module__ or "").startswith("lms."):
            words = [p.human_readable_name for p in command.params if isinstance(p, click.Argument)]
            yield " ".join([path, name, *words]), command


def test_every_command_and_option_is_explained(site: Flask) -> None:
    told = {row[0]: row[1] for row in rows((DOCS / "guides" / "operator.md").read_text("utf-8"))}
    found = dict(commands(site.cli))
    assert {f"`{line}`" for line in found} == set(told)
    for line, command in found.items():
        for option in (p for p in command.params if isinstance(p, click.Option)):
            assert f"`{option.opts[0]}" in told[f"`{line}`"], f"{line} {option.opts[0]}"


def test_the_readme_names_every_make_target_and_every_room() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = {row[0] for row in rows(section(ROOT / "README.md", "## Commands"))}
    assert {f"`make {t}`" for t in targets if t != "help"} <= told
    for room in (path.parent.name for path in (ROOT / "lms").glob("*/__init__.py")):
        assert f"| `{room}` |" in text, room


# ── The course folder ────────────────────────────────────────────────────────────────────────


REPEATED = {"essays", "rubric", "outcomes", "feedback", "hints", "sections", "goals"}
INNER = """closes = 2026-11-30T14:00:00
practice = true
[review]
closed = []
[[feedback]]
from = 0
text = "Baca lagi."
[[hints]]
question = "akhir-1"
texts = ["Ingat."]
[[sections]]
draw = 1
"""
ESSAYS = """[[essays]]
question = "k1-9"
[[rubric]]
question = "k1-9"
criterion = "Isi"
levels = ["0: tidak", "5: ya"]
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The settings that the reader asks for, by kind of file, as the document writes them."""
    found: dict[str, set[str]] = {kind: set() for kind in FORMAT_SECTIONS}
    close = Table.close

    def note(table: Table) -> None:
        kind = next(kind for kind in FORMAT_SECTIONS if table.file.endswith(kind))
        mark = "`[[{}]]` " if table.header in REPEATED else "`[{}]` "
        header = mark.format(table.header) if table.header else ""
        inner = {n for n, v in table.values.items() if isinstance(v, dict)} | REPEATED
        found[kind] |= {f"{header}`{name}`" for name in set(table.known) - inner}
        close(table)

    monkeypatch.setattr(Table, "close", note)
    settings = write_course(tmp_path, show_answers="", settings=INNER) / "course.toml"
    for name, added in (("toml", ESSAYS), ("gift", "\n// [id:k1-9]\nLalu? {}\n")):
        with (settings.parent / f"01-dasar/03-kuis.{name}").open("a") as file:
            file.write(added)
    write_video(settings.parent)
    more = '\n[[goals]]\nkey = "a"\ntext = "A"\n[removed]\nkeys = ["old"]\n'
    settings.write_text(settings.read_text("utf-8") + more, "utf-8")
    content, problems = read(settings.parent)
    assert content is not None, problems
    return found


@pytest.mark.parametrize("kind", FORMAT_SECTIONS)
def test_every_setting_of_a_course_folder_stands(asked: dict[str, set[str]], kind: str) -> None:
    told = rows(section(DOCS / "course-format.md", FORMAT_SECTIONS[kind]))
    assert {row[0] for row in told} == asked[kind]


# ── Decisions and links ──────────────────────────────────────────────────────────────────────


def test_every_decision_stands_in_the_index() -> None:
    index = rows((DOCS / "decisions" / "README.md").read_text("utf-8"))
    assert [row[0] for row in index] == [f"[{p.name[:4]}]({p.name})" for p in DECISIONS]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_tells_context_decision_and_consequences(page: Path) -> None:
    title, *heads = re.findall(r"^#+ .*$", prose(page), re.MULTILINE)
    assert title.startswith(f"# {page.name[:4]} ")
    assert heads == ["## Context", "## Decision", "## Consequences"]


def test_every_library_stands_with_its_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {}
    for line in project["project"]["dependencies"] + project["dependency-groups"]["dev"]:
        need = Requirement(line)
        name = line[: len(line) - len(line.lstrip("abcdefghijklmnopqrstuvwxyz0123456789-[]"))]
        wanted[name] = f"`{line.removeprefix(name)}`" if need.specifier else "any"
    text = (DOCS / "decisions" / "0005-libraries.md").read_text("utf-8")
    assert {row[0]: row[1] for row in rows(text) if len(row) == 4} == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    broken = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []
