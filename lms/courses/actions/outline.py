"""Changing the outline of a draft: modules and parts are added, moved, removed, brought back, and
their settings changed. All of it is files of the draft (`drafts`)."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select

from lms.core import i18n
from lms.core.access import Actor
from lms.core.db import db, lock_row
from lms.core.errors import DomainError, NotFound
from lms.courses import queries
from lms.courses.actions import drafts
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.actions.question_index import Ahead
from lms.courses.models import Course, CourseVersion, Draft, DraftFile
from lms.courses.queries.drafts import files_of
from lms.courses.queries.quizzes import REMOVED
from lms.formats.course_folder import requirements
from lms.formats.course_folder.outline import (
    LESSON,
    QUIZ,
    outline,
    settings_of,
)
from lms.formats.course_folder.writing import (
    lesson_text,
    numbered,
    settings_text,
    slug_of,
    with_removed,
    with_settings,
)
from lms.formats.gift import reader as gift
from lms.formats.words import Words

MODULE_FILE = "module.toml"
LINK = "link"  # a lesson that begins with a link
MINUTES = 5  # of a new part, until somebody says better
PASS = 70  # percent, of a new quiz
_MEDIUM = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*")

Files = dict[str, DraftFile]
Order = list[tuple[str, list[str]]]  # folders of modules, each with the paths of its parts


def draft_from(actor: Actor, course: Course, version: CourseVersion, ahead: Ahead) -> Draft:
    """A draft that holds a former version, with its questions read before
    (`question_index.read_ahead`). What only the current one has counts as removed on purpose.
    Raises DomainError where there is a draft already."""
    draft = drafts.open_draft(actor, course, ahead, version=version)
    files = locked(draft)
    current = course.current_version
    lost = set(queries.keys_of(current)) - keys_in(files) if current else set()
    _note_removed(actor, draft, files, lost, removed=True)
    return draft


def add_module(actor: Actor, draft: Draft, title: str) -> DraftFile:
    """A new module at the end. Its settings' file stands for it."""
    files = locked(draft)
    order = order_of(files)
    key = slug_of(title, keys_in(files), fallback="modul")
    folder = with_number(key, len(order) + 1, taken=[folder for folder, _ in order])
    text = settings_text({"key": key, "title": title})
    return drafts.add_text(actor, draft, f"{folder}/{MODULE_FILE}", text)


def add_part(
    actor: Actor, draft: Draft, module: DraftFile, kind: str, title: str, address: str = ""
) -> DraftFile:
    """A new part at the end of a module, empty but for its settings; `address` of a link."""
    files = locked(draft)
    folder = folder_of(module)
    parts = dict(order_of(files))[folder]
    key = slug_of(title, keys_in(files))
    last = max((number_of(path) for path in parts), default=0)
    stem = f"{folder}/{with_number(key, last + 1, taken=())}"
    head = {"key": key, "title": title, "minutes": MINUTES}
    if kind in (LESSON, LINK):
        body = f"[{title}]({address})\n" if address else ""
        return drafts.add_text(actor, draft, f"{stem}.md", lesson_text(head, body))
    if kind == QUIZ:
        drafts.add_text(actor, draft, f"{stem}.gift", "")
        text = settings_text({**head, "pass": PASS})
        return drafts.add_text(actor, draft, f"{stem}.toml", text)
    text = settings_text({"kind": kind, **head, "file": "", "text": ""})
    return drafts.add_text(actor, draft, f"{stem}.toml", text)


def move(actor: Actor, draft: Draft, file: DraftFile, *, up: bool) -> None:
    """One place up or down; a part at the edge of its module goes over to the next one. At the
    edge of the course nothing moves."""
    files = locked(draft)
    order = order_of(files)
    if is_module(file):
        _swap(order, [folder for folder, _ in order].index(folder_of(file)), up=up)
    else:
        _shift(order, file.path, up=up)
    _arrange(actor, draft, files, order)


def put_before(
    actor: Actor, draft: Draft, file: DraftFile, next_file: DraftFile
) -> DraftFile | None:
    """Put a part before another one, or at the end of a module; a module before another one, or
    before itself at the end. Gives what takes it back: where it stood in these words, None where
    nothing says it."""
    files = locked(draft)
    order = order_of(files)
    stood = _stood_before(files, order, file)
    if file is next_file and not is_module(file):
        return None
    if is_module(file):
        if not is_module(next_file):
            raise NotFound
        moved = next(each for each in order if each[0] == folder_of(file))
        order.remove(moved)
        folders = [folder for folder, _ in order]
        at = folders.index(folder_of(next_file)) if file is not next_file else len(order)
        order.insert(at, moved)
    else:
        next(parts for _, parts in order if file.path in parts).remove(file.path)
        parts = dict(order)[folder_of(next_file)]
        at = len(parts) if is_module(next_file) else parts.index(next_file.path)
        parts.insert(at, file.path)
    _arrange(actor, draft, files, order)
    return stood


def _stood_before(files: Files, order: Order, file: DraftFile) -> DraftFile | None:
    if is_module(file):
        folders = [folder for folder, _ in order]
        after = folders[folders.index(folder_of(file)) + 1 :]
        return files.get(f"{after[0]}/{MODULE_FILE}") if after else file
    parts = next(parts for _, parts in order if file.path in parts)
    last = parts[-1] == file.path
    path = f"{folder_of(file)}/{MODULE_FILE}" if last else parts[parts.index(file.path) + 1]
    return files.get(path)


def remove(actor: Actor, draft: Draft, file: DraftFile, also: Iterable[DraftFile] = ()) -> None:
    """Take a part out, or a module with all its files, and others `also`. Keys that learners'
    progress hangs on are noted in the course's settings, so that the loss is on purpose."""
    files = locked(draft)
    gone = [*files_with(files, file), *also]
    drafts.remove_files(draft, gone)
    _note_removed(actor, draft, files, _keys_of(gone), removed=True)


def restore(actor: Actor, draft: Draft, file: DraftFile) -> None:
    """Bring back what was removed together with a file, into its module wherever that stands now.
    Raises DomainError where the module was removed too, later."""
    files = locked(draft)
    together = db.session.scalars(
        select(DraftFile).where(
            DraftFile.draft_id == draft.id,
            DraftFile.removed_at == _removed_at(file),
            ~DraftFile.path.startswith(f"{REMOVED}/"),
        )
    ).all()
    there = {folder: _folder_now(files, together, folder) for folder in map(folder_of, together)}
    paths = {each: there[folder_of(each)] + each.path[len(folder_of(each)) :] for each in together}
    taken = {path.rpartition(".")[0] for path in files}
    free = {stem: _free(stem, taken) for stem in {p.rpartition(".")[0] for p in paths.values()}}
    drafts.restore_files(
        draft, {each: free[path.rpartition(".")[0]] + _suffix(path) for each, path in paths.items()}
    )
    _note_removed(actor, draft, files, _keys_of(together), removed=False)


def _folder_now(files: Files, together: Iterable[DraftFile], folder: str) -> str:
    """Where a folder is put back: modules get other numbers, never other names."""
    present = {path.split("/")[0] for path in files if "/" in path}
    if folder == "media" or any(each.path == f"{folder}/{MODULE_FILE}" for each in together):
        return folder if folder == "media" else _free(folder, present)
    if folder in present:
        return folder
    named = [each for each in sorted(present) if each[3:] == folder[3:]]
    if not named:
        raise DomainError(gettext("Modulnya sudah dihapus juga. Kembalikan dahulu modul itu."))
    return named[0]


def change_settings(
    actor: Actor, draft: Draft, file: DraftFile, changes: Mapping[str, object], number: int
) -> None:
    """Change settings of a part or module, as save `number` had them. Raises DomainError where
    what is required before can never be done, StaleFile where somebody else has saved."""
    files = locked(draft)
    assert file.text is not None
    try:
        text = with_settings(file.path, file.text, changes)
    except ValueError as error:
        raise DomainError(
            gettext("Pengaturan berkas ini tidak terbaca. Perbaiki dahulu teksnya.")
        ) from error
    if "requires" in changes:
        _check_requires(files, file.path, text)
    drafts.save_text(actor, draft, file, text, number)


def _check_requires(files: Files, path: str, text: str) -> None:
    texts = {**_texts(files), path: text}
    needs = []
    for module in outline(texts):
        needs.append(requirements.Needs(module.key, module.key, module.requires, module.file, 0))
        needs += [
            requirements.Needs(part.key, module.key, part.requires, part.path, 0, part.optional)
            for part in module.parts
        ]
    known = [each.key for each in needs]
    for problem in requirements.problems_of(needs, known):
        if problem.file == path or problem.code == "requires-cycle":
            raise DomainError(i18n.said(_titled(problem.message, texts)), "requires")


def _titled(message: Words, texts: Mapping[str, str]) -> Words:
    """With titles in place of keys, which a trainer does not see."""
    titles: dict[str, str] = {}
    for module in outline(texts):
        titles |= {module.key: module.title, **{part.key: part.title for part in module.parts}}
    gaps = {
        name: " → ".join(titles.get(key, key) for key in str(gap).split(" → "))
        for name, gap in message.gaps.items()
    }
    return Words(message.template, **gaps)


# ── Files ────────────────────────────────────────────────────────────────────────────────────


def locked(draft: Draft) -> Files:
    """The files of a draft, whose outline nobody else changes meanwhile."""
    lock_row(draft)
    return {file.path: file for file in files_of(draft)}


def _texts(files: Files) -> dict[str, str]:
    return {path: file.text for path, file in files.items() if file.text is not None}


def order_of(files: Files) -> Order:
    return [(m.path, [part.path for part in m.parts]) for m in outline(_texts(files))]


def keys_in(files: Files) -> set[str]:
    return _keys_of(files.values())


def _keys_of(files: Iterable[DraftFile]) -> set[str]:
    """Keys of modules, parts and questions in files, as far as they can be read."""
    keys: set[str] = set()
    for file in files:
        if file.text is None:
            continue
        if file.path.endswith(".gift"):
            keys.update(key for key, _ in gift.keys(file.text))
        else:
            key = (settings_of(file.path, file.text) or {}).get("key")
            keys.update([key] if isinstance(key, str) and key else [])
    return keys


def is_module(file: DraftFile) -> bool:
    return file.path.endswith(f"/{MODULE_FILE}")


def folder_of(file: DraftFile) -> str:
    return file.path.split("/")[0]


def _suffix(path: str) -> str:
    return path[len(path.rpartition(".")[0]) :]


def number_of(path: str) -> int:
    digits = path.rpartition("/")[2][:2]
    return int(digits) if digits.isdigit() else 0


def with_number(name: str, number: int, taken: Iterable[str]) -> str:
    """With its number, the next one where a folder has it already."""
    try:
        number = max(number, *(number_of(each) + 1 for each in taken)) if taken else number
        return numbered(name, number)
    except ValueError as error:
        raise DomainError(gettext("Paling banyak 99; bagi menjadi beberapa modul.")) from error


def _free(stem: str, taken: set[str]) -> str:
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found


def _removed_at(file: DraftFile) -> datetime:
    if file.removed_at is None:
        raise NotFound
    return file.removed_at


def files_with(files: Files, file: DraftFile) -> list[DraftFile]:
    """A module is its folder; a quiz has its questions beside its settings."""
    if is_module(file):
        return [each for path, each in files.items() if path.startswith(f"{folder_of(file)}/")]
    stem = file.path.rpartition(".")[0]
    beside = files.get(f"{stem}.gift") if file.path.endswith(".toml") else None
    return [file, beside] if beside else [file]


def _swap(order: Order, at: int, *, up: bool) -> None:
    other = at - 1 if up else at + 1
    if 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]


def _shift(order: Order, path: str, *, up: bool) -> None:
    module = next(i for i, (_, parts) in enumerate(order) if path in parts)
    parts = order[module][1]
    at = parts.index(path)
    other = at - 1 if up else at + 1
    if 0 <= other < len(parts):
        parts[at], parts[other] = parts[other], parts[at]
        return
    beyond = module - 1 if up else module + 1
    if 0 <= beyond < len(order):
        parts.remove(path)
        there = order[beyond][1]
        there.insert(len(there) if up else 0, path)


def _arrange(actor: Actor, draft: Draft, files: Files, order: Order) -> None:
    """Number modules and parts anew in this order; only names change."""
    moves: dict[DraftFile, str] = {}
    for number, (folder, _) in enumerate(order, start=1):
        target = with_number(folder, number, taken=())
        for path, file in files.items():
            if path.startswith(f"{folder}/"):
                moves[file] = target + path[len(folder) :]
    for number, (folder, parts) in enumerate(order, start=1):
        target = with_number(folder, number, taken=())
        for position, path in enumerate(parts, start=1):
            name = path.rpartition("/")[2].rpartition(".")[0]
            stem = f"{target}/{with_number(name, position, taken=())}"
            for file in files_with(files, files[path]):
                if not path.startswith(f"{folder}/"):
                    _take_media_along(actor, draft, files, file, folder, moves)
                moves[file] = stem + _suffix(file.path)
    changed = {file: path for file, path in moves.items() if file.path != path}
    after = [moves.get(file, path) for path, file in files.items()]
    if len(set(after)) < len(after):
        raise DomainError(gettext("Dua berkas akan bernama sama. Ganti nama salah satunya."))
    if changed:
        drafts.move_files(draft, changed)


def _take_media_along(
    actor: Actor, draft: Draft, files: Files, file: DraftFile, folder: str,
    moves: dict[DraftFile, str],
) -> None:  # fmt: skip
    """Media that a text finds in the folder of its module are put into that of the new one too."""
    for name in set(_MEDIUM.findall(file.text or "")):
        found, there = files.get(f"{folder_of(file)}/{name}"), files.get(f"{folder}/{name}")
        if found is None or found.digest is None or (there and there.digest == found.digest):
            continue
        if there is not None:
            words = gettext("Modul tujuan punya media lain bernama %(name)s.", name=name)
            raise DomainError(words)
        copy = drafts.add_medium(actor, draft, f"{folder}/{name}", found.digest)
        files[copy.path] = copy
        target = next((new for each, new in moves.items() if folder_of(each) == folder), folder)
        moves[copy] = f"{target.split('/')[0]}/{name}"


def _note_removed(
    actor: Actor, draft: Draft, files: Files, keys: set[str], *, removed: bool
) -> None:
    current = draft.course.current_version
    published = queries.keys_of(current) if current else {}
    settings = files.get(COURSE_FILE)
    if settings is None or settings.text is None or not keys & published.keys():
        return
    text = with_removed(settings.text, keys & published.keys(), removed=removed)
    drafts.save_text(actor, draft, settings, text, settings.number)
