"""The audit log's vocabulary and its hash chain.

Every read, search, export, disclosure, change and erasure of personal data is one entry
(Law Enforcement Directive 2016/680 art. 25). Each entry's hash covers its own content and the hash
before it, so that a changed, moved or missing row is found and named.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gvi.domain.access import Viewer, grant
from gvi.domain.grading import Compartment

GENESIS = "0" * 64


class AuditVerb(StrEnum):
    """What was done, in the words of the law."""

    COLLECTED = "collected"
    CHANGED = "changed"
    CONSULTED = "consulted"
    DISCLOSED = "disclosed"
    COMBINED = "combined"
    ERASED = "erased"
    ACCESS = "access"
    """Log-in, log-out and refusals: not in the law's list, but what an auditor asks for first."""


_COMBINING = frozenset({"score:read", "scorecard:read", "network:see", "call_in:plan"})
"""Rights under which records about several people are put together into something new."""


def reading_verb(permission: str, viewer: Viewer) -> AuditVerb:
    """Say whether reading under a permission consults records or combines them (decision 0035).

    Ranks, explanations, the network and plans put records together. So does a search across
    everything by somebody whose rights span several secrecies: one question asks all of them.
    """
    if permission in _COMBINING:
        return AuditVerb.COMBINED
    if permission == "search:use" and _spans_secrecies(viewer):
        return AuditVerb.COMBINED
    return AuditVerb.CONSULTED


def _spans_secrecies(viewer: Viewer) -> bool:
    held = grant(viewer, "person:read")
    return held is not None and len(held.compartments - {Compartment.SHARED}) > 1


class FlawKind(StrEnum):
    """In what way a stored log is not the one that was written."""

    ENTRY = "entry"
    """The entry was changed, moved or taken away."""
    INDEX = "index"
    """The entry is whole, but the index of what it was about is not."""
    SHORTER = "shorter"
    """The log ends before an entry whose hash was exported: the newest entries are gone."""
    REWRITTEN = "rewritten"
    """The entry is not the one whose hash was exported: the log was made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """The first place where the log is not whole."""

    entry: int
    kind: FlawKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest entry at some moment: kept elsewhere, it shows when a log was cut or remade."""

    number: int
    hash: str


def entry_hash(previous: str, content: Mapping[str, object]) -> str:
    """Give the hash of one entry: SHA-256 over the previous hash and the entry's sorted content."""
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
