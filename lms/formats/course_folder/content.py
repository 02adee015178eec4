"""What a course folder says, free of the folder; and what was found wrong in one."""

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from lms.formats.gift.questions import Question
from lms.formats.words import Words


class Shown(StrEnum):
    """What of an attempt a learner may see."""

    ATTEMPT = "attempt"
    CORRECTNESS = "correctness"
    MARKS = "marks"
    OPTION_FEEDBACK = "option-feedback"
    GENERAL_FEEDBACK = "general-feedback"
    RIGHT_ANSWER = "right-answer"
    OVERALL_FEEDBACK = "overall-feedback"


class Grade(StrEnum):
    """Which attempts make the score of a quiz."""

    HIGHEST = "highest"
    LAST = "last"
    AVERAGE = "average"
    FIRST = "first"


class Standing(StrEnum):
    """What reaching a goal does for its competency."""

    SUPPORTS = "supports"
    PROVES = "proves"


class Scoring(StrEnum):
    WEIGHTS = "weights"
    ALL_OR_NOTHING = "all-or-nothing"
    PROPORTIONAL = "proportional"
    RIGHT_MINUS_WRONG = "right-minus-wrong"


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """`file` is relative to the course folder ("." is the folder itself); line 0 is all of it.

    `message` is for the trainer; `code` is for programs and never changes.
    """

    file: str
    line: int
    code: str
    message: Words

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class OutcomeContent:
    """Completing the course lifts the competency from one level to another; 0 is not yet shown."""

    competency: str
    from_level: int
    to_level: int


@dataclass(frozen=True, slots=True)
class GoalContent:
    """What learners can do afterwards, so that it can be observed. Questions name it by key.

    With a competency, whoever reaches `score` percent of its questions has evidence of the level.
    """

    key: str
    text: str
    competency: str = ""
    level: int = 0
    score: Decimal = Decimal(0)
    standing: Standing = Standing.SUPPORTS


@dataclass(frozen=True, slots=True)
class MediaContent:
    """`name` is unique in the course: "01-module/media/x.png", or "media/x.png" of the course.
    `width` and `height` are those of a drawing (SVG), in pixels; 0 where they are not known."""

    name: str
    size: int
    digest: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class LessonContent:
    """`media` pairs each name as it stands in the Markdown ("media/x.png") with the unique one.
    `requires` are keys of modules and parts, here and below. `opens` is local to the site, without
    a zone, `opens_after` days after the learner has begun; the later of the two counts. `optional`:
    it need not be done, and nothing is judged by it."""

    key: str
    title: str
    minutes: int
    markdown: str
    media: tuple[tuple[str, str], ...] = ()
    read_to_end: bool = False
    min_minutes: int = 0
    requires: tuple[str, ...] = ()
    opens: datetime | None = None
    opens_after: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """What is shown right after an attempt, later while the quiz is open, and after it has closed;
    and besides, whenever the learner has passed it."""

    immediately: tuple[Shown, ...] = ()
    later: tuple[Shown, ...] = ()
    closed: tuple[Shown, ...] = ()
    passed: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedbackContent:
    """What is said to whoever scored at least so many percent, up to where the next one begins."""

    least: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class SectionContent:
    """A run of questions: `draw` of those at these positions of the quiz, all where that is as many
    as there are. `title` may be empty."""

    title: str
    shuffle: bool
    draw: int
    questions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HintsContent:
    """What a learner reads after each wrong try at a question of a practice quiz; Markdown."""

    question: str
    texts: tuple[str, ...]


class Handing(StrEnum):
    """Is a file handed in with an essay?"""

    NONE = "none"
    ALLOWED = "allowed"
    REQUIRED = "required"


class FileType(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    JPG = "jpg"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class CriterionContent:
    """What an essay is marked by: each level with its points."""

    name: str
    levels: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class EssayContent:
    """How an essay is answered and marked. Words are 0 for no limit; `points` are the most without
    a rubric, with one its levels say."""

    question: str
    least_words: int = 0
    most_words: int = 0
    file: Handing = Handing.NONE
    file_types: tuple[FileType, ...] = (FileType.PDF,)
    file_mb: int = 5
    points: int = 10
    rubric: tuple[CriterionContent, ...] = ()


@dataclass(frozen=True, slots=True)
class QuizContent:
    """`attempts` and `time_limit` (minutes) are 0 for no limit. `opens` and `closes` are local to
    the site, without a zone. `wait` and `wait_later` are minutes after the first attempt and after
    later ones. `pretest` is the key of the quiz that this one is compared with, or empty; `pool`
    that of the quiz whose questions it asks in place of its own. `media` is as in a lesson;
    `essays` are those that the settings say something of; `optional` is as in a lesson."""

    key: str
    title: str
    minutes: int
    pass_percent: Decimal
    weight: int
    attempts: int
    time_limit: int
    opens: datetime | None
    closes: datetime | None
    wait: int
    wait_later: int
    grade: Grade
    shuffle_options: bool
    review: Review
    feedback: tuple[FeedbackContent, ...]
    scoring: Scoring
    match_case: bool
    match_accents: bool
    pretest: str
    sections: tuple[SectionContent, ...]
    practice: bool
    hints: tuple[HintsContent, ...]
    questions: tuple[Question, ...]
    media: tuple[tuple[str, str], ...] = ()
    requires: tuple[str, ...] = ()
    pool: str = ""
    opens_after: int = 0
    essays: tuple[EssayContent, ...] = ()
    optional: bool = False


class MediumKind(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class MediumContent:
    """A file as a part of its own. `file`, `captions`, `audio` (the sound alone, for less data) and
    `poster` (what a video shows before it plays) are unique names, and so are those of `subtitles`:
    captions in other languages than the course's, by their codes. `text` is Markdown: transcript,
    or what is to be seen. `seconds` is how long it plays; `watched` is the percent that completes
    the part, 0 for none. `media` is that of the text, and `opens` and `opens_after` are those of
    the part, as in a lesson, and so is `optional`."""

    key: str
    title: str
    minutes: int
    kind: MediumKind
    file: str
    captions: str
    audio: str
    text: str
    seconds: int
    watched: int
    min_minutes: int
    requires: tuple[str, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    opens: datetime | None = None
    opens_after: int = 0
    poster: str = ""
    subtitles: tuple[tuple[str, str], ...] = ()
    optional: bool = False


PartContent = LessonContent | QuizContent | MediumContent


@dataclass(frozen=True, slots=True)
class ModuleContent:
    key: str
    title: str
    parts: tuple[PartContent, ...]
    requires: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """What its required parts take."""
        return sum(part.minutes for part in self.parts if not part.optional)


@dataclass(frozen=True, slots=True)
class CourseContent:
    """`media` holds the files that some part names, each once; `warnings` what could be better."""

    slug: str
    title: str
    summary: str
    purpose: str
    language: str
    category: str
    jp: Decimal
    trainer: str
    organiser: str
    pass_score: Decimal
    outcomes: tuple[OutcomeContent, ...]
    modules: tuple[ModuleContent, ...]
    goals: tuple[GoalContent, ...] = ()
    media: tuple[MediaContent, ...] = ()
    certificate: bool = True
    validity_months: int = 0  # 0: without end

    warnings: tuple[Problem, ...] = ()

    @property
    def minutes(self) -> int:
        return sum(module.minutes for module in self.modules)


_OF_AUTHORS = {"line", "state", "author", "source"}  # of a question, for nobody else


def digest(content: CourseContent) -> str:
    """The same for two contents between which no learner could see or be judged differently.

    So names and places of files do not count, the bytes of named media do.
    """
    files = {medium.name: medium.digest for medium in content.media}
    canonical = _canonical(replace(content, slug="", media=(), warnings=()), files)
    text = json.dumps({"format": 1, "course": canonical}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: object, files: dict[str, str]) -> object:
    if isinstance(value, Decimal):
        return format(value.normalize() + 0, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_canonical(each, files) for each in value]
    if not is_dataclass(value):
        return value
    names = [each.name for each in fields(value)]
    plain: dict[str, object] = {"is": type(value).__name__}
    plain |= {name: _canonical(getattr(value, name), files) for name in names}
    if plain.get("optional") is False:  # as if the setting had never been thought of
        del plain["optional"]
    if isinstance(value, PartContent):
        plain["media"] = [[name, files[stored]] for name, stored in value.media]
    if isinstance(value, MediumContent):
        for name in ("file", "captions", "audio", "poster"):
            plain[name] = files.get(str(plain[name]), "")
        plain["subtitles"] = [[code, files[stored]] for code, stored in value.subtitles]
    if isinstance(value, Question):
        return {name: each for name, each in plain.items() if name not in _OF_AUTHORS}
    return plain
