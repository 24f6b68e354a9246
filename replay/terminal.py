"""How results look on a terminal: tables, bars, and a verdict that cannot be missed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from projections.evaluation_consistency.report import Consistency
    from replay.decisions import DecisionReplay

_SHOWN = 20


@contextmanager
def progress_bar(about: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how far, of how many.

    A bar on a terminal; elsewhere a JSON line on standard error for each tenth.
    """
    if not sys.stderr.isatty():
        yield _json_lines(about)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(about, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _json_lines(about: str) -> Callable[[int, int], None]:
    told = -1

    def advance(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total if total else 10
        if tenth > told:
            told = tenth
            print(json.dumps({"progress": about, "done": done, "of": total}),  # noqa: T201
                  file=sys.stderr, flush=True)

    return advance


def show_decision(replayed: DecisionReplay) -> None:
    """Print a replayed decision: its steps, its first places, and the verdict."""
    console = _console()
    console.print(f"Decision {replayed.decision_id}, approved by {replayed.approved_by}, recorded "
                  f"{replayed.recorded_at.isoformat()} at position {replayed.position}; it rested "
                  f"on {replayed.inputs} streams.\n")
    steps = Table("position", "command", "by", "role", "occurred at", "recorded", "replayed")
    for step in replayed.steps:
        steps.add_row(
            str(step.position), step.command, step.actor, step.role,
            step.occurred_at.isoformat(), step.recorded_digest[:16],
            step.replayed_digest[:16] if step.identical else f"DIFFERS: {step.difference}",
        )
    console.print(steps)
    places = Table("rank", "application", "total", "outcome", "override")
    for place in replayed.places[:_SHOWN]:
        places.add_row(str(place.rank or "-"), place.application_id, place.total, place.outcome,
                       place.override)
    console.print(places)
    if len(replayed.places) > _SHOWN:
        console.print(f"… and {len(replayed.places) - _SHOWN} more (all of them with --json)")
    if replayed.changed_since:
        console.print(f"{len(replayed.changed_since)} of the streams that it read have grown "
                      "since; the decision is replayed on what they held then.")
    console.print(f"recorded SHA-256 {replayed.recorded_digest}")
    console.print(f"replayed SHA-256 {replayed.replayed_digest}")
    console.print("IDENTICAL: the rules give the very ranking and outcome that were recorded."
                  if replayed.identical else "DIFFERS: see the steps above.",
                  style="bold green" if replayed.identical else "bold red")


def show_consistency(report: Consistency, position: int) -> None:
    """Print a consistency report, a line a criterion."""
    console = _console()
    when = report.effective_at.isoformat() if report.effective_at else "now"
    console.print(f"Consistency of {report.call_id}, stage {report.stage}, as of position "
                  f"{position}, effective {when}.\n")
    table = Table("criterion", "applications", "evaluators", "marks", "mean", "ICC single",
                  "ICC average", "alpha (interval)", "Kendall's W")
    for item in report.criteria:
        single, average = item.icc_single, item.icc_average
        table.add_row(
            item.criterion.id, str(item.applications), str(item.evaluators), str(item.marks),
            _number(item.mean, 4), _number(single.value, 5), _number(average.value, 5),
            _number(item.alpha_interval.value, 5), _number(item.kendall_w.w, 5),
        )
    console.print(table)
    for item in report.criteria:
        console.print(f"{item.criterion.id}: {item.design.reason}")
    total = report.revisions.total
    console.print(f"revisions: {total.revisions}, {total.up} up, {total.down} down, "
                  f"{total.to_or_from_na} to or from N/A")


def _console() -> Console:
    """Return a console that is wide enough for a table where no terminal says how wide it is."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def _number(value: float | Decimal | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"
