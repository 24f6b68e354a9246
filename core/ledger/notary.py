"""The notary signs what the log is: after commits, at most every second, and when asked.

Before it signs, it reads the root anew from the stored tiles and proves that what was signed
last is a prefix. It never signs two roots for one size, nor a log that shrank: it says so,
loudly, and stops. Several may run at once, since the first checkpoint of a size stays.
"""

from __future__ import annotations

from collections.abc import Generator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import LiteralString

import psycopg
import structlog

from core.ledger.checkpoints import Checkpoint, Signed, read_signed, sign_checkpoint
from core.ledger.key_files import KeyRefused
from core.ledger.last_signed import LastSigned
from core.ledger.ledger import Ledger
from core.ledger.log_keys import LogKeys
from core.ledger.merkle import Tree, extends
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import LOG, Head

_log = structlog.get_logger()


class Forked(Exception):
    """The log is not what was signed before: nothing more is signed. Compare with backups."""


class Notary:
    """Keeps a log's checkpoints; with keys it signs new ones. Safe to share between threads."""

    def __init__(self, ledger: Ledger, keys: LogKeys | None, *, every_s: float = 1.0) -> None:
        """Take a log, its keys if it has any, and how often to look for something to sign."""
        self._ledger = ledger
        self._keys = keys
        self._every_s = every_s
        self._stop = Event()
        self._signing = Lock()
        # Both outlast a database that is set back to an earlier state; one of them, this process.
        self._last: Checkpoint | None = None
        self._memory = LastSigned(keys.memory) if keys and keys.memory else None

    def latest(self) -> Signed | None:
        """Return the checkpoint of the largest size that was signed."""
        return self._found(
            "select note from ledger.checkpoint where log_id = %s order by size desc limit 1", LOG
        )

    def at(self, size: int) -> Signed | None:
        """Return the checkpoint of a size, if one was signed."""
        return self._found(
            "select note from ledger.checkpoint where log_id = %s and size = %s", LOG, size
        )

    def sign(self) -> Signed | None:
        """Sign the log as it stands, and return its checkpoint; the latest, without keys.

        Raises `Forked` where the log contradicts what was signed before, `KeyRefused` or
        `OSError` where the keys cannot be read.
        """
        if self._keys is None:
            return self.latest()
        with self._signing:
            # Read in this order: the head is then never behind what another has signed.
            remembered = self._memory.read() if self._memory else None
            latest = self.latest()
            head = self._ledger.store.head()
            before = {old for old in (remembered, latest and latest.checkpoint, self._last) if old}
            if latest is not None and latest.checkpoint.size == head.size:
                self._look_back(before, latest.checkpoint.origin, head)
                return self._remember(latest)
            signers = self._keys.signers()
            checkpoint = Checkpoint(signers[0].name, head.size, head.root)
            self._look_back(before, checkpoint.origin, head)
            return self._remember(
                self._keep(Signed(checkpoint, sign_checkpoint(checkpoint, signers)))
            )

    @contextmanager
    def running(self) -> Generator[None]:
        """Sign in a thread of its own meanwhile, and once more at the end."""
        if self._keys is None:
            yield
            return
        thread = Thread(target=self._run, name="notary", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        going = True
        while going:
            going = not self._stop.wait(self._every_s)
            try:
                self.sign()
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                _log.warning("notary.waiting", error=str(error).strip())
            except (KeyRefused, OSError) as error:
                _log.warning("notary.no_key", error=str(error))
            except Exception:  # noqa: BLE001  # nobody waits for this thread
                # For people to judge. It would be refused again, so it is not tried again.
                _log.exception("notary.stopped")
                going = False

    def _look_back(self, before: AbstractSet[Checkpoint], origin: str, head: Head) -> None:
        # While nothing grows, what was found once need not be read again every second.
        if before != {Checkpoint(origin, head.size, head.root)}:
            _check(before, origin, head, Tree(head.size, self._ledger.store.hashes))

    def _remember(self, signed: Signed) -> Signed:
        if self._memory and signed.checkpoint != self._last:
            self._memory.keep(signed)
        self._last = signed.checkpoint
        return signed

    def _keep(self, signed: Signed) -> Signed:
        checkpoint = signed.checkpoint
        # Once for each checkpoint, so a connection of its own: the ledger's may only read.
        with connect(self._ledger.url, DatabaseRole.WRITER, application="ssp-notary") as connection:
            connection.execute(
                "insert into ledger.checkpoint (log_id, size, root, note) values (%s, %s, %s, %s) "
                "on conflict do nothing",
                (LOG, checkpoint.size, checkpoint.root, signed.note),
            )
        first = self.at(checkpoint.size)
        if first is None:
            raise Forked(f"the checkpoint of {checkpoint.size} events was stored and is gone")
        if first.checkpoint != checkpoint:
            raise Forked(f"two logs of {checkpoint.size} events ask to be signed as one")
        return first

    def _found(self, query: LiteralString, *parameters: int) -> Signed | None:
        with self._ledger.connection() as connection:
            row = connection.execute(query, parameters).fetchone()
        return None if row is None else read_signed(bytes(row[0]))


def _check(before: AbstractSet[Checkpoint], origin: str, head: Head, tree: Tree) -> None:
    """Refuse to sign what the stored hashes, or the checkpoints before, do not bear out."""
    try:
        if tree.root() != head.root:
            raise Forked(f"the root in the head is not that of the {head.size} hashes stored")
        for old in before:
            _check_grown(old, origin, head, tree)
    except LookupError as error:
        raise Forked(f"the head speaks of more than there is: {error}") from error


def _check_grown(old: Checkpoint, origin: str, head: Head, tree: Tree) -> None:
    if old.origin != origin:
        raise Forked(f"the log was signed as {old.origin!r}, and is never signed as {origin!r}")
    if old.size > head.size:
        raise Forked(f"{old.size} events were signed, and {head.size} are left")
    if not extends(old.root, old.size, head.root, head.size, tree.consistency(old.size)):
        raise Forked(f"the {head.size} events do not begin with the {old.size} that were signed")
