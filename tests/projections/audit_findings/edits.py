"""How a history is made to go wrong: a fact left out, put in, or told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.ledger.codec import Event
from tests.projections.audit_findings.clean import History, Told, told

Edit = Callable[[History], History]
Which = Event | type[Any]


def _place(history: History, which: Which) -> int:
    """Return the place of a fact, or of the last one of a type."""
    places = [
        place
        for place, fact in enumerate(history)
        if (isinstance(fact.event, which) if isinstance(which, type) else fact.event == which)
    ]
    assert places, f"the history has no {which}"
    return places[-1]


def _all_told(facts: tuple[Event | Told, ...]) -> History:
    return tuple(fact if isinstance(fact, Told) else told(fact) for fact in facts)


def then(*facts: Event | Told) -> Edit:
    """Let facts follow at the end."""
    return lambda history: (*history, *_all_told(facts))


def before(which: Which, *facts: Event | Told) -> Edit:
    """Put facts before another."""

    def edit(history: History) -> History:
        place = _place(history, which)
        return (*history[:place], *_all_told(facts), *history[place:])

    return edit


def instead(which: Which, *facts: Event | Told) -> Edit:
    """Put facts, or none, in the place of another."""

    def edit(history: History) -> History:
        place = _place(history, which)
        return (*history[:place], *_all_told(facts), *history[place + 1 :])

    return edit


def changed(kind: type[Any], **fields: object) -> Edit:
    """Let the last fact of a kind say something else."""

    def edit(history: History) -> History:
        place = _place(history, kind)
        was: Any = history[place].event
        fact = replace(history[place], event=replace(was, **fields))
        return (*history[:place], fact, *history[place + 1 :])

    return edit


def at(
    which: Which, moment: datetime | None = None, *, by: str = "", seen: datetime | None = None
) -> Edit:
    """Let a fact occur, or be recorded, at another moment, or by somebody else."""

    def edit(history: History) -> History:
        place = _place(history, which)
        fact = history[place]
        fact = replace(fact, at=moment or fact.at, by=by or fact.by, seen=seen or fact.seen)
        return (*history[:place], fact, *history[place + 1 :])

    return edit


def both(*edits: Edit) -> Edit:
    """Edit one thing after the other."""

    def edit(history: History) -> History:
        for one in edits:
            history = one(history)
        return history

    return edit
