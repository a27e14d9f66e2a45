"""How a refresh grows with the network: three sizes, as a table and as a plot."""

from itertools import pairwise
from pathlib import Path
from statistics import median

from gvi.usecases.demo.growth import SIZES, Size
from tests.bench import measure, nation, town

ROUNDS = 3
METROPOLIS = Size(groups=2_000, people=138_163, ties=1_000_000, incidents=300_000)
"""People of the Chicago network of Green, Horel and Papachristos (2017); its ties are a guess."""
GROWING = {"city": SIZES["city"], "nation": SIZES["nation"], "metropolis": METROPOLIS}
WIDTH, HEIGHT, EDGE = 640, 320, 48


def draw(folder: Path, plot: Path) -> None:
    """Print a line for each size, and draw them."""
    print(f"{'':<12}{'people':>9}{'ties':>11}{'refresh ms':>12}{'bare':>8}{'ratio':>8}{'MB':>7}")
    points = []
    for name, size in GROWING.items():
        url = town.invented(folder / f"{name}.db", size)
        outcome = next(iter(nation.refresh(name, url, rounds=ROUNDS)))
        used = nation.memory(name, url).ours[0]
        ours, bare = median(outcome.ours), median(outcome.bare)
        figures = f"{ours:>12.0f}{bare:>8.0f}{outcome.ratio:>7.2f}x{used:>7.0f}"
        print(f"{name:<12}{size.people:>9,}{size.ties:>11,}{figures}", flush=True)
        points.append((size.ties, ours, bare))
    plot.write_text(_svg(points, measure.machine()), encoding="utf-8")


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
        f'<text x="{EDGE}" y="16">CPU seconds of a refresh of both lists, up to'
        f" {slowest / 1000:.1f}; ties</text>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="12" stroke-width="2">'
        f"<title>Growth of a refresh: {machine}</title>{axes}{labels}"
        f"{line(1, '#1f4e79', 'ours')}{line(2, '#999', 'bare')}</svg>\n"
    )
