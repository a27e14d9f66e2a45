"""Groups, the unit of Group Violence Intervention, and the relations between them."""

from enum import StrEnum


class GroupStatus(StrEnum):
    """Where a mapped group stands in its life; every change is dated and reasoned."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    DORMANT = "dormant"
    HISTORICAL = "historical"
    MERGED = "merged"
    SPLIT = "split"
    REJECTED = "rejected"


class GroupKind(StrEnum):
    """What sort of group the audit found; a name or hierarchy is not needed to be a group."""

    NAMED_GANG = "named_gang"
    AREA_GROUP = "area_group"
    FAMILY_BASED = "family_based"
    LOOSE_NETWORK = "loose_network"
    TEMPORARY = "temporary"


class RelationKind(StrEnum):
    """How two groups stand to one another."""

    OPEN_CONFLICT = "open_conflict"
    TENSION = "tension"
    TRUCE = "truce"
    ALLIANCE = "alliance"
    SUPPLIER = "supplier"


UNCOUNTED_STATUSES = frozenset({GroupStatus.REJECTED, GroupStatus.MERGED})
"""Groups in these states count for nothing in any computation (design §4)."""
