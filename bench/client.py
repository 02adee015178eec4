"""The client: a learner's browser as the server sees it, many of them in one process.

aiohttp, because its parser is C and it keeps connections: the client takes little of the machine
that it shares with the server (docs/decisions/0005-libraries.md has the figures). Every answer is
checked by whoever asked for it; what is not as it must be is an error.
"""

import asyncio
import gzip
import html
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from types import TracebackType

import aiohttp
import brotli

from bench.people import PASSWORD, address_of, name_of, nip_of

TIMEOUT = aiohttp.ClientTimeout(total=30)
IDLE_SECONDS = 1  # connections are given up before the server gives them up
SHOWN = 3  # errors told in full
_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


class Wrong(Exception):
    """An answer failed its check."""


FAILURES = (Wrong, aiohttp.ClientError, TimeoutError)


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str
    size: int  # bytes before compression
    wire: int  # bytes of the body as sent


@dataclass
class Tally:
    """What one round of a scenario found. `seconds` by the name of the request."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, list[int]] = field(default_factory=dict)  # bytes before compression
    wires: dict[str, list[int]] = field(default_factory=dict)  # bytes as sent
    acts: int = 0
    took: float = 0.0
    errors: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(len(each) for each in self.seconds.values())

    def note(self, name: str, seconds: float, answer: Answer) -> None:
        self.seconds.setdefault(name, []).append(seconds)
        self.sizes.setdefault(name, []).append(answer.size)
        self.wires.setdefault(name, []).append(answer.wire)


class Client:
    """Keeps connections to one server. Requests are counted in `tally`, which a round replaces."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.tally = Tally()
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=TIMEOUT,
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._http.close()

    async def send(
        self,
        name: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        data: Mapping[str, str | Sequence[str]] | bytes | None = None,
        cookies: dict[str, str] | None = None,
    ) -> Answer:
        """One request; its time runs until the last byte of the answer. Redirects are answers."""
        begun = time.perf_counter()
        async with self._http.request(
            method, self.url + path, headers=headers, data=data, allow_redirects=False
        ) as response:
            body = await response.read()
        seconds = time.perf_counter() - begun
        if cookies is not None:
            for line in response.headers.getall("Set-Cookie", ()):
                cookies.update({key: morsel.value for key, morsel in SimpleCookie(line).items()})
        plain = _decoded(body, response.headers.get("Content-Encoding", ""))
        answer = Answer(
            status=response.status,
            location=response.headers.get("Location", ""),
            text=plain.decode("utf-8", "replace"),
            size=len(plain),
            wire=len(body),
        )
        self.tally.note(name, seconds, answer)
        return answer


@dataclass
class Visitor:
    """One person with their browser: cookies, the token of their forms, an address of their own."""

    number: int
    client: Client
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    @property
    def name(self) -> str:
        return name_of(self.number)

    async def get(self, name: str, path: str, *, has: str = "") -> Answer:
        """A page of the signed-in person: 200, with their own name and what else it must have."""
        answer = await self._send(name, "GET", path)
        _expect(answer, 200, name)
        if f"{html.escape(self.name)}</p>" not in answer.text:
            raise Wrong(f"{name}: {path} is not the page of {self.name}")
        if has not in answer.text:
            raise Wrong(f"{name}: {path} lacks {has!r}")
        return answer

    async def post(self, name: str, path: str, *, to: str = "", **form: str) -> Answer:
        """Send a form; the answer must lead to an address that begins with `to`."""
        answer = await self._send(name, "POST", path, {"csrf_token": self.token, **form})
        _expect(answer, 302, name)
        if not answer.location.startswith(to):
            raise Wrong(f"{name}: leads to {answer.location!r}, not {to!r}")
        return answer

    async def ask(self, name: str, path: str, **form: str) -> Answer:
        """Send a form as a script does, for JSON."""
        answer = await self._send(
            name, "POST", path, {"csrf_token": self.token, **form}, accept="application/json"
        )
        _expect(answer, 200, name)
        return answer

    async def post_file(self, name: str, path: str, file: bytes, *, to: str, **form: str) -> Answer:
        """Send a form with a file, in its field `file`; leads to `to`, as `post`."""
        part = "--bench\r\nContent-Disposition: form-data; name="
        fields = {"csrf_token": self.token, **form}
        body = "".join(f'{part}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items())
        body += f'{part}"file"; filename="bench.csv"\r\n\r\n'
        headers = {
            **self.headers(),
            "Accept": "text/html",
            "Content-Type": "multipart/form-data; boundary=bench",
        }
        answer = await self.client.send(
            name, "POST", path, headers=headers, cookies=self.cookies,
            data=body.encode() + file + b"\r\n--bench--\r\n",
        )  # fmt: skip
        _expect(answer, 302, name)
        if not answer.location.startswith(to):
            raise Wrong(f"{name}: leads to {answer.location!r}, not {to!r}")
        return answer

    async def sign_in(self) -> None:
        """Through the form, with a fresh browser."""
        self.cookies.clear()
        page = await self._send("sign-in page", "GET", "/sign-in")
        _expect(page, 200, "sign-in page")
        self.token = _token_of(page)
        form = {"identifier": nip_of(self.number), "password": PASSWORD, "next": "", "held": ""}
        await self.post("sign in", "/sign-in", to="/", **form)
        home = await self.get("first page", "/")
        self.token = _token_of(home)

    async def _send(
        self, name: str, method: str, path: str, form: dict[str, str] | None = None,
        accept: str = "text/html",
    ) -> Answer:  # fmt: skip
        headers = self.headers()
        headers["Accept"] = accept
        return await self.client.send(
            name, method, path, headers=headers, data=form, cookies=self.cookies
        )

    def headers(self) -> dict[str, str]:
        """What a phone sends, behind the proxy."""
        return {
            "User-Agent": "Mozilla/5.0 (Linux; Android 14) bench",
            "Accept-Encoding": "br, gzip",
            "Accept-Language": "id",
            "X-Forwarded-For": address_of(self.number),
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
        }


# ── Driving ──────────────────────────────────────────────────────────────────────────────────

Act = Callable[[], Awaitable[bool]]  # False: there is nothing left to do


async def drive(client: Client, acts: Sequence[Act], seconds: float) -> Tally:
    """Every client does its act again and again for so long; errors are counted, not raised."""
    tally = client.tally = Tally()
    begun = time.perf_counter()
    await _together([_repeat(tally, act, begun + seconds) for act in acts])
    tally.took = time.perf_counter() - begun
    return tally


async def drive_at(client: Client, acts: Sequence[tuple[float, Act]]) -> Tally:
    """Every act at its time (seconds from now), whether or not the ones before are done."""
    tally = client.tally = Tally()
    begun = time.perf_counter()
    await _together([_once(tally, act, begun + at) for at, act in acts])
    tally.took = time.perf_counter() - begun
    return tally


async def _together(tasks: Sequence[Awaitable[None]]) -> None:
    await asyncio.gather(*tasks)


async def _repeat(tally: Tally, act: Act, until: float) -> None:
    while time.perf_counter() < until:
        if not await _guarded(tally, act):
            return


async def _once(tally: Tally, act: Act, at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    await _guarded(tally, act)


async def _guarded(tally: Tally, act: Act) -> bool:
    try:
        more = await act()
    except FAILURES as error:
        tally.errors.append(f"{type(error).__name__}: {error}"[:200])
        return True
    tally.acts += more
    return more


def _expect(answer: Answer, status: int, name: str) -> None:
    if answer.status != status:
        raise Wrong(f"{name}: status {answer.status}, not {status}: {_gist(answer.text)}")


def _gist(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>|\{\{.*?\}\}", " ", text).split())[:120]


def _token_of(answer: Answer) -> str:
    found = _TOKEN.search(answer.text)
    if not found:
        raise Wrong("the page has no CSRF token")
    return found[1]


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.decompress(body))
    return gzip.decompress(body) if encoding == "gzip" else body
