"""Captions, transcript and poster of a video or sound in a draft: files of the draft, and what the
settings of the part say of them."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext

from lms.core.access import Actor
from lms.core.db import lock_row
from lms.core.errors import DomainError, NotFound
from lms.courses.actions import drafts, media
from lms.courses.actions.drafts import StaleFile
from lms.courses.models import Draft, DraftFile
from lms.courses.queries.drafts import files_of
from lms.formats.course_folder.outline import settings_of
from lms.formats.course_folder.quiz_text import Value, changed

SUFFIX = ".vtt"


def names_of(part: DraftFile, own: str) -> dict[str, str]:
    """The captions that a video names, by language; `own` is that of the course."""
    values = settings_of(part.path, part.text or "") or {}
    others = values.get("subtitles")
    said = {own: values.get("captions"), **(others if isinstance(others, dict) else {})}
    return {code: name for code, name in said.items() if isinstance(name, str) and name}


def named(present: Iterable[DraftFile], part: DraftFile, name: str) -> DraftFile | None:
    """The medium that a part means by a name: its module's own goes before the course's."""
    paths = {file.path: file for file in present if file.digest is not None}
    return paths.get(f"{part.path.partition('/')[0]}/{name}") or paths.get(name)


def put_captions(
    actor: Actor, draft: Draft, part: DraftFile, language: str, own: str, digest: str, base: str
) -> DraftFile | None:
    """Give a video captions that are kept already and were found right, in the place of those with
    the digest `base` ("": of none). Gives the file that went for them.

    Raises StaleFile when somebody else has changed them meanwhile.
    """
    lock_row(part)
    present = files_of(draft)
    before = named(present, part, names_of(part, own).get(language, ""))
    if before is not None and before.digest == digest:
        return None
    if (before.digest if before else "") != base:
        raise StaleFile(before or part)
    if before is not None and _is_only_for(present, before, part):
        drafts.remove_files(draft, [before])
        drafts.add_medium(actor, draft, before.path, digest)
        return before
    stem = f"{part.path.rpartition('/')[2].rpartition('.')[0]}-{language.lower()}"
    added = media.add_medium(actor, draft, media.Taken(stem, SUFFIX[1:], digest))
    _say(actor, draft, part, language, own, _name(added))
    return None


def remove_captions(
    actor: Actor, draft: Draft, part: DraftFile, language: str, own: str
) -> DraftFile | None:
    """Take the captions in a language off. Gives their file if that went too, because nothing else
    names it. Raises NotFound where there are none."""
    lock_row(part)
    names, present = names_of(part, own), files_of(draft)
    if language not in names:
        raise NotFound
    before = named(present, part, names[language])
    _say(actor, draft, part, language, own, None)
    if before is None or not _is_only_for(present, before, part, afterwards=True):
        return None
    drafts.remove_files(draft, [before])
    return before


def restore_captions(
    actor: Actor, draft: Draft, part: DraftFile, language: str, own: str, gone: DraftFile
) -> None:
    """Bring captions back that were removed or replaced; what took their place goes."""
    if not gone.path.endswith(SUFFIX):
        raise NotFound
    lock_row(part)
    drafts.remove_files(draft, [file for file in files_of(draft) if file.path == gone.path])
    drafts.restore_files(draft, {gone: gone.path})
    _say(actor, draft, part, language, own, _name(gone))


def set_poster(actor: Actor, draft: Draft, part: DraftFile, name: str) -> None:
    """The picture that a video shows before it plays, as "media/…"; "" for none."""
    lock_row(part)
    _save(actor, draft, part, {"poster": name or None})


def save_transcript(actor: Actor, draft: Draft, part: DraftFile, text: str, number: int) -> None:
    """What stood there before stays in the history. Raises StaleFile when the settings of the part
    were saved after the save `number`."""
    lock_row(part)
    after = _changed(part, {"text": text})
    drafts.save_text(actor, draft, part, after, number, apart=True)


def _is_only_for(
    present: Iterable[DraftFile], file: DraftFile, part: DraftFile, *, afterwards: bool = False
) -> bool:
    """Does no other text name the file? `afterwards`: the part does so no more itself."""
    using = media.uses(present).get(file.path, ())
    return not using if afterwards else list(using) == [part]


def _name(file: DraftFile) -> str:
    return f"media/{file.path.rpartition('/')[2]}"


def _say(
    actor: Actor, draft: Draft, part: DraftFile, language: str, own: str, name: str | None
) -> None:
    if language == own:
        _save(actor, draft, part, {"captions": name})
        return
    values = settings_of(part.path, part.text or "") or {}
    before = values.get("subtitles")
    said = dict(before) if isinstance(before, dict) else {}
    said.pop(language, None)
    if name:
        said[language] = name
    _save(actor, draft, part, {}, {"subtitles": said})


def _save(
    actor: Actor,
    draft: Draft,
    part: DraftFile,
    settings: Mapping[str, Value | None],
    tables: Mapping[str, Mapping[str, Value]] | None = None,
) -> None:
    drafts.save_text(actor, draft, part, _changed(part, settings, tables), part.number)


def _changed(
    part: DraftFile,
    settings: Mapping[str, Value | None],
    tables: Mapping[str, Mapping[str, Value]] | None = None,
) -> str:
    try:
        return changed(part.text or "", settings, tables or {}, {})
    except ValueError as error:
        raise DomainError(
            gettext("Pengaturan berkas ini tidak terbaca. Perbaiki dahulu teksnya.")
        ) from error
