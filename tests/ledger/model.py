"""The ledger as a list in memory: what an append must answer, whatever happens around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations

from core.ledger.requests import NewEvent, Request

Known = tuple[bytes, int, int]
Told = tuple[str, int | None]
"""An outcome, and the position that was told with it."""

UNKNOWN = "unknown"


@dataclass(slots=True)
class Model:
    """A log: its events by position, and the keys of its commands."""

    events: list[NewEvent] = field(default_factory=list[NewEvent])
    keys: dict[str, Known] = field(default_factory=dict[str, Known])

    def version(self, stream: str) -> int:
        """Return the last version of a stream, 0 for one that does not exist."""
        return max((e.version for e in self.events if e.stream == stream), default=0)

    def append(self, request: Request) -> Told:
        """Append a group, or say why not: its keys first, then what it read, then its versions."""
        known = {k.key: self.keys[k.key] for k in request.keys if k.key in self.keys}
        if any(k.digest != known[k.key][0] for k in request.keys if k.key in known):
            return "key-reused", None
        if known and len(known) == len(request.keys):
            return "replayed", min(first for _, first, _ in known.values())
        if known or self._has_changed(request):
            return "conflict", None
        first = len(self.events)
        self.events += request.events
        for key in request.keys:
            self.keys[key.key] = (key.digest, first + key.offset, key.count)
        return "appended", first

    def _has_changed(self, request: Request) -> bool:
        taken = {(e.stream, e.version) for e in self.events}
        return (
            any(self.version(stream) != version for stream, version in request.reads.items())
            or any(
                event.stream.startswith(prefix)
                for prefix, position in request.ranges.items()
                for event in self.events[position + 1 :]
            )
            or any((event.stream, event.version) in taken for event in request.events)
        )

    def after(
        self,
        requests: Sequence[Request],
        told: Sequence[Told],
        stored: Sequence[NewEvent],
        *,
        lost: bool,
    ) -> Model:
        """Return this after requests at once, done in the order that explains what there is.

        That is both what was told and what is stored. Where answers may have been `lost` on
        the way, what was appended may be told as found again. Raises `AssertionError` where
        no order explains it.
        """
        for order in permutations(range(len(requests))):
            found = Model(self.events[:], dict(self.keys))
            explained = [_explains(found.append(requests[n]), told[n], lost=lost) for n in order]
            if all(explained) and found.events == list(stored):
                return found
        raise AssertionError((told, requests, stored[len(self.events) :]))


def _explains(model: Told, told: Told, *, lost: bool) -> bool:
    if told[0] == UNKNOWN:
        return True
    return told == model or (lost and (model[0], told) == ("appended", ("replayed", model[1])))
