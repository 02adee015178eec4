"""Kept bytes: named by their content, whole or not at all, and nothing outside their folder."""

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from flask import Flask

from lms.core import clock, files


def kept(app: Flask) -> list[Path]:
    folder = Path(app.config["UPLOADS_DIR"])
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


@pytest.fixture
def empty(context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(context.config, "UPLOADS_DIR", str(tmp_path))
    return context


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 5000])
def test_what_is_kept_comes_back(empty: Flask, content: bytes) -> None:
    digest = files.save(content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert files.Kept(digest).content == content
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
        files.storage().open(name)


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


def test_any_part_of_it_can_be_read_alone(empty: Flask) -> None:
    digest = files.save(bytes(range(256)))
    with files.storage().open(digest) as file:
        file.seek(100)
        assert file.read(3) == bytes([100, 101, 102])
    assert files.Kept(digest).size == 256


def test_what_is_not_kept_is_not_there(empty: Flask) -> None:
    digest = hashlib.sha256(b"never").hexdigest()
    assert not files.storage().exists(digest)
    with pytest.raises(FileNotFoundError):
        files.storage().open(digest)
    assert not files.storage().delete(digest, clock.now())


def test_only_what_was_last_kept_before_goes(empty: Flask) -> None:
    digest, place, hour = files.save(b"a"), files.storage(), timedelta(hours=1)
    long_ago = clock.now().timestamp() - 7200
    os.utime(kept(empty)[0], (long_ago, long_ago))
    assert files.save(b"a") == digest  # once more: it counts as kept just now
    assert not place.delete(digest, clock.now() - hour)
    assert place.exists(digest)
    os.utime(kept(empty)[0], (long_ago, long_ago))
    assert place.delete(digest, clock.now() - hour)
    assert not place.exists(digest)
    assert kept(empty) == []


@pytest.mark.parametrize(("address", "mode"), [("", 0o600), ("/kept/", 0o640)])
def test_only_a_server_in_front_may_read_it_too(
    empty: Flask, monkeypatch: pytest.MonkeyPatch, address: str, mode: int
) -> None:
    monkeypatch.setitem(empty.config, "UPLOADS_URL", address)
    digest = files.save(b"a")
    assert stat.S_IMODE(kept(empty)[0].stat().st_mode) == mode
    told = files.storage().url(digest)
    assert told == (f"/kept/{digest[:2]}/{digest}" if address else None)


class Wrapper:
    """What a server offers to send files with: it reads from the beginning."""

    read = 0

    def __init__(self, file: IO[bytes], size: int = 8192) -> None:
        self.file, self.size = file, size

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.file.read(self.size):
            Wrapper.read += len(piece)
            yield piece


def test_a_range_is_answered_without_reading_what_stands_before_it(empty: Flask) -> None:
    content = os.urandom(3_000_000)
    digest = files.save(content)
    environ = {"wsgi.file_wrapper": Wrapper, "HTTP_RANGE": "bytes=2999990-"}
    with empty.test_request_context(environ_overrides=environ):
        response = files.answer(digest, "video/mp4")
        assert response.status_code == 206
        assert b"".join(response.iter_encoded()) == content[-10:]
        assert response.headers["Content-Range"] == "bytes 2999990-2999999/3000000"
        response.close()
    assert Wrapper.read == 0
