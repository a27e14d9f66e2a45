"""Rules of getting in: passphrases, pauses after wrong tries, how long a log-in lasts.

Lengths and times follow NIST SP 800-63B-4 (sections 3.1.1, 3.2.2 and 2.2.3) and OWASP ASVS 5.0
(chapters 6 and 7); docs/decisions/0030 and 0031 say which sentence each number comes from.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from gvi.domain.errors import RuleError
from gvi.domain.text import N_

SHORTEST_PASSPHRASE = 15
"""Characters; what NIST asks of a passphrase that may be the only thing one logs in with."""
LONGEST_PASSPHRASE = 1000
"""Characters; far above the 64 that must be allowed, and a bound on the work of one try."""

SESSION_LENGTH = timedelta(hours=12)
SESSION_IDLE = timedelta(minutes=30)
WAITING_LENGTH = timedelta(minutes=10)
"""How long a log-in waits for its second step, or for the start passphrase to be changed."""
REMEMBERED_AFTER = timedelta(hours=24)
"""How long a log-in that is over is remembered, so that what is then sent is not lost."""
FRESH_FOR = timedelta(minutes=10)
"""How long after proving who one is an export, a disclosure or a change of users is let through."""
START_PASSPHRASE_LASTS = timedelta(days=7)
FAMILIAR_FOR = timedelta(days=90)
"""How long a place one logged in from stays familiar."""

TOTP_STEP_S = 30
TOTP_DRIFT = 1
"""Steps by which a telephone's clock may be early or late."""
RECOVERY_CODES = 10
MOST_PASSKEYS = 10
"""Of one user; a device each, and some to spare."""
CHALLENGE_LASTS = timedelta(minutes=5)
"""How long a device has for answering with a passkey."""


def normalised(passphrase: str) -> str:
    """Give the one form of a passphrase that is hashed: NFKC, otherwise exactly as typed.

    >>> normalised("a" + chr(0x30A)) == normalised("å")
    True
    >>> normalised(" Två  Ord ")
    ' Två  Ord '
    """
    return unicodedata.normalize("NFKC", passphrase)


def check_length(passphrase: str) -> None:
    """Raise RuleError for a passphrase that is too short or too long; nothing else is demanded."""
    length = len(normalised(passphrase))
    if length < SHORTEST_PASSPHRASE:
        raise RuleError(
            N_("Choose a passphrase of at least %(least)s characters; a sentence is good."),
            field="passphrase",
            least=SHORTEST_PASSPHRASE,
        )
    if length > LONGEST_PASSPHRASE:
        raise RuleError(
            N_("Choose a passphrase of at most %(most)s characters."),
            field="passphrase",
            most=LONGEST_PASSPHRASE,
        )


_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def random_letters(groups: int, letters: int = 4) -> str:
    """Give random letters and figures that cannot be mistaken for one another, in groups."""
    made = ("".join(secrets.choice(_LETTERS) for _ in range(letters)) for _ in range(groups))
    return "-".join(made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """How many wrong tries are let through before a pause, and how long it is."""

    tries: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta
    """Without a wrong try for this long, counting starts anew."""

    def after(self, failed: int) -> timedelta | None:
        """Give the pause that follows the wrong try of this number, or None.

        >>> [PAUSE_HERE.after(n) for n in (4, 5)] == [None, timedelta(minutes=5)]
        True
        >>> PAUSE_HERE.after(10), PAUSE_HERE.after(500)
        (datetime.timedelta(seconds=600), datetime.timedelta(seconds=3600))
        """
        if failed % self.tries:
            return None
        doublings = min(failed // self.tries - 1, 10)
        return min(self.first * (1 << doublings), self.longest)


PAUSE_HERE = Pause(
    tries=5,
    first=timedelta(minutes=5),
    longest=timedelta(hours=1),
    forgotten_after=timedelta(hours=24),
)
"""Of one user name tried from one place."""
PAUSE_ACCOUNT = Pause(
    tries=20,
    first=timedelta(minutes=15),
    longest=timedelta(hours=1),
    forgotten_after=timedelta(hours=1),
)
"""Of one user name tried from places it has never logged in from; familiar places go on."""
PAUSE_SOURCE = Pause(
    tries=30,
    first=timedelta(minutes=15),
    longest=timedelta(hours=1),
    forgotten_after=timedelta(minutes=15),
)
"""Of one place, whatever user names are tried there; users to whom it is familiar go on."""

PAUSE_ASKING = Pause(
    tries=60,
    first=timedelta(minutes=5),
    longest=timedelta(minutes=5),
    forgotten_after=CHALLENGE_LASTS,
)
"""Of one place that asks for challenges of passkeys at the log-in and logs in by none of them."""


def time_step(at: datetime) -> int:
    """Give the number of the TOTP time step (RFC 6238) an instant lies in."""
    return int(at.timestamp()) // TOTP_STEP_S
