"""The long security checks, one after the other: `python -m scripts.security`."""

import os
import subprocess
import sys

CHECKS: dict[str, tuple[list[str], dict[str, str]]] = {
    "requests of every shape to the API": (
        ["-m", "pytest", "-q", "tests/api/test_contract.py"],
        {"GVI_API_EXAMPLES": os.environ.get("GVI_API_EXAMPLES", "50")},
    ),
}
"""What is checked → how Python is called, and with which environment."""


def main() -> int:
    """Run every check; gives 1 where one found something."""
    found = 0
    for name, (arguments, environment) in CHECKS.items():
        print(f"== {name}", flush=True)
        run = subprocess.run(
            [sys.executable, *arguments], env=os.environ | environment, check=False
        )
        found += run.returncode != 0
    print(f"{len(CHECKS) - found} of {len(CHECKS)} checks found nothing.")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
