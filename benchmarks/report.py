"""The page that a run writes: the figures, the rates behind them, and what they were made on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from benchmarks import machine, peers
from benchmarks.contender import EVENT_BYTES
from benchmarks.contenders.table import CONTENDERS
from benchmarks.figures import Check, checks
from benchmarks.losses import CLIENTS, PROCESSES
from benchmarks.run import APPENDS, Found, Sizes

_APPENDS = {
    "append-1": "1 client",
    "append-16": "16 clients",
    "append-40": "40 clients",
    "append-100": "batches of 100",
}
MET = {True: "yes", False: "**no**", None: "not measured"}


def page(found: Found, sizes: Sizes) -> str:
    """Return the whole page as Markdown."""
    return "\n".join((*_opening(found, sizes), *_judged(found), *_rates(found), *_losses(found)))


def table(found: Found) -> str:
    """Return the figures alone, for the terminal."""
    lines = (f"{MET[c.met]:12}  {c.of}: {c.found}  ({c.held_to})" for c in checks(found))
    return "\n".join(lines).replace("**", "")


def _opening(found: Found, sizes: Sizes) -> Iterator[str]:
    yield "# Performance\n"
    yield (
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}. All contenders ran in turns on "
        f"one machine in one run, {sizes.rounds} rounds of {sizes.seconds:g} s each; figures are "
        "medians, ratios are medians of each round's ratio. Only ratios carry over to another "
        "machine. Where a figure is missed, "
        "[decision 16](decisions/0016-how-the-append-was-made-fast.md) says what the limit is.\n"
    )
    yield f"- Machine: {machine.described()}."
    settings = ", ".join(f"{name} {value}" for name, value in found.settings.items())
    yield f"- PostgreSQL: the embedded one, as it is installed: {settings}."
    yield (
        f"- Events of {EVENT_BYTES} bytes. Ours has its tree, its keys and its check of what was "
        "read on, and encodes and decodes typed events, but where it is compared with plain "
        "inserts: these are handed their records ready, and so is ours then. Each client appends "
        "to a stream of its own and expects its version.\n"
    )
    yield "![Appends a second beside plain inserts](performance.svg)\n"


def _judged(found: Found) -> Iterator[str]:
    yield "## What it is held to\n"
    yield from grid(
        ("", "held to", "found", "met"),
        [(c.of, c.held_to, c.found, MET[c.met]) for c in _grouped(found)],
    )


def _grouped(found: Found) -> Iterator[Check]:
    before = ""
    for check in checks(found):
        yield Check("" if check.of == before else check.of, check.held_to, check.found, check.met)
        before = check.of


def _rates(found: Found) -> Iterator[str]:
    yield "\n## Events a second\n"
    yield from grid(
        ("", *_APPENDS.values(), "log read", "stream read"),
        [
            (
                entry.label,
                *(_rate(found, measure, name) for measure in (*APPENDS, "read_all", "read_stream")),
            )
            for name, entry in CONTENDERS.items()
            if any(of == name for _, _, of in found.figures)
        ],
    )
    yield "\n## How long an append takes: median and 99th percentile, in milliseconds\n"
    yield from grid(
        ("", *_APPENDS.values()),
        [
            (entry.label, *(_times(found, measure, name) for measure in APPENDS))
            for name, entry in CONTENDERS.items()
            if any(of == name for _, _, of in found.figures)
        ],
    )


def _losses(found: Found) -> Iterator[str]:
    yield (
        f"\n## What a reader misses\n\n{PROCESSES * CLIENTS} writers in {PROCESSES} processes "
        "append one event and five in turns, while a reader follows by its contender's own "
        "recommended way. Lost is what was acknowledged and never seen.\n"
    )
    yield from grid(
        ("", "version", "settings", "acknowledged", "lost"),
        [
            (
                entry.label,
                "–"
                if name in found.absent and name not in found.losses
                else peers.version_of(name),
                entry.settings,
                *(_lost(found, name)),
            )
            for name, entry in CONTENDERS.items()
        ],
    )
    if found.absent:
        yield "\n## What could not be measured\n"
        yield from (f"- {CONTENDERS[name].label}: {why}" for name, why in found.absent.items())
    yield ""


def _lost(found: Found, name: str) -> tuple[str, str]:
    losses = found.losses.get(name)
    return ("–", "–") if losses is None else (f"{losses.acknowledged:,}", f"{losses.unseen:,}")


def _rate(found: Found, measure: str, name: str) -> str:
    rate = found.of(measure, "rate", name)
    return "–" if rate is None else f"{rate:,.0f}"


def _times(found: Found, measure: str, name: str) -> str:
    p50, p99 = found.of(measure, "p50", name), found.of(measure, "p99", name)
    return "–" if p50 is None or p99 is None else f"{p50:.2f} / {p99:.2f}"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
