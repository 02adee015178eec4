"""Static files, built once: the style sheets joined, comments stripped, everything compressed.

Served under /static/<hash of the folder>/, so that a browser may keep them for ever and relative
imports between modules still work.
"""

import gzip
import hashlib
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import brotli
from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

from lms.core.errors import StartError
from lms.core.headers import HEADERS, TRANSPORT_SECURITY

_ICON = Markup('<svg class="icon{}" aria-hidden="true"><use href="{}"/></svg>')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANK = re.compile(r"\n\s*")
_COMPRESSED = frozenset({".css", ".js", ".svg", ".webmanifest"})
_BUILDER = 1  # raise when what `build` makes of the same files changes


def init_app(app: Flask, source: Path) -> None:
    target = Path(app.config["DATA_DIR"]) / "static"
    try:
        built = build(source, target)
    except OSError as error:
        reason = error.strerror or "copying failed"
        raise StartError(f"The static files cannot be built in {target}: {reason}.") from error
    prefix = f"/static/{built.name}/"
    app.jinja_env.globals["static"] = lambda name: prefix + name

    @cache
    def draw_icon(name: str, cls: str = "") -> Markup:
        return _ICON.format(" " + cls if cls else "", f"{prefix}icons.svg#{name}")

    app.jinja_env.globals["draw_icon"] = draw_icon
    app.wsgi_app = _StaticFiles(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(built),
        prefix=prefix,
        max_age=31536000,
        immutable_file_test=lambda path, url: True,
        add_headers_function=_add_headers,
        charset="utf-8",
        allow_all_origins=False,
    )


class _StaticFiles(WhiteNoise):  # type: ignore[misc]  # WhiteNoise has no types
    """Serves what was built; everything else is the application's."""

    @staticmethod
    def serve(static_file: Any, environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]]) -> Any:
            if environ.get("wsgi.url_scheme") == "https":
                headers.append(TRANSPORT_SECURITY)
            return start_response(status, headers)

        return WhiteNoise.serve(static_file, environ, start)


def build(source: Path, target: Path) -> Path:
    """Make the served folder `target/<hash>` from the source folder, unless it stands already."""
    files = sorted(path for path in source.rglob("*") if path.is_file())
    digest = hashlib.sha256(str(_BUILDER).encode())
    for path in files:
        digest.update(path.relative_to(source).as_posix().encode() + b"\0" + path.read_bytes())
    built = target / digest.hexdigest()[:12]
    if built.exists():
        return built
    target.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=target))
    try:
        shutil.copytree(source, work, dirs_exist_ok=True)
        _join_styles(work / "css")
        _compress(work)
        work.chmod(0o755)
        work.rename(built)
    except OSError:
        if not built.exists():  # else another process was faster
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return built


def _join_styles(folder: Path) -> None:
    parts = sorted(folder.glob("*.css"))
    joined = "".join(_COMMENT.sub("", part.read_text("utf-8")) for part in parts)
    for part in parts:
        part.unlink()
    (folder / "app.css").write_text(_BLANK.sub("\n", joined).strip() + "\n", "utf-8")


def _compress(folder: Path) -> None:
    for path in [p for p in folder.rglob("*") if p.suffix in _COMPRESSED]:
        content = path.read_bytes()
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
        path.with_name(path.name + ".br").write_bytes(brotli.compress(content, quality=11))


def _add_headers(headers: "dict[str, str]", path: str, url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
