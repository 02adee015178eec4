"""The courses of the scratch site, written as course folders and published by the product."""

import textwrap
from functools import cache
from pathlib import Path
from random import Random

from lms.config import ROOT

BENCH = "melayani-tanpa-berbelit"  # the course that the scenarios learn in
LESSONS = tuple(f"bagian-{n:02}" for n in range(1, 13))
EXAM = "ujian-akhir"
QUESTIONS = 20
MEDIA = "panduan.pdf"
MEDIA_SIZE = 2_000_000
SMALL_QUESTIONS = 4
TEXT_BLOCKS = 13  # of a lesson, so that its page is about 20 KB of HTML

TOPICS = (
    "Pelayanan di loket", "Tata naskah dinas", "Arsip yang mudah dicari", "Rapat yang singkat",
    "Gratifikasi dan konflik kepentingan", "Perjalanan dinas", "Anggaran berbasis kinerja",
    "Pengadaan langsung", "Keamanan surel", "Data pribadi warga", "Menulis berita acara",
    "Komunikasi dengan media", "Pengaduan masyarakat", "Standar pelayanan", "Manajemen waktu",
    "Kerja sama antarunit", "Perencanaan daerah", "Evaluasi program", "Statistik sederhana",
    "Pelayanan bagi penyandang disabilitas",
)  # fmt: skip
ANGLES = ("Dasar", "Studi kasus", "Lanjutan")


def write_courses(folder: Path, small: int) -> None:
    """Write the course of the scenarios and so many small ones; the same ones every time."""
    _write_bench_course(folder / BENCH)
    for number in range(small):
        topic, angle = TOPICS[number % len(TOPICS)], ANGLES[number // len(TOPICS)]
        _write_small_course(folder / f"kursus-{number:02}", f"{topic}: {angle}", number)


def media_bytes() -> bytes:
    """The file of the bench course: no compression makes it smaller."""
    return b"%PDF-1.7\n" + Random("media").randbytes(MEDIA_SIZE - 9)


def lesson_title(key: str) -> str:
    return f"Melayani di meja depan, {key.replace('-', ' ')}"


def right_option(number: int) -> int:
    """Position (from 0) of the right option of a question, as authored; `number` from 0."""
    return (number * 7 + number // 3) % 4


def _write_bench_course(course: Path) -> None:
    _write_course_file(course, "Melayani tanpa berbelit-belit", jp=3, competencies=("M.05", "M.01"))
    for number in range(3):
        module = course / f"{number + 1:02}-modul-{number + 1}"
        module.mkdir(parents=True)
        _write(
            module / "module.toml", f'key = "modul-{number + 1}"\ntitle = "Modul {number + 1}"\n'
        )
        for place, key in enumerate(LESSONS[number * 4 : number * 4 + 4]):
            text = _lesson_text(key, TEXT_BLOCKS)
            if key == LESSONS[0]:
                (module / "media").mkdir()
                (module / "media" / MEDIA).write_bytes(media_bytes())
                text += f"\n[Panduan lengkap](media/{MEDIA})\n"
            _write_lesson(module / f"{place + 1:02}-{key}.md", key, lesson_title(key), text)
    _write_quiz(module / f"09-{EXAM}", EXAM, QUESTIONS, time_limit=60)


def _write_small_course(course: Path, title: str, number: int) -> None:
    competencies = (f"M.0{number % 8 + 1}", f"M.0{(number + 3) % 8 + 1}")
    _write_course_file(course, title, jp=1 + number % 4, competencies=competencies)
    module = course / "01-isi"
    module.mkdir()
    _write(module / "module.toml", 'key = "isi"\ntitle = "Isi"\n')
    for place in range(1, 4):
        text = _lesson_text(f"{title}{place}", 2)
        _write_lesson(
            module / f"0{place}-baca-{place}.md", f"baca-{place}", f"{title} {place}", text
        )
    _write_quiz(module / "04-kuis", "kuis", SMALL_QUESTIONS, time_limit=0)


def _write_course_file(course: Path, title: str, *, jp: int, competencies: tuple[str, ...]) -> None:
    course.mkdir(parents=True)
    outcomes = "".join(
        f'\n[[outcomes]]\ncompetency = "{code}"\nfrom = 0\nto = 1\n' for code in competencies
    )
    _write(
        course / "course.toml",
        f'format = 1\ntitle = "{title}"\n'
        f'summary = "Kursus tentang {title.lower()} bagi pegawai pemerintah daerah."\n'
        f'purpose = "Setelah kursus ini Anda dapat menerapkan {title.lower()} di meja kerja."\n'
        f'language = "id"\ncategory = "Pelayanan publik"\njp = {jp}\n'
        'trainer = "Widya Kusumastuti"\norganiser = "BKPSDM Kota Wanasari"\n'
        f"\n[pass]\nscore = 70\n{outcomes}",
    )


def _write_lesson(path: Path, key: str, title: str, text: str) -> None:
    _write(path, f'+++\nkey = "{key}"\ntitle = "{title}"\nminutes = 8\n+++\n\n{text}')


def _lesson_text(name: str, blocks: int) -> str:
    """Headings, paragraphs, lists and a table, with paragraphs of the course that comes along: how
    well a page compresses is part of what it costs."""
    random = Random(name)
    parts = []
    said = iter(random.sample(_paragraphs(), blocks * 3))
    for block in range(1, blocks + 1):
        parts.append(f"## Langkah {block}\n\n{next(said)}\n\n{next(said)}\n\n{next(said)}\n")
        if block % 3 == 0:
            parts.append("- Catat hari dan nama.\n- Tanyakan kepada rekan yang lebih lama.\n")
        if block % 4 == 0:
            parts.append(
                "| Yang dicatat | Contoh |\n|---|---|\n| Nama | Sari |\n| Hari | Senin |\n"
            )
    return "\n".join(parts)


@cache
def _paragraphs() -> tuple[str, ...]:
    lessons = sorted((ROOT / "courses" / "berakhlak").glob("*/*.md"))
    blocks = [b for path in lessons for b in path.read_text("utf-8").split("\n\n")[1:]]
    return tuple(b.strip() for b in blocks if b[:1].isalpha())


def _write_quiz(path: Path, key: str, count: int, *, time_limit: int) -> None:
    _write(
        path.with_suffix(".toml"),
        f'key = "{key}"\ntitle = "{key.replace("-", " ").capitalize()}"\nminutes = 20\npass = 70\n'
        f"weight = 1\nattempts = 0\ntime_limit = {time_limit}\nshuffle_questions = true\n"
        'shuffle_options = true\nshow_answers = "after-pass"\n',
    )
    _write(path.with_suffix(".gift"), "\n".join(_question(key, n) for n in range(count)))


def _question(key: str, number: int) -> str:
    options = "\n".join(
        f"{'=' if option == right_option(number) else '~'}"
        f"Pilihan {option + 1}\\: menjelaskan keadaan {number + 1} dengan jujur kepada warga."
        "#Warga tidak perlu datang untuk kedua kalinya."
        for option in range(4)
    )
    return textwrap.dedent(
        f"// [id:{key}-{number + 1}]\n::Keadaan {number + 1}::Seorang warga datang lima belas "
        f"menit sebelum loket tutup dengan berkas kurang, keadaan {number + 1}. Apa yang "
        f"sebaiknya Anda lakukan? {{\n{options}\n}}\n"
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
