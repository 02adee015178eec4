"""Practice: every answer can be checked, hints come one by one, and tries stay used."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.quizzes.models import Answer, AnswerTry, Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import start
from tests.sample_course import KINDS, KINDS_SETTINGS, import_course, write_course

HINTS = """practice = true

[[hints]]
question = "jenis-1"
texts = ["Ingat: **sapaan**", "Mulai dengan huruf M."]

[[hints]]
question = "jenis-4"
texts = ["Kota Kembang."]
"""
WRONG, OTHER, RIGHT = ["2"], ["3"], ["1"]  # of the first question


def begin(app: Flask, client: PageClient, cast: Cast, folder: Path, shows: str = "always") -> str:
    with app.app_context():
        import_course(
            write_course(folder, final=KINDS, show_answers=shows, settings=KINDS_SETTINGS + HINTS)
        )
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return start(client, "melayani", "akhir")


@pytest.fixture
def attempt(app: Flask, client: PageClient, cast: Cast, tmp_path: Path) -> str:
    return begin(app, client, cast, tmp_path)


def url(uuid: str, number: int = 1) -> str:
    return f"/attempts/{uuid}/questions/{number}"


def check(client: PageClient, uuid: str, answer: list[str], seq: int, number: int = 1) -> str:
    """Press "Periksa"; the words of the page that comes."""
    response = client.send(url(uuid, number), {"answer": answer, "seq": seq, "go": "check"})
    assert response.status_code == 302
    assert response.location.endswith(f"/questions/{number}#periksa")
    return words(client.get(response.location))


def fractions(app: Flask, client: PageClient, uuid: str) -> list[str | None]:
    """Of the answers, once they are handed in."""
    assert client.send(f"/attempts/{uuid}/submit").status_code == 302
    assert client.get(f"/attempts/{uuid}/result").status_code == 200
    with app.app_context():
        return list(db.session.scalars(sa.select(Answer.fraction).order_by(Answer.question_id)))


def tries(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(AnswerTry)) or 0


def test_the_introduction_says_that_it_is_practice(client: PageClient, attempt: str) -> None:
    page = words(client.get("/courses/melayani/learn/akhir"))
    assert "bila belum tepat ada petunjuk dan percobaan lagi" in page


def test_hints_come_one_by_one_and_the_last_try_settles(
    app: Flask, client: PageClient, attempt: str
) -> None:
    page = words(client.get(url(attempt)))
    assert "Ada 3 percobaan dengan petunjuk" in page
    assert "Ingat: sapaan" not in page
    page = check(client, attempt, WRONG, 1)
    assert "Belum tepat. Masih ada 2 percobaan." in page
    assert "Petunjuk 1 Ingat: sapaan" in page
    assert "Mulai dengan huruf M" not in page
    page = check(client, attempt, OTHER, 2)
    assert "Masih ada 1 percobaan." in page
    assert "Petunjuk 2 Mulai dengan huruf M." in page
    page = check(client, attempt, RIGHT, 3)
    assert "Tepat. Benar, sapaan membuka layanan." in page
    assert "Periksa" not in page
    assert fractions(app, client, attempt) == ["0.3333333"]
    result = words(client.get(f"/attempts/{attempt}/result"))
    assert "Menyapa (tepat pada percobaan ke-3)" in result
    assert "sebagian tepat" not in result


@pytest.mark.parametrize(
    ("answers", "fraction"),
    [
        ([RIGHT], "1.0000000"),
        ([WRONG, RIGHT], "0.6666667"),
        ([WRONG, OTHER, RIGHT], "0.3333333"),
        ([WRONG, OTHER, WRONG], "0.0000000"),
    ],
)
def test_a_third_is_lost_with_every_try_that_was_not_right(
    app: Flask, client: PageClient, attempt: str, answers: list[list[str]], fraction: str
) -> None:
    for seq, answer in enumerate(answers, start=1):
        check(client, attempt, answer, seq)
    assert fractions(app, client, attempt) == [fraction]


def test_loading_anew_gives_no_try_back_and_the_same_answer_costs_none(
    app: Flask, client: PageClient, attempt: str
) -> None:
    check(client, attempt, WRONG, 1)
    for seq in (1, 1, 2, 3):  # pressed again, sent again, chosen again
        page = check(client, attempt, WRONG, seq)
        assert "Masih ada 2 percobaan." in page
    assert tries(app) == 1
    check(client, attempt, OTHER, 4)
    assert tries(app) == 2
    check(client, attempt, WRONG, 5)  # as the first try, but not as the last: a try
    assert tries(app) == 3


def test_a_settled_question_keeps_its_answer(app: Flask, client: PageClient, attempt: str) -> None:
    check(client, attempt, RIGHT, 1)
    late = client.save(url(attempt), {"answer": WRONG, "seq": 2})
    assert late.status_code == 409
    assert "sudah selesai diperiksa" in late.get_json()["message"]
    again = client.send(url(attempt), {"answer": WRONG, "seq": 3, "go": "check"})
    assert again.status_code == 409
    # its page has no field: going on sends no answer, and a flag can still be set
    assert client.send(url(attempt), {"seq": 2, "go": "next"}).location.endswith("questions/2")
    client.send(url(attempt), {"seq": 2, "flag": "on"})
    page = client.get(url(attempt)).get_data(as_text=True)
    assert 'name="answer"' not in page
    assert "Ditandai" in page
    assert tries(app) == 1
    assert fractions(app, client, attempt) == ["1.0000000"]


def test_a_question_without_hints_has_one_try_and_then_shows_the_answer(
    client: PageClient, attempt: str
) -> None:
    assert "hanya dapat diperiksa satu kali" in words(client.get(url(attempt, 3)))
    page = check(client, attempt, ["1"], 1, number=3)
    assert "Belum tepat. Percobaan sudah habis." in page
    assert "Jawaban yang tepat Salah" in page


def test_typed_answers_are_checked_with_their_feedback(
    app: Flask, client: PageClient, attempt: str
) -> None:
    page = check(client, attempt, ["Cidung"], 1, number=4)
    assert "Sebagian tepat. Masih ada 1 percobaan. Hampir." in page
    assert "Petunjuk 1 Kota Kembang." in page
    assert "Bandung" not in page
    check(client, attempt, ["Bandung"], 2, number=4)
    assert fractions(app, client, attempt) == ["0.6666667"]


def test_nothing_is_checked_before_it_is_answered_whole(
    app: Flask, client: PageClient, attempt: str
) -> None:
    for number, answer in ((1, []), (4, [" "]), (6, ["1:1"])):
        refused = client.send(url(attempt, number), {"answer": answer, "seq": 1, "go": "check"})
        assert refused.status_code == 422
        assert "Jawab dulu, lalu periksa." in words(refused)
    refused = client.send(url(attempt, 5), {"answer": ["lima"], "seq": 1, "go": "check"})
    assert "bukan angka" in words(refused)
    assert tries(app) == 0


def test_what_was_answered_and_never_checked_is_checked_on_handing_in(
    app: Flask, client: PageClient, attempt: str
) -> None:
    check(client, attempt, WRONG, 1)
    client.send(url(attempt), {"answer": RIGHT, "seq": 2})
    client.send(url(attempt, 3), {"answer": ["2"], "seq": 1})
    assert fractions(app, client, attempt) == ["0.6666667", "1.0000000"]


def test_a_stale_check_is_told_and_is_no_try(app: Flask, client: PageClient, attempt: str) -> None:
    client.send(url(attempt), {"answer": WRONG, "seq": 5})
    stale = client.send(url(attempt), {"answer": OTHER, "seq": 2, "go": "check"})
    assert stale.status_code == 409
    assert tries(app) == 0


def test_a_quiz_that_never_shows_answers_shows_none_in_practice(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    uuid = begin(app, client, cast, tmp_path, shows="never")
    page = check(client, uuid, ["1"], 1, number=3)
    assert "Percobaan sudah habis" in page
    assert "Jawaban yang tepat" not in page
    assert "Benar, sapaan" not in check(client, uuid, RIGHT, 1)


def test_an_exam_checks_nothing_on_the_way(app: Flask, learner: PageClient, course: str) -> None:
    learner.send(f"/courses/{course}/enrol")
    uuid = start(learner, course, "akhir")
    assert "Periksa" not in words(learner.get(url(uuid)))
    refused = learner.send(url(uuid), {"answer": ["1"], "seq": 1, "go": "check"})
    assert refused.status_code == 409
    assert "diperiksa setelah dikirim" in words(refused)
    with app.app_context():
        assert db.session.scalars(sa.select(Answer)).all() == []
        assert db.session.scalars(sa.select(Attempt.submitted_at)).one() is None
