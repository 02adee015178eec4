"""Quizzes that ask the questions of another one, as a pre-test and its post-test do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from lms.formats.course_folder.content import ModuleContent, PartContent, QuizContent
from lms.formats.course_folder.essays import note_practice
from lms.formats.course_folder.quiz import sections_of
from lms.formats.course_folder.settings import Table
from lms.formats.words import Words


def fill(
    modules: Sequence[ModuleContent],
    tables: Mapping[str, Table],
    faulty: Mapping[str, bool],
    unasked: Collection[str] = (),
) -> list[ModuleContent]:
    """The modules, in which each quiz has the questions that it asks. What is wrong is noted in
    the settings of the quiz: `tables`, by its key. `faulty` says of every quiz by key, those that
    could not be read too, whether its questions are known with all their faults told. `unasked` are
    questions that are not ready, which may keep their hints."""
    quizzes = {
        part.key: part
        for module in modules
        for part in module.parts
        if isinstance(part, QuizContent)
    }

    def filled(part: PartContent) -> PartContent:
        if not isinstance(part, QuizContent) or part.key not in tables:
            return part
        table, source = tables[part.key], quizzes.get(part.pool)
        if source is None or source.pool:
            if source is not None or not faulty.get(part.pool):
                table.note("questions", *_refusal(part, source, quizzes))
            return part
        is_whole = not faulty.get(part.pool)
        sections = sections_of(table, source.questions, are_all=is_whole)
        if is_whole:
            _check_hints(table, part, {*unasked, *(each.key for each in source.questions)})
        note_practice(table, source.questions, practice=part.practice)
        return replace(part, questions=source.questions, sections=sections, essays=source.essays)

    return [replace(module, parts=tuple(map(filled, module.parts))) for module in modules]


def _refusal(
    part: QuizContent, source: QuizContent | None, quizzes: Mapping[str, QuizContent]
) -> tuple[str, Words]:
    if source is None:
        near = get_close_matches(part.pool, quizzes, n=1)
        if near:
            hint = Words(
                'Tidak ada kuis berkunci "%(pool)s"; mungkin maksudnya "%(near)s".',
                pool=part.pool,
                near=near[0],
            )
            return "pool-unknown", hint
        return "pool-unknown", Words(
            'Tidak ada kuis berkunci "%(pool)s"; periksa kuncinya.', pool=part.pool
        )
    if source.key == part.key:
        return "pool-borrowed", Words(
            "Kuis ini meminjam soal dari dirinya sendiri; sebut kuis lain."
        )
    return (
        "pool-borrowed",
        Words(
            'Kuis "%(key)s" sendiri meminjam soal dari "%(pool)s"; sebut kuis yang mempunyai '
            "berkas .gift.",
            key=source.key,
            pool=source.pool,
        ),
    )


def _check_hints(table: Table, part: QuizContent, known: Collection[str]) -> None:
    inner = table.tables("hints")
    for hints, its_table in zip(part.hints, inner, strict=True):
        if hints.question and hints.question not in known:
            unknown = Words(
                'Soal "%(question)s" tidak ada dalam kuis ini; periksa kuncinya.',
                question=hints.question,
            )
            its_table.note("question", "hints-question", unknown)
