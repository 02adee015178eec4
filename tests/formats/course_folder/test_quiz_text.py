"""Settings written back: what is not changed keeps its place, its remarks and its spelling."""

import tomllib
from datetime import datetime
from decimal import Decimal

from lms.formats.course_folder.quiz_text import (
    Value,
    changed,
    said_by_question,
    with_essay,
    with_removed,
    with_said,
    without_questions,
)

TEXT = """# ujian akhir
key = "akhir"
title = 'Ujian' # tampil di daftar
pass = 70
lama = true

# untuk yang belum lulus
[[feedback]]
from = 0
text = "Ulangi."

[review]
later = ["marks"]
"""


def test_the_same_settings_change_no_character() -> None:
    same = changed(
        TEXT,
        {"title": "Ujian", "pass": Decimal(70), "weight": None},
        {"review": {"later": ["marks"]}},
        {"feedback": [{"from": Decimal(0), "text": "Ulangi."}], "sections": []},
    )
    assert same == TEXT


def test_a_new_setting_stands_above_the_tables() -> None:
    closes = datetime.fromisoformat("2027-01-31T16:00:00")
    text = changed(TEXT, {"weight": 2, "closes": closes}, {}, {})
    assert text == TEXT.replace(
        "lama = true\n", "lama = true\nweight = 2\ncloses = 2027-01-31T16:00:00\n"
    )


def test_a_setting_is_changed_where_it_stands_and_taken_out() -> None:
    text = changed(TEXT, {"title": "Ujian 2", "pass": Decimal("72.5"), "lama": None}, {}, {})
    assert "# tampil di daftar" in text
    assert "pass = 72.5\n" in text
    assert "lama" not in text


def test_rows_are_written_anew_and_taken_out() -> None:
    rows: list[dict[str, Value]] = [
        {"from": Decimal(0), "text": "A"},
        {"from": Decimal("80.5"), "text": "B\nC"},
    ]
    text = changed(TEXT, {}, {"review": {}}, {"feedback": rows})
    assert "[review]" not in text
    assert text.count("[[feedback]]") == 2
    assert changed(text, {}, {}, {"feedback": rows}) == text
    assert "feedback" not in changed(text, {}, {}, {"feedback": []})


def test_what_is_said_of_a_question_goes_with_it() -> None:
    hints = [{"question": "a", "texts": ["Satu."]}, {"question": "b", "texts": ["Dua."]}]
    rubric = [{"question": "b", "criterion": "Isi", "levels": ["0: tidak", "5: ya"]}]
    text = with_said("practice = true\n", {"hints": hints, "rubric": rubric})
    assert said_by_question(text)["b"] == {"hints": hints[1:], "rubric": rubric}
    assert said_by_question(without_questions(text, ["b"])).get("b") is None
    assert said_by_question(without_questions(text, ["b"]))["a"] == {"hints": hints[:1]}
    assert without_questions(text, ["c"]) == text


def test_an_essay_is_told_in_its_own_rows() -> None:
    criterion = {"criterion": "Isi", "levels": ["0: tidak", "5: ya"]}
    first = with_essay(TEXT, "a", {"most_words": 200}, [criterion])
    both = with_essay(first, "b", {"file": "required"}, [])
    assert "# untuk yang belum lulus\n[[feedback]]" in both
    again = with_essay(both, "a", {"most_words": 300}, [criterion, {**criterion, "criterion": "B"}])
    assert said_by_question(again)["b"] == said_by_question(both)["b"]
    assert said_by_question(again)["a"]["essays"] == [{"question": "a", "most_words": 300}]
    assert [row["criterion"] for row in said_by_question(again)["a"]["rubric"]] == ["Isi", "B"]
    assert with_essay(again, "b", {"file": "required"}, []) == again
    assert said_by_question(with_essay(again, "a", {}, [])).get("a") is None


def test_keys_are_told_as_left_out_once() -> None:
    text = with_removed('title = "X"\n', ["a", "b"], removed=True)
    assert 'keys = ["a", "b"]' in text
    assert with_removed(text, ["a"], removed=True).count('"a"') == 1
    assert "removed" not in with_removed(text, ["a", "b"], removed=False)


def test_remarks_between_rows_stay_when_others_change() -> None:
    rubric = """[[rubric]]
question = "a"
criterion = "Isi"  # yang utama
levels = ["0: tidak", "5: ya"]

[[rubric]]
question = "b"
criterion = "Bahasa"
levels = ["0: tidak", "2: ya"]

# sejak rapat Maret
"""
    text = TEXT.replace("# untuk yang belum lulus\n", rubric)
    assert "# sejak rapat Maret\n[[feedback]]" in text
    more = with_essay(
        text, "a", {}, [{"criterion": "Isi", "levels": ["0: tidak", "5: ya"]},
                        {"criterion": "Alur", "levels": ["0: tidak", "1: ya"]}],
    )  # fmt: skip
    assert "# sejak rapat Maret\n[[feedback]]" in more
    assert "# yang utama" in more
    told = tomllib.loads(more)["rubric"]
    assert [row["criterion"] for row in told] == ["Isi", "Alur", "Bahasa"]
    assert tomllib.loads(more)["feedback"] == tomllib.loads(text)["feedback"]
    fewer = with_essay(more, "a", {}, [])
    assert "# sejak rapat Maret\n[[feedback]]" in fewer
    assert [row["question"] for row in tomllib.loads(fewer)["rubric"]] == ["b"]
