"""Groups of events on their way to the log: many requests as the flat arrays of one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.ledger.arrays import byteas, int4s, int8s, texts

if TYPE_CHECKING:
    from core.ledger.requests import NewEvent, Request


def arrays(requests: Sequence[Request]) -> tuple[bytes | bool, ...]:
    """Return what `ledger.append` takes after the log and the instant.

    Raises `ValueError` for a request without events, and for what no column can hold.
    """
    flush = _Flush()
    for request in requests:
        if not request.events:
            raise ValueError("a group to be appended holds at least one event")
        flush.add(request)
    return flush.packed()


def after_prefix(prefix: str) -> str:
    """Return the least text, in code point order, that follows everything under `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class _Flush:
    """The arrays as they grow; streams and keys are named once, and then by their place."""

    def __init__(self) -> None:
        self._requests = 0
        self._shared = False
        self._counts: list[int] = []
        self._streams: dict[str, int] = {}
        self._owners: list[int] = []
        self._reads: list[int] = []
        self._bounds: list[str] = []
        self._positions: list[int] = []
        self._keys: dict[str, int] = {}
        self._key_uses: list[int] = []
        self._digests: list[bytes] = []
        self._places: list[int] = []
        self._events: list[NewEvent] = []

    def add(self, request: Request) -> None:
        self._counts += (
            len(request.reads),
            len(request.ranges),
            len(request.keys),
            len(request.events),
        )
        self._requests += 1
        for stream, version in request.reads.items():
            self._reads += self._place(stream), version
        for prefix, position in request.ranges.items():
            self._bounds += prefix, after_prefix(prefix)
            self._positions.append(position)
        for key in request.keys:
            self._shared |= key.key in self._keys
            place = self._keys.setdefault(key.key, len(self._keys) + 1)
            self._key_uses += place, key.offset, key.count
            self._digests.append(key.digest)
        for event in request.events:
            self._places += self._place(event.stream), event.version
        self._events += request.events

    def packed(self) -> tuple[bytes | bool, ...]:
        return (
            int4s(self._counts),
            self._shared,
            texts(list(self._streams)),
            int4s(self._reads),
            texts(self._bounds),
            int8s(self._positions),
            texts(list(self._keys)),
            int4s(self._key_uses),
            byteas(self._digests),
            int4s(self._places),
            texts([event.type for event in self._events]),
            byteas([event.body for event in self._events]),
        )

    def _place(self, stream: str) -> int:
        place = self._streams.setdefault(stream, len(self._streams) + 1)
        if place > len(self._owners):
            self._owners.append(self._requests)
        self._shared |= self._owners[place - 1] != self._requests
        return place
