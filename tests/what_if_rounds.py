"""Small rounds of a stage, as facts, that can be told twice: as they were, and otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.applications.events import ApplicationSubmitted, Project, application_id
from core.calls.events import CallAnnounced, CallClosed, Stage, StageLocked, StageOpened
from core.cities.events import CityRegistered
from core.evaluations.events import (
    EvaluatorAppointed,
    EvaluatorAssigned,
    ScoreRevised,
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.groups import CityFacts
from core.ledger.codec import Event
from core.ranking import Mark
from core.rubric import Aggregation, Criterion, Missing, Rubric, Scale
from core.selection.commands import ComputeRanking, ProposeSelection
from core.selection.events import (
    PanelConvened,
    QuorumConfirmed,
    RankingComputed,
    SelectionApproved,
    SelectionProposed,
)
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
    StageId,
    Text,
)
from tests.scenes import DEADLINE, OPENS
from tests.stories import MANAGER, given

CALL, STAGE, RUBRIC = CallId("c"), StageId("s"), FrameworkId("f")
DECISION = f"{CALL}:{STAGE}"
NAMES = ("need", "fit", "capacity")
NEED, FIT, CAPACITY = map(CriterionId, NAMES)
TEN = Scale(Decimal(0), Decimal(10), Decimal(1))
WEIGHED = Rubric(
    Text("Rubric"),
    tuple(
        Criterion(CriterionId(name), Text(name), Decimal(weight), TEN, na_allowed=True)
        for name, weight in zip(NAMES, (40, 40, 20), strict=True)
    ),
    Aggregation(missing=Missing.REWEIGH, trim_from=3),
    tie_breaks=(NEED,),
)


def app(city: str) -> ApplicationId:
    return application_id(CALL, city)


def who(name: str) -> EvaluatorId:
    return EvaluatorId(ActorId(name))


Given = tuple[int | None, ...]


@dataclass(frozen=True)
class Told:
    """A round: what each evaluator gave each city, and what was revised or declared later."""

    marks: Mapping[tuple[str, str], Given]
    amounts: Mapping[str, int | None] = field(default_factory=dict[str, "int | None"])
    rubric: Rubric = WEIGHED
    slots: int = 1
    budget_krw: int | None = None
    revised: tuple[ScoreRevised, ...] = ()
    later: tuple[Event, ...] = ()

    @property
    def cities(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(city for city, _ in self.marks))

    @property
    def evaluators(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(evaluator for _, evaluator in self.marks))

    def but(self, **changed: object) -> Told:
        """Tell it otherwise."""
        return replace(self, **changed)  # type: ignore[arg-type]

    def facts(self) -> tuple[Event, ...]:
        """Everything up to the quorum."""
        stage = Stage(STAGE, Text("Stage"), FrameworkRef(RUBRIC, 1), self.slots)
        call = CallAnnounced(
            CALL, 2024, Text("Call"), None, self.budget_krw, None, OPENS, DEADLINE, (stage,)
        )
        return (
            FrameworkDrafted(RUBRIC, 1, self.rubric),
            FrameworkPublished(RUBRIC, 1),
            call,
            *(CityRegistered(CityId(c), Text(c), "PE", "", c, False) for c in self.cities),  # noqa: FBT003
            *(
                ApplicationSubmitted(
                    app(city),
                    CALL,
                    CityId(city),
                    Channel.OPEN_CALL,
                    Project(Text("P"), "21010", "s", amount_krw=self.amounts.get(city)),
                    CityFacts("PE"),
                )
                for city in self.cities
            ),
            CallClosed(CALL),
            StageOpened(CALL, STAGE),
            *(EvaluatorAppointed(who(e), CALL, (), "", "") for e in self.evaluators),
            *(EvaluatorAssigned(app(city), who(e), STAGE) for city, e in self.marks),
            *(
                ScoresSubmitted(app(city), who(e), STAGE, _sheet(given_marks), "")
                for (city, e), given_marks in self.marks.items()
            ),
            *self.revised,
            PanelConvened(CALL, STAGE, tuple(map(who, self.evaluators)), ActorId("chair")),
            *self.later,
            StageLocked(CALL, STAGE),
            QuorumConfirmed(CALL, STAGE, self.rubric.quorum, ()),
        )

    def ranked(self) -> tuple[Event, ...]:
        """What happened up to the ranking, by the rules."""
        facts = self.facts()
        ranking = given(*facts).when(ComputeRanking(CALL, STAGE)).only(RankingComputed)
        return (*facts, ranking)

    def decided(self) -> tuple[Event, ...]:
        """What happened up to an approval, in which nobody was selected."""
        facts = self.ranked()
        proposal = given(*facts).when(ProposeSelection(CALL, STAGE, ())).only(SelectionProposed)
        return (*facts, proposal, SelectionApproved(CALL, STAGE, MANAGER))


def _sheet(marks: Given) -> tuple[Mark, ...]:
    return tuple(
        Mark(CriterionId(name), None if mark is None else Decimal(mark))
        for name, mark in zip(NAMES, marks, strict=True)
    )


def revision(
    city: str, evaluator: str, criterion: CriterionId, before: int, after: int
) -> ScoreRevised:
    return ScoreRevised(
        app(city), who(evaluator), STAGE, criterion, Decimal(before), Decimal(after), "read again"
    )
