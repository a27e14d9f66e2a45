"""What is said to somebody who went to the provider of single sign-on and is not let in by it."""

from collections.abc import Mapping
from enum import StrEnum

from gvi.domain.text import N_


class SignOnProblem(StrEnum):
    """Why somebody who went to the provider is not let in by it; stands in an address."""

    SILENT = "silent"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    NOT_PROVED = "not-proved"
    LATE = "late"
    UNLINKED = "unlinked"
    OTHER = "other"
    TAKEN = "taken"
    MANY = "many"
    STAYS = "stays"


PROBLEMS: Mapping[SignOnProblem, str] = {
    SignOnProblem.SILENT: N_(
        "%(provider)s does not answer. Use your passphrase, or try again in a while."
    ),
    SignOnProblem.CANCELLED: N_(
        "You did not finish at %(provider)s. Try again, or use your passphrase."
    ),
    SignOnProblem.REFUSED: N_(
        "What %(provider)s answered cannot be relied on. Use your passphrase, and tell your"
        " administrator."
    ),
    SignOnProblem.NOT_PROVED: N_(
        "%(provider)s did not ask you anew who you are. Use your passphrase, and tell your"
        " administrator."
    ),
    SignOnProblem.LATE: N_("That took too long, or was done already. Start again."),
    SignOnProblem.UNLINKED: N_(
        "Your log-in at %(provider)s opens nothing here yet. Log in with your passphrase, or the"
        " one your administrator gives you to start with, and link it."
    ),
    SignOnProblem.OTHER: N_("You logged in at %(provider)s as somebody else. Try again."),
    SignOnProblem.TAKEN: N_(
        "That log-in at %(provider)s is linked to another user here. Use your own."
    ),
    SignOnProblem.MANY: N_(
        "Too many log-ins were begun from here. Wait ten minutes, or use your passphrase."
    ),
    SignOnProblem.STAYS: N_(
        "You cannot be logged out at %(provider)s from here. Close the browser."
    ),
}
