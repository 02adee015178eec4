"""Static files: built once, named by their content, served compressed and for ever."""

import gzip
import multiprocessing
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

from lms.config import ROOT
from lms.core import assets
from tests.client import PageClient, words


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    for name, content in {
        "css/1-a.css": "/* first */\na { color: red }\n\n\n",
        "css/2-b.css": "b { /* in\nthe middle */ color: blue }\n",
        "js/app.js": "import './menu.js'; // told\n",
        "img/x.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "fonts/f.woff2": "binary",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_style_sheets_are_joined_in_order_without_comments(source: Path, tmp_path: Path) -> None:
    built = assets.build(source, tmp_path / "out")
    assert [path.name for path in (built / "css").glob("*.css")] == ["app.css"]
    css = (built / "css" / "app.css").read_text()
    assert css == "a { color: red }\nb {  color: blue }\n"


def test_text_is_compressed_both_ways_and_binary_is_not(source: Path, tmp_path: Path) -> None:
    files = content_of(assets.build(source, tmp_path / "out"))
    for name in ("css/app.css", "js/app.js", "img/x.svg"):
        assert gzip.decompress(files[f"{name}.gz"]) == files[name]
        assert brotli.decompress(files[f"{name}.br"]) == files[name]
    assert "fonts/f.woff2.gz" not in files


def test_building_again_changes_nothing(source: Path, tmp_path: Path) -> None:
    first = assets.build(source, tmp_path / "out")
    before, changed = content_of(first), first.stat().st_mtime_ns
    assert assets.build(source, tmp_path / "out") == first
    assert (content_of(first), first.stat().st_mtime_ns) == (before, changed)
    assert list((tmp_path / "out").iterdir()) == [first]


def test_the_same_files_have_the_same_name_everywhere(source: Path, tmp_path: Path) -> None:
    one, other = assets.build(source, tmp_path / "1"), assets.build(source, tmp_path / "2")
    assert one.name == other.name
    assert content_of(one) == content_of(other)


@pytest.mark.parametrize("change", ["content", "new file", "removed", "renamed"])
def test_whatever_changes_the_name_changes(source: Path, tmp_path: Path, change: str) -> None:
    before = assets.build(source, tmp_path / "out")
    file = source / "js" / "app.js"
    if change == "content":
        file.write_text("import './menu.js'; // Told\n")
    elif change == "new file":
        (source / "js" / "new.js").write_text("")
    elif change == "removed":
        file.unlink()
    else:
        file.rename(source / "js" / "main.js")
    after = assets.build(source, tmp_path / "out")
    assert before.name != after.name
    assert before.exists()  # pages that are open still find theirs


def test_two_processes_may_build_at_once(source: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(4)

    def build() -> None:
        barrier.wait(10)
        assets.build(source, tmp_path / "out")

    processes = [context.Process(target=build) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 4
    (built,) = (tmp_path / "out").iterdir()
    assert content_of(built) == content_of(assets.build(source, tmp_path / "alone"))


def test_a_build_that_was_killed_is_not_taken_for_one(source: Path, tmp_path: Path) -> None:
    """Half a build has no name yet."""
    half = tmp_path / "out" / "tmp-killed"
    (half / "css").mkdir(parents=True)
    built = assets.build(source, tmp_path / "out")
    assert (built / "css" / "app.css").exists()


def address(app: Flask, name: str) -> str:
    return str(app.jinja_env.globals["static"](name))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("encodings", "chosen"),
    [("gzip", "gzip"), ("br", "br"), ("gzip, br", "br"), ("", None), ("zstd", None)],
)
def test_what_the_browser_reads_is_served(
    app: Flask, client: PageClient, encodings: str, chosen: str | None
) -> None:
    answer = client.get(address(app, "css/app.css"), headers={"Accept-Encoding": encodings})
    assert answer.headers.get("Content-Encoding") == chosen
    content = answer.data
    if chosen:
        content = {"gzip": gzip.decompress, "br": brotli.decompress}[chosen](content)
    assert content.startswith(b"")
    assert b"--" in content
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_what_is_not_there_has_the_usual_page(app: Flask, client: PageClient) -> None:
    prefix = address(app, "")
    for path in (
        address(app, "css/none.css"),
        address(app, "css/"),
        address(app, "../kompeten.db"),
        address(app, "..%2f..%2fkompeten.db"),
        address(app, "css/app.css/x"),
        "/static/0123456789ab/css/app.css",
        "/static/css/app.css",
        prefix,
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "Halaman tidak ditemukan" in words(answer), path


def test_the_products_own_style_sheet_survives_the_joining(app: Flask, client: PageClient) -> None:
    css = client.get(address(app, "css/app.css")).get_data(as_text=True)
    assert "/*" not in css
    assert "*/" not in css
    assert css.count("{") == css.count("}") > 100
    parts = sorted((ROOT / "static" / "css").glob("*.css"))
    rules = sum(re.sub(r"/\*.*?\*/", "", p.read_text(), flags=re.DOTALL).count("{") for p in parts)
    assert css.count("{") == rules


def test_every_file_a_style_sheet_names_is_there(app: Flask, client: PageClient) -> None:
    css = client.get(address(app, "css/app.css")).get_data(as_text=True)
    named = {n for n in re.findall(r"url\([\"']?([^)\"']+)", css) if not n.startswith("data:")}
    assert named
    for name in named:
        assert name.startswith("../"), name
        assert client.get(address(app, name[3:].split("#")[0])).status_code == 200, name


@pytest.mark.parametrize(
    ("name", "kind"),
    [("css/app.css", "text/css"), ("js/app.js", "text/javascript"),
     ("img/kompeten.svg", "image/svg+xml"),
     ("icons.svg", "image/svg+xml"), ("fonts/plus-jakarta-sans-500-800.woff2", "font/woff2")],
)  # fmt: skip
def test_each_kind_is_named(app: Flask, client: PageClient, name: str, kind: str) -> None:
    assert client.get(address(app, name)).mimetype == kind


def test_a_build_that_fails_leaves_nothing_half_made(source: Path, tmp_path: Path) -> None:
    (source / "js" / "gone.js").symlink_to(source / "nothing")  # cannot be copied
    with pytest.raises(OSError, match="gone"):
        assets.build(source, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
