"""The parts of a module: lessons, quizzes and files."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lms.formats.course_folder import goals, medium
from lms.formats.course_folder.content import (
    HintsContent,
    LessonContent,
    PartContent,
    Problem,
    QuizContent,
)
from lms.formats.course_folder.front_matter import split
from lms.formats.course_folder.quiz import quiz_of
from lms.formats.course_folder.reading import (
    Media,
    Reading,
    check_notes,
    claim_by_sight,
    claimed_key,
    media_in,
    requires_of,
    table_at,
    table_in,
)
from lms.formats.course_folder.settings import MOST_DAYS, Table
from lms.formats.course_folder.tree import Kind
from lms.formats.gift import reader as gift
from lms.formats.gift.questions import TYPED, Question, QuestionState
from lms.formats.words import Words

LESSON_TAG = "lesson."


def part_names(reading: Reading, folder: str) -> list[str]:
    """Lessons and quizzes in their order; a quiz is called by its questions, there or not."""
    parts = set()
    for name in reading.entries(folder):
        file, stem, suffix = f"{folder}/{name}", Path(name).stem, Path(name).suffix
        if name == "media" and reading.is_folder(file):
            reading.take_media(file)
        elif reading.is_folder(file) or suffix not in (".md", ".gift", ".toml"):
            reading.note_unknown(file)
        elif name != "module.toml":
            reading.check_numbered(file, stem)
            parts.add(name if suffix == ".md" else f"{stem}.gift")
    return sorted(parts)


def part_of(reading: Reading, folder: str, name: str, module: str) -> PartContent | None:
    file = f"{folder}/{name}"
    if name.endswith(".md"):
        return _lesson(reading, folder, file, module)
    stem = file.removesuffix(".gift")
    tree = reading.tree
    if tree.kind(file) is None and tree.kind(f"{stem}.toml") is Kind.FILE:
        text = reading.text(f"{stem}.toml")
        if text is not None and medium.is_medium(text):
            return _medium(reading, folder, f"{stem}.toml", text, module)
    return _quiz(reading, folder, stem, module)


def _medium(reading: Reading, folder: str, file: str, text: str, module: str) -> PartContent | None:
    table = table_in(reading, file, text)
    if table is None:
        return None
    key = claimed_key(reading, table)
    part = medium.read(reading, folder, table, key, requires_of(reading, table, key, module))
    media = media_in(reading, folder, file, part.text, line=table.line("text"))
    check_notes(reading, file, part.text, line=table.line("text"))
    return replace(part, media=media)


def _lesson(reading: Reading, folder: str, file: str, module: str) -> LessonContent | None:
    text = reading.text(file)
    if text is None:
        return None
    front, body, above = _front_matter(reading, file, text)
    table = table_in(reading, file, front, skipped=1) if above else None
    if not body.strip():
        empty = Words("Pelajaran ini belum berisi teks; tulis isinya.")
        reading.note(file, above, "lesson-empty", empty)
    media = media_in(reading, folder, file, body, above=above)
    check_notes(reading, file, body, above=above)
    if table is None:
        return None
    key, title = claimed_key(reading, table), table.text("title", 120)
    minutes = table.integer("minutes", 1, 6000)
    read_to_end = table.flag("read_to_end", False)
    min_minutes = table.integer("min_minutes", 0, 6000, default=0)
    if min_minutes > minutes > 0:
        longer = Words("Waktu paling sedikit melebihi minutes; samakan atau perkecil.")
        table.note("min_minutes", "minutes-above", longer)
    requires = requires_of(reading, table, key, module)
    opens = table.moment("opens")
    after = table.integer("opens_after", 0, MOST_DAYS, default=0)
    optional = table.flag("optional", False)
    table.close()
    text = body.strip("\n")
    return LessonContent(
        key, title, minutes, text, media, read_to_end, min_minutes, requires, opens, after, optional
    )


def _front_matter(reading: Reading, file: str, text: str) -> tuple[str, str, int]:
    """The settings, the text after them, and the number of lines above the latter."""
    halves = split(text)
    if halves is not None:
        return halves
    missing = Words("Pelajaran harus diawali pengaturan di antara dua baris +++; lengkapi.")
    reading.note(file, 1, "front-matter", missing)
    claim_by_sight(reading, file, text)
    return "", text, 0


def _quiz(reading: Reading, folder: str, stem: str, module: str) -> QuizContent | None:
    file = f"{stem}.toml"
    table = table_at(reading, file)
    key = claimed_key(reading, table) if table else ""
    places = reading.keys.items()  # a key is known of settings that cannot be read, too
    reading.quizzes |= {each for each, place in places if place.startswith(f"{file}:")}
    borrows = table is not None and "questions" in table.values
    if table and borrows:
        questions, media = _none_of_its_own(reading, folder, table, key, f"{stem}.gift")
    else:
        questions, media = _questions(reading, folder, f"{stem}.gift")
    if table is None:
        reading.weights.append(None)
        return None
    hints, hint_media = _hints(reading, folder, table, "" if borrows else f"{stem}.gift")
    media = tuple(sorted({*media, *hint_media}))
    are_all = not borrows and not reading.is_faulty(f"{stem}.gift")
    requires = requires_of(reading, table, key, module)
    content = quiz_of(
        table, key, questions, hints, media, requires, are_all=are_all, unasked=reading.unasked
    )
    if content.pretest and (content.pretest == key or content.pretest not in reading.quizzes):
        unknown = Words(
            'Tidak ada kuis berkunci "%(pretest)s" sebelum kuis ini; periksa kuncinya.',
            pretest=content.pretest,
        )
        table.note("pretest", "pretest-unknown", unknown)
    reading.weights.append(None if reading.is_faulty(table.file) else content.weight)
    return content


def _none_of_its_own(
    reading: Reading, folder: str, table: Table, key: str, file: str
) -> tuple[tuple[Question, ...], Media]:
    """A quiz that asks the questions of another one has no file of questions."""
    if reading.tree.kind(file) is not None:
        _questions(reading, folder, file)  # so that none of their keys counts as lost
        both = Words(
            "Kuis ini punya soal sendiri; hapus pengaturan questions, atau berkas .gift-nya."
        )
        table.note("questions", "pool-own", both)
    if key and isinstance(table.values["questions"], str):
        reading.borrowers[key] = table
    return (), ()


def _hints(
    reading: Reading, folder: str, table: Table, questions_file: str
) -> tuple[tuple[HintsContent, ...], Media]:
    """Without a file of questions nobody knows yet which there are; see `pool`."""
    hints: list[HintsContent] = []
    media: set[tuple[str, str]] = set()
    for inner in table.tables("hints"):
        each = HintsContent(inner.text("question", 60), inner.words("texts"))
        claimed = reading.keys.get(each.question, "").rpartition(":")[0]
        if each.question and questions_file and claimed != questions_file:
            unknown = Words(
                'Soal "%(question)s" tidak ada dalam kuis ini; periksa kuncinya.',
                question=each.question,
            )
            inner.note("question", "hints-question", unknown)
        if any(other.question == each.question for other in hints):
            doubled = Words("Petunjuk soal ini sudah ditulis di atas; gabungkan.")
            inner.note("question", "hints-doubled", doubled)
        if inner.values.get("texts") == [] or not all(text.strip() for text in each.texts):
            inner.note("texts", "hints-empty", Words("Petunjuk kosong; isi atau hapus."))
        for text in each.texts:
            media.update(media_in(reading, folder, inner.file, text, line=inner.line("texts")))
        inner.close()
        hints.append(each)
    return tuple(hints), tuple(sorted(media))


def _questions(reading: Reading, folder: str, file: str) -> tuple[tuple[Question, ...], Media]:
    text = reading.text(file)
    if text is None:
        return (), ()
    questions, problems = gift.parse(text)
    reading.problems += [Problem(file, each.line, each.code, each.message) for each in problems]
    for key, line in gift.keys(text):
        reading.claim(key, file, line)
        reading.questions.add(key)
    asked = [question for question in questions if question.state is QuestionState.READY]
    _note_unasked(reading, file, questions)
    if not questions and not problems:
        reading.note(file, 0, "quiz-empty", Words("Kuis ini belum berisi soal; tulis soalnya."))
    elif not asked and not problems:
        unready = Words(
            "Semua soal kuis ini draf atau sudah dipensiunkan; siapkan paling sedikit satu."
        )
        reading.note(file, 0, "quiz-unready", unready)
    media: set[tuple[str, str]] = set()
    for question in asked:
        for lesson in lessons_of(question.tags):
            reading.lesson_tags.append((file, question.line, lesson))
        for goal in goals.goals_of(question.tags):
            reading.goal_tags.append((file, question.line, goal))
        for markdown in _texts(question):
            media.update(media_in(reading, folder, file, markdown, line=question.line))
    return tuple(asked), tuple(sorted(media))


def _note_unasked(reading: Reading, file: str, questions: Iterable[Question]) -> None:
    """Their keys stay known, so that none of them counts as lost; nothing else of them counts."""
    for question in questions:
        if question.state is not QuestionState.READY:
            reading.unasked.add(question.key)
        if question.state is QuestionState.DRAFT:
            reading.drafts.append((file, question.line))


def lessons_of(tags: Iterable[str]) -> list[str]:
    """Keys of the lessons that explain a question: what its tags "lesson.KEY" name."""
    return [tag.removeprefix(LESSON_TAG) for tag in tags if tag.startswith(LESSON_TAG)]


def _texts(question: Question) -> Iterable[str]:
    """Those that are Markdown."""
    yield from (question.text, question.general_feedback)
    for option in question.options:
        yield option.feedback
        if question.kind not in TYPED:
            yield option.text
