"""What devices are asked for and what they answer (WebAuthn), read and checked by the library.

Nothing in here knows the database: who asked, whose key it is and how often it was used is told.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gvi.domain.log_in import CHALLENGE_LASTS

LONGEST_ANSWER = 20_000
"""Characters; several times what any device writes, and a bound on the work of one try."""
LONGEST_ID = 1023
"""Bytes of a credential's id, by the standard."""
_WAIT_MS = int(CHALLENGE_LASTS.total_seconds() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site as devices know it: a passkey of one name is of no use to another."""

    host: str
    """The name in its address, without port (the relying party's id)."""
    origin: str
    """Scheme, name and port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a device answered, unchecked: which challenge it signed with which key."""

    given: dict[str, Any]
    credential_id: bytes
    challenge: bytes
    handle: bytes | None
    """Of the user the device believes the key to be of; only where an old key answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that a device made, checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def question_for_new(
    site: Site,
    challenge: bytes,
    *,
    programme: str,
    handle: bytes,
    username: str,
    display_name: str,
    known: Iterable[bytes],
) -> dict[str, Any]:
    """Ask a device to make a key that it finds by itself and opens only to its own user.

    `known` are the user's keys until now: a device that holds one makes no second.
    """
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=programme,
        user_id=handle,
        user_name=username,
        user_display_name=display_name,
        challenge=challenge,
        timeout=_WAIT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return _as_dict(options_to_json(options))


def question(site: Site, challenge: bytes) -> dict[str, Any]:
    """Ask a device to sign with whichever key it holds for this site; names no user and no key."""
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=_WAIT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_dict(options_to_json(options))


def _as_dict(written: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(written)
    return made


def read_answer(text: str) -> Answer | None:
    """Read what a browser sent, checking nothing but its shape; None for what is no answer."""
    if len(text) > LONGEST_ANSWER:
        return None
    try:
        given = json.loads(text)
        response = given["response"]
        client = parse_client_data_json(base64url_to_bytes(response["clientDataJSON"]))
        handle = response.get("userHandle")
        answer = Answer(
            given=given,
            credential_id=base64url_to_bytes(given["rawId"]),
            challenge=client.challenge,
            handle=base64url_to_bytes(handle) if handle else None,
        )
    except Exception:  # anybody can send anything: whatever reading it stumbles over is no answer
        return None
    # A page of another site that holds ours in a frame asked; ours is never in one.
    return None if client.cross_origin else answer


def checked_new(answer: Answer, site: Site) -> NewKey | None:
    """Check a key just made: for this site, with its user verified; None if anything is wrong.

    What kind of device it is (attestation) is not asked.
    """
    try:
        made = verify_registration_response(
            credential=answer.given,
            expected_challenge=answer.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception:  # as above: the library itself raises whatever it stumbles over
        return None
    if len(made.credential_id) > LONGEST_ID or made.credential_id != answer.credential_id:
        return None
    return NewKey(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )


def checked_count(answer: Answer, site: Site, public_key: bytes) -> int | None:
    """Check what was signed and give the device's counter; None if anything is wrong.

    Whether the counter went on is for the caller: the library would judge it before the signature,
    and anybody could make a key look copied.
    """
    try:
        used = verify_authentication_response(
            credential=answer.given,
            expected_challenge=answer.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # as above
        return None
    return used.new_sign_count
