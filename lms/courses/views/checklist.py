"""What a good course has, and whether a draft has it: beside the problems on the page that
publishes."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from lms.courses.actions.drafts import COURSE_FILE
from lms.courses.actions.samples import SAMPLE
from lms.courses.queries.studio import Workshop
from lms.formats.course_folder import craft
from lms.formats.course_folder.content import CourseContent, Problem
from lms.formats.course_folder.outline import LESSON, QUIZ

_GOALS = {"goal-without-question", "goal-without-weight", "question-without-goal"}
_IMAGES = {"image-without-text", "image-short-text"}
_MEDIA = {"media-in-text", "medium-settings"}
_DEAD = {"media-missing", "media-address", "file-missing", "lesson-unknown", "link-dead"}
_KEYS = {"key-missing", "key-invalid", "key-doubled", "key-lost"}
_MODULE = "/module.toml"
_TEXTS = (".md", ".gift", ".toml")


@dataclass(frozen=True)
class Told:
    """What is known of a draft: the codes of all that was found, and the files that hide more.
    `is_glanced`: its settings could be read, and it has a part."""

    codes: set[str]
    hidden: set[str]
    is_glanced: bool

    def says(
        self, wanted: set[str], files: tuple[str, ...], *, by_looking: bool = True
    ) -> bool | None:
        """Is nothing wanting? None where a file hides it. `by_looking`: only what could be read
        was looked at for it."""
        if self.codes & wanted:
            return False
        parts = self.hidden if COURSE_FILE in files else self.hidden - {COURSE_FILE}
        hides = any(file.endswith((*files, _MODULE)) for file in parts)
        return None if hides or (by_looking and not self.is_glanced) else True


def checklist(
    course: Workshop, content: CourseContent | None, problems: Sequence[Problem],
    warnings: Sequence[Problem],
) -> list[tuple[str, bool | None]]:  # fmt: skip
    """Each point in words and whether it is met; None: cannot be told before the problems are
    mended. `content` is as far as it can be read."""
    codes = {each.code for each in (*problems, *warnings)}
    media = {p.path for m in course.modules for p in m.parts if p.kind not in (LESSON, QUIZ)}
    if any(each.file in media or each.file.endswith(".vtt") for each in problems):
        codes.add("medium-settings")
    parts = [part for module in content.modules for part in module.parts] if content else []
    is_begun = any(module.parts for module in course.modules)
    told = Told(codes, craft.unread(problems), bool(parts))
    goals = content is not None and bool(content.goals)
    return [
        (gettext("Tujuan belajar tertulis"), goals or (None if content is None else False)),
        (gettext("Setiap tujuan belajar diuji oleh soal"),
         told.says(_GOALS, (COURSE_FILE, ".gift", ".toml")) if goals else None),
        (gettext("Setiap bagian dan soal punya kunci yang tetap"),
         told.says(_KEYS, _TEXTS, by_looking=False) if is_begun else None),
        (gettext("Setiap gambar punya teks pengganti"), told.says(_IMAGES, _TEXTS)),
        (gettext("Setiap video punya takarir, dan setiap media punya teks"),
         told.says(_MEDIA, _TEXTS)),
        (gettext("JP sesuai dengan waktu belajar"), _time(told, problems)),
        (gettext("Setiap pilihan jawaban punya umpan balik"),
         told.says({"option-without-feedback"}, (".gift",))),
        (gettext("Tidak ada berkas atau alamat yang hilang"),
         told.says(_DEAD, _TEXTS, by_looking=False) if is_begun else None),
        (gettext("Teks contoh dari templat sudah diganti"),
         SAMPLE not in codes if is_begun else None),
    ]  # fmt: skip


def _time(told: Told, problems: Sequence[Problem]) -> bool | None:
    """The minutes of every part and the hours are settings: where one is wrong, nothing adds up."""
    met = told.says({"minutes-jp"}, (COURSE_FILE, *_TEXTS))
    if met and any(each.code.startswith(craft.SETTING) for each in problems):
        return None
    return met
