"""Write the pages that the program and its tests know best; a test holds them to it."""

from pathlib import Path

from gvi.domain.access import POLICY, Grant, Role
from gvi.domain.grading import Compartment
from scripts import dataflow, method

ROOT = Path(__file__).parents[1]
RIGHTS_HEAD = """# Rights

Made by `make docs` from `gvi/domain/access.py`; what no cell names is denied.
*all*, *own*, *team*: over everybody's records, one's own clients', one's team's clients'.
After a colon the compartments, where not all of {compartments}.
"""


def rights() -> str:
    """The table of rights: a row for each permission, a column for each role."""
    compartments = ", ".join(Compartment)
    rows = [["permission", *(role.value.replace("_", " ") for role in Role)]]
    rows.append(["---"] * (len(Role) + 1))
    for permission, cells in POLICY.items():
        rows.append([f"`{permission}`", *(_cell(cells.get(role)) for role in Role)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{RIGHTS_HEAD.format(compartments=compartments)}\n{table}\n"


PAGES = {
    "docs/rights.md": rights,
    "docs/dataflow.md": dataflow.page,
    "gvi/web/method_examples.json": method.page,
}


def main() -> None:
    """Write every page anew."""
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")


def _cell(grant: Grant | None) -> str:
    if grant is None:
        return ""
    if grant.compartments == frozenset(Compartment):
        return grant.scope.value
    seen = ", ".join(each for each in Compartment if each in grant.compartments)
    return f"{grant.scope.value}: {seen}"


if __name__ == "__main__":
    main()
