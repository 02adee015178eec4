"""The craft of writing a course, as far as it can be told by looking: what is allowed and may still
be better (docs/writing-courses.md). Nothing here keeps a course from being published."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from textwrap import shorten

from lms.formats.course_folder import markup
from lms.formats.course_folder.content import (
    CourseContent,
    LessonContent,
    PartContent,
    Problem,
    QuizContent,
)
from lms.formats.course_folder.goals import goals_of
from lms.formats.gift.questions import FULL, Question, QuestionKind
from lms.formats.words import Words

_DRAFT = Words(
    "Soal ini masih draf, jadi tidak ikut terbit; siapkan dengan menghapus [state:draft]."
)
LONGEST_LESSON = 1000  # words
_LONGEST = 80  # characters of a goal that a message names
SHORTEST_TEXT = 4  # words of a text alternative
FEWEST_BY_PLACE = 6  # questions from which a habit can be told
FEWEST_BY_LENGTH = 4
CLEARLY_LONGER = Decimal("1.25")  # times the longest other option
JP_MINUTES = 45
JP_SPREAD = Decimal("0.15")
SETTING = "setting-"  # how the codes of settings that are wrong or missing begin
# So begin those of what cannot be read, or has no name by which it could be told of.
_BLINDING = ("file-", "front-matter", "toml-", "gift-", "key-", "last-option-")
_HARMLESS = ("file-unknown", "file-link", "file-characters", "key-lost")

_ALL_RIGHT = re.compile(
    r"(?:(?:semua|seluruh)(?:nya)?(?: (?:jawaban|pilihan|pernyataan))?(?: (?:di atas|itu|ini))?"
    r"(?: (?:adalah|itu))?(?: (?:benar|betul|tepat|salah|keliru))?"
    r"|tidak (?:ada|satu pun)(?: (?:jawaban|pilihan))? (?:yang )?(?:benar|betul|tepat)"
    r"|[a-e](?:,? dan |, )[a-e](?:,? dan [a-e])? (?:benar|betul|salah)"
    r"|(?:all|none) of (?:the above|these))"
)
# Not every "tidak", most are part of what happened; nor "yang keliru", which asks for a mistake.
_NEGATIVE = re.compile(
    r"\b(?:apa|apakah|mana|manakah|siapa|siapakah|berikut|ini)(?: \w+)? yang "
    r"(?:bukan|tidak)\b"
    r"|\bbukan merupakan\b|\bkecuali\W*$"
)
_STRONG = re.compile(r"\*\*.+?\*\*|__.+?__|\b[A-Z]{4,}\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Places:
    """Where what the content says stands: "file:line" of every key, lines of `course.toml` by goal
    and of its `jp`; file, line and text alternative of every image; file and line of every question
    that is a draft; file, line and name of every video and sound that a text names."""

    keys: Mapping[str, str]
    goals: Mapping[str, int] = field(default_factory=dict)
    jp: int = 0
    images: Sequence[tuple[str, int, str]] = ()
    drafts: Sequence[tuple[str, int]] = ()
    played: Sequence[tuple[str, int, str]] = ()


def unread(problems: Iterable[Problem]) -> set[str]:
    """The files of which not all can be known for their problems. What their texts and settings
    lack is another matter: the rest of them stands."""
    return {
        each.file
        for each in problems
        if each.code.startswith(_BLINDING) and each.code not in _HARMLESS
    }


def warnings(
    content: CourseContent, places: Places, course_file: str, problems: Sequence[Problem] = ()
) -> list[Problem]:
    """What could be better, by file and line. Of a course with problems only what is so whatever
    they hide."""
    hidden = unread(problems)
    parts = [
        part
        for module in content.modules
        for part in module.parts
        if _is_known(part, places, hidden)
    ]
    quizzes = [part for part in parts if isinstance(part, QuizContent) and not part.pool]
    found = list(_aims(content, quizzes, places))
    if not hidden:
        found += _goals(content, quizzes, places, course_file)
    if not hidden and not any(each.code.startswith(SETTING) for each in problems):
        found += _time(content, places, course_file)
    for part in parts:
        if isinstance(part, LessonContent):
            found += _lesson(part, places)
    for quiz in quizzes:
        found += [*of_questions(quiz.questions, places), *_unruled(quiz, places)]
    found += [*short_texts(places.images), *loose_media(places.played)]
    found += (Problem(file, line, "question-draft", _DRAFT) for file, line in places.drafts)
    return sorted(set(found))


def _is_known(part: PartContent, places: Places, hidden: Collection[str]) -> bool:
    """Can the part and its questions be told of by their keys, and was all of them read?"""
    questions = part.questions if isinstance(part, QuizContent) else ()
    if not all(key in places.keys for key in (part.key, *(each.key for each in questions))):
        return False
    file = places.keys[part.key].rpartition(":")[0]
    return file not in hidden and f"{file.removesuffix('.toml')}.gift" not in hidden


def loose_media(played: Iterable[tuple[str, int, str]]) -> Iterator[Problem]:
    """Videos and sounds in the midst of a text, where they have neither captions nor transcript."""
    for file, line, name in played:
        loose = Words(
            "%(name)s hanya ditautkan di dalam teks, jadi tanpa takarir dan transkrip; jadikan "
            "bagian video atau audio tersendiri.",
            name=name,
        )
        yield Problem(file, line, "media-in-text", loose)


def short_texts(images: Iterable[tuple[str, int, str]]) -> Iterator[Problem]:
    """Images, by file, line and text alternative, whose text says too little."""
    for file, line, text in images:
        if len(text.split()) < SHORTEST_TEXT:
            short = Words(
                'Teks pengganti gambar "%(text)s" terlalu pendek; tulis apa yang tampak di sana.',
                text=text,
            )
            yield Problem(file, line, "image-short-text", short)


def of_questions(questions: Sequence[Question], places: Places) -> list[Problem]:
    """What could be better about the questions of one file."""
    found = list(_habits(questions, places))
    for question in questions:
        found += _question(question, places)
    return found


def _at(places: Places, key: str, code: str, message: Words) -> Problem:
    file, _, line = places.keys[key].rpartition(":")
    return Problem(file, int(line), code, message)


def _time(content: CourseContent, places: Places, file: str) -> Iterator[Problem]:
    wanted = content.jp * JP_MINUTES
    if abs(content.minutes - wanted) > wanted * JP_SPREAD:
        yield Problem(
            file,
            places.jp,
            "minutes-jp",
            Words(
                "Jumlah minutes semua bagian %(minutes)s menit, sedangkan %(jp)s JP × "
                "%(jp_minutes)s = %(wanted)s menit; sesuaikan jp atau minutes.",
                minutes=content.minutes,
                jp=f"{content.jp:f}",
                jp_minutes=JP_MINUTES,
                wanted=f"{wanted:.0f}",
            ),
        )


def _aims(
    content: CourseContent, quizzes: Sequence[QuizContent], places: Places
) -> Iterator[Problem]:
    """Every question has its goal, where the course has any."""
    for question in (each for quiz in quizzes if content.goals for each in quiz.questions):
        if not goals_of(question.tags):
            aimless = Words("Soal ini tanpa tujuan belajar; tambahkan [tag:goal.KUNCI].")
            yield _at(places, question.key, "question-without-goal", aimless)


def _goals(
    content: CourseContent, quizzes: Sequence[QuizContent], places: Places, file: str
) -> Iterator[Problem]:
    asked = Counter(
        goal for quiz in quizzes for each in quiz.questions for goal in goals_of(each.tags)
    )
    for goal in content.goals:
        said = shorten(goal.text, _LONGEST, placeholder="…")
        if not asked[goal.key]:
            unasked = Words(
                'Tujuan "%(goal)s" tidak diuji satu soal pun; tulis soalnya.', goal=said
            )
            yield Problem(file, places.goals[goal.key], "goal-without-question", unasked)
        elif goal.competency and not _is_weighted(goal.key, quizzes):
            light = Words(
                'Tujuan "%(goal)s" hanya diuji kuis tanpa weight, jadi tidak menjadi '
                "bukti. Beri kuisnya bobot.",
                goal=said,
            )
            yield Problem(file, places.goals[goal.key], "goal-without-weight", light)


def _is_weighted(goal: str, quizzes: Sequence[QuizContent]) -> bool:
    """Does a quiz that counts ask for the goal?"""
    return any(
        goal in goals_of(question.tags)
        for quiz in quizzes
        if quiz.weight
        for question in quiz.questions
    )


def _lesson(lesson: LessonContent, places: Places) -> Iterator[Problem]:
    file, _, line = places.keys[lesson.key].rpartition(":")
    yield from long_lesson(markup.word_count(lesson.markdown), file, int(line))


def long_lesson(words: int, file: str, line: int = 0) -> Iterator[Problem]:
    """Is a lesson of so many words too long?"""
    if words > LONGEST_LESSON:
        long = Words(
            "Pelajaran ini %(words)s kata, paling baik sampai %(longest_lesson)s; bagi "
            "menjadi dua.",
            words=words,
            longest_lesson=LONGEST_LESSON,
        )
        yield Problem(file, line, "lesson-long", long)


def _unruled(quiz: QuizContent, places: Places) -> Iterator[Problem]:
    """Essays that every marker would mark in their own way."""
    ruled = {essay.question for essay in quiz.essays if essay.rubric}
    for question in quiz.questions:
        if question.kind is QuestionKind.ESSAY and question.key not in ruled:
            bare = Words(
                "Esai ini tanpa rubrik; tulis [[rubric]] supaya semua penilai menilai sama."
            )
            yield _at(places, question.key, "essay-without-rubric", bare)


# ── Questions ────────────────────────────────────────────────────────────────────────────────


def _habits(questions: Sequence[Question], places: Places) -> Iterator[Problem]:
    """What gives the right options of a file away."""
    singles = [each for each in questions if each.kind is QuestionKind.SINGLE]
    if len(singles) >= FEWEST_BY_PLACE:
        place, times = Counter(_right(each) for each in singles).most_common(1)[0]
        if times * 2 > len(singles):
            message = Words(
                "Pilihan yang benar berada di urutan ke-%(place)s pada %(times)s dari "
                "%(count)s soal; sebarkan letaknya.",
                place=place + 1,
                times=times,
                count=len(singles),
            )
            yield _at(places, singles[0].key, "right-option-place", message)
    longest = sum(_stands_out(each) for each in singles)
    if len(singles) >= FEWEST_BY_LENGTH and longest * 2 > len(singles):
        message = Words(
            "Pilihan yang benar jelas paling panjang pada %(longest)s dari %(count)s "
            "soal; samakan panjang pilihan.",
            longest=longest,
            count=len(singles),
        )
        yield _at(places, singles[0].key, "right-option-longest", message)


def _right(question: Question) -> int:
    return next(i for i, option in enumerate(question.options) if option.fraction == FULL)


def _stands_out(question: Question) -> bool:
    right = _right(question)
    others = [len(option.text) for i, option in enumerate(question.options) if i != right]
    return len(question.options[right].text) > CLEARLY_LONGER * max(others)


def _question(question: Question, places: Places) -> Iterator[Problem]:
    silent = _without_feedback(question)
    if silent:
        yield _at(places, question.key, "option-without-feedback", silent)
    for option in question.options:
        if _ALL_RIGHT.fullmatch(option.text.strip(" .").lower()):
            message = Words(
                'Pilihan "%(text)s" dapat ditebak tanpa tahu isinya; ganti dengan '
                "kekeliruan yang nyata.",
                text=option.text,
            )
            yield _at(places, question.key, "option-all-right", message)
    asked = _STRONG.sub("", _SENTENCE.split(question.text.strip())[-1])
    if question.kind is not QuestionKind.TRUEFALSE and _NEGATIVE.search(asked.lower()):
        message = Words("Pertanyaannya negatif; tanyakan yang benar, atau tebalkan kata ingkarnya.")
        yield _at(places, question.key, "stem-negative", message)


def _without_feedback(question: Question) -> Words | None:
    """What feedback is missing, in words; None where there is enough. An essay gets its own from
    whoever marks it."""
    if question.kind is QuestionKind.ESSAY:
        return None
    if question.kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUEFALSE):
        missing = sum(not option.feedback.strip() for option in question.options)
        if not missing:
            return None
        if question.kind is QuestionKind.TRUEFALSE:
            return Words(
                "%(missing)s dari 2 jawaban tanpa umpan balik; tulis sesudah # mengapa "
                "benar atau keliru.",
                missing=missing,
            )
        return Words(
            "%(missing)s dari %(count)s pilihan tanpa umpan balik; tulis sesudah # "
            "mengapa benar atau keliru.",
            missing=missing,
            count=len(question.options),
        )
    told = question.general_feedback.strip() or any(
        option.feedback.strip() for option in question.options
    )
    if told:
        return None
    return Words("Soal ini tanpa umpan balik; tulis sesudah #### apa yang dipelajari.")
