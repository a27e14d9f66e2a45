"""The signature of an ID token: made by one of the provider's own keys, in one of the ways listed.

A list of algorithms, all with a public key: a token that is unsigned, or signed with something
public as if it were a secret, is refused whatever it says of itself (RFC 8725, section 3.1).
"""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from gvi.domain.errors import GviError
from gvi.domain.sign_on import ClaimsError

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
_PUBLIC = frozenset({"RSA", "EC", "OKP"})


class KeysError(GviError):
    """None of the keys at hand made this signature; for the server's log."""


def keys_of(said: Mapping[str, Any]) -> KeySet:
    """Give the keys of a JWK set that may have signed; those of other kinds are left out."""
    listed = said.get("keys")
    keys = [_key(each) for each in listed] if isinstance(listed, list) else []
    return KeySet([key for key in keys if key is not None])


def _key(said: object) -> Key | None:
    if not isinstance(said, dict) or said.get("kty") not in _PUBLIC:
        return None
    if said.get("use", "sig") != "sig":
        return None
    try:
        return import_key(said)
    except (JoseError, ValueError, TypeError):
        return None


def claims_of(token: str, keys: KeySet) -> Mapping[str, Any]:
    """Give what a token says; raises KeysError where no key fits, ClaimsError for no good token."""
    # Headers that are not of the standard are left alone; critical ones are refused all the same.
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    try:
        return jwt.decode(token, keys, registry=registry).claims
    except (BadSignatureError, InvalidKeyIdError) as error:
        raise KeysError(f"the signature of the ID token: {error}") from error
    except (JoseError, ValueError, TypeError) as error:
        raise ClaimsError(f"the ID token: {error}") from error
