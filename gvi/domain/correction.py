"""Corrections: somebody says that a score rests on something wrong, and somebody checks it."""

from enum import StrEnum


class Disputed(StrEnum):
    """What is said to be wrong: one record behind a score, or the score as a whole."""

    SCORE = "score"
    INCIDENT = "incident"
    INVOLVEMENT = "involvement"
    TIE = "tie"
    MEMBERSHIP = "membership"
