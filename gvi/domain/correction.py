"""Corrections: somebody says that a score rests on something wrong, and somebody checks it."""

from enum import StrEnum


class DisputedScore(StrEnum):
    """The score whose reasons somebody was looking at when they said that something is wrong."""

    DRIVING = "driving"
    EXPOSED = "exposed"


class Disputed(StrEnum):
    """What is said to be wrong: one record behind a score, or the score as a whole."""

    SCORE = "score"
    INCIDENT = "incident"
    INVOLVEMENT = "involvement"
    TIE = "tie"
    MEMBERSHIP = "membership"
