"""What a superuser does to the log who takes the triggers away: what the live check makes of it.

The live check believes nothing but the records and the head beside them. A log that was rewound
or rewritten with its head agrees with itself: only a checkpoint that somebody else has kept
tells it from the one that was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from core.ledger.guards import lacking_guards
from core.ledger.ledger import Ledger
from core.ledger.requests import Key, NewEvent, Request
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import append
from replay.verify import verify
from tests.tampering import (
    change,
    delete,
    insert,
    rewind,
    rewrite,
    swap,
    truncate,
    unguarded,
)

Deed = Callable[[Connection[Any]], None]
STREAMS, SIZE = 50, 300
"""More events than a tile has, in streams of six."""
ONLY_THE_ROOT = None, "the head's root is not the root of the records"
FOUND: dict[str, tuple[Deed, int | None, str]] = {
    "changed": (lambda c: change(c, 120, b'"said":"120"', b'"said":"121"'), *ONLY_THE_ROOT),
    "moved to another stream": (
        lambda c: change(c, 120, b'"subject":"s-20"', b'"subject":"s-21"'),
        120,
        "stream is 's-21' in the record and 's-20' beside it",
    ),
    "deleted": (lambda c: delete(c, 120), 169, "version 4 of s-20 follows version 2"),
    "deleted, the last of its stream": (lambda c: delete(c, 270), *ONLY_THE_ROOT),
    "inserted": (lambda c: insert(c, 120, "s-new"), *ONLY_THE_ROOT),
    "inserted at the end": (lambda c: insert(c, 299, "s-new"), *ONLY_THE_ROOT),
    "swapped": (lambda c: swap(c, 120, 121), 121, "before its predecessor"),
    "swapped within a stream": (lambda c: swap(c, 120, 170), 120, "version 4 of s-20 follows"),
    "cut off at the end": (lambda c: truncate(c, 299), 299, ""),
    "cut off at the start": (lambda c: truncate(c, 0), 0, ""),
}
UNFOUND: dict[str, Deed] = {
    "rewound": lambda c: rewind(c, 120),
    "rewound to nothing": lambda c: rewind(c, 0),
    "rewritten": lambda c: rewrite(c, lambda r: r.replace(b'"said":"120"', b'"said":"121"')),
}


@pytest.fixture
def ledger(any_database_url: str) -> Iterator[Ledger]:
    with Ledger(any_database_url) as ledger:
        fill(ledger.url)
        assert verify(ledger.store).fault is None
        yield ledger


def fill(url: str) -> None:
    """Append events of which each is recorded a second after the one before."""
    with connect(url, DatabaseRole.WRITER, application="test") as connection:
        for position in range(SIZE):
            stream, version = f"s-{position % STREAMS}", position // STREAMS + 1
            content = {
                "subject": stream,
                "version": version,
                "type": "noted.1",
                "said": str(position),
            }
            body = json.dumps(content, separators=(",", ":")).encode()[1:]
            request = Request(
                [NewEvent(stream, version, "noted.1", body)],
                [Key(f"key-{position}", b"digest", 0, 1)],
            )
            at = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(seconds=position)
            assert append(connection, [request], at)[0].first_position == position


def whoever_did(ledger: Ledger, deed: Deed) -> None:
    """Do it, and put the guards back."""
    with unguarded(ledger.url) as connection:
        deed(connection)
    with psycopg.connect(ledger.url) as connection:
        assert lacking_guards(connection) == []


@pytest.mark.parametrize("deed", FOUND)
def test_the_live_check_finds_what_was_done(ledger: Ledger, deed: str) -> None:
    done, position, finding = FOUND[deed]
    whoever_did(ledger, done)
    fault = verify(ledger.store).fault
    assert fault is not None
    assert fault.position == position
    assert finding in fault.finding


@pytest.mark.parametrize("deed", UNFOUND)
def test_a_log_that_agrees_with_itself_needs_an_earlier_checkpoint(
    ledger: Ledger, deed: str
) -> None:
    earlier = ledger.store.head()
    whoever_did(ledger, UNFOUND[deed])
    found = verify(ledger.store)
    assert found.fault is None
    # Which anyone has who kept size and root: this log never had that root at that size.
    assert (found.size, found.root) != (earlier.size, earlier.root.hex())


@pytest.mark.parametrize("deed", [*FOUND, *UNFOUND])
def test_none_of_it_can_be_done_while_the_guards_are_there(ledger: Ledger, deed: str) -> None:
    done = FOUND[deed][0] if deed in FOUND else UNFOUND[deed]
    before = ledger.store.head()
    with psycopg.connect(ledger.url) as connection:
        connection.execute("set session_replication_role = replica")
        with pytest.raises(InsufficientPrivilege, match="stays as it was recorded"):
            done(connection)
    assert verify(ledger.store).fault is None
    assert ledger.store.head() == before


def test_a_rewound_log_grows_on_as_if_nothing_had_been_there(ledger: Ledger) -> None:
    """So that a tamperer could go on from there: the log itself holds no trace."""
    before = ledger.store.head()
    whoever_did(ledger, lambda connection: rewind(connection, 0))
    assert ledger.store.size() == 0
    fill(ledger.url)
    assert verify(ledger.store).fault is None
    assert ledger.store.head() == before
