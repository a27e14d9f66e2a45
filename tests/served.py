"""`gvi serve` as a process of its own, on a port of its own: what meets the network."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import SECRET_KEY

GVI = "import sys; from gvi.cli.main import main; sys.exit(main(sys.argv[1:]))"
START_WITHIN_S = 60


@dataclass(frozen=True)
class Served:
    """A running server; what it says goes to `said`."""

    port: int
    process: "subprocess.Popen[bytes]"
    said: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def gvi_serve(database_url: str, folder: Path, **environment: str) -> Iterator[Served]:
    """Serve a database until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {
        "GVI_DATABASE_URL": database_url,
        "GVI_SECRET_KEY": SECRET_KEY,
        "GVI_ENVIRONMENT": "demo",
        "PORT": str(port),
    }
    said = folder / "said.txt"
    with (
        said.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-c", GVI, "serve"],
            env=os.environ | given | environment,
            stdout=file,
            stderr=file,
        ) as process,
    ):
        try:
            _wait(port, process, said)
            yield Served(port, process, said)
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]", said: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(said.read_text())
