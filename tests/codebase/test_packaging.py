"""A wheel carries what is tested here, and the lock files say what is fetched, not from where."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
NPM_LOCKS = sorted((ROOT / "frontend").glob("**/package-lock.json"))


def tracked(folder: str) -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def wheel_files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    [wheel] = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    ("folder", "inside"),
    [("gvi", "gvi"), ("templates", "gvi/_templates"), ("migrations", "gvi/_migrations")],
)
def test_the_wheel_carries_every_file_of(folder, inside, wheel_files):
    expected = {inside + name.removeprefix(folder) for name in tracked(folder)}

    assert expected
    assert expected - wheel_files == set()


def test_the_wheel_carries_the_licence(wheel_files):
    assert any(name.endswith("/licenses/LICENSE") for name in wheel_files)


def test_the_lock_holds_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *(line for extra in project["project"]["optional-dependencies"].values() for line in extra),
        *(line for group in project["dependency-groups"].values() for line in group),
    ]
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)", LOCK.read_text(), re.MULTILINE)
    assert pins

    missing = [
        line
        for line in asked
        if not any(
            canonicalize_name(name) == canonicalize_name(Requirement(line).name)
            and version in Requirement(line).specifier
            for name, version in pins
        )
    ]

    assert missing == [], "pyproject.toml was changed without `make lock`"


def test_the_lock_names_no_registry():
    assert "://" not in LOCK.read_text()
    assert "--index" not in LOCK.read_text()


@pytest.mark.parametrize("path", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_the_npm_lock_names_no_registry_and_pins_by_content(path):
    packages = json.loads(path.read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}

    assert fetched
    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert [name for name, package in fetched.items() if "integrity" not in package] == []
