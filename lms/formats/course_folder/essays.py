"""What the settings of a quiz say of its essays, which GIFT cannot: words, files, rubrics."""

import re
from collections.abc import Collection, Mapping, Sequence

from lms.formats.course_folder.content import (
    CriterionContent,
    EssayContent,
    FileType,
    Handing,
)
from lms.formats.course_folder.outline import settings_of
from lms.formats.course_folder.quiz_text import Value
from lms.formats.course_folder.settings import Table
from lms.formats.gift.questions import Question, QuestionKind
from lms.formats.words import Words

MOST_WORDS = 3000
MOST_MB = 10
MOST_POINTS = 100
LONGEST_LEVEL = 300
LONGEST_CRITERION = 120
USUAL = EssayContent("")
ABOVE_MOST = Words("Kata paling sedikit melebihi kata paling banyak; perbaiki salah satunya.")
LEVEL_FORM = Words('Tulis setiap tingkat sebagai "poin: teks", misalnya "5: Menyebut dasarnya".')
_LEVEL = re.compile(r"\s*([0-9]{1,3})\s*[:=]\s*(\S.*)")


def essays_of(
    table: Table, questions: Sequence[Question], *, are_all: bool, unasked: Collection[str] = ()
) -> tuple[EssayContent, ...]:
    """What `[[essays]]` and `[[rubric]]` say, by question. `are_all` says whether every question
    could be read; else nobody knows which are essays. `unasked` are questions that are not ready,
    whose settings wait with them."""
    kinds = dict.fromkeys(unasked, QuestionKind.ESSAY)
    kinds |= {question.key: question.kind for question in questions}
    rubrics = _rubrics(table, kinds if are_all else None)
    found: list[EssayContent] = []
    for inner in table.tables("essays"):
        key = _question(inner, kinds if are_all else None)
        if key and any(each.question == key for each in found):
            doubled = Words("Pengaturan esai ini sudah ditulis di atas; gabungkan.")
            inner.note("question", "essay-doubled", doubled)
        found.append(_essay(inner, key, rubrics.pop(key, ())))
        inner.close()
    found += [EssayContent(key, rubric=rubric) for key, rubric in rubrics.items()]
    return tuple(each for each in found if each.question not in unasked)


def essays_in(text: str) -> dict[str, EssayContent]:
    """What the settings of a quiz say of essays, by question, as far as they can be read."""
    values = settings_of("quiz.toml", text) or {}
    found = essays_of(Table("", text, values, []), (), are_all=False)
    return {essay.question: essay for essay in found if essay.question}


def said_of(essay: EssayContent) -> tuple[dict[str, Value], list[dict[str, Value]]]:
    """Its row in `[[essays]]` and those in `[[rubric]]`, without the question; what is usual is
    left out."""
    plain, usual = _plain(essay), _plain(USUAL)
    row = {name: value for name, value in plain.items() if value != usual[name]}
    rubric: list[dict[str, Value]] = [
        {"criterion": each.name, "levels": [f"{points}: {text}" for points, text in each.levels]}
        for each in essay.rubric
    ]
    return row, rubric


def _plain(essay: EssayContent) -> dict[str, Value]:
    return {
        "least_words": essay.least_words,
        "most_words": essay.most_words,
        "file": essay.file.value,
        "file_types": [each.value for each in essay.file_types],
        "file_mb": essay.file_mb,
        "points": essay.points,
    }


def note_borrowed(table: Table) -> None:
    """A quiz that asks the questions of another one takes their limits and rubrics from there."""
    for name in ("essays", "rubric"):
        if name in table.values:
            there = Words(
                "[[%(name)s]] ditulis pada kuis yang mempunyai soalnya; pindahkan ke sana.",
                name=name,
            )
            table.note(name, "essay-borrowed", there)


def note_practice(table: Table, questions: Sequence[Question], *, practice: bool) -> None:
    """Practice tells at once what is right, which no essay can."""
    essay = next((each for each in questions if each.kind is QuestionKind.ESSAY), None)
    if practice and essay is not None:
        never = Words(
            'Soal "%(key)s" adalah esai, yang tidak dapat diperiksa langsung; hapus '
            "practice, atau pindahkan esainya ke kuis lain.",
            key=essay.key,
        )
        table.note("practice", "essay-practice", never)


def levels_of(lines: Sequence[str]) -> tuple[tuple[int, str], ...] | None:
    """Points and text of every level, each written "5: what is to be seen"; None where one is
    not."""
    matches = [_LEVEL.fullmatch(line) for line in lines]
    if not all(matches):
        return None
    return tuple((int(match[1]), match[2].strip()) for match in matches if match)


def level_fault(levels: Sequence[tuple[int, str]]) -> str:
    """What is wrong with the levels of a criterion, as the code of a problem; empty for nothing."""
    points = [each for each, _ in levels]
    if len(levels) < 2:
        return "rubric-few"
    if len(set(points)) < len(points) or max(points) > MOST_POINTS:
        return "rubric-points"
    return "rubric-level" if any(len(text) > LONGEST_LEVEL for _, text in levels) else ""


LEVEL_FAULTS = {
    "rubric-few": Words("Kriteria perlu paling sedikit dua tingkat; tambahkan."),
    "rubric-points": Words(
        "Poin setiap tingkat harus berbeda, dari 0 sampai %(most_points)s; perbaiki.",
        most_points=MOST_POINTS,
    ),
    "rubric-level": Words(
        "Teks satu tingkat paling panjang %(longest_level)s karakter; persingkat.",
        longest_level=LONGEST_LEVEL,
    ),
}


def _question(inner: Table, kinds: Mapping[str, QuestionKind] | None) -> str:
    key = inner.text("question", 60)
    if key and kinds is not None and kinds.get(key) is not QuestionKind.ESSAY:
        unknown = Words('"%(key)s" bukan soal esai kuis ini; periksa kuncinya.', key=key)
        inner.note("question", "essay-question", unknown)
    return key


def _essay(inner: Table, key: str, rubric: tuple[CriterionContent, ...]) -> EssayContent:
    essay = EssayContent(
        question=key,
        least_words=inner.integer("least_words", 0, MOST_WORDS, default=0),
        most_words=inner.integer("most_words", 0, MOST_WORDS, default=0),
        file=inner.choice("file", Handing.NONE),
        file_types=inner.choices("file_types", FileType) or USUAL.file_types,
        file_mb=inner.integer("file_mb", 1, MOST_MB, default=USUAL.file_mb),
        points=inner.integer("points", 1, MOST_POINTS, default=USUAL.points),
        rubric=rubric,
    )
    if essay.least_words > essay.most_words > 0:
        inner.note("least_words", "essay-words", ABOVE_MOST)
    if essay.file is Handing.NONE and {"file_types", "file_mb"} & inner.values.keys():
        unused = Words(
            'Esai ini tanpa berkas; tulis file = "allowed" atau "required", atau hapus ini.'
        )
        name = "file_types" if "file_types" in inner.values else "file_mb"
        inner.note(name, "essay-file", unused)
    if rubric and "points" in inner.values:
        inner.note(
            "points", "essay-points", Words("Poin esai ini berasal dari rubriknya; hapus points.")
        )
    return essay


def _rubrics(
    table: Table, kinds: Mapping[str, QuestionKind] | None
) -> dict[str, tuple[CriterionContent, ...]]:
    """The criteria of each question, in the order in which they are written."""
    found: dict[str, tuple[CriterionContent, ...]] = {}
    for inner in table.tables("rubric"):
        key, name = _question(inner, kinds), inner.text("criterion", LONGEST_CRITERION)
        levels = levels_of(inner.words("levels"))
        if levels is None:
            inner.note("levels", "rubric-level", LEVEL_FORM)
        elif "levels" in inner.values and (fault := level_fault(levels)):
            inner.note("levels", fault, LEVEL_FAULTS[fault])
        inner.close()
        found[key] = (*found.get(key, ()), CriterionContent(name, levels or ()))
    return found
