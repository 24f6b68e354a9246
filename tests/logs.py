"""Logs of any size with keys of their own, for whatever proves something of a log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from pydantic import SecretStr

from core.ledger.log_keys import LogKeys, LogKeySettings, new_key
from core.ledger.notes import Verifier
from core.ledger.requests import NewEvent, Request
from core.ledger.store import append

NAME = "log.example/ssp"
_BATCH = 5_000


def log_keys(*texts: str) -> LogKeys:
    """Keys as they are set in production: the ones given, or a new one."""
    return LogKeys(
        LogKeySettings(log_key=SecretStr("\n".join(texts or [new_key(NAME)])), log_key_file=None),
        None,
    )


def verifiers(keys: LogKeys) -> list[Verifier]:
    """What verifies the checkpoints that keys sign."""
    return [signer.verifier for signer in keys.signers()]


def grow(connection: Connection[Any], count: int, bodies: Sequence[bytes] = ()) -> None:
    """Append so many events of no matter what; `bodies` are what the first of them hold."""
    row = connection.execute("select size from ledger.head where log_id = 1").fetchone()
    size = row[0] if row else 0
    version = connection.execute(
        "select coalesce(max(version), 0) from ledger.event where stream = 'test-stream'"
    ).fetchone()
    first = (version[0] if version else 0) + 1
    for start in range(0, count, _BATCH):
        events = [
            NewEvent(
                "test-stream",
                first + n,
                "test.grown.1",
                bodies[n] if n < len(bodies) else b'"n":%d}' % (size + n),
            )
            for n in range(start, min(start + _BATCH, count))
        ]
        append(connection, [Request(events)])
