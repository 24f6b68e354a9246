"""A small selection round, told through commands, for tests of what views make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.applications.commands import SubmitApplication
from core.applications.events import Project, application_id
from core.calls.commands import AnnounceCall, CloseCall, LockStage, OpenStage
from core.calls.events import Stage
from core.cities.commands import RegisterCity
from core.decider import Act
from core.evaluations.commands import (
    AppointEvaluator,
    ApproveReopening,
    AssignEvaluator,
    DeclareConflict,
    RequestReopening,
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
    ConvenePanel,
    ProposeSelection,
    RevokeSelection,
)
from core.selection.events import Outcome
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    Channel,
    CityId,
    CriterionId,
    EvaluatorId,
    FrameworkId,
    FrameworkRef,
    Role,
    StageId,
    Text,
)

START = datetime(2024, 3, 1, tzinfo=UTC)
HUNDRED = Scale(Decimal(0), Decimal(100), Decimal(1))
CALL, DOC, FRAMEWORK = CallId("c"), StageId("doc"), FrameworkId("f")
A, B = CriterionId("a"), CriterionId("b")


def app(city: str) -> ApplicationId:
    return application_id(CALL, city)


def evaluator_id(name: str) -> EvaluatorId:
    return EvaluatorId(ActorId(name))


@dataclass
class Round:
    """A call with three cities and two evaluators, on a ledger of its own."""

    ledger: Ledger
    day: int = 0
    cities: tuple[str, ...] = ("x", "y", "z")
    evaluators: tuple[str, ...] = ("e1", "e2")
    receipts: list[Receipt] = field(default_factory=list[Receipt])

    def do(self, command: Command, actor: str = "officer", role: Role = Role.OFFICER) -> Receipt:
        """Issue a command on the day at hand."""
        act = Act(ActorId(actor), role, START + timedelta(days=self.day))
        receipt = self.ledger.handle(Envelope(command, act))
        self.receipts.append(receipt)
        return receipt

    def announce(self) -> None:
        """Draft a rubric, announce a call, and take applications."""
        criteria = (
            Criterion(A, Text("A"), Decimal(60), HUNDRED),
            Criterion(B, Text("B"), Decimal(40), HUNDRED),
        )
        self.do(DraftFramework(FRAMEWORK, Rubric(Text("Rubric"), criteria, Aggregation(), (A,), 2)))
        self.do(PublishFramework(FRAMEWORK, 1))
        stage = Stage(DOC, Text("Documents"), FrameworkRef(FRAMEWORK, 1), 1)
        deadline = START + timedelta(days=10)
        self.do(AnnounceCall(CALL, 2024, Text("Call"), START, deadline, (stage,)))
        for name in self.cities:
            city = CityId(name)
            self.do(RegisterCity(city, Text(name), "PE", "Latin America"))
            self.do(
                SubmitApplication(CALL, city, Channel.OPEN_CALL, Project(Text("P"), "21010", "s"))
            )
        self.day = 10
        self.do(CloseCall(CALL))
        self.do(OpenStage(CALL, DOC))

    def score(self) -> None:
        """Let every evaluator score every application."""
        for name in self.evaluators:
            evaluator = evaluator_id(name)
            self.do(AppointEvaluator(evaluator, CALL))
            self.do(DeclareConflict(evaluator, CALL, ConflictKind.NONE), name, Role.EVALUATOR)
            for i, city in enumerate(self.cities):
                self.do(AssignEvaluator(app(city), evaluator, DOC))
                marks = (Mark(A, Decimal(50 + 10 * i)), Mark(B, Decimal(60)))
                self.do(SubmitScores(app(city), evaluator, DOC, marks), name, Role.EVALUATOR)

    def convene(self) -> None:
        """Name all evaluators as the panel."""
        panel = tuple(map(evaluator_id, self.evaluators))
        self.do(ConvenePanel(CALL, DOC, panel, ActorId("chair")))

    def decide(self) -> None:
        """Convene the panel, lock, rank, propose the first, and approve."""
        self.day = 12
        self.convene()
        self.do(LockStage(CALL, DOC))
        self.do(ConfirmQuorum(CALL, DOC))
        self.do(ComputeRanking(CALL, DOC))
        self.do(ProposeSelection(CALL, DOC, (Choice(app("z"), Outcome.SELECTED),)))
        self.do(ApproveSelection(CALL, DOC), "manager", Role.MANAGER)

    def reopen(self, city: str, evaluator: str) -> None:
        """Let a final evaluation be revised."""
        key = (app(city), evaluator_id(evaluator), DOC)
        self.do(RequestReopening(*key, "a slip"))
        self.do(ApproveReopening(*key), "manager", Role.MANAGER)

    def revoke(self) -> None:
        """Take the approval back."""
        self.do(RevokeSelection(CALL, DOC, "an error"), "manager", Role.MANAGER)

    def whole(self) -> Round:
        """Go from nothing to an approved selection."""
        self.announce()
        self.score()
        self.decide()
        return self
