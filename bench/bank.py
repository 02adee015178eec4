"""`python -m bench.bank [questions]`: CPU of the pages that search a bank of 100,000 questions.

A site of its own on SQLite, whose database works within the process, so that its time is counted.
The questions stand in the index alone, which is all that a search reads.
"""

import argparse
import logging
import statistics
import tempfile
import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bench.bulk import Bulk
from lms import create_app, setup
from lms.accounts.actions import people, placements, roles
from lms.accounts.rules import Employment, Role
from lms.config import Settings
from lms.core import clock
from lms.core.db import db, transaction
from lms.core.passwords import hash_password
from lms.courses.forms.question import DIFFICULTIES, DIFFICULTY_TAG
from lms.courses.models import DraftFile
from lms.formats.gift.questions import QuestionKind, QuestionState

NIP, PASSWORD, BANK = "198102022006042009", "sawah-hijau-pagi", "/studio/bank-besar"
TOPICS, TIMES = 20, 9
SEARCHES = {
    "first page": "",
    "last page": "?after=soal-{last}",
    "a word in every question": "?q=layanan",
    "words of one question": "?q=layanan+nomor+{last}",
    "a word in none": "?q=zzzz",
    "a kind and a tag": "?kind=single&tag=tag-7",
    "a state, a level and a word": "?state=ready&level=hard&q=layanan",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.bank", description=__doc__)
    parser.add_argument("questions", type=int, nargs="?", default=100_000)
    count = parser.parse_args().questions
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        app = site(Path(folder))
        client = trainer(app, TOPICS)
        _fill(app, count)
        print(f"{'search among ' + format(count, ','):<30}{'CPU ms':>8}")
        for name, query in SEARCHES.items():
            path = f"{BANK}/bank{query.format(last=count - 1)}"
            print(f"{name:<30}{_cpu_ms(client, path):>8.1f}")


def site(folder: Path) -> Flask:
    """An empty site with one trainer."""
    app = create_app(
        Settings(
            DATABASE_URL=f"sqlite:///{folder / 'kompeten.db'}", DATA_DIR=str(folder),
            UPLOADS_DIR=str(folder / "uploads"), DEMO=False, LOG_LEVEL="CRITICAL",
        )
    )  # fmt: skip
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        setup.run(with_demo=False)
        hashed = hash_password(PASSWORD)
        with transaction():
            unit = placements.add_unit(code="KOTA", name="Kota", parent=None)
            person = people.add_person(
                nip=NIP, name="Yulia Hartati", email=None, employment=Employment.PNS
            )
            person.password_hash = hashed
            today = clock.today("Asia/Jakarta")
            roles.grant_role(person, Role.TRAINER, unit, start_on=today, reason="SK")
        db.session.remove()
    return app


def trainer(app: Flask, topics: int) -> FlaskClient:
    """Somebody signed in, with a bank of so many topics."""
    client = app.test_client()
    steps = [
        ("/sign-in", {"identifier": NIP, "password": PASSWORD}),
        ("/studio/banks/new", {"title": "Bank besar", "unit": "KOTA"}),
        *((f"{BANK}/bank/topics", {"title": f"Topik {n}"}) for n in range(2, topics + 1)),
    ]
    for path, form in steps:
        answer = client.post(path, data=form)
        if answer.status_code != 302:
            raise SystemExit(f"{path}: {answer.status}")
    return client


def _fill(app: Flask, count: int) -> None:
    with app.app_context():
        files = db.session.scalars(
            select(DraftFile.id).where(DraftFile.path.endswith(".gift")).order_by(DraftFile.path)
        ).all()
        url = db.engine.url.render_as_string(hide_password=False)
        db.session.remove()
        db.engine.dispose()
    kinds, states = list(QuestionKind), list(QuestionState)
    each = -(-count // len(files))  # rounded up
    numbers = range(count)
    questions, tagged = (db.metadata.tables[name] for name in ("bank_question", "bank_tag"))
    bulk = Bulk(url)
    bulk.insert(
        questions,
        [
            {
                "id": n + 1, "file_id": files[n // each], "position": n % each,
                "key": f"soal-{n}", "kind": kinds[n % len(kinds)],
                "state": states[n % len(states)], "author": "", "source": "",
                "shown": f"Layanan mana yang didahulukan dalam keadaan nomor {n}?",
                "words": f"layanan mana yang didahulukan dalam keadaan nomor {n}? " * 6,
                "same": f"{n:064x}", "digest": f"{n:064x}",
            }
            for n in numbers
        ],
    )  # fmt: skip
    tags = ((n, tag) for n in numbers for tag in (f"tag-{n % 50}", _level(n)))
    bulk.insert(
        tagged,
        [{"question_id": n + 1, "tag": tag, "file_id": files[n // each]} for n, tag in tags],
    )
    bulk.close([questions, tagged])


def _level(number: int) -> str:
    return f"{DIFFICULTY_TAG}{DIFFICULTIES[number % 3]}"


def _cpu_ms(client: FlaskClient, path: str) -> float:
    """The median of several loads, the first left out."""
    found = []
    for _ in range(TIMES + 1):
        begun = time.process_time()
        answer = client.get(path)
        found.append((time.process_time() - begun) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status}")
    return statistics.median(found[1:])


if __name__ == "__main__":
    main()
