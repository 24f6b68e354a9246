"""The page that a run writes: the figures, what is behind them, and what they were made on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks import machine
from benchmarks.report import MET, grid
from benchmarks.views.figures import Measured, checks
from benchmarks.views.lag import RATE, p50_and_p99
from benchmarks.views.run import Sizes
from projections.views import VIEWS

_LABELS = {
    "ours": "Sharing Seoul, all views",
    "one": "Sharing Seoul, evaluation_consistency alone",
    "plain": "a plain loop that folds evaluation_consistency",
    "stock": "eventsourcing, one row an event",
}


def page(found: Measured, sizes: Sizes) -> str:
    """Return the whole page as Markdown."""
    return "\n".join((*_opening(found, sizes), *_judged(found), *_behind(found), ""))


def table(found: Measured) -> str:
    """Return the figures alone, for the terminal."""
    lines = (f"{MET[c.met]:12}  {c.of}: {c.found}  ({c.held_to})" for c in checks(found))
    return "\n".join(lines).replace("**", "")


def _opening(found: Measured, sizes: Sizes) -> Iterator[str]:
    size = sizes.programme
    names = ", ".join(f"`{view.name}`" for view in VIEWS)
    yield "# Performance of the views\n"
    yield (
        f"Written by `make bench-views` on {datetime.now(UTC):%Y-%m-%d}. A made-up programme of "
        f"{size.events:,} events in {size.years} calls, every one of them decided by the rules, "
        f"grew in {sizes.slices} slices; after each, all who are compared caught up in turns, "
        "each in a process of its own. Ratios are medians of each slice's ratio, of time on the "
        "clock. Only ratios carry over to another machine. "
        "[Decision 26](decisions/0026-how-views-catch-up.md) says how it was done.\n"
    )
    yield f"- Machine: {machine.described()}."
    settings = ", ".join(f"{name} {value}" for name, value in found.caught.settings.items())
    yield f"- PostgreSQL: the embedded one, as it is installed: {settings}."
    yield f"- Views: {names}."
    yield (
        f"- Events of {found.caught.event_bytes:,} bytes at the median; the stock library follows "
        f"a log of its own with events of that size, {sizes.stock:,} a slice, since it commits "
        "each alone. Our projector does not wait for the disk: what a crash takes from a view it "
        "folds again from the log, which does.\n"
    )


def _judged(found: Measured) -> Iterator[str]:
    yield "## What they are held to\n"
    rows = [(c.of, c.held_to, c.found, MET[c.met]) for c in checks(found)]
    yield from grid(("", "held to", "found", "met"), rows)


def _behind(found: Measured) -> Iterator[str]:
    yield "\n## Events a second, and memory\n"
    yield from grid(
        ("", "on the clock", "of its own CPU time", "memory at most"),
        [
            (
                label,
                f"{found.caught.rate(name):,.0f}",
                f"{found.caught.rate(name, cpu=True):,.0f}",
                f"{found.caught.peak_mib(name):,.0f} MiB",
            )
            for name, label in _LABELS.items()
        ],
    )
    yield f"\n## Lag at {RATE} events a second: median and 99th percentile, in milliseconds\n"
    rounds = (("ours", found.lags.ours), ("stock", found.lags.stock))
    yield from grid(
        ("", "lag"),
        [(_LABELS[name], "{:.1f} / {:.1f}".format(*p50_and_p99(of))) for name, of in rounds],
    )
    yield "\n## Questions: 99th percentile in milliseconds\n"
    yield from grid(
        ("", "as of a random position", "as of the last one"),
        [
            (question, *(f"{ms:.2f}" for ms in answered.p99()))
            for question, answered in found.past.items()
        ],
    )
