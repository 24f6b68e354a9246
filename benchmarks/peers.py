"""Fetches the peers into an environment of their own, and says why where one cannot be had."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.contenders.table import CONTENDERS, Home
from benchmarks.places import NODE, PEERS, ROOT

_HERE = Path(__file__).parent
_LOCK, _NODE_LIST = _HERE / "requirements.lock", _HERE / "package.json"
_PATIENCE_S = 300

PYTHON = PEERS / "bin" / "python"
"""Runs the peers that are written in Python."""


def absent(*, fetch: bool = True) -> dict[str, str]:
    """Fetch the peers unless they are there; return those that cannot be had, and why."""
    homes: set[Home] = {entry.home for entry in CONTENDERS.values()}
    reasons = {
        "peers": _python_peers(fetch=fetch) if "peers" in homes else "",
        "node": _node_peers(fetch=fetch),
    }
    missing: dict[str, str] = {}
    for name, entry in CONTENDERS.items():
        # Message DB is SQL out of an npm package, called from our own environment.
        home = "node" if entry.package.startswith("@") else entry.home
        if reason := reasons.get(home, ""):
            missing[name] = reason
    return missing


def version_of(name: str) -> str:
    """Return the version of a contender's package, as it is installed."""
    entry = CONTENDERS[name]
    if entry.package.startswith("@"):
        content = (NODE / "node_modules" / entry.package / "package.json").read_text()
        return str(json.loads(content)["version"])
    if entry.home == "ours":
        try:
            return version(entry.package)
        except PackageNotFoundError:  # run from a folder that was not installed
            return "as checked out"
    code = f"from importlib.metadata import version; print(version({entry.package!r}))"
    return subprocess.run(  # noqa: S603  our own interpreter, a package of our own list
        [PYTHON, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def _python_peers(*, fetch: bool) -> str:
    stamp = PEERS / "requirements.lock"
    if _same(stamp, _LOCK):
        return ""
    if not fetch:
        return "not fetched"
    if not PYTHON.exists():
        venv.create(PEERS, with_pip=True)
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "install",
    ]
    pip += ["--require-hashes", "--only-binary", ":all:", "-r", _LOCK]
    return _fetched(pip, ROOT) or _stamped(stamp, _LOCK)


def _node_peers(*, fetch: bool) -> str:
    stamp = NODE / "fetched.json"
    if _same(stamp, _NODE_LIST):
        return ""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "no Node.js on this machine"
    if not fetch:
        return "not fetched"
    NODE.mkdir(parents=True, exist_ok=True)
    shutil.copy(_NODE_LIST, NODE / "package.json")
    options = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    return _fetched([npm, *options, "--no-package-lock"], NODE) or _stamped(stamp, _NODE_LIST)


def _fetched(command: Sequence[str | Path], folder: Path) -> str:
    """Run a package manager; return its last words if it failed."""
    try:
        done = subprocess.run(  # noqa: S603  the package managers of this machine
            command, check=False, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return f"could not be fetched in {_PATIENCE_S} s"
    if done.returncode == 0:
        return ""
    print(done.stdout, done.stderr, file=sys.stderr)  # noqa: T201  # for whoever runs it
    return f"could not be installed (code {done.returncode})"


def _same(stamp: Path, source: Path) -> bool:
    return stamp.exists() and stamp.read_bytes() == source.read_bytes()


def _stamped(stamp: Path, source: Path) -> str:
    shutil.copy(source, stamp)
    return ""
