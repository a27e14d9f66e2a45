"""Membership of a person in a group: dated, graded, and never guessed."""

from enum import StrEnum


class MembershipRole(StrEnum):
    """The person's part in the group; blank counts as member, former is not a member."""

    LEADER = "leader"
    CORE = "core"
    MEMBER = "member"
    ASSOCIATE = "associate"
    RECRUIT = "recruit"
    FORMER = "former"


class MembershipStatus(StrEnum):
    """Whether the membership is held to be true now."""

    CURRENT = "current"
    DISPUTED = "disputed"
    ENDED = "ended"
