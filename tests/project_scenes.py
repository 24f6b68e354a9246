"""The facts that stories of projects begin with: Lima's, from its selection to its end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from core.ledger.codec import Event
from core.monitoring.events import (
    IndicatorDefined,
    ObservationRecorded,
    Reading,
    RecommendationIssued,
)
from core.projects.events import (
    AgreementSigned,
    Implementer,
    PlanAgreed,
    ProjectCompleted,
    ProjectPreferred,
    ProjectStarted,
    project_id,
)
from core.projects.plan import Milestone, Party, Plan, Result, Signatory
from core.results import (
    Baseline,
    Dimension,
    Direction,
    Indicator,
    Measure,
    Period,
    ResultKind,
    Target,
)
from core.vocabulary import ActorId, IndicatorId, MilestoneId, RecommendationId, ResultId, Text
from tests.scenes import CALL, DIGEST, FINAL, FINAL_APPROVED, LIMA, PHNOM_PENH, Facts, app
from tests.stories import OFFICER

PROJECT, NEXT = project_id(app(LIMA)), project_id(app(PHNOM_PENH))
RIDERS, DELAYS = IndicatorId("riders"), IndicatorId("delays")
SURVEY, REPORT = MilestoneId("survey"), MilestoneId("report")
ASKED = RecommendationId("count-by-sex")
EXPERT, RATER, COUNTER = ActorId("expert-7"), ActorId("rater-3"), ActorId("officer-2")

SIGNED_AT = datetime(2024, 6, 1, 12, tzinfo=UTC)
IN_2025 = datetime(2025, 7, 15, 9, tzinfo=UTC)
IN_2026 = datetime(2026, 3, 1, tzinfo=UTC)
SIGNED_ON, STARTS, ENDS = date(2024, 6, 1), date(2024, 6, 10), date(2025, 12, 31)
WATCHED_UNTIL = date(2028, 12, 31)

WOMEN = (Dimension("sex", "female"),)
Y2024 = Period(STARTS, date(2024, 12, 31))
Y2025 = Period(date(2025, 1, 1), date(2025, 12, 31))
SPRING = Period(date(2025, 1, 1), date(2025, 6, 30))

BASELINE = Baseline(2023, Decimal("120.5"))
TARGETS = (Target(Y2024, Decimal(130)), Target(Y2025, Decimal(150)))
INDICATOR = Indicator(
    RIDERS,
    ResultId("ridership"),
    Text("Riders a day"),
    "thousand riders",
    Measure.UNIT,
    Direction.INCREASING,
    BASELINE,
    TARGETS,
)
PLAN = Plan(
    STARTS,
    ENDS,
    WATCHED_UNTIL,
    (Result(ResultId("ridership"), ResultKind.OUTCOME, Text("More people ride buses")),),
    (
        Milestone(SURVEY, Text("Survey of lines"), date(2024, 9, 30)),
        Milestone(REPORT, Text("Final report"), date(2025, 11, 30)),
    ),
    (INDICATOR,),
)
BOTH: Final = (Signatory(Party.SEOUL, "Director"), Signatory(Party.PARTNER, "Mayor"))
TEAM = (Implementer(EXPERT, "Seoul Institute"),)

PREFERENCE = ProjectPreferred(PROJECT, app(LIMA), CALL, LIMA, FINAL, 200_000_000)
PREFERRED: Facts = (*FINAL_APPROVED, PREFERENCE)
AGREED = PlanAgreed(PROJECT, 1, PLAN, BOTH, DIGEST)
PLANNED: Facts = (*PREFERRED, AGREED)
AGREEMENT = AgreementSigned(PROJECT, 1, SIGNED_ON, 180_000_000, BOTH, TEAM, DIGEST)
SIGNED: Facts = (*PLANNED, AGREEMENT)
RUNNING: Facts = (*SIGNED, ProjectStarted(PROJECT, STARTS))
"""Lima's project is planned, signed and under way since 10 June 2024."""

COMPLETED: Facts = (*RUNNING, ProjectCompleted(PROJECT, ENDS, (SURVEY, REPORT), "told elsewhere"))

DEFINED: Facts = (*RUNNING, IndicatorDefined(PROJECT, RIDERS, INDICATOR, PLAN.monitored))


def reading(value: str = "131", period: Period = SPRING, *dimensions: Dimension) -> Reading:
    return Reading(
        period, Decimal(value), "thousand riders", "ticket machines", (DIGEST,), dimensions
    )


def observed(number: int, seen: Reading, by: str = OFFICER) -> ObservationRecorded:
    return ObservationRecorded(PROJECT, RIDERS, number, ActorId(by), seen)


OBSERVED: Facts = (*DEFINED, observed(1, reading()))
"""The first half of 2025 was counted by the officer."""

ISSUE = RecommendationIssued(
    PROJECT, ASKED, OFFICER, "Count riders by sex", "Bus company", date(2025, 9, 30), RIDERS, REPORT
)
ISSUED: Facts = (*RUNNING, ISSUE)


def without(facts: Facts, *gone: Event) -> Facts:
    """Return facts as if some had not happened."""
    assert set(gone) <= set(facts)
    return tuple(fact for fact in facts if fact not in gone)
