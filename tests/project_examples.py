"""One event of every kind from projects and monitoring, with every field told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from core.ledger.codec import Event
from core.monitoring import events as monitoring
from core.monitoring.events import Answer, Phase, RatedCriterion, Reading
from core.monitoring.rating import DacCriterion, SchemeRef
from core.monitoring.standard import StandardRef
from core.projects import events as projects
from core.projects.events import FollowUpKind, Implementer, Money, RiskLevel
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
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    CityId,
    IndicatorId,
    MilestoneId,
    ProjectId,
    RecommendationId,
    ResultId,
    StageId,
    Text,
)

D = Decimal

_PROJECT = ProjectId("ssp-2024:PELIM")
_RIDERS, _REPORT = IndicatorId("riders"), MilestoneId("final-report")
_ASKED = RecommendationId("count-by-sex")
_OFFICER, _MANAGER, _EXPERT = ActorId("officer-1"), ActorId("manager-1"), ActorId("expert-7")
_DIGEST = "0123456789abcdef" * 4
_YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
_WOMEN = (Dimension("age", "adults"), Dimension("sex", "female"))
_BASELINE = Baseline(2023, D("120.5"))
_TARGETS = (
    Target(_YEAR, D(150)),
    Target(_YEAR, D("75.25"), _WOMEN),
)
_INDICATOR = Indicator(
    _RIDERS,
    ResultId("ridership"),
    Text("Riders a day", "하루 승객"),
    "thousand riders",
    Measure.UNIT,
    Direction.INCREASING,
    _BASELINE,
    _TARGETS,
)
_SIGNED = (
    Signatory(Party.SEOUL, "Director of Urban Diplomacy"),
    Signatory(Party.PARTNER, "Mayor of Lima"),
)
_READING = Reading(
    Period(date(2025, 1, 1), date(2025, 6, 30)),
    D("131.0"),
    "thousand riders",
    "ticket machines",
    (_DIGEST,),
    _WOMEN,
)
_STANDARD = StandardRef("ssp-progress", 1, _DIGEST)
_KEY, _RECOMMENDED = (_PROJECT, _RIDERS), (_PROJECT, _ASKED)

PROJECTS: Final[tuple[Event, ...]] = (
    projects.ProjectPreferred(
        _PROJECT,
        ApplicationId("ssp-2024:PELIM"),
        CallId("ssp-2024"),
        CityId("PELIM"),
        StageId("final"),
        300_000_000,
    ),
    projects.SiteSurveyed(
        _PROJECT,
        Period(date(2024, 8, 5), date(2024, 8, 9)),
        "The corridor is free of rails",
        _DIGEST,
    ),
    projects.PlanAgreed(
        _PROJECT,
        2,
        Plan(
            date(2024, 10, 1),
            date(2025, 12, 31),
            date(2028, 12, 31),
            (Result(ResultId("ridership"), ResultKind.OUTCOME, Text("More riders", "승객 증가")),),
            (Milestone(_REPORT, Text("Final report", "최종 보고서"), date(2025, 11, 30)),),
            (_INDICATOR,),
        ),
        _SIGNED,
        _DIGEST,
    ),
    projects.AgreementSigned(
        _PROJECT,
        2,
        date(2024, 9, 20),
        290_000_000,
        _SIGNED,
        (Implementer(_EXPERT, "Seoul Institute"),),
        _DIGEST,
    ),
    projects.ProjectStarted(_PROJECT, date(2024, 10, 1)),
    projects.PaymentMade(
        _PROJECT, 1, 90_000_000, date(2024, 10, 15), "Seoul Institute", "first part", _DIGEST
    ),
    projects.TrainingDelivered(
        _PROJECT,
        Text("Bus operations", "버스 운영"),
        Period(date(2025, 3, 3), date(2025, 3, 7)),
        _EXPERT,
        24,
        11,
        (_DIGEST,),
    ),
    projects.ConsultingDelivered(
        _PROJECT,
        "Fares",
        Period(date(2025, 4, 1), date(2025, 4, 11)),
        _EXPERT,
        D("7.5"),
        (_DIGEST,),
    ),
    projects.MilestoneReached(
        _PROJECT, _REPORT, date(2025, 12, 15), date(2025, 12, 12), (_DIGEST,)
    ),
    projects.MilestoneRescheduled(
        _PROJECT, _REPORT, date(2025, 11, 30), date(2025, 12, 15), "elections"
    ),
    projects.RiskRaised(
        _PROJECT,
        1,
        "The budget for buses may be cut",
        RiskLevel.LOW,
        RiskLevel.HIGH,
        "Planning office",
    ),
    projects.RiskResolved(_PROJECT, 1, "The council passed the budget"),
    projects.ProjectSuspended(_PROJECT, date(2025, 5, 2), "an earthquake"),
    projects.ProjectResumed(_PROJECT, date(2025, 6, 2), "the offices are open again"),
    projects.ProjectCompleted(
        _PROJECT, date(2025, 12, 31), (_REPORT,), "the report follows in spring"
    ),
    projects.ProjectCancelled(_PROJECT, date(2025, 2, 1), "the city asked for it"),
    projects.FollowUpLinked(
        _PROJECT,
        1,
        FollowUpKind.BANK_LOAN,
        "Inter-American Development Bank",
        Text("Bus corridor", "버스 노선"),
        Money(D("50000000.00"), "USD"),
        "https://example.org/loans/7",
    ),
    monitoring.IndicatorDefined(*_KEY, _INDICATOR, Period(date(2024, 10, 1), date(2028, 12, 31))),
    monitoring.IndicatorRevised(
        *_KEY, _BASELINE, Baseline(2024, D(118)), _TARGETS, _TARGETS[:1], "a better count"
    ),
    monitoring.ObservationRecorded(*_KEY, 1, _OFFICER, _READING),
    monitoring.ObservationCorrected(
        *_KEY,
        1,
        _OFFICER,
        _READING,
        Reading(_READING.period, D(132), "thousand riders", "ticket machines", (_DIGEST,)),
        "one machine was left out",
    ),
    monitoring.ObservationVerified(*_KEY, 1, _MANAGER),
    monitoring.FeedbackReceived(_PROJECT, 1, _RIDERS, "The new lanes help"),
    monitoring.EvaluationRated(
        _PROJECT,
        Phase.EX_POST,
        SchemeRef("kfw-six-points", 1, _DIGEST),
        (ActorId("rater-3"),),
        (
            RatedCriterion(
                "relevance",
                (DacCriterion.RELEVANCE, DacCriterion.COHERENCE),
                "2",
                3,
                (_DIGEST,),
                "Still needed",
            ),
        ),
        "2",
        D("2.00"),
        "mean",
        _DIGEST,
        "figures of 2028 came in",
    ),
    monitoring.RecommendationIssued(
        *_RECOMMENDED,
        _OFFICER,
        "Count riders by sex",
        "Bus company",
        date(2025, 9, 30),
        _RIDERS,
        _REPORT,
    ),
    monitoring.RecommendationAnswered(
        *_RECOMMENDED, Answer.PARTLY, "Count on two lines", "Ten lines have no counters"
    ),
    monitoring.ActionCompleted(
        *_RECOMMENDED, _OFFICER, date(2025, 9, 1), "Counters on two lines", (_DIGEST,)
    ),
    monitoring.ActionReturned(*_RECOMMENDED, _MANAGER, "The photograph shows another line"),
    monitoring.MilestoneMissed(
        _PROJECT, 1, _REPORT, date(2025, 11, 30), date(2025, 12, 1), _STANDARD
    ),
    monitoring.IndicatorUnobserved(_PROJECT, 2, _RIDERS, _TARGETS[1], date(2026, 3, 2), _STANDARD),
    monitoring.IndicatorBehind(
        _PROJECT,
        3,
        _RIDERS,
        1,
        date(2025, 6, 30),
        D("131.0"),
        D("139.917808219"),
        _TARGETS[0],
        date(2025, 7, 15),
        _STANDARD,
    ),
    monitoring.ActionVerified(*_RECOMMENDED, _MANAGER),
)
