"""The length of a video or sound, by its own bytes."""

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats import media

FILES = Path(__file__).parent.parent / "media"


def seconds(path: Path) -> float | None:
    with path.open("rb") as file:
        return media.seconds(file, path.suffix[1:])


@pytest.mark.parametrize("name", ["loket.mp4", "loket.mp3", "cbr.mp3"])
def test_the_length_is_read_from_the_file(name: str) -> None:
    found = seconds(FILES / name)
    assert found is not None
    assert 7.9 < found < 8.3


@pytest.mark.parametrize("name", ["a.mp4", "a.mp3"])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 40])
def test_a_broken_file_tells_nothing(tmp_path: Path, name: str, size: int) -> None:
    path = tmp_path / name
    path.write_bytes((FILES / f"loket{path.suffix}").read_bytes()[:size])
    assert seconds(path) is None


def element(kind: str, content: bytes, *, size: bytes = b"") -> bytes:
    """A piece of a Matroska file; `size` as it is written, else as it is."""
    return bytes.fromhex(kind) + (size or (len(content) | 1 << 28).to_bytes(4, "big")) + content


def webm(
    *, kind: bytes = b"webm", scale: int = 1_000_000, duration: bytes = struct.pack(">d", 8040.0),
    unknown: bool = False,
) -> bytes:  # fmt: skip
    """The beginning of a video of 8.04 seconds."""
    head = element("1a45dfa3", element("4286", b"\x01") + element("4282", kind))
    info = element("2ad7b1", scale.to_bytes(4, "big")) + element("4489", duration)
    void, size = element("ec", bytes(40)), b"\x01" + b"\xff" * 7 if unknown else b""
    return head + element("18538067", void + element("1549a966", info), size=size)


@pytest.mark.parametrize(
    ("content", "length"),
    [
        (webm(), 8.04),
        (webm(unknown=True), 8.04),  # as it is written while it is recorded
        (webm(scale=100_000, duration=struct.pack(">f", 80400.0)), 8.04),
        (webm(duration=struct.pack(">d", float("inf"))), None),
        (webm(duration=struct.pack(">d", float("nan"))), None),
        (webm(duration=struct.pack(">d", -1.0)), None),
        (webm(duration=b"\x00"), None),
        (webm()[:40], None),
        (webm().replace(bytes.fromhex("4489"), bytes.fromhex("4488")), None),  # tells no length
    ],
)
def test_the_length_of_a_webm_is_what_it_tells(
    tmp_path: Path, content: bytes, length: float | None
) -> None:
    path = tmp_path / "a.webm"
    path.write_bytes(content)
    assert seconds(path) == (None if length is None else pytest.approx(length))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (webm(), "webm"),
        (webm(kind=b"webm\0"), "webm"),
        (webm(kind=b"matroska"), None),
        (webm()[:4], None),
        (webm()[:9], None),
    ],
)
def test_a_webm_is_told_from_other_matroska(content: bytes, kind: str | None) -> None:
    assert media.kind_by_content(content) == kind


def test_a_file_of_nothing_but_small_pieces_is_soon_given_up(tmp_path: Path) -> None:
    for name, content in (
        ("a.webm", webm()[:40] + element("18538067", bytes.fromhex("ec80") * 2_000_000)),
        ("a.mp4", struct.pack(">I4s", 8, b"free") * 500_000),
    ):
        (tmp_path / name).write_bytes(content)
        began = time.process_time()
        assert seconds(tmp_path / name) is None
        assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'<svg xmlns="x"/>', "svg"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -- > b -->\n<svg>', "svg"),
        (b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x"><svg/>', "svg"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">\n]><svg/>', "svg"),
        (b"<!-- <svg/> -->", None),
        (b"<html><svg/>", None),
    ],
)
def test_a_drawing_is_known_by_its_first_element(head: bytes, kind: str | None) -> None:
    assert media.kind_by_content(head) == kind


@pytest.mark.parametrize("piece", [b"<!---->", b"<!-- -->\n", b"<!DOCTYPE a>", b"<!DOCTYPE a []>"])
def test_what_only_begins_like_a_drawing_is_soon_given_up(piece: bytes) -> None:
    began = time.process_time()
    assert media.kind_by_content((piece * media.HEAD)[: media.HEAD]) is None
    assert time.process_time() - began < 1


@given(
    st.binary(max_size=300) | st.binary(max_size=60).map(lambda data: webm()[:60] + data),
    st.sampled_from([".mp4", ".mp3", ".webm"]),
)
def test_no_bytes_whatever_are_a_fault(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(data)
    found = seconds(path)
    assert found is None or found > 0
