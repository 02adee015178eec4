"""A course folder on the way through it: what every file of it adds to what is known."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lms.formats.course_folder import markup
from lms.formats.course_folder.folder import Folder
from lms.formats.course_folder.requirements import Needs
from lms.formats.course_folder.settings import Table, key_in, table_of
from lms.formats.words import Words

_MEDIA = re.compile(r"(media/[A-Za-z0-9][A-Za-z0-9._-]*)(?:#.*)?")
_PLAYED = re.compile(r"(media/[A-Za-z0-9][A-Za-z0-9._-]*\.(?i:mp4|webm|mp3))(?:#.*)?")
_PART = re.compile(r"part/([a-z0-9-]+)")
# An address that is none of ours to look up: with a scheme, of the site, or within the page.
_NOWHERE = re.compile(r"https?:/*", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/|#")

Media = tuple[tuple[str, str], ...]


@dataclass
class Reading(Folder):
    """Where each key stands, which are those of questions and of quizzes, what modules and parts
    require, and each quiz's weight if known."""

    keys: dict[str, str] = field(default_factory=dict)
    questions: set[str] = field(default_factory=set)
    quizzes: set[str] = field(default_factory=set)
    needs: list[Needs] = field(default_factory=list)
    weights: list[int | None] = field(default_factory=list)
    lesson_tags: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, key
    goal_tags: list[tuple[str, int, str]] = field(default_factory=list)  # the same
    images: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, text
    played: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, name in a text
    links: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, key of a part
    drafts: list[tuple[str, int]] = field(default_factory=list)  # questions, by file and line
    unasked: set[str] = field(default_factory=set)  # questions that are not ready
    borrowers: dict[str, Table] = field(default_factory=dict)  # settings of quizzes by key

    def claim(self, key: str, file: str, line: int) -> None:
        if key in self.keys:
            where = self.keys[key]
            self.note(
                file,
                line,
                "key-doubled",
                Words('Kunci "%(key)s" sudah dipakai di %(where)s; ganti.', key=key, where=where),
            )
        elif key:
            self.keys[key] = f"{file}:{line}"

    def is_faulty(self, file: str) -> bool:
        return any(problem.file == file for problem in self.problems)

    def is_lesson(self, key: str) -> bool:
        return self.keys.get(key, "").rpartition(":")[0].endswith(".md")

    def is_part(self, key: str) -> bool:
        file = self.keys.get(key, "").rpartition(":")[0]
        return file.endswith((".md", ".toml")) and not file.endswith("/module.toml")

    def note_dead_links(self, is_part: Callable[[str], bool]) -> None:
        """Links to parts that the course does not have."""
        for file, line, key in self.links:
            if not is_part(key):
                dead = Words(
                    "Tautan part/%(key)s menunjuk bagian yang tidak ada; periksa kuncinya.", key=key
                )
                self.note(file, line, "link-dead", dead)


def table_at(reading: Reading, file: str) -> Table | None:
    """The settings in a file of their own; None where they cannot be read."""
    text = reading.text(file)
    return None if text is None else table_in(reading, file, text)


def table_in(reading: Reading, file: str, text: str, skipped: int = 0) -> Table | None:
    """The settings in a text that stands `skipped` lines down its file."""
    table = table_of(file, text, reading.problems, skipped)
    if table is None:
        claim_by_sight(reading, file, text, skipped)
    return table


def claim_by_sight(reading: Reading, file: str, text: str, skipped: int = 0) -> None:
    """The key of a file that cannot be read for a slip of the pen is not lost."""
    found = key_in(text)
    if found:
        reading.claim(found[0], file, found[1] + skipped)


def claimed_key(reading: Reading, table: Table) -> str:
    """The key that the settings give; empty where there is none that will do."""
    key = table.key()
    reading.claim(key, table.file, table.line("key"))
    return key


def requires_of(reading: Reading, table: Table, key: str, module: str) -> tuple[str, ...]:
    """What a module or part requires; judged when all keys are known."""
    requires = table.words("requires", optional=True)
    if key:
        optional = table.values.get("optional") is True and key != module
        reading.needs.append(
            Needs(key, module, requires, table.file, table.line("requires"), optional)
        )
    return requires


def check_notes(
    reading: Reading, file: str, markdown: str, *, above: int = 0, line: int = 0
) -> None:
    """Footnotes of a text that has them: every mark has its text, every text its mark."""
    marks, texts = markup.lone_notes(markdown)
    for number, name in marks:
        missing = Words(
            "Catatan kaki [^%(name)s] belum punya teks; tulis [^%(name)s]: … di baris sendiri.",
            name=name,
        )
        reading.note(file, line or above + number, "note-missing", missing)
    for number, name in texts:
        unused = Words(
            "Catatan kaki [^%(name)s] tidak ditunjuk; tulis [^%(name)s] di teksnya, atau hapus.",
            name=name,
        )
        reading.note(file, line or above + number, "note-unused", unused)


def media_in(
    reading: Reading, folder: str, file: str, markdown: str, *, above: int = 0, line: int = 0
) -> Media:
    """The media that the text names; what is wrong with the text is noted on the way.

    The text stands `above` lines down its file; or is all told at one line of it, where the lines
    of the text are none of the file.
    """

    def note(number: int, code: str, message: Words) -> None:
        reading.note(file, line or above + number, code, message)

    for number in markup.top_headings(markdown):
        heading = Words(
            "Baris yang diawali # menjadi judul tingkat 1, yang milik halaman; pakai ## "
            "untuk judul, atau ubah awal barisnya."
        )
        note(number, "heading-top", heading)
    reading.images += [
        (file, line or above + number, text) for number, text in markup.images(markdown)
    ]
    reading.played += [
        (file, line or above + number, played[1])
        for number, target in markup.targets(markdown)
        if (played := _PLAYED.fullmatch(target))
    ]
    for number in markup.images_without_text(markdown):
        begin = "!["
        bare = Words(
            "Gambar ini tanpa teks pengganti; tulis isi gambarnya di antara %(begin)s dan ].",
            begin=begin,
        )
        note(number, "image-without-text", bare)
    for number, name in markup.unknown_boxes(markdown):
        box, known = f"[!{name}]", ", ".join(markup.BOXES)
        note(
            number,
            "box-unknown",
            Words("Kotak %(box)s tidak dikenal; pakai %(known)s.", box=box, known=known),
        )
    media: dict[str, str] = {}
    for number, target in markup.targets(markdown):
        match, part = _MEDIA.fullmatch(target), _PART.fullmatch(target)
        stored = reading.stored_name(folder, match[1]) if match else None
        if match and stored:
            media[match[1]] = stored
        elif match:
            missing = Words(
                "Berkas %(name)s tidak ada dalam folder media; tambahkan.", name=match[1]
            )
            note(number, "media-missing", missing)
        elif part:
            reading.links.append((file, line or above + number, part[1]))
        elif not _ELSEWHERE.match(target) or _NOWHERE.fullmatch(target):
            address = Words(
                'Alamat "%(target)s" tidak dikenal; tulis media/nama-berkas, part/kunci, '
                "atau https://….",
                target=target,
            )
            note(number, "media-address", address)
    reading.links += [
        (file, line or above + number, key) for number, key in markup.html_parts(markdown)
    ]
    return tuple(sorted(media.items()))
