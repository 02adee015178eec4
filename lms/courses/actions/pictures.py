"""Smaller copies of pictures, so that a phone loads no more than it shows. A course folder does not
hold them: they are made from the picture when it comes in, and again where they are missing."""

from collections.abc import Collection, Iterable
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.exc import IntegrityError

from lms.core import files
from lms.core.db import db
from lms.courses.models import Picture
from lms.courses.queries import pictures as queries
from lms.courses.rules import Sized, Smaller
from lms.formats.media import HEAD, kind_by_content

WIDTHS = (480, 960, 1440)
MOST_PIXELS = 50_000_000  # a picture of more is not unpacked
FORMATS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP"}
_BROKEN = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def sized(digest: str) -> Sized | None:
    """The size of a kept picture in pixels, and its smaller copies, which are kept too: none as
    wide as the picture or wider, none of more bytes. None for what is no picture, moves or is
    broken. Slow, so outside the write transaction."""
    kept = files.Kept(digest)
    with kept.open() as stream:
        kind = kind_by_content(stream.read(HEAD))
        if kind not in FORMATS:
            return None
        stream.seek(0)
        try:
            with Image.open(stream, formats=[FORMATS[kind]]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                if getattr(picture, "is_animated", False):
                    return None
                upright = ImageOps.exif_transpose(picture)
                return _sized(digest, kept.size, upright)
        except _BROKEN:
            return None


def _sized(digest: str, size: int, picture: Image.Image) -> Sized:
    plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    smaller = []
    for width in WIDTHS:
        if width < plain.width:
            height = max(1, round(plain.height * width / plain.width))
            out = BytesIO()
            pixels = Image.new(plain.mode, (width, height))  # nothing that came with them
            pixels.paste(plain.resize((width, height), Image.Resampling.LANCZOS))
            pixels.save(out, "WEBP", quality=80, method=4)
            if len(content := out.getvalue()) < size:
                smaller.append(Smaller(width, files.save(content), len(content)))
    return Sized(digest, picture.width, picture.height, tuple(smaller))


def sized_all(digests: Collection[str]) -> dict[str, Sized]:
    """The same for many, by digest: what is known already is not made again."""
    found = queries.known(digests)
    for digest in digests:
        if digest not in found and (made := sized(digest)):
            found[digest] = made
    return found


def keep(pictures: Iterable[Sized]) -> None:
    """Remember what was made."""
    made = {each.digest: each for each in pictures}
    for digest in made.keys() - queries.known(made).keys():
        each = made[digest]
        smaller = [[copy.width, copy.digest, copy.size] for copy in each.smaller]
        row = Picture(digest=digest, width=each.width, height=each.height, smaller=smaller)
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:  # somebody else has taken the same picture in just now
            continue
