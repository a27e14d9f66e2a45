"""How much one request may bring, counted before anything of it is read into a form."""

from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from gvi.domain.text import N_
from gvi.usecases.exchange_draft import MOST_BYTES

MOST_OF_A_FORM = 4_000_000
MOST_FIELDS = 5_000
MOST_FILES = 50
MOST_OF_A_FIELD = 1_000_000
_FILES_COME_TO = "/import"
TOO_LARGE = N_("This is more than a page takes. Send less at once; large files: use the command.")


def most_bytes(path: str) -> int:
    """Give how many bytes may be sent to an address: files to the import, little elsewhere."""
    return MOST_BYTES + MOST_OF_A_FORM if path == _FILES_COME_TO else MOST_OF_A_FORM


def says_too_much(request: Request) -> bool:
    """Tell whether a request announces more than it may bring."""
    given = request.headers.get("content-length", "")
    return given.isdecimal() and int(given[:18]) > most_bytes(request.url.path)


def says_two_lengths(request: Request) -> bool:
    """Tell whether a request says its length and that it comes in chunks.

    A proxy may believe the one and the server the other: what is left over would be taken for the
    next request, of somebody else (RFC 9112, section 6.1).
    """
    return "transfer-encoding" in request.headers and "content-length" in request.headers


def counted(receive: Receive, most: int) -> Receive:
    """Stop a body that grows beyond what it may be, whatever it announced."""
    brought = 0

    async def receive_some() -> Message:
        nonlocal brought
        message = await receive()
        brought += len(message.get("body", b""))
        if brought > most:
            raise HTTPException(413, TOO_LARGE)
        return message

    return receive_some


FORM_LIMITS: dict[str, Any] = {
    "max_files": MOST_FILES,
    "max_fields": MOST_FIELDS,
    "max_part_size": MOST_OF_A_FIELD,
}


def is_our_host(host: str, public_url: str) -> bool:
    """Tell whether a Host header names this site; without a public address every name does."""
    if not public_url:
        return True
    name = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
    return host == public_url.partition("://")[2] or name in _LOOPBACK


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""For health checks of the machine itself."""
