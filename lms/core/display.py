"""How pages look on a device: its cookies, which every page honours from the first byte."""

from flask import request

# Cookie: its usual value, for which there is none, and the others.
CHOICES = {
    "theme": ("auto", ("light", "dark")),
    "text": ("normal", ("large", "larger")),
    "data": ("all", ("less",)),
}


def chosen(name: str) -> str:
    """What this device has chosen, "" for the usual."""
    value = request.cookies.get(name, "")
    return value if value in CHOICES[name][1] else ""
