"""What a file of a course is, by its name and by its content, and how long a video or a sound lasts
by its own few fields that tell (MP4, WebM, MP3)."""

import math
import mimetypes
import re
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from lms.formats import svg

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Kilobits a second of layer III: MPEG 1, and MPEG 2 and 2.5.
_BITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_OWN = {
    ".vtt": "text/vtt",
    ".svg": svg.CONTENT_TYPE,
    ".webp": "image/webp",
    ".webm": "video/webm",
}
_SEARCH = 64 * 1024  # bytes in which the first frame of an MP3 must begin
_MOST_PIECES = 10_000  # of a file that are passed by on the way to the one that tells

# Matroska, which WebM is a kind of: elements by their numbers (RFC 9559).
_EBML_MARK = b"\x1a\x45\xdf\xa3"
_EBML, _DOCUMENT_TYPE = 0x1A45DFA3, 0x4282
_SEGMENT, _INFO, _SCALE, _DURATION = 0x18538067, 0x1549A966, 0x2AD7B1, 0x4489
_USUAL_SCALE = 1_000_000  # nanoseconds of one tick


# Kinds of MP4 that browsers play. A picture (HEIC) and QuickTime begin alike, by another name.
_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash",
           b"MSNV")  # fmt: skip
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}
HEAD = 4096  # bytes by which the kind is told


def kind_by_content(head: bytes) -> str | None:
    """`png`, `jpg`, `gif`, `webp`, `svg`, `pdf`, `mp3`, `mp4`, `webm` or `vtt`, by how a file
    begins; None for anything else. What it claims to be is proved by reading it."""
    for mark, kind in _PICTURES.items():
        if head.startswith(mark):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head[4:8] == b"ftyp":
        return "mp4" if head[8:12] in _BRANDS else None
    if head.startswith(_EBML_MARK):
        return "webm" if _document_type(head) == b"webm" else None
    if head.startswith(b"ID3") or (
        head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2
    ):
        return "mp3"
    return _kind_of_text(head.removeprefix(b"\xef\xbb\xbf"))


# What a DOCTYPE declares is refused by name later.
_DRAWING = re.compile(
    rb"\s*(?:<\?xml\b[^>]*>\s*)?"
    rb"(?:<!(?:--(?:(?!-->).)*--|DOCTYPE\b[^>\[]*(?:\[[^\]]*\]\s*)?)>\s*)*<svg\b",
    re.DOTALL,
)


def _kind_of_text(head: bytes) -> str | None:
    if re.match(rb"WEBVTT(?:[ \t\r\n]|\Z)", head):
        return "vtt"
    return "svg" if _DRAWING.match(head) else None


def content_type(name: str) -> str:
    """Told by us where the system's own table may lack or change it."""
    suffix = Path(name).suffix.lower()
    return _OWN.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def seconds(file: IO[bytes], kind: str) -> float | None:
    """The length of an open mp4, webm or mp3; None where the file does not tell."""
    size = file.seek(0, 2)
    file.seek(0)
    try:
        if kind == "mp4":
            found = _mp4(file, size)
        else:
            found = _webm(file, size) if kind == "webm" else _mp3(file, size)
    except (struct.error, IndexError):
        return None
    return found if found and 0 < found < math.inf else None


def _mp4(file: IO[bytes], size: int) -> float | None:
    for kind, start, end in boxes(file, 0, size):
        if kind == b"moov":
            for inner, inner_start, _ in boxes(file, start, end):
                if inner == b"mvhd":
                    return _movie_header(file, inner_start)
    return None


def _movie_header(file: IO[bytes], start: int) -> float | None:
    file.seek(start)
    if file.read(4)[0] == 1:  # 64-bit times
        file.seek(16, 1)
        scale, length = struct.unpack(">IQ", file.read(12))
    else:
        file.seek(8, 1)
        scale, length = struct.unpack(">II", file.read(8))
    return float(length / scale) if scale else None


def boxes(file: IO[bytes], start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and first and last byte of the content, of every box between two places."""
    for _ in range(_MOST_PIECES):
        if start + 8 > end:
            return
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            head = 16
        elif size == 0:
            size = end - start
        if size < head:
            return
        yield kind, start + head, min(start + size, end)
        start += size


def _document_type(head: bytes) -> bytes:
    file = BytesIO(head)
    try:
        for kind, start, end in elements(file, 0, len(head)):
            if kind == _EBML:
                inside = {inner: head[a:b] for inner, a, b in elements(file, start, end)}
                return inside.get(_DOCUMENT_TYPE, b"").rstrip(b"\0")
    except IndexError:  # it breaks off
        pass
    return b""


def _webm(file: IO[bytes], size: int) -> float | None:
    for kind, start, end in elements(file, 0, size):
        if kind == _SEGMENT:
            for inner, inner_start, inner_end in elements(file, start, end):
                if inner == _INFO:
                    return _segment_info(file, inner_start, inner_end)
    return None


def _segment_info(file: IO[bytes], start: int, end: int) -> float | None:
    scale, ticks = _USUAL_SCALE, 0.0
    for kind, inner, inner_end in list(elements(file, start, end)):
        file.seek(inner)
        data = file.read(min(inner_end - inner, 8))
        if kind == _SCALE:
            scale = int.from_bytes(data, "big")
        elif kind == _DURATION:
            (ticks,) = struct.unpack(">d" if len(data) == 8 else ">f", data)
    return ticks * scale / 1_000_000_000


def elements(file: IO[bytes], start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Kind, and first and last byte of the content, of every element between two places."""
    for _ in range(_MOST_PIECES):
        if start + 2 > end:
            return
        file.seek(start)
        kind, _length = _number(file)
        size, length = _number(file)
        size &= (1 << 7 * length) - 1
        start = file.tell()
        # All ones: the size was not known when the file was written.
        last = end if size == (1 << 7 * length) - 1 else min(start + size, end)
        yield kind, start, last
        start = last


def _number(file: IO[bytes]) -> tuple[int, int]:
    """A number whose first byte tells how many bytes it has, with that mark; and how many."""
    first = file.read(1)
    length = 9 - first[0].bit_length()
    rest = file.read(length - 1)
    if length > 8 or len(rest) < length - 1:
        raise IndexError
    return int.from_bytes(first + rest, "big"), length


def _mp3(file: IO[bytes], size: int) -> float | None:
    head = file.read(10)
    start = 0
    if head[:3] == b"ID3":  # its size has seven bits in each byte
        start = 10 + sum((b & 127) << 7 * (3 - i) for i, b in enumerate(head[6:10]))
    file.seek(start)
    data = file.read(_SEARCH)
    for at in range(len(data) - 4):
        if data[at] == 0xFF and data[at + 1] & 0xE6 == 0xE2:  # layer III
            found = _frames(data[at:], size - start - at)
            if found:
                return found
    return None


def _frames(data: bytes, size: int) -> float | None:
    """The length by the first frame: by the count of frames that it tells, else by its bit rate,
    which is then that of all."""
    version, bits, rate = data[1] >> 3 & 3, data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or bits in (0, 15) or rate == 3:
        return None
    hertz = _RATES[version][rate]
    mark = max(data.find(b"Xing", 0, 64), data.find(b"Info", 0, 64))
    if mark > 0 and data[mark + 7] & 1:
        (count,) = struct.unpack(">I", data[mark + 8 : mark + 12])
        return float(count * (1152 if version == 3 else 576) / hertz)
    return size * 8 / ((_BITS_1 if version == 3 else _BITS_2)[bits] * 1000)
