"""What a document is, by its content: never by the name or type that somebody gave it."""

_PNG = b"\x89PNG\r\n\x1a\n"
_TAIL = 1024  # bytes in which a PDF must end


def kind_of(content: bytes) -> str | None:
    """`pdf`, `jpg` or `png` for a whole file of that kind; None for anything else."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]:
        return "pdf"
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-_TAIL:]:
        return "jpg"
    if content.startswith(_PNG) and b"IEND" in content[-_TAIL:]:
        return "png"
    return None
