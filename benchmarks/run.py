"""One run: every contender does every job in turns, round after round."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from benchmarks import jobs, stores
from benchmarks.losses import Losses, losses


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long and how much: of a run that counts, of a short one, of one that only works."""

    rounds: int
    seconds: float
    log: int
    stream: int
    proven: int
    losing_s: float


FULL = Sizes(rounds=3, seconds=1.5, log=60_000, stream=10_000, proven=1_000_000, losing_s=3.0)
QUICK = Sizes(rounds=1, seconds=1.0, log=20_000, stream=10_000, proven=100_000, losing_s=2.0)
TINY = Sizes(rounds=1, seconds=0.2, log=400, stream=200, proven=600, losing_s=0.3)

APPENDS: dict[str, tuple[int, int]] = {
    "append-1": (1, 1),
    "append-16": (16, 1),
    "append-40": (40, 1),
    "append-100": (1, 100),
}
"""Clients, and events a commit, of each measure of appends."""

READS = ("read_all", "read_stream")
LONG = "city-long"


@dataclass(slots=True)
class Found:
    """What was measured: the figures of each round by measure, what it is of, and contender.

    Rates are events a second, times milliseconds.
    """

    figures: dict[tuple[str, str, str], list[float]] = field(
        default_factory=dict[tuple[str, str, str], list[float]]
    )
    losses: dict[str, Losses] = field(default_factory=dict[str, Losses])
    absent: dict[str, str] = field(default_factory=dict[str, str])
    settings: dict[str, str] = field(default_factory=dict[str, str])

    def put(self, measure: str, of: str, name: str, figure: float) -> None:
        """Add a round's figure."""
        self.figures.setdefault((measure, of, name), []).append(figure)

    def of(self, measure: str, of: str, name: str) -> float | None:
        """Return the median over the rounds; None where there is none."""
        rounds = self.figures.get((measure, of, name))
        return median(rounds) if rounds else None

    def ratio(self, over: tuple[str, str, str], under: tuple[str, str, str]) -> float | None:
        """Return the median over the rounds of one figure to another of the same round.

        A machine that slows down for a while slows both: their ratio stays.
        """
        pairs = zip(self.figures.get(over, ()), self.figures.get(under, ()), strict=False)
        ratios = [a / b for a, b in pairs]
        return median(ratios) if ratios else None


def run(names: Sequence[str], absent: Mapping[str, str], sizes: Sizes) -> Found:
    """Measure contenders, all but those that are absent; one that fails becomes absent."""
    found = Found(absent=dict(absent))
    with ExitStack() as stack:
        server = stack.enter_context(stores.postgres())
        found.settings = stores.settings(server)
        urls = {"append": _urls(stack, server, names, found, "append")}
        for turn in range(sizes.rounds):
            for measure in APPENDS:
                for name in _in_turn(_appending(names, measure), turn):
                    _try(found, name, _append, urls["append"], measure, sizes)
        urls["read"] = _urls(stack, server, _reading(names), found, "read")
        for name in _reading(names):
            _try(found, name, _fill, urls["read"], sizes)
        stores.settle([url for url in urls["read"].values() if url.startswith("postgres")])
        for turn in range(sizes.rounds):
            for measure in (*READS, "verify"):
                for name in _in_turn(_reading(names) if measure in READS else ["ours"], turn):
                    _try(found, name, _read, urls["read"], measure)
        if "ours" in names:
            _try(found, "ours", _prove, urls["read"], sizes)
        urls["lose"] = _urls(stack, server, _losing(names), found, "lose")
        for name in urls["lose"]:
            _try(found, name, _lose, urls["lose"], sizes)
    return found


def _appending(names: Sequence[str], measure: str) -> Sequence[str]:
    only = {"copy": "append-100", "unaudited": "append-16", "eventsourcing-functions": ""}
    return [name for name in names if only.get(name, measure) == measure]


def _reading(names: Sequence[str]) -> Sequence[str]:
    return [n for n in names if n not in ("copy", "ready", "unaudited", "eventsourcing-functions")]


def _losing(names: Sequence[str]) -> Sequence[str]:
    # Plain inserts need one process to count their positions, and promise no order of commits.
    return [n for n in names if n not in ("plain", "copy", "ready", "unaudited")]


def _in_turn(names: Sequence[str], turn: int) -> Iterator[str]:
    """Begin with another each round, so that none always follows the same one."""
    first = turn % len(names) if names else 0
    yield from names[first:]
    yield from names[:first]


def _urls(
    stack: ExitStack, server: str, names: Sequence[str], found: Found, purpose: str
) -> dict[str, str]:
    urls: dict[str, str] = {}
    for name in names:
        if name in found.absent:
            continue
        if name == "umadb":
            urls[name] = stack.enter_context(stores.uma_db())
        else:
            urls[name] = stores.new_database(server, f"{purpose}_{name}".replace("-", "_"))
        _try(found, name, _prepare, urls)
    return urls


def _try(found: Found, name: str, job: Callable[..., None], *needs: object) -> None:
    if name in found.absent:
        return
    print(f"{name}: {job.__name__.strip('_')}", *_words(needs), file=sys.stderr)  # noqa: T201
    try:
        job(found, name, *needs)
    except jobs.JobFailed as failed:
        found.absent[name] = str(failed)


def _words(needs: Sequence[object]) -> Iterator[str]:
    return (need for need in needs if isinstance(need, str))


def _prepare(_found: Found, name: str, urls: Mapping[str, str]) -> None:
    jobs.run(name, "prepare", urls[name])


def _append(found: Found, name: str, urls: Mapping[str, str], measure: str, sizes: Sizes) -> None:
    clients, batch = APPENDS[measure]
    load = jobs.run(name, "append", urls[name], clients=clients, batch=batch, seconds=sizes.seconds)
    found.put(measure, "rate", name, load["commits_per_s"] * batch)
    found.put(measure, "p50", name, load["p50_ms"])
    found.put(measure, "p99", name, load["p99_ms"])


def _fill(_found: Found, name: str, urls: Mapping[str, str], sizes: Sizes) -> None:
    needs = {"events": sizes.log, "stream": LONG, "length": sizes.stream}
    jobs.run(name, "fill", urls[name], **needs)


def _read(found: Found, name: str, urls: Mapping[str, str], measure: str) -> None:
    needs = {"stream": LONG} if measure == "read_stream" else {}
    read = jobs.run(name, measure, urls[name], **needs)
    found.put(measure, "rate", name, read["events"] / read["seconds"])
    found.put(measure, "ms", name, read["seconds"] * 1e3)


def _prove(found: Found, name: str, urls: Mapping[str, str], sizes: Sizes) -> None:
    proof = jobs.run(name, "prove", urls[name], events=sizes.proven)
    for place in ("first", "middle", "last"):
        found.put("proof", place, name, proof[place])


def _lose(found: Found, name: str, urls: Mapping[str, str], sizes: Sizes) -> None:
    found.losses[name] = losses(name, urls[name], sizes.losing_s)
