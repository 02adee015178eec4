"""Sections and random draws: frozen in the attempt, and new questions before known ones."""

from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.quizzes import queries
from lms.quizzes.models import Attempt, Question
from tests.client import PageClient, words
from tests.learning.answers import start, take
from tests.learning.test_limits import INTRO, Publish, publish
from tests.sample_course import write_course

__all__ = ["publish"]

SETTINGS = """[[sections]]
title = "Menyapa"
tag = "sapa"
draw = 2

[[sections]]
title = "Mendengar"
shuffle = false
"""
GIFT = "\n\n".join(
    f"// [id:s-{number}] [tag:{'sapa' if number < 6 else 'dengar'}]\nSoal ke-{number} {{T}}"
    for number in range(8)
)


def asked(app: Flask) -> list[list[str]]:
    """The keys of the questions of every attempt, in their order."""
    with app.app_context():
        keys = {row.id: row.key for row in db.session.execute(sa.select(Question.id, Question.key))}
        rows = db.session.scalars(sa.select(Attempt).order_by(Attempt.number))
        return [[keys[slot.question_id] for slot in queries.slots(row)] for row in rows]


def test_an_attempt_asks_what_its_sections_say_under_their_headings(
    app: Flask, publish: Publish
) -> None:
    client = publish(SETTINGS, final=GIFT)
    assert "4 soal, sekitar 5 menit" in words(client.get(INTRO))
    assert "Kuis, 4 soal" in words(client.get("/courses/melayani"))
    uuid = start(client, "melayani", "akhir")
    (keys,) = asked(app)
    assert keys[2:] == ["s-6", "s-7"]
    assert {int(key[2:]) for key in keys[:2]} < set(range(6))
    headings = []
    for number in range(1, 5):
        html = client.get(f"/attempts/{uuid}/questions/{number}").get_data(as_text=True)
        headings.append(html.split('<h2 class="h3" lang="id">')[1].split("<")[0])
    assert headings == ["Menyapa", "Menyapa", "Mendengar", "Mendengar"]
    page = words(client.get(f"/attempts/{uuid}/review"))
    assert "Menyapa 1 2 Mendengar 3 4" in page


def test_later_attempts_ask_what_the_learner_has_not_met_yet(app: Flask, publish: Publish) -> None:
    client = publish(SETTINGS, final=GIFT, attempts=4)
    for _ in range(3):
        take(client, "melayani", "akhir", right=False)
    drawn = [set(keys[:2]) for keys in asked(app)]
    assert set.union(*drawn) == {f"s-{number}" for number in range(6)}  # each one once
    take(client, "melayani", "akhir", right=False)
    assert len(set(asked(app)[3])) == 4  # all are known by now: any two, no repeats


def test_a_question_that_was_corrected_is_known_all_the_same(
    app: Flask, publish: Publish, tmp_path: Path
) -> None:
    client = publish(SETTINGS, final=GIFT, attempts=4)
    take(client, "melayani", "akhir", right=False)
    before = set(asked(app)[0][:2])
    corrected = GIFT.replace("Soal ke-", "Pertanyaan ke-")
    folder = write_course(tmp_path, settings=SETTINGS, final=corrected, attempts=4)
    result = app.test_cli_runner().invoke(args=["courses", "import", str(folder), "--small"])
    assert "1 peserta dipindahkan" in result.output
    take(client, "melayani", "akhir", right=False)
    assert not before & set(asked(app)[1][:2])


def test_what_is_drawn_stays_with_the_attempt(app: Flask, publish: Publish) -> None:
    client = publish(SETTINGS, final=GIFT)
    uuid = start(client, "melayani", "akhir")

    def pages(client: PageClient) -> list[str]:
        addresses = [f"/attempts/{uuid}/questions/{number}" for number in range(1, 5)]
        return [client.get(a).get_data(as_text=True).split("<fieldset")[1] for a in addresses]

    before = pages(client)
    assert start(client, "melayani", "akhir") == uuid
    assert pages(client) == before


def test_without_sections_there_are_no_headings(app: Flask, publish: Publish) -> None:
    client = publish()
    uuid = start(client, "melayani", "akhir")
    html = client.get(f"/attempts/{uuid}/questions/1").get_data(as_text=True)
    assert '<h2 class="h3" lang="id">' not in html
    with app.app_context():
        assert db.session.scalar(sa.select(Attempt.headings)) == []
