"""Whether proposed outcomes keep to slots, budget and the order of ranks.

An outcome may depart from the order, or choose between tied applications, only with
a reason and an authority on record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from core.errors import require
from core.ranking import Ranked
from core.selection.commands import PromoteReserve, ProposeSelection
from core.selection.events import Outcome, Proposal, ReservePromoted
from core.vocabulary import ApplicationId

_LEVEL = {Outcome.SELECTED: 0, Outcome.RESERVE: 1, Outcome.POOL: 2, Outcome.REJECTED: 2}


def proposals(
    command: ProposeSelection,
    lines: Sequence[Ranked],
    slots: int,
    budget_krw: int | None,
    amounts: Mapping[ApplicationId, int | None],
) -> tuple[Proposal, ...]:
    """Return an outcome for every ranked application, or refuse the whole proposal."""
    ranks = {line.scored.application: line.rank for line in lines}
    choices = {choice.application_id: choice for choice in command.choices}
    require(
        len(choices) == len(command.choices),
        "application-repeated",
        "each application has one outcome",
        field="choices",
    )
    for i, choice in enumerate(command.choices):
        path = f"choices.{i}"
        require(
            choice.application_id in ranks,
            "not-in-ranking",
            "outcomes are for applications of the ranking",
            field=f"{path}.application_id",
            value=choice.application_id,
        )
        require(
            choice.outcome not in {Outcome.SELECTED, Outcome.RESERVE}
            or ranks[choice.application_id] is not None,
            "below-floor",
            "an application below a floor or without a quorum cannot be selected",
            field=f"{path}.application_id",
            value=choice.application_id,
        )
        require(
            choice.override is None
            or (choice.override.reason.strip() and choice.override.authority.strip()),
            "override-unreasoned",
            "an override gives its reason and its authority",
            field=f"{path}.override",
        )
    items = tuple(
        Proposal(application, choices[application].outcome, place, choices[application].override)
        if application in choices
        else Proposal(application, command.otherwise, place)
        for application, place in ranks.items()
    )
    _within(items, slots, budget_krw, amounts)
    _in_order(items)
    return items


def _within(
    items: Sequence[Proposal],
    slots: int,
    budget_krw: int | None,
    amounts: Mapping[ApplicationId, int | None],
) -> None:
    chosen = [item.application_id for item in items if item.outcome is Outcome.SELECTED]
    require(
        len(chosen) <= slots,
        "over-slots",
        f"this stage lets {slots} applications through",
        field="choices",
        value=len(chosen),
    )
    if budget_krw is not None:
        unknown = [application for application in chosen if amounts.get(application) is None]
        require(
            not unknown,
            "amount-missing",
            "a call with a budget needs the amounts asked for",
            field="choices",
            value=", ".join(unknown),
        )
        asked = sum(amount for a in chosen if (amount := amounts[a]) is not None)
        require(
            asked <= budget_krw,
            "over-budget",
            f"the call's budget is KRW {budget_krw}",
            field="choices",
            value=asked,
        )


def _in_order(items: Sequence[Proposal]) -> None:
    """Refuse the first departure from the order of ranks that carries no override.

    Items are in rank order, so it is enough that each outcome without an override is
    no better than the one before; equal ranks must have equal outcomes.
    """
    bound = [item for item in items if item.rank is not None and item.override is None]
    for better, worse in pairwise(bound):
        same = better.rank == worse.rank
        jumps = _LEVEL[worse.outcome] < _LEVEL[better.outcome]
        splits = same and _LEVEL[worse.outcome] != _LEVEL[better.outcome]
        require(
            not (jumps or splits),
            "out-of-rank-order",
            f"{better.application_id} (rank {better.rank}, {better.outcome}) is placed no "
            "lower; a departure needs an override with reason and authority",
            field="choices",
            value=f"{worse.application_id} (rank {worse.rank}, {worse.outcome})",
        )


def next_reserve(
    command: PromoteReserve, items: Sequence[Proposal], promoted: Sequence[ReservePromoted]
) -> None:
    """Refuse unless the application is the first reserve left, and the other one selected."""
    gone = {p.in_place_of for p in promoted}
    came = {p.application_id for p in promoted}
    standing = {i.application_id for i in items if i.outcome is Outcome.SELECTED} - gone | came
    require(
        command.in_place_of in standing,
        "not-selected",
        "a reserve takes the place of a selected application",
        field="in_place_of",
        value=command.in_place_of,
    )
    waiting = [
        i.application_id
        for i in items
        if i.outcome is Outcome.RESERVE and i.application_id not in came
    ]
    require(
        waiting and waiting[0] == command.application_id,
        "reserve-out-of-order",
        f"the next reserve is {waiting[0] if waiting else 'none'}",
        field="application_id",
        value=command.application_id,
    )
