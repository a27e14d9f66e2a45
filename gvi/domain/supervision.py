"""Supervision and custody: who can be obliged to come, and who cannot come at all."""

from enum import StrEnum


class SupervisionKind(StrEnum):
    """Under what the person stands; custody keeps a person from being invited."""

    PROBATION = "probation"
    CONDITIONAL_RELEASE = "conditional_release"
    YOUTH_SUPERVISION = "youth_supervision"
    CUSTODY = "custody"
    OTHER = "other"
