"""What files tell besides what they show is taken out, and what they show stays."""

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from lms.formats.media import HEAD, kind_by_content, seconds
from lms.formats.traces import BrokenFile, without_traces

FILES = Path(__file__).parent.parent / "media"
CAMERA, PLACE = b"KameraContoh", b"-6.2088+106.8456/"
GPS = 0x8825


def cleaned(content: bytes) -> bytes:
    with without_traces(io.BytesIO(content), kind_by_content(content[:HEAD])) as file:
        return file.read()


def photo(kind: str, *, turned: int = 1, **options: object) -> bytes:
    """As a phone takes it: with its name, the time and the place."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x0132] = CAMERA.decode(), turned, "2026:03:02 08:15:00"
    exif.get_ifd(GPS)[1] = "S"
    exif.get_ifd(GPS)[2] = (6.0, 12.0, 31.7)
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((48, 32)).convert("RGB")
    picture.save(out, kind, exif=exif, **options)
    return out.getvalue()


@pytest.mark.parametrize("turned", [1, 6])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"comment": CAMERA, "icc_profile": b"warna" * 9}),
        ("JPEG", {"progressive": True, "xmp": b"<x>" + PLACE + b"</x>"}),
        ("PNG", {}),
        ("WEBP", {"xmp": b"<x>" + PLACE + b"</x>"}),
        ("WEBP", {"lossless": True, "icc_profile": b"warna" * 9}),
    ],
)
def test_a_photo_tells_no_place_and_no_camera_and_looks_the_same(
    kind: str, options: dict[str, object], turned: int
) -> None:
    before = photo(kind, turned=turned, **options)
    assert CAMERA in before
    after = cleaned(before)
    assert CAMERA not in after
    assert PLACE not in after
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
        assert dict(new.getexif()) == ({} if turned == 1 else {0x0112: 6})
        assert not new.getexif().get_ifd(GPS)
        assert new.info.get("icc_profile") == old.info.get("icc_profile")
        assert ImageOps.exif_transpose(new).tobytes() == ImageOps.exif_transpose(old).tobytes()
        assert ImageOps.exif_transpose(new).size == ((48, 32) if turned == 1 else (32, 48))
    assert cleaned(after) == after


def test_words_times_and_what_is_behind_the_end_of_a_picture_go() -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        out = io.BytesIO()
        Image.new("RGB", (4, 4)).save(out, kind)
        assert cleaned(out.getvalue()) == out.getvalue(), "nothing to take out"
        assert cleaned(out.getvalue() + CAMERA) == out.getvalue()
    text = b"\0\0\0\x10tEXtAuthor\0" + b"KameraCon" + bytes(4)
    png = cleaned(out_of("PNG"))
    assert cleaned(png[:33] + text + png[33:]) == png


def out_of(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, kind, **options)
    return out.getvalue()


def test_a_moving_picture_goes_on_moving() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], loop=0, comment=CAMERA)
    assert CAMERA in out.getvalue()
    after = cleaned(out.getvalue())
    assert CAMERA not in after
    with Image.open(io.BytesIO(after)) as picture:
        assert getattr(picture, "n_frames", 1) == 2
        assert picture.info["loop"] == 0
    assert cleaned(after) == after


def box(kind: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I4s", len(whole) + 8, kind) + whole


def test_a_video_keeps_its_length_and_its_bytes_in_place() -> None:
    before = (FILES / "loket.mp4").read_bytes()
    place = box(b"udta", box(b"\xa9xyz", PLACE))
    at = before.index(b"moov") - 4
    (size,) = struct.unpack_from(">I", before, at)
    moov = before[at : at + size]
    tagged = before[:at] + box(b"moov", moov[8:], place) + before[at + size :]
    tagged += box(b"uuid", bytes(16), CAMERA) + box(b"free", CAMERA)
    after = cleaned(tagged)
    assert PLACE not in after
    assert CAMERA not in after
    assert len(after) == len(tagged)
    assert after[after.index(b"mdat") :][:5000] == tagged[tagged.index(b"mdat") :][:5000]
    assert seconds(io.BytesIO(after), "mp4") == seconds(io.BytesIO(before), "mp4")
    assert cleaned(after) == after


def sensor(*pieces: bytes) -> bytes:
    """A video of nothing but a track of places, in pieces of two samples."""
    head = box(b"ftyp", b"isom", bytes(4))
    data = box(b"mdat", b"gambar", *pieces)
    sizes = [n for piece in pieces for n in (1, len(piece) - 1)]
    places, at = [], len(head) + 8 + len(b"gambar")
    for piece in pieces:
        places.append(at)
        at += len(piece)
    table = box(
        b"stbl",
        box(b"stsz", bytes(4), struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
        box(b"stsc", bytes(4), struct.pack(">IIII", 1, 1, 2, 1)),
        box(b"stco", bytes(4), struct.pack(f">I{len(places)}I", len(places), *places)),
    )
    handler = box(b"hdlr", bytes(8), b"meta", bytes(13))
    track = box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", handler, box(b"minf", table)))
    return head + data + box(b"moov", box(b"mvhd", bytes(100)), track)


def test_the_places_that_a_camera_writes_along_a_video_go() -> None:
    before = sensor(PLACE, CAMERA)
    after = cleaned(before)
    assert PLACE not in after
    assert CAMERA not in after
    assert b"gambar" in after
    assert b"trak" not in after
    assert len(after) == len(before)
    assert cleaned(after) == after


def element(kind: str, content: bytes) -> bytes:
    return bytes.fromhex(kind) + (len(content) | 1 << 28).to_bytes(4, "big") + content


def test_tags_and_attachments_of_webm_become_empty_space() -> None:
    head = element("1a45dfa3", element("4282", b"webm"))
    info = element("1549a966", element("4489", struct.pack(">d", 8040.0)))
    tags, small = element("1254c367", PLACE), bytes.fromhex("4d8081") + b"x"
    body = info + tags + small + element("ec", CAMERA) + element("1f43b675", b"gambar")
    before = head + element("18538067", body)
    after = cleaned(before)
    assert PLACE not in after
    assert CAMERA not in after
    assert b"gambar" in after
    assert len(after) == len(before)
    assert seconds(io.BytesIO(after), "webm") == 8.04
    assert cleaned(after) == after


def test_tags_of_a_sound_become_empty() -> None:
    sound = (FILES / "loket.mp3").read_bytes()
    frame = b"COMM" + struct.pack(">IH", len(PLACE), 0) + PLACE
    tag = b"ID3\x03\0\x80" + bytes((0, 0, 0, len(frame))) + frame
    end = b"TAG" + CAMERA.ljust(124, b"\0") + b"\x05"
    before = tag + sound + end
    after = cleaned(before)
    assert PLACE not in after
    assert CAMERA not in after
    assert sound in after
    assert after[-1] == 0xFF, "no genre"
    assert seconds(io.BytesIO(after), "mp3") == seconds(io.BytesIO(before), "mp3")
    assert cleaned(after) == after


def test_other_kinds_are_given_back() -> None:
    for content in (b"%PDF-1.7 " + CAMERA, b"WEBVTT\n", b"<svg/>", b"MZ", b""):
        assert cleaned(content) == content


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff" + b"x" * 99,
        b"\xff\xd8\xff\xd9",  # ends before anything is shown
        photo("JPEG")[:100],
        b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
        photo("PNG")[:60],
        out_of("PNG")[:33] + bytes(4) + b"IEND" + bytes(4),  # no pixels
        b"RIFF\x10\0\0\0WEBP<html>..",
        b"GIF89a<html><script>",
        b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x02<html><script>",
        sensor(PLACE).replace(b"stsz", b"st??"),
    ],
)
def test_what_does_not_hang_together_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenFile):
        cleaned(content)


def test_a_file_made_to_keep_somebody_busy_is_refused() -> None:
    head = box(b"ftyp", b"isom", bytes(4))
    for content in (box(b"free") * 500_000, box(b"moov", box(b"trak") * 200)):
        with pytest.raises(BrokenFile):
            cleaned(head + content)


@given(
    content=st.binary(max_size=300),
    name=st.sampled_from(["jpg", "png", "webp", "gif", "mp4", "webm", "mp3"]),
    cut=st.integers(0, 400),
)
def test_nothing_else_than_a_refusal_comes_of_any_bytes(
    content: bytes, name: str, cut: int
) -> None:
    whole = {"jpg": photo("JPEG"), "png": photo("PNG"), "webp": photo("WEBP")}.get(name, b"")
    whole = whole or (sensor(PLACE) if name == "mp4" else b"GIF89a" if name == "gif" else b"")
    try:
        with without_traces(io.BytesIO(whole[:cut] + content), name) as file:
            after = file.read()
    except BrokenFile:
        return
    with without_traces(io.BytesIO(after), name) as file:
        assert file.read() == after
