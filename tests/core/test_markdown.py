"""Markdown to HTML: nothing hostile comes through, nothing that is meant is lost."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lms.core.errors import DomainError
from lms.core.markdown import has_allowed_scheme, plain, render, render_inline
from tests.core.oracle import faults, is_safe_address
from tests.core.payloads import ADDRESSES, PAYLOADS

SIGNS = """
    [ ] ( ) ! < > </ " ' = / \\ ` ``` ~~~ * ** _ # - + 1. > | |- : : & &# ; x a href= src= <a <img
    <p <table> </table> <div> </div> <td align= <script> </script> <svg <!-- --> <![CDATA[ ]]> <? ?>
    javascript: data: vbscript: http:// mailto: &colon; &#58; &Tab; onclick= style= *[x]: [x]:
    {: } [^1] [^1]: [^a b]: <aside <details <summary></summary> class= note id= fn-1 <li <sup
    [!NOTE] > [!DETAILS] open \x02 \x03 \x00 \u2028 \u202e
""".split()
TOKENS = st.sampled_from([*SIGNS, " ", "\n", "\n\n", "    ", "\t"])
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_there_are_payloads_enough() -> None:
    assert len(set(PAYLOADS)) > 1000


@pytest.mark.parametrize("start", range(0, len(PAYLOADS), 100))
def test_nothing_hostile_comes_through(start: int) -> None:
    for payload in PAYLOADS[start : start + 100]:
        assert faults(render(payload)) == [], payload
        assert faults(render(f"> [!TIP] {payload}\n> {payload}\n\n{payload}", notes=True)) == []
        assert faults(f"<p>{render_inline(payload)}</p>") == [], payload


@SLOW
@given(st.lists(TOKENS, max_size=25).map("".join))
@example("[x](javascript&colon;1)")
@example('<a title="<table>" href=x>y</a>')
@example('<a title="<aside><li id=fn-1>" href=x>y</a>')
@example('<li id="fn-1">a<li id="fn-1">b<sup id=x>')
@example("<aside class=note><aside class=evil></aside><details open><summary>")
def test_no_mixture_of_signs_breaks_it(source: str) -> None:
    for notes in (False, True):
        try:
            html = render(source, notes=notes)
        except DomainError:  # a footnote that begins in another one
            assert notes
            continue
        assert faults(html) == []


@SLOW
@given(st.text(max_size=200))
def test_no_text_breaks_it(source: str) -> None:
    assert faults(render(source)) == []


@SLOW
@given(st.lists(TOKENS, max_size=12).map("".join))
def test_an_address_that_is_let_through_is_safe_in_a_browser(address: str) -> None:
    assert is_safe_address(address) or not has_allowed_scheme(address)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_hostile_address_is_refused_or_harmless(address: str) -> None:
    assert is_safe_address(address) or not has_allowed_scheme(address)


@pytest.mark.parametrize(
    ("payload", "caught"),
    [
        ("<script>x</script>", ["element script"]),
        ("<p onclick=x>y</p>", ["p onclick"]),
        ('<a href=" java\tscript:1">x</a>', ["a leads to ' java\\tscript:1'"]),
        ("<svg></svg>", ["foreign element {http://www.w3.org/2000/svg}svg"]),
        ("</section>", ["it reaches out of its place"]),
        ("<!-- x -->", ["a comment"]),
        ("<table><tr><td>x</table>", ["a table without its frame"]),
        ('<div class="x"></div>', ["a div"]),
        ('<div class="note" role="note"><p>x</p></div>', ["a div"]),
        ('<li id="judul">x</li>', ["id 'judul'"]),
        ('<sup id="fn-1">x</sup><li id="fn-1">y</li>', ["id 'fn-1' twice"]),
        ('<li class="menu">x</li>', ["a list item with a class"]),
    ],
)
def test_the_oracle_itself_sees_what_is_wrong(payload: str, caught: list[str]) -> None:
    assert faults(payload) == caught


KEPT = [
    # what authors write, what must be there
    ("**tebal** *miring*", "<p><strong>tebal</strong> <em>miring</em></p>"),
    ("## Judul", "<h2>Judul</h2>"),
    ("[a](https://contoh.go.id/x?y=1&z=2)", '<a href="https://contoh.go.id/x?y=1&amp;z=2">a</a>'),
    ("[a](mailto:a@contoh.go.id)", '<a href="mailto:a@contoh.go.id">a</a>'),
    ("[a](#bagian)", '<a href="#bagian">a</a>'),
    ("[a](../lain)", '<a href="../lain">a</a>'),
    ("[a](/courses/x)", '<a href="/courses/x">a</a>'),
    ("[a](pasal/7:2)", '<a href="pasal/7:2">a</a>'),
    ("[a](?q=7:2)", '<a href="?q=7:2">a</a>'),
    ("![Loket](media/loket.png)", '<img alt="Loket" src="media/loket.png">'),
    ('![L](media/a.png "Judul")', '<img alt="L" src="media/a.png" title="Judul">'),
    ("![L](media/nama%20berkas.png)", 'src="media/nama%20berkas.png"'),
    ("[R]\n\n[R]: http://contoh.go.id 'J'", '<a href="http://contoh.go.id" title="J">R</a>'),
    ("*[ASN]: Aparatur Sipil Negara\n\nASN", '<abbr title="Aparatur Sipil Negara">ASN</abbr>'),
    ("Istilah\n:   Arti", "<dl>\n<dt>Istilah</dt>\n<dd>Arti</dd>\n</dl>"),
    ("3. a\n4. b", '<ol start="3">'),
    ("```python\nx = '<b>'\n```", "<pre><code>x = '&lt;b&gt;'\n</code></pre>"),
    ("~~~\na\n\nb\n~~~", "<pre><code>a\n\nb\n</code></pre>"),
    ("`<table>`", "<code>&lt;table&gt;</code>"),
    ("H<sub>2</sub>O", "<p>H<sub>2</sub>O</p>"),
    ("<kbd>Ctrl</kbd>", "<kbd>Ctrl</kbd>"),
    ("a & b < c", "<p>a &amp; b &lt; c</p>"),
    ("Pasal 5 ayat (1) huruf [a]", "<p>Pasal 5 ayat (1) huruf [a]</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "part"), KEPT)
def test_what_authors_write_is_kept(source: str, part: str) -> None:
    assert part in render(source)


def test_a_table_stands_in_a_frame_of_its_own_and_has_no_style() -> None:
    html = render("| a | b |\n|:--|--:|\n| 1 | 2 |\n\nx\n\n| c |\n|---|\n| 3 |")
    assert html.count('<div class="tablewrap" tabindex="0"><table class="table">') == 2
    assert html.count("</table></div>") == 2
    assert '<td align="right">2</td>' in html
    assert "style" not in html


def test_a_box_stands_in_place_of_the_bullet() -> None:
    html = render("- ☐ Baca\n- Tulis ☐\n")
    assert html.count('<li class="box">☐ Baca</li>') == 1
    assert "<li>Tulis ☐</li>" in html


@pytest.mark.parametrize(
    ("mark", "look", "word", "english"),
    [("NOTE", "note", "Info", "Note"), ("TIP", "note note--ok", "Tip", "Tip"),
     ("IMPORTANT", "note note--key", "Penting", "Important"),
     ("warning", "note note--warn", "Peringatan", "Warning")],
)  # fmt: skip
def test_a_quote_with_a_mark_is_a_box(mark: str, look: str, word: str, english: str) -> None:
    source = f"> [!{mark}]\n> Satu **dua**.\n>\n> - tiga"
    begin = f'<div class="{look}" role="note"><div>\n<p><strong>'
    assert render(source) == (
        f"{begin}{word}</strong></p>\n<p>Satu <strong>dua</strong>.</p>\n"
        "<ul>\n<li>tiga</li>\n</ul>\n</div></div>"
    )
    assert render(source, "en").startswith(f"{begin}{english}</strong>")
    assert render(source, "jv").startswith(f"{begin}{word}</strong>")


def test_a_box_has_the_title_that_it_was_given() -> None:
    html = render("> [!TIP] Simpan *nomor* tiket\n> Nanti diminta.")
    assert "<p><strong>Tip: Simpan <em>nomor</em> tiket</strong></p>" in html


def test_a_part_that_unfolds() -> None:
    html = render(
        "> [!DETAILS] Dasar **hukum**\n> Pasal 5\n>\n> | a | b |\n> |---|---|\n> | 1 | 2 |"
    )
    assert html.startswith(
        "<details>\n<summary>Dasar <strong>hukum</strong></summary>\n<p>Pasal 5</p>"
    )
    assert html.count("<table") == 1
    assert html.endswith("</details>")
    assert "<summary>Selengkapnya</summary>" in render("> [!DETAILS]\n> x")


def test_boxes_stand_by_themselves_and_within_others() -> None:
    html = render("> [!NOTE]\n> a\n\n> [!TIP]\n> b\n\n> kutipan\n\nTeks\n> [!NOTE]\n> c")
    assert html.count('role="note"') == 3
    assert html.count("<blockquote>") == 1
    assert html.index("</div></div>") < html.index("note--ok") < html.index("<blockquote>")
    inner = render("> [!NOTE]\n> a\n>\n> > [!DETAILS] b\n> > c\n\n- d\n\n    > [!TIP]\n    > e")
    assert "<details>" in inner[: inner.index("</div></div>")]
    assert "note--ok" in inner[inner.index("<li>") : inner.index("</li>")]


def test_what_only_looks_like_a_box_is_a_quote() -> None:
    assert render("> [!LAIN]\n> x") == "<blockquote>\n<p>[!LAIN]\nx</p>\n</blockquote>"
    assert "<blockquote>" not in render("`> [!NOTE]`")
    assert 'role="note"' not in render("```\n> [!NOTE]\n```")


NOTED = "Satu[^b] dua[^a c] lagi[^b].\n\n[^a c]: Kedua.\n[^b]: Pertama *kali*.\n\n    Lanjut."


def test_footnotes_are_numbered_and_lead_back() -> None:
    html = render(NOTED, notes=True)
    assert '<p>Satu<sup id="fnref-2"><a href="#fn-2">2</a></sup>' in html
    assert '<sup id="fnref2-2"><a href="#fn-2">2</a></sup>' in html
    assert '<li id="fn-1">\n<p>Kedua.' in html
    assert "<a aria-label" not in html
    back = '<a href="#fnref-1" aria-label="Kembali ke catatan kaki 1 di teks">&#8617;</a>'
    assert back in html
    assert 'aria-label="Back to footnote 1 in the text"' in render(NOTED, "en", notes=True)
    assert html.index("Lanjut.") < html.index("#fnref2-2")


def test_without_footnotes_there_is_no_id() -> None:
    assert "id=" not in render(NOTED)
    assert "id=" not in render('<li id="fn-1">x</li><sup id="fnref-1">1</sup>')


@pytest.mark.parametrize(
    "source",
    [
        "Satu[^1] dan[^2].\n\n[^1]: Luar.\n\n    > [^2]: Dalam.",  # in the last one
        "Satu[^1] dan[^2].\n\n[^1]:     [^2]: Dalam.\n[^3]: Luar.",  # in one before the last
        "Satu[^1].\n\n[^1]: Luar[^2].\n\n    - [^2]: Tengah[^3].\n\n        > [^3]: Dalam.",
    ],
)
def test_a_footnote_within_a_footnote_is_one_like_all_others(source: str) -> None:
    html = render(source, notes=True)
    for number in range(1, source.count("]: ") + 1):
        assert html.count(f'<li id="fn-{number}">') == 1
    for word in ("Luar", "Dalam", *(["Tengah"] if "Tengah" in source else [])):
        assert html.count(word) == 1
    assert faults(html) == []


def test_the_same_text_gives_the_same_html() -> None:
    source = "[r]\n\n[r]: http://a.example\n\n*[x]: y\n\nx"
    assert render(source) == render(source)
    assert "http" not in render("[r]")  # nothing of one text is left for the next


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("satu *dua*", "satu <em>dua</em>"),
        ("", ""),
        ("satu\n\ndua", "<p>satu</p>\n<p>dua</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("a `<p>` b", "a <code>&lt;p&gt;</code> b"),
    ],
)
def test_one_paragraph_can_stand_inside_a_line(source: str, html: str) -> None:
    assert render_inline(source) == html


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>satu <em>dua</em>\ntiga</p>", "satu dua tiga"),
        ("<p>A &amp; B &lt;c&gt;</p>", "A & B <c>"),
        ("R&amp", "R&"),  # at the very end
        ("H<sub>2</sub>O", "H2O"),
        ("<p>a</p><p>b</p>", "a b"),
        ("a<br>b", "a b"),
        ("<td>1</td><td>2</td>", "1 2"),
        ('<p>a<img src="x" alt="b &amp; c">d<img src="y"></p>', "a b & c d"),
        ("", ""),
    ],
)
def test_the_words_of_a_text_without_its_markup(html: str, words: str) -> None:
    assert plain(html) == words


def test_it_needs_no_request(site: Flask) -> None:
    with site.app_context():
        assert render("a") == "<p>a</p>"
