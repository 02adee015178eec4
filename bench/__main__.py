"""`python -m bench`: measure, print the table, write JSON and chart. See `--help`."""

import argparse
import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import OUT, chart, databases, report, site
from bench.client import Client
from bench.databases import Database, say
from bench.measure import Found, Measuring, records_row, start_row
from bench.people import SIZES
from bench.scenarios import SCENARIOS
from bench.server import Server, bare, product
from bench.site import Site
from bench.stage import CLIENTS, Scenario, Stage
from lms.config import ROOT


def main(arguments: Sequence[str] | None = None) -> None:
    options = read_options(arguments)
    machine, begun = report.machine(), datetime.now(UTC)
    found = []
    versions: list[str] = []
    for kind in options.databases:
        database = databases.opened(kind)
        versions.append(database.version)
        for size in options.sizes:
            built = site.built(size, SIZES[size], database)
            found += measure_site(built, database, options)
            whole = report.whole(found, machine, versions, vars(options), begun)
            path = report.write(whole, OUT)  # after each site: a run that is ended keeps the rest
            (OUT / "latest.svg").write_text(chart.drawn(whole), "utf-8")
    print(report.table(whole))
    say(f"written: {path}, {OUT / 'latest.json'}")
    if any(row.errors for row in found):
        sys.exit(1)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--sizes", type=_list(SIZES), default=["S", "M", "L"], help="S,M,L or XL (default S,M,L)"
    )
    parser.add_argument("--databases", type=_list(databases.KINDS), default=[*databases.KINDS])
    parser.add_argument("--only", type=_list(names), default=names, help="scenarios, by comma")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many (3)")
    parser.add_argument("--seconds", type=float, default=4.0, help="of a round (4)")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="at most at a time (32)")
    parser.add_argument("--crowd", type=int, default=500, help="learners who rush (500)")
    parser.add_argument("--slow", type=int, default=50, help="slow downloads (50)")
    parser.add_argument("--requests", type=int, default=10_000, help="while memory is watched")
    parser.add_argument("--workers", type=int, default=0, help="WORKERS (the product's default)")
    parser.add_argument("--threads", type=int, default=0, help="THREADS (the product's default)")
    return parser.parse_args(arguments)


def _list(known: Collection[str]) -> Callable[[str], list[str]]:
    def read(written: str) -> list[str]:
        found = [word for word in written.split(",") if word]
        wrong = [word for word in found if word not in known]
        if wrong or not found:
            raise argparse.ArgumentTypeError(f"{written!r}: any of {', '.join(known)}")
        return found

    return read


def measure_site(
    built: Site, database: Database, options: argparse.Namespace, folder: Path = OUT / "run"
) -> list[Found]:
    """Every row of one size on one database, on a copy of the site that is thrown away."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    url = database.copy(built.url, folder)
    settings = _settings(url, built, folder, options)
    try:
        found = [_verified(built, database, settings)] if built.size in ("S", "T") else []
        starts = []
        for _ in range(options.rounds):
            with product(settings, folder) as server:
                starts.append(server.start_seconds)
        with product(settings, folder) as server, bare(settings, folder) as bare_server:
            # The first start made the folders of this run, so it is none on a site that stands.
            starts = [*starts[1:], server.start_seconds]
            found.append(start_row(built.size, database.kind, starts))
            found += asyncio.run(_measured(built, url, database, server, bare_server, options))
        return found
    finally:
        database.drop(url)
        shutil.rmtree(folder, ignore_errors=True)


def _settings(url: str, built: Site, folder: Path, options: argparse.Namespace) -> dict[str, str]:
    """As in production behind nginx, without TLS: each client has an address of its own."""
    settings = {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder / "data"),
        "UPLOADS_DIR": str(built.uploads),
        "SECRET_KEY": secrets.token_hex(32),
        "DEMO": "0",
        "LOG_LEVEL": "INFO",
        "SECURE_COOKIES": "0",
        "PROXIES": "1",
    }
    given = {"WORKERS": options.workers, "THREADS": options.threads}
    return settings | {name: str(value) for name, value in given.items() if value}


def _verified(built: Site, database: Database, settings: dict[str, str]) -> Found:
    """`flask records verify` on the built site: its ledgers are as the product writes them."""
    begun = time.monotonic()
    answer = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "records", "verify"],
        cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - begun
    return records_row(built.size, database.kind, seconds, answer)


async def _measured(
    built: Site, url: str, database: Database, server: Server, bare_server: Server,
    options: argparse.Namespace,
) -> list[Found]:  # fmt: skip
    found = []
    async with Client(server.url) as client, Client(bare_server.url) as bare_client:
        stage = Stage(
            built, url, database, server, client, bare_client,
            crowd=options.crowd, slow=options.slow, requests=options.requests,
            seconds=options.seconds, most_clients=options.clients,
        )  # fmt: skip
        measuring = Measuring(stage, bare_server, options.rounds)
        for scenario in _chosen(built.size, options):
            begun = time.monotonic()
            row = await measuring.scenario(scenario)
            say(f"{report.line(row)}  ({time.monotonic() - begun:.0f} s)")
            found.append(row)
    return found


def _chosen(size: str, options: argparse.Namespace) -> list[Scenario]:
    return [s for s in SCENARIOS if s.name in options.only and (not s.sizes or size in s.sizes)]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # the servers have been stopped on the way here
        sys.exit(130)
