"""What views read of the log: the facts that this version knows.

A log may hold records of other programs, or of a newer version of this one. Their wire
names are no event's here, so no fold asks for them, and they are passed over. A record
that has a known name and not its shape is another matter: what it says would be missing
from every view, so reading stops there and says where.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from core.ledger.codec import known
from core.ledger.records import Recorded, Stored, decode

if TYPE_CHECKING:  # an exported log is read where there is no database
    from core.ledger.store import Store


class MalformedRecord(Exception):
    """A record does not have the shape that its wire name promises."""

    def __init__(self, position: int, wire: str, finding: str) -> None:
        super().__init__(f"position {position} ({wire}) cannot be read: {finding}")
        self.position = position


def readable(rows: Iterable[Stored], wires: Container[str] | None = None) -> Iterator[Recorded]:
    """Yield the events of known wire names; raises `MalformedRecord` at the first bad one.

    With `wires`, only records of these are read at all.
    """
    for row in rows:
        if not (known(row.type) if wires is None else row.type in wires):
            continue
        try:
            record = decode(row)
        except Exception as error:  # whatever an upcaster or validator trips over
            raise MalformedRecord(row.position, row.type, repr(error)) from error
        yield record


def records(store: Store, start: int = 0, stop: int | None = None) -> Iterator[Recorded]:
    """Yield what views read from position `start` up to, not including, `stop`."""
    return readable(store.scan(start, stop))
