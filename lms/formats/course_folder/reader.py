"""A course folder to content. Nothing is changed, and nothing outside the folder is read."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from lms.formats.course_folder import craft, goals, pool, requirements
from lms.formats.course_folder.content import (
    CourseContent,
    ModuleContent,
    OutcomeContent,
    Problem,
)
from lms.formats.course_folder.parts import part_names, part_of
from lms.formats.course_folder.reading import Reading, claimed_key, requires_of, table_at
from lms.formats.course_folder.settings import Table
from lms.formats.course_folder.tree import Tree, tree_of
from lms.formats.gift.questions import is_key
from lms.formats.words import Words

FORMAT = 1

_COURSE = "course.toml"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_ZERO, _HUNDRED = Decimal(0), Decimal(100)


def read(
    folder: Path | Tree,
    known_competencies: Collection[str] | None = None,
    previous_keys: Collection[str] = (),
) -> tuple[CourseContent | None, list[Problem]]:
    """The content, or None and every problem, by file and line.

    `previous_keys` are those of the last published version: none may be lost unless the course says
    so. Given as a mapping from key to title, a lost one is called by its title too.
    """
    content, problems = glance(folder, known_competencies, previous_keys)
    return (None if problems else content), problems


def glance(
    folder: Path | Tree,
    known_competencies: Collection[str] | None = None,
    previous_keys: Collection[str] = (),
) -> tuple[CourseContent | None, list[Problem]]:
    """Like `read`, but with the content in spite of its problems, for a preview: what cannot be
    read is left out or has a stand-in, and has no warnings. None where the settings of the course
    cannot be read."""
    reading = Reading(tree_of(folder))
    if reading.is_folder(""):
        content = _course(reading, known_competencies, previous_keys)
    else:
        content = None
        reading.note(
            ".", 0, "folder-missing", Words("Folder kursus tidak ditemukan; periksa namanya.")
        )
    return content, sorted(set(reading.problems))


def _course(
    reading: Reading, competencies: Collection[str] | None, previous_keys: Collection[str]
) -> CourseContent | None:
    if not is_key(reading.tree.name):
        name = Words(
            "Nama folder kursus hanya boleh huruf kecil, angka, dan tanda hubung; ganti namanya."
        )
        reading.note(".", 0, "folder-slug", name)
    modules = _with_pools(
        reading, [_module(reading, folder) for folder in _module_folders(reading)]
    )
    for file, line, key in reading.lesson_tags:
        if not reading.is_lesson(key):
            unknown = Words(
                "Tag lesson.%(key)s menunjuk pelajaran yang tidak ada; periksa kuncinya.", key=key
            )
            reading.note(file, line, "lesson-unknown", unknown)
    reading.note_dead_links(reading.is_part)
    if not modules:
        empty = Words("Kursus ini belum punya modul; buat folder seperti 01-pengantar.")
        reading.note(_COURSE, 0, "course-empty", empty)
    parts = [part for module in modules for part in module.parts]
    if parts and all(part.optional for part in parts):
        nothing = Words("Semua bagian kursus ini tidak wajib; hapus optional di salah satunya.")
        reading.note(_COURSE, 0, "course-optional", nothing)
    known = reading.keys.keys() - reading.questions
    reading.problems += requirements.problems_of(reading.needs, known)
    table = table_at(reading, _COURSE)
    _check_lost(reading, _removed(reading, table), previous_keys)
    if table is None:
        return None
    _check_format(table)
    content = CourseContent(
        slug=reading.tree.name,
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
        goals=goals.read(table, competencies),
        media=tuple(sorted(reading.named.values(), key=lambda medium: medium.name)),
    )
    known_goals = [goal.key for goal in content.goals]
    reading.problems += goals.unknown(reading.goal_tags, known_goals)
    table.close()
    return _with_warnings(reading, table, content)


def _with_warnings(reading: Reading, table: Table, content: CourseContent) -> CourseContent:
    goal_tables = table.tables("goals")
    places = craft.Places(
        keys=reading.keys,
        goals={
            goal.key: inner.line("key")
            for goal, inner in zip(content.goals, goal_tables, strict=True)
        },
        jp=table.line("jp"),
        images=reading.images,
        drafts=reading.drafts,
        played=reading.played,
    )
    found = craft.warnings(content, places, _COURSE, reading.problems)
    return replace(content, warnings=tuple(found))


def _module_folders(reading: Reading) -> list[str]:
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


def _removed(reading: Reading, table: Table | None) -> tuple[str, ...]:
    """Keys that the trainer has left out on purpose."""
    if table is None or "removed" not in table.values:
        return ()
    inner = table.table("removed")
    if inner is None:
        return ()
    removed = inner.words("keys")
    for key in removed:
        if key in reading.keys:
            still = Words(
                'Kunci "%(key)s" masih dipakai di %(where)s; hapus dari [removed].',
                key=key,
                where=reading.keys[key],
            )
            inner.note("keys", "removed-in-use", still)
    inner.close()
    return removed


def _check_lost(reading: Reading, removed: Collection[str], previous_keys: Collection[str]) -> None:
    titles = previous_keys if isinstance(previous_keys, Mapping) else {}
    for key in previous_keys:
        if key not in reading.keys and key not in removed:
            title = f" ({titles[key]})" if key in titles else ""
            reading.note(
                _COURSE,
                0,
                "key-lost",
                Words(
                    'Kunci "%(key)s"%(title)s dari versi terbit tidak ada lagi, sehingga '
                    "kemajuan peserta padanya akan hilang; kembalikan, atau bila memang "
                    'dihapus tambahkan ke [removed] keys = ["%(key)s"].',
                    key=key,
                    title=title,
                ),
            )


def _check_format(table: Table) -> None:
    found = table.integer("format", 0, 10**6)
    if type(table.values.get("format")) is int and found != FORMAT:
        table.note(
            "format",
            "format-unknown",
            Words("Format ini tidak dikenal; tulis format = %(format)s.", format=FORMAT),
        )


def _language(table: Table) -> str:
    language = table.text("language", 10)
    if language and not _LANGUAGE.fullmatch(language):
        table.note(
            "language", "setting-language", Words('Tulis kode bahasa, misalnya "id" atau "en".')
        )
    return language


def _pass_score(reading: Reading, table: Table) -> Decimal:
    inner = table.table("pass")
    if inner is None:
        return _ZERO
    score = inner.decimal("score", _ZERO, _HUNDRED)
    if score > 0 and not any(weight is None or weight > 0 for weight in reading.weights):
        inner.note(
            "score",
            "pass-without-weight",
            Words(
                "Nilai akhir tidak dapat dihitung karena tidak ada kuis berbobot; beri "
                "weight pada sebuah kuis, atau tulis score = 0."
            ),
        )
    inner.close()
    return score


def _outcomes(table: Table, competencies: Collection[str] | None) -> tuple[OutcomeContent, ...]:
    outcomes: list[OutcomeContent] = []
    for inner in table.tables("outcomes"):
        code = inner.text("competency", 60)
        outcome = OutcomeContent(code, inner.integer("from", 0, 4), inner.integer("to", 1, 5))
        if code and competencies is not None and code not in competencies:
            unknown = Words(
                'Kompetensi "%(code)s" tidak ada dalam kamus; periksa kodenya.', code=code
            )
            inner.note("competency", "competency-unknown", unknown)
        if code and any(each.competency == code for each in outcomes):
            doubled = Words(
                'Kompetensi "%(code)s" sudah disebut di atas; hapus salah satunya.', code=code
            )
            inner.note("competency", "outcome-doubled", doubled)
        if {"from", "to"} <= inner.values.keys() and outcome.to_level <= outcome.from_level:
            inner.note("to", "outcome-levels", Words("Level to harus lebih tinggi daripada from."))
        inner.close()
        outcomes.append(outcome)
    return tuple(outcomes)


def _module(reading: Reading, folder: str) -> ModuleContent | None:
    table = table_at(reading, f"{folder}/module.toml")
    key = claimed_key(reading, table) if table else ""
    requires = requires_of(reading, table, key, key) if table else ()
    parts = [part_of(reading, folder, name, key) for name in part_names(reading, folder)]
    if not parts:
        reading.note(
            folder, 0, "module-empty", Words("Modul ini belum berisi pelajaran atau kuis; isi.")
        )
    if table is None:
        return None
    title = table.text("title", 120)
    table.close()
    return ModuleContent(key, title, tuple(part for part in parts if part), requires)


def _with_pools(reading: Reading, modules: Iterable[ModuleContent | None]) -> list[ModuleContent]:
    """The modules that could be read, in which quizzes have the questions of others."""
    faulty = {}
    for key in reading.quizzes:
        stem = reading.keys[key].rpartition(".toml:")[0]
        faulty[key] = reading.is_faulty(f"{stem}.gift") or reading.is_faulty(f"{stem}.toml")
    return pool.fill(
        [module for module in modules if module], reading.borrowers, faulty, reading.unasked
    )
