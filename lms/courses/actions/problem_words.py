"""What the check of a course finds, in the words of the studio: it has fields and pages where a
folder has settings and files. What is said of a text itself is the same for both."""

from decimal import Decimal

from flask_babel import gettext

from lms.core import i18n
from lms.courses.actions.drafts import COURSE_FILE
from lms.formats.course_folder.content import Problem
from lms.formats.words import Words


def told(problem: Problem) -> str:
    message = problem.message
    gaps = message.gaps if isinstance(message, Words) else {}
    instead = OWN.get(problem.code)
    if "jp" in gaps:
        gaps = {**gaps, "jp": i18n.number(Decimal(str(gaps["jp"])).normalize())}
    if instead is not None:
        return i18n.said(Words(instead, **gaps))
    field = _field(problem.file, gaps.get("setting"))
    if not field or not isinstance(message, Words):
        return i18n.said(message)
    if problem.code in ("setting-missing", "setting-empty"):
        return gettext("%(field)s belum diisi.", field=field)
    return i18n.said(Words(message.template, **{**gaps, "setting": field}))


def _field(file: str, setting: object) -> str:
    """What the form calls a setting; empty for one that no form has."""
    if not isinstance(setting, Words):
        return ""
    name = str(setting.gaps.get("name", "")).rpartition(".")[2]
    fields = _course_fields() if file == COURSE_FILE else _part_fields()
    return fields.get(name, "")


def _course_fields() -> dict[str, str]:
    return {
        "title": gettext("Judul kursus"),
        "summary": gettext("Ringkasan"),
        "purpose": gettext("Kegunaan"),
        "language": gettext("Bahasa kursus"),
        "category": gettext("Kategori"),
        "jp": gettext("Jam pelajaran (JP)"),
        "trainer": gettext("Pengajar"),
        "organiser": gettext("Penyelenggara"),
        "pass": gettext("Nilai minimum untuk lulus (persen)"),
        "score": gettext("Nilai minimum untuk lulus (persen)"),
        "validity_months": gettext("Masa berlaku sertifikat (bulan)"),
        "text": gettext("Tujuan"),
    }


def _part_fields() -> dict[str, str]:
    return {
        "title": gettext("Judul"),
        "minutes": gettext("Perkiraan waktu (menit)"),
        "file": gettext("Berkas"),
        "text": gettext("Transkrip, atau isi berkas dalam kata-kata"),
        "captions": gettext("Takarir (WebVTT)"),
        "watched": gettext("Selesai sesudah diputar (persen)"),
        "min_minutes": gettext("Waktu paling sedikit (menit)"),
        "opens_after": gettext("Dibuka sesudah (hari)"),
        "pass": gettext("Nilai lulus kuis (persen)"),
        "weight": gettext("Bobot dalam nilai akhir"),
        "attempts": gettext("Kesempatan"),
        "time_limit": gettext("Batas waktu (menit)"),
    }


OWN = {
    "course-empty": Words("Kursus ini belum punya modul. Tambahkan di Susunan."),
    "course-optional": Words("Semua bagian kursus ini tidak wajib. Wajibkan paling sedikit satu."),
    "pass-without-weight": Words(
        "Nilai akhir tidak dapat dihitung karena tidak ada kuis berbobot. Beri bobot pada sebuah "
        "kuis, atau tulis 0 sebagai nilai minimum untuk lulus."
    ),
    "optional-weight": Words(
        "Kuis yang tidak wajib tidak dihitung dalam nilai akhir. Tulis bobot 0, atau wajibkan "
        "kuisnya."
    ),
    "quiz-dates": Words("Kuis ditutup sebelum dibuka. Perbaiki salah satu waktunya."),
    "minutes-above": Words(
        "Waktu paling sedikit melebihi perkiraan waktunya. Samakan atau perkecil."
    ),
    "minutes-jp": Words(
        "Perkiraan waktu semua bagian berjumlah %(minutes)s menit, sedangkan %(jp)s JP × "
        "%(jp_minutes)s = %(wanted)s menit. Sesuaikan JP atau waktu bagiannya."
    ),
    "media-missing": Words("Berkas %(name)s tidak ada di Media. Unggah, atau hapus dari sini."),
    "goal-unknown": Words("Tujuan “%(key)s” tidak ada di Pengaturan. Pilih tujuan lain."),
    "goal-without-weight": Words(
        "Tujuan “%(goal)s” hanya diuji kuis tanpa bobot, jadi tidak menjadi bukti. Beri kuisnya "
        "bobot."
    ),
    "hints-unseen": Words(
        "Petunjuk hanya tampil dalam latihan. Jadikan kuis ini latihan, atau hapus petunjuknya."
    ),
    "essay-points": Words("Poin esai ini berasal dari rubriknya."),
    "essay-without-rubric": Words(
        "Esai ini tanpa rubrik. Tulis rubriknya supaya semua penilai menilai sama."
    ),
    "question-draft": Words("Soal ini masih draf, jadi tidak ikut terbit."),
    "question-without-goal": Words(
        "Soal ini tanpa tujuan belajar. Pilih tujuan yang diuji soal ini."
    ),
    "section-pool": Words(
        "Bagian ini mengundi %(draw)s soal, tetapi hanya ada %(size)s %(which)s yang belum diambil "
        "bagian di atasnya. Tambah soal, atau undi lebih sedikit."
    ),
    "outcome-levels": Words("Ke tingkat: harus lebih tinggi dari tingkat awal."),
}
