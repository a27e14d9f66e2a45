"""The three ways a use case says no; HTTP and exit status numbers live at the edges."""

from collections.abc import Mapping


class GviError(Exception):
    """A refusal with a sentence a coordinator can act on.

    `message` is an English sentence marked with `N_`, with `%(name)s` places; `params` fill them.
    """

    def __init__(self, message: str, /, **params: object) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params: Mapping[str, object] = params


class RuleError(GviError):
    """A rule of the field forbids it; `field` names the form field at fault, where there is one."""

    def __init__(self, message: str, /, *, field: str | None = None, **params: object) -> None:
        super().__init__(message, **params)
        self.field = field


class NotFoundError(GviError):
    """There is no such thing for this viewer; also said of things that exist but not for them."""


class NotAllowedError(GviError):
    """The viewer's role does not hold the right to do this."""
