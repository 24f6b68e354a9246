"""Software by others that reads logs like ours, or computes what we do, in environments of its own.

It needs a newer Python than we do, and shares no package with us. An environment is made once,
into build/, from a lock of its own; where it cannot be made, what needs it is skipped and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from core.ledger.embedded_places import locked

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 12)


@pytest.fixture(scope="session")
def strangers() -> Path:
    """The folder of the strangers' programs: aics-tlog, aics-witness, and their Python."""
    return environment("strangers")


@pytest.fixture(scope="session")
def oracles() -> Path:
    """The folder of the oracles' Python, which has pingouin."""
    return environment("oracles")


def environment(name: str) -> Path:
    """Return the folder of the programs of `requirements-<name>.lock`, made where it is not yet."""
    lock, place = ROOT / f"requirements-{name}.lock", ROOT / "build" / name
    digest = sha256(lock.read_bytes()).hexdigest()[:16]
    made = place / f"installed-{digest}"
    place.parent.mkdir(exist_ok=True)
    with locked(place.with_name(f".{name}.lock")):
        if not made.exists():
            _make(place, lock)
            made.touch()
    return place / "bin"


def _make(place: Path, lock: Path) -> None:
    python = _new_enough()
    if python is None:
        pytest.skip(f"no Python {'.'.join(map(str, OLDEST))} or newer here for software by others")
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([python, "-m", "venv", place], check=True)
    installed = subprocess.run(
        [
            place / "bin" / "python",
            *["-m", "pip", "--disable-pip-version-check", "--quiet", "install"],
            *["--require-hashes", "--only-binary", ":all:", "-r"],
            lock,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    if installed.returncode:
        last = installed.stderr.strip().splitlines()[-1:]
        pytest.skip(f"software by others cannot be installed here: {' '.join(last)}")


def _new_enough() -> str | None:
    if sys.version_info >= OLDEST:
        return sys.executable
    named = [shutil.which(f"python3.{minor}") for minor in range(20, OLDEST[1] - 1, -1)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = [str(path) for path in sorted(versions.glob("3.1[2-9]*/bin/python3"), reverse=True)]
    return next((python for python in (*named, *kept) if python and _runs(python)), None)


def _runs(python: str) -> bool:
    """Whether it is new enough indeed: what a version manager puts in the path may be a stub."""
    check = f"import sys, venv; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([python, "-c", check], check=False, capture_output=True).returncode == 0
