"""Captions as WebVTT: when what is said, and what is wrong with a file, by line."""

import re
from dataclasses import dataclass

from lms.formats.words import Words

Fault = tuple[int, str, Words]  # line from 1, code, message
_MARK = re.compile(r"WEBVTT(?:[ \t].*)?")
_PASSED_OVER = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")
_TIME = r"(?:([0-9]{2,4}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_TIMES = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}(?:\s.*)?")
_ARROW = "-->"


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from one second to another; `line` is that of its times."""

    line: int
    start: float
    end: float
    text: str


def read(data: bytes) -> tuple[list[Cue], list[Fault]]:
    """What can be read, in its order, and everything wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return [], [
            (line, "captions-encoding", Words("Bukan teks UTF-8; simpan ulang sebagai UTF-8."))
        ]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not _MARK.fullmatch(lines[0]):
        first = Words("Baris pertama takarir harus WEBVTT; simpan sebagai WebVTT, bukan SRT.")
        return [], [(1, "captions-mark", first)]
    cues: list[Cue] = []
    faults: list[Fault] = []
    for number, block in _blocks(lines):
        _read_block(number, block, cues, faults)
    if not cues and not faults:
        faults.append((1, "captions-empty", Words("Takarir ini kosong; tulis yang terdengar.")))
    return cues, faults


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Runs of lines without an empty one, each with the number of its first line; the one with the
    mark is left out."""
    found: list[tuple[int, list[str]]] = []
    is_open = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            is_open = False
        elif is_open:
            found[-1][1].append(line)
        else:
            found.append((number, [line]))
            is_open = True
    return found[1:]


def _read_block(number: int, block: list[str], cues: list[Cue], faults: list[Fault]) -> None:
    if _PASSED_OVER.match(block[0]):
        return
    if _ARROW not in block[0]:  # it may have a name of its own
        number, block = number + 1, block[1:]
    if not block or _ARROW not in block[0]:
        bare = Words("Teks ini tanpa waktu; tulis misalnya 00:01.000 --> 00:04.000 di atasnya.")
        faults.append((number - 1, "captions-bare", bare))
        return
    times = _TIMES.fullmatch(block[0])
    if times is None:
        form = Words("Waktu ini tidak terbaca; tulis misalnya 00:01.000 --> 00:04.000.")
        faults.append((number, "captions-time", form))
        return
    cue = Cue(number, _seconds(times.groups()[:4]), _seconds(times.groups()[4:]),
              "\n".join(block[1:]))  # fmt: skip
    faults += _faults_of(cue, cues[-1].start if cues else 0.0)
    cues.append(cue)


def _faults_of(cue: Cue, before: float) -> list[Fault]:
    """`before` is when the cue above begins."""
    found: list[Fault] = []
    if cue.end <= cue.start:
        found.append((cue.line, "captions-end", Words("Waktu selesai harus sesudah waktu mulai.")))
    if cue.start < before:
        order = Words("Takarir ini mulai sebelum yang di atasnya; urutkan menurut waktu.")
        found.append((cue.line, "captions-order", order))
    if not cue.text.strip():
        silent = Words("Takarir ini tanpa teks; tulis di bawah waktunya, atau hapus.")
        found.append((cue.line, "captions-silent", silent))
    if _ARROW in cue.text:
        joined = Words("Ada waktu di dalam teks; beri satu baris kosong di atas waktu berikutnya.")
        found.append((cue.line, "captions-joined", joined))
    return found


def _seconds(parts: tuple[str, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000
