"""The two languages: Indonesian in the source, English in the catalogue, and no text beside."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import html5lib
import pytest
import sqlalchemy as sa
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask, current_app
from jinja2 import Environment, nodes

from lms.config import PLAIN
from lms.core.db import db, transaction
from lms.courses.actions import drafts
from lms.courses.models import Draft, DraftFile
from lms.credentials.models import Certificate
from tests.cast import Cast
from tests.client import PageClient
from tests.courses.drafted import drafted
from tests.learning.answers import start, take
from tests.learning.assigning import actor_of
from tests.sample_course import import_course, write_course

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = ROOT / "lms" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*") if p.suffix in (".html", ".txt"))
ENDINGS = (".", "…", ":", "?", ",")
PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])")

# Attributes that people see or hear; the data- ones are shown by a script or by the style.
SPOKEN = frozenset(
    "aria-label aria-description placeholder title alt "
    "data-l data-saved data-saving data-failed data-expired data-open data-other data-words".split()
)
# What reads the same in both languages, and the password of the demo.
SAME_IN_BOTH = frozenset({
    "Kompeten", "Bahasa Indonesia", "English", "JP", "NIP", "ASN", "PNS", "PPPK", "MB", "KB",
    "belajar-bersama",
})  # fmt: skip
FIELD_TYPES = frozenset({"HiddenField", "CSRFTokenField"})

# Words that an Indonesian screen can hardly do without and that no English text has.
INDONESIAN = frozenset(
    "ada akun anda atau bagian bahasa belajar belum beranda berikutnya bila bukti cari daftar dan "
    "dari dengan hari ini jabatan jawaban kami kata sandi katalog keluar kembali kemajuan "
    "kesempatan kesenjangan kirim kompetensi kuis kursus lagi lanjut lanjutkan lihat lulus masuk "
    "memenuhi menit mulai nama nilai notifikasi pada pegawai pelajaran percobaan profil sampai "
    "sebelumnya selesai semua setelah setelan simpan soal standar sudah surel tahun tampilan "
    "tersimpan tidak tim tingkat tinjau transkrip ubah untuk waktu yang".split()
)


class Entry(NamedTuple):
    """A message with its translation; one text each, or one for every plural form."""

    texts: tuple[str, ...]
    english: tuple[str, ...]
    fuzzy: bool


def _forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


@cache
def catalogue() -> dict[tuple[str, ...], Entry]:
    with CATALOGUE.open("rb") as file:
        messages = read_po(file, locale="en", abort_invalid=True)
    entries = [Entry(_forms(m.id), _forms(m.string), m.fuzzy) for m in messages if m.id]
    assert not messages.obsolete, "run `make words`"
    return {entry.texts: entry for entry in entries}


@cache
def extracted() -> dict[tuple[str, ...], str]:
    """Every message of the code, with the file it stands in, as `make words` finds them."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "Words": None}
    rows = extract_from_dir(ROOT, methods, options, keywords=keywords)
    found = {_forms(message): file for file, _, message, _, _ in rows}
    singulars = {forms[0] for forms in found if len(forms) > 1}  # they share an entry
    return {f: file for f, file in found.items() if len(f) > 1 or f[0] not in singulars}


def test_the_extraction_finds_code_and_templates() -> None:
    files = set(extracted().values())
    assert any(file.endswith(".py") for file in files)
    assert {file.rpartition(".")[2] for file in files} == {"py", "html", "txt"}


def test_the_catalogue_holds_every_message() -> None:
    missing = {f: file for f, file in extracted().items() if f not in catalogue()}
    assert not missing, "run `make words` and translate"


def test_the_catalogue_holds_no_message_that_nothing_uses() -> None:
    assert not catalogue().keys() - extracted().keys(), "run `make words`"


def test_every_message_has_its_english() -> None:
    undone = [
        entry.texts[0]
        for entry in catalogue().values()
        if entry.fuzzy or len(entry.english) != len(entry.texts) or not all(entry.english)
    ]
    assert not undone


def test_the_catalogue_keeps_every_placeholder() -> None:
    for entry in catalogue().values():
        kept = {frozenset(PLACEHOLDER.findall(text)) for text in entry.texts + entry.english}
        assert len(kept) == 1, entry
        stray = [re.sub(PLACEHOLDER, "", text) for text in entry.texts + entry.english]
        if next(iter(kept)):
            assert not any("%" in text for text in stray), entry


def test_the_english_follows_the_tone() -> None:
    """No exclamation marks, no stray blanks; a sentence stays a sentence."""
    for entry in catalogue().values():
        for text in entry.english:
            assert "!" not in text, entry
            assert text == text.strip(), entry
            assert text.endswith(ENDINGS) == entry.texts[0].endswith(ENDINGS), entry


def test_the_catalogue_names_no_person_machine_or_day() -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert not re.search(
        r"Last-Translator|Creation-Date|Revision-Date|<[^>\s]+@|^#: /|~", text, re.M
    )


class Scanner(HTMLParser):
    """Collects the words of a template's HTML that stand outside expressions."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._judge(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN:
                self._judge(value or "")

    def _judge(self, text: str) -> None:
        for same in sorted(SAME_IN_BOTH, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(same)}(?!\w)", "", text)
        if re.search(r"[^\W\d_]", text):
            self.found.append(" ".join(text.split()))


def bare_markup(source: str) -> str:
    """The template's own HTML: comments and statements cut out, expressions blanked."""
    source = re.sub(r"\{% block \w+_class %\}.*?\{% endblock %\}", "", source)
    parts: list[str] = []
    inside = False
    for _, kind, value in Environment(trim_blocks=True, lstrip_blocks=True).lex(source):
        if kind == "variable_begin":
            # In `<{{ … }} class="…">` the name of a tag is meant.
            parts.append("x" if "".join(parts[-2:]).endswith(("<", "</")) else " ")
        inside = kind.endswith("_begin") or (inside and not kind.endswith("_end"))
        if kind == "data" and not inside:
            parts.append(value)
    return "".join(parts)


def unmarked(source: str) -> list[str]:
    """The visible texts of a template that gettext never sees."""
    scanner = Scanner()
    scanner.feed(bare_markup(source))
    scanner.close()
    return scanner.found + list(_unmarked_literals(source))


def _unmarked_literals(source: str) -> Iterator[str]:
    """Texts in quotes: those that read like a sentence or a label, not like a class or a key."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    marked: set[int] = set()
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext"):
            marked |= {id(const) for arg in call.args for const in arg.find_all(nodes.Const)}
            marked |= {id(arg) for arg in call.args}
    for const in tree.find_all(nodes.Const):
        text = const.value
        if isinstance(text, str) and id(const) not in marked:
            known = text in SAME_IN_BOTH or text in FIELD_TYPES
            if re.match(r"\s*[A-Z][a-z]", text) and not known:
                yield text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_a_template_holds_no_text_outside_gettext(path: Path) -> None:
    assert unmarked(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Masuk</p>", ["Masuk"]),  # text
        ("<p>{{ _('Masuk') }} · {{ x }}</p>", []),  # marked
        ('<a aria-label="Tutup {{ x }}">{{ x }}</a>', ["Tutup"]),  # an attribute that is heard
        ('<a aria-label="{% if x %}Buka{% endif %}"></a>', ["Buka"]),  # behind a condition
        ('<a class="btn" href="/masuk">{{ x }}</a>', []),  # attributes that nobody sees
        ('<{{ "a" if x else "div" }} title="Tutup">{{ x }}</{{ "a" }}>', ["Tutup"]),  # any tag
        ("{# Bagian atas #}<p>{{ x }} JP</p>", []),  # a comment, and a word of both languages
        ('{{ ui.tag("Baru") }}', ["Baru"]),  # a label handed to a macro
        ('{{ ui.tag(_("Baru"), "ok") }}', []),  # marked, beside a key
        ('{{ ngettext("%(num)s kursus", "%(num)s kursus", n) }}', []),  # plural
    ],
)
def test_the_scanner_sees_what_people_see(source: str, found: list[str]) -> None:
    assert unmarked(source) == found


@pytest.fixture
def english(app: Flask, client: PageClient, cast: Cast, tmp_path: Path) -> PageClient:
    """A learner who reads English, in front of a published course."""
    with app.app_context():
        import_course(write_course(tmp_path, time_limit=30))
        db.session.remove()
    client.sign_in(cast.people["learner"])
    return speak_english(client)


def speak_english(client: PageClient) -> PageClient:
    assert client.send("/preferences", {"language": "en"}).status_code == 302
    return client


@cache
def indonesian_words() -> frozenset[str]:
    """The words that only the Indonesian side of the catalogue has."""

    def words_of(texts: list[str]) -> set[str]:
        plain = " ".join(re.sub(PLACEHOLDER, " ", text) for text in texts).lower()
        return set(re.findall(r"[^\W\d_]{3,}", plain))

    entries = catalogue().values()
    indonesian = words_of([text for entry in entries for text in entry.texts])
    english_words = words_of([text for entry in entries for text in entry.english])
    assert not INDONESIAN & english_words
    return frozenset(indonesian - english_words) | INDONESIAN


def data_texts() -> list[str]:
    """What the database and the operator's settings hold is data, in whatever language; the longest
    text first."""
    found = {str(current_app.config[name]) for name in PLAIN}
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if type(column.type) in (sa.String, sa.Text):
                found |= {str(v) for v in db.session.scalars(sa.select(column)) if v}
    db.session.remove()
    return sorted((text for text in found if len(text) > 2), key=len, reverse=True)


def shown(html: str) -> str:
    """The words of a page, seen and heard, outside elements marked as Indonesian."""
    words: list[str] = []

    def walk(element: Any) -> None:
        if not isinstance(element.tag, str):
            return
        if element.get("lang", "en") == "en":
            words.extend(element.get(name, "") for name in sorted(SPOKEN))
            words.append(element.text or "")
            for child in element:
                walk(child)
                words.append(child.tail or "")
        else:
            # English may stand inside a part that is Indonesian.
            for child in element.iter():
                if child.get("lang") == "en" and child is not element:
                    walk(child)

    walk(html5lib.parse(html, namespaceHTMLElements=False))
    return " ".join(" ".join(words).split())


def indonesian_in(html: str, data: list[str]) -> list[str]:
    text = shown(html)
    for known in data:
        text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", " ", text)
    return [word for word in re.findall(r"[^\W\d_]+", text) if word.lower() in indonesian_words()]


def assert_english(client: PageClient, *addresses: str, status: int = 200) -> None:
    with client.application.app_context():
        data = data_texts()
    for address in addresses:
        answer = client.get(address)
        html = answer.get_data(as_text=True)
        assert answer.status_code == status, address
        assert '<html lang="en"' in html, address
        assert indonesian_in(html, data) == [], address


def test_the_check_of_pages_notices_indonesian(client: PageClient) -> None:
    """The same pages in Indonesian would fail it."""
    html = client.get("/sign-in").get_data(as_text=True).replace('lang="id"', 'lang="en"')
    assert {"Masuk", "Anda", "sandi"} <= set(indonesian_in(html, []))


def test_the_pages_before_signing_in_are_english(client: PageClient) -> None:
    speak_english(client)
    assert_english(client, "/sign-in", "/password/forgot")
    for address in ("/sign-in", "/password/forgot"):  # with their refusals
        html = client.send(address, {}).get_data(as_text=True)
        assert indonesian_in(html, []) == [], address


def test_the_pages_of_an_empty_start_are_english(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.people["learner"])
    speak_english(client)
    assert_english(
        client,
        "/",
        "/courses",
        "/courses?q=zzz",
        "/my/competencies",
        "/my/hours",
        "/my/certificates",
        "/verify",
        "/my/settings",
        "/password/change",
        "/notifications",
    )
    assert_english(client, "/no-such-page", status=404)
    assert_english(client, "/team", status=403)


def test_the_pages_of_learning_are_english(english: PageClient) -> None:
    assert_english(english, "/", "/courses", "/courses/melayani")
    english.send("/courses/melayani/enrol")
    assert_english(english, "/courses/melayani", "/courses/melayani/learn/sapa")
    english.send("/courses/melayani/learn/sapa/done")
    assert_english(english, "/", "/courses/melayani", "/courses/melayani/learn/sapa")
    assert_english(english, "/courses/melayani/learn/akhir", "/courses/melayani/learn/kuis-1")


def test_the_pages_of_a_quiz_are_english(english: PageClient) -> None:
    english.send("/courses/melayani/enrol")
    uuid = start(english, "melayani", "akhir")
    assert_english(english, f"/attempts/{uuid}/questions/1")
    english.send(f"/attempts/{uuid}/questions/1", {"seq": 1, "flag": "on"})
    assert_english(english, f"/attempts/{uuid}/questions/1", f"/attempts/{uuid}/review")
    english.send(f"/attempts/{uuid}/submit")
    assert_english(english, f"/attempts/{uuid}/result", "/courses/melayani/learn/akhir")
    wrong = take(english, "melayani", "kuis-1", right=False)
    assert_english(english, f"/attempts/{wrong}/result")


def test_the_pages_after_a_course_are_english(app: Flask, english: PageClient, cast: Cast) -> None:
    english.send("/courses/melayani/enrol")
    for key in ("sapa", "dengar"):
        english.send(f"/courses/melayani/learn/{key}/done")
    take(english, "melayani", "kuis-1", right=True)
    uuid = take(english, "melayani", "akhir", right=True)
    assert_english(
        english,
        f"/attempts/{uuid}/result",
        "/",
        "/courses",
        "/courses/melayani",
        "/my/competencies",
        "/my/hours",
        "/my/certificates",
        "/notifications",
    )
    with app.app_context():
        code = db.session.scalars(sa.select(Certificate.code)).one()
        db.session.remove()
    assert_english(english, f"/verify/{code}")
    assert_english(english, "/verify/unknown", status=404)
    assert_english(english, "/verify?code=abc", status=422)
    head = app.test_client()
    assert isinstance(head, PageClient)
    head.sign_in(cast.people["head"])
    speak_english(head)
    with app.app_context():
        member = cast.person("learner").uuid
        db.session.remove()
    assert_english(head, "/team", "/team?q=zzz", f"/team/{member}")


FAULTY = """// [id:k1-1] [state:begun]
Pilih satu. {
=%50%Mendengar
=Memotong
}

// [id:K1]
Tanpa jawaban.
"""


def test_what_the_check_finds_is_told_in_english(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path
) -> None:
    course = drafted(app, cast, tmp_path)
    gift, lesson = "01-dasar/03-kuis.gift", "01-dasar/01-sapa.md"
    text = course.text(lesson).replace("minutes = 4", 'minutes = "4"\ntimes = 1')
    # A short one would be quoted: words of the course, in its language.
    text = text.replace("![Loket pelayanan]", "![Loket pelayanan di kantor kota]")
    with app.app_context():
        trainer = actor_of(cast, "stranger")
        for path, changed in (
            (gift, FAULTY),
            (lesson, f"{text}\n# Judul[^a]\n\n![](media/x.png) [y](media/loket.png) [z](z)\n"),
        ):
            with transaction():
                file = db.session.get_one(DraftFile, _id_of(path))
                draft = db.session.get_one(Draft, file.draft_id)
                drafts.save_text(trainer, draft, file, changed, 1)
        db.session.remove()
    client.sign_in(cast.people["stranger"])
    speak_english(client)
    assert_english(client, "/studio/melayani/publish")
    quiz = course.url("01-dasar/03-kuis.toml", "quizzes")
    for address, words in (
        (f"{quiz}/text", 'The state "begun" is not known'),
        (course.url(lesson), "This picture has no text alternative"),
        (course.url(lesson, "files"), 'The setting "minutes" must be a whole number.'),
    ):
        assert words in shown(client.get(address).get_data(as_text=True)), address
    told = shown(client.get("/studio/melayani/publish").get_data(as_text=True))
    for words in (
        "Estimated time (minutes) must be a whole number.",
        'The setting "times" is not known;',
        'The state "begun" is not known; write one of draft, ready, retired.',
        "The footnote [^a] has no text",
        "This picture has no text alternative",
    ):
        assert words in told


def _id_of(path: str) -> int:
    return db.session.scalars(sa.select(DraftFile.id).where(DraftFile.path == path)).one()


def test_the_pages_of_hr_and_of_auditors_are_english(
    app: Flask, client: PageClient, cast: Cast
) -> None:
    with app.app_context():
        unit = cast.unit("a").uuid
        db.session.remove()
    client.sign_in(cast.people["hr"])
    speak_english(client)
    assert_english(
        client, "/units", "/units/gaps", "/units/gaps?kind=technical", f"/units/{unit}",
        f"/units/{unit}/people", "/assignments", f"/assignments/new?unit={unit}", "/certificates",
    )  # fmt: skip
    auditor = app.test_client()
    assert isinstance(auditor, PageClient)
    auditor.sign_in(cast.people["auditor"])
    speak_english(auditor)
    assert_english(auditor, "/", "/oversight")
