"""What the views are held to, and whether a run shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.figures import Check
from benchmarks.views.lag import Lags, p50_and_p99
from benchmarks.views.past import Answered
from benchmarks.views.run import Caught
from projections.views import VIEWS

_MIB = 1_024


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that a run found."""

    caught: Caught
    past: Mapping[str, Answered]
    lags: Lags


def checks(found: Measured) -> Iterator[Check]:
    """Judge every figure of a run."""
    views = len(VIEWS)
    per_view = found.caught.ratio("ours", "stock") * views
    yield Check(
        f"catch-up of all {views} views, per view",
        "at least 20 × eventsourcing's ProjectionRunner for one",
        f"{per_view:.1f} ×",
        per_view >= 20,  # noqa: PLR2004  # the figure that it is held to
    )
    per_view = found.caught.ratio("ours", "plain") * views
    yield _plain(f"catch-up of all {views} views, per view", per_view)
    yield _plain("catch-up of evaluation_consistency alone", found.caught.ratio("one", "plain"))
    peak = max(found.caught.peak_mib(name) for name in ("ours", "one"))
    yield Check("memory at most", "under 1 GiB", f"{peak:,.0f} MiB", peak < _MIB)
    (_, ours), (_, stock) = p50_and_p99(found.lags.ours), p50_and_p99(found.lags.stock)
    yield Check(
        "lag of all views at 100 events/s, p99",
        "no worse than eventsourcing's ProjectionRunner for one view",
        f"{ours:.1f} ms, {ours / stock:.2f} ×",
        ours <= stock,
    )
    for question, answered in found.past.items():
        past, now = answered.p99()
        yield Check(
            f"as of a random position: {question}, p99",
            "at most 2 × the present",
            f"{past / now:.2f} ×",
            past <= 2 * now,
        )


def _plain(of: str, ratio: float) -> Check:
    return Check(
        of,
        "at least 0.3 × a plain loop that folds one view's rows",
        f"{ratio:.2f} ×",
        ratio >= 0.3,  # noqa: PLR2004  # as above
    )
