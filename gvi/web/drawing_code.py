"""The square code a telephone reads to set up an app, drawn here as SVG."""

from dataclasses import dataclass
from io import BytesIO

import segno
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class DrawnCode:
    """The drawing, the address it holds, and the secret in groups for typing."""

    svg: Markup
    address: str
    secret: str


def drawn(address: str, secret: str) -> DrawnCode:
    """Draw an otpauth address; dark on white in both colour schemes, as cameras want it."""
    out = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(out, kind="svg", xmldecl=False, svgns=True, scale=5, border=4, light="#fff", nl=False)
    # The package writes nothing of the address into the drawing but its squares.
    svg = Markup(out.getvalue().decode())  # noqa: S704
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return DrawnCode(svg=svg, address=address, secret=groups)
