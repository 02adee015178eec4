"""An admin imports people from a CSV: sent, checked by the job, applied by the job."""

import asyncio
import time
from datetime import date

from sqlalchemy import insert, select

from bench.client import Tally, Visitor, Wrong, drive
from bench.stage import Scenario, Stage
from lms.accounts.models import Person, Position, RoleGrant, Unit
from lms.accounts.rules import Role
from lms.core.db import new_uuid

ROWS = 2_000
PATIENCE = 300  # seconds
_PAUSE = 0.2


async def _grant(stage: Stage) -> None:
    """Person 1 administers everything."""
    with stage.rows() as session:
        if session.scalar(select(RoleGrant.id).where(RoleGrant.role == Role.ADMIN)) is None:
            # Not through the session, which the product guards.
            session.connection().execute(insert(RoleGrant).values(
                uuid=new_uuid(), person_id=1, role=Role.ADMIN, unit_id=1,
                start_on=date(2026, 1, 1), end_on=None, reason="bench",
            ))  # fmt: skip
            session.commit()


async def _import(stage: Stage, seconds: float) -> Tally:
    (admin,) = await stage.visitors([1])
    file, figures = _file(stage), dict[str, float]()

    async def act() -> bool:
        begun = time.perf_counter()
        sent = await admin.post_file(
            "import", "/people/imports", file, to="/people/imports/", kind="people"
        )
        await _until(admin, sent.location, "Belum ada yang berubah")
        figures["check_seconds"] = time.perf_counter() - begun
        begun = time.perf_counter()
        await admin.post("apply", f"{sent.location}/apply", to=sent.location, mode="rows")
        await _until(admin, sent.location, "baris diterapkan.")
        figures["apply_seconds"] = time.perf_counter() - begun
        return False

    tally = await drive(stage.client, [act], seconds)
    tally.figures |= figures
    return tally


async def _placed(stage: Stage, tally: Tally) -> None:
    """Everybody in the file is there."""
    with stage.rows() as session:
        found = select(Person.nip).where(Person.nip.startswith(_begin(stage)))
        count = len(session.scalars(found).all())
    if count != ROWS:
        tally.errors.append(f"import: {count} of {ROWS} people are there")


def _begin(stage: Stage) -> str:
    """The first digits of the numbers of a round: nobody else of the site was born so long ago."""
    return f"19450101{1965 + stage.round % 50}"


def _file(stage: Stage) -> bytes:
    with stage.rows() as session:
        unit = session.scalars(select(Unit.code).order_by(Unit.id.desc())).first()
        position = session.scalars(select(Position.code).order_by(Position.id)).first()
    lines = ["nip,nama,surel,status,unit,jabatan,mulai"]
    for n in range(ROWS):
        nip = f"{_begin(stage)}{n // 999 % 12 + 1:02}1{n % 999 + 1:03}"
        mail = f"impor-{stage.round}-{n}@contoh.test"
        lines.append(f"{nip},Pegawai Impor {n},{mail},pns,{unit},{position},2026-01-31")
    return "\n".join(lines).encode()


async def _until(admin: Visitor, page: str, words: str) -> None:
    end = time.perf_counter() + PATIENCE
    while words not in (await admin.get("look", page)).text:
        if time.perf_counter() > end:
            raise Wrong(f"import: no {words!r} after {PATIENCE} s")
        await asyncio.sleep(_PAUSE)


SCENARIOS = (
    Scenario(
        "import", f"import of {ROWS} people", "everybody is there", "import",
        "accounts.send_import", _import, clients=1, before=_grant, after=_placed, warm=False,
        sizes=("S", "M", "T"),
    ),
)  # fmt: skip
