"""What a document is, by its content: never by the name or type that somebody gave it."""

from io import BytesIO
from zipfile import BadZipFile, ZipFile

_PNG = b"\x89PNG\r\n\x1a\n"
_TAIL = 1024  # bytes in which a PDF must end
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def kind_of(content: bytes) -> str | None:
    """`pdf`, `jpg` or `png` for a whole file of that kind; None for anything else."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]:
        return "pdf"
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-_TAIL:]:
        return "jpg"
    if content.startswith(_PNG) and b"IEND" in content[-_TAIL:]:
        return "png"
    return None


def kind_of_work(content: bytes) -> str | None:
    """As `kind_of`, and `docx` or `xlsx` for one without macros. Nothing of it is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return kind_of(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (BadZipFile, ValueError, OverflowError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(n.endswith("vbaProject.bin") for n in names):
        return None
    return next((kind for part, kind in _OFFICE.items() if part in names), None)
