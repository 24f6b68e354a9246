"""A what-if on a terminal: that it is none of the record comes first and last."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Column, Table

from replay.what_if.answer import Moved, WhatIf
from replay.what_if.choosing import Chosen, EndedBy
from replay.what_if.stability import Stability, Tried, WeightOf

_SHOWN = 20
_ENDS = {
    EndedBy.NO_MORE_RANKED: "no other application has a rank",
    EndedBy.SLOTS: "all slots are taken",
    EndedBy.TIE: "more applications share the next rank than slots are left",
    EndedBy.BUDGET: "the budget does not reach further",
    EndedBy.AMOUNT_MISSING: "the next application does not say what it asks for",
}


def show_what_if(found: WhatIf) -> None:
    """Print who would have been selected, whose ranks moved, and how far weights matter."""
    # Text of the log is shown as it is: brackets and colons in it are neither style nor emoji.
    width = None if sys.stdout.isatty() else 160
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    console.print(found.notice, style="bold yellow")
    console.print(
        f"\nDecision {found.decision_id}, approved at position {found.approved_at}, on what its "
        f"ranking read: the log up to position {found.as_of_position}."
    )
    if not found.ranking_replays:
        console.print(
            "The facts do NOT give the ranking that is on record: see `ssp replay decision`.",
            style="bold red",
        )
    if found.weights_after != found.weights_before:
        console.print(f"weights were {_weights(found.weights_before)}")
        console.print(f"weights are  {_weights(found.weights_after)}")
    console.print(found.rule)
    console.print()
    console.print(f"as it was:   {_selection(found.before)}")
    console.print(f"as supposed: {_selection(found.after)}")
    console.print(f"gained: {_names(found.gained)}")
    console.print(f"lost:   {_names(found.lost)}")
    for departure in found.departures:
        why = f": {departure.reason} ({departure.authority})" if departure.reason else ""
        rule = "would" if departure.by_rule else "would not"
        console.print(
            f"People decided {departure.recorded} for {departure.application_id}, which the rule "
            f"{rule} have selected{why}"
        )
    _show_moved(console, found)
    if found.stability is not None:
        _show_stability(console, found.stability)
    console.print(found.notice, style="bold yellow")


def _show_moved(console: Console, found: WhatIf) -> None:
    moved = [line for line in found.lines if line.before != line.after]
    console.print(f"\nranks moved: {found.ranks_moved}, totals moved: {found.totals_moved}")
    if not moved:
        return
    table = _table("application", "rank", "supposed", "total", "supposed", "standing", "recorded")
    for line in moved[:_SHOWN]:
        table.add_row(*_moved(line))
    console.print(table)
    if len(moved) > _SHOWN:
        console.print(f"… and {len(moved) - _SHOWN} more (all of them with --json)")
    console.print()


def _moved(line: Moved) -> tuple[str, ...]:
    return (
        line.application_id,
        str(line.before.rank or "-"),
        str(line.after.rank or "-"),
        "-" if line.before.total is None else str(line.before.total),
        "-" if line.after.total is None else str(line.after.total),
        line.after.standing,
        line.recorded or "-",
    )


def _show_stability(console: Console, found: Stability) -> None:
    console.print(
        f"Of {found.weightings} different weightings, each weight moved by up to {found.spread} "
        f"percent of itself, {found.unchanged} select the same."
    )
    if found.nearest is not None:
        console.print(f"The nearest that does not: {_tried(found.nearest)}")
    table = _table("application", "selected in", "best rank", "worst rank")
    unsure = [a for a in found.applications if a.selected < found.weightings]
    for item in unsure[:_SHOWN]:
        table.add_row(
            item.application_id,
            f"{item.selected} of {found.weightings}",
            str(item.best_rank or "-"),
            str(item.worst_rank or "-"),
        )
    sure = len(found.applications) - len(unsure)
    console.print(f"Selected in every one: {sure}; in some: {len(unsure)}.")
    if unsure:
        console.print(table)
    console.print()


def _tried(found: Tried) -> str:
    return (
        f"{_weights(found.weights)} ({found.distance} points elsewhere) gains "
        f"{_names(found.gained)}, loses {_names(found.lost)}"
    )


def _selection(found: Chosen) -> str:
    return f"{len(found.selected)} selected; {_ENDS[found.ended_by]}"


def _weights(weights: Iterable[WeightOf]) -> str:
    return ", ".join(
        f"{w.variant}/{w.criterion} {w.weight}" if w.variant else f"{w.criterion} {w.weight}"
        for w in weights
    )


def _names(applications: tuple[str, ...]) -> str:
    more = f" and {len(applications) - _SHOWN} more" if len(applications) > _SHOWN else ""
    return ", ".join(applications[:_SHOWN]) + more or "nobody"


def _table(*headings: str) -> Table:
    return Table(*(Column(h, overflow="fold") for h in headings), box=None, padding=(0, 2, 0, 0))
