"""What every answer tells the browser: nothing from elsewhere, nothing kept, nothing framed."""

from starlette.datastructures import MutableHeaders

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), "
        "browsing-topics=()"
    ),
    "X-Permitted-Cross-Domain-Policies": "none",
}
ENCRYPTED_ONLY = "max-age=63072000; includeSubDomains"
"""Two years; sent only where the connection is encrypted, as browsers ignore it elsewhere."""
_OK = frozenset({200, 206, 304})


def secure(headers: MutableHeaders, path: str, status: int) -> None:
    """Set the headers on one answer; only static files, whose address changes, may be kept."""
    headers.update(HEADERS)
    is_static = path.startswith("/static/") and status in _OK
    headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_static else "no-store"
