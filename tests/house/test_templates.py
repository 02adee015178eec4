"""The house rules of templates and of what a browser is sent."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from lms.core.db import db
from tests.cast import Cast
from tests.client import PageClient
from tests.sample_course import import_course, write_course

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*") if p.is_file())
HTML = [p for p in TEMPLATES if p.suffix == ".html"]


@pytest.mark.parametrize("path", HTML, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_a_template_holds_no_style_script_or_handler(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in re.sub(
        r"\bhtml\|safe|row\.general\|safe|view\.html\|safe|option\.html\|safe", "", text
    )


def test_every_template_is_used(site: Flask) -> None:
    """By a view, a mail, or another template."""
    code = "".join(p.read_text() for p in (ROOT / "lms").rglob("*.py"))
    code += "".join(p.read_text() for p in TEMPLATES)
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "templates").as_posix()
        mail = name.startswith("emails/") and f'"{path.stem}"' in code
        assert f'"{name}"' in code or mail, name


def test_every_macro_is_used() -> None:
    """A building block that no page uses is dead."""
    code = "".join(p.read_text() for p in HTML)
    for path in HTML:
        for name in re.findall(r"\{% macro (\w+)\(", path.read_text()):
            uses = len(re.findall(rf"\b{name}\(", code)) - 1
            assert uses > 0, f"{path.name}: {name}"


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="([a-z0-9-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    code = "".join(p.read_text() for p in HTML)
    used = set(re.findall(r'icon\("([a-z0-9-]+)"', code))
    assert used <= sprite, used - sprite


def test_the_two_blocks_of_dark_colours_are_the_same() -> None:
    css = (ROOT / "static" / "css" / "2-tokens.css").read_text()
    blocks = re.findall(
        r":root(?::not\(\[data-theme=light\]\)|\[data-theme=dark\]) \{(.*?)\}", css, re.DOTALL
    )
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()


@pytest.fixture
def lesson(app: Flask, client: PageClient, cast: Cast, tmp_path: Path) -> str:
    """The HTML of a lesson page of 3 KB of text; the client stays signed in."""
    with app.app_context():
        text = "Layanan yang baik dimulai dari sapaan yang tulus kepada warga. " * 48
        import_course(write_course(tmp_path, text=text))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return client.get("/courses/melayani/learn/sapa").get_data(as_text=True)


def test_the_first_lesson_fits_the_budget_of_a_weak_link(client: PageClient, lesson: str) -> None:
    """Sizes as served, gzip (ux.md section 9)."""

    def served(address: str) -> int:
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        return len(answer.data)

    def one(pattern: str) -> str:
        found = re.search(pattern, lesson)
        assert found, pattern
        return found.group(1)

    style = one(r'href="([^"]+app\.css)"')
    script = one(r'src="([^"]+app\.js)"')
    folder = script.rsplit("/", 1)[0]
    scripts = [script, f"{folder}/submit-once.js", one(r'src="([^"]+player\.js)"')]
    sprite = one(r'href="([^"]+icons\.svg)#')
    font = one(r'href="([^"]+\.woff2)"')
    sizes = {
        "html": (len(gzip.compress(lesson.encode(), 9)), 10_240),
        "css": (served(style), 14_336),
        "js": (sum(served(s) for s in scripts), 6_144),
        "sprite": (served(sprite), 3_072),
        "font": (served(font), 16_384),
    }
    assert all(size <= budget for size, budget in sizes.values()), sizes
    assert sum(size for size, _ in sizes.values()) <= 51_200
    # 8 requests: page, style, three scripts, sprite, font, site icon
    assert len({style, sprite, font, *scripts}) + 2 <= 8


def test_static_files_may_be_kept_for_ever(client: PageClient, lesson: str) -> None:
    style = re.search(r'href="([^"]+app\.css)"', lesson)
    assert style
    answer = client.get(style.group(1))
    assert "immutable" in answer.headers["Cache-Control"]
    assert "/*" not in answer.get_data(as_text=True)
