"""The accounts of the demo that can sign in, and whether this site is a demo."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lms.accounts.models import Person
from lms.core.db import db

DEMO_PASSWORD = "belajar-bersama"

# E-mail, what the account shows (in the words of the screen), the person in `staff.STAFF`.
LOGINS = (
    ("pegawai@contoh.go.id", _l("pegawai"), "Siti Rahmawati"),
    ("atasan@contoh.go.id", _l("kepala unit"), "Bambang Setyo Nugroho, S.Kom., M.T."),
    ("pengajar@contoh.go.id", _l("pengajar"), "Widya Kusumastuti, S.Pd., M.Si."),
    ("sdm@contoh.go.id", _l("admin SDM"), "Dian Permata Hapsari, S.Psi."),
    ("auditor@contoh.go.id", _l("auditor"), "Laksmi Wardhani Purnomo, S.E., Ak."),
    ("admin@contoh.go.id", _l("admin sistem"), "Rizaldi Fadhlan Ginting, S.Kom."),
)
DEMO_ACCOUNTS: tuple[tuple[str, str], ...] = tuple((email, role) for email, role, _ in LOGINS)


def is_demo() -> bool:
    """Was this site filled with the demo city? One query."""
    found = select(Person.id).where(Person.email == "admin@contoh.go.id")
    return db.session.scalar(found) is not None
