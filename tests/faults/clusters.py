"""A PostgreSQL of a test's own, to be killed, stopped and filled up at will."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from core.ledger.embedded_places import Programs, find_programs
from tests.processes import running_in

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
SOCKET = ".s.PGSQL.5432"
_START_S = 60


def programs(version: str) -> Programs:
    """Return the programs of the embedded server, or of the oldest that we run on."""
    if version == "18-embedded":
        return find_programs()
    if not (DEBIAN_15 / "initdb").exists():
        pytest.skip(f"no PostgreSQL 15 in {DEBIAN_15} (Debian's package postgresql-15)")
    return Programs(DEBIAN_15, pwd.getpwnam("postgres") if os.geteuid() == 0 else None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server over `folder`, which is reached by the socket in it."""

    folder: Path
    programs: Programs

    @property
    def url(self) -> str:
        """Where it is, as a libpq URI."""
        return url_in(self.folder)

    def make(self, *options: str) -> None:
        """Make the data; options are those of initdb."""
        self.give(self.folder)
        text = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        self._done(self._call("initdb", *text, *options))

    def give(self, folder: Path) -> None:
        """Let the account that the server runs as own a folder."""
        if account := self.programs.account:
            os.chown(folder, account.pw_uid, account.pw_gid)

    def start(self, *settings: str) -> None:
        """Start it, and wait until it answers."""
        options = " ".join(f"-c {s}" for s in ("listen_addresses=", *settings)) + " -k .."
        line = ("start", "-w", "-t", f"{_START_S}", "-l", "log", "-o", options)
        deadline = time.monotonic() + _START_S
        # One that was killed counts as running until the system has buried it.
        while self._call("pg_ctl", *line).returncode != 0:
            lines = (self.folder / "log").read_text(errors="replace").splitlines()
            assert time.monotonic() < deadline, "\n".join(lines[-20:])
            time.sleep(0.1)

    def stop(self, mode: str) -> None:
        """Stop it: fast (connections are ended) or immediate (as after a crash)."""
        self._done(self._call("pg_ctl", "stop", "-w", "-m", mode))

    def kill(self) -> None:
        """Kill every process of it, the first one first: it would start others."""
        with suppress(FileNotFoundError, ProcessLookupError):
            lines = (self.folder / "cluster" / "postmaster.pid").read_text().split()
            os.kill(int(lines[0]), signal.SIGKILL)
        while found := running_in(self.folder):
            for process in found:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.005)

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        account = self.programs.account
        return subprocess.run(
            [self.programs.bin / program, "-D", "cluster", *arguments],
            check=False,
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server would hold a pipe open
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            text=True,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        )

    def _done(self, called: subprocess.CompletedProcess[str]) -> None:
        assert called.returncode == 0, called.stderr


def url_in(folder: Path) -> str:
    """Return the URI of the server whose socket lies in a folder."""
    return f"postgresql://postgres@/postgres?host={folder}&port=5432"


@contextmanager
def running(cluster: Cluster, *settings: str, options: Sequence[str] = ()) -> Generator[Cluster]:
    """Make a server and start it; it is killed at the end, in whatever state it is."""
    cluster.make(*options)
    try:
        cluster.start(*settings)
        yield cluster
    finally:
        cluster.kill()


def answers(url: str) -> bool:
    """Whether a server takes connections."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Generator[Path]:
    """Mount a file system that is soon full; skips where we may not."""
    image, place = folder / "image", folder / "small"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    mkfs = shutil.which("mkfs.ext4", path=os.defpath + ":/usr/sbin:/sbin")
    made = mkfs and _quietly(mkfs, "-q", "-F", "-m", "0", image) == 0
    if not made or _quietly("mount", "-o", "loop", image, place) != 0:
        size = f"size={megabytes}m"
        if _quietly("mount", "-t", "tmpfs", "-o", size, "tmpfs", place) != 0:
            pytest.skip("no small file system can be mounted here: that takes root's rights")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)  # noqa: S607  # where it lies differs


def _quietly(*line: str | Path) -> int:
    return subprocess.run(line, check=False, stderr=subprocess.DEVNULL).returncode
