"""Marking of sentences a user will read, so that the catalogues can hold their translation."""


def N_(message: str) -> str:
    """Mark an English sentence for translation; the web edge translates it when it is shown."""
    return message


def NP_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 — as N_
    """Mark the two forms of a sentence about a number; the web edge chooses and translates."""
    return one, many
