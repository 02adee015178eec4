"""The printed sheet, read by others: PDFium draws it and gives its text, ZXing reads the code."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask import Flask

from lms.config import ROOT
from lms.core import files
from lms.core.db import db
from lms.credentials import queries
from lms.credentials.rules import shares
from lms.formats.codes import grouped
from lms.formats.pdf import certificate as sheet
from lms.formats.pdf.printed import Printed, Reached, Taught, from_plain, to_plain
from tests.client import PageClient
from tests.credentials.conftest import only, printed
from tests.sample_course import PNG

MINUTES = (60, 90, 120)
SAMPLE = Printed(
    number="0412-57/BKPSDM/2026",
    code="7KQ2M8TDWNS43F9H2XPA",
    address="https://kompeten.wanasari.example/verify/7kq2m8tdwns43f9h2xpa",
    office="Pemerintah Kota Wanasari",
    issuer="Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
    organiser="",
    name="Siti Rahmawati, S.Kom.",
    nip="198704122010012014",
    is_pppk=False,
    position="Pranata Komputer Ahli Muda",
    unit="Dinas Komunikasi dan Informatika",
    course="Manajemen risiko SPBE",
    version=1,
    language="id",
    jp=Decimal(6),
    started_on=date(2026, 11, 2),
    completed_on=date(2026, 11, 21),
    score=Decimal("82.5"),
    competencies=(Reached("Orientasi pada hasil", "Results orientation", 2),),
    modules=tuple(
        Taught(title, minutes, jp)
        for title, minutes, jp in zip(
            ("Mengenal risiko", "Menilai risiko layanan", "Menangani dan memantau"),
            MINUTES, shares(Decimal(6), MINUTES), strict=True,
        )
    ),
    place="Wanasari",
    issued_on=date(2026, 11, 21),
    signatory="Dr. Ni Luh Putu Sukmawati, M.Si.",
    signatory_position="Kepala BKPSDM Kota Wanasari",
    valid_until=date(2028, 11, 21),
)  # fmt: skip
LONG = replace(
    SAMPLE,
    name="Prof. Dr. Ir. Fransiskus Xaverius Tri Hatmoko Adiwibowo Kusumonegoro, S.T., M.T., "
    "M.Kom., Ph.D., IPU, ASEAN Eng., Datuk Rajo Penghulu nan Basa Pandak Sati",
    position="Analis Kebijakan Ahli Madya pada Subdirektorat Perencanaan, Pengembangan, dan "
    "Pengendalian Kompetensi Aparatur Sipil Negara di Lingkungan Pemerintah Kota",
    unit="Bidang Pengembangan Kompetensi Teknis dan Fungsional, Badan Kepegawaian dan "
    "Pengembangan Sumber Daya Manusia Daerah Kota Wanasari",
    course="Penerapan Manajemen Risiko Sistem Pemerintahan Berbasis Elektronik bagi Pengelola "
    "Layanan Publik di Lingkungan Pemda",
    replaces="0001-11/BKPSDM/2026",
    modules=tuple(
        Taught(f"Modul ke-{i} tentang pengelolaan risiko layanan " * 2, 30, Decimal("0.15"))
        for i in range(40)
    ),
)


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    document = pypdfium2.PdfDocument(content)
    try:
        yield document
    finally:
        document.close()


def texts(content: bytes) -> list[str]:
    """The words of every page, blanks folded."""
    found = []
    with opened(content) as document:
        for page in document:
            text = page.get_textpage()
            found.append(" ".join(text.get_text_bounded().split()))
            text.close()
            page.close()
    return found


def codes(content: bytes, scale: float = 2.0) -> list[str]:
    """What an independent reader finds in the QR codes of the first page."""
    with opened(content) as document:
        page = document[0]
        picture = page.render(scale=scale).to_pil()
        page.close()
    return [each.text for each in zxingcpp.read_barcodes(picture)]


def test_another_reader_finds_everything_that_is_printed() -> None:
    front, back = texts(sheet.render(SAMPLE))
    p = SAMPLE
    for words in (
        p.number, p.office, p.issuer, p.name, "NIP 19870412 201001 2 014", p.position, p.unit,
        p.course, "meliputi 6 (enam) jam pelajaran (JP)", "2 sampai 21 November 2026",
        "dengan nilai 82,5 dari 100", "with a score of 82.5 out of 100", "Certificate of",
        "Wanasari, 21 November 2026", p.signatory, p.signatory_position,
        "tanpa tanda tangan elektronik tersertifikasi", "21 November 2028",
        "kompeten.wanasari.example/verify", grouped(p.code),
    ):  # fmt: skip
        assert words in front, words
    for module in p.modules:
        assert module.title in back
    assert "Jumlah / Total 270 6" in back
    assert "Results orientation: tingkat 2 / level 2" in back
    assert p.number in back


@pytest.mark.parametrize("scale", [1.3, 2.0, 4.0])
def test_the_qr_code_holds_the_address_and_nothing_else(scale: float) -> None:
    assert codes(sheet.render(SAMPLE), scale) == [SAMPLE.address]


def test_the_file_of_a_certificate_equals_its_record(app: Flask, with_file: PageClient) -> None:
    with app.app_context():
        entry = only(app)
        facts = printed(entry)
        view = queries.certificate_by_code(entry.code)
        assert view is not None
        assert view.file_digest is not None
        content = files.Kept(view.file_digest).content
        db.session.remove()
    front, back = texts(content)
    assert codes(content) == [f"http://localhost/verify/{entry.code.lower()}"]
    for words in (facts.name, facts.number, facts.course, grouped(entry.code), "nilai 100 dari"):
        assert words in front, words
    assert facts.modules[0].title in back
    # The address on the paper is one that answers.
    answer = with_file.get(codes(content)[0].removeprefix("http://localhost"))
    assert answer.status_code == 200


def test_the_bytes_follow_from_what_is_printed_and_from_nothing_else() -> None:
    """Another process, another hash seed, another second: the same file."""
    program = (
        "import sys, json, hashlib\n"
        "from lms.formats.pdf import certificate as sheet\n"
        "from lms.formats.pdf.printed import from_plain\n"
        "print(hashlib.sha256(sheet.render(from_plain(json.load(sys.stdin)))).hexdigest())"
    )
    import json

    found = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True,
            input=json.dumps(to_plain(SAMPLE)), env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "4242")
    }  # fmt: skip
    assert len(found) == 1
    assert sheet.render(SAMPLE) == sheet.render(SAMPLE)
    assert sheet.render(replace(SAMPLE, number="0413-01/BKPSDM/2026")) != sheet.render(SAMPLE)


def test_long_words_stay_on_the_sheet() -> None:
    content = sheet.render(LONG)
    with opened(content) as document:
        page = document[0]
        text = page.get_textpage()
        width, height = page.get_size()
        for n in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(n)
            assert left >= 85
            assert right <= width - 30
            assert bottom >= 30
            assert top <= height - 30
        text.close()
        page.close()
    pages = texts(content)
    assert len(pages) > 2
    assert " ".join(LONG.name.split()) in pages[0].replace("- ", "-")
    assert "Replaces certificate 0001-11/BKPSDM/2026" in pages[0]
    assert "Modul ke-39" in pages[-1] or "Modul ke-39" in pages[-2]
    assert all(LONG.number in page for page in pages)
    assert codes(content) == [LONG.address]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Andrée Ma'ruf Ngũgĩ", "Andrée Ma'ruf Ngũgĩ"),
        ("Ustaz Ḥasan Nguyễn", "Ustaz Ḥasan Nguyễn"),
        ("Ma\u02bcruf", "Ma’ruf"),
        ("Sari 王", "Sari ?"),
    ],
)
def test_names_in_the_letters_of_the_country_and_beyond(name: str, shown: str) -> None:
    assert shown in texts(sheet.render(replace(SAMPLE, name=name)))[0]


def test_without_score_organiser_or_official_nothing_is_made_up() -> None:
    bare = replace(
        SAMPLE, score=None, signatory="", signatory_position="", place="", issuer="",
        valid_until=None, competencies=(), started_on=SAMPLE.completed_on, position="", unit="",
        is_pppk=True,
    )  # fmt: skip
    front, back = texts(sheet.render(bare))
    assert "diselenggarakan daring pada 21 November 2026." in front
    assert "nilai" not in front
    assert "Berlaku tanpa batas waktu" in front
    assert "NI PPPK 19870412 201001 2 014" in front
    assert "Kompetensi" not in back


def test_an_offices_logo_takes_the_place_of_the_mark() -> None:
    assert sheet.render(SAMPLE, PNG) != sheet.render(SAMPLE)


def test_what_is_printed_survives_the_way_through_json() -> None:
    import json

    for facts in (SAMPLE, LONG, replace(SAMPLE, score=None, valid_until=None)):
        assert from_plain(json.loads(json.dumps(to_plain(facts)))) == facts
