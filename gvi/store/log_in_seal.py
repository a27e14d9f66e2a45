"""Sealing a few bytes for the database: AES-256-GCM under a key made from the site's secret key.

Every sealed text is bound to what it is of (`bound_to`), so that it cannot be moved to another row.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class SealBrokenError(Exception):
    """Sealed under another key, of something else, or changed since."""


def _cipher(secret_key: str) -> AESGCM:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"gvi log-in")
    return AESGCM(made.derive(secret_key.encode()))


def sealed(plain: bytes, *, secret_key: str, bound_to: str) -> bytes:
    """Seal bytes; `bound_to` names what they are of, such as `totp:17`."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(secret_key).encrypt(nonce, plain, bound_to.encode())


def opened(given: bytes, *, secret_key: str, bound_to: str) -> bytes:
    """Open what was sealed; raises SealBrokenError for anything else."""
    try:
        return _cipher(secret_key).decrypt(given[:_NONCE], given[_NONCE:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError from error
