"""The invented city: its units, and the positions that people hold in them."""

from lms.accounts.actions import placements
from lms.accounts.models import Position, Unit
from lms.accounts.rules import PositionTier

_JPT = PositionTier.JPT_PRATAMA
_ADMINISTRATOR = PositionTier.ADMINISTRATOR
_PENGAWAS = PositionTier.PENGAWAS
_PEMULA = PositionTier.PEMULA
_TERAMPIL = PositionTier.TERAMPIL
_MAHIR = PositionTier.MAHIR
_PENYELIA = PositionTier.PENYELIA
_PERTAMA = PositionTier.AHLI_PERTAMA
_MUDA = PositionTier.AHLI_MUDA
_MADYA = PositionTier.AHLI_MADYA
_UTAMA = PositionTier.AHLI_UTAMA

ROOT = ("WANASARI", "Pemerintah Kota Wanasari")  # led by the mayor, who is no civil servant

# Code (what stands before the last dot is the unit above; an agency is below the root), name,
# position of the head, its tier.
UNITS = (
    ("SETDA", "Sekretariat Daerah", "Sekretaris Daerah", _JPT),
    ("SETDA.ORGANISASI", "Bagian Organisasi", "Kepala Bagian Organisasi", _ADMINISTRATOR),
    ("SETDA.HUKUM", "Bagian Hukum", "Kepala Bagian Hukum", _ADMINISTRATOR),
    ("SETDA.UMUM", "Bagian Umum", "Kepala Bagian Umum", _ADMINISTRATOR),
    (
        "BKPSDM",
        "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
        "Kepala BKPSDM",
        _JPT,
    ),
    ("BKPSDM.SEKRETARIAT", "Sekretariat BKPSDM", "Sekretaris BKPSDM", _ADMINISTRATOR),
    (
        "BKPSDM.KOMPETENSI",
        "Bidang Pengembangan Kompetensi Aparatur",
        "Kepala Bidang Pengembangan Kompetensi Aparatur",
        _ADMINISTRATOR,
    ),
    (
        "BKPSDM.MUTASI",
        "Bidang Mutasi, Promosi, dan Kinerja",
        "Kepala Bidang Mutasi, Promosi, dan Kinerja",
        _ADMINISTRATOR,
    ),
    (
        "DISKOMINFO",
        "Dinas Komunikasi dan Informatika",
        "Kepala Dinas Komunikasi dan Informatika",
        _JPT,
    ),
    (
        "DISKOMINFO.SEKRETARIAT",
        "Sekretariat Dinas Komunikasi dan Informatika",
        "Sekretaris Dinas Komunikasi dan Informatika",
        _ADMINISTRATOR,
    ),
    (
        "DISKOMINFO.APLIKASI",
        "Bidang Aplikasi dan Layanan Digital",
        "Kepala Bidang Aplikasi dan Layanan Digital",
        _ADMINISTRATOR,
    ),
    (
        "DISKOMINFO.APLIKASI.RANCANG",
        "Seksi Pengembangan Aplikasi",
        "Kepala Seksi Pengembangan Aplikasi",
        _PENGAWAS,
    ),
    (
        "DISKOMINFO.INFRASTRUKTUR",
        "Bidang Infrastruktur dan Keamanan Informasi",
        "Kepala Bidang Infrastruktur dan Keamanan Informasi",
        _ADMINISTRATOR,
    ),
    (
        "DISKOMINFO.KOMUNIKASI",
        "Bidang Informasi dan Komunikasi Publik",
        "Kepala Bidang Informasi dan Komunikasi Publik",
        _ADMINISTRATOR,
    ),
    (
        "DISDUKCAPIL",
        "Dinas Kependudukan dan Pencatatan Sipil",
        "Kepala Dinas Kependudukan dan Pencatatan Sipil",
        _JPT,
    ),
    (
        "DISDUKCAPIL.PENDAFTARAN",
        "Bidang Pelayanan Pendaftaran Penduduk",
        "Kepala Bidang Pelayanan Pendaftaran Penduduk",
        _ADMINISTRATOR,
    ),
    (
        "DISDUKCAPIL.PENDAFTARAN.KTP",
        "Seksi Identitas Penduduk",
        "Kepala Seksi Identitas Penduduk",
        _PENGAWAS,
    ),
    (
        "DISDUKCAPIL.CATATAN",
        "Bidang Pelayanan Pencatatan Sipil",
        "Kepala Bidang Pelayanan Pencatatan Sipil",
        _ADMINISTRATOR,
    ),
    ("DINKES", "Dinas Kesehatan", "Kepala Dinas Kesehatan", _JPT),
    (
        "DINKES.KESMAS",
        "Bidang Kesehatan Masyarakat",
        "Kepala Bidang Kesehatan Masyarakat",
        _ADMINISTRATOR,
    ),
    ("DINKES.PUSKESMAS", "Puskesmas Wanasari Timur", "Kepala UPTD Puskesmas", _PENGAWAS),
    (
        "DPMPTSP",
        "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
        "Kepala Dinas Penanaman Modal dan PTSP",
        _JPT,
    ),
    (
        "DPMPTSP.PERIZINAN",
        "Bidang Pelayanan Perizinan",
        "Kepala Bidang Pelayanan Perizinan",
        _ADMINISTRATOR,
    ),
    (
        "DPMPTSP.MODAL",
        "Bidang Penanaman Modal",
        "Kepala Bidang Penanaman Modal",
        _ADMINISTRATOR,
    ),
    (
        "DPUPR",
        "Dinas Pekerjaan Umum dan Penataan Ruang",
        "Kepala Dinas Pekerjaan Umum dan Penataan Ruang",
        _JPT,
    ),
    ("DPUPR.BINAMARGA", "Bidang Bina Marga", "Kepala Bidang Bina Marga", _ADMINISTRATOR),
    ("DPUPR.CIPTAKARYA", "Bidang Cipta Karya", "Kepala Bidang Cipta Karya", _ADMINISTRATOR),
    ("INSPEKTORAT", "Inspektorat", "Inspektur", _JPT),
    (
        "INSPEKTORAT.WILAYAH1",
        "Inspektur Pembantu Wilayah I",
        "Inspektur Pembantu Wilayah I",
        _ADMINISTRATOR,
    ),
    ("TIMUR", "Kecamatan Wanasari Timur", "Camat", _ADMINISTRATOR),
    (
        "TIMUR.TRANTIB",
        "Seksi Ketenteraman dan Ketertiban",
        "Kepala Seksi Ketenteraman dan Ketertiban",
        _PENGAWAS,
    ),
    ("TIMUR.KENANGA", "Kelurahan Kenanga", "Lurah", _PENGAWAS),
    ("TIMUR.MELATI", "Kelurahan Melati", "Lurah", _PENGAWAS),
)

# Code and name of a functional position with the tiers that the city has of it. Each tier is a
# position of its own: PRAKOM.AHLI_MUDA is "Pranata Komputer Ahli Muda".
FUNCTIONAL = (
    ("ADB", "Administrator Database Kependudukan", (_PERTAMA, _MUDA)),
    ("ADMINKES", "Administrator Kesehatan", (_MUDA,)),
    ("ANALIS-KEBIJAKAN", "Analis Kebijakan", (_PERTAMA, _MUDA, _UTAMA)),
    ("ANALIS-SDM", "Analis Sumber Daya Manusia Aparatur", (_PERTAMA, _MUDA)),
    ("ARSIPARIS", "Arsiparis", (_TERAMPIL, _MAHIR)),
    ("ASESOR", "Asesor Sumber Daya Manusia Aparatur", (_PERTAMA,)),
    ("AUDITOR", "Auditor", (_PERTAMA, _MUDA, _MADYA)),
    ("BIDAN", "Bidan", (_TERAMPIL, _MAHIR, _PENYELIA)),
    ("DOKTER", "Dokter", (_PERTAMA, _MADYA)),
    ("HUMAS", "Pranata Hubungan Masyarakat", (_TERAMPIL, _PERTAMA, _MUDA)),
    ("JALAN", "Teknik Jalan dan Jembatan", (_PERTAMA, _MUDA)),
    ("MANGGALA", "Manggala Informatika", (_PERTAMA,)),
    ("NUTRISIONIS", "Nutrisionis", (_PERTAMA,)),
    ("PENANAMAN-MODAL", "Penata Kelola Penanaman Modal", (_PERTAMA, _MUDA)),
    ("PERANCANG", "Perancang Peraturan Perundang-undangan", (_PERTAMA, _MUDA)),
    ("PERAWAT", "Perawat", (_TERAMPIL, _MUDA)),
    ("PERENCANA", "Perencana", (_PERTAMA, _MUDA)),
    ("PERIZINAN", "Penata Perizinan", (_PERTAMA, _MUDA)),
    ("POLPP", "Polisi Pamong Praja", (_PEMULA, _TERAMPIL)),
    ("PRAKOM", "Pranata Komputer", (_TERAMPIL, _MAHIR, _PENYELIA, _PERTAMA, _MUDA)),
    ("PRANATA-SDM", "Pranata Sumber Daya Manusia Aparatur", (_TERAMPIL, _MAHIR)),
    ("PROMKES", "Tenaga Promosi Kesehatan dan Ilmu Perilaku", (_PERTAMA,)),
    ("SANDIMAN", "Sandiman", (_TERAMPIL, _PERTAMA)),
    ("SIAK", "Operator Sistem Informasi Administrasi Kependudukan", (_TERAMPIL, _MAHIR)),
    ("TATA-BANGUNAN", "Teknik Tata Bangunan dan Perumahan", (_PERTAMA, _MUDA)),
    ("WIDYAISWARA", "Widyaiswara", (_MUDA, _MADYA)),
)

PELAKSANA = (
    ("OPERATOR", "Operator Layanan Operasional"),
    ("PENATA", "Penata Layanan Operasional"),
    ("PENELAAH", "Penelaah Teknis Kebijakan"),
    ("PENGADMINISTRASI", "Pengadministrasi Perkantoran"),
    ("PENGELOLA", "Pengelola Layanan Operasional"),
    ("UMUM", "Pengelola Umum Operasional"),
)

HEAD = "KEPALA"  # KEPALA.<unit> is the position of a unit's head


def add_units() -> dict[str, Unit]:
    """Add the whole tree, in the open transaction; units by code, the root too."""
    root_code, root_name = ROOT
    units = {root_code: placements.add_unit(code=root_code, name=root_name, parent=None)}
    for code, name, _head, _tier in UNITS:
        above = code.rpartition(".")[0] or root_code
        units[code] = placements.add_unit(code=code, name=name, parent=units[above])
    return units


def add_positions() -> dict[str, Position]:
    """Add every position, in the open transaction; positions by code."""
    rows = [(f"{HEAD}.{code}", name, tier) for code, _unit, name, tier in UNITS]
    for code, name, tiers in FUNCTIONAL:
        rows += [(f"{code}.{t.name}", f"{name} {_in_words(t)}", t) for t in tiers]
    rows += [(code, name, PositionTier.PELAKSANA) for code, name in PELAKSANA]
    return {
        code: placements.add_position(code=code, name=name, tier=tier) for code, name, tier in rows
    }


def _in_words(tier: PositionTier) -> str:
    """ahli_muda -> Ahli Muda"""
    return tier.value.replace("_", " ").title()
