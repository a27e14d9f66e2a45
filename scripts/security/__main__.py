"""The long security checks: `make security`, one of them `make security ARGS="pairs"`."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable

from scripts.security import injection, scan


def _tests(*paths: str, **environment: str) -> Callable[[], int]:
    """Give the running of tests, with more of everything."""

    def run() -> int:
        command = [sys.executable, "-m", "pytest", "-q", "-s", *paths]
        given = {name: os.environ.get(name, value) for name, value in environment.items()}
        return subprocess.run(command, env=os.environ | given, check=False).returncode

    return run


CHECKS: dict[str, tuple[str, Callable[[], int]]] = {
    "contract": (
        "requests of every shape to the API, as three roles",
        _tests("tests/api/test_contract.py", GVI_API_EXAMPLES="50"),
    ),
    "rights": (
        "every role at every address, by the table of rights",
        _tests("tests/security/test_matrix.py"),
    ),
    "pairs": (
        "random viewers and records: hidden equals absent",
        _tests("tests/security/test_pairs.py", GVI_PAIRS="10000"),
    ),
    "markup": ("templates and markup in every form", _tests("tests/security/test_markup.py")),
    "raw": ("requests no browser sends", _tests("tests/web/test_raw_requests.py")),
    "writers": ("many writers of one log", _tests("tests/store/test_audit_guard.py")),
    "wapiti": ("a crawl that attacks every page and form, as three users", scan.main),
    "sqlmap": ("SQL injection on every filter of every list", injection.main),
}
"""Name → what it does, and the check itself: anything but 0 is something found."""


def main() -> int:
    """Run the checks that are named, or all; gives 1 where one found something."""
    parser = argparse.ArgumentParser(prog="make security", description=__doc__)
    parser.add_argument("checks", nargs="*", help=", ".join(CHECKS))
    chosen = parser.parse_args().checks or list(CHECKS)
    if set(chosen) - set(CHECKS):
        parser.error(f"there are: {', '.join(CHECKS)}")
    found = []
    for name in chosen:
        what, check = CHECKS[name]
        print(f"== {name}: {what}", flush=True)
        begin = time.monotonic()
        found += [name] if check() else []
        print(f"   {name}: {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{len(chosen) - len(found)} of {len(chosen)} checks found nothing. {' '.join(found)}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
