"""What the ledger is held to, and whether a run shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.contenders.table import CONTENDERS
from benchmarks.run import APPENDS, Found

_PLAIN_16 = ("append-16", "rate", "plain")
_LIMITS = {"append-100": "plain inserts by unnest", "read_all": "COPY decoded by json"}


@dataclass(frozen=True, slots=True)
class Check:
    """One figure: of what, what it is held to, what was found; `met` is None where unknown."""

    of: str
    held_to: str
    found: str
    met: bool | None


def checks(found: Found) -> Iterator[Check]:
    """Judge every figure of a run."""
    yield _faster(found, "1 client, 1 event a commit", "append-1", "plain", 0.75)
    for peer in ("eventsourcing", "eventsource-py", "emmett", "umadb"):
        yield _faster(found, "1 client, 1 event a commit", "append-1", peer, 1)
    yield _faster(found, "16 clients", "append-16", "plain", 1.2)
    yield _faster(found, "16 clients", "append-16", "eventsourcing", 10)
    yield _faster(found, "16 clients", "append-16", "umadb", 1)
    ratio = found.ratio(("append-40", "rate", "ready"), _PLAIN_16)
    yield _at_least("40 clients", ratio, 1.5, "plain inserts of 16 clients")
    yield _faster(found, "batches of 100, 1 client", "append-100", "plain", 0.8)
    yield _faster(found, "batches of 100, 1 client", "append-100", "eventsourcing", 3)
    yield _faster(found, "whole log read and decoded", "read_all", "plain", 0.6)
    yield _faster(found, "whole log read and decoded", "read_all", "eventsourcing", 3)
    time = found.ratio(("read_stream", "ms", "ours"), ("read_stream", "ms", "plain"))
    yield _at_most("a stream loaded and folded", time, 1.5, "the time of the plain select")
    p99 = found.ratio(("append-16", "p99", "ready"), ("append-16", "p99", "plain"))
    yield _at_most("p99 at 16 clients", p99, 1, "that of plain inserts")
    yield _proof(found)
    yield _verify(found)
    yield _audited(found)
    yield _lossless(found)


def _faster(found: Found, of: str, measure: str, other: str, times: float) -> Check:
    # Plain inserts are handed their records ready; peers encode their events, and so do we.
    ours = "ready" if other == "plain" and measure in APPENDS else "ours"
    ratio = found.ratio((measure, "rate", ours), (measure, "rate", other))
    what = _LIMITS.get(measure, "plain inserts") if other == "plain" else CONTENDERS[other].label
    return _at_least(of, ratio, times, what)


def _at_least(of: str, ratio: float | None, times: float, what: str) -> Check:
    held_to = f"ahead of {what}" if times == 1 else f"at least {times:g} × {what}"
    return Check(of, held_to, _times(ratio), None if ratio is None else ratio >= times)


def _at_most(of: str, ratio: float | None, times: float, what: str) -> Check:
    held_to = f"no worse than {what}" if times == 1 else f"at most {times:g} × {what}"
    return Check(of, held_to, _times(ratio), None if ratio is None else ratio <= times)


def _proof(found: Found) -> Check:
    places = [found.of("proof", place, "ours") for place in ("first", "middle", "last")]
    known = [place for place in places if place is not None]
    return Check(
        "inclusion proof in a large log: first tenth, middle, last tenth",
        "under 5 ms at the median, wherever the event is",
        ", ".join(f"{ms:.2f} ms" for ms in known) or "–",
        max(known) < 5 if known else None,  # noqa: PLR2004  # the figure that it is held to
    )


def _verify(found: Found) -> Check:
    rate, reading = found.of("verify", "rate", "ours"), found.of("read_all", "rate", "plain")
    if rate is None or reading is None:
        return Check("whole log verified", "150,000 events/s, or the reading limit", "–", None)
    limit = min(150_000, reading)
    return Check(
        "whole log verified",
        f"150,000 events/s, or the reading limit: {limit:,.0f} here",
        f"{rate:,.0f} events/s",
        rate >= limit,
    )


def _audited(found: Found) -> Check:
    ratio = found.ratio(("append-16", "rate", "ready"), ("append-16", "rate", "unaudited"))
    return Check(
        "16 clients, with the tree against without it",
        "under 15 % slower",
        "–" if ratio is None else f"{max(0, 1 - ratio):.0%} slower",
        None if ratio is None else ratio > 0.85,  # noqa: PLR2004  # as above
    )


def _lossless(found: Found) -> Check:
    losses = found.losses.get("ours")
    if losses is None:
        return Check("events that a tailing reader never saw", "none", "–", None)
    seen = f"{losses.unseen:,} of {losses.acknowledged:,}"
    return Check("events that a tailing reader never saw", "none", seen, losses.unseen == 0)


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f} ×"
