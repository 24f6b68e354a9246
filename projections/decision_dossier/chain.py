"""The facts that lead to an approval: panel, quorum, ranking and proposal, the last of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from core.calls.events import CallAnnounced
from core.ledger.codec import Event, event_from
from core.selection.events import (
    PanelConvened,
    QuorumConfirmed,
    RankingComputed,
    SelectionApproved,
    SelectionProposed,
)
from core.vocabulary import FrameworkRef
from projections.decision_dossier.fold import FactRow

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Chain:
    """The facts of a stage's own selection that lead to its approval, the last of each kind."""

    approval: FactRow
    panel: FactRow | None
    quorum: FactRow | None
    ranking: FactRow | None
    proposal: FactRow | None

    @property
    def facts(self) -> tuple[FactRow | None, ...]:
        """All of them."""
        return self.panel, self.quorum, self.ranking, self.proposal, self.approval


def chain_of(selection: Iterable[FactRow], approved_at: int | None) -> Chain | None:
    """Return what the last approval confirmed, or that at a position; None where there is none."""
    last: dict[str, FactRow] = {}
    found: Chain | None = None
    for fact in sorted(selection, key=position_of):
        last[fact.type] = fact
        if fact.type == SelectionApproved.WIRE and approved_at in {None, fact.position}:
            found = Chain(
                fact,
                last.get(PanelConvened.WIRE),
                last.get(QuorumConfirmed.WIRE),
                last.get(RankingComputed.WIRE),
                last.get(SelectionProposed.WIRE),
            )
    return found


def event_of(fact: FactRow | None, kind: type[E]) -> E | None:
    """Return the event of a fact, where it is of a kind."""
    event: Event | None = event_from(fact.type, dict(fact.data)) if fact else None
    return event if isinstance(event, kind) else None


def position_of(fact: FactRow) -> int:
    """Return where a fact stands in the log."""
    return fact.position


def stages_of(call: Iterable[FactRow], stage: str) -> tuple[tuple[str, ...], FrameworkRef | None]:
    """Return a call's stages before one, and the framework that the one is scored by."""
    for announced in (event_of(fact, CallAnnounced) for fact in call):
        stages = announced.stages if announced else ()
        names = [str(one.id) for one in stages]
        if stage in names:
            at = names.index(stage)
            return tuple(names[:at]), stages[at].framework
    return (), None
