"""Marking of sentences a user will read, so that the catalogues can hold their translation."""


def N_(message: str) -> str:
    """Mark an English sentence for translation; the web edge translates it when it is shown."""
    return message
