"""What every command stands on: the site's settings and database, and who runs it."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.time import read_as_of
from gvi.settings import Settings, secret_path, with_key_file
from gvi.store.engine import make_engine, reading, transaction, unlock
from gvi.store.migrate import is_current
from gvi.store.queries.programme import programme_ids
from gvi.store.wall import EVERYTHING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 — it has no other name

DONE, UNUSABLE, REFUSED = 0, 2, 3
"""Exit statuses of design §9; anything unforeseen is 1."""


class CommandError(Exception):
    """A question or an input that cannot be used; says what to do."""


@dataclass(frozen=True)
class Site:
    """One installation, as the local operator works on it."""

    settings: Settings
    clock: Callable[[], datetime]
    command: str
    programme: str | None
    """The code asked for; None where the installation has only one."""

    @cached_property
    def engine(self) -> Engine:
        """The database's engine; made when first needed."""
        return make_engine(self.settings.database_url)

    def close(self) -> None:
        """Let go of the database, if it was used."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, Viewer]]:
        """Give one write transaction and the operator of the programme.

        Raises CommandError for a database that is not there or not of this version.
        """
        self.check_database()
        self.unlock()
        with transaction(self.engine, wall=EVERYTHING) as db:
            yield db, self._operator(db)

    def check_database(self) -> None:
        """Refuse a database that is not there or not of this version, without making one."""
        url = make_url(self.settings.database_url)
        path = url.database or ""
        if url.get_backend_name() == "sqlite" and path != ":memory:" and not Path(path).exists():
            raise CommandError(f"There is no database at {path}. Make one with: gvi migrate")
        with reading(self.engine) as db:
            if not is_current(db.connection()):
                raise CommandError("The database is not of this version. Run: gvi migrate")

    def unlock(self) -> None:
        """Let sealed names and notes be read; raises SealError for the wrong secret key."""
        unlock(self.engine, self.secret_key)

    @cached_property
    def secret_key(self) -> str:
        """The secret key of the environment, else of the file beside the database.

        Raises CommandError where there is neither.
        """
        settings, path = self.settings, secret_path(self.settings.database_url)
        if not settings.secret_key and not path.exists():
            raise CommandError(
                f"GVI_SECRET_KEY is not set, and there is no {path}: names and notes are sealed "
                "with it. Set it to the one the database was made with."
            )
        return with_key_file(settings).secret_key

    def _operator(self, db: Session) -> Viewer:
        ids = programme_ids(db)
        code = self.programme or (next(iter(ids)) if len(ids) == 1 else None)
        if code is None:
            known = ", ".join(ids) or "none yet; run: gvi migrate"
            raise CommandError(f"Say which programme with --programme CODE ({known}).")
        if code not in ids:
            raise CommandError(f"There is no programme {code}; there is: {', '.join(ids)}.")
        return Viewer(
            programme_id=ids[code],
            user_id=None,
            role=None,
            name=os_user(),
            language="en",
            source=f"gvi {self.command}",
        )

    def as_of(self, given: str | None) -> datetime:
        """Read an as-of moment: a bare date is the end of that day, blank is now (design §4)."""
        if given is None:
            return self.clock()
        try:
            return read_as_of(given, self.settings.zone)
        except ValueError:
            raise CommandError(
                f"{given} is neither a day such as 2026-03-02 nor a time such as 2026-03-02T14:30."
            ) from None


def os_user() -> str:
    """Name the operating-system user, by the process and not by what the environment says."""
    try:
        import pwd  # noqa: PLC0415 — only Unix has it

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()


def tell(message: str) -> None:
    """Say something to the person at the terminal; results go to stdout, this to stderr."""
    print(message, file=sys.stderr)
