"""What a file of a course is, by its name and by its content, and how long a video or a sound lasts
by its own few fields that tell (MP4, MP3)."""

import mimetypes
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lms.formats import svg

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Kilobits a second of layer III: MPEG 1, and MPEG 2 and 2.5.
_BITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_OWN = {".vtt": "text/vtt", ".svg": svg.CONTENT_TYPE, ".webp": "image/webp"}
_SEARCH = 64 * 1024  # bytes in which the first frame of an MP3 must begin


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
    """`png`, `jpg`, `gif`, `webp`, `svg`, `pdf`, `mp3`, `mp4` or `vtt`, by how a file begins; None
    for anything else. What it claims to be is proved by reading it."""
    for mark, kind in _PICTURES.items():
        if head.startswith(mark):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head[4:8] == b"ftyp":
        return "mp4" if head[8:12] in _BRANDS else None
    if head.startswith(b"ID3") or (
        head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2
    ):
        return "mp3"
    return _kind_of_text(head.removeprefix(b"\xef\xbb\xbf"))


def _kind_of_text(head: bytes) -> str | None:
    if re.match(rb"WEBVTT(?:[ \t\r\n]|\Z)", head):
        return "vtt"
    return (
        "svg"
        if re.match(rb"\s*(?:<\?xml\b[^>]*>\s*)?(?:<!--.*?-->\s*)*<svg\b", head, re.S)
        else None
    )


def content_type(name: str) -> str:
    """Told by us where the system's own table may lack or change it."""
    suffix = Path(name).suffix.lower()
    return _OWN.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def seconds(path: Path) -> float | None:
    """The length of an .mp4 or .mp3 file; None where the file does not tell, or is neither."""
    return seconds_of(path, "mp4" if path.suffix.lower() == ".mp4" else "mp3")


def seconds_of(path: Path, kind: str) -> float | None:
    """The same for a file whose name does not tell which of the two it is."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            found = _mp4(file, size) if kind == "mp4" else _mp3(file, size)
    except (struct.error, IndexError):
        return None
    return found if found and found > 0 else None


def _mp4(file: BinaryIO, size: int) -> float | None:
    for kind, start, end in _boxes(file, 0, size):
        if kind == b"moov":
            for inner, inner_start, _ in _boxes(file, start, end):
                if inner == b"mvhd":
                    return _movie_header(file, inner_start)
    return None


def _movie_header(file: BinaryIO, start: int) -> float | None:
    file.seek(start)
    if file.read(4)[0] == 1:  # 64-bit times
        file.seek(16, 1)
        scale, length = struct.unpack(">IQ", file.read(12))
    else:
        file.seek(8, 1)
        scale, length = struct.unpack(">II", file.read(8))
    return float(length / scale) if scale else None


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and first and last byte of the content, of every box between two places."""
    while start + 8 <= end:
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


def _mp3(file: BinaryIO, size: int) -> float | None:
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
