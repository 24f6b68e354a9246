"""What faults happen to: a cluster, a proxy before it, servers, and writers by both ways in."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from joserfc import jwt
from joserfc.jwk import OctKey

from core.ledger.migrate import migrate
from projections.projector import Projector, progress, set_up_views
from projections.views import VIEWS
from tests.faults.clusters import Cluster
from tests.faults.notes import Noted, read
from tests.faults.proxy import Proxy
from tests.processes import SSP, environment, until

SECRET = "a secret of at least thirty-two bytes"  # noqa: S105  # signs tokens of tests only
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Program:
    """A process that is killed, stopped and started again; its standard error is kept."""

    name: str
    line: Sequence[str]
    given: Mapping[str, str]
    errors: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, in a session of its own."""
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self.line,
                cwd=ROOT,
                env=environment(**self.given),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal; it must be running."""
        assert self.process is not None
        assert self.process.poll() is None, self.errors.read_text()[-2_000:]
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it with signal 9."""
        self.send(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def end(self) -> None:
        """Kill it where it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait()


@dataclass(slots=True)
class Stage:
    """All of it, with the one source of chance. `clock` is the file that sets writers' clocks."""

    cluster: Cluster
    proxy: Proxy
    clock: Path
    folder: Path
    random: random.Random
    projector: Projector | None = None
    writers: list[Program] = field(default_factory=list[Program])
    servers: list[Program] = field(default_factory=list[Program])

    def noted(self) -> Noted:
        """Return what all writers have noted so far."""
        return read(sorted(self.folder.glob("*.notes")))

    def pause(self, most_s: float = 0.3) -> None:
        """Let things go on for a moment."""
        time.sleep(self.random.uniform(0, most_s))

    def until_all_write(self, events: int = 3, but: Sequence[Program] = ()) -> None:
        """Wait until every writer was acknowledged some more events."""
        paths = [self.folder / f"{w.name}.notes" for w in self.writers if w not in but]
        before = {path: len(read([path]).places) if path.exists() else 0 for path in paths}
        until(lambda: all(_reached(path, n + events) for path, n in before.items()), 60)

    def until_views_follow(self) -> None:
        """Wait until the projectors have folded all that is recorded now."""
        with psycopg.connect(self.cluster.url, autocommit=True) as connection:
            row = connection.execute("select size - 1 from ledger.head").fetchone()
            assert row is not None
            last: int = row[0]
            until(lambda: min(progress(connection).values()) >= last, 60)
        assert self.projector is None or not self.projector.failures()


def _reached(path: Path, events: int) -> bool:
    return path.exists() and len(read([path]).places) >= events


@contextmanager
def staged(
    cluster: Cluster, folder: Path, seed: str, *, ledgers: int = 2, servers: int = 2
) -> Generator[Stage]:
    """Set everything going over a running cluster; all of it is killed at the end."""
    migrate(cluster.url)
    set_up_views(cluster.url, VIEWS)
    beside, clock = folder / "proxy", folder / "clock"
    beside.mkdir()
    clock.write_text("0")
    with ExitStack() as ending:
        proxy = Proxy(beside, cluster.folder, seed)
        ending.callback(proxy.close)
        stage = Stage(cluster, proxy, clock, folder, random.Random(seed))
        ports = [_free_port() for _ in range(servers)]
        for number, port in enumerate(ports):
            line = [SSP, "serve", "--port", f"{port}"]
            given = {"SSP_DATABASE_URL": proxy.url, "SSP_JWT_SECRET": SECRET}
            stage.servers.append(
                Program(f"server-{number}", line, given, folder / f"server-{number}.errors")
            )
            door = ("http", f"http://127.0.0.1:{port}", _token())
            stage.writers.append(_writer(f"http-{number}", seed, folder, *door))
        for number in range(ledgers):
            door = ("ledger", proxy.url, str(clock))
            stage.writers.append(_writer(f"ledger-{number}", seed, folder, *door))
        if not servers:  # they have a projector each
            stage.projector = Projector(proxy.url, VIEWS)
            ending.callback(stage.projector.stop)
            stage.projector.start()
        for program in (*stage.servers, *stage.writers):
            ending.callback(program.end)
            program.start()
        stage.until_all_write()
        yield stage


def _writer(name: str, seed: str, folder: Path, *door: str) -> Program:
    line = [sys.executable, "-m", "tests.faults.writers", name, str(folder / f"{name}.notes"), seed]
    return Program(name, [*line, *door], {}, folder / f"{name}.errors")


def _token() -> str:
    claims = {
        "iss": "sharing-seoul",
        "aud": "sharing-seoul",
        "sub": "writer",
        "role": "officer",
        "exp": int(time.time()) + 86_400,
    }
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
