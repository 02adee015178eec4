"""What a backup says about itself, and whether that is true."""

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lms.config import ROOT
from lms.upkeep.folders import Content, UpkeepError, content_of, write

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"  # as `sha256sum -c` reads it
DATABASES = {"sqlite": "kompeten.db", "postgresql": "kompeten.dump"}
SECRET = "secret.key"
UPLOADS = "uploads"
NAME = re.compile(r"kompeten-\d{8}T\d{6}Z")
# Nothing else may stand in a manifest: its names become paths.
_FILE = re.compile(rf"kompeten\.(db|dump)|secret\.key|{UPLOADS}/[0-9a-f]{{2}}/[0-9a-f]{{64}}")


@dataclass(frozen=True)
class Manifest:
    """`rows` counts every table; `files` are named relative to the backup."""

    version: str
    site: str
    made_at: datetime
    database: str
    revision: str
    rows: dict[str, int]
    files: dict[str, Content]

    @property
    def database_file(self) -> str:
        return DATABASES[self.database]

    @property
    def uploads(self) -> list[str]:
        return [name for name in self.files if name.startswith(f"{UPLOADS}/")]


def product_version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


def put(manifest: Manifest, backup: Path) -> None:
    """Write the manifest and its seal into a backup."""
    written = {"format": FORMAT, "product": "kompeten", **vars(manifest)}
    written["made_at"] = manifest.made_at.isoformat()
    written["files"] = {name: vars(content) for name, content in manifest.files.items()}
    text = json.dumps(written, indent=1, sort_keys=True) + "\n"
    write(backup / MANIFEST, text)
    write(backup / SEAL, f"{hashlib.sha256(text.encode()).hexdigest()}  {MANIFEST}\n")


def read(backup: Path) -> Manifest:
    """Raises UpkeepError when there is no backup, or its manifest cannot be believed."""
    if not backup.is_dir():
        raise UpkeepError(f"There is no backup {backup}.")
    try:
        text = (backup / MANIFEST).read_bytes()
        seal = (backup / SEAL).read_bytes()
    except OSError as error:
        raise UpkeepError(f"{backup.name}: {error.filename} cannot be read.") from error
    if seal != f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode():
        raise UpkeepError(f"{backup.name}: {MANIFEST} or {SEAL} is damaged: they do not agree.")
    try:
        return _understood(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UpkeepError(f"{backup.name}: this version cannot read {MANIFEST}.") from error


def _understood(written: dict[str, Any]) -> Manifest:
    if written["format"] != FORMAT or written["product"] != "kompeten":
        raise ValueError("another format")
    if written["database"] not in DATABASES:
        raise ValueError("another database")
    files = {name: Content(**content) for name, content in written["files"].items()}
    wanted = {DATABASES[written["database"]], SECRET}
    if not wanted <= set(files) or not all(_FILE.fullmatch(name) for name in files):
        raise ValueError("names that no backup has")
    return Manifest(
        version=written["version"],
        site=written["site"],
        made_at=datetime.fromisoformat(written["made_at"]),
        database=written["database"],
        revision=written["revision"],
        rows=written["rows"],
        files=files,
    )


def damages(backup: Path, manifest: Manifest) -> list[str]:
    """A sentence for every file of a backup that is not what the manifest says."""
    found = []
    for name, expected in sorted(manifest.files.items()):
        try:
            content = content_of(backup / name)
        except OSError as error:
            found.append(f"{name} cannot be read: {error.strerror}")
            continue
        if content.size != expected.size:
            found.append(f"{name} has {content.size} bytes, not {expected.size}")
        elif content != expected:
            found.append(f"{name} is damaged: its content is not what was backed up")
    return found


def backups_in(folder: Path) -> list[Path]:
    """What stands in a folder under the name of a backup, the oldest first."""
    return sorted(p for p in folder.iterdir() if NAME.fullmatch(p.name) and p.is_dir())
