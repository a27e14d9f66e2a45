"""`make security`: the figures of the rights over HTTP, printed; ends with 1 where one is wrong."""

import os
import sys
import tempfile
from pathlib import Path

from gvi.domain.access import POLICY, Role
from tests.codebase.routes import addresses
from tests.conftest import MONDAY, ZONE
from tests.security.pairs import differing
from tests.town import invented_town

PAIRS = int(os.environ.get("PAIRS", "10000"))


def main() -> int:
    """Print how many role and route pairs the table decides, and whether hidden equals absent."""
    found = addresses()
    decided = [(role, each) for each in found if each.permissions for role in Role]
    allowed = sum(role in POLICY[each.permissions[0]] for role, each in decided)
    print(f"{len(found)} addresses × {len(Role)} roles: {len(decided)} decided by the table,")
    print(f"  {allowed} let in, {len(decided) - allowed} refused")
    with tempfile.TemporaryDirectory() as folder:
        engine = invented_town(Path(folder), at=MONDAY, zone=ZONE)
        said, wrong = differing(engine, PAIRS, seed=1)
        engine.dispose()
    print(f"{PAIRS} random viewers and records: " + ", ".join(f"{n} {w}" for w, n in said.items()))
    print(f"  {len(wrong)} hidden ones answered otherwise than one that never was")
    for line in wrong[:20]:
        print(f"  {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
