"""Uploads that nothing in the database names any more: what was replaced or given up."""

import json
import re
from collections.abc import Set
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

from lms.core import audit, clock, files
from lms.core.db import Base, db, transaction
from lms.upkeep.folders import alone_in
from lms.upkeep.move import rows_of

_DIGEST = re.compile(r"(?=([0-9a-f]{64}))")  # wherever one could begin


@dataclass(frozen=True)
class Pruned:
    files: int
    size: int  # bytes


def prune(older_than: timedelta, *, dry_run: bool = False) -> Pruned:
    """Remove the uploads that nothing names and that were last kept longer ago than this: a page
    that is being filled in may hold a younger one. With `dry_run` they are only counted.

    Reads every value of every table. Raises UpkeepError while a backup is made, which must find
    what its copy of the database names.
    """
    place = files.storage()
    place.folder.mkdir(parents=True, exist_ok=True)
    with nullcontext() if dry_run else alone_in(place.folder.parent):
        before = clock.now() - older_than
        found = {path.name: path.stat() for path in files.kept()}
        sizes = {n: s.st_size for n, s in found.items() if s.st_mtime < before.timestamp()}
        unnamed = sizes.keys() - _named_of(sizes.keys())
        if not dry_run:
            unnamed = {name for name in unnamed if place.delete(name, before)}
            _note(len(unnamed), sum(sizes[name] for name in unnamed))
    return Pruned(len(unnamed), sum(sizes[name] for name in unnamed))


def _named_of(digests: Set[str]) -> set[str]:
    """Those of them that stand anywhere, all seen at one instant: what moves from one table to
    another meanwhile is seen too."""
    named: set[str] = set()
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        for table in Base.metadata.tables.values():
            for batch in rows_of(table, connection):
                for row in batch:
                    values = json.dumps(row._asdict(), default=str)
                    named |= digests & set(_DIGEST.findall(values))
    return named


def _note(count: int, size: int) -> None:
    if count:
        with transaction():
            audit.record(None, "upkeep.uploads_pruned", files=count, bytes=size)
