"""A quiz with essays, its learners and its marker, through the pages."""

import re
import zipfile
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.client import PageClient
from tests.learning.answers import start

# A choice, an essay with words, file and rubric, and one with neither.
ESSAYS = """
// [id:akhir-1]
Apa yang pertama dilakukan saat warga datang? {
=Menyapa
~Menunggu
}

// [id:esai-1]
Ceritakan *satu* layanan yang Anda perbaiki. {####Terima kasih.}

// [id:esai-2]
Lalu apa? {}
"""
SETTINGS = """shuffle_options = false

[[essays]]
question = "esai-1"
least_words = 3
most_words = 10
file = "allowed"
file_types = ["pdf", "docx"]
file_mb = 1

[[rubric]]
question = "esai-1"
criterion = "Isi"
levels = ["0: tidak ada", "5: sebagian", "10: lengkap"]

[[rubric]]
question = "esai-1"
criterion = "Bahasa"
levels = ["0: buruk", "10: baik"]
"""
PDF = b"%PDF-1.4\nlaporan\n%%EOF\n"
TEXT = "Saya menata loket & antrean."


def docx(*more: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *more):
            archive.writestr(name, "<x/>")
    return out.getvalue()


def url(uuid: str, number: int) -> str:
    return f"/attempts/{uuid}/questions/{number}"


def upload(
    client: PageClient, where: str, content: bytes, name: str = "laporan.pdf", **fields: Any
) -> TestResponse:
    values = {"csrf_token": client.csrf(), "answer": "", "seq": 1, "go": "file", **fields}
    file = FileStorage(BytesIO(content), name)
    boundary, body = encode_multipart({**values, "file": file})
    return client.post(where, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def write(client: PageClient, first: str = TEXT, second: str = "Selesai.") -> str:
    """Take the final quiz: the choice right, the essays as told; the attempt, sent."""
    uuid = start(client, "melayani", "akhir")
    for number, answer in ((1, "1"), (2, first), (3, second)):
        if answer:
            client.send(url(uuid, number), {"answer": answer, "seq": 1})
    assert client.send(f"/attempts/{uuid}/submit").status_code == 302
    return uuid


def queued(marker: PageClient, query: str = "") -> list[str]:
    """The addresses of the essays in the queue, in their order."""
    page = marker.get(f"/marking{query}").get_data(as_text=True)
    return re.findall(r'href="(/studio/melayani/marking/[0-9a-f-]{36})[^"]*"', page)
