"""The command line as its users have it: real processes, seen from outside."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import structlog

from replay.cli import main

SSP = str(Path(sys.executable).with_name("ssp"))
TIMEOUT_S = 120
Environment = dict[str, str]
needs_proc = pytest.mark.skipif(
    sys.platform != "linux", reason="PostgreSQL's processes are found in /proc"
)


def environment(**given: str | Path) -> Environment:
    """Ours, without what would name another database but with its keys, and with what is given."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name == "SSP_KEK" or not name.startswith("SSP_")
    }
    return ours | {name: str(value) for name, value in given.items()}


def ssp(*arguments: str | Path, **given: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [SSP, *map(str, arguments)],
        check=False,
        env=environment(**given),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )


def called(*arguments: str | Path, **given: str | Path) -> subprocess.CompletedProcess[str]:
    """As `ssp`, but within this process and so in a tenth of the time.

    For what a command says, not for how a process begins and ends.
    """
    out, errors = StringIO(), StringIO()
    line = ["ssp", *map(str, arguments)]
    with (
        patch.dict(os.environ, environment(**given), clear=True),
        patch.object(sys, "argv", line),
        redirect_stdout(out),
        redirect_stderr(errors),
        _restored(),
        pytest.raises(SystemExit) as end,
    ):
        main()
    assert isinstance(end.value.code, int)
    return subprocess.CompletedProcess(line, end.value.code, out.getvalue(), errors.getvalue())


@contextmanager
def _restored() -> Generator[None]:
    """Undo what a command does to its process."""
    handlers, terminated = logging.root.handlers[:], signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        logging.root.handlers[:] = handlers
        signal.signal(signal.SIGTERM, terminated)
        structlog.reset_defaults()


def good(*arguments: str | Path, **given: str | Path) -> str:
    """Call a command that must succeed, and return what it printed."""
    done = called(*arguments, **given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """What a command said when it failed with a code: a message, and no trace of our code."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stdout
    assert done.stderr
    return done.stderr


def until(holds: Callable[[], object], timeout_s: float = TIMEOUT_S) -> None:
    """Wait for a condition; the limit only ends a test that has failed."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@dataclass
class Started:
    """A process that runs, its standard output by line, and its standard error in a file."""

    process: subprocess.Popen[str]
    errors: Path

    def line_with(self, text: str) -> str:
        """Read on until a line of the output holds a text, and return the line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if text in line:
                return line.strip()
        raise AssertionError((self.process.wait(), self.errors.read_text()))

    def said(self, text: str) -> bool:
        """Whether standard error holds a text; fails where the process has ended without it."""
        ended = self.process.poll()
        found = text in self.errors.read_text()
        assert found or ended is None, (ended, self.errors.read_text())
        return found

    def stop(self, number: signal.Signals) -> int:
        """Send a signal and return the code that the process ends with."""
        self.process.send_signal(number)
        return self.process.wait(TIMEOUT_S)


@contextmanager
def started(folder: Path, *arguments: str | Path, **given: str | Path) -> Generator[Started]:
    """Start a command in a session of its own; `folder` keeps its standard error."""
    errors = folder / f"stderr-{time.monotonic_ns()}"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [SSP, *map(str, arguments)],
            env=environment(**given),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Started(process, errors)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise


@dataclass
class Server:
    """`ssp serve` on a free port."""

    running: Started
    http: httpx.Client

    def token(self, role: str, actor: str) -> dict[str, str]:
        """Headers that speak for an actor, by the development issuer."""
        answer = self.http.post("/dev/token", json={"role": role, "actor": actor})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def ready(self) -> dict[str, Any]:
        """What /ready says, once it does."""
        answer = self.http.get("/ready")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def caught_up(self) -> bool:
        """Whether every view has folded the whole log."""
        lag: int = self.ready()["views_lag"]
        return lag == 0


@contextmanager
def serving(folder: Path, *arguments: str, **given: str | Path) -> Generator[Server]:
    """Start a server and wait until it says where it is."""
    with started(folder, "serve", "--port", "0", *arguments, **given) as running:
        address = running.line_with("Sharing Seoul is at").split()[-1]
        with httpx.Client(base_url=address, timeout=60) as http:
            yield Server(running, http)


def running_in(folder: Path) -> list[int]:
    """The processes that run in a folder or below it, as PostgreSQL's do in its data."""
    found: list[int] = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder):
                found.append(int(process.name))
        except OSError:  # it has ended meanwhile, or is another user's
            continue
    return found


def assert_nothing_runs_in(folder: Path) -> None:
    """No process is left; one that has just closed its files may still be on its way out."""
    until(lambda: not running_in(folder), 30)


def kill_database(folder: Path) -> None:
    """Kill every process of an embedded server, the postmaster first: it would start others."""
    postmaster = (folder / "cluster" / "postmaster.pid").read_text().split()[0]
    os.kill(int(postmaster), signal.SIGKILL)
    while found := running_in(folder):
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.005)
