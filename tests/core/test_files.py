"""Kept bytes: named by their content, whole or not at all, and nothing outside their folder."""

import hashlib
import os
import threading
from pathlib import Path

import pytest
from flask import Flask

from lms.core import files


def kept(app: Flask) -> list[Path]:
    folder = Path(app.config["UPLOADS_DIR"])
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def empty(context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(context.config, "UPLOADS_DIR", str(tmp_path))
    return context


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 5000])
def test_what_is_kept_comes_back(empty: Flask, content: bytes) -> None:
    digest = files.save(content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert files.path_of(digest).read_bytes() == content
    assert kept(empty) == [Path(empty.config["UPLOADS_DIR"]) / "media" / digest[:2] / digest]


def test_the_same_content_is_kept_once(empty: Flask) -> None:
    assert files.save(b"a") == files.save(b"a")
    assert len(kept(empty)) == 1


@pytest.mark.parametrize(
    "name",
    ["", "x", "../../etc/passwd", "/etc/passwd", "0" * 63, "0" * 65, "G" * 64, "A" * 64,
     "0" * 64 + "\n", "0" * 62 + "/.", "..%2f" * 12 + "0000", "0" * 64 + "\x00"],
)  # fmt: skip
def test_only_a_digest_names_a_file(empty: Flask, name: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        files.path_of(name)


def test_a_disk_that_is_full_leaves_no_half_file(
    empty: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            files.save(b"content")
    assert kept(empty) == []
    assert files.save(b"content")  # and there is room again


def test_it_is_on_the_disk_before_it_has_its_name(
    empty: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        steps.append("sync")
        fsync(handle)

    def name(temporary: str, target: Path) -> None:
        steps.append("name")
        replace(temporary, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", name)
    files.save(b"content")
    assert steps == ["sync", "name", "sync"]  # the content; the name; the folder that holds it


def test_many_at_once_keep_one_whole_file(empty: Flask) -> None:
    content, digests = os.urandom(300_000), set[str]()

    def save() -> None:
        with empty.app_context():
            digests.add(files.save(content))

    threads = [threading.Thread(target=save) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (path,) = kept(empty)
    assert path.read_bytes() == content
    assert digests == {path.name}
