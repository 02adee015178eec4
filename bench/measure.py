"""One scenario on one stage: warm up, rounds, and the bare page in turn with them."""

import asyncio
import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from bench import figures
from bench.client import FAILURES, SHOWN, Tally
from bench.figures import Figures
from bench.scenarios import bare_page
from bench.server import Server
from bench.stage import Scenario, Skipped, Stage

WARM_SECONDS = 1.0
ROWS = (10, 1000)  # of the bare page, to find how many bytes a row has


@dataclass
class Found:
    """A row of the table."""

    scenario: str
    title: str
    size: str
    database: str
    clients: int
    requests: int = 0
    errors: int = 0
    told: list[str] = field(default_factory=list)  # the first errors
    skipped: str = ""
    figures: Figures = field(default_factory=dict)
    rounds: list[Figures] = field(default_factory=list)


@dataclass(frozen=True)
class Measuring:
    """How often to measure, and where to look."""

    stage: Stage
    bare_server: Server
    rounds: int

    async def scenario(self, scenario: Scenario) -> Found:
        """Rounds of the scenario; where it is held beside the bare page, in turn with that."""
        site = self.stage.site
        most = self.stage.crowd if scenario.crowd else self.stage.most_clients
        clients = min(scenario.clients, most, site.office.people)
        found = Found(scenario.name, scenario.title, site.size, self.stage.database.kind, clients)
        try:
            await self._rounds(scenario, found)
        except Skipped as reason:
            found.skipped = str(reason)
        except FAILURES as error:  # in what prepares or checks a round; the others still run
            found.errors += 1
            found.told = [*found.told, f"{type(error).__name__}: {error}"[:200]][:SHOWN]
        if found.rounds:
            found.figures = figures.middle(found.rounds)
        return found

    async def _rounds(self, scenario: Scenario, found: Found) -> None:
        stage = self.stage
        rows = 0
        if scenario.warm:
            tally, _ = await self._round(scenario, min(WARM_SECONDS, self.stage.seconds))
            _count(found, tally)
            found.requests = 0
            if scenario.beside_bare:
                rows = await self._rows_for(fmean(tally.sizes[scenario.measured]))
                await bare_page(stage, rows, scenario.clients, min(WARM_SECONDS, stage.seconds))
        for _ in range(scenario.rounds or self.rounds):
            tally, one = await self._round(scenario, self.stage.seconds)
            _count(found, tally)
            if rows:
                one |= await self._bare_round(scenario, rows, one)
            found.rounds.append(one)

    async def _round(self, scenario: Scenario, seconds: float) -> tuple[Tally, Figures]:
        stage, server = self.stage, self.stage.server
        stage.round += 1
        if scenario.before:
            await scenario.before(stage)
        server.reset_peak()
        offset, before = server.log_end(), server.cpu(self.stage.database.pids())
        with _Busy() as busy:
            tally = await scenario.run(stage, seconds)
        cpu = server.cpu(self.stage.database.pids()).since(before)
        peak = server.peak_mb()
        await asyncio.sleep(0.05)  # the last lines of the log
        lines = server.requests_since(offset)
        tally.errors += server.faults_since(offset)
        if scenario.after:
            await scenario.after(stage, tally)
        view = [line for line in lines if line["endpoint"] == scenario.endpoint]
        one = figures.of_round(tally, scenario.measured, cpu, view, peak)
        return tally, one | {"client_busy": busy.share}

    async def _rows_for(self, size: float) -> int:
        """How many rows make the bare page as large as the product's."""
        sizes = []
        for rows in ROWS:
            answer = await self.stage.bare.send("bare", "GET", f"/rows/{rows}", headers={})
            sizes.append(answer.size)
        row = (sizes[1] - sizes[0]) / (ROWS[1] - ROWS[0])
        return max(1, round(ROWS[0] + (size - sizes[0]) / row))

    async def _bare_round(self, scenario: Scenario, rows: int, one: Figures) -> Figures:
        before = self.bare_server.cpu([])
        with _Busy() as busy:
            tally = await bare_page(self.stage, rows, scenario.clients, self.stage.seconds)
        cpu = self.bare_server.cpu([]).since(before)
        if tally.errors:
            raise RuntimeError(f"the bare page failed: {tally.errors[0]}")
        rps = tally.requests / tally.took
        return {
            "bare_rps": rps,
            "bare_cpu_ms": cpu.server * 1000 / tally.requests,
            "bare_p95_ms": figures.percentile(tally.seconds["bare"], 95) * 1000,
            "bare_bytes": fmean(tally.sizes["bare"]),
            "bare_client_busy": busy.share,
            "ratio": one["rps"] / rps,
        }


class _Busy:
    """The share of one core that the client itself took: near 1 it is what was measured."""

    share = 0.0

    def __enter__(self) -> "_Busy":
        gc.collect()
        gc.freeze()
        self._cpu, self._begun = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        took = time.perf_counter() - self._begun
        self.share = (time.process_time() - self._cpu) / max(took, 0.001)


def _count(found: Found, tally: Tally) -> None:
    found.requests += tally.requests
    found.errors += len(tally.errors)
    found.told = [*found.told, *tally.errors][:SHOWN]


def start_row(size: str, database: str, starts: Sequence[float]) -> Found:
    """The row about starting on a site that stands."""
    rounds: list[Figures] = [{"start_seconds": seconds} for seconds in starts]
    found = Found("second-start", "start on a site that stands", size, database, 1)
    found.rounds, found.figures = rounds, {"start_seconds": median(starts)}
    return found


def records_row(size: str, database: str, seconds: float, answer: Any) -> Found:
    """The row about `flask records verify` on the built site."""
    found = Found("records", "flask records verify", size, database, 1)
    found.figures = {"verify_seconds": seconds}
    if answer.returncode:
        found.errors, found.told = 1, answer.stdout.splitlines()[:SHOWN]
    return found
