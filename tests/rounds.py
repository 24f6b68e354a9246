"""A small selection round, told through commands, for tests of what views make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from core.applications.commands import SubmitApplication
from core.applications.events import Project
from core.calls.commands import AnnounceCall, CloseCall, LockStage, OpenStage
from core.calls.events import Stage
from core.cities.commands import RegisterCity
from core.decider import Act
from core.evaluations.commands import (
    AppointEvaluator,
    AssignEvaluator,
    DeclareConflict,
    SubmitScores,
)
from core.evaluations.events import ConflictKind
from core.frameworks.commands import DraftFramework, PublishFramework
from core.handlers.table import Command
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger, Receipt
from core.ranking import Mark
from core.rubric import Aggregation, Criterion, Rubric, Scale
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ProposeSelection,
)
from core.selection.events import Outcome
from core.vocabulary import Channel, FrameworkRef, Role, Text

START = datetime(2024, 3, 1, tzinfo=UTC)
HUNDRED = Scale(D(0), D(100), D(1))


@dataclass
class Round:
    """A call with three cities and two evaluators, on a ledger of its own."""

    ledger: Ledger
    day: int = 0
    cities: tuple[str, ...] = ("x", "y", "z")
    evaluators: tuple[str, ...] = ("e1", "e2")
    receipts: list[Receipt] = field(default_factory=list)

    def do(self, command: Command, actor: str = "officer", role: Role = Role.OFFICER) -> Receipt:
        """Issue a command on the day at hand."""
        at = START + timedelta(days=self.day)
        act = Act(actor, role, at)  # type: ignore[arg-type]  # ids are plain text
        receipt = self.ledger.handle(Envelope(command, act))
        self.receipts.append(receipt)
        return receipt

    def announce(self) -> None:
        """Draft a rubric, announce a call, and take applications."""
        rubric = Rubric(
            Text("Rubric"),
            (Criterion("a", Text("A"), D(60), HUNDRED), Criterion("b", Text("B"), D(40), HUNDRED)),  # type: ignore[arg-type]
            Aggregation(), ("a",), 2,  # type: ignore[arg-type]
        )
        make: Callable[..., Any]
        self.do(DraftFramework("f", rubric))  # type: ignore[arg-type]
        self.do(PublishFramework("f", 1))  # type: ignore[arg-type]
        stage = Stage("doc", Text("Documents"), FrameworkRef("f", 1), 1)  # type: ignore[arg-type]
        self.do(AnnounceCall("c", 2024, Text("Call"), START, START + timedelta(days=10), (stage,)))  # type: ignore[arg-type]
        for city in self.cities:
            make = RegisterCity
            self.do(make(city, Text(city), "PE", "Latin America"))
            make = SubmitApplication
            self.do(make("c", city, Channel.OPEN_CALL, Project(Text("P"), "21010", "s")))
        self.day = 10
        make = CloseCall
        self.do(make("c"))
        make = OpenStage
        self.do(make("c", "doc"))

    def score(self) -> None:
        """Let every evaluator score every application."""
        make: Callable[..., Any]
        for evaluator in self.evaluators:
            make = AppointEvaluator
            self.do(make(evaluator, "c"))
            make = DeclareConflict
            self.do(make(evaluator, "c", ConflictKind.NONE))
            for i, city in enumerate(self.cities):
                make = AssignEvaluator
                self.do(make(f"c:{city}", evaluator, "doc"))
                make = SubmitScores
                marks = (Mark("a", D(50 + 10 * i)), Mark("b", D(60)))  # type: ignore[arg-type]
                self.do(make(f"c:{city}", evaluator, "doc", marks), evaluator, Role.EVALUATOR)

    def decide(self) -> None:
        """Lock, rank, propose the first, and approve."""
        make: Callable[..., Any]
        self.day = 12
        for make in (LockStage, ConfirmQuorum, ComputeRanking):
            self.do(make("c", "doc"))
        make = ProposeSelection
        self.do(make("c", "doc", (Choice("c:z", Outcome.SELECTED),)))  # type: ignore[arg-type]
        make = ApproveSelection
        self.do(make("c", "doc"), "manager", Role.MANAGER)

    def whole(self) -> Round:
        """Go from nothing to an approved selection."""
        self.announce()
        self.score()
        self.decide()
        return self
