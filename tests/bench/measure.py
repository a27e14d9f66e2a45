"""Measuring contenders in turns, so that what else the machine does falls on all of them alike."""

import os
import platform
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from time import process_time_ns

PACKAGES = ("sqlalchemy", "fastapi", "uvicorn", "jinja2", "numpy", "scipy")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one comparison found: CPU milliseconds of ours and of the bare way, each round."""

    what: str
    ours: list[float]
    bare: list[float]
    budget: float | None
    """None for a part or a circumstance that has no budget of its own."""

    @property
    def ratio(self) -> float:
        """Ours ÷ bare in each round, the median of these: rounds share the machine's weather."""
        return statistics.median(a / b for a, b in zip(self.ours, self.bare, strict=True))

    @property
    def is_within(self) -> bool:
        return self.budget is None or self.ratio <= self.budget

    def line(self) -> str:
        ours, bare = statistics.median(self.ours), statistics.median(self.bare)
        budget = "" if self.budget is None else _times(self.budget, 1)
        verdict = "" if self.budget is None else "within" if self.is_within else "OVER"
        figures = f"{ours:8.2f}{bare:8.2f}{_times(self.ratio, 2):>8}{budget:>7}"
        return f"{self.what:<46}{figures}  {verdict:<7} n={len(self.ours)}"


@dataclass(frozen=True)
class Text:
    """A line of a table of its own, that has no budget."""

    text: str
    is_within = True

    def line(self) -> str:
        return self.text


def _times(ratio: float, digits: int) -> str:
    """Write a ratio: 1.17x, or 1/50 where ours is far quicker."""
    return f"{ratio:.{digits}f}x" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"


HEADER = f"{'CPU milliseconds, medians':<46}{'ours':>8}{'bare':>8}{'ratio':>8}{'budget':>7}"


def in_turns(
    contenders: Mapping[str, Callable[[], object]], rounds: int, *, warm: bool = True
) -> Mapping[str, list[float]]:
    """Run each contender once a round and give the CPU milliseconds of this process for each.

    `warm` runs each once before; what takes long runs as it comes.
    """
    for contender in contenders.values() if warm else ():
        contender()
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            begin = process_time_ns()
            contender()
            spent[name].append((process_time_ns() - begin) / 1e6)
    return spent


def machine() -> str:
    """Say where the figures come from."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, load {load}; {platform.system()}, "
        f"Python {platform.python_version()}; {packages}"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 — no real file
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model n")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
