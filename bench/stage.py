"""What a scenario has to work with: the site, the two servers, and people who are signed in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.client import Client, Tally, Visitor
from bench.databases import Database
from bench.server import Server
from bench.site import Site
from bench.sitting import Sitting

CLIENTS = 32
SIGNING_IN = 8  # at a time, while the pool fills


@dataclass
class Stage:
    """One size on one database. `url` is the database of the run; `crowd` is how many learners
    rush at once; `slow` how many download; `requests` how many the memory of a worker is watched
    for; `seconds` what a round takes; `most_clients` go at a time, where people
    do not come at times of their own."""

    site: Site
    url: str
    database: Database
    server: Server
    client: Client
    bare: Client
    crowd: int = 500
    slow: int = 50
    requests: int = 10_000
    seconds: float = 4.0
    most_clients: int = CLIENTS
    round: int = 0
    quiet_p95: float = 0.0
    commits: float = 0.0
    undone: Iterator[tuple[Visitor, str]] | None = None  # lessons that nobody marked yet
    sittings: list[Sitting] = field(default_factory=list)
    _signed_in: dict[int, Visitor] = field(default_factory=dict)

    def together(self, clients: int) -> int:
        """How many of so many clients really go at a time."""
        return min(clients, self.most_clients)

    async def learners(self, count: int) -> list[Visitor]:
        """So many different learners, signed in; fewer where the site has fewer."""
        return await self.visitors(self.site.office.learners(self.crowd)[:count])

    async def visitors(self, numbers: Sequence[int]) -> list[Visitor]:
        missing = iter([n for n in numbers if n not in self._signed_in])

        async def sign_in() -> None:
            for number in missing:
                visitor = Visitor(number, self.client)
                await visitor.sign_in()
                self._signed_in[number] = visitor

        await asyncio.gather(*(sign_in() for _ in range(self.together(SIGNING_IN))))
        return [self._signed_in[number] for number in numbers]

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """The database of the run, to check what the answers say against it."""
        engine = create_engine(self.url)
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()


Run = Callable[[Stage, float], Awaitable[Tally]]
Before = Callable[[Stage], Awaitable[None]]
After = Callable[[Stage, Tally], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """Something that people do, as one row of the table.

    `measured` names the request whose times are shown, `endpoint` the view whose queries are
    counted. `before` prepares a round and `after` checks it against the database, both unmeasured.
    """

    name: str
    title: str
    checks: str
    measured: str
    endpoint: str
    run: Run
    clients: int = CLIENTS
    before: Before | None = None
    after: After | None = None
    beside_bare: bool = False
    warm: bool = True
    crowd: bool = False  # people come at times of their own
    rounds: int = 0  # 0: as many as asked for
    sizes: tuple[str, ...] = ()  # none: every size


class Skipped(Exception):
    """The product does not have this yet."""
