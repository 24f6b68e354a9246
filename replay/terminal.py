"""How results look on a terminal: tables, bars, and a verdict that cannot be missed."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

if TYPE_CHECKING:
    from projections.evaluation_consistency.icc import Coefficient
    from projections.evaluation_consistency.over_calls import OverCalls
    from projections.evaluation_consistency.ranks import Ranks
    from projections.evaluation_consistency.report import Consistency
    from projections.evaluation_consistency.severity import SeverityReport
    from replay.decisions import DecisionReplay, Place

_SHOWN = 20
_DISPUTES = 3
_DIGITS = 10


class Tell(Protocol):
    """Told how far, of how many, and in which phase."""

    def __call__(self, done: int, total: int, doing: str = "") -> None:
        """Note it."""
        ...


@contextmanager
def progress_bar(about: str) -> Generator[Tell]:
    """Give what is told how far a command is.

    A bar on a terminal; elsewhere a JSON line on standard error for each tenth of a phase.
    """
    if not sys.stderr.isatty():
        yield _json_lines(about)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(about, total=None)

        def tell(done: int, total: int, doing: str = "") -> None:
            said = f"{about}: {doing}" if doing else about
            bar.update(task, description=said, completed=done, total=total)

        yield tell


def _json_lines(about: str) -> Tell:
    phase, told = "", -1

    def tell(done: int, total: int, doing: str = "") -> None:
        nonlocal phase, told
        if doing != phase:
            phase, told = doing, -1
        tenth = 10 * done // total if total else 10
        if tenth > told:
            told = tenth
            what = f"{about}: {doing}" if doing else about
            line = {"progress": what, "done": done, "of": total}
            typer.echo(json.dumps(line, ensure_ascii=False), err=True)

    return tell


def show_decision(replayed: DecisionReplay) -> None:
    """Print a replayed decision: who did what, its steps, its first places, and the verdict."""
    console = _console()
    console.print(
        f"Decision {replayed.decision_id}, approved by {replayed.approved_by}, recorded "
        f"{_when(replayed.recorded_at)} at position {replayed.position}.\n"
        f"It rested on {_count(len(replayed.inputs), 'stream')}. Who did what, in order:\n"
    )
    _show_trail(console, replayed)
    console.print("What each saw, and SHA-256 of what was recorded and of what comes out again:\n")
    steps = _table("position", "command", "saw up to", "streams", "recorded", "replayed")
    for step in replayed.steps:
        again = step.replayed_digest[:_DIGITS] if step.replayed_digest else "-"
        steps.add_row(
            str(step.position),
            step.command,
            str(step.seen.position) if step.seen else "-",
            str(step.seen.streams) if step.seen else "-",
            step.recorded_digest[:_DIGITS],
            again if step.identical else f"{again} DIFFERS",
        )
    console.print(steps)
    console.print()
    _show_places(console, replayed)
    if grown := len(replayed.changed_since):
        console.print(f"Grown since: {_count(grown, 'stream')} of those; this is what they held.")
    console.print(f"recorded SHA-256 {replayed.recorded_digest}")
    console.print(f"replayed SHA-256 {replayed.replayed_digest}")
    for reason in replayed.because:
        console.print(reason)
    if replayed.identical:
        verdict = "IDENTICAL: the rules give the very ranking and outcome that were recorded."
    else:
        verdict = "DIFFERS: here, because of what stands above."
    console.print(verdict, style="bold green" if replayed.identical else "bold red")


def _show_trail(console: Console, replayed: DecisionReplay) -> None:
    """Print the last runs of commands: the decision's own are among them."""
    from replay.trail import runs  # noqa: PLC0415  # as the others of this module: when shown

    found = runs(replayed.trail)
    if (earlier := len(found) - _SHOWN) > 0:
        console.print(f"… {_count(earlier, 'line')} before (all of them with --json)")
    table = _table("position", "command", "times", "by", "occurred at", "recorded at")
    for run in found[-_SHOWN:]:
        first = run.deeds[0]
        table.add_row(
            str(first.position),
            run.command,
            str(len(run.deeds)),
            f"{run.actor} ({run.role})",
            _when(first.occurred_at),
            _when(first.recorded_at),
        )
    console.print(table)
    console.print()


def _show_places(console: Console, replayed: DecisionReplay) -> None:
    headings = ("rank", "application", "total", "standing", "replayed", "outcome", "override")
    places = _table(*headings)
    for place in replayed.places[:_SHOWN]:
        recorded = place.recorded
        places.add_row(
            str(place.rank or "-"),
            place.application_id,
            str(recorded.scored.total) if recorded else "-",
            recorded.scored.standing if recorded else "-",
            _again(place),
            place.outcome,
            place.override,
        )
    console.print(places)
    console.print()
    if len(replayed.places) > _SHOWN:
        console.print(f"… and {len(replayed.places) - _SHOWN} more (all of them with --json)")


def _again(place: Place) -> str:
    if place.identical:
        return "same"
    line = place.replayed
    return f"{line.rank or '-'}, {line.scored.total}" if line else "-"


def show_consistency(report: Consistency, position: int) -> None:
    """Print a consistency report: a line a criterion, then what it rests on."""
    console = _console()
    about = f"about {_when(report.effective_at)}" if report.effective_at else "about the present"
    console.print(
        f"Consistency of {report.call_id}, stage {report.stage}: known at position {position}, "
        f"{about}.\n"
    )
    table = _table(
        *("criterion", "applications", "evaluators", "marks", "mean", "ICC of one (95 %)"),
        *("of the mean (95 %)", "alpha", "W"),
    )
    for item in report.criteria:
        table.add_row(
            item.criterion.id,
            str(item.applications),
            str(item.evaluators),
            str(item.marks),
            _number(item.mean, 2),
            _coefficient(item.icc_single),
            _coefficient(item.icc_average),
            _number(item.alpha_interval.value, 3),
            _number(item.kendall_w.w, 3),
        )
    console.print(table)
    console.print()
    console.print("ICC: absolute agreement; alpha: Krippendorff's, interval; W: Kendall's, ties.")
    for item in report.criteria:
        design = f"{item.design.kind or 'no'} ICC, since {item.design.reason}"
        console.print(f"{item.criterion.id}: {design}{_severities(item.severity)}")
    total = report.revisions.total
    console.print(
        f"{_count(total.revisions, 'revision')}: {total.up} up, {total.down} down, "
        f"{total.to_or_from_na} to or from N/A; "
        f"{len(report.pivotal)} crossed a floor or the funding line"
    )
    console.print(_funding_line(report.ranks))
    for dispute in report.disagreements[:_DISPUTES]:
        console.print(
            f"disputed: {dispute.application_id}, totals from {dispute.lowest} to "
            f"{dispute.highest}; farthest from the others: {dispute.farthest}"
        )


def show_drift(report: OverCalls, position: int) -> None:
    """Print how evaluators moved: a line for each pair of calls that an evaluator marked in."""
    console = _console()
    about = f"about {_when(report.effective_at)}" if report.effective_at else "about the present"
    console.print(f"Stage {report.stage}, call by call: known at position {position}, {about}.\n")
    table = _table("from", "to", "evaluator", "before", "after", "change (95 %)")
    for pair in report.comparisons:
        for moved in pair.moved:
            table.add_row(
                pair.earlier,
                pair.later,
                moved.evaluator,
                f"{moved.before:+.1f}",
                f"{moved.after:+.1f}",
                f"{moved.change:+.1f} [{moved.low:+.1f}, {moved.high:+.1f}]",
            )
    console.print(table)
    console.print()
    for pair in report.comparisons:
        if pair.reason:
            console.print(f"{pair.earlier} to {pair.later}: cannot be told, since {pair.reason}")
    alone = len(report.sittings) == 1
    console.print("Only one call has marks in this stage." if alone else report.advice)


def _funding_line(ranks: Ranks) -> str:
    toss = ranks.coin_toss
    drawn = f"in {ranks.draws} panels resampled from these evaluators"
    if not toss.applications:
        return f"The funding line, after place {ranks.slots}, is settled {drawn}."
    return (
        f"The funding line, after place {ranks.slots}, is a coin toss for "
        f"{_count(len(toss.applications), 'application')}, from place {toss.first} to "
        f"{toss.last}, {drawn}."
    )


def _coefficient(found: Coefficient) -> str:
    if found.interval is None:
        return _number(found.value, 3)
    low, high = found.interval.lower, found.interval.upper
    return f"{_number(found.value, 3)} [{_number(low, 2)}, {_number(high, 2)}]"


def _severities(report: SeverityReport) -> str:
    """Name the severest and the most lenient, with what is left of it once chance is out."""
    known = [(e.leaning.shrunk, e.evaluator) for e in report.evaluators if e.leaning]
    if not known:
        return f"; severity cannot be told: {report.model.reason}" if report.model.reason else ""
    (lowest, severest), (highest, most_lenient) = min(known), max(known)
    return (
        f"; severest {severest} ({lowest:+.1f}), most lenient {most_lenient} ({highest:+.1f}), "
        "advisory"
    )


def _console() -> Console:
    """Return a console that is wide enough for a table where no terminal says how wide it is.

    Text of the log is shown as it is: brackets and colons in it are neither style nor emoji.
    """
    width = None if sys.stdout.isatty() else 160
    return Console(highlight=False, markup=False, emoji=False, width=width)


def _table(*headings: str) -> Table:
    """Return a table without frames, for they fit few terminals; what is too long is folded."""
    columns = (Column(heading, overflow="fold") for heading in headings)
    return Table(*columns, box=None, padding=(0, 2, 0, 0))


def _number(value: float | Decimal | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
