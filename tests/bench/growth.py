"""How the figures grow with the network: three sizes, as a table and as a plot."""

from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path
from statistics import median

from gvi.usecases.demo.growth import SIZES, Size
from tests.bench import measure, nation, peers, town

ROUNDS = 3
"""Turns of what takes seconds; what takes a minute is measured once."""
METROPOLIS = Size(groups=2_000, people=138_163, ties=1_000_000, incidents=300_000)
"""People of the Chicago network of Green, Horel and Papachristos (2017); its ties are a guess."""
GROWING = {"city": SIZES["city"], "nation": SIZES["nation"], "metropolis": METROPOLIS}
WIDTH, HEIGHT, EDGE = 640, 320, 48


def draw(folder: Path, plot: Path) -> None:
    """Print every figure of a nation for each size, and draw how the refresh grows."""
    points, small = [], town.invented(folder / "small.db")
    for name, size in GROWING.items():
        url = town.invented(folder / f"{name}.db", size)
        print(f"{name}: {size.people:,} people, {size.ties:,} ties, {size.incidents:,} incidents")
        outcomes = list(_figures(name, url, small))
        refresh = outcomes[0]
        points.append((size.ties, median(refresh.ours), median(refresh.bare)))
    plot.write_text(_svg(points, measure.machine()), encoding="utf-8")


def _figures(name: str, url: str, small: str) -> Iterator[measure.Outcome]:
    """Give the comparisons of a nation at this size, each printed as it is found."""
    for outcome in chain(
        nation.refresh(name, url, rounds=ROUNDS),
        [nation.memory(name, url)],
        nation.against_networkx(name, url, rounds=1),
        nation.intervals(name, url, rounds=1),
        nation.explanations(name, url, small, rounds=ROUNDS),
        peers.surroundings(name, url, rounds=ROUNDS),
    ):
        print(outcome.line(), flush=True)
        yield outcome


def _svg(points: list[tuple[int, float, float]], machine: str) -> str:
    """Draw seconds over ties, both axes from nought: what grows as its facts do is straight."""
    most, slowest = max(p[0] for p in points), max(max(p[1:]) for p in points)

    def at(ties: float, spent: float) -> tuple[float, float]:
        across = EDGE + (WIDTH - 2 * EDGE) * ties / most
        return across, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * spent / slowest

    def line(which: int, colour: str, name: str) -> str:
        places = [at(0, 0), *(at(p[0], p[which]) for p in points)]
        strokes = "".join(
            f'<line x1="{a:.0f}" y1="{b:.0f}" x2="{c:.0f}" y2="{d:.0f}" stroke="{colour}"/>'
            for (a, b), (c, d) in pairwise(places)
        )
        x, y = places[-1]
        return strokes + f'<text x="{x - 4:.0f}" y="{y - 8:.0f}" text-anchor="end">{name}</text>'

    labels = "".join(
        f'<text x="{at(p[0], 0)[0]:.0f}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">'
        f"{p[0]:,}</text>"
        for p in points
    )
    axes = (
        f'<path d="M{EDGE} {EDGE / 2}V{HEIGHT - EDGE}H{WIDTH - EDGE / 2}" fill="none"'
        ' stroke="#555"/>'
        f'<text x="{EDGE}" y="16">CPU seconds from rows to both lists, stored, up to'
        f" {slowest / 1000:.1f}; ties</text>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="12" stroke-width="2">'
        f"<title>Growth of a refresh: {machine}</title>{axes}{labels}"
        f"{line(1, '#1f4e79', 'ours')}{line(2, '#999', 'bare')}</svg>\n"
    )
