"""A part that is a file: video, audio, document or image, from the settings beside it."""

import re
from pathlib import Path

from lms.formats import media, webvtt
from lms.formats.course_folder.content import MediumContent, MediumKind
from lms.formats.course_folder.folder import TEXT_LIMIT, Folder
from lms.formats.course_folder.settings import MOST_DAYS, Table
from lms.formats.words import Words

_NAME = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*")
_TYPES = {
    MediumKind.VIDEO: ("mp4", "webm"),
    MediumKind.AUDIO: ("mp3",),
    MediumKind.DOCUMENT: ("pdf",),
    MediumKind.IMAGE: ("png", "jpg", "jpeg", "webp", "gif", "svg"),
}
POSTERS = ("png", "jpg", "jpeg", "webp")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_TEXT = 50_000  # as one lesson may have


def is_medium(text: str) -> bool:
    """Do these settings of a part speak of a file? Told by sight, so that a slip is told once."""
    return re.search(r"^\s*kind\s*=", text, re.MULTILINE) is not None


def read(
    folder: Folder, module: str, table: Table, key: str, requires: tuple[str, ...]
) -> MediumContent:
    """The part; everything wrong is noted on the way."""
    kind = table.choice("kind", MediumKind.VIDEO)
    playable = kind in (MediumKind.VIDEO, MediumKind.AUDIO)
    file = _file(folder, module, table, "file", _TYPES[kind])
    captions = audio = poster = ""
    subtitles: tuple[tuple[str, str], ...] = ()
    watched = 0
    if kind is MediumKind.VIDEO:
        captions = _captions(folder, module, table, "captions")
        subtitles = _subtitles(folder, module, table)
        poster = _file(folder, module, table, "poster", POSTERS, optional=True)
        audio = _file(folder, module, table, "audio", ("mp3",), optional=True)
    if playable:
        watched = table.integer("watched", 0, 100, default=0)
    content = MediumContent(
        key=key,
        title=table.text("title", 120),
        minutes=table.integer("minutes", 1, 6000),
        kind=kind,
        file=file,
        captions=captions,
        audio=audio,
        # Who cannot hear or see the file, or cannot pay for its bytes, reads this.
        text=table.text("text", _TEXT, lines=True),
        seconds=_seconds(folder, table, file) if playable and file else 0,
        watched=watched,
        min_minutes=table.integer("min_minutes", 0, 6000, default=0),
        requires=requires,
        opens=table.moment("opens"),
        opens_after=table.integer("opens_after", 0, MOST_DAYS, default=0),
        poster=poster,
        subtitles=subtitles,
        optional=table.flag("optional", False),
    )
    table.close()
    return content


def _subtitles(folder: Folder, module: str, table: Table) -> tuple[tuple[str, str], ...]:
    """Captions in other languages than the course's, by their codes."""
    inner = table.table("subtitles", optional=True)
    if inner is None:
        return ()
    found = []
    for code in inner.values:
        stored = _captions(folder, module, inner, code)
        if not _LANGUAGE.fullmatch(code):
            inner.note(
                code, "setting-language", Words('Tulis kode bahasa, misalnya "id" atau "en".')
            )
        elif stored:
            found.append((code, stored))
    return tuple(sorted(found))


def _captions(folder: Folder, module: str, table: Table, name: str) -> str:
    """What is wrong in the captions themselves is told at their own lines."""
    stored = _file(folder, module, table, name, ("vtt",))
    if stored and folder.media[stored].size > TEXT_LIMIT:
        folder.note(
            stored, 0, "media-size", Words("Berkas teks ini lebih besar dari 1 MB; pecah isinya.")
        )
    elif stored:
        with folder.media[stored].open() as file:
            faults = webvtt.read(file.read())[1]
        for line, code, message in faults:
            folder.note(stored, line, code, message)
    return stored


def _file(
    folder: Folder,
    module: str,
    table: Table,
    name: str,
    types: tuple[str, ...],
    *,
    optional: bool = False,
) -> str:
    """The unique name of the file that a setting names; empty where there is none that will do."""
    written = table.text(name, 200, optional=optional)
    if not written:
        return ""
    stored = folder.stored_name(module, written) if _NAME.fullmatch(written) else None
    if stored is None:
        missing = Words("Berkas %(name)s tidak ada dalam folder media; tambahkan.", name=written)
        table.note(name, "media-missing", missing)
        return ""
    if Path(stored).suffix[1:].lower() not in types:
        known = ", ".join(types)
        table.note(
            name,
            "media-kind",
            Words("Berkas ini bukan jenis yang tepat; pakai %(known)s.", known=known),
        )
        return ""
    return stored


def _seconds(folder: Folder, table: Table, stored: str) -> int:
    with folder.media[stored].open() as file:
        found = media.seconds(file, Path(stored).suffix[1:].lower())
    if found is None:
        broken = Words(
            "Lama putar berkas ini tidak dapat dibaca; simpan ulang sebagai mp4, webm, atau mp3."
        )
        table.note("file", "media-length", broken)
        return 0
    return max(1, round(found))
