"""Keys that stand for people in addresses; words that only the session that typed them can read.

Both are made from the site's secret key: nothing is stored, and another secret makes all of them
mean nothing. What they are for: docs/decisions/0048-opaque-addresses.md.
"""

import base64
import re
from functools import lru_cache
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY = re.compile(r"[a-z2-7]{26}")
"""What a person's key looks like: one block of AES in base 32."""
NOBODY = 0
"""The id that no row has: what a key nobody made stands for."""
_BLOCK = 16
_ROUND_TO = 24
_MOST_KEPT = 20_000


class Keys:
    """The keys of one site."""

    def __init__(self, secret: str) -> None:
        """Derive both keys from the site's secret."""
        # One block each, never the same for two people: the plain mode tells nothing more.
        person = algorithms.AES(_derived(secret, b"person", 32))
        self._person = Cipher(person, modes.ECB())  # noqa: S305
        self._words = AESSIV(_derived(secret, b"words", 64))
        self._user = _derived(secret, b"user", 32)
        self.of = lru_cache(maxsize=_MOST_KEPT)(self._of)
        """Give the key of a person's id: always the same, and telling nothing of its number."""

    def _of(self, person_id: int) -> str:
        # The other half of the block is zeros, so that no made-up key stands for anybody.
        block = self._person.encryptor().update(person_id.to_bytes(_BLOCK, "big"))
        return base64.b32encode(block).decode().rstrip("=").lower()

    def id_of(self, key: str) -> int:
        """Give the id a key stands for; NOBODY for a key this site never made."""
        if not KEY.fullmatch(key):
            return NOBODY
        block = self._person.decryptor().update(base64.b32decode(f"{key.upper()}======"))
        number = int.from_bytes(block, "big")
        return number if number < 2**63 and self.of(number) == key else NOBODY

    def user(self, user_id: int) -> str:
        """Give what tells one user from another in a browser, and tells nothing else."""
        return blake2b(
            user_id.to_bytes(_BLOCK, "big"), key=self._user, digest_size=_BLOCK
        ).hexdigest()

    def seal(self, words: str, session: str) -> str:
        """Seal words for one session; the same words make the same text there, nowhere else."""
        plain = words.encode("utf-8", "replace")
        # Rounded up: the length of an address does not tell a short name from a long one.
        plain = plain.ljust(-(-len(plain) // _ROUND_TO) * _ROUND_TO)
        sealed = self._words.encrypt(plain, [session.encode()])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def unseal(self, sealed: str, session: str) -> str:
        """Give the words; blank where they were sealed by nobody or for another session."""
        try:
            data = base64.urlsafe_b64decode(f"{sealed}{'=' * (-len(sealed) % 4)}")
            return self._words.decrypt(data, [session.encode()]).decode().rstrip(" ")
        except (InvalidTag, ValueError):
            return ""


def _derived(secret: str, purpose: bytes, length: int) -> bytes:
    return blake2b(secret.encode(), person=purpose, digest_size=length).digest()
