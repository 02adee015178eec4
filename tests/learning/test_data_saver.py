"""Pictures wait until they are asked for on a device that saves data."""

import re
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from lms.core.db import db
from lms.core.markdown import render
from lms.learning.views.data_saver import Picture, without_pictures
from tests.cast import Cast
from tests.client import PageClient, words
from tests.learning.answers import start
from tests.sample_course import import_course, write_course


@pytest.mark.parametrize(
    ("html", "pieces"),
    [
        ("<p>a</p>", [("<p>a</p>", None)]),
        ("", [("", None)]),
        (
            '<p>a <img alt="b &quot;&lt;c" src="media/x.png?v=1" width="4">d</p>',
            [("<p>a ", Picture("media/x.png?v=1", 'b "<c', 7)), ("d</p>", None)],
        ),
        (
            '<img src="y.png" alt="a > b"><img src="https://x.test/z.png">',
            [
                ("", Picture("y.png", "a > b", 0)),
                ("", Picture("https://x.test/z.png", "", 0)),
                ("", None),
            ],
        ),
        (
            '<a href="/x"><img alt="Peta &amp; jalan" src="media/x.png"></a> <img src="y.png">',
            [('<a href="/x">Peta &amp; jalan</a> ', Picture("y.png", "", 0)), ("", None)],
        ),
        ("&lt;img src=x&gt;<abbr>img</abbr>", [("&lt;img src=x&gt;<abbr>img</abbr>", None)]),
    ],
)
def test_a_text_is_cut_at_its_pictures(html: str, pieces: list[tuple[str, Picture | None]]) -> None:
    assert list(without_pictures(html, {"media/x.png": 7})) == pieces


@example("<a>")  # never closed: the picture behind it is within a link
@given(st.text(alphabet='![]()"<>&a/ .\n', max_size=60))
def test_no_picture_is_left_and_no_other_text_lost(source: str) -> None:
    html = render(source + "\n\n![x](media/x.png)\n")
    pieces = list(without_pictures(html, {}))
    assert "<img" not in "".join(text for text, _ in pieces)
    outside_links = re.sub("<a[ >].*?</a>", "", html, flags=re.DOTALL)
    assert sum(picture is not None for _, picture in pieces) == outside_links.count("<img")
    assert pieces[-1][1] is None


def test_a_lesson_shows_a_link_with_the_size_and_no_picture(
    app: Flask, learner: PageClient, course: str
) -> None:
    learner.send(f"/courses/{course}/enrol")
    page = f"/courses/{course}/learn/sapa"
    whole = learner.get(page).get_data(as_text=True)
    assert "<img" in whole
    assert "pictures.js" not in whole
    learner.send("/preferences", {"data": "less"})
    answer = learner.get(page)
    html = answer.get_data(as_text=True)
    assert "<img" not in html
    assert "pictures.js" in html
    assert "Tampilkan gambar (< 0,1 MB) Loket pelayanan" in words(answer)
    src = html.split('class="picture" href="')[1].split('"')[0]
    assert learner.get(f"/courses/{course}/learn/{src}").mimetype == "image/png"
    learner.send("/preferences", {"data": "all"})
    assert learner.get(page).get_data(as_text=True).count("<img") == 1


PICTURES = """
// [id:g-1]
Apa ini? ![Soal](media/loket.png) {
=![Loket](media/loket.png)#Ya. ![Umpan](media/loket.png)
~Pasar#Bukan. ![Umpan](media/loket.png)
#### Ini loket. ![Umum](media/loket.png)
}

// [id:g-2]
Urutkan. {>
![Pertama](media/loket.png)
![Kedua](media/loket.png)
}

// [id:g-3]
Jodohkan. {
=![Kiri](media/loket.png) -> Satu
=Dua -> Dua
}
"""
SETTINGS = """shuffle_questions = false
shuffle_options = false
practice = true

[[hints]]
question = "g-1"
texts = ["Lihat ![Petunjuk](media/loket.png)"]
"""


@pytest.fixture
def quiz(app: Flask, client: PageClient, cast: Cast, tmp_path: Path) -> str:
    """Address of an attempt at a practice quiz with pictures everywhere."""
    with app.app_context():
        import_course(
            write_course(tmp_path, final=PICTURES, settings=SETTINGS, show_answers="always")
        )
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    return f"/attempts/{start(client, 'melayani', 'akhir')}"


def linked(client: PageClient, address: str) -> list[str]:
    """What the pictures of a page are called whose links stand there; there are no others."""
    html = client.get(address).get_data(as_text=True)
    assert "<img" not in html
    assert html.count("(&lt; 0,1 MB)") == html.count('class="picture"')
    assert "pictures.js" in html
    return [part.split('"')[0] for part in html.split('data-picture="')[1:]]


def test_a_quiz_shows_links_in_place_of_its_pictures(client: PageClient, quiz: str) -> None:
    first = f"{quiz}/questions/1"
    assert client.get(first).get_data(as_text=True).count("<img") == 2
    client.send("/preferences", {"data": "less"})
    assert linked(client, first) == ["Soal", "Loket"]
    client.send(first, {"answer": "2", "seq": 1, "go": "check"})
    assert linked(client, first) == ["Soal", "Loket", "Umpan", "Petunjuk"]
    client.send(first, {"answer": "1", "seq": 2, "go": "check"})
    assert linked(client, first) == ["Soal", "Umpan", "Loket", "Umum"]
    assert sorted(linked(client, f"{quiz}/questions/2")) == ["Kedua", "Pertama"]
    assert linked(client, f"{quiz}/questions/3") == ["Kiri"]
    client.send(f"{quiz}/submit")
    assert "Umum" in linked(client, f"{quiz}/result")
    client.send("/preferences", {"data": "all"})
    assert "<img" in client.get(f"{quiz}/result").get_data(as_text=True)


def test_a_picture_of_a_quiz_is_behind_its_link(client: PageClient, quiz: str) -> None:
    client.send("/preferences", {"data": "less"})
    html = client.get(f"{quiz}/questions/1").get_data(as_text=True)
    src = html.split('class="picture" href="')[1].split('"')[0]
    assert client.get(src).mimetype == "image/png"


@pytest.mark.parametrize("data", ["all", "less"])
def test_a_picture_is_named_by_its_words(client: PageClient, quiz: str, data: str) -> None:
    """In the names of buttons and in the list of the result, where it is not drawn."""
    client.send("/preferences", {"data": data})
    html = client.get(f"{quiz}/questions/2").get_data(as_text=True)
    assert 'aria-label="Naikkan: Pertama"' in html
    assert 'data-name="Pertama"' in html
    client.send(f"{quiz}/submit")
    assert "Soal 1. Apa ini? Soal Jawaban Anda" in words(client.get(f"{quiz}/result"))
