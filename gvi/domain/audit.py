"""The audit log's vocabulary and its hash chain.

Every read, search, export, disclosure, change and erasure of personal data is one entry
(Law Enforcement Directive 2016/680 art. 25). Each entry's hash covers its own content and the hash
before it, so that a changed, moved or missing row is found and named.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum

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


def entry_hash(previous: str, content: Mapping[str, object]) -> str:
    """Give the hash of one entry: SHA-256 over the previous hash and the entry's sorted content."""
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
