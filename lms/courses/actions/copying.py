"""One module or part of a course copied into a draft, or once more within its own draft."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from flask_babel import gettext

from lms.core.access import Actor
from lms.core.db import new_uuid
from lms.core.errors import DomainError, NotFound
from lms.courses import queries
from lms.courses.actions import drafts, outline
from lms.courses.actions.banks import note_copies, placed_medium, with_names
from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.actions.media import uses
from lms.courses.actions.outline import Files
from lms.courses.actions.question_index import QUESTIONS, Ahead
from lms.courses.models import Course, Draft, DraftFile
from lms.courses.queries.banks import media_of
from lms.courses.queries.drafts import file_for, files_of, source_of_draft
from lms.courses.queries.studio import copy_kept, copy_path
from lms.courses.rules import Source
from lms.formats.course_folder.copying import Copy, copied, keys_of
from lms.formats.course_folder.outline import settings_of
from lms.formats.course_folder.writing import with_settings

TITLE_MAX = 120


def planned(draft: Draft, source: Source, path: str, *, within: bool = False) -> Copy:
    """What comes into the draft with the module in this folder of a course, or with the part whose
    settings are in this file. `within`: it is the draft's own. Raises NotFound where there is none,
    DomainError for what cannot be read."""
    texts = {file.path: file.text for file in files_of(draft) if file.text is not None}
    settings = settings_of(COURSE_FILE, texts.get(COURSE_FILE, "")) or {}
    theirs = settings_of(COURSE_FILE, source["texts"].get(COURSE_FILE, "")) or {}
    goals, own = _goals(theirs), _goals(settings)
    same = {key for key, goal in goals.items() if own.get(key) == goal}
    taken = {key for each, text in texts.items() for key in keys_of(each, text)}
    taken |= _left_out(settings) | _published(draft.course)
    try:
        return copied(source["texts"], source["media"], path, taken, same, within=within)
    except KeyError as error:
        raise NotFound from error
    except ValueError as error:
        words = gettext("Pengaturan bagian ini tidak terbaca. Perbaiki dahulu teksnya.")
        raise DomainError(words) from error


def copy_in(
    actor: Actor, draft: Draft, origin: Course, source: Source, path: str, place: DraftFile | None,
    ahead: Ahead | None = None,
) -> tuple[DraftFile, UUID]:  # fmt: skip
    """Copy a module or part of another course before a module or part of the draft; a part to the
    end of a module that is named, a module to the end where nothing is. The file that stands for
    it, and what `undo_copy` takes. `ahead` is as in `drafts.create_course`. Raises what `planned`
    raises."""
    files = outline.locked(draft)
    copy = planned(draft, source, path)
    is_module = path not in copy.texts
    if place is None and not is_module:
        raise NotFound
    folder = None if is_module or place is None else outline.folder_of(place)
    file = _added(actor, draft, files, source, copy, path, folder, ahead)
    _note_origins(actor, draft.course, origin, copy)
    if place is not None and (is_module or not outline.is_module(place)):
        outline.put_before(actor, draft, file, place)
    return file, _keep(actor, draft, files, file)


def duplicate(actor: Actor, draft: Draft, file: DraftFile) -> tuple[DraftFile, UUID]:
    """A module or part once more, right after itself, with a title that says so; as `copy_in`."""
    files = outline.locked(draft)
    is_module = outline.is_module(file)
    source = source_of_draft(draft)
    path = outline.folder_of(file) if is_module else file.path
    copy = planned(draft, source, path, within=True)
    text = copy.texts[file.path]
    title = str((settings_of(file.path, text) or {}).get("title", ""))
    named = gettext("Salinan %(title)s", title=title)[:TITLE_MAX].rstrip()
    text = with_settings(file.path, text, {"title": named})
    copy = replace(copy, texts={**copy.texts, file.path: text})
    folder = None if is_module else outline.folder_of(file)
    following = _following(files, file)
    new = _added(actor, draft, files, source, copy, path, folder)
    if following is not None:
        outline.put_before(actor, draft, new, following)
    return new, _keep(actor, draft, files, new)


def undo_copy(actor: Actor, draft: Draft, uuid: UUID) -> DraftFile:
    """Take a copy out again, with the media that came with it and that nothing else names;
    `outline.restore` brings all of it back. Raises NotFound where it is not there."""
    kept = copy_kept(draft, uuid)
    files = outline.locked(draft)
    file = file_for(draft, UUID(kept["file"]))
    gone = {each.id for each in outline.files_with(files, file)}
    left = [each for each in files.values() if each.id not in gone]
    named = uses(left)
    media = [each for each in left if str(each.uuid) in kept["media"] and each.path not in named]
    outline.remove(actor, draft, file, media)
    return file


def _added(
    actor: Actor, draft: Draft, files: Files, source: Source, copy: Copy, path: str,
    folder: str | None, ahead: Ahead | None = None,
) -> DraftFile:  # fmt: skip
    """The texts of a copy as the last part of a folder, as the last module where that is None; the
    media that they name are in the draft then. Gives the file that stands for it."""
    order = outline.order_of(files)
    key = (copy.module.key if folder is None else copy.module.parts[0].key) or "salinan"
    if folder is None:
        target = outline.with_number(key, len(order) + 1, taken=[each for each, _ in order])
        paths = {each: target + each[len(path) :] for each in copy.texts}
    else:
        target = folder
        last = max((outline.number_of(each) for each in dict(order)[folder]), default=0)
        stem = f"{folder}/{outline.with_number(key, last + 1, taken=())}"
        paths = {each: f"{stem}{PurePosixPath(each).suffix}" for each in copy.texts}
    present = media_of(draft.id)
    added = {}
    for each, text in copy.texts.items():
        names = {
            name: placed_medium(actor, draft, target, present, name, source["media"][medium])
            for name, medium in copy.media[each].items()
        }
        added[each] = drafts.add_text(actor, draft, paths[each], with_names(text, names), ahead)
    return added[path if folder is not None else f"{path}/{outline.MODULE_FILE}"]


def _keep(actor: Actor, draft: Draft, before: Files, file: DraftFile) -> UUID:
    """Keep what came, so that it can be taken out again."""
    known = {each.id for each in before.values()}
    media = [str(f.uuid) for f in files_of(draft) if f.digest is not None and f.id not in known]
    text = json.dumps({"file": str(file.uuid), "media": media})
    kept = drafts.add_text(actor, draft, copy_path(new_uuid()), text)
    drafts.remove_files(draft, [kept])
    return kept.uuid


def _note_origins(actor: Actor, course: Course, origin: Course, copy: Copy) -> None:
    """Where each question came from, as for those of a bank."""
    old = {new: key for key, new in copy.keys.items()}
    keys = [
        key
        for path, text in copy.texts.items()
        if path.endswith(QUESTIONS)
        for key in keys_of(path, text)
    ]
    note_copies(actor, course, [(key, origin.id, old.get(key, key)) for key in keys])


def _following(files: Files, file: DraftFile) -> DraftFile | None:
    """What stands behind a part in its module, or behind a module; None: nothing."""
    order = outline.order_of(files)
    if outline.is_module(file):
        folders = [folder for folder, _ in order]
        after = folders[folders.index(outline.folder_of(file)) + 1 :]
        return files.get(f"{after[0]}/{outline.MODULE_FILE}") if after else None
    parts = dict(order)[outline.folder_of(file)]
    behind = parts[parts.index(file.path) + 1 :]
    return files[behind[0]] if behind else None


def _goals(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Goals of a course by their keys, with all that is said of them."""
    goals = settings.get("goals", [])
    each = [goal for goal in goals if isinstance(goal, dict)] if isinstance(goals, list) else []
    return {str(goal.get("key", "")): goal for goal in each}


def _left_out(settings: Mapping[str, Any]) -> set[str]:
    """Keys of published things that are no longer in the course: they are never used again."""
    removed = settings.get("removed")
    keys = removed.get("keys") if isinstance(removed, dict) else None
    return {key for key in keys if isinstance(key, str)} if isinstance(keys, list) else set()


def _published(course: Course) -> set[str]:
    current = course.current_version
    return set(queries.keys_of(current)) if current else set()
