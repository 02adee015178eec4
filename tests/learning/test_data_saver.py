"""Pictures wait until they are asked for on a device that saves data."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lms.core.markdown import render
from lms.learning.views.data_saver import Picture, without_pictures
from tests.client import PageClient, words


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


@given(st.text(alphabet='![]()"<>&a/ .\n', max_size=60))
def test_no_picture_is_left_and_no_other_text_lost(source: str) -> None:
    html = render(source + "\n\n![x](media/x.png)\n")
    pieces = list(without_pictures(html, {}))
    assert "<img" not in "".join(text for text, _ in pieces)
    assert sum(picture is not None for _, picture in pieces) == html.count("<img")
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
