"""What a superuser does to the log who takes the triggers away: what the live check makes of it.

The live check believes nothing but the records and the head beside them. A log that was rewound
or rewritten with its head agrees with itself: only a checkpoint that somebody else has kept
tells it from the one that was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from core.ledger.guards import lacking_guards
from core.ledger.ledger import Ledger
from core.ledger.store import LOG
from replay.verify import verify
from tests.rounds import Round
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
ONLY_THE_ROOT = None, "the head's root is not the root of the records"
FOUND: dict[str, tuple[Deed, int | None, str]] = {
    "a mark changed": (lambda c: change(c, 14, b'"50"', b'"90"'), *ONLY_THE_ROOT),
    "a city changed": (
        lambda c: change(c, 3, b'"subject":"city-x"', b'"subject":"city-w"'),
        3,
        "stream is 'city-w' in the record and 'city-x' beside it",
    ),
    "the last of a stream deleted": (lambda c: delete(c, 14), *ONLY_THE_ROOT),
    "the middle of a stream deleted": (
        lambda c: delete(c, 9),
        9,
        "version 3 of call-c follows version 1",
    ),
    "a city inserted": (lambda c: insert(c, 5, "city-v"), *ONLY_THE_ROOT),
    "a second decision inserted": (
        lambda c: insert(c, 31, "selection-c:other"),
        *ONLY_THE_ROOT,
    ),
    "two cities swapped": (lambda c: swap(c, 3, 5), 4, "before its predecessor"),
    "two versions swapped": (
        lambda c: swap(c, 13, 14),
        13,
        "version 2 of evaluation-c:doc:x:e1 follows version 0",
    ),
    "the end cut off": (lambda c: truncate(c, 30), 30, "the head counts 32 events, 30 are stored"),
    "everything cut off": (lambda c: truncate(c, 0), 0, "the head counts 32 events, 0 are stored"),
}
UNFOUND: dict[str, Deed] = {
    "rewound to before the scores": lambda c: rewind(c, 12),
    "rewound to nothing": lambda c: rewind(c, 0),
    "rewritten with other marks": lambda c: rewrite(c, lambda r: r.replace(b'"50"', b'"90"')),
}


@pytest.fixture
def ledger(any_database_url: str) -> Iterator[Ledger]:
    with Ledger(any_database_url) as ledger:
        Round(ledger).whole()
        assert ledger.store.size() == 32
        yield ledger


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
    """So that a tamperer could go on from there: what was rewound has left no trace."""
    whoever_did(ledger, lambda connection: rewind(connection, 0))
    ledger.forget()
    Round(ledger).whole()
    assert verify(ledger.store).fault is None
    assert ledger.store.size() == 32
    with psycopg.connect(ledger.url) as connection:
        row = connection.execute("select count(*) from ledger.event where log_id = %s", (LOG,))
        assert row.fetchone() == (32,)
