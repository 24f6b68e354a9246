"""Starts jobs: each in a process of its own, on the packages of its contender's home."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.contenders.table import CONTENDERS
from benchmarks.peers import PYTHON
from benchmarks.places import NODE, ROOT

_PATIENCE_S = 180


class JobFailed(Exception):
    """A contender could not do what it was told."""


def run(name: str, job: str, url: str, **needs: object) -> Any:  # noqa: ANN401  # any JSON
    """Do a job and return what it found; raises `JobFailed`."""
    started = start(name, job, url, **needs)
    try:
        out, errors = started.communicate(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        started.kill()
        started.communicate()
        raise JobFailed(f"{name}: {job} took longer than {_PATIENCE_S} s") from None
    if started.returncode != 0:
        last = (errors.strip().splitlines() or ["no word"])[-1]
        print(errors, file=sys.stderr)  # noqa: T201  # for whoever runs it
        raise JobFailed(f"{name}: {job} failed: {last}")
    return json.loads(out.splitlines()[-1])


def start(name: str, job: str, url: str, **needs: object) -> subprocess.Popen[str]:
    """Begin a job that is talked to while it runs."""
    given = json.dumps({"url": url, **needs})
    return subprocess.Popen(  # noqa: S603  our own workers
        [*_command(name), job, given],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BENCH_NODE": str(NODE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _command(name: str) -> list[str | Path]:
    entry = CONTENDERS[name]
    if entry.home == "node":
        node = shutil.which("node")
        if node is None:
            raise JobFailed(f"{name}: no Node.js on this machine")
        return [node, Path(__file__).parent / "contenders" / entry.code]
    python = sys.executable if entry.home == "ours" else PYTHON
    return [python, "-m", "benchmarks.worker", name]
