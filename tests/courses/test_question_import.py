"""Questions in and out of a quiz: looked at first, all or those that are chosen."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lms.core.errors import DomainError
from lms.courses.actions import importing, questions
from lms.courses.actions.drafts import StaleFile
from lms.courses.models import Draft
from lms.courses.queries.drafts import files_of
from lms.formats import aiken
from lms.formats.course_folder.essays import essays_in
from lms.formats.gift import sheet
from tests.cast import Cast
from tests.client import PageClient, words
from tests.courses.desk import FIRST, QUIZ, Desk

GIFT = f"{QUIZ}.gift"
TEXT = """Satu? {T}

Rusak {
=a
~%7%b
}

Menyapa itu perlu. {T#Sapaan membuka layanan.#Tepat.}

// [id:jenis-1]
Kunci ini sudah ada? {
=Ya
~Tidak
}
"""


@pytest.fixture
def desk(app: Flask, cast: Cast, tmp_path: Path) -> Desk:
    desk = Desk(app, cast)
    desk.begin(tmp_path)
    return desk


@pytest.fixture
def author(client: PageClient, cast: Cast) -> PageClient:
    client.sign_in(cast.people["stranger"])
    return client


def offered(page: TestResponse) -> dict[str, Any]:
    """What pressing the button would send."""
    tree = html5lib.parse(page.get_data(as_text=True), namespaceHTMLElements=False)
    inputs = [each for each in tree.iter("input") if each.get("name") in ("gift", "take")]
    gift = [each.get("value") for each in inputs if each.get("name") == "gift"]
    essays = [e.get("value") for e in tree.iter("input") if e.get("name") == "essays"]
    ticked = [e.get("value") for e in inputs if e.get("checked") is not None]
    return {
        "do": "take",
        "gift": gift[0] if gift else "",
        "essays": (essays or [""])[0],
        "take": ticked,
    }


def keys(desk: Desk) -> list[str]:
    return [entry.key for entry in sheet.entries(desk.text(GIFT))]


def test_what_comes_in_is_shown_first_and_what_does_not_with_its_line(
    author: PageClient, desk: Desk
) -> None:
    before = desk.text(GIFT)
    page = author.send(desk.quiz("/import"), {"text": TEXT, "do": "look"})
    assert page.status_code == 200
    text = words(page)
    assert "3 soal dapat masuk" in text
    assert "1 soal tidak dapat masuk" in text
    assert "Baris 5: Bobot %7%" in text
    assert "Sudah ada: soal 1 di Kuis 1" in text
    assert desk.text(GIFT) == before
    sent = offered(page)
    assert sent["take"] == ["0", "2"], "what the course has already is not chosen"
    assert author.send(desk.quiz("/import"), sent).status_code == 302
    assert keys(desk)[-2:] == ["akhir-1", "akhir-2"]
    assert desk.text(GIFT).startswith(before.rstrip("\n"))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "gift"])
def test_what_goes_out_comes_in_again_unchanged(author: PageClient, desk: Desk, kind: str) -> None:
    found = [entry.question for entry in sheet.entries(desk.text(GIFT))]
    answer = author.get(desk.quiz(f"/download?format={kind}"))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="melayani-akhir.{kind}"'
    file = (io.BytesIO(answer.data), f"soal.{kind}")
    page = author.send(desk.quiz("/import", FIRST), {"do": "look", "file": file})
    assert page.status_code == 200
    assert "7 soal dapat masuk" in words(page)
    sent = {**offered(page), "take": [str(at) for at in range(7)]}
    assert author.send(desk.quiz("/import", FIRST), sent).status_code == 302
    taken = [entry.question for entry in sheet.entries(desk.text(f"{FIRST}.gift"))][2:]
    assert [q and (q.kind, q.text, q.options) for q in taken] == [
        q and (q.kind, q.text, q.options) for q in found
    ]
    assert len({q.key for q in [*taken, *found] if q}) == 14, "each has a key of its own"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Tidak ada soal di sini"),
        (b"\x00\x01\x02", "bukan XLSX, dan bukan teks atau CSV"),
        ("jenis,soal\n".encode("utf-16-le"), "Simpan teksnya sebagai UTF-8"),
        (b"PK\x03\x04rusak", "tidak dapat dibaca"),
        (b"\xd0\xcf\x11\xe0....", "XLS lama"),
    ],
)
def test_what_holds_no_questions_is_refused_with_a_reason(
    author: PageClient, desk: Desk, content: bytes, said: str
) -> None:
    file = (io.BytesIO(content), "soal.bin")
    page = author.send(desk.quiz("/import"), {"do": "look", "file": file})
    assert page.status_code == 422
    assert said in words(page)


def test_a_file_that_is_too_large_is_refused_on_its_form(author: PageClient, desk: Desk) -> None:
    size = importing.LARGEST + 500_000
    file = (io.BytesIO(bytes(size)), "soal.csv")
    page = author.send(desk.quiz("/import"), {"do": "look", "file": file})
    page.request.environ["wsgi.input"].close()  # the client leaves a large one on the disk
    assert page.status_code == 422
    assert "Berkas ini 4,5 MB; paling besar 4 MB" in words(page)


def test_nothing_chosen_takes_nothing(author: PageClient, desk: Desk) -> None:
    before = desk.text(GIFT)
    page = author.send(desk.quiz("/import"), {"do": "take", "gift": "X {T}"})
    assert page.status_code == 422
    assert "Pilih paling sedikit satu soal" in words(page)
    assert desk.text(GIFT) == before


def test_the_key_is_seen_before_it_comes_in(author: PageClient, desk: Desk) -> None:
    text = (
        "jenis,soal,jawaban 1,nilai 1,pasangan 1,jawaban 2,nilai 2,pasangan 2,jawaban 3,nilai 3\n"
        "benar/salah,Bumi datar?,Salah,100,,Benar,0,\n"
        "pilihan jamak,Genap?,Dua,50,,Empat,50,,Tiga,-50,\n"
        "menjodohkan,Ibu kota?,Bali,,Denpasar,Banten,,Serang\n"
        "mengurutkan,Urutkan.,Sapa,,,Dengar,,\n"
        "isian angka,Berapa?,1.000,100,,2500:10,50,\n"
        f"isian angka,Banyak?,{'1' * 15}.{'1' * 15},100,,1e99,0,\n"
    )
    told = words(author.send(desk.quiz("/import"), {"text": text, "do": "look"}))
    assert "Jawaban dan kuncinya (Baris 2) Benar Salah kunci" in told
    assert "Dua 50% Empat 50% Tiga -50%" in told
    assert "Bali → Denpasar Banten → Serang" in told
    assert "1. Sapa 2. Dengar" in told
    assert "1 kunci 2.490 sampai 2.510 50%" in told, "as it is read, not as it was written"
    assert "111.111.111.111.111,1111111111111 kunci 1e99" in told


def test_aiken_goes_out_and_an_empty_file_does_not(author: PageClient, desk: Desk) -> None:
    answer = author.get(desk.quiz("/download?format=aiken"))
    found = [entry.question for entry in sheet.entries(desk.text(GIFT))]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="melayani-akhir.txt"'
    assert answer.data.decode() == aiken.dump(each for each in found if each)
    assert answer.data.count(b"ANSWER:") == sum(q is not None and q.kind == "single" for q in found)
    desk.save(f"{FIRST}.gift", "// [id:k-1]\nMenyapa itu perlu. {T}\n")
    again = author.get(desk.quiz("/download?format=aiken", FIRST))
    assert again.status_code == 302
    assert "Tidak ada soal yang dapat ditulis sebagai Aiken" in words(author.get(again.location))


def test_aiken_comes_in(author: PageClient, desk: Desk) -> None:
    text = "Ibu kota Banten?\nA. Serang\nB. Bandung\nANSWER: A\n"
    page = author.send(desk.quiz("/import"), {"text": text, "do": "look"})
    author.send(desk.quiz("/import"), offered(page))
    last = sheet.entries(desk.text(GIFT))[-1].question
    assert last is not None
    assert last.text == "Ibu kota Banten?"
    assert last.options[0].fraction == 100


def test_the_template_can_be_had_in_both_forms(author: PageClient, desk: Desk) -> None:
    for kind in ("csv", "xlsx"):
        answer = author.get(desk.quiz(f"/download?format={kind}&template=1"))
        assert answer.status_code == 200
        assert f"templat-soal.{kind}" in answer.headers["Content-Disposition"]
    assert author.get(desk.quiz("/download?format=exe")).status_code == 404


def test_a_take_that_fails_keeps_what_was_looked_at_and_the_ticks(
    author: PageClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.text(GIFT)
    first = author.send(desk.quiz("/import"), {"text": TEXT, "do": "look"})
    sent = {**offered(first), "lines": "1 8 10"}
    page = author.send(desk.quiz("/import"), {**sent, "take": []})
    assert page.status_code == 422
    assert "Pilih paling sedikit satu soal" in words(page)
    assert "3 soal dapat masuk" in words(page)
    assert "Sudah ada: soal 1 di Kuis 1" in words(page)
    assert "Baris 10" in words(page), "the lines are those of the text that was looked at"
    assert offered(page) == {**offered(first), "take": []}

    def fail(*_given: object) -> None:
        raise DomainError("Berkas soal ini menjadi terlalu besar.")

    with monkeypatch.context() as patch:
        patch.setattr(questions, "add_questions", fail)
        page = author.send(desk.quiz("/import"), {**sent, "take": ["2"]})
    assert page.status_code == 422
    assert "menjadi terlalu besar" in words(page)
    again = offered(page)
    assert again["take"] == ["2"]
    assert desk.text(GIFT) == before
    assert author.send(desk.quiz("/import"), again).status_code == 302
    assert len(keys(desk)) == len(sheet.entries(before)) + 1


def test_a_colleagues_save_in_between_loses_nothing(
    author: PageClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = offered(author.send(desk.quiz("/import"), {"text": TEXT, "do": "look"}))

    def late(_actor: object, draft: Draft, *_given: object) -> None:
        raise StaleFile(files_of(draft)[0])

    with monkeypatch.context() as patch:
        patch.setattr(questions, "add_questions", late)
        page = author.send(desk.quiz("/import"), sent)
    assert page.status_code == 422
    assert "diubah orang lain" in words(page)
    assert offered(page) == sent
    assert author.send(desk.quiz("/import"), offered(page)).status_code == 302


def test_too_many_questions_are_told_by_their_number(author: PageClient, desk: Desk) -> None:
    text = "\n".join(f"Soal nomor {n}? {{T}}\n" for n in range(1500))
    page = author.send(desk.quiz("/import"), {"text": text, "do": "look"})
    assert page.status_code == 422
    assert "memuat 1500 soal" in words(page)
    assert "paling sedikit 2 berkas" in words(page)


def test_long_rubrics_count_too(author: PageClient, desk: Desk) -> None:
    rubric = "\n".join(["Isi", *(f"{points}: {'x' * 290}" for points in range(20))])
    rows = "".join(f'esai,Tulis {n},"{rubric}"\n' for n in range(70))
    file = (io.BytesIO(f"jenis,soal,rubrik\n{rows}".encode()), "soal.csv")
    page = author.send(desk.quiz("/import"), {"do": "look", "file": file})
    assert page.status_code == 422
    assert "memuat 70 soal, terlalu banyak untuk sekali impor" in words(page)


def test_what_files_of_questions_leave_out_is_said_beside_them(
    author: PageClient, desk: Desk
) -> None:
    said = "GIFT tidak memuat batas kata, aturan berkas, dan rubrik esai"
    assert said not in words(author.get(desk.quiz()))
    author.send(desk.quiz("/import"), {"do": "take", "gift": "Tulis. {}", "take": ["0"]})
    assert said in words(author.get(desk.quiz()))


ASKS = """
[[essays]]
question = "akhir-9"
least_words = 150
most_words = 400
file = "required"
file_types = ["pdf", "docx"]
file_mb = 8

[[rubric]]
question = "akhir-9"
criterion = "Kejelasan"
levels = ["10: Runtut", "0: Tidak jelas"]

[[rubric]]
question = "akhir-9"
criterion = "5: Dasar"
levels = ["5: Menyebut aturannya", "0: Tanpa dasar"]
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_a_table_says_of_an_essay_comes_in_too(
    author: PageClient, desk: Desk, kind: str
) -> None:
    desk.save(GIFT, desk.text(GIFT) + "\n// [id:akhir-9]\nCeritakan satu layanan. {}\n")
    desk.save(f"{QUIZ}.toml", desk.text(f"{QUIZ}.toml") + ASKS)
    content = author.get(desk.quiz(f"/download?format={kind}")).data
    file = (io.BytesIO(content), f"soal.{kind}")
    page = author.send(desk.quiz("/import", FIRST), {"do": "look", "file": file})
    assert "150 sampai 400 kata berkas wajib rubrik 2 kriteria" in words(page)
    sent = offered(page)
    last = str(len(keys(desk)) - 1)
    refused = author.send(desk.quiz("/import", FIRST), {**sent, "take": []})
    assert offered(refused)["essays"] == sent["essays"], "it is shown again with all it said"
    assert author.send(desk.quiz("/import", FIRST), {**sent, "take": [last]}).status_code == 302
    told = essays_in(desk.text(f"{FIRST}.toml"))
    assert list(told.values()) == [replace(essays_in(ASKS)["akhir-9"], question=next(iter(told)))]
    assert next(iter(told)) == sheet.entries(desk.text(f"{FIRST}.gift"))[-1].key


def test_nothing_is_said_twice_of_an_essay_that_comes_back(author: PageClient, desk: Desk) -> None:
    said = '[[essays]]\nquestion = "{}"\nmost_words = {}\n'
    desk.save(f"{QUIZ}.toml", desk.text(f"{QUIZ}.toml") + "\n" + said.format("baru-1", 90))
    gift = "// [id:baru-1]\nTulis. {}\n\nDua. {}"
    more = said.format("0", 80) + said.format("7", 70) + said.format("x", 60)
    sent = {"do": "take", "gift": gift, "essays": more, "take": ["0", "1"]}
    assert author.send(desk.quiz("/import"), sent).status_code == 302
    told = essays_in(desk.text(f"{QUIZ}.toml"))
    assert {key: essay.most_words for key, essay in told.items()} == {"baru-1": 80}


def test_what_is_no_table_of_essays_says_nothing(author: PageClient, desk: Desk) -> None:
    sent = {"do": "take", "gift": "Tulis. {}", "essays": "[[essays", "take": ["0"]}
    assert author.send(desk.quiz("/import"), sent).status_code == 302
    assert essays_in(desk.text(f"{QUIZ}.toml")) == {}
