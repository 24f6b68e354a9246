"""One event of every kind, with every field told: what the golden files say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from core.applications import events as applications
from core.applications.events import Project, RuleChecked
from core.calls import events as calls
from core.calls.events import Eligibility, Stage
from core.cities import events as cities
from core.cities.events import OpportunityKind
from core.computed import Computed
from core.evaluations import events as evaluations
from core.evaluations.events import ConflictKind
from core.frameworks import events as frameworks
from core.groups import CityFacts, CityGroup
from core.indicators import Band, Banding, Figure, Holder
from core.ledger.codec import Event
from core.personal import Sealed
from core.ranking import CriterionMean, Mark, Ranked, Scored, SheetTrace, Standing, Weighted
from core.results import Direction
from core.rubric import (
    Aggregation,
    Anchor,
    Criterion,
    Missing,
    Points,
    RoundAt,
    Rounding,
    RoundMode,
    Rubric,
    Scale,
    Trim,
    TrimTies,
    Variant,
    VariantWeight,
)
from core.selection import events as selection
from core.selection.events import ApplicationQuorum, Input, Outcome, Override, Proposal, Verdict
from core.signing import events as signing
from core.subjects import events as subjects
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
    IndicatorId,
    ProjectType,
    StageId,
    Text,
    Tier,
)
from tests.project_examples import PROJECTS

D = Decimal

_FRAMEWORK = FrameworkId("ssp")
_CALL = CallId("ssp-2024")
_CITY = CityId("PELIM")
_APPLICATION = ApplicationId("ssp-2024:PELIM")
_OTHER = ApplicationId("ssp-2024:KHPNH")
_EVALUATOR = EvaluatorId(ActorId("ev-kim"))
_STAGE = StageId("document")
_KEY = (_APPLICATION, _EVALUATOR, _STAGE)
_MANAGER, _OFFICER = ActorId("manager-1"), ActorId("officer-1")
_NEED, _CAPACITY = CriterionId("need"), CriterionId("capacity")
_DIGEST = "0123456789abcdef" * 4
_SEALED = Sealed(
    _EVALUATOR,
    "89abcdef" * 8,
    "0b9a4d6c-1b5e-4a57-8f8a-2f3b1c9d7e60",
    "comment",
    "bm9uY2UgYW5kIHRleHQgYXMgR0NNIGxlYXZlcyB0aGVt",
)
_MARCH = datetime(2024, 3, 1, 0, 0, 0, tzinfo=UTC)
_APRIL = datetime(2024, 4, 1, 14, 59, 59, 999999, tzinfo=UTC)
_MAY = datetime(2024, 5, 1, 9, 30, tzinfo=UTC)

_GRADES = Scale(
    D(60),
    D(100),
    D(10),
    (Anchor(D(100), Text("Excellent", "매우 우수")), Anchor(D(60), Text("Poor", "미흡"))),
)
_RUBRIC = Rubric(
    Text("Sharing Seoul 2024", "서울 공유 2024"),
    (
        Criterion(_NEED, Text("Need", "수요"), D("62.5"), _GRADES, floor=D("72.50")),
        Criterion(
            _CAPACITY,
            Text("Capacity"),
            D("37.5"),
            Scale(D(0), D(5), D("0.5")),
            na_allowed=True,
            banding=Banding(
                IndicatorId("staff"),
                "planners",
                Holder.CITY,
                Direction.INCREASING,
                (Band(D(0)), Band(D("3.5"), D(10))),
            ),
        ),
    ),
    Aggregation(
        Points.OF_HUNDRED,
        Trim.DROP_HIGH_LOW,
        TrimTies.DROP_ALL,
        5,
        Missing.REWEIGH,
        (Rounding(RoundAt.CRITERION, D("0.01"), RoundMode.HALF_UP),),
        D(85),
    ),
    (_NEED, _CAPACITY),
    3,
    (
        Variant(
            "andes",
            CityGroup(("BO", "PE"), ("Andes",), (Tier.READY,), (1, 2), "a list of 2023"),
            (VariantWeight(_NEED, D(50)), VariantWeight(_CAPACITY, D(50))),
        ),
    ),
)
_FIGURE = Figure(
    IndicatorId("staff"), "planners", D("12.5"), date(2023, 12, 31), "payroll", (_DIGEST,)
)
_PROJECT = Project(
    Text("Bus rapid transit", "간선급행버스"),
    "21010",
    "Plan a corridor of 12 km",
    ProjectType.MASTER_PLAN,
    300_000_000,
    (_DIGEST,),
    "LIM-7",
)
_LINES = (
    Ranked(
        1,
        tied=False,
        decided_by="need",
        scored=Scored(
            _APPLICATION,
            Standing.RANKED,
            D("90.25"),
            (CriterionMean(_NEED, D(90)), CriterionMean(_CAPACITY, None)),
            (),
            (
                SheetTrace(
                    _EVALUATOR,
                    (
                        Weighted(_NEED, D(90), D("62.5"), D("56.25")),
                        Weighted(_CAPACITY, None, D("37.5"), None),
                    ),
                    D("90.00"),
                    kept=True,
                ),
            ),
            (
                Computed(_CAPACITY, Holder.CITY, _FIGURE, D(10), D("3.5")),
                Computed(_NEED, Holder.APPLICATION, None, None, None),
            ),
        ),
    ),
    Ranked(
        None,
        tied=False,
        decided_by="no-quorum",
        scored=Scored(_OTHER, Standing.NO_QUORUM, None, (), ("total",), ()),
    ),
)

_OLD_KEY = "log.example/ssp+00000000+AQ=="
_NEW_KEY = "log.example/ssp+11111111+AQ=="

EXAMPLES: Final[tuple[Event, ...]] = (
    frameworks.FrameworkDrafted(_FRAMEWORK, 1, _RUBRIC),
    frameworks.FrameworkPublished(_FRAMEWORK, 1),
    frameworks.FrameworkSuperseded(_FRAMEWORK, 1, 2),
    calls.CallAnnounced(
        _CALL,
        2024,
        Text("2024 Seoul ODA Challenge", "2024 서울 ODA 챌린지"),
        Eligibility("DAC 2024", ("KH", "LK", "PE")),
        900_000_000,
        300_000_000,
        _MARCH,
        _APRIL,
        (Stage(_STAGE, Text("Document evaluation", "서류 평가"), FrameworkRef(_FRAMEWORK, 1), 10),),
    ),
    calls.GuidelinePublished(_CALL, Text("Guideline", "지침"), _DIGEST),
    calls.DeadlineExtended(_CALL, _APRIL, _MAY, "a storm cut the lines"),
    calls.CallClosed(_CALL),
    calls.StageOpened(_CALL, _STAGE),
    calls.StageLocked(_CALL, _STAGE),
    calls.CallConcluded(_CALL),
    calls.CallCancelled(_CALL, "the budget was withdrawn"),
    cities.CityRegistered(
        _CITY, Text("Lima", "리마"), "PE", "Latin America", "PELIM", illustrative=False
    ),
    cities.ProfileRevised(_CITY, Text("Lima", "리마"), "Andes", "PELIM", "a new region"),
    cities.NeedIdentified(_CITY, "21010", Channel.DEVELOPMENT_BANK, "Buses stand in traffic"),
    cities.CapacityAssessed(_CITY, 3, "an interview with the planning office"),
    cities.PoolEntered(_CITY, _CALL, Tier.IMPROVING, ("below the line", "no counterpart")),
    cities.TierChanged(_CITY, Tier.IMPROVING, Tier.READY, "a counterpart was named"),
    cities.OpportunityOffered(_CITY, OpportunityKind.STUDY_VISIT, "Seoul, in autumn"),
    cities.EngagementRecorded(
        _CITY, "video call", "The mayor asked about the next call", "contact-7", "Ana Quispe", ""
    ),
    cities.CityReactivated(_CITY, Tier.IN_TOUCH, "the city asked to come back"),
    cities.PoolLeft(_CITY, "the city asked to leave"),
    cities.IndicatorRecorded(_CITY, _FIGURE),
    cities.IndicatorCorrected(_CITY, _FIGURE, replace(_FIGURE, value=D(14)), "a slip"),
    applications.ApplicationSubmitted(
        _APPLICATION,
        _CALL,
        _CITY,
        Channel.PRIOR_CONSULTATION,
        _PROJECT,
        CityFacts("PE", "Andes", Tier.READY, 2),
    ),
    applications.ApplicationAmended(_APPLICATION, _PROJECT),
    applications.ClarificationRequested(_APPLICATION, 1, "Which corridor?"),
    applications.ClarificationAnswered(_APPLICATION, 1, "The northern one"),
    applications.ConsultationHeld(
        _APPLICATION,
        "Ministry of Transport",
        ("21010", "43030"),
        "The need is shared",
        "contact-7",
        "Ana Quispe",
        "a.quispe@example.org",
    ),
    applications.EligibilityDetermined(
        _APPLICATION,
        "DAC 2024",
        (
            RuleChecked("country on the list", holds=True, note="PE"),
            RuleChecked("one", holds=False),
        ),
        eligible=False,
    ),
    applications.IndicatorRecorded(_APPLICATION, _FIGURE),
    applications.IndicatorCorrected(
        _APPLICATION, _FIGURE, replace(_FIGURE, on=date(2024, 1, 31)), "a slip"
    ),
    applications.ApplicationWithdrawn(_APPLICATION, "a change of mayor"),
    evaluations.EvaluatorAppointed(
        _EVALUATOR, _CALL, ("transport", "finance"), "Kim Jiwon", _SEALED
    ),
    evaluations.ConflictDeclared(_EVALUATOR, _CALL, ConflictKind.IMPLEMENTER, _APPLICATION),
    evaluations.ConflictWaived(_EVALUATOR, _APPLICATION, _MANAGER, "long ago"),
    evaluations.EvaluatorRecused(_EVALUATOR, _APPLICATION, "advises the city"),
    evaluations.EvaluatorAssigned(*_KEY),
    evaluations.ScoresSubmitted(*_KEY, (Mark(_NEED, D(90)), Mark(_CAPACITY, None)), "Well argued"),
    evaluations.ScoreRevised(*_KEY, _CAPACITY, None, D("3.5"), "the indicator came in"),
    evaluations.EvaluationLocked(*_KEY),
    evaluations.ReopeningRequested(*_KEY, _OFFICER, "a slip of the pen"),
    evaluations.EvaluationReopened(*_KEY, _OFFICER, _MANAGER),
    evaluations.EvaluatorAbstained(*_KEY, "on leave"),
    evaluations.EvaluationInvalidated(*_KEY, "written by another"),
    evaluations.EvaluationCertified(*_KEY),
    selection.PanelConvened(_CALL, _STAGE, (_EVALUATOR,), ActorId("chair-1")),
    selection.QuorumConfirmed(_CALL, _STAGE, 3, (ApplicationQuorum(_APPLICATION, 5),)),
    selection.RankingComputed(
        _CALL,
        _STAGE,
        1203,
        FrameworkRef(_FRAMEWORK, 1),
        "ranking.1",
        (Input("application-ssp-2024:PELIM", 4, _DIGEST),),
        _LINES,
    ),
    selection.SelectionProposed(
        _CALL,
        _STAGE,
        _OFFICER,
        1203,
        (
            Proposal(_APPLICATION, Outcome.SELECTED, 1),
            Proposal(
                _OTHER,
                Outcome.RESERVE,
                None,
                Override("the only city of its region", "steering committee"),
            ),
        ),
    ),
    selection.SelectionApproved(_CALL, _STAGE, _MANAGER),
    selection.OutcomesNotified(_CALL, _STAGE, _MAY),
    selection.ReservePromoted(_CALL, _STAGE, _OTHER, _APPLICATION, "Lima withdrew"),
    selection.SelectionRevoked(_CALL, _STAGE, _MANAGER, "an appeal was upheld"),
    signing.KeyRotated(_OLD_KEY, _NEW_KEY, "yearly"),
    signing.KeyRetired(_OLD_KEY, "a year has passed"),
    selection.AppealFiled(_APPLICATION, _STAGE, "The second annex was not read", (_DIGEST,)),
    selection.AppealAdmitted(_APPLICATION, _STAGE, _MANAGER),
    selection.AppealDecided(
        _APPLICATION, _STAGE, Verdict.UPHELD, (ActorId("ombudsman-1"), _MANAGER), "It was not"
    ),
    selection.ReEvaluationOrdered(
        _APPLICATION, _STAGE, (_EVALUATOR,), _MANAGER, "It was scored without the annex"
    ),
    *PROJECTS,
    subjects.SubjectKeyDestroyed(_EVALUATOR, "the person asked for it"),
)
