"""Codes that people copy from paper."""

import re

# Crockford's base 32: without I, L, O and U, so that nobody misreads one. Five bits a sign.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("ILO", "110")


def tidy(typed: str) -> str:
    """A code as it was given: small letters, blanks and hyphens do not matter, nor O for 0 and I or
    L for 1."""
    return re.sub(r"[\s\-\u2010-\u2015]", "", typed).upper().translate(_MISREAD)


def grouped(code: str) -> str:
    """7KQ2-M8TD-…: as it is printed."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
