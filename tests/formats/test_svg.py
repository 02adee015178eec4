"""Drawings: what may be in them, and every way found to smuggle something else in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.formats import svg

DRAWING = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Alur layanan -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 400" role="img" aria-labelledby="t d">
  <title id="t">Alur: sapa &amp; dengar</title>
  <desc id="d">Dua kotak, satu panah. Lihat https://contoh.test/x</desc>
  <defs>
    <marker id="panah" viewBox="0 0 10 10" refX="9" markerWidth="6" orient="auto-start-reverse">
      <path d="M0,0 L10,5 L0,10 z"/>
    </marker>
    <linearGradient id="langit"><stop offset="0" stop-color="#e6f0fa"/></linearGradient>
  </defs>
  <rect width="680" height="400" rx="16" fill="url(#langit)"/>
  <g stroke="rgb(0, 60, 120)" stroke-width="2" transform="translate(10 -20) scale(1.5)">
    <line x1="0" y1="0" x2="1e2" y2="0" marker-end="url( #panah )"/>
    <circle cx="5" cy="5" r="4"/><ellipse cx="5" cy="5" rx="4" ry="3"/>
    <polyline points="0,0 1,1"/><polygon points="0,0 1,1 2,0"/>
  </g>
  <text x="20" y="30" font-family="'Segoe UI', sans-serif" font-size="28">Sapa <tspan>dulu</tspan>
  </text>
</svg>
"""


def codes(drawing: str | bytes) -> list[tuple[int, str]]:
    data = drawing if isinstance(drawing, bytes) else drawing.encode()
    return [(line, code) for line, code, _ in svg.check(data)[1]]


def within(inner: str, root: str = "") -> str:
    """A drawing with this on its second line."""
    return f'<svg xmlns="{svg.NAMESPACE}" viewBox="0 0 9 9"{root}>\n{inner}\n</svg>'


def test_a_drawing_of_shapes_and_words_is_taken_with_its_size() -> None:
    assert svg.check(DRAWING.encode()) == ((680, 400), [])
    assert svg.check(DRAWING.encode("utf-8-sig")) == ((680, 400), [])


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ("0 0 340 200", (340, 200)),
        ("-10,-10, 100.4 , .9e0", (0, 0)),
        (" -10 , -10 100.4 .9 ", (100, 1)),
        ("0 0 10000 10000", (10000, 10000)),
        ("0 0 10001 1", (0, 0)),
        ("0 0 0 10", (0, 0)),
        ("0 0 10 -10", (0, 0)),
        ("0 0 nan inf", (0, 0)),
        (f"0 0 {'9' * 400} 10", (0, 0)),
        ("0 0 10", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_the_size_is_that_of_the_viewbox(box: str, size: tuple[int, int]) -> None:
    drawing = f'<svg xmlns="{svg.NAMESPACE}" viewBox="{box}"/>'
    found, faults = svg.check(drawing.encode())
    assert found == size
    assert [code for _, code, _ in faults] == ([] if any(size) else ["svg-viewbox"])


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<script>alert(1)</script>", "svg-element"),
        ('<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>', "svg-element"),
        ('<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>', "svg-element"),
        ('<path xmlns="http://www.w3.org/1999/xhtml"/>', "svg-element"),
        ("<SCRIPT/>", "svg-element"),
        ("<style>@import url(https://jahat.test)</style>", "svg-element"),
        ("<foreignObject/>", "svg-element"),
        ("<use/>", "svg-element"),
        ("<image/>", "svg-element"),
        ("<a/>", "svg-element"),
        ("<animate/>", "svg-element"),
        ("<set/>", "svg-element"),
        ("<iframe/>", "svg-element"),
        ("<filter/>", "svg-element"),
        ("<pattern/>", "svg-element"),
        ("<switch/>", "svg-element"),
        ('<g onclick="alert(1)"/>', "svg-attribute"),
        ('<g ONLOAD="alert(1)"/>', "svg-attribute"),
        ('<g style="fill:red"/>', "svg-attribute"),
        ('<g class="a"/>', "svg-attribute"),
        ('<g href="https://jahat.test"/>', "svg-attribute"),
        ('<g xmlns:x="http://www.w3.org/1999/xlink" x:href="#a"/>', "svg-attribute"),
        ('<g xml:base="https://jahat.test"/>', "svg-attribute"),
        ('<g filter="none"/>', "svg-attribute"),
        ('<g mask="none"/>', "svg-attribute"),
        ('<g cursor="pointer"/>', "svg-attribute"),
        ('<rect fill="url(https://jahat.test/x)"/>', "svg-value"),
        ('<rect fill="url(jahat.svg#a)"/>', "svg-value"),
        ('<rect fill="url(&#39;#a&#39;)"/>', "svg-value"),
        ('<rect fill="u\\72l(#a)"/>', "svg-value"),
        ('<rect fill="u\\72 l(x)"/>', "svg-value"),
        ('<rect fill="URL(x)"/>', "svg-value"),
        ('<rect fill="&#117;rl(x)"/>', "svg-value"),
        ('<rect fill="image-set(&quot;//jahat.test&quot;)"/>', "svg-value"),
        ('<rect fill="javascript:alert(1)"/>', "svg-value"),
        ('<rect fill="data:x"/>', "svg-value"),
        ('<rect fill="r/**/ed"/>', "svg-value"),
        ('<rect fill="{}"/>', "svg-value"),
        ('<rect fill="url(#tiada)"/>', "svg-reference"),
        ("<?xml-stylesheet href='https://jahat.test'?>", "svg-instruction"),
        ("<path", "svg-syntax"),
        ("<path></g>", "svg-syntax"),
        ("<path a=b/>", "svg-syntax"),
        ("<path d='' d=''/>", "svg-syntax"),
        ("&nbsp;", "svg-syntax"),
        ("&x;", "svg-syntax"),
        ("&#0;", "svg-syntax"),
    ],
)
def test_anything_else_is_refused_at_its_line(inner: str, code: str) -> None:
    found = codes(within(inner))
    assert found
    assert found[0][0] in (2, 3)  # what is left open is found at the next tag
    assert [each for _, each in found] == [code]


@pytest.mark.parametrize(
    "inner",
    [
        "<text>&lt;script&gt;alert(1)&lt;/script&gt;</text>",
        "<text><![CDATA[<script>alert(1)</script>]]></text>",
        "<!-- <script>alert(1)</script> -->",
        '<text aria-label="Buka https://contoh.test: &lt;b&gt;"/>',
        '<g xmlns:lain="https://contoh.test/x"/>',
        '<svg viewBox="0 0 1 1"/>',
    ],
)
def test_words_are_no_code(inner: str) -> None:
    assert codes(within(inner)) == []


def test_entities_never_grow() -> None:
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 20))
    bomb = f'<?xml version="1.0"?>\n<!DOCTYPE svg [<!ENTITY a0 "ha">{laughs}]>\n<svg>&a19;</svg>'
    assert codes(bomb) == [(2, "svg-doctype")]
    outside = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
    assert codes(outside + within("&x;")) == [(1, "svg-doctype")]
    assert codes('<!DOCTYPE svg SYSTEM "https://jahat.test/x.dtd">' + within("")) == [
        (1, "svg-doctype")
    ]


@pytest.mark.parametrize(
    "drawing",
    [
        DRAWING.encode("utf-16"),
        DRAWING.replace("Alur", "Café").encode("latin-1"),
        DRAWING.replace("UTF-8", "ISO-8859-1").encode(),
        DRAWING.replace("UTF-8", "utf-7").encode(),
        DRAWING.replace("UTF-8", "UTF-16").encode(),
    ],
)
def test_a_browser_reads_the_same_letters(drawing: bytes) -> None:
    assert "svg-encoding" in [code for _, code in codes(drawing)]


@pytest.mark.parametrize(
    "drawing",
    ["", "halo", "<html/>", '<svg viewBox="0 0 1 1"/>', f'<g xmlns="{svg.NAMESPACE}"/>', "<svg"],
)
def test_what_is_no_drawing_is_refused(drawing: str) -> None:
    assert codes(drawing)


def test_each_fault_is_told_once() -> None:
    drawing = within('<g style="a"/>\n<g style="b"/>\n<script/>\n<script/>', ' onload="x"')
    assert codes(drawing) == [(1, "svg-attribute"), (2, "svg-attribute"), (4, "svg-element")]


def test_a_deep_drawing_is_no_fault_of_ours() -> None:
    assert codes(within("<g>" * 50_000 + "</g>" * 50_000)) == []


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_whatever_are_a_fault(data: bytes) -> None:
    for line, code, message in svg.check(data)[1]:
        assert line >= 1
        assert code.startswith("svg-")
        assert message.endswith(".")
