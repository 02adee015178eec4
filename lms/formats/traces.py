"""What pictures, videos and sounds tell besides what they show: the place, the camera, the person.
It is taken out, and what is shown stays as it was, to the byte where the format allows."""

import io
import itertools
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from lms.formats.media import boxes, elements

Patch = tuple[int, int, bytes]  # where, how many bytes, what they begin with before zeros

_PNG_MARK = b"\x89PNG\r\n\x1a\n"
# Pixels, colours, size and movement. Text, times and what is unknown are left out.
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD hIST pHYs sPLT cICP mDCV cLLI "
    b"acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_HAS_EXIF, _HAS_XMP = 0x08, 0x04  # in VP8X
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0")  # applications: how often it repeats
_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112

_APP0, _APP1, _APP15, _COMMENT, _SCAN, _END = 0xE0, 0xE1, 0xEF, 0xFE, 0xDA, 0xD9
# What tells how colours are to be read, by marker.
_JPEG_KEPT = {_APP0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers with nothing after them
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

_MP4_KEPT = frozenset((b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix"))
_MOOV_KEPT = frozenset((b"mvhd", b"trak", b"mvex", b"iods"))
_TRAK_KEPT = frozenset((b"tkhd", b"edts", b"mdia", b"tref"))
# Pictures, sound and words; others are of sensors, as the track of a camera's places.
_SHOWN = frozenset((b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp"))

_SEGMENT, _VOID = 0x18538067, 0xEC
_SEGMENT_KEPT = frozenset(  # seek head, info, tracks, cluster, cues, chapters, checksum
    (0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1C53BB6B, 0x1043A770, 0xBF)
)
# Files of more are made to keep somebody busy.
_MOST_PATCHES, _MOST_TRACKS, _LARGEST_TABLE = 50_000, 100, 4_000_000  # bytes of a table
_AT_ONCE = 1024 * 1024  # bytes read: all patches are looked through for each
_ID3, _ID3_HEAD, _TAG = b"ID3", 10, 128


class BrokenFile(ValueError):
    """The file does not hang together as its kind does, so nobody can tell what it holds."""


def without_traces(file: IO[bytes], kind: str | None) -> IO[bytes]:
    """The content of a file, by its kind (`media.kind_by_content`), with nothing in it that tells
    of where, when, with what and by whom it was made; a picture that is turned to be shown stays
    so. What has none comes back unchanged. Other kinds are given back as they are.

    Raises BrokenFile.
    """
    file.seek(0)
    try:
        if kind in _PICTURES:
            return io.BytesIO(_PICTURES[kind](file.read()))
        played = _PLAYED[kind](file, file.seek(0, 2)) if kind in _PLAYED else ()
        patches = list(itertools.islice(played, _MOST_PATCHES + 1))
    except (struct.error, IndexError) as error:
        raise BrokenFile from error
    if len(patches) > _MOST_PATCHES:
        raise BrokenFile
    file.seek(0)
    return io.BufferedReader(_Patched(file, patches), _AT_ONCE) if patches else file


def _jpeg(data: bytes) -> bytes:
    exif = b""
    kept: list[tuple[int, bytes]] = []
    for marker, segment in _segments(data):
        content = segment[4:]
        if marker == _APP1 and content.startswith(_EXIF):
            exif = exif or content[len(_EXIF) :]
        if _is_kept(marker, content):
            kept.append((marker, segment))
    if _SCAN not in (marker for marker, _ in kept):
        raise BrokenFile
    if turned := _turned(exif):
        content = _EXIF + turned
        first = next(n for n, (marker, _) in enumerate(kept) if marker != _APP0)
        head = struct.pack(">BBH", 0xFF, _APP1, len(content) + 2)
        kept.insert(first, (_APP1, head + content))
    return b"\xff\xd8" + b"".join(segment for _, segment in kept) + b"\xff\xd9"


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every marker with all that stands up to the next one; what comes after the end is not of the
    picture."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise BrokenFile
        while data[at] == 0xFF:  # any number of them may stand before a marker
            at += 1
        marker, start = data[at], at - 1
        if marker == _END:
            return
        at += 1 if marker in _BARE else 1 + _length(data, at + 1)
        if marker == _SCAN:
            found = _NEXT_MARKER.search(data, at)
            at = found.start() if found else len(data)
        yield marker, data[start:at]
        if at == len(data) and marker == _SCAN:  # it breaks off and is shown as far as it goes
            return


def _length(data: bytes, at: int) -> int:
    (length,) = struct.unpack_from(">H", data, at)
    if length < 2 or at + length > len(data):
        raise BrokenFile
    return int(length)


def _is_kept(marker: int, content: bytes) -> bool:
    if marker == _COMMENT or _APP0 <= marker <= _APP15:
        return marker in _JPEG_KEPT and content.startswith(_JPEG_KEPT[marker])
    return True


def _png(data: bytes) -> bytes:
    chunks: list[bytes] = []
    at, exif, kind = len(_PNG_MARK), b"", b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or (not chunks and kind != b"IHDR"):
            raise BrokenFile
        if kind == b"eXIf":
            exif = data[at + 8 : end - 4]
        if kind in _PNG_KEPT:
            chunks.append(data[at:end])
        at = end
    if not any(chunk[4:8] == b"IDAT" for chunk in chunks):
        raise BrokenFile
    if turned := _turned(exif):
        content = b"eXIf" + turned
        check = struct.pack(">I", zlib.crc32(content))
        chunks.insert(1, struct.pack(">I", len(turned)) + content + check)
    return _PNG_MARK + b"".join(chunks)


def _webp(data: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", data, 4)
    end, at = min(8 + size, len(data)), 12
    chunks: list[tuple[bytes, bytes]] = []
    exif = b""
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > end:
            raise BrokenFile
        content = data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
        if kind == b"EXIF":
            exif = content.removeprefix(_EXIF)
        if kind in _WEBP_KEPT:
            chunks.append((kind, content))
    if not chunks or chunks[0][0] not in (b"VP8 ", b"VP8L", b"VP8X"):
        raise BrokenFile
    kind, content = chunks[0]
    if kind == b"VP8X":
        turned = _turned(exif)
        flags = content[0] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if turned else 0)
        chunks[0] = (kind, bytes((flags,)) + content[1:])
        chunks += [(b"EXIF", turned)] if turned else []
    body = b"".join(
        struct.pack("<4sI", kind, len(content)) + content + b"\0" * (len(content) % 2)
        for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _gif(data: bytes) -> bytes:
    at = 13 + _colours(data[10])
    kept = [data[:at]]
    while data[at] != 0x3B:
        if data[at] == 0x2C:  # a picture
            end = _past_blocks(data, at + 11 + _colours(data[at + 9]))
            kept.append(data[at:end])
        elif data[at] == 0x21:
            end = _past_blocks(data, at + 2)
            label, name = data[at + 1], data[at + 3 : at + 14]
            if label in (0xF9, 0x01) or (label == 0xFF and name in _GIF_KEPT):
                kept.append(data[at:end])
        else:
            raise BrokenFile
        at = end
    return b"".join(kept) + b";"


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _turned(exif: bytes) -> bytes:
    """Of Exif data what says how a picture is to be turned, alone; empty where it need not be."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2], "")
    if not order:
        return b""
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, _kind, _count, way = struct.unpack_from(f"{order}HHIH", exif, at)
            if tag == _ORIENTATION and 2 <= way <= 8:
                return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, tag, 3, 1, way, 0, 0)
    except struct.error:  # it breaks off
        pass
    return b""


def _mp4(file: IO[bytes], size: int) -> Iterator[Patch]:
    """Boxes of other kinds become empty ones of the same length, as the places of pictures and
    sound are counted from the beginning of the file."""
    at = 0
    for kind, start, end in boxes(file, 0, size):
        if kind == b"moov":
            yield from _movie(file, start, end)
        elif kind not in _MP4_KEPT:
            yield from _emptied(at, start, end)
        at = end
    if at + 8 <= size:
        raise BrokenFile


def _emptied(at: int, start: int, end: int) -> Iterator[Patch]:
    yield at + 4, 4, b"free"
    yield start, end - start, b""


def _movie(file: IO[bytes], at: int, last: int) -> Iterator[Patch]:
    found = list(boxes(file, at, last))
    if len(found) > _MOST_TRACKS:
        raise BrokenFile
    for kind, start, end in found:
        if kind not in _MOOV_KEPT:
            yield from _emptied(at, start, end)
        elif kind == b"trak":
            inner = start
            for part, part_start, part_end in list(boxes(file, start, end)):
                if part not in _TRAK_KEPT:
                    yield from _emptied(inner, part_start, part_end)
                inner = part_end
            if _handler(file, start, end) not in _SHOWN:
                yield from _samples(file, start, end)
                yield from _emptied(at, start, end)
        at = end


def _inside(file: IO[bytes], start: int, end: int, *path: bytes) -> tuple[int, int]:
    """Where the content of a box within boxes begins and ends; nowhere: (0, 0)."""
    for kind, first, last in list(boxes(file, start, end)):
        if kind == path[0]:
            return _inside(file, first, last, *path[1:]) if path[1:] else (first, last)
    return 0, 0


def _handler(file: IO[bytes], start: int, end: int) -> bytes:
    first, last = _inside(file, start, end, b"mdia", b"hdlr")
    file.seek(first)
    return file.read(last - first)[8:12] if last - first < 4096 else b""


def _table(file: IO[bytes], start: int, end: int, *names: bytes) -> tuple[bytes, bytes]:
    """Which of these tables of samples there is, and what stands in it."""
    for name in names:
        first, last = _inside(file, start, end, b"mdia", b"minf", b"stbl", name)
        if 4 <= last - first <= _LARGEST_TABLE:
            file.seek(first + 4)
            return name, file.read(last - first - 4)
    raise BrokenFile


def _samples(file: IO[bytes], start: int, end: int) -> Iterator[Patch]:
    """What a track has in the file, piece by piece (ISO/IEC 14496-12, 8.7)."""
    _, sized = _table(file, start, end, b"stsz")
    same, count = struct.unpack_from(">II", sized)
    sizes = () if same else struct.unpack_from(f">{count}I", sized, 8)
    name, placed = _table(file, start, end, b"stco", b"co64")
    (pieces,) = struct.unpack_from(">I", placed)
    places = struct.unpack_from(f">{pieces}{'I' if name == b'stco' else 'Q'}", placed, 4)
    _, counted = _table(file, start, end, b"stsc")
    (runs,) = struct.unpack_from(">I", counted)
    many = {}
    for run in range(runs):
        first, each, _ = struct.unpack_from(">III", counted, 4 + 12 * run)
        many[first - 1] = each
    taken = each = 0
    for number, place in enumerate(places):
        each = many.get(number, each)
        yield place, same * each or sum(sizes[taken : taken + each]), b""
        taken += each


def _webm(file: IO[bytes], size: int) -> Iterator[Patch]:
    """Elements of other kinds become empty space of the same length."""
    for kind, start, end in elements(file, 0, size):
        if kind != _SEGMENT:
            continue
        at = start
        for inner, inner_start, inner_end in elements(file, start, end):
            if inner == _VOID:
                yield inner_start, inner_end - inner_start, b""
            elif inner not in _SEGMENT_KEPT:
                length = inner_end - at
                size_of = (
                    (length - 9 | 1 << 56).to_bytes(8, "big")
                    if length >= 9
                    else bytes((0x80 | length - 2,))
                )
                yield at, length, bytes((_VOID,)) + size_of
            at = inner_end
        if at + 2 <= end:
            raise BrokenFile


def _mp3(file: IO[bytes], size: int) -> Iterator[Patch]:
    """Tags at the beginning, and the one at the end, become empty."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(_ID3_HEAD)
        if head[:3] != _ID3 or len(head) < _ID3_HEAD:
            break
        length = sum((b & 127) << 7 * (3 - i) for i, b in enumerate(head[6:]))
        yield at + 5, 1, b""  # flags: how the body is written
        yield at + _ID3_HEAD, length, b""
        at += _ID3_HEAD + length
    file.seek(max(0, size - _TAG))
    if file.read(3) == b"TAG":
        yield size - _TAG + 3, _TAG - 4, b""
        yield size - 1, 1, b"\xff"  # no genre


_PICTURES = {"jpg": _jpeg, "png": _png, "webp": _webp, "gif": _gif}
_PLAYED = {"mp4": _mp4, "webm": _webm, "mp3": _mp3}


class _Patched(io.RawIOBase):
    """A file as it would be with patches in it. The file itself stays as it is."""

    def __init__(self, file: IO[bytes], patches: Sequence[Patch]) -> None:
        self._file, self._patches = file, patches

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as its reader gives
        start = self._file.tell()
        content = bytearray(self._file.read(len(buffer)))
        for at, length, head in self._patches:
            first, last = max(at, start), min(at + length, start + len(content))
            if first < last:
                piece = head[first - at : last - at].ljust(last - first, b"\0")
                content[first - start : last - start] = piece
        buffer[: len(content)] = content
        return len(content)
