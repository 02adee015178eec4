"""What an import says about its rows, in words: what is wrong, and what to do."""

from collections.abc import Sequence
from datetime import date

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from lms.accounts.rules.importing import ImportKind, ImportState, Outcome, RowFault, Verdict
from lms.core import i18n

# A test keeps these whole. %(value)s is what the fault names.
FAULTS: dict[RowFault, LazyString] = {
    RowFault.ABOVE_FAULTY: _l("Baris unit induknya salah. Betulkan baris itu dulu."),
    RowFault.ABOVE_MOVED: _l(
        "Induk unit ini %(value)s, dan tidak diganti lewat impor. Kosongkan selnya."
    ),
    RowFault.ABOVE_UNKNOWN: _l(
        "Tidak ada unit dengan kode ini. Tambahkan, di atas baris ini, atau betulkan kodenya."
    ),
    RowFault.BEYOND_REACH: _l("Unit ini di luar wewenang Anda. Mintalah admin di atasnya."),
    RowFault.CHOICE: _l("Isi salah satu dari: %(value)s."),
    RowFault.DAY: _l("Tulis tanggal sebagai tahun-bulan-hari, misalnya 2026-01-31."),
    RowFault.EMAIL: _l("Alamat surel ini tidak dapat dikirimi surat. Betulkan atau kosongkan."),
    RowFault.EMAIL_TAKEN: _l("Surel ini sudah dipakai pegawai lain. Betulkan atau kosongkan."),
    RowFault.ENDS_BEFORE: _l("Hari terakhir ini sebelum hari mulai. Betulkan salah satunya."),
    RowFault.EXAMPLE: _l("Ini baris contoh dari templat. Hapus barisnya."),
    RowFault.NIP_AGE: _l("Menurut NIP ini, usia saat diangkat belum 18 tahun. Periksa angkanya."),
    RowFault.NIP_APPOINTMENT: _l(
        "Angka ke-9 sampai ke-14 NIP bukan waktu pengangkatan. Periksa angkanya."
    ),
    RowFault.NIP_BIRTH_DATE: _l("Delapan angka pertama NIP bukan tanggal lahir. Periksa angkanya."),
    RowFault.NIP_LENGTH: _l("NIP terdiri atas 18 angka. Periksa angkanya."),
    RowFault.NIP_PPPK: _l("Nomor ini milik PPPK, bukan PNS. Periksa kolom status."),
    RowFault.NIP_SERIAL: _l("Tiga angka terakhir NIP tidak boleh 000. Periksa angkanya."),
    RowFault.NIP_SEX: _l("Angka ke-15 NIP harus 1 atau 2. Periksa angkanya."),
    RowFault.NIP_SPOILED: _l(
        "Excel telah mengubah NIP ini menjadi angka, dan digit terakhirnya hilang. Format kolomnya "
        "sebagai Teks, lalu isi lagi."
    ),
    RowFault.NOT_YOURS: _l(
        "Pegawai ini memegang peran atau jabatan di luar wewenang Anda. Mintalah admin di atasnya."
    ),
    RowFault.OWN: _l("Data sendiri diubah oleh admin lain. Hapus barisnya."),
    RowFault.PLACEMENT_HALF: _l("Penempatan memerlukan unit dan jabatan. Isi juga kolom ini."),
    RowFault.POSITION_UNKNOWN: _l(
        "Tidak ada jabatan dengan kode ini. Impor jabatannya dulu, atau betulkan kodenya."
    ),
    RowFault.REQUIRED: _l("Kolom ini harus diisi."),
    RowFault.STARTS_OTHERWISE: _l(
        "Penempatan ini sudah tercatat mulai %(value)s. Tulis tanggal itu, atau kosongkan."
    ),
    RowFault.STARTS_TOO_EARLY: _l("Penempatan baru harus mulai setelah %(value)s."),
    RowFault.TOO_LONG: _l("Paling banyak %(value)s karakter."),
    RowFault.TOO_MANY_CELLS: _l(
        "Ada isi di luar kolom yang berjudul. Periksa tanda pemisah dan tanda kutip baris ini."
    ),
    RowFault.TWICE: _l("Juga ada di baris %(value)s. Sisakan satu saja."),
    RowFault.UNIT_UNKNOWN: _l(
        "Tidak ada unit dengan kode ini. Impor unitnya dulu, atau betulkan kodenya."
    ),
    RowFault.ZONE: _l("Isi WIB, WITA, atau WIT."),
}
KEPT: dict[str, LazyString] = {
    "changed": _l("datanya sudah diubah lagi sesudahnya"),
    "in_use": _l(
        "sudah dipakai: ada surat aktivasi, peran, kursus, atau data lain yang merujuknya"
    ),
    "not_yours": _l("di luar wewenang Anda"),
}


def fault_words(fault: Sequence[str]) -> str:
    """A fault as a row keeps it: column, code, value."""
    _, code, value = fault
    return str(FAULTS[RowFault(code)]) % {"value": _value_words(value)}


def _value_words(value: str) -> str:
    """Days in words; everything else as the file spells it."""
    try:
        return i18n.long_date(date.fromisoformat(value)) if len(value) == 10 else value
    except ValueError:
        return value


def kind_words(kind: ImportKind) -> str:
    return {
        ImportKind.UNITS: gettext("Unit kerja"),
        ImportKind.POSITIONS: gettext("Jabatan"),
        ImportKind.PEOPLE: gettext("Pegawai dan penempatan"),
    }[kind]


def state_words(state: ImportState) -> str:
    return {
        ImportState.READING: gettext("Sedang dibaca"),
        ImportState.CHECKING: gettext("Sedang diperiksa"),
        ImportState.READY: gettext("Menunggu keputusan"),
        ImportState.APPLYING: gettext("Sedang diterapkan"),
        ImportState.APPLIED: gettext("Diterapkan"),
        ImportState.STALE: gettext("Data berubah, periksa ulang"),
        ImportState.UNDOING: gettext("Sedang dibatalkan"),
        ImportState.UNDONE: gettext("Dibatalkan"),
        ImportState.FAILED: gettext("Berhenti karena gangguan"),
    }[state]


def verdict_words(verdict: Verdict) -> str:
    return {
        Verdict.WAITING: gettext("Belum diperiksa"),
        Verdict.NEW: gettext("Baru"),
        Verdict.CHANGED: gettext("Berubah"),
        Verdict.SAME: gettext("Sama"),
        Verdict.FAULTY: gettext("Salah"),
    }[verdict]


def outcome_words(outcome: Outcome) -> str:
    return {
        Outcome.APPLIED: gettext("Diterapkan"),
        Outcome.STALE: gettext("Tidak diterapkan: datanya berubah sejak pratinjau"),
        Outcome.UNDONE: gettext("Dibatalkan"),
        Outcome.KEPT: gettext("Tidak dapat dibatalkan"),
    }[outcome]
