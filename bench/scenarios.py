"""What learners and their heads do, one round each. Attempts at quizzes are in exams.py."""

import asyncio
import csv
import io
import itertools
import re
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from bench import content, exams, importing
from bench.client import Act, Client, Tally, Visitor, Wrong, drive
from bench.figures import percentile
from bench.stage import CLIENTS, Run, Scenario, Skipped, Stage

TITLE = "Melayani tanpa berbelit-belit"
LEARN = f"/courses/{content.BENCH}/learn"
HEADS = 8  # heads of units at a time
BESIDE_SLOW = 16
SLOW_BYTES, SLOW_PAUSE = 4096, 0.2  # 20 KB/s
PACKET = 1400  # bytes, as on the way to a phone


# ── Pages ────────────────────────────────────────────────────────────────────────────────────


def _pages(name: str, paths: Callable[[int], tuple[str, str]], clients: int = CLIENTS) -> Run:
    """Learners load pages; `paths` gives address and required text of the nth page of one."""

    async def run(stage: Stage, seconds: float) -> Tally:
        learners = await stage.learners(stage.together(clients))

        def act_of(visitor: Visitor) -> Act:
            turn = itertools.count(visitor.number)

            async def act() -> bool:
                path, has = paths(next(turn))
                await visitor.get(name, path, has=has)
                return True

            return act

        return await drive(stage.client, [act_of(each) for each in learners], seconds)

    return run


def _lesson(turn: int) -> tuple[str, str]:
    key = content.LESSONS[turn % len(content.LESSONS)]
    return f"{LEARN}/{key}", f"{content.lesson_title(key)}</h1>"


async def bare_page(stage: Stage, rows: int, clients: int, seconds: float) -> Tally:
    """As many clients load the bare page of so many rows."""
    path, last = f"/rows/{rows}", f"bagian-{rows - 1}"

    async def act() -> bool:
        answer = await stage.bare.send("bare", "GET", path, headers={"Accept-Encoding": "br, gzip"})
        if answer.status != 200 or last not in answer.text:
            raise Wrong(f"bare: status {answer.status}")
        return True

    return await drive(stage.bare, [act] * stage.together(clients), seconds)


async def _undone(stage: Stage) -> None:
    """Each learner marks each lesson at most once, and never the last one."""
    if stage.undone is None:
        learners = await stage.learners(stage.crowd)
        stage.undone = iter([(each, key) for key in content.LESSONS[3:11] for each in learners])


async def _done(stage: Stage, seconds: float) -> Tally:
    assert stage.undone is not None
    left = stage.undone

    async def act() -> bool:
        for visitor, key in left:
            after = content.LESSONS[content.LESSONS.index(key) + 1]
            await visitor.post("done", f"{LEARN}/{key}/done", to=f"{LEARN}/{after}")
            return True
        return False

    return await drive(stage.client, [act] * stage.together(CLIENTS), seconds)


# ── The door ─────────────────────────────────────────────────────────────────────────────────


async def _sign_in(stage: Stage, seconds: float) -> Tally:
    """Fresh browsers, one after the other; each act is the form, the sign-in and the first page."""
    people = stage.site.office.people
    turn = itertools.count(stage.round * 97)

    async def act() -> bool:
        await Visitor(people - next(turn) % people, stage.client).sign_in()
        return True

    return await drive(stage.client, [act] * stage.together(HEADS), seconds)


# ── Heads of units ───────────────────────────────────────────────────────────────────────────


async def _team(stage: Stage, seconds: float) -> Tally:
    office = stage.site.office
    heads = office.team_heads()
    return await _boards(stage, seconds, heads[:: max(1, len(heads) // HEADS)][:HEADS])


async def _team_of_all(stage: Stage, seconds: float) -> Tally:
    return await _boards(stage, seconds, [1])


async def _boards(stage: Stage, seconds: float, heads: list[int]) -> Tally:
    office = stage.site.office

    def act_of(visitor: Visitor) -> Act:
        unit = office.unit_of(visitor.number)
        count = office.people - 1 if unit == 1 else office.team_size(unit)

        async def act() -> bool:
            await visitor.get("team", "/team", has=f"<strong>{count} pegawai</strong>")
            return True

        return act

    acts = [act_of(each) for each in await stage.visitors(heads)]
    return await drive(
        stage.client, list(itertools.islice(itertools.cycle(acts), stage.together(HEADS))), seconds
    )


async def _export(stage: Stage, seconds: float) -> Tally:
    """The head of everything takes the completions of everybody, once."""
    (head,) = await stage.visitors([1])
    before = stage.server.memory_mb()

    async def act() -> bool:
        answer = await head._send("export", "POST", "/team/export", {"csrf_token": head.token})
        if answer.status in (404, 405):
            raise Skipped("the product has no /team/export yet")
        rows = list(csv.reader(io.StringIO(answer.text)))  # a head, and everybody but the actor
        people = stage.site.office.people
        if answer.status != 200 or len(rows) != people:
            raise Wrong(f"export: status {answer.status}, {len(rows)} rows for {people} people")
        return False

    tally = await drive(stage.client, [act], seconds)
    tally.figures["growth_mb"] = stage.server.peak_mb() - before
    if took := tally.seconds.get("export"):  # else it is among the errors
        tally.figures["export_seconds"] = max(took)
    return tally


# ── Slow clients ─────────────────────────────────────────────────────────────────────────────


async def _without_slow(stage: Stage) -> None:
    quiet = await _pages("lesson", _lesson, BESIDE_SLOW)(stage, min(2.0, stage.seconds))
    stage.quiet_p95 = percentile(quiet.seconds["lesson"], 95) * 1000


async def _beside_slow(stage: Stage, seconds: float) -> Tally:
    """Lessons while phones on weak links download a file."""
    learners = await stage.learners(BESIDE_SLOW + stage.slow)
    learners = learners[BESIDE_SLOW:] or learners
    path = await _media_path(learners[0])
    stop, faults = asyncio.Event(), list[str]()
    slow = [
        asyncio.create_task(_download(learners[n % len(learners)], path, stop, faults))
        for n in range(stage.slow)
    ]
    await asyncio.sleep(min(1.0, seconds))
    tally = await _pages("lesson", _lesson, BESIDE_SLOW)(stage, seconds)
    stop.set()
    tally.figures["downloads"] = sum(await asyncio.gather(*slow))
    tally.figures["quiet_p95_ms"] = stage.quiet_p95
    tally.errors += faults
    return tally


async def _media_path(visitor: Visitor) -> str:
    page = await visitor.get("lesson", f"{LEARN}/{content.LESSONS[0]}")
    found = re.search(rf'href="([^"]*{content.MEDIA}[^"]*)"', page.text)
    if not found:
        raise Wrong("the lesson has no link to its file")
    return f"{LEARN}/{found[1]}"


async def _download(visitor: Visitor, path: str, stop: asyncio.Event, faults: list[str]) -> bool:
    """Read a file at 20 KB/s until told to stop; was the answer under way, and right so far?"""
    expected = content.media_bytes()
    try:
        reader, writer = await _open(visitor.client, visitor, path)
    except OSError as error:
        faults.append(f"download: {error}")
        return False
    got = b""
    try:
        while not stop.is_set():
            chunk = await asyncio.wait_for(reader.read(SLOW_BYTES), 30)
            if not chunk and len(got) < len(expected):
                faults.append("download: cut off")
                break
            got += chunk
            await asyncio.sleep(SLOW_PAUSE)
    except TimeoutError:
        faults.append("download: nothing for 30 s")
    except OSError as error:
        faults.append(f"download: {error}")
    finally:
        writer.transport.abort()
    head, _, body = got.partition(b"\r\n\r\n")
    if got and not (head.startswith(b"HTTP/1.1 200") and expected.startswith(body)):
        faults.append(f"download: {head[:60]!r}")
    return bool(body)


async def _open(
    client: Client, visitor: Visitor, path: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that takes little at a time, so that the server has to wait for it."""
    address = urlsplit(client.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    # Packets of 64 KB, as inside a machine, would let the system take the whole file at once.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, PACKET)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, (address.hostname, address.port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=SLOW_BYTES)
    lines = {"Host": address.netloc, **visitor.headers()}
    lines["Accept-Encoding"] = "identity"
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
    await writer.drain()
    return reader, writer


# ── Memory ───────────────────────────────────────────────────────────────────────────────────


async def _memory(stage: Stage, _seconds: float) -> Tally:
    """Ten thousand requests; what the worker holds after a tenth of them, and at the end."""
    turn = itertools.count()
    learners = await stage.learners(stage.together(CLIENTS))
    paths = (lambda n: ("/", TITLE), lambda n: (f"/courses/{content.BENCH}", TITLE), _lesson)
    held = list[float]()

    def act_of(visitor: Visitor) -> Act:
        async def act() -> bool:
            number = next(turn)
            if number >= stage.requests:
                return False
            if number == stage.requests // 10:
                held.append(stage.server.memory_mb())
            path, has = paths[number % 3](number)
            await visitor.get("page", path, has=has)
            return True

        return act

    tally = await drive(stage.client, [act_of(each) for each in learners], 3600)
    tally.figures["memory_early_mb"] = held[0]
    tally.figures["memory_late_mb"] = stage.server.memory_mb()
    tally.figures["growth"] = tally.figures["memory_late_mb"] / held[0]
    return tally


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "home", "home", "own name, the course under way", "home", "learning.home",
        _pages("home", lambda n: ("/", TITLE)), beside_bare=True,
    ),
    Scenario(
        "catalogue", "catalogue", "own name, the next page", "catalogue", "learning.catalogue",
        _pages("catalogue", lambda n: ("/courses", "?after=")), beside_bare=True,
    ),
    Scenario(
        "course", "course page", "own name, the title", "course", "learning.course",
        _pages("course", lambda n: (f"/courses/{content.BENCH}", f"{TITLE}</h1>")),
        beside_bare=True,
    ),
    Scenario(
        "lesson", "lesson page", "own name, the lesson's heading", "lesson", "learning.part",
        _pages("lesson", _lesson), beside_bare=True,
    ),
    Scenario(
        "done", "mark a lesson done", "leads to the next lesson", "done", "learning.done",
        _done, before=_undone,
    ),
    Scenario(
        "sign-in", "sign in", "leads home, own name there", "sign in", "accounts.try_sign_in",
        _sign_in, clients=HEADS,
    ),
    *exams.SCENARIOS,
    Scenario(
        "slow", "lesson beside 50 slow downloads", "own name; bytes of the file", "lesson",
        "learning.part", _beside_slow, clients=BESIDE_SLOW, before=_without_slow,
    ),
    Scenario(
        "team", "team board of a bidang", "own name, number of people", "team", "reports.team",
        _team, clients=HEADS,
    ),
    Scenario(
        "team-all", "team board of everybody", "own name, number of people", "team",
        "reports.team", _team_of_all, clients=HEADS,
    ),
    Scenario(
        "export", "completion export", "a row for each person", "export", "reports.export_team",
        _export, clients=1, warm=False,
    ),
    *importing.SCENARIOS,
    Scenario(
        "memory", "memory of a worker", "own name, the title", "page", "learning.part", _memory,
        warm=False, rounds=1, sizes=("S", "T"),
    ),
)  # fmt: skip
