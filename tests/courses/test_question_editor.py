"""The editor of a question: every kind, rows without a script, two people at once."""

import re
import tomllib
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lms.formats.gift import sheet
from lms.formats.gift.questions import Question, QuestionKind
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import QUIZ, Desk
from tests.sample_course import KINDS

GIFT = f"{QUIZ}.gift"
ALL = [entry.key for entry in sheet.entries(KINDS)]


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


@pytest.fixture
def author(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def questions(desk: Desk) -> dict[str, Question]:
    found = {entry.key: entry.question for entry in sheet.entries(desk.text(GIFT))}
    return {key: question for key, question in found.items() if question}


def sent_by(page: TestResponse) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    tree = html5lib.parse(page.get_data(as_text=True), namespaceHTMLElements=False)
    form = next(each for each in tree.iter("form") if each.get("id") == "soal")
    sent: dict[str, Any] = {}
    for each in form.iter():
        name, value = each.get("name"), None
        if each.tag == "textarea":
            value = "".join(each.itertext())
        elif each.tag == "select":
            options = list(each.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            value = chosen[0].get("value") if chosen else None
        elif each.tag == "input" and each.get("type") in ("radio", "checkbox"):
            value = each.get("value") if each.get("checked") is not None else None
        elif each.tag == "input":
            value = each.get("value", "")
        if name and value is not None and name != "csrf_token":
            sent.setdefault(name, []).append(value)
    return sent


def editor(desk: Desk, key: str) -> str:
    return desk.quiz(f"/questions/{key}")


@pytest.mark.parametrize("key", ALL)
def test_a_question_saved_as_it_is_stays_the_same(author: PageClient, desk: Desk, key: str) -> None:
    before = questions(desk)[key]
    page = author.get(editor(desk, key))
    assert page.status_code == 200
    assert "Pratinjau peserta" in words(page)
    assert 'name="answer"' in page.get_data(as_text=True), "as on the page of a quiz"
    assert author.send(editor(desk, key), sent_by(page)).status_code == 302
    assert questions(desk)[key] == before


NEW: dict[str, dict[str, Any]] = {
    "single": {"options-0-text": "Ya", "options-1-text": "Tidak", "right": "1",
               "options-1-feedback": "Tepat.", "last_option_fixed": "y"},
    "multiple": {"options-0-text": "A", "options-0-weight": "even", "options-1-text": "B",
                 "options-1-weight": "even", "options-2-text": "C", "options-2-weight": "minus",
                 "options-3-text": "D", "options-3-weight": "even"},
    "truefalse": {"right": "1", "options-0-feedback": "Keliru.", "options-1-feedback": "Tepat."},
    "short": {"options-0-text": "Band*", "options-0-weight": "100"},
    "numeric": {"options-0-text": "1.822,5 ± 0,5", "options-0-weight": "100",
                "options-1-text": "10 – 12,5", "options-1-weight": "50", "rest_feedback": "Lagi."},
    "matching": {"options-0-text": "Bali", "options-0-match": "Denpasar",
                 "options-1-text": "Banten", "options-1-match": "Serang",
                 "options-2-text": "", "options-2-match": "Bogor"},
    "ordering": {"options-0-text": "Satu", "options-1-text": "Dua", "options-2-text": "Tiga"},
    "essay": {"most_words": "200"},
}  # fmt: skip
TOLD = {
    "single": [("Ya", "0"), ("Tidak", "100")],
    "multiple": [("A", "33.33333"), ("B", "33.33333"), ("C", "-33.33333"), ("D", "33.33333")],
    "truefalse": [("Benar", "0"), ("Salah", "100")],
    "short": [("Band*", "100")],
    "numeric": [("1822.5:0.5", "100"), ("10..12.5", "50"), ("*", "0")],
    "matching": [("Bali", "100"), ("Banten", "100"), ("", "0")],
    "ordering": [("Satu", "100"), ("Dua", "100"), ("Tiga", "100")],
    "essay": [],
}


@pytest.mark.parametrize("kind", [kind.value for kind in QuestionKind])
def test_a_new_question_of_every_kind(author: PageClient, desk: Desk, kind: str) -> None:
    where = desk.quiz("/new-question")
    assert author.get(f"{where}?kind={kind}").status_code == 200
    sent = {"kind": kind, "text": "Soal *baru*?", "general_feedback": "Ingat {ini}.",
            "competencies": "M.05", "difficulty": "hard", "tags": "modul-1, ujian",
            "lessons": "sapa", **NEW[kind]}  # fmt: skip
    answer = author.send(where, {**sent, "do": "save"})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/questions/akhir-1")
    made = questions(desk)["akhir-1"]
    assert (made.kind, made.text, made.general_feedback) == (kind, "Soal *baru*?", "Ingat {ini}.")
    assert [(option.text, str(option.fraction)) for option in made.options] == TOLD[kind]
    assert made.tags == ("M.05", "lesson.sapa", "difficulty.hard", "modul-1", "ujian")
    assert made.last_option_fixed is (kind == "single")
    again = author.get(editor(desk, "akhir-1"))
    assert author.send(editor(desk, "akhir-1"), sent_by(again)).status_code == 302
    assert questions(desk)["akhir-1"] == made


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("single", {"text": ""}, "Tulis pertanyaannya."),
        ("single", {"text": "?", "options-0-text": "A", "right": "0"}, "dua pilihan"),
        ("single", {"text": "?", "options-0-text": "A", "options-1-text": "B"}, "Tandai satu"),
        ("multiple", {"text": "?", "options-0-text": "A", "options-0-weight": "50",
                      "options-1-text": "B", "options-1-weight": "0"}, "berjumlah 50,"),
        ("truefalse", {"text": "?"}, "benar atau salah"),
        ("short", {"text": "?", "options-0-text": "a -> b", "options-0-weight": "100"}, "->"),
        ("numeric", {"text": "?", "options-0-text": "banyak", "options-0-weight": "100"}, "12,5"),
        ("matching", {"text": "?", "options-0-text": "A"}, "Isi pasangannya."),
        ("ordering", {"text": "?", "options-0-text": "A"}, "dua butir"),
        ("ordering", {"text": "?", "options-0-text": "A", "options-1-text": "A"}, "dua kali"),
        ("single", {"text": "?", "tags": "tidak/sah"}, "tidak sah"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_told_and_nothing_typed_is_lost(
    author: PageClient, desk: Desk, kind: str, fields: dict[str, str], said: str
) -> None:
    before = desk.text(GIFT)
    sent = {"kind": kind, "do": "next", "general_feedback": "Tetap di sini.", **fields}
    page = author.send(desk.quiz("/new-question"), sent)
    assert page.status_code == 422
    assert said in words(page)
    assert "Tetap di sini." in words(page)
    assert desk.text(GIFT) == before


def test_rows_come_go_and_change_places_without_a_script(author: PageClient, desk: Desk) -> None:
    before = desk.text(GIFT)
    sent = sent_by(author.get(editor(desk, "jenis-7")))
    page = author.send(editor(desk, "jenis-7"), {**sent, "do": "down:0"})
    assert page.status_code == 200
    assert sent_by(page)["options-0-text"] == ["Dengar keluhan"]
    assert sent_by(page)["options-1-text"] == ["Sapa warga"]
    page = author.send(editor(desk, "jenis-7"), {**sent, "do": "remove:1"})
    assert sent_by(page)["options-1-text"] == ["Selesaikan *urusan*"]
    assert "options-3-text" not in sent_by(page)
    page = author.send(editor(desk, "jenis-7"), {**sent_by(page), "do": "add:options"})
    assert sent_by(page)["options-3-text"] == [""]
    assert desk.text(GIFT) == before


def test_the_right_option_stays_right_when_one_above_it_goes(
    author: PageClient, desk: Desk
) -> None:
    before = desk.text(GIFT)
    sent = {**sent_by(author.get(editor(desk, "jenis-1"))), "right": "2"}
    page = author.send(editor(desk, "jenis-1"), {**sent, "do": "remove:0"})
    assert (sent_by(page)["right"], sent_by(page)["options-1-text"]) == (["1"], ["Pergi"])
    page = author.send(editor(desk, "jenis-1"), {**sent, "do": "remove:2"})
    assert "right" not in sent_by(page)
    assert desk.text(GIFT) == before


def test_a_preview_shows_what_is_typed_and_saves_nothing(author: PageClient, desk: Desk) -> None:
    before = desk.text(GIFT)
    sent = sent_by(author.get(editor(desk, "jenis-1")))
    picture = "Lihat **ini**: ![Loket pelayanan di kota](media/loket.png)"
    page = author.send(editor(desk, "jenis-1"), {**sent, "text": picture, "do": "preview"})
    html = page.get_data(as_text=True)
    assert "<strong>ini</strong>" in html
    assert 'src="/studio/melayani/preview/01-dasar/media/loket.png?v=' in html
    assert desk.text(GIFT) == before


def test_saving_opens_the_next_question_and_after_the_last_a_new_one(
    author: PageClient, desk: Desk
) -> None:
    for key, following in (("jenis-1", "/questions/jenis-2"), ("jenis-7", "/new-question?")):
        sent = sent_by(author.get(editor(desk, key)))
        answer = author.send(editor(desk, key), {**sent, "do": "next"})
        assert following in answer.headers["Location"]


def test_two_people_at_different_questions_do_not_meet(author: PageClient, desk: Desk) -> None:
    sent = sent_by(author.get(editor(desk, "jenis-1")))
    desk.save(GIFT, desk.text(GIFT).replace("Pilih dua sikap", "Pilihlah dua sikap"))
    changed = {**sent, "text": "Apa yang mula-mula dilakukan?"}
    assert author.send(editor(desk, "jenis-1"), changed).status_code == 302
    assert questions(desk)["jenis-1"].text == "Apa yang mula-mula dilakukan?"
    assert questions(desk)["jenis-2"].text.startswith("Pilihlah dua")


def test_two_people_at_the_same_question_lose_nothing(author: PageClient, desk: Desk) -> None:
    sent = sent_by(author.get(editor(desk, "jenis-1")))
    desk.save(GIFT, desk.text(GIFT).replace("Apa yang pertama", "Apa yang paling dulu"))
    late = author.send(editor(desk, "jenis-1"), {**sent, "text": "Punya saya?"})
    assert late.status_code == 409
    assert "Apa yang paling dulu" in words(late)
    assert "Punya saya?" in words(late)
    assert "Apa yang paling dulu" in desk.text(GIFT)
    assert author.send(editor(desk, "jenis-1"), sent_by(late)).status_code == 302
    assert questions(desk)["jenis-1"].text == "Punya saya?"


def test_a_question_removed_meanwhile_can_be_saved_anew(author: PageClient, desk: Desk) -> None:
    sent = sent_by(author.get(editor(desk, "jenis-3")))
    entries = sheet.entries(desk.text(GIFT))
    where = editor(desk, "jenis-3")
    desk.save(GIFT, sheet.removed(desk.text(GIFT), entries[2]))
    assert author.send(where, sent).status_code == 404


def test_remarks_in_the_file_stay_above_their_question(author: PageClient, desk: Desk) -> None:
    desk.save(
        GIFT, desk.text(GIFT).replace("// [id:jenis-3]", "// dari ujian lama\n// [id:jenis-3]")
    )
    sent = sent_by(author.get(editor(desk, "jenis-3")))
    author.send(editor(desk, "jenis-3"), {**sent, "text": "Layanan boleh dibedakan."})
    assert "// dari ujian lama\n// [id:jenis-3]\n[markdown]Layanan boleh dibedakan." in desk.text(
        GIFT
    )


def test_a_question_that_cannot_be_read_is_mended_as_text(author: PageClient, desk: Desk) -> None:
    desk.save(GIFT, desk.text(GIFT) + "\n// [id:rusak-1]\nRusak {\n=Ya\n~%7%Tidak\n}\n")
    page = author.get(editor(desk, "rusak-1"))
    assert "Baris 4: Bobot %7% tidak ada dalam daftar" in words(page)
    [base] = [
        part.split('value="')[1].split('"')[0]
        for part in page.get_data(as_text=True).split("<input")
        if 'name="base"' in part
    ]
    other = author.send(editor(desk, "rusak-1"), {"base": base, "block": "// [id:lain]\nX {T}"})
    assert other.status_code == 422
    good = "// [id:rusak-1]\r\nUtuh {\r\n=Ya\r\n~Tidak\r\n}"
    assert author.send(editor(desk, "rusak-1"), {"base": base, "block": good}).status_code == 302
    assert questions(desk)["rusak-1"].text == "Utuh"


def test_whoever_writes_a_question_is_its_author(author: PageClient, desk: Desk) -> None:
    where = desk.quiz("/new-question")
    begun = sent_by(author.get(where))
    [name] = begun["author"]
    assert name
    sent = {"kind": "truefalse", "text": "Benar begitu?", "right": "0", "do": "save"}
    author.send(where, sent)
    author.send(where, {**sent, "author": "Tim [Penyusun]", "source": "PP 94/2021"})
    assert [questions(desk)[key].author for key in ("akhir-1", "akhir-2")] == [
        name, "Tim (Penyusun)",
    ]  # fmt: skip
    assert questions(desk)["akhir-2"].source == "PP 94/2021"


@pytest.mark.parametrize("state", ["draft", "retired", "ready"])
def test_the_state_of_a_question_is_chosen(author: PageClient, desk: Desk, state: str) -> None:
    sent = sent_by(author.get(editor(desk, "jenis-1")))
    assert sent["state"] == ["ready"]
    author.send(editor(desk, "jenis-1"), {**sent, "state": state})
    assert questions(desk)["jenis-1"].state == state
    again = sent_by(author.get(editor(desk, "jenis-1")))
    assert again["state"] == [state]
    assert again["author"] == [""], "nobody is made the author of what is there already"


def test_a_key_of_another_quiz_is_not_found(author: PageClient, desk: Desk) -> None:
    assert author.get(editor(desk, "k1-1")).status_code == 404
    assert author.get(editor(desk, "tidak-ada")).status_code == 404


SETTINGS = f"{QUIZ}.toml"
ESSAY = {
    "kind": "essay", "text": "Ceritakan satu layanan.", "least_words": "10", "most_words": "200",
    "handing": "required", "file_types": ["pdf", "docx"], "file_mb": "3",
    "rubric-0-criterion": "Isi", "rubric-0-levels": "0: tidak ada\r\n\r\n10 = lengkap",
}  # fmt: skip


def settings(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(desk.text(SETTINGS))
    return found


def test_an_essay_is_told_in_gift_and_in_the_settings(author: PageClient, desk: Desk) -> None:
    before = desk.text(SETTINGS)
    author.send(desk.quiz("/new-question"), {**ESSAY, "do": "save"})
    assert questions(desk)["akhir-1"].kind == "essay"
    assert desk.text(SETTINGS).startswith(before.rstrip("\n"))
    assert settings(desk)["essays"] == [
        {"question": "akhir-1", "least_words": 10, "most_words": 200, "file": "required",
         "file_types": ["pdf", "docx"], "file_mb": 3}
    ]  # fmt: skip
    assert settings(desk)["rubric"] == [
        {"question": "akhir-1", "criterion": "Isi", "levels": ["0: tidak ada", "10: lengkap"]}
    ]
    whole = desk.text(SETTINGS)
    page = author.get(editor(desk, "akhir-1"))
    assert author.send(editor(desk, "akhir-1"), sent_by(page)).status_code == 302
    assert desk.text(SETTINGS) == whole
    copy = author.send(desk.quiz("/arrange"), {"do": "duplicate:akhir-1"})
    assert copy.status_code == 302
    assert [row["question"] for row in settings(desk)["rubric"]] == ["akhir-1", "akhir-2"]
    author.send(desk.quiz("/arrange"), {"do": "remove:akhir-1"})
    assert [row["question"] for row in settings(desk)["essays"]] == ["akhir-2"]
    sent = {**sent_by(author.get(editor(desk, "akhir-2"))), "kind": "truefalse", "right": "0"}
    assert author.send(editor(desk, "akhir-2"), sent).status_code == 302
    assert desk.text(SETTINGS).rstrip("\n") == before.rstrip("\n")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rubric-0-levels": "5: satu saja"}, "paling sedikit dua tingkat"),
        ({"rubric-0-levels": "5: a\n5: b"}, "poin yang berbeda"),
        ({"rubric-0-levels": "baik\nburuk"}, "satu baris satu tingkat"),
        ({"rubric-0-criterion": ""}, "Isi nama kriterianya."),
        ({"least_words": "300"}, "melebihi paling banyak"),
        ({"file_types": []}, "satu jenis berkas"),
    ],
)
def test_what_is_no_rubric_is_told(
    author: PageClient, desk: Desk, fields: dict[str, Any], said: str
) -> None:
    before = desk.text(SETTINGS)
    page = author.send(desk.quiz("/new-question"), {**ESSAY, **fields, "do": "save"})
    assert page.status_code == 422
    assert said in words(page)
    assert "Ceritakan satu layanan." in words(page)
    assert desk.text(SETTINGS) == before


def test_criteria_come_and_go_without_a_script(author: PageClient, desk: Desk) -> None:
    page = author.send(desk.quiz("/new-question"), {**ESSAY, "do": "add:rubric"})
    assert sent_by(page)["rubric-1-criterion"] == [""]
    assert sent_by(page)["rubric-0-criterion"] == ["Isi"]
    page = author.send(desk.quiz("/new-question"), {**sent_by(page), "do": "remove:rubric:0"})
    assert sent_by(page)["rubric-0-criterion"] == [""]
    assert "rubric-1-criterion" not in sent_by(page)


def test_two_people_at_the_same_rubric_lose_nothing(author: PageClient, desk: Desk) -> None:
    author.send(desk.quiz("/new-question"), {**ESSAY, "do": "save"})
    where = editor(desk, "akhir-1")
    mine, theirs = (sent_by(author.get(where)) for _ in range(2))
    theirs["rubric-0-levels"] = ["0: nihil\n10: utuh"]
    assert author.send(where, theirs).status_code == 302
    assert author.send(where, theirs).status_code == 302, "sent twice, nothing is lost"
    late = author.send(where, {**mine, "most_words": ["300"]})
    assert late.status_code == 409
    assert "0: nihil" in words(late)
    assert "most_words = 300" in words(late)
    assert settings(desk)["rubric"][0]["levels"] == ["0: nihil", "10: utuh"]
    assert author.send(where, sent_by(late)).status_code == 302
    assert settings(desk)["essays"][0]["most_words"] == 300


def test_an_essay_made_another_question_as_text_leaves_no_settings(
    author: PageClient, desk: Desk
) -> None:
    before = desk.text(SETTINGS).rstrip("\n")
    plain = "// [id:akhir-1]\n[markdown]Ceritakan satu layanan. {T}"

    def begin() -> str:
        for key in ("akhir-1", "akhir-2"):
            entries = sheet.entries(desk.text(GIFT))
            gone = [each for each in entries if each.key == key]
            desk.save(GIFT, sheet.removed(desk.text(GIFT), *gone))
        desk.save(GIFT, sheet.inserted(desk.text(GIFT), 0, [plain]))
        desk.save(GIFT, desk.text(GIFT).replace("layanan. {T}", "layanan. {}"), by="stranger")
        told = '\n[[rubric]]\nquestion = "akhir-1"\ncriterion = "Isi"\nlevels = ["0: a", "1: b"]\n'
        desk.save(SETTINGS, before + "\n" + told)
        return desk.text(GIFT)

    begin()
    history = author.get(desk.quiz("/questions/akhir-1/history")).get_data(as_text=True)
    [version] = re.findall(r"history/(\d+)/restore", history)
    base = re.findall(r'name="base" value="([0-9a-f]+)"', history)[0]
    done = author.send(desk.quiz(f"/questions/akhir-1/history/{version}/restore"), {"base": base})
    assert done.status_code == 302
    assert questions(desk)["akhir-1"].kind == "truefalse"
    assert desk.text(SETTINGS).rstrip("\n") == before

    text = begin().replace("layanan. {}", "layanan. {F}")
    file = f"/studio/melayani/files/{desk.uuid(GIFT)}"
    for where in (desk.quiz("/text"), file):
        begin()
        sent = {"text": text, "number": str(desk.number(GIFT))}
        assert author.send(where, sent).status_code == 302, where
        assert desk.text(SETTINGS).rstrip("\n") == before, where


def test_a_key_is_never_given_twice(author: PageClient, desk: Desk) -> None:
    def make() -> str:
        sent = {"kind": "truefalse", "text": "Benar?", "right": "0", "do": "save"}
        answer = author.send(desk.quiz("/new-question"), sent)
        assert answer.status_code == 302
        return str(answer.headers["Location"]).rpartition("/")[2]

    assert [make(), make()] == ["akhir-1", "akhir-2"]
    author.send(desk.quiz("/arrange"), {"do": "remove:akhir-2"})
    assert make() == "akhir-3"
    desk.save("course.toml", desk.text("course.toml") + '\n[removed]\nkeys = ["akhir-7"]\n')
    assert make() == "akhir-8"


def test_a_mark_between_two_questions_is_passed_over(author: PageClient, desk: Desk) -> None:
    desk.save(GIFT, desk.text(GIFT).replace("\n\n// [id:jenis-2]", "\n\n\ufeff// [id:jenis-2]"))
    assert len(questions(desk)) == 7
    assert author.get(editor(desk, "jenis-2")).status_code == 200
