"""Whether proposed outcomes keep to slots, budget and the order of ranks.

An outcome may depart from the order, or choose between tied applications, only with
a reason and an authority on record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
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
        value=", ".join(sorted(_repeated(c.application_id for c in command.choices))),
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
    _ranked(items)
    chosen = [item.application_id for item in items if item.outcome is Outcome.SELECTED]
    require(
        len(chosen) <= slots,
        "over-slots",
        f"this stage lets {slots} applications through",
        field="choices",
        value=len(chosen),
    )
    within_budget(chosen, budget_krw, amounts, "choices")
    _in_order(items)
    return items


def _repeated(applications: Iterable[ApplicationId]) -> set[ApplicationId]:
    return {application for application, times in Counter(applications).items() if times > 1}


def _ranked(items: Sequence[Proposal]) -> None:
    """Refuse to select, or to keep in reserve, what has no rank: named or by default."""
    unranked = [
        item.application_id
        for item in items
        if item.rank is None and item.outcome in {Outcome.SELECTED, Outcome.RESERVE}
    ]
    require(
        not unranked,
        "below-floor",
        "an application below a floor or without a quorum cannot be selected",
        field="choices",
        value=", ".join(unranked),
    )


def within_budget(
    chosen: Iterable[ApplicationId],
    budget_krw: int | None,
    amounts: Mapping[ApplicationId, int | None],
    field: str,
) -> None:
    """Refuse where the applications ask for more than the budget, or one does not say."""
    if budget_krw is None:
        return
    asked = {application: amounts.get(application) for application in chosen}
    unknown = sorted(application for application, amount in asked.items() if amount is None)
    require(
        not unknown,
        "amount-missing",
        "a call with a budget needs the amounts asked for",
        field=field,
        value=", ".join(unknown),
    )
    total = sum(amount for amount in asked.values() if amount is not None)
    require(
        total <= budget_krw,
        "over-budget",
        f"the call's budget is KRW {budget_krw}",
        field=field,
        value=total,
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
    command: PromoteReserve,
    items: Sequence[Proposal],
    standing: Container[ApplicationId],
    promoted: Sequence[ReservePromoted],
    taking_part: Container[ApplicationId],
) -> None:
    """Refuse unless the application is the first reserve left, and the other one selected.

    A reserve that withdrew is passed over; among reserves that share a rank any is first.
    """
    require(
        command.in_place_of in standing,
        "not-selected",
        "a reserve takes the place of a selected application",
        field="in_place_of",
        value=command.in_place_of,
    )
    came = {p.application_id for p in promoted}
    waiting = [
        i
        for i in items
        if i.outcome is Outcome.RESERVE
        and i.application_id not in came
        and i.application_id in taking_part
    ]
    first = [i.application_id for i in waiting if i.rank == waiting[0].rank]
    require(
        command.application_id in first,
        "reserve-out-of-order",
        f"the next reserve is {' or '.join(first) or 'none'}",
        field="application_id",
        value=command.application_id,
    )
