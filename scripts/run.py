"""What `make run` does, in one process because starting Python with everything takes seconds."""

import sys

from gvi.cli.main import main

STEPS = (["migrate"], ["demo", "--if-empty"], ["serve"])


def run() -> int:
    """Migrate, fill an empty database with the invented town, serve; stop where a step fails."""
    return next(filter(None, map(main, STEPS)), 0)


if __name__ == "__main__":
    sys.exit(run())
