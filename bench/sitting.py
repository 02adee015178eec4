"""One learner's attempt at the final quiz, as a browser goes through it."""

import json
import re
from dataclasses import dataclass, field
from uuid import UUID

from bench import content
from bench.client import Visitor, Wrong

START = f"/courses/{content.BENCH}/learn/{content.EXAM}/attempts"
_WHERE = re.compile(r"/attempts/([0-9a-f-]{36})/questions/1$")
_SCORE = re.compile(r"Nilai Anda (\d+)[,.]")


@dataclass
class Sitting:
    """One learner's attempt: what was answered (position as shown, from 0, by question number) and
    the score that the result page told."""

    visitor: Visitor
    uuid: UUID
    answers: dict[int, int] = field(default_factory=dict)
    seq: int = 0
    score: int | None = None

    @property
    def path(self) -> str:
        return f"/attempts/{self.uuid}"

    async def look(self, number: int) -> None:
        page = f"Soal {number} dari {content.QUESTIONS}</h1>"
        await self.visitor.get("question", f"{self.path}/questions/{number}", has=page)

    async def save(self, number: int) -> None:
        """As static/js/quiz.js saves. The same question again is a later save."""
        self.seq += 1
        seq, shown = self.seq, (self.visitor.number + number + self.seq) % 4
        form = {"answer": str(shown + 1), "seq": str(seq)}
        answer = await self.visitor.ask("save", f"{self.path}/questions/{number}", **form)
        told = json.loads(answer.text)
        if (told.get("saved"), told.get("seq"), told.get("answer")) != (True, seq, [shown + 1]):
            raise Wrong(f"save: {answer.text.strip()[:100]}")
        self.answers[number] = shown

    async def review(self) -> None:
        await self.visitor.get("review", f"{self.path}/review", has=f'action="{self.path}/submit"')

    async def hand_in(self) -> None:
        result = f"{self.path}/result"
        await self.visitor.post("submit", f"{self.path}/submit", to=result)
        page = await self.visitor.get("result", result)
        found = _SCORE.search(page.text)
        if not found:
            raise Wrong("result: no score on the page")
        self.score = int(found[1])


async def sit(visitor: Visitor, *, look: bool = True) -> Sitting:
    """Start an attempt, or go on with the open one."""
    answer = await visitor.post("start", START, to="/attempts/")
    found = _WHERE.search(answer.location)
    if not found:
        raise Wrong(f"start: leads to {answer.location}")
    sitting = Sitting(visitor, UUID(found[1]))
    if look:
        await sitting.look(1)
    return sitting
