"""One run: a programme grows slice by slice, and all who follow it catch up in turns."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

import psycopg

from benchmarks import stores
from benchmarks.programmes.fill import fill
from benchmarks.programmes.size import MILLION, Size
from benchmarks.views.processes import follower

NAMES = ("ours", "one", "plain", "stock")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long the programme is, in how many slices, and what the stock library gets of each.

    `asked` is how often each question is put to the past, `lag_s` how long each is followed;
    `settled` whether the disk is let come to rest before each turn.
    """

    programme: Size
    slices: int
    stock: int
    asked: int
    lag_s: float
    lag_rounds: int
    settled: bool = True


FULL = Sizes(MILLION, slices=10, stock=2_000, asked=400, lag_s=6, lag_rounds=3)
QUICK = Sizes(MILLION.of(60_000), slices=3, stock=1_000, asked=100, lag_s=4, lag_rounds=2)
TINY = Sizes(
    MILLION.of(4_000), slices=2, stock=100, asked=5, lag_s=0.5, lag_rounds=1, settled=False
)


@dataclass(frozen=True, slots=True)
class Slice:
    """What a follower took for a slice."""

    events: int
    seconds: float
    cpu_s: float
    peak_mib: float


@dataclass(slots=True)
class Caught:
    """What each follower took, slice by slice, and how large an event was at the median."""

    slices: dict[str, list[Slice]] = field(default_factory=dict[str, list[Slice]])
    event_bytes: int = 0
    settings: dict[str, str] = field(default_factory=dict[str, str])

    def rate(self, name: str, *, cpu: bool = False) -> float:
        """Return events a second over all slices; of CPU time, the server's not counted."""
        found = self.slices[name]
        taken = sum(s.cpu_s if cpu else s.seconds for s in found)
        return sum(s.events for s in found) / taken

    def ratio(self, over: str, under: str) -> float:
        """Return the median over the slices of one rate to another's, each of the same slice."""
        pairs = zip(self.slices[over], self.slices[under], strict=True)
        return median((a.events / a.seconds) / (b.events / b.seconds) for a, b in pairs)

    def peak_mib(self, name: str) -> float:
        """Return the most memory that a follower ever had."""
        return max(s.peak_mib for s in self.slices[name])


def caught_up(url: str, sizes: Sizes) -> Caught:
    """Fill the ledger at `url` and let every follower catch up after each slice."""
    found = Caught({name: [] for name in NAMES})
    growing = fill(url, sizes.programme)
    with ExitStack() as stack:
        _until(growing, 1)
        followers = {name: stack.enter_context(follower(name, url, "step")) for name in NAMES}
        for turn in range(sizes.slices):
            size = _until(growing, sizes.programme.events * (turn + 1) // sizes.slices)
            found.event_bytes = _event_bytes(url)
            told = {"events": sizes.stock, "size": found.event_bytes}
            for name in _in_turn(turn):
                if sizes.settled:
                    stores.settle([url])
                print(f"{name}: catching up to {size:,}", file=sys.stderr)  # noqa: T201
                found.slices[name].append(Slice(**followers[name].told(told)))
    return found


def _until(growing: Iterator[int], events: int) -> int:
    """Let the log grow until it holds so many events, or there are no more."""
    size = 0
    for size in growing:
        if size >= events:
            break
    return size


def _in_turn(turn: int) -> Sequence[str]:
    first = turn % len(NAMES)
    return (*NAMES[first:], *NAMES[:first])


def _event_bytes(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select percentile_disc(0.5) within group (order by octet_length(record)) "
            "from ledger.event"
        ).fetchone()
    return row[0] if row else 0
