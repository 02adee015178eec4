"""Answering questions of every kind through the pages, and what the result says of them."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from lms.core.db import db
from lms.quizzes import queries
from lms.quizzes.models import Answer, Attempt
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import start
from tests.sample_course import KINDS, KINDS_SETTINGS, import_course, write_course

SHORT, NUMERIC, MATCHING, ORDERING = 4, 5, 6, 7
CAPITALS = {"Jawa Barat": "Bandung", "Banten": "Serang", "Bali": "Denpasar"}
STEPS = ["Sapa warga", "Dengar keluhan", "Selesaikan urusan", "Ucapkan terima kasih"]


def publish(app: Flask, folder: Path, settings: str = "", language: str = "id") -> None:
    with app.app_context():
        course = write_course(
            folder, final=KINDS, show_answers="always", settings=KINDS_SETTINGS + settings
        )
        toml = course / "course.toml"
        toml.write_text(toml.read_text().replace('language = "id"', f'language = "{language}"'))
        import_course(course)
        db.session.remove()


@pytest.fixture
def attempt(app: Flask, client: PageClient, cast: Cast, tmp_path: Path) -> str:
    """The UUID of an attempt at a quiz with one question of every kind, just begun."""
    publish(app, tmp_path)
    return begin(client, cast)


def begin(client: PageClient, cast: Cast) -> str:
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return start(client, "melayani", "akhir")


def url(uuid: str, number: int) -> str:
    return f"/attempts/{uuid}/questions/{number}"


def value(app: Flask, number: int) -> object:
    """What is stored as the answer to a question."""
    with app.app_context():
        attempt = db.session.scalars(sa.select(Attempt)).one()
        slot = queries.slots(attempt)[number - 1]
        row = db.session.get(Answer, (attempt.id, slot.question_id))
        return row.value if row else None


def selects(page: str) -> dict[str, dict[str, str]]:
    """What each select is labelled, and the value to send for each of its words."""
    found = {}
    for id_, inner in re.findall(r'<select[^>]* id="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        label = re.search(rf'<label for="{id_}">(.*?)</label>', page, re.S)
        assert label
        options = re.findall(r'<option value="([^"]*)"[^>]*>(.*?)</option>', inner, re.S)
        found[plain(label[1]).removeprefix("Urutan: ")] = {plain(w): v for v, w in options}
    return found


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("&amp;", "&").split())


def matched(client: PageClient, uuid: str, answers: dict[str, str]) -> list[str]:
    rows = selects(client.get(url(uuid, MATCHING)).get_data(as_text=True))
    return [rows[stem][answers[stem]] if stem in answers else "" for stem in rows]


def ordered(client: PageClient, uuid: str, items: list[str]) -> list[str]:
    rows = selects(client.get(url(uuid, ORDERING)).get_data(as_text=True))
    return [
        options[str(items.index(item) + 1)] if item in items else ""
        for item, options in rows.items()
    ]


def result_of(client: PageClient, uuid: str) -> str:
    assert client.send(f"/attempts/{uuid}/submit").status_code == 302
    return words(client.get(f"/attempts/{uuid}/result"))


def test_every_kind_is_answered_right_without_a_script(
    app: Flask, client: PageClient, attempt: str
) -> None:
    sent: dict[int, list[str]] = {
        1: ["1"], 2: ["1", "2"], 3: ["2"], SHORT: ["  bandung "], NUMERIC: ["4.500,0"],
        MATCHING: matched(client, attempt, CAPITALS), ORDERING: ordered(client, attempt, STEPS),
    }  # fmt: skip
    for number, answer in sent.items():
        response = client.send(url(attempt, number), {"answer": answer, "seq": 1})
        assert response.status_code == 302, words(response)
    assert [value(app, n) for n in range(1, 8)] == [
        [0], [0, 1], [1], "bandung", "4.500,0", [0, 1, 2], [0, 1, 2, 3],
    ]  # fmt: skip
    assert "Semua soal sudah dijawab" in words(client.get(f"/attempts/{attempt}/review"))
    page = result_of(client, attempt)
    assert "Nilai Anda 100" in page
    assert "Semua soal dijawab dengan tepat" in page


def test_part_of_an_answer_earns_part_of_the_points(
    app: Flask, client: PageClient, attempt: str
) -> None:
    swapped = [STEPS[1], STEPS[0], *STEPS[2:]]
    for number, answer in {
        SHORT: ["Cidung"],  # half, by the wildcard
        NUMERIC: ["4.200"],  # half, by the range
        MATCHING: matched(client, attempt, {**CAPITALS, "Bali": "Bogor & Depok"}),
        ORDERING: ordered(client, attempt, swapped),
    }.items():
        client.send(url(attempt, number), {"answer": answer, "seq": 1})
    page = result_of(client, attempt)
    with app.app_context():
        fractions = {a.question_id: a.fraction for a in db.session.scalars(sa.select(Answer)).all()}
        assert sorted(fractions.values(), key=str) == ["0.5000000"] * 3 + ["0.6666667"]
        assert str(db.session.scalars(sa.select(Attempt.percent)).one()) == "30.95"  # 2.1667 / 7
    for told in (
        "Cidung", "Hampir.", "Kota * Kembang",  # what was typed, its feedback, the right ones
        "4.200", "Mendekati.", "4500 ± 0",
        "Bali → Bogor & Depok", "Bali → Denpasar",
        "1. Dengar keluhan 2. Sapa warga", "1. Sapa warga 2. Dengar keluhan",
        "sebagian tepat",
    ):  # fmt: skip
        assert told in page, told


def test_a_typed_answer_is_shown_again_and_may_be_taken_back(
    app: Flask, client: PageClient, attempt: str
) -> None:
    client.send(url(attempt, SHORT), {"answer": ['"><b>Bandung'], "seq": 1})
    page = client.get(url(attempt, SHORT)).get_data(as_text=True)
    assert 'value="&#34;&gt;&lt;b&gt;Bandung"' in page
    assert "Tersimpan" in page
    client.send(url(attempt, SHORT), {"answer": [""], "seq": 2})
    assert value(app, SHORT) == []
    assert "Tersimpan" not in words(client.get(url(attempt, SHORT)))


@pytest.mark.parametrize("text", ["lima", "3.14", "5 orang", "1,5,5"])
def test_what_is_no_number_is_told_beside_the_field_and_nothing_is_lost(
    app: Flask, client: PageClient, attempt: str, text: str
) -> None:
    client.send(url(attempt, NUMERIC), {"answer": ["7"], "seq": 1})
    refused = client.send(url(attempt, NUMERIC), {"answer": [text], "seq": 2})
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert f'value="{text}"' in page
    assert re.search(
        r'<p class="err" id="jawaban-salah"[^>]*>.*?bukan angka.*?1\.234,5', page, re.S
    )
    assert 'aria-describedby="jawaban-cara jawaban-salah"' in page
    assert 'aria-invalid="true"' in page
    assert value(app, NUMERIC) == "7"
    told = client.save(url(attempt, NUMERIC), {"answer": [text], "seq": 2})
    assert told.status_code == 422
    assert "bukan angka" in told.get_json()["message"]
    assert client.send(url(attempt, NUMERIC), {"answer": ["8"], "seq": 2}).status_code == 302
    assert value(app, NUMERIC) == "8"


def test_numbers_follow_the_language_of_the_course(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    publish(app, tmp_path, language="en")
    uuid = begin(client, cast)
    assert client.send(url(uuid, NUMERIC), {"answer": ["4.500,0"], "seq": 1}).status_code == 422
    assert client.send(url(uuid, NUMERIC), {"answer": ["4,500.0"], "seq": 1}).status_code == 302
    client.send(url(uuid, 1), {"answer": ["1"], "seq": 1})
    result_of(client, uuid)
    with app.app_context():
        assert str(db.session.scalars(sa.select(Attempt.percent)).one()) == "28.57"


def test_a_text_that_is_too_long_is_refused(app: Flask, client: PageClient, attempt: str) -> None:
    for text in ("x" * 501, "x" * 6000):
        refused = client.send(url(attempt, SHORT), {"answer": [text], "seq": 1})
        assert refused.status_code == 422
    assert value(app, SHORT) is None
    assert client.send(url(attempt, SHORT), {"answer": ["x" * 500], "seq": 1}).status_code == 302


def test_a_question_that_is_answered_in_part_is_saved_but_open(
    app: Flask, client: PageClient, attempt: str
) -> None:
    for number, sent in (
        (MATCHING, matched(client, attempt, {"Banten": "Serang"})),
        (ORDERING, ordered(client, attempt, ["Sapa warga"])),
    ):
        told = client.save(url(attempt, number), {"answer": sent, "seq": 1}).get_json()
        assert told["saved"]
        assert not told["complete"]
        assert told["answer"] == [each for each in sent if each]
        assert "belum lengkap" in words(client.get(url(attempt, number)))
    assert value(app, MATCHING) == [-1, 1, -1]
    assert value(app, ORDERING) == [0, -1, -1, -1]
    assert "7 soal belum dijawab" in words(client.get(f"/attempts/{attempt}/review"))


def test_the_pages_do_not_tell_what_is_right(client: PageClient, attempt: str) -> None:
    pages = [client.get(url(attempt, n)).get_data(as_text=True) for n in range(1, 8)]
    assert "Bandung" not in pages[SHORT - 1]
    assert "4500" not in pages[NUMERIC - 1]
    assert list(selects(pages[ORDERING - 1])) != STEPS
    shown = list(next(iter(selects(pages[MATCHING - 1]).values())))
    assert sorted(shown[1:]) == ["Bandung", "Bogor & Depok", "Denpasar", "Serang"]


def test_items_are_drawn_in_the_order_that_was_saved(client: PageClient, attempt: str) -> None:
    order = [STEPS[2], STEPS[0], STEPS[3], STEPS[1]]
    client.send(url(attempt, ORDERING), {"answer": ordered(client, attempt, order), "seq": 1})
    page = client.get(url(attempt, ORDERING)).get_data(as_text=True)
    assert list(selects(page)) == order
    # and each is sent again as itself, though it stands elsewhere now
    again = client.save(
        url(attempt, ORDERING), {"answer": ordered(client, attempt, order), "seq": 1}
    )
    assert again.status_code == 200
    assert again.get_json()["saved"]


def test_an_older_typed_answer_never_wins(app: Flask, client: PageClient, attempt: str) -> None:
    client.save(url(attempt, SHORT), {"answer": ["Bandung"], "seq": 2})
    late = client.save(url(attempt, SHORT), {"answer": ["Ban"], "seq": 1})
    assert late.status_code == 409
    assert late.get_json()["answer"] == ["Bandung"]
    stale = client.send(url(attempt, SHORT), {"answer": ["Ban"], "seq": 2})
    assert stale.status_code == 409
    assert "“ Bandung ”" in words(stale) or "“Bandung”" in words(stale)
    assert 'value="Ban"' in stale.get_data(as_text=True)
    assert value(app, SHORT) == "Bandung"


def test_the_settings_of_a_quiz_decide_how_it_marks(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    publish(app, tmp_path, 'scoring = "proportional"\nmatch_case = true\n')
    uuid = begin(client, cast)
    client.send(url(uuid, 2), {"answer": ["1"], "seq": 1})  # three of four decisions are right
    client.send(url(uuid, SHORT), {"answer": ["bandung"], "seq": 1})  # only the wildcard takes it
    result_of(client, uuid)
    with app.app_context():
        found = db.session.scalars(sa.select(Answer.fraction).order_by(Answer.question_id)).all()
        assert found == ["0.7500000", "0.5000000"]
