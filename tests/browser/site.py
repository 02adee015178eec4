"""The real product for a browser: `python app.py` with the demo city, on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import Running, is_ready, start, until

Site = Running


@contextmanager
def running_site(folder: Path, database_url: str = "") -> Iterator[Site]:
    """Start the site with the demo in a folder and end it after the block."""
    site = start(folder, database_url, DEMO="1", LOG_LEVEL="ERROR")
    try:
        wait_until_ready(site)
        yield site
    finally:
        site.stop()


def wait_until_ready(site: Site, seconds: float = 60) -> None:
    until(lambda: is_ready(site), "the site is ready", seconds)
