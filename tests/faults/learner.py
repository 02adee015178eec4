"""A learner at the other end of a bad line: signs in by the form, learns, sends again what was
not acknowledged, with the same content, and keeps a ledger of what was."""

import html
import http.client
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.cast import PASSWORD
from tests.faults.ledger import Ledger

# What is right in the sample course (tests/sample_course.py), by words of the question.
RIGHT = {
    "Menyapa itu perlu": {"Benar"},
    "Pilih satu": {"Mendengar"},
    "pertama dilakukan": {"Menyapa"},
    "Pilih dua sikap": {"Ramah", "Cekatan"},
    "dibeda-bedakan": {"Salah"},
}
TO_BE_RETRIED = (503, 507)
PAUSE = 0.1
PATIENCE = 90.0  # seconds that one act is tried again


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


class NotAcknowledged(Exception):
    """The learner was told to stop before an answer came."""


class Learner:
    """One person at one device. `refusals` are the statuses of answers that were no success,
    `cuts` the times when no answer came."""

    def __init__(self, url: str, nip: str, ledger: Path) -> None:
        self._host = urlsplit(url).netloc
        self.nip = nip
        self.ledger = Ledger(ledger, nip)
        self.stopped = threading.Event()
        self.acknowledged = 0
        self.refusals: list[int] = []
        self.waits: list[float] = []
        self.cuts: list[float] = []
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    # ── Speaking HTTP ────────────────────────────────────────────────────────────────────────

    def ask(
        self, method: str, path: str, data: dict[str, Any] | None = None, accept: str = "text/html"
    ) -> Answer:
        """One request, as it comes. Raises OSError or HTTPException where the line is cut."""
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            headers = {
                "Accept": accept,
                "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
                "Connection": "close",
            }
            body = None
            if data is not None:
                body = urlencode({"csrf_token": self.csrf, **data}, doseq=True)
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
            for cookie in response.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return Answer(response.status, dict(response.headers), text)
        finally:
            connection.close()

    def page(self, path: str) -> str:
        """Load a page, again until it comes. Keeps its CSRF token."""
        answer, _ = self._until_told(lambda: self.ask("GET", path), (200,))
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', answer.text)
        if token:
            self.csrf = token[1]
        return answer.text

    def _until_told(self, send: Callable[[], Answer], good: tuple[int, ...]) -> tuple[Answer, int]:
        """Send the same until it is acknowledged; how often it failed before. Raises
        AssertionError for an answer that is neither success nor an honest "later"."""
        end = time.monotonic() + PATIENCE
        failures = 0
        while time.monotonic() < end:
            if self.stopped.is_set() and failures:
                raise NotAcknowledged
            begun = time.monotonic()
            try:
                answer = send()
            except (OSError, http.client.HTTPException):
                self.cuts.append(time.time())
            else:
                self.waits.append(time.monotonic() - begun)
                if answer.status in good:
                    return answer, failures
                self.refusals.append(answer.status)
                assert answer.status in TO_BE_RETRIED, (answer.status, answer.text[:2000])
                assert int(answer.headers["Retry-After"]) > 0
                assert "Traceback" not in answer.text
            failures += 1
            time.sleep(PAUSE)
        raise AssertionError(f"{self.nip}: not acknowledged in {PATIENCE} seconds")

    def act(
        self, kind: str, path: str, data: dict[str, Any], *, accept: str = "text/html",
        good: tuple[int, ...] = (302,), **facts: Any,
    ) -> Answer:  # fmt: skip
        """Do something that changes the server, and note it."""
        number = self.ledger.sent(kind, facts)
        answer, failures = self._until_told(lambda: self.ask("POST", path, data, accept), good)
        told = {"location": answer.headers.get("Location", "")}
        self.ledger.acknowledged(number, told, failures)
        self.acknowledged += 1
        return answer

    # ── Learning ─────────────────────────────────────────────────────────────────────────────

    def sign_in(self) -> None:
        self.page("/sign-in")
        self.act("sign-in", "/sign-in", {"identifier": self.nip, "password": PASSWORD})
        self.page("/my/settings")  # the token that belongs to the new session

    def enrol(self, slug: str) -> None:
        self.act("enrol", f"/courses/{slug}/enrol", {}, slug=slug)

    def done(self, slug: str, key: str) -> None:
        self.act("done", f"/courses/{slug}/learn/{key}/done", {}, slug=slug, key=key)

    def start(self, slug: str, key: str) -> str:
        """The UUID of the attempt."""
        answer = self.act("start", f"/courses/{slug}/learn/{key}/attempts", {}, slug=slug, key=key)
        found = re.search(r"/attempts/([0-9a-f-]{36})/", answer.headers["Location"])
        assert found
        return found[1]

    def save(self, attempt: str, number: int, chosen: list[int], seq: int) -> None:
        """As the script of the page does."""
        answer = self.act(
            "save", f"/attempts/{attempt}/questions/{number}", {"answer": chosen, "seq": seq},
            accept="application/json", good=(200,),
            attempt=attempt, number=number, chosen=chosen, seq=seq,
        )  # fmt: skip
        assert answer.json()["saved"] is True

    def submit(self, attempt: str) -> None:
        self.act("submit", f"/attempts/{attempt}/submit", {}, attempt=attempt)

    def options(self, attempt: str, number: int) -> tuple[list[int], list[int]]:
        """The values of the right options of a question and those of the wrong ones."""
        page = self.page(f"/attempts/{attempt}/questions/{number}")
        legend = re.search(r"<legend[^>]*>(.*?)</legend>", page, re.DOTALL)
        assert legend
        right = next(words for question, words in RIGHT.items() if question in legend[1])
        shown = re.findall(
            r'name="answer" value="(\d+)"[^>]*><span class="choice__b">(.*?)</span>',
            page,
            re.DOTALL,
        )
        good = [int(value) for value, text in shown if _plain(text) in right]
        return good, [int(value) for value, _ in shown if int(value) not in good]

    def take(self, slug: str, key: str, questions: int) -> str:
        """Take a quiz: every question wrong at first, then right; the attempt's UUID."""
        attempt = self.start(slug, key)
        for number in range(1, questions + 1):
            right, wrong = self.options(attempt, number)
            self.save(attempt, number, wrong[:1], 1)
            self.save(attempt, number, right, 2)
        self.submit(attempt)
        return attempt

    def complete(self, slug: str) -> None:
        """A whole course, up to the evidence."""
        self.enrol(slug)
        self.done(slug, "sapa")
        self.take(slug, "kuis-1", 2)
        self.done(slug, "dengar")
        self.take(slug, "akhir", 3)

    def go_on(self, slugs: list[str]) -> None:
        """Complete one course after the other, then practise in the last one until told to stop."""
        try:
            for slug in slugs[:-1]:
                if self.stopped.is_set():
                    return
                self.complete(slug)
            self.enrol(slugs[-1])
            while not self.stopped.is_set():
                self.take(slugs[-1], "kuis-1", 2)
        except NotAcknowledged:
            return


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()


class Crowd:
    """Learners at work at the same time, each in a thread of its own."""

    def __init__(self, learners: list[Learner], work: Callable[[Learner], object]) -> None:
        self.learners = learners
        self.errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(x, work)) for x in learners]

    def _run(self, learner: Learner, work: Callable[[Learner], object]) -> None:
        try:
            work(learner)
        except BaseException as error:
            self.errors.append(error)

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def acknowledged(self) -> int:
        """How many acts were acknowledged so far, of all of them."""
        return sum(learner.acknowledged for learner in self.learners)

    def work_on(self, acts: int) -> None:
        """Wait until so many more acts were acknowledged; raises what somebody met meanwhile."""
        target, end = self.acknowledged() + acts, time.monotonic() + PATIENCE
        while self.acknowledged() < target and not self.errors:
            assert time.monotonic() < end, "nothing is acknowledged any more"
            time.sleep(0.01)
        if self.errors:
            raise self.errors[0]

    def finish(self) -> None:
        """Let everybody end what they are at; raises the first error that somebody met."""
        for learner in self.learners:
            learner.stopped.set()
        self.join()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE + 60)
        assert not [thread for thread in self._threads if thread.is_alive()]
        if self.errors:
            raise self.errors[0]
