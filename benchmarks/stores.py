"""The servers that the contenders are measured on: one PostgreSQL on disk, and UmaDB's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.places import PEERS
from core.ledger import embedded

# On a disk by custom, where /tmp is in memory on some machines.
DISK = Path("/var/tmp")  # noqa: S108  closed by mkdtemp
SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
_PATIENCE_S = 10.0


@contextmanager
def postgres() -> Generator[str]:
    """Start our embedded PostgreSQL on disk, as it is installed, and give its URL."""
    folder = Path(tempfile.mkdtemp(prefix="ssp-bench-", dir=DISK))
    folder.chmod(0o755)
    try:
        with embedded.start(folder) as server:
            yield server.url
    finally:
        shutil.rmtree(folder)


@contextmanager
def uma_db() -> Generator[str]:
    """Start UmaDB's server on disk, and give its URL."""
    with tempfile.TemporaryDirectory(prefix="ssp-bench-", dir=DISK) as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        server = subprocess.Popen(  # noqa: S603  the server that we fetched
            [PEERS / "bin" / "umadb", "--listen", address, "--db-path", Path(folder) / "uma.db"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(address)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait()


def new_database(server_url: str, name: str) -> str:
    """Make an empty database and return its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return server_url.replace("/postgres?", f"/{name}?")


def settings(server_url: str) -> dict[str, str]:
    """Return what PostgreSQL says of the settings that decide how fast and how safe it is."""
    with psycopg.connect(server_url) as connection:
        return {name: _setting(connection, name) for name in SETTINGS}


def settle(server_urls: Sequence[str]) -> None:
    """Let no contender pay for the last one's writes: analyze, and write out what is dirty."""
    for url in server_urls:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("vacuum (analyze)")
            connection.execute("checkpoint")
    os.sync()


def _setting(connection: psycopg.Connection[tuple[str]], name: str) -> str:
    row = connection.execute("select current_setting(%s)", (name,)).fetchone()
    return row[0] if row else ""


def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
