"""Files of a draft that are no text: taken in by what they are, and where each is used."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from flask_babel import gettext
from PIL import Image, ImageOps, UnidentifiedImageError

from lms.core import files, i18n
from lms.core.access import Actor
from lms.core.errors import DomainError
from lms.courses.actions import drafts, keeping, pictures
from lms.courses.actions.pictures import FORMATS, MOST_PIXELS
from lms.courses.models import Draft, DraftFile
from lms.courses.queries import drafts as queries
from lms.courses.rules import Sized
from lms.formats import media, svg, webvtt
from lms.formats.course_folder.folder import LIMITS, MEDIA_LIMIT, MEGABYTE, TEXT_LIMIT
from lms.formats.traces import BrokenFile

LARGEST = max(LIMITS.values())  # bytes of any file
PLAYED = ("mp3", "mp4", "webm")
WIDEST = 1600  # pixels of a picture's longer side, as kept
_NAMED = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Taken:
    """A file that is kept, not yet part of the draft; with its smaller copies if it is a
    picture."""

    stem: str
    suffix: str
    digest: str
    picture: Sized | None = None


def take_in(name: str, stream: IO[bytes]) -> Taken:
    """Look at what was sent, by its content, and keep it; pictures become WebP without their data
    about place and camera. Slow, so outside the write transaction. Raises DomainError with words
    for what is refused."""
    stream.seek(0)
    kind = media.kind_by_content(stream.read(media.HEAD))
    if kind is None:
        raise DomainError(
            gettext(
                "%(name)s tidak diterima. Kirim gambar (PNG, JPG, WebP, SVG), PDF, suara MP3, "
                "video MP4 atau WebM, atau takarir VTT.",
                name=name,
            )
        )
    _check_size(name, kind, stream)
    stream.seek(0)
    stem = _stem(name)
    if kind in FORMATS:
        digest = files.save(_as_webp(name, kind, stream))
        return Taken(stem, "webp", digest, pictures.sized(digest))
    if kind in ("svg", "vtt"):
        return Taken(stem, kind, files.save(_checked_text(name, kind, stream.read())))
    if kind in PLAYED and media.seconds(stream, kind) is None:
        raise DomainError(
            gettext(
                "%(name)s tidak dapat diputar: lama putarnya tidak terbaca. Simpan ulang sebagai "
                "MP4 (H.264 dan AAC), WebM, atau MP3.",
                name=name,
            )
        )
    try:
        return Taken(stem, kind, keeping.keep(stream))
    except BrokenFile as error:
        raise DomainError(gettext("%(name)s rusak; simpan ulang.", name=name)) from error


def _check_size(name: str, kind: str, stream: IO[bytes]) -> None:
    size = stream.seek(0, 2)
    limit = TEXT_LIMIT if kind in ("svg", "vtt") else LIMITS.get(kind, MEDIA_LIMIT)
    if size > limit:
        raise DomainError(
            gettext(
                "%(name)s berukuran %(size)s MB; paling banyak %(limit)s MB. Perkecil dahulu.",
                name=name,
                size=-(-size // MEGABYTE),
                limit=limit // MEGABYTE,
            )
        )


def _as_webp(name: str, kind: str, stream: IO[bytes]) -> bytes:
    broken = gettext("%(name)s tidak dapat dibaca sebagai gambar; simpan ulang.", name=name)
    try:
        with Image.open(stream, formats=[FORMATS[kind]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            if getattr(picture, "is_animated", False):
                raise DomainError(
                    gettext(
                        "%(name)s adalah gambar bergerak; simpan sebagai video MP4 yang pendek.",
                        name=name,
                    )
                )
            upright = ImageOps.exif_transpose(picture)
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            small = upright.convert(mode)
            small.thumbnail((WIDEST, WIDEST))
            kept = Image.new(mode, small.size)  # pixels alone, nothing that came with them
            kept.paste(small)
            out = BytesIO()
            kept.save(out, "WEBP", quality=82, method=4)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise DomainError(broken) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DomainError(
            gettext(
                "%(name)s terlalu besar; paling banyak 50 juta piksel. Perkecil dahulu.", name=name
            )
        ) from error


def _checked_text(name: str, kind: str, content: bytes) -> bytes:
    faults = svg.check(content)[1] if kind == "svg" else webvtt.read(content)[1]
    if faults:
        line, _, message = faults[0]
        raise DomainError(
            gettext("%(name)s, baris %(line)s: %(message)s", name=name, line=line,
                    message=i18n.said(message))
        )  # fmt: skip
    return content


def _stem(name: str) -> str:
    """A name of lower-case letters, digits and hyphens, from the one that somebody gave."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(name.replace("\\", "/")).stem)
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    return "-".join(words)[:60].strip("-") or "berkas"


def add_medium(actor: Actor, draft: Draft, taken: Taken) -> DraftFile:
    """Add a kept file under a name that no other of the course has; the very same content that is
    there already is not added again."""
    if taken.picture:
        pictures.keep([taken.picture])
    present = [file for file in queries.files_of(draft) if file.digest is not None]
    for file in present:
        if file.digest == taken.digest and file.path.startswith("media/"):
            return file
    names = {PurePosixPath(file.path).name.lower() for file in present}
    name, number = f"{taken.stem}.{taken.suffix}", 2
    while name in names:
        name, number = f"{taken.stem}-{number}.{taken.suffix}", number + 1
    return drafts.add_medium(actor, draft, f"media/{name}", taken.digest)


def remove_medium(draft: Draft, file: DraftFile) -> None:
    """Raises DomainError for one that a text names."""
    if uses(queries.files_of(draft)).get(file.path):
        raise DomainError(
            gettext("Berkas ini masih dipakai; hapus dari pelajarannya dahulu, lalu dari sini.")
        )
    drafts.remove_files(draft, [file])


def restore_medium(draft: Draft, file: DraftFile) -> None:
    """Bring a file back: with a number where another one has its name now, and among those of the
    course where its module is gone."""
    present = {each.path for each in queries.files_of(draft)}
    folder, _, name = file.path.rpartition("/")
    if not any(path.startswith(f"{folder.removesuffix('media')}") for path in present):
        folder = "media"
    stem, _, suffix = name.rpartition(".")
    path, number = f"{folder}/{name}", 2
    while path in present:
        path, number = f"{folder}/{stem}-{number}.{suffix}", number + 1
    drafts.restore_files(draft, {file: path})


def uses(present: Iterable[DraftFile]) -> Mapping[str, Sequence[DraftFile]]:
    """The texts that name each medium, by its path: the module's own goes before the course's."""
    present = list(present)
    paths = {file.path for file in present if file.digest is not None}
    found: dict[str, list[DraftFile]] = {}
    for file in present:
        module = file.path.partition("/")[0]
        for name in sorted(set(_NAMED.findall(file.text or ""))):
            path = next((p for p in (f"{module}/{name}", name) if p in paths), None)
            if path:
                found.setdefault(path, []).append(file)
    return found
