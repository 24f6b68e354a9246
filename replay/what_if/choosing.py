"""Who would be selected: the longest proposal that needs nobody's reasons.

From the top, in order of ranks, whole groups of equals together, as far as slots and budget
reach. It is what the rules of a proposal let through without an override: to pass somebody
over, or to choose among equals, takes a person with a reason and an authority, and no
arithmetic can suppose those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from core.ranking import Ranked
from core.vocabulary import ApplicationId


class EndedBy(StrEnum):
    """What keeps the next application out."""

    NO_MORE_RANKED = "no-more-ranked"
    SLOTS = "slots"
    TIE = "tie"
    BUDGET = "budget"
    AMOUNT_MISSING = "amount-missing"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many a stage lets through, and what they may cost; None where nothing is spent."""

    slots: int
    budget_krw: int | None
    amounts: Mapping[ApplicationId, int | None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who is selected, in order of ranks, and why no more are.

    `next_in_line` share the rank that would come next.
    """

    selected: tuple[ApplicationId, ...]
    ended_by: EndedBy
    next_in_line: tuple[ApplicationId, ...]


Groups = Iterable[Sequence[ApplicationId]]
"""Applications that share a rank, best first."""


def groups_of(lines: Iterable[Ranked]) -> list[list[ApplicationId]]:
    """Return the applications that have a rank, those of one rank together."""
    placed = (line for line in lines if line.rank is not None)
    return [
        [line.scored.application for line in group]
        for _, group in groupby(placed, key=lambda line: line.rank)
    ]


def chosen(groups: Groups, limits: Limits) -> Chosen:
    """Select from the top as long as a whole group finds room."""
    selected: list[ApplicationId] = []
    left = limits.budget_krw
    for group in groups:
        if len(selected) + len(group) > limits.slots:
            full = len(selected) == limits.slots
            return Chosen(tuple(selected), EndedBy.SLOTS if full else EndedBy.TIE, tuple(group))
        if left is not None:
            asked = [limits.amounts.get(application) for application in group]
            costs = [amount for amount in asked if amount is not None]
            if len(costs) < len(asked):
                return Chosen(tuple(selected), EndedBy.AMOUNT_MISSING, tuple(group))
            left -= sum(costs)
            if left < 0:
                return Chosen(tuple(selected), EndedBy.BUDGET, tuple(group))
        selected += group
    return Chosen(tuple(selected), EndedBy.NO_MORE_RANKED, ())
