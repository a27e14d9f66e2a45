"""Fetch the provider of OpenID Connect on which the tests try single sign-on, from npm.

Not finding it is no error here: the tests say so loudly, and fail where `CI` is set.
"""

import sys

from scripts import npm

FOLDER = npm.ROOT / "frontend" / "provider"
LOCK = FOLDER / "package-lock.json"
FETCHED = FOLDER / "node_modules" / ".package-lock.json"
"""What npm leaves when it has brought everything."""


def is_fetched() -> bool:
    """Tell whether what the lock file names is there."""
    return FETCHED.exists() and FETCHED.stat().st_mtime >= LOCK.stat().st_mtime


def main() -> None:
    """Fetch it where it is not there."""
    if is_fetched():
        return
    print("Fetching the provider of the tests from npm, once ...", file=sys.stderr, flush=True)
    try:
        npm.install(FOLDER)
    except npm.NpmError as error:
        print(f"That failed ({error}): single sign-on is not tested here.", file=sys.stderr)


if __name__ == "__main__":
    main()
