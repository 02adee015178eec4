"""A course folder to content. Nothing is changed, and nothing outside the folder is read."""

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from lms.formats.course_folder import craft, goals, markup, medium, pool, requirements
from lms.formats.course_folder.content import (
    CourseContent,
    HintsContent,
    LessonContent,
    ModuleContent,
    OutcomeContent,
    PartContent,
    Problem,
    QuizContent,
)
from lms.formats.course_folder.folder import Folder
from lms.formats.course_folder.quiz import quiz_of
from lms.formats.course_folder.requirements import Needs
from lms.formats.course_folder.settings import Table, key_in, table_of
from lms.formats.gift import reader as gift
from lms.formats.gift.questions import TYPED, Question, is_key

FORMAT = 1
LESSON_TAG = "lesson."

_COURSE = "course.toml"
_MEDIA = re.compile(r"(media/[A-Za-z0-9][A-Za-z0-9._-]*)(?:#.*)?")
# An address that is none of ours to look up: with a scheme, of the site, or within the page.
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/|#")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_ZERO, _HUNDRED = Decimal(0), Decimal(100)

Media = tuple[tuple[str, str], ...]


@dataclass
class _Reading(Folder):
    """A folder on the way through it: where each key stands, which are those of questions, what
    modules and parts require, and each quiz's weight if known."""

    keys: dict[str, str] = field(default_factory=dict)
    questions: set[str] = field(default_factory=set)
    needs: list[Needs] = field(default_factory=list)
    weights: list[int | None] = field(default_factory=list)
    lesson_tags: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, key
    goal_tags: list[tuple[str, int, str]] = field(default_factory=list)  # the same
    images: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, text
    borrowers: dict[str, Table] = field(default_factory=dict)  # settings of quizzes by key

    def claim(self, key: str, file: str, line: int) -> None:
        if key in self.keys:
            where = self.keys[key]
            self.note(file, line, "key-doubled", f'Kunci "{key}" sudah dipakai di {where}; ganti.')
        elif key:
            self.keys[key] = f"{file}:{line}"

    def is_quiz(self, key: str) -> bool:
        file = self.keys.get(key, "").rpartition(":")[0]
        return file.endswith(".toml") and not file.endswith("/module.toml")

    def is_faulty(self, file: str) -> bool:
        return any(problem.file == file for problem in self.problems)

    def is_lesson(self, key: str) -> bool:
        return self.keys.get(key, "").rpartition(":")[0].endswith(".md")


def read(
    folder: Path,
    known_competencies: Collection[str] | None = None,
    previous_keys: Collection[str] = (),
) -> tuple[CourseContent | None, list[Problem]]:
    """The content, or None and every problem, by file and line.

    `previous_keys` are those of the last published version: none may be lost unless the course says
    so. Given as a mapping from key to title, a lost one is called by its title too.
    """
    # Not resolved: a link to the folder itself is the caller's own choice of name.
    reading = _Reading(Path(os.path.abspath(folder)))
    if reading.root.is_dir():
        content = _course(reading, known_competencies, previous_keys)
    else:
        content = None
        reading.note(".", 0, "folder-missing", "Folder kursus tidak ditemukan; periksa namanya.")
    problems = sorted(set(reading.problems))
    return (None if problems else content), problems


def _course(
    reading: _Reading, competencies: Collection[str] | None, previous_keys: Collection[str]
) -> CourseContent | None:
    if not is_key(reading.root.name):
        name = "Nama folder kursus hanya boleh huruf kecil, angka, dan tanda hubung; ganti namanya."
        reading.note(".", 0, "folder-slug", name)
    modules = _with_pools(
        reading, [_module(reading, folder) for folder in _module_folders(reading)]
    )
    for file, line, key in reading.lesson_tags:
        if not reading.is_lesson(key):
            unknown = f"Tag lesson.{key} menunjuk pelajaran yang tidak ada; periksa kuncinya."
            reading.note(file, line, "lesson-unknown", unknown)
    if not modules:
        empty = "Kursus ini belum punya modul; buat folder seperti 01-pengantar."
        reading.note(_COURSE, 0, "course-empty", empty)
    known = reading.keys.keys() - reading.questions
    reading.problems += requirements.problems_of(reading.needs, known)
    table = _settings(reading, _COURSE)
    _check_lost(reading, _removed(reading, table), previous_keys)
    if table is None:
        return None
    _check_format(table)
    content = CourseContent(
        slug=reading.root.name,
        title=table.text("title", 120),
        summary=table.text("summary", 200),
        purpose=table.text("purpose", 1000, lines=True),
        language=_language(table),
        category=table.text("category", 80),
        jp=table.decimal("jp", Decimal("0.01"), Decimal("999.99")),
        trainer=table.text("trainer", 160, optional=True),
        organiser=table.text("organiser", 160, optional=True),
        pass_score=_pass_score(reading, table),
        certificate=table.flag("certificate", True),
        validity_months=table.integer("validity_months", 0, 600, 0),
        outcomes=_outcomes(table, competencies),
        modules=tuple(modules),
        goals=goals.read(table),
        media=tuple(sorted(reading.named.values(), key=lambda medium: medium.name)),
    )
    known_goals = [goal.key for goal in content.goals]
    reading.problems += goals.unknown(reading.goal_tags, known_goals)
    table.close()
    return content if reading.problems else _with_warnings(reading, table, content)


def _with_warnings(reading: _Reading, table: Table, content: CourseContent) -> CourseContent:
    goal_tables = table.tables("goals")
    places = craft.Places(
        keys=reading.keys,
        goals={
            goal.key: inner.line("key")
            for goal, inner in zip(content.goals, goal_tables, strict=True)
        },
        jp=table.line("jp"),
        images=reading.images,
    )
    return replace(content, warnings=tuple(craft.warnings(content, places, _COURSE)))


def _module_folders(reading: _Reading) -> list[str]:
    """All media are taken stock of on the way, before the first text can name one."""
    names = reading.entries("")
    for name in names:
        if not reading.is_folder(name) and name != _COURSE:
            reading.note_unknown(name)
    folders = [name for name in names if reading.is_folder(name) and name != "media"]
    if reading.is_folder("media") and "media" in names:
        reading.take_media("media")
    for folder in folders:
        reading.check_numbered(folder, folder)
    return folders


def _settings(reading: _Reading, file: str) -> Table | None:
    text = reading.text(file)
    return None if text is None else _table(reading, file, text)


def _table(reading: _Reading, file: str, text: str, skipped: int = 0) -> Table | None:
    table = table_of(file, text, reading.problems, skipped)
    if table is None:
        _claim_by_sight(reading, file, text, skipped)
    return table


def _claim_by_sight(reading: _Reading, file: str, text: str, skipped: int = 0) -> None:
    """The key of a file that cannot be read for a slip of the pen is not lost."""
    found = key_in(text)
    if found:
        reading.claim(found[0], file, found[1] + skipped)


def _claimed_key(reading: _Reading, table: Table) -> str:
    key = table.key()
    reading.claim(key, table.file, table.line("key"))
    return key


def _removed(reading: _Reading, table: Table | None) -> tuple[str, ...]:
    """Keys that the trainer has left out on purpose."""
    if table is None or "removed" not in table.values:
        return ()
    inner = table.table("removed")
    if inner is None:
        return ()
    removed = inner.words("keys")
    for key in removed:
        if key in reading.keys:
            still = f'Kunci "{key}" masih dipakai di {reading.keys[key]}; hapus dari [removed].'
            inner.note("keys", "removed-in-use", still)
    inner.close()
    return removed


def _check_lost(
    reading: _Reading, removed: Collection[str], previous_keys: Collection[str]
) -> None:
    titles = previous_keys if isinstance(previous_keys, Mapping) else {}
    for key in previous_keys:
        if key not in reading.keys and key not in removed:
            title = f" ({titles[key]})" if key in titles else ""
            reading.note(
                _COURSE,
                0,
                "key-lost",
                f'Kunci "{key}"{title} dari versi terbit tidak ada lagi, sehingga kemajuan peserta '
                f"padanya akan hilang; kembalikan, atau bila memang dihapus tambahkan ke [removed] "
                f'keys = ["{key}"].',
            )


def _check_format(table: Table) -> None:
    found = table.integer("format", 0, 10**6)
    if type(table.values.get("format")) is int and found != FORMAT:
        table.note(
            "format", "format-unknown", f"Format ini tidak dikenal; tulis format = {FORMAT}."
        )


def _language(table: Table) -> str:
    language = table.text("language", 10)
    if language and not _LANGUAGE.fullmatch(language):
        table.note("language", "setting-language", 'Tulis kode bahasa, misalnya "id" atau "en".')
    return language


def _pass_score(reading: _Reading, table: Table) -> Decimal:
    inner = table.table("pass")
    if inner is None:
        return _ZERO
    score = inner.decimal("score", _ZERO, _HUNDRED)
    if score > 0 and not any(weight is None or weight > 0 for weight in reading.weights):
        inner.note(
            "score",
            "pass-without-weight",
            "Nilai akhir tidak dapat dihitung karena tidak ada kuis berbobot; "
            "beri weight pada sebuah kuis, atau tulis score = 0.",
        )
    inner.close()
    return score


def _outcomes(table: Table, competencies: Collection[str] | None) -> tuple[OutcomeContent, ...]:
    outcomes: list[OutcomeContent] = []
    for inner in table.tables("outcomes"):
        code = inner.text("competency", 60)
        outcome = OutcomeContent(code, inner.integer("from", 0, 4), inner.integer("to", 1, 5))
        if code and competencies is not None and code not in competencies:
            unknown = f'Kompetensi "{code}" tidak ada dalam kamus; periksa kodenya.'
            inner.note("competency", "competency-unknown", unknown)
        if code and any(each.competency == code for each in outcomes):
            doubled = f'Kompetensi "{code}" sudah disebut di atas; hapus salah satunya.'
            inner.note("competency", "outcome-doubled", doubled)
        if {"from", "to"} <= inner.values.keys() and outcome.to_level <= outcome.from_level:
            inner.note("to", "outcome-levels", "Level to harus lebih tinggi daripada from.")
        inner.close()
        outcomes.append(outcome)
    return tuple(outcomes)


def _module(reading: _Reading, folder: str) -> ModuleContent | None:
    table = _settings(reading, f"{folder}/module.toml")
    key = _claimed_key(reading, table) if table else ""
    requires = _requires(reading, table, key, key) if table else ()
    parts = [_part(reading, folder, name, key) for name in _part_names(reading, folder)]
    if not parts:
        reading.note(folder, 0, "module-empty", "Modul ini belum berisi pelajaran atau kuis; isi.")
    if table is None:
        return None
    title = table.text("title", 120)
    table.close()
    return ModuleContent(key, title, tuple(part for part in parts if part), requires)


def _requires(reading: _Reading, table: Table, key: str, module: str) -> tuple[str, ...]:
    """What a module or part requires; judged when all keys are known."""
    requires = table.words("requires", optional=True)
    if key:
        reading.needs.append(Needs(key, module, requires, table.file, table.line("requires")))
    return requires


def _part_names(reading: _Reading, folder: str) -> list[str]:
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


def _part(reading: _Reading, folder: str, name: str, module: str) -> PartContent | None:
    file = f"{folder}/{name}"
    if name.endswith(".md"):
        return _lesson(reading, folder, file, module)
    stem = file.removesuffix(".gift")
    settings = reading.root / f"{stem}.toml"
    if not (reading.root / file).exists() and settings.is_file() and not settings.is_symlink():
        text = reading.text(f"{stem}.toml")
        if text is not None and medium.is_medium(text):
            return _medium(reading, folder, f"{stem}.toml", text, module)
    return _quiz(reading, folder, stem, module)


def _medium(
    reading: _Reading, folder: str, file: str, text: str, module: str
) -> PartContent | None:
    table = _table(reading, file, text)
    if table is None:
        return None
    key = _claimed_key(reading, table)
    part = medium.read(reading, folder, table, key, _requires(reading, table, key, module))
    media = _media(reading, folder, file, part.text, line=table.line("text"))
    return replace(part, media=media)


def _lesson(reading: _Reading, folder: str, file: str, module: str) -> LessonContent | None:
    text = reading.text(file)
    if text is None:
        return None
    front, body, above = _front_matter(reading, file, text)
    table = _table(reading, file, front, skipped=1) if above else None
    if not body.strip():
        empty = "Pelajaran ini belum berisi teks; tulis isinya."
        reading.note(file, above, "lesson-empty", empty)
    media = _media(reading, folder, file, body, above=above)
    if table is None:
        return None
    key, title = _claimed_key(reading, table), table.text("title", 120)
    minutes = table.integer("minutes", 1, 6000)
    read_to_end = table.flag("read_to_end", False)
    min_minutes = table.integer("min_minutes", 0, 6000, default=0)
    if min_minutes > minutes > 0:
        longer = "Waktu paling sedikit melebihi minutes; samakan atau perkecil."
        table.note("min_minutes", "minutes-above", longer)
    requires = _requires(reading, table, key, module)
    table.close()
    text = body.strip("\n")
    return LessonContent(key, title, minutes, text, media, read_to_end, min_minutes, requires)


def _front_matter(reading: _Reading, file: str, text: str) -> tuple[str, str, int]:
    """The settings, the text after them, and the number of lines above the latter."""
    lines = text.split("\n")
    marks = [number for number, line in enumerate(lines) if line.rstrip() == "+++"][:2]
    if len(marks) == 2 and marks[0] == 0:
        end = marks[1]
        return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 1
    missing = "Pelajaran harus diawali pengaturan di antara dua baris +++; lengkapi."
    reading.note(file, 1, "front-matter", missing)
    _claim_by_sight(reading, file, text)
    return "", text, 0


def _quiz(reading: _Reading, folder: str, stem: str, module: str) -> QuizContent | None:
    table = _settings(reading, f"{stem}.toml")
    key = _claimed_key(reading, table) if table else ""
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
    requires = _requires(reading, table, key, module)
    content = quiz_of(table, key, questions, hints, media, requires, are_all=are_all)
    if content.pretest and (content.pretest == key or not reading.is_quiz(content.pretest)):
        unknown = f'Tidak ada kuis berkunci "{content.pretest}" sebelum kuis ini; periksa kuncinya.'
        table.note("pretest", "pretest-unknown", unknown)
    reading.weights.append(None if reading.is_faulty(table.file) else content.weight)
    return content


def _none_of_its_own(
    reading: _Reading, folder: str, table: Table, key: str, file: str
) -> tuple[tuple[Question, ...], Media]:
    """A quiz that asks the questions of another one has no file of questions."""
    if (reading.root / file).exists():
        _questions(reading, folder, file)  # so that none of their keys counts as lost
        both = "Kuis ini punya soal sendiri; hapus pengaturan questions, atau berkas .gift-nya."
        table.note("questions", "pool-own", both)
    if key and isinstance(table.values["questions"], str):
        reading.borrowers[key] = table
    return (), ()


def _with_pools(reading: _Reading, modules: Iterable[ModuleContent | None]) -> list[ModuleContent]:
    """The modules that could be read, in which quizzes have the questions of others."""
    faulty = {}
    for key in reading.keys:
        if reading.is_quiz(key):
            stem = reading.keys[key].rpartition(".toml:")[0]
            faulty[key] = reading.is_faulty(f"{stem}.gift") or reading.is_faulty(f"{stem}.toml")
    return pool.fill([module for module in modules if module], reading.borrowers, faulty)


def _hints(
    reading: _Reading, folder: str, table: Table, questions_file: str
) -> tuple[tuple[HintsContent, ...], Media]:
    """Without a file of questions nobody knows yet which there are; see `pool`."""
    hints: list[HintsContent] = []
    media: set[tuple[str, str]] = set()
    for inner in table.tables("hints"):
        each = HintsContent(inner.text("question", 60), inner.words("texts"))
        claimed = reading.keys.get(each.question, "").rpartition(":")[0]
        if each.question and questions_file and claimed != questions_file:
            unknown = f'Soal "{each.question}" tidak ada dalam kuis ini; periksa kuncinya.'
            inner.note("question", "hints-question", unknown)
        if any(other.question == each.question for other in hints):
            doubled = "Petunjuk soal ini sudah ditulis di atas; gabungkan."
            inner.note("question", "hints-doubled", doubled)
        if inner.values.get("texts") == [] or not all(text.strip() for text in each.texts):
            inner.note("texts", "hints-empty", "Petunjuk kosong; isi atau hapus.")
        for text in each.texts:
            media.update(_media(reading, folder, inner.file, text, line=inner.line("texts")))
        inner.close()
        hints.append(each)
    return tuple(hints), tuple(sorted(media))


def _questions(reading: _Reading, folder: str, file: str) -> tuple[tuple[Question, ...], Media]:
    text = reading.text(file)
    if text is None:
        return (), ()
    questions, problems = gift.parse(text)
    reading.problems += [Problem(file, each.line, each.code, each.message) for each in problems]
    for key, line in gift.keys(text):
        reading.claim(key, file, line)
        reading.questions.add(key)
    if not questions and not problems:
        reading.note(file, 0, "quiz-empty", "Kuis ini belum berisi soal; tulis soalnya.")
    media: set[tuple[str, str]] = set()
    for question in questions:
        for lesson in lessons_of(question.tags):
            reading.lesson_tags.append((file, question.line, lesson))
        for goal in goals.goals_of(question.tags):
            reading.goal_tags.append((file, question.line, goal))
        for markdown in _texts(question):
            media.update(_media(reading, folder, file, markdown, line=question.line))
    return tuple(questions), tuple(sorted(media))


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


def _media(
    reading: _Reading, folder: str, file: str, markdown: str, *, above: int = 0, line: int = 0
) -> Media:
    """The media that the text names; what is wrong with the text is noted on the way.

    The text stands `above` lines down its file; or is all told at one line of it, where the lines
    of the text are none of the file.
    """

    def note(number: int, code: str, message: str) -> None:
        reading.note(file, line or above + number, code, message)

    for number in markup.top_headings(markdown):
        heading = (
            "Baris yang diawali # menjadi judul tingkat 1, yang milik halaman; "
            "pakai ## untuk judul, atau ubah awal barisnya."
        )
        note(number, "heading-top", heading)
    reading.images += [
        (file, line or above + number, text) for number, text in markup.images(markdown)
    ]
    for number in markup.images_without_text(markdown):
        bare = "Gambar ini tanpa teks pengganti; tulis isi gambarnya di antara ![ dan ]."
        note(number, "image-without-text", bare)
    media: dict[str, str] = {}
    for number, target in markup.targets(markdown):
        match = _MEDIA.fullmatch(target)
        stored = reading.stored_name(folder, match[1]) if match else None
        if match and stored:
            media[match[1]] = stored
        elif match:
            missing = f"Berkas {match[1]} tidak ada dalam folder media; tambahkan."
            note(number, "media-missing", missing)
        elif not _ELSEWHERE.match(target):
            address = f'Alamat "{target}" tidak dikenal; tulis media/nama-berkas atau https://….'
            note(number, "media-address", address)
    return tuple(sorted(media.items()))
