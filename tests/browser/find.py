"""Which Chromium of the system the browser tests use. `python -m tests.browser.find` tells."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str | None:
    """Path of the browser; CHROMIUM names another."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


if __name__ == "__main__" and chromium() is None:
    print("No Chromium was found: the browser tests are left out (apt install chromium).")  # noqa: T201 - a command's answer
