"""Starts followers, each in a process of its own, and talks with them line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from benchmarks.places import ROOT


class FollowerFailed(Exception):
    """A follower ended before it had answered."""


class Running:
    """A follower that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Talk with a process by its standard input and output."""
        self._process = process

    def told(self, what: Mapping[str, object]) -> dict[str, Any]:
        """Say something and return the answer; raises `FollowerFailed`."""
        if self._process.stdin is None:
            raise FollowerFailed
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self.heard()

    def heard(self) -> dict[str, Any]:
        """Return the next thing that it says; raises `FollowerFailed`."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise FollowerFailed
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def follower(name: str, url: str, how: str) -> Generator[Running]:
    """Start a follower that is told when to catch up (`step`), or goes on by itself (`follow`)."""
    process = subprocess.Popen(  # noqa: S603  our own worker
        [sys.executable, "-m", "benchmarks.views.worker", name, url, how],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.communicate()
