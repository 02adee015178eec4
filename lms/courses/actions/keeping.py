"""The door through which every file of a course that is no text is kept."""

from typing import IO

from lms.core import files
from lms.formats.media import HEAD, kind_by_content
from lms.formats.traces import without_traces


def keep(file: IO[bytes]) -> str:
    """Keep a file without what it tells of place, camera and person, and give its digest. Slow, so
    outside the write transaction. Raises `formats.traces.BrokenFile`."""
    return files.storage().save(without(file))


def without(file: IO[bytes]) -> IO[bytes]:
    """What would be kept. Raises BrokenFile."""
    file.seek(0)
    kind = kind_by_content(file.read(HEAD))
    return without_traces(file, kind)
