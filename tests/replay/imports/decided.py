"""What becomes of a round after its import: views that follow it, and a decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.calls.commands import LockStage
from core.decider import Act
from core.evaluations.events import EvaluatorAppointed
from core.handlers.table import Command
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    ProposeSelection,
)
from core.selection.events import Outcome, RankingComputed
from core.vocabulary import ActorId, ApplicationId, CallId, Role, StageId
from projections.projector import Projector
from projections.view import View
from projections.views import VIEWS

REVIEW = StageId("review")


def wires(ledger: Ledger, start: int = 0) -> Counter[str]:
    return Counter(row.type for row in ledger.store.scan(start))


def catch_up(ledger: Ledger, views: Sequence[View[Any]] = VIEWS) -> int:
    projector = Projector(ledger.url, views)
    last = projector.catch_up()
    assert projector.failures() == {}
    projector.stop()
    return last


def select(ledger: Ledger, call: CallId, slots: int) -> RankingComputed:
    """Convene all who were appointed, lock, rank, propose the best, and approve."""
    start = datetime(2021, 2, 1, tzinfo=UTC)
    officer = Act(ActorId("officer-1"), Role.OFFICER, start)
    manager = Act(ActorId("manager-1"), Role.MANAGER, start + timedelta(days=1))

    def do(command: Command, act: Act = officer) -> int:
        position = ledger.handle(Envelope(command, act)).position
        assert position is not None
        return position

    panel = tuple(
        record.event.evaluator_id
        for record in ledger.read()
        if isinstance(record.event, EvaluatorAppointed)
    )
    do(ConvenePanel(call, REVIEW, panel, ActorId("chair-1")))
    do(LockStage(call, REVIEW))
    do(ConfirmQuorum(call, REVIEW))
    [record] = ledger.read(do(ComputeRanking(call, REVIEW)))
    ranking = record.event
    assert isinstance(ranking, RankingComputed)
    best: list[ApplicationId] = []
    for line in ranking.lines:
        place = line.rank or slots + 1
        shared = sum(other.rank == line.rank for other in ranking.lines)
        if place + shared - 1 <= slots:  # whole groups of equals only, so no lot is needed
            best.append(line.scored.application)
    do(ProposeSelection(call, REVIEW, tuple(Choice(a, Outcome.SELECTED) for a in best)))
    do(ApproveSelection(call, REVIEW), manager)
    return ranking
