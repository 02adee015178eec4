"""Captions as WebVTT: what is read, and what is wrong, by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats.webvtt import Cue, read

GOOD = """WEBVTT - Di loket

NOTE Diperiksa
oleh dua orang

STYLE
::cue { color: yellow }

1
00:01.000 --> 00:04.500 align:start
<v Petugas>Selamat pagi,
ada yang dapat kami bantu?

01:02:03.004 --> 01:02:05.000
Terima kasih.
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_said_is_read_with_its_times(end: str, mark: str) -> None:
    cues, faults = read((mark + GOOD).replace("\n", end).encode())
    assert not faults
    assert cues == [
        Cue(10, 1.0, 4.5, "<v Petugas>Selamat pagi,\nada yang dapat kami bantu?"),
        Cue(14, 3723.004, 3725.0, "Terima kasih."),
    ]


CUE = "00:01.000 --> 00:04.000\nSatu.\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [(1, "captions-mark")]),
        ("1\n00:00:01,000 --> 00:00:04,000\nSatu.\n", [(1, "captions-mark")]),
        ("WEBVTTX\n\n" + CUE, [(1, "captions-mark")]),
        ("WEBVTT\n", [(1, "captions-empty")]),
        ("WEBVTT\n\nNOTE kosong\n", [(1, "captions-empty")]),
        ("WEBVTT\n\nSatu.\n", [(3, "captions-bare")]),
        ("WEBVTT\n\n1\nSatu.\n\n" + CUE, [(3, "captions-bare")]),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:04,000\nSatu.\n", [(3, "captions-time")]),
        ("WEBVTT\n\n1\n00:61.000 --> 00:04.000\nSatu.\n", [(4, "captions-time")]),
        ("WEBVTT\n\n00:04.000 --> 00:04.000\nSatu.\n", [(3, "captions-end")]),
        ("WEBVTT\n\n00:01.000 --> 00:04.000\n\nSatu.\n",
         [(3, "captions-silent"), (5, "captions-bare")]),
        (f"WEBVTT\n\n{CUE}00:05.000 --> 00:06.000\nDua.\n", [(3, "captions-joined")]),
        ("WEBVTT\n\n00:05.000 --> 00:06.000\nDua.\n\n" + CUE, [(6, "captions-order")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_line(text: str, found: list[tuple[int, str]]) -> None:
    assert [(line, code) for line, code, _ in read(text.encode())[1]] == found


def test_what_is_no_utf_8_is_told_at_its_line() -> None:
    assert [(line, code) for line, code, _ in read(b"WEBVTT\n\n\xff")[1]] == [
        (3, "captions-encoding")
    ]


@given(st.text(alphabet="WEBVTNO0123:.>- \n\r\tx", max_size=200))
def test_whatever_is_sent_is_read_or_refused(text: str) -> None:
    cues, faults = read(f"WEBVTT\n\n{text}".encode())
    assert cues or faults
    assert all(0 < line <= text.count("\n") + text.count("\r") + 3 for line, _, _ in faults)
