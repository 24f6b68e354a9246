"""Random histories of a project and its monitoring, from its selection to what it led to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from core.handlers.table import Command
from core.ledger.codec import Event
from core.monitoring.commands import (
    AnswerRecommendation,
    CompleteAction,
    CorrectObservation,
    DefineIndicator,
    IssueRecommendation,
    RateEvaluation,
    Rating,
    ReceiveFeedback,
    RecordObservation,
    ReturnAction,
    ReviewProgress,
    ReviseIndicator,
    VerifyAction,
    VerifyObservation,
)
from core.monitoring.events import Answer, Phase, Reading
from core.monitoring.rating import DacCriterion
from core.projects.commands import (
    AgreePlan,
    CancelProject,
    CompleteProject,
    DeliverConsulting,
    DeliverTraining,
    LinkFollowUp,
    PreferProject,
    RaiseRisk,
    ReachMilestone,
    RecordPayment,
    RescheduleMilestone,
    ResolveRisk,
    ResumeProject,
    SignAgreement,
    StartProject,
    SurveySite,
    SuspendProject,
)
from core.projects.events import FollowUpKind, RiskLevel
from core.results import Dimension, Period, Target
from core.vocabulary import MilestoneId, RecommendationId, Text
from tests import project_scenes as scenes
from tests.project_scenes import (
    ASKED,
    BOTH,
    COUNTER,
    EXPERT,
    IN_2025,
    PLAN,
    PROJECT,
    RATER,
    REPORT,
    RIDERS,
    SPRING,
    SURVEY,
    TEAM,
    WOMEN,
    reading,
)
from tests.scenes import DIGEST, FINAL_APPROVED
from tests.stories import MANAGER, given

Step = tuple[str, int]
"""A kind of command, and a small number that it is about."""

STARTS = (FINAL_APPROVED, scenes.PLANNED, scenes.RUNNING, scenes.OBSERVED, scenes.ISSUED)
_SHORT = replace(PLAN, milestones=PLAN.milestones[:1])


def _month(n: int) -> Reading:
    """The reading of a month, every other time that of the women alone."""
    days = Period(date(2025, n, 1), date(2025, n, 28))
    breakdown: tuple[Dimension, ...] = () if n % 2 else WOMEN
    return reading(str(120 + 9 * n), days, *breakdown)


def _rated(n: int) -> RateEvaluation:
    grades = tuple(Rating(criterion, "2", (DIGEST,)) for criterion in DacCriterion)
    phase = list(Phase)[n % 3]
    return RateEvaluation(PROJECT, phase, "kfw-six-points", 1, (RATER,), grades, DIGEST, "again")


def _milestone(n: int) -> MilestoneId:
    return SURVEY if n % 2 else REPORT


def _asked(n: int) -> RecommendationId:
    return ASKED if n % 2 else RecommendationId(f"r{n}")


_OF_PROJECT: dict[str, Callable[[int], Command]] = {
    "prefer": lambda _: PreferProject(PROJECT),
    "visit": lambda _: SurveySite(PROJECT, SPRING, "s", DIGEST),
    "plan": lambda n: AgreePlan(PROJECT, PLAN if n % 2 else _SHORT, BOTH, DIGEST),
    "sign": lambda _: SignAgreement(PROJECT, 180_000_000, BOTH, TEAM, DIGEST),
    "start": lambda _: StartProject(PROJECT),
    "pay": lambda n: RecordPayment(PROJECT, n * 9_000_000, "SI", "part", DIGEST),
    "train": lambda n: DeliverTraining(PROJECT, Text("t"), SPRING, EXPERT, n, (DIGEST,)),
    "advise": lambda n: DeliverConsulting(PROJECT, "t", SPRING, EXPERT, Decimal(n), (DIGEST,)),
    "reach": lambda n: ReachMilestone(PROJECT, _milestone(n), (DIGEST,)),
    "move": lambda n: RescheduleMilestone(PROJECT, _milestone(n), date(2025, 8, n), "r"),
    "fear": lambda _: RaiseRisk(PROJECT, "d", RiskLevel.LOW, RiskLevel.HIGH, "o"),
    "calm": lambda n: ResolveRisk(PROJECT, n, "r"),
    "suspend": lambda _: SuspendProject(PROJECT, "r"),
    "resume": lambda _: ResumeProject(PROJECT, "r"),
    "complete": lambda _: CompleteProject(PROJECT, "r"),
    "cancel": lambda _: CancelProject(PROJECT, "r"),
    "lead on": lambda _: LinkFollowUp(PROJECT, FollowUpKind.BANK_LOAN, "IDB", Text("t")),
}
_OF_MONITORING: dict[str, Callable[[int], Command]] = {
    "define": lambda _: DefineIndicator(PROJECT, RIDERS),
    "revise": lambda n: ReviseIndicator(
        PROJECT, RIDERS, scenes.BASELINE, (Target(scenes.Y2025, Decimal(150 + n)),), "r"
    ),
    "observe": lambda n: RecordObservation(PROJECT, RIDERS, _month(n)),
    "correct": lambda n: CorrectObservation(PROJECT, RIDERS, 1, _month(n), "r"),
    "verify": lambda n: VerifyObservation(PROJECT, RIDERS, n),
    "say": lambda _: ReceiveFeedback(PROJECT, "f", RIDERS),
    "rate": _rated,
    "recommend": lambda n: IssueRecommendation(
        PROJECT, RecommendationId(f"r{n}"), "r", "a", date(2025, 9, n), RIDERS, REPORT
    ),
    "answer": lambda n: AnswerRecommendation(
        PROJECT, _asked(n), Answer.ACCEPTED if n % 3 else Answer.REJECTED, "r", "a" if n % 3 else ""
    ),
    "act": lambda n: CompleteAction(PROJECT, _asked(n), "s", (DIGEST,)),
    "check": lambda n: VerifyAction(PROJECT, _asked(n)),
    "return": lambda n: ReturnAction(PROJECT, _asked(n), "r"),
    "review": lambda _: ReviewProgress(PROJECT, "ssp-progress", 1),
}
COMMANDS = _OF_PROJECT | _OF_MONITORING
_BY_ANOTHER = {"observe", "correct", "act"}
# What ends a project ends most of what can come after it.
_ENDS = {"complete", "cancel", "suspend"}
_KINDS = [*(k for k in COMMANDS if k not in _ENDS), *_OF_MONITORING, *sorted(_ENDS)]


STEPS = st.lists(st.tuples(st.sampled_from(_KINDS), st.integers(1, 6)), min_size=5, max_size=40)


def history(start: tuple[Event, ...], steps: list[Step]) -> tuple[Event, ...]:
    """Return the facts of a start and of every command that was not refused."""
    facts = start
    for n, (kind, number) in enumerate(steps):
        by = COUNTER if kind in _BY_ANOTHER else MANAGER
        at = IN_2025 + timedelta(hours=n)
        facts = (*facts, *given(*facts).when(COMMANDS[kind](number), by=by, at=at).events)
    return facts


histories = st.builds(history, st.sampled_from(STARTS), STEPS)
