"""A device that holds passkeys, as WebAuthn describes one: what a telephone does, in software."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HOLDS_KEY = 0x01, 0x04, 0x40


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")


@dataclass
class HeldKey:
    """One passkey on the device."""

    id: bytes
    private: ec.EllipticCurvePrivateKey
    handle: bytes
    count: int = 0


class Authenticator:
    """A device; `counts` as security keys do, or always says 0 as telephones do."""

    def __init__(self, origin: str = "http://testserver", *, counts: bool = True) -> None:
        self.origin = origin
        self.counts = counts
        self.keys: list[HeldKey] = []

    def make(self, question: dict[str, Any], **given: Any) -> str:
        """Make a key as asked (navigator.credentials.create), and answer for it."""
        key = HeldKey(
            id=given.get("id", secrets.token_bytes(20)),
            private=ec.generate_private_key(ec.SECP256R1()),
            handle=decoded(question["user"]["id"]),
        )
        self.keys.append(key)
        numbers = key.private.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        held = (
            bytes(16)
            + len(key.id).to_bytes(2, "big")
            + key.id
            + cbor2.dumps({1: 2, 3: -7, -1: 1, **point})
        )
        data = self._data(question["rp"]["id"], key, held, **given)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", question, **given)
        return _written(key, clientDataJSON=encoded(client), attestationObject=encoded(attested))

    def sign(self, question: dict[str, Any], key: HeldKey | None = None, **given: Any) -> str:
        """Sign with a key (navigator.credentials.get): the first, unless one is named."""
        key = key or self.keys[0]
        client = self._client("webauthn.get", question, **given)
        data = self._data(question["rpId"], key, **given)
        signed = key.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return _written(
            key,
            clientDataJSON=encoded(client),
            authenticatorData=encoded(data),
            signature=encoded(signed),
            userHandle=encoded(given.get("handle", key.handle)),
        )

    def _client(self, kind: str, question: dict[str, Any], **given: Any) -> bytes:
        written = {
            "type": kind,
            "challenge": question["challenge"],
            "origin": given.get("origin", self.origin),
            "crossOrigin": given.get("cross_origin", False),
        }
        return json.dumps(written).encode()

    def _data(self, site: str, key: HeldKey, held: bytes = b"", **given: Any) -> bytes:
        flags = PRESENT | (HOLDS_KEY if held else 0)
        if given.get("verifies", True):
            flags |= VERIFIED
        key.count = given.get("count", key.count + 1 if self.counts else 0)
        site = given.get("of", site)
        start = hashlib.sha256(site.encode()).digest()
        return start + bytes([flags]) + key.count.to_bytes(4, "big") + held


def _written(key: HeldKey, **response: str) -> str:
    named = {"id": encoded(key.id), "rawId": encoded(key.id), "type": "public-key"}
    return json.dumps({**named, "response": response})
