"""`python -m bench.moves [questions]`: CPU of moving, removing and tagging 50 questions of a bank
of 100,000 in 50 topics, and of taking it back.

A site of its own on SQLite, whose database works within the process, so that its time is counted.
"""

import argparse
import logging
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bench.bank import BANK, site, trainer
from lms.accounts.models import Person
from lms.core.db import db, transaction
from lms.courses.actions import drafts
from lms.courses.models import Draft, DraftFile
from lms.demo.past import Learner

TOPICS = 50
QUESTION = (
    "// [id:t{topic}-{n}] [tag:umum]\n"
    "Layanan mana yang didahulukan dalam keadaan {n} dari {topic}? {{\n"
    "=Yang datang lebih dahulu, menurut nomor antrean {n}\n~Yang datang kemudian\n"
    "~Yang kenal dengan petugas\n~Tidak ada satu pun\n}}\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.moves", description=__doc__)
    parser.add_argument("questions", type=int, nargs="?", default=100_000)
    each = parser.parse_args().questions // TOPICS
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        app = site(Path(folder))
        client = trainer(app, TOPICS)
        target = _fill(app, each)
        print(f"{'50 of ' + format(each * TOPICS, ','):<30}{'CPU s':>8}")
        keys = [f"t{topic}-{each // 2}" for topic in range(1, TOPICS)] + [f"t1-{each // 3}"]
        for act in ("move", "remove", "tag"):
            sent = {"key": keys, "do": act, "to": target, "tag": "baru"}
            found = re.search(r"undo=([0-9a-f-]{36})", _timed(act, client, f"{BANK}/bank", sent))
            if found is None:
                raise SystemExit(f"{act}: nothing has changed")
            _timed(f"take back: {act}", client, f"{BANK}/bank/undo/{found[1]}", {})


def _fill(app: Flask, each: int) -> str:
    """So many questions into every topic; the first topic as the form names it."""
    with app.app_context():
        person = db.session.scalars(select(Person)).one()
        actor = Learner(person.id, person.uuid, person.name)
        with transaction():
            draft = db.session.scalars(select(Draft)).one()
            files = db.session.scalars(
                select(DraftFile).where(DraftFile.path.endswith(".gift")).order_by(DraftFile.path)
            ).all()
            for topic, file in enumerate(files):
                text = "\n".join(QUESTION.format(topic=topic, n=n) for n in range(each))
                drafts.save_text(actor, draft, file, text, file.number)
            settings = f"{files[0].path.removesuffix('.gift')}.toml"
            uuid = db.session.scalars(
                select(DraftFile.uuid).where(DraftFile.path == settings)
            ).one()
        db.session.remove()
    return str(uuid)


def _timed(name: str, client: FlaskClient, path: str, sent: Mapping[str, object]) -> str:
    """Where it leads to."""
    begun = time.process_time()
    answer = client.post(path, data=sent)
    print(f"{name:<30}{time.process_time() - begun:>8.2f}")
    if answer.status_code != 302:
        raise SystemExit(f"{path}: {answer.status}")
    return str(answer.headers["Location"])


if __name__ == "__main__":
    main()
