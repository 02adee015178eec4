"""Pictures that are kept: how large they are, and their smaller copies."""

from collections.abc import Collection

from sqlalchemy import select

from lms.core.db import db
from lms.courses.models import Picture
from lms.courses.rules import Sized, Smaller


def known(digests: Collection[str]) -> dict[str, Sized]:
    """Those of these pictures that were looked at before, by digest."""
    rows = db.session.scalars(select(Picture).where(Picture.digest.in_(digests)))
    return {
        row.digest: Sized(
            row.digest, row.width, row.height, tuple(Smaller(*each) for each in row.smaller)
        )
        for row in rows
    }


def smaller_copy(digest: str, width: int) -> Smaller | None:
    found = known([digest]).get(digest)
    return next((each for each in found.smaller if each.width == width), None) if found else None
