"""A module or part copied: with keys that are free, and with all that names them."""

import pytest

from lms.formats.course_folder.copying import Copy, Unreadable, copied
from lms.formats.course_folder.outline import settings_of
from lms.formats.gift.reader import parse

TEXTS = {
    "course.toml": 'title = "Asal"\n[[goals]]\nkey = "ramah"\ntext = "Ramah"\n',
    "01-awal/module.toml": 'key = "awal"\ntitle = "Awal"\n',
    "01-awal/01-pre.toml": (
        'key = "pre"\ntitle = "Pre-test"\nminutes = 2\npass = 0\n\n'
        '[[essays]]\nquestion = "s-2"\nmost_words = 200\n\n'
        '[[rubric]]\nquestion = "s-2"\ncriterion = "Isi"\nlevels = ["0: tidak", "5: ya"]\n\n'
        '[[hints]]\nquestion = "s-1"\ntexts = ["Ingat."]\n'
    ),
    "01-awal/01-pre.gift": (
        "// [id:s-1] [tag:goal.ramah] [tag:lesson.isi]\nSatu? ![Loket](media/a.png) {T}\n\n"
        "// [id:s-2] [tag:topik] dari [id bukan kunci]\nDua? {}\n"
    ),
    "02-inti/module.toml": '# catatan\nkey = "inti"\ntitle = "Inti"\nrequires = ["awal"]\n',
    "02-inti/01-isi.md": (
        '+++\nkey = "isi"\ntitle = "Isi"\nminutes = 4\nrequires = ["pre"] # dulu\n+++\n\n'
        "Lihat [pre-test](part/pre) dan [ini](part/isi).\n\n![Loket](media/a.png)\n"
    ),
    "02-inti/02-post.toml": (
        'key = "post"\ntitle = "Post-test"\nminutes = 2\npass = 70\nquestions = "pre"\n'
        'pretest = "pre"\nrequires = ["isi", "awal"]\n\n'
        '[[sections]]\ntag = "lesson.isi"\ndraw = 1\n\n'
        '[[hints]]\nquestion = "s-1"\ntexts = ["Lihat [isi](part/isi)."]\n'
    ),
    "03-rusak/module.toml": 'key = "rusak"\ntitle = "R"\n',
    "03-rusak/01-x.md": "+++\nkey = \n+++\nTeks\n",
}
MEDIA = ["01-awal/media/a.png", "media/a.png"]


def of(path: str, taken: list[str], goals: list[str], *, within: bool = False) -> Copy:
    return copied(TEXTS, MEDIA, path, taken, goals, within=within)


def settings(copy: Copy, path: str) -> dict[str, object]:
    found = settings_of(path, copy.texts[path])
    assert found is not None
    return found


def test_a_lesson_leaves_behind_what_names_the_rest_of_its_course() -> None:
    copy = of("02-inti/01-isi.md", [], [])
    assert copy.keys == {}
    text = copy.texts["02-inti/01-isi.md"]
    assert "Lihat pre-test dan [ini](part/isi)." in text
    assert "requires" not in text
    assert (copy.lost.requires, copy.lost.links) == ({"pre"}, {"pre"})
    assert copy.media["02-inti/01-isi.md"] == {"media/a.png": "media/a.png"}
    assert copy.module.parts[0].title == "Isi"


def test_a_taken_key_gets_a_number_wherever_it_is_named() -> None:
    copy = of("02-inti", ["isi", "post", "s-1"], ["ramah"])
    assert copy.keys == {"isi": "isi-2", "post": "post-2", "s-1": "s-1-2"}
    assert "[ini](part/isi-2)" in copy.texts["02-inti/01-isi.md"]
    assert copy.texts["02-inti/module.toml"] == '# catatan\nkey = "inti"\ntitle = "Inti"\n'
    post = settings(copy, "02-inti/02-post.toml")
    assert (post["key"], post["requires"]) == ("post-2", ["isi-2"])
    assert post["sections"] == [{"tag": "lesson.isi-2", "draw": 1}]
    assert post["hints"] == [{"question": "s-1-2", "texts": ["Lihat [isi](part/isi-2)."]}]
    assert copy.lost.requires == {"awal", "pre"}


def test_questions_that_a_quiz_asks_of_another_one_come_along() -> None:
    copy = of("02-inti", [], ["ramah"])
    post = settings(copy, "02-inti/02-post.toml")
    assert "questions" not in post
    assert "pretest" not in post
    assert post["essays"] == [{"question": "s-2", "most_words": 200}]
    assert post["rubric"] == [
        {"question": "s-2", "criterion": "Isi", "levels": ["0: tidak", "5: ya"]}
    ]
    assert [each["question"] for each in post["hints"]] == ["s-1"], "its own"  # type: ignore[attr-defined]
    asked = parse(copy.texts["02-inti/02-post.gift"])[0]
    assert [each.key for each in asked] == ["s-1", "s-2"]
    assert asked[0].tags == ("goal.ramah", "lesson.isi")
    assert (copy.lent, copy.lost.pretests) == ({"pre": "post"}, {"pre"})
    # The picture is the one that the module of the lender shows.
    assert copy.media["02-inti/02-post.gift"] == {"media/a.png": "01-awal/media/a.png"}
    assert copy.media["02-inti/01-isi.md"] == {"media/a.png": "media/a.png"}


def test_tags_of_goals_and_lessons_that_are_not_there_become_plain() -> None:
    copy = of("01-awal/01-pre.toml", [], [])
    assert parse(copy.texts["01-awal/01-pre.gift"])[0][0].tags == ("ramah", "isi")
    assert copy.lost.tags == {"goal.ramah", "lesson.isi"}


def test_within_its_course_all_that_is_named_stays() -> None:
    every = ["awal", "pre", "s-1", "s-2", "inti", "isi", "post"]
    copy = of("02-inti/02-post.toml", every, [], within=True)
    assert copy.keys == {"post": "post-2"}
    before = TEXTS["02-inti/02-post.toml"]
    assert copy.texts["02-inti/02-post.toml"] == before.replace('"post"', '"post-2"', 1)
    assert list(copy.texts) == ["02-inti/02-post.toml"]
    module = of("01-awal", every, [], within=True)
    assert parse(module.texts["01-awal/01-pre.gift"])[0][0].tags == ("goal.ramah", "lesson.isi")
    assert "[id:s-2-2] [tag:topik] dari [id bukan kunci]" in module.texts["01-awal/01-pre.gift"]
    assert settings(module, "01-awal/01-pre.toml")["hints"] == [
        {"question": "s-1-2", "texts": ["Ingat."]}
    ]


def test_what_cannot_be_read_or_is_not_there_is_refused() -> None:
    with pytest.raises(Unreadable):
        of("03-rusak", [], [])
    for path in ("04-tidak-ada", "course.toml", "02-inti/02-post.gift", ""):
        with pytest.raises(KeyError):
            of(path, [], [])


def test_two_quizzes_that_ask_the_same_questions_go_on_sharing_them() -> None:
    again = TEXTS["02-inti/02-post.toml"].replace('key = "post"', 'key = "ulang"')
    texts = {**TEXTS, "02-inti/03-ulang.toml": again}
    copy = copied(texts, MEDIA, "02-inti", ["post"], ["ramah"], within=False)
    assert settings(copy, "02-inti/03-ulang.toml")["questions"] == "post-2"
    assert "02-inti/03-ulang.gift" not in copy.texts
