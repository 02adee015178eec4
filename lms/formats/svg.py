"""Drawings as SVG: which are shapes and words and nothing else, and how large they are.

A drawing may hold no code and reach nothing outside itself. So what it may consist of is listed,
and everything else is refused with its line and what to do.
"""

import re
from xml.parsers import expat

from lms.formats.words import Words

CONTENT_TYPE = "image/svg+xml"
NAMESPACE = "http://www.w3.org/2000/svg"
ELEMENTS = frozenset(
    "svg g title desc path rect circle ellipse line polyline polygon text tspan defs marker "
    "linearGradient radialGradient stop".split()
)
# Places, sizes, looks, and words for those who cannot see it: nothing that acts or links.
ATTRIBUTES = frozenset(
    "id role lang version aria-label aria-labelledby aria-describedby aria-hidden viewBox width "
    "height preserveAspectRatio transform x y x1 y1 x2 y2 cx cy r rx ry d points pathLength dx dy "
    "rotate textLength lengthAdjust markerWidth markerHeight markerUnits refX refY orient "
    "gradientUnits gradientTransform spreadMethod offset fx fy fr stop-color stop-opacity color "
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin "
    "stroke-miterlimit stroke-dasharray stroke-dashoffset opacity visibility display overflow "
    "font-family font-size font-style font-weight font-variant text-anchor text-decoration "
    "dominant-baseline alignment-baseline baseline-shift letter-spacing word-spacing marker-start "
    "marker-mid marker-end paint-order vector-effect shape-rendering text-rendering".split()
)
_WORDS = "aria-label"  # free text, because it means nothing to a machine
# Without slash, colon and backslash no address can be written, not even in disguise.
_VALUE = re.compile(r"[\w\s#.,;%()+'\"-]*", re.ASCII)
_WITHIN = re.compile(r"url\(\s*#([A-Za-z_][\w.-]*)\s*\)", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
_LARGEST = 10_000

Fault = tuple[int, str, Words]  # line from 1, code, message


def check(data: bytes) -> tuple[tuple[int, int], list[Fault]]:
    """Width and height of a drawing by its viewBox, in whole pixels, and everything wrong with it,
    each fault once at its first line."""
    drawing = _Drawing()
    try:
        data.decode("utf-8")
        drawing.parser.Parse(data, True)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return (0, 0), [
            (line, "svg-encoding", Words("Bukan teks UTF-8; simpan ulang sebagai UTF-8."))
        ]
    except _Refused:
        pass
    except expat.ExpatError as error:
        broken = Words("Tidak dapat dibaca sebagai SVG; periksa tanda <, >, &, dan tanda kutip.")
        drawing.faults["svg-syntax", broken] = error.lineno
    else:
        drawing.check_references()
    faults = [(line, code, message) for (code, message), line in drawing.faults.items()]
    return drawing.size, sorted(faults)


class _Refused(Exception):
    """Nothing after this can be trusted."""


class _Drawing:
    def __init__(self) -> None:
        # UTF-8 whatever the file declares.
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.StartElementHandler = self._start
        self.size = (0, 0)
        self.faults: dict[tuple[str, Words], int] = {}
        self._is_inside = False
        self._ids: set[str] = set()
        self._references: dict[str, int] = {}

    def check_references(self) -> None:
        for id_, line in self._references.items():
            if id_ not in self._ids:
                missing = Words(
                    "url(#%(id)s) menunjuk id yang tidak ada dalam gambar ini; perbaiki.", id=id_
                )
                self.faults.setdefault(("svg-reference", missing), line)

    def _note(self, code: str, message: Words) -> None:
        self.faults.setdefault((code, message), self.parser.CurrentLineNumber)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        # A browser would follow what is declared, and might read another drawing than we do.
        if encoding is not None and encoding.lower() != "utf-8":
            self._note("svg-encoding", Words('Tulis encoding="UTF-8", dan simpan sebagai UTF-8.'))

    def _doctype(self, *_declared: object) -> None:
        self._note("svg-doctype", Words("DOCTYPE dan entity tidak diterima; hapus."))
        raise _Refused

    def _instruction(self, target: str, _data: str) -> None:
        self._note(
            "svg-instruction",
            Words("Perintah <?%(target)s …?> tidak diterima; hapus.", target=target),
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, element = name.rpartition(" ")
        if not self._is_inside:
            self._is_inside = True
            self._start_root(namespace, element, attributes)
        if namespace not in (NAMESPACE, "") or element not in ELEMENTS:
            instead = Words(
                "Elemen <%(element)s> tidak diterima; hapus, atau gambar dengan path, "
                "rect, circle, line, text, dan sejenisnya.",
                element=element,
            )
            self._note("svg-element", instead)
        for attribute, value in attributes.items():
            self._attribute(attribute, value)

    def _start_root(self, namespace: str, element: str, attributes: dict[str, str]) -> None:
        if (namespace, element) != (NAMESPACE, "svg"):
            root = Words(
                'Gambar harus diawali <svg xmlns="%(namespace)s" viewBox="…">; perbaiki.',
                namespace=NAMESPACE,
            )
            self._note("svg-root", root)
            return
        box = attributes.get("viewBox", "").replace(",", " ").split()
        if len(box) == 4 and all(_NUMBER.fullmatch(each) for each in box):
            width, height = (float(each) for each in box[2:])
            if 0.5 < width <= _LARGEST and 0.5 < height <= _LARGEST:  # else rounded to nothing
                self.size = (round(width), round(height))
                return
        example = Words(
            '<svg> tanpa viewBox yang benar; tulis misalnya viewBox="0 0 680 400", yaitu '
            "asal, lebar, dan tinggi."
        )
        self._note("svg-viewbox", example)

    def _attribute(self, attribute: str, value: str) -> None:
        shown = attribute.rpartition(" ")[2]
        if attribute not in ATTRIBUTES:
            instead = (
                Words(
                    "Atribut %(shown)s tidak diterima; tulis sebagai atribut tersendiri, "
                    'misalnya fill="#2b6cb0".',
                    shown=shown,
                )
                if attribute == "style"
                else Words("Atribut %(shown)s tidak diterima; hapus.", shown=shown)
            )
            self._note("svg-attribute", instead)
        elif attribute == "id":
            self._ids.add(value)
        elif attribute != _WORDS:
            self._check_value(shown, value)

    def _check_value(self, shown: str, value: str) -> None:
        for id_ in _WITHIN.findall(value):
            self._references.setdefault(id_, self.parser.CurrentLineNumber)
        rest = _WITHIN.sub("", value)
        if "url" in rest.lower() or not _VALUE.fullmatch(rest):
            inside = Words(
                "Nilai atribut %(shown)s tidak diterima; hanya angka, warna, nama, dan "
                "url(#id) dalam gambar ini.",
                shown=shown,
            )
            self._note("svg-value", inside)
