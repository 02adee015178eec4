"""A file as a part of its own: what it says, and what is wrong with it, by line."""

from pathlib import Path

import pytest

from lms.formats.course_folder.content import MediumContent, MediumKind, digest
from lms.formats.course_folder.reader import read

from .sample import Changes, picture, problems_of, write_course

MEDIA = Path(__file__).parent.parent.parent / "media"
VIDEO = """kind = "video"
key = "video"
title = "Di loket"
minutes = 3
file = "media/loket.mp4"
captions = "media/loket.vtt"
audio = "media/loket.mp3"
watched = 80
text = "Selamat pagi."
"""
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:08.000\nSelamat pagi.\n"
FILES: Changes = {
    "02-akhir/02-video.toml": VIDEO,
    "02-akhir/media/loket.mp4": (MEDIA / "loket.mp4").read_bytes(),
    "media/loket.mp3": (MEDIA / "loket.mp3").read_bytes(),
    "media/loket.vtt": CAPTIONS,
}
FILE = "02-akhir/02-video.toml"


def changed(old: str, new: str, **more: str | bytes) -> Changes:
    assert old in VIDEO
    return {**FILES, FILE: VIDEO.replace(old, new), **more}


def test_a_video_says_all_that_it_has(tmp_path: Path) -> None:
    content, problems = read(write_course(tmp_path, FILES))
    assert not problems
    assert content is not None
    part = content.modules[1].parts[1]
    assert isinstance(part, MediumContent)
    assert (part.kind, part.seconds, part.watched) == (MediumKind.VIDEO, 8, 80)
    assert part.file == "02-akhir/media/loket.mp4"
    assert (part.captions, part.audio) == ("media/loket.vtt", "media/loket.mp3")
    assert {"02-akhir/media/loket.mp4", "media/loket.mp3"} <= {m.name for m in content.media}


def test_a_video_is_no_pre_test(tmp_path: Path) -> None:
    changes: Changes = {
        **FILES,
        "02-akhir/03-tes.toml": 'key = "t"\ntitle = "T"\nminutes = 1\npass = 0\npretest = "video"',
        "02-akhir/03-tes.gift": "// [id:tes-1]\nBenar? {T}\n",
    }
    _, problems = read(write_course(tmp_path, changes))
    assert [(p.line, p.code) for p in problems] == [(5, "pretest-unknown")]


@pytest.mark.parametrize(
    "text",
    [
        'kind = "audio"\nfile = "media/loket.mp3"\nwatched = 50\n',
        'kind = "document"\nfile = "media/panduan.pdf"\n',
        'kind = "image"\nfile = "media/loket.png"\nmin_minutes = 1\n',
    ],
)
def test_the_other_kinds_need_less(tmp_path: Path, text: str) -> None:
    text += 'key = "berkas"\ntitle = "Berkas"\nminutes = 2\ntext = "Isinya."\n'
    content, problems = read(write_course(tmp_path, {**FILES, FILE: text}))
    assert not problems
    assert content is not None


@pytest.mark.parametrize(
    ("changes", "line", "code"),
    [
        (changed('"video"', '"film"'), 1, "setting-choice"),
        (changed("media/loket.mp4", "media/lain.mp4"), 5, "media-missing"),
        (changed("media/loket.mp4", "../loket.mp4"), 5, "media-missing"),
        (changed("media/loket.mp4", "media/loket.mp3"), 5, "media-kind"),
        (changed('captions = "media/loket.vtt"\n', ""), 0, "setting-missing"),
        (changed("watched = 80", "watched = 101"), 8, "setting-range"),
        (changed('"Selamat pagi."', '""'), 9, "setting-empty"),
        (changed('"Selamat pagi."', '"# Judul"'), 9, "heading-top"),
        (changed("minutes = 3", "minutes = 3\npass = 50"), 5, "setting-unknown"),
        (
            {**FILES, "02-akhir/media/loket.mp4": b"\0\0\0\x10ftypisom" + bytes(4)},
            5,
            "media-length",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(
    tmp_path: Path, changes: Changes, line: int, code: str
) -> None:
    content, problems = read(write_course(tmp_path, changes))
    assert content is None
    assert [(p.file, p.line, p.code) for p in problems] == [(FILE, line, code)]


MORE: Changes = {
    **FILES,
    FILE: f'{VIDEO}poster = "media/loket.png"\n\n[subtitles]\nen = "media/en.vtt"\n',
    "media/en.vtt": CAPTIONS.replace("Selamat pagi", "Good morning"),
}


def test_a_video_may_have_a_picture_and_captions_in_other_languages(tmp_path: Path) -> None:
    content, problems = read(write_course(tmp_path / "a", MORE))
    assert not problems
    assert content is not None
    part = content.modules[1].parts[1]
    assert isinstance(part, MediumContent)
    assert part.poster.endswith("media/loket.png")
    assert part.subtitles == (("en", "media/en.vtt"),)
    assert {part.poster, "media/en.vtt"} <= {medium.name for medium in content.media}
    other, _ = read(write_course(tmp_path / "b", {**MORE, "media/en.vtt": CAPTIONS}))
    without, _ = read(write_course(tmp_path / "c", FILES))
    assert other
    assert without
    assert len({digest(content), digest(other), digest(without)}) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("en.vtt", "hilang.vtt", 13, "media-missing"),
        ("media/en.vtt", "media/loket.mp3", 13, "media-kind"),
        ("\nen =", "\ninggris =", 13, "setting-language"),
        ("media/loket.png", "media/loket.mp4", 10, "media-kind"),
        ("[subtitles]\nen", "subtitles", 12, "setting-type"),
    ],
)
def test_what_is_wrong_with_them_is_told_at_its_line(
    tmp_path: Path, old: str, new: str, line: int, code: str
) -> None:
    text = MORE[FILE]
    assert isinstance(text, str)
    assert old in text
    root = write_course(tmp_path, {**MORE, FILE: text.replace(old, new)})
    assert problems_of(root) == [(FILE, line, code)]


def test_captions_are_read_and_their_faults_told_at_their_own_lines(tmp_path: Path) -> None:
    broken = CAPTIONS + "\n00:09.000 --> 00:08.000\nTerima kasih.\n"
    root = write_course(tmp_path, {**MORE, "media/en.vtt": broken})
    assert problems_of(root) == [("media/en.vtt", 6, "captions-end")]


def test_a_sound_has_none_of_them(tmp_path: Path) -> None:
    text = MORE[FILE]
    assert isinstance(text, str)
    sound = text.replace('"video"\n', '"audio"\n', 1).replace("loket.mp4", "loket.mp3")
    _, problems = read(write_course(tmp_path, {**MORE, FILE: sound}))
    assert {p.code for p in problems} == {"setting-unknown"}


def test_other_bytes_are_another_content(tmp_path: Path) -> None:
    first, _ = read(write_course(tmp_path / "a", FILES))
    same, _ = read(write_course(tmp_path / "b", {**FILES, "media/tak-dipakai.png": picture(4)}))
    other, _ = read(write_course(tmp_path / "c", {**FILES, "media/loket.vtt": CAPTIONS + "\n"}))
    assert first
    assert same
    assert other
    assert digest(first) == digest(same) != digest(other)
