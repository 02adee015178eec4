"""A small valid course for tests: two lessons, a practice quiz, a final quiz with two attempts."""

from pathlib import Path

from lms.core.db import db, transaction
from lms.courses.actions import publishing, rendering
from lms.courses.actions.publishing import Imported

COURSE = """
format = 1
title = "{title}"
summary = "Kursus kecil untuk pengujian."
purpose = "Setelah kursus ini Anda dapat melayani dengan ramah."
language = "id"
category = "Nilai dasar"
jp = {jp}
trainer = "Widya Kusumastuti"

[pass]
score = 70

[[outcomes]]
competency = "M.05"
from = 0
to = {level}

[[outcomes]]
competency = "M.01"
from = 0
to = 1
"""

FINAL = """
// [id:akhir-1]
Apa yang pertama dilakukan saat warga datang? {
=Menyapa #Benar, sapaan membuka layanan.
~Menunggu #Warga menunggu tanpa kepastian.
~Pergi #Warga tidak terlayani.
}

// [id:akhir-2]
Pilih dua sikap melayani. {
~%50%Ramah
~%50%Cekatan
~%-50%Abai
~%-50%Kasar
#### Ramah dan cekatan.
}

// [id:akhir-3]
Layanan boleh dibeda-bedakan. {F}
"""


# One of every kind, in this order; to be given as `final` with KINDS_SETTINGS.
KINDS = r"""
// [id:jenis-1]
Apa yang pertama dilakukan? {
=Menyapa #Benar, sapaan membuka layanan.
~Menunggu
~Pergi
}

// [id:jenis-2]
Pilih dua sikap melayani. {
~%50%Ramah
~%50%Cekatan
~%-50%Abai
~%-50%Kasar
}

// [id:jenis-3]
Layanan boleh dibeda-bedakan. {F}

// [id:jenis-4]
Ibu kota Jawa Barat? {
=Bandung #Tepat, Bandung.
=%50%*dung* #Hampir.
=Kota \* Kembang
}

// [id:jenis-5]
Berapa menit untuk 1 JP, kali seratus? {#
=4500:0 #Tepat, 45 menit.
=%50%4000..5000 #Mendekati.
~#Hitung lagi.
}

// [id:jenis-6]
Jodohkan ibu kota. {
=Jawa *Barat* -> Bandung
=Banten -> Serang
=Bali -> Denpasar
= -> Bogor & Depok
}

// [id:jenis-7]
Urutkan layanan. {>
Sapa warga
Dengar keluhan
Selesaikan *urusan*
Ucapkan terima kasih
}
"""
KINDS_SETTINGS = "shuffle_questions = false\nshuffle_options = false\n"


def write_course(
    folder: Path,
    *,
    title: str = "Melayani dengan ramah",
    jp: str = "2",
    level: int = 1,
    text: str = "Sapa warga yang datang.",
    final: str = FINAL,
    time_limit: int = 0,
    attempts: int = 2,
    show_answers: str = "after-pass",
    settings: str = "shuffle_questions = true\n",
    pretest: str = "",
) -> Path:
    """Write the course folder `melayani` and give its path. `settings` are further lines of TOML
    for the final quiz, `pretest` are the questions of the first quiz."""
    course = folder / "melayani"
    module = course / "01-dasar"
    (module / "media").mkdir(parents=True, exist_ok=True)
    (course / "course.toml").write_text(COURSE.format(title=title, jp=jp, level=level))
    (module / "module.toml").write_text('key = "dasar"\ntitle = "Dasar"\n')
    (module / "media" / "loket.png").write_bytes(PNG)
    (module / "01-sapa.md").write_text(
        '+++\nkey = "sapa"\ntitle = "Menyapa"\nminutes = 4\n+++\n\n'
        f"{text}\n\n![Loket pelayanan](media/loket.png)\n"
    )
    (module / "02-dengar.md").write_text(
        '+++\nkey = "dengar"\ntitle = "Mendengar"\nminutes = 5\n+++\n\nDengarkan sampai selesai.\n'
    )
    (module / "03-kuis.toml").write_text(
        'key = "kuis-1"\ntitle = "Kuis 1"\nminutes = 2\npass = 50\nshow_answers = "always"\n'
    )
    (module / "03-kuis.gift").write_text(
        pretest
        or "// [id:k1-1]\nMenyapa itu perlu. {T#Sapaan membuka layanan.#Tepat.}\n\n"
        "// [id:k1-2]\nPilih satu. {\n=Mendengar\n~Memotong\n}\n"
    )
    (module / "04-akhir.toml").write_text(
        f'key = "akhir"\ntitle = "Ujian akhir"\nminutes = 5\npass = 70\nweight = 1\n'
        f"attempts = {attempts}\ntime_limit = {time_limit}\n"
        + (f'show_answers = "{show_answers}"\n' if show_answers else "")
        + settings
    )
    (module / "04-akhir.gift").write_text(final)
    return course


MEDIA = Path(__file__).parent / "media"


def write_video(course: Path, *, more: str = "") -> None:
    """Add a video of 8 seconds, `video`, with captions, sound alone and transcript, as part 5."""
    module = course / "01-dasar"
    for name in ("loket.mp4", "loket.mp3"):
        (module / "media" / name).write_bytes((MEDIA / name).read_bytes())
    (module / "media" / "loket.vtt").write_text(
        "WEBVTT\n\n00:00.000 --> 00:08.000\nSelamat pagi, ada yang dapat kami bantu?\n"
    )
    (module / "05-video.toml").write_text(
        'kind = "video"\nkey = "video"\ntitle = "Di loket"\nminutes = 1\n'
        'file = "media/loket.mp4"\ncaptions = "media/loket.vtt"\naudio = "media/loket.mp3"\n'
        'text = """\nSelamat pagi, **ada yang dapat kami bantu?**\n\nTerima kasih.\n"""\n' + more
    )


def import_course(folder: Path, *, small: bool = False) -> Imported:
    """Check, prepare and publish a folder; fails the test on a problem."""
    content, problems = publishing.check_folder(folder)
    assert content is not None, [str(p) for p in problems]
    prepared = rendering.prepare(content, rendering.kept_source(folder))
    db.session.rollback()
    with transaction():
        return publishing.publish(prepared, small=small)


# A picture of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "6060f80f0001040100b5d8d7200000000049454e44ae426082"
)
