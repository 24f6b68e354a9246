"""A project from its survey to its rating: planned, signed, delivered, observed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from benchmarks.programmes.applying import DAY
from benchmarks.programmes.book import MANAGER, Book, Group
from benchmarks.programmes.world import document
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
    VerifyAction,
    VerifyObservation,
)
from core.monitoring.events import Answer, Phase, Reading
from core.monitoring.rating import DacCriterion
from core.projects.commands import (
    AgreePlan,
    CompleteProject,
    DeliverConsulting,
    DeliverTraining,
    LinkFollowUp,
    RaiseRisk,
    ReachMilestone,
    RecordPayment,
    RescheduleMilestone,
    ResolveRisk,
    SignAgreement,
    StartProject,
    SurveySite,
)
from core.projects.events import FollowUpKind, Implementer, RiskLevel
from core.projects.plan import Milestone, Party, Plan, Result, Signatory
from core.results import Baseline, Direction, Indicator, Measure, Period, ResultKind, Target
from core.vocabulary import (
    ActorId,
    IndicatorId,
    MilestoneId,
    ProjectId,
    RecommendationId,
    ResultId,
    Role,
    Text,
)

_MILESTONES = ("inception", "survey", "draft", "report")
_INDICATORS = ("people-reached", "plans-adopted", "staff-trained")
_BOTH = (Signatory(Party.SEOUL, "Director of Urban Diplomacy"), Signatory(Party.PARTNER, "Mayor"))
_EXPERT = Implementer(ActorId("expert-1"), "Seoul Institute")
_CHECKER, _RATER = ActorId("officer-2"), ActorId("rater-1")
_MONTH = 30


def begun(book: Book, project: ProjectId, year: int) -> Iterator[Group]:
    """Survey, plan, sign and start, in the autumn of the call's year."""
    at = datetime(year, 9, 1, 2, tzinfo=UTC)
    survey = Period(date(year, 8, 3), date(year, 8, 7))
    book.do(SurveySite(project, survey, "The site was visited", document(book.random)), at)
    book.do(AgreePlan(project, _plan(year), _BOTH, document(book.random)), at + DAY * 9)
    signed = SignAgreement(project, 100_000_000, _BOTH, (_EXPERT,), document(book.random))
    book.do(signed, at + DAY * 20, MANAGER, Role.MANAGER)
    book.do(StartProject(project), at + DAY * 31)
    for indicator in _INDICATORS:
        book.do(DefineIndicator(project, IndicatorId(indicator)), at + DAY * 32)
    yield book.record()


def delivered(book: Book, project: ProjectId, year: int) -> Iterator[Group]:
    """Carry the project out in the year after its call, and look at what came of it."""
    start = datetime(year + 1, 1, 2, 2, tzinfo=UTC)
    _work(book, project, start)
    yield book.record()
    for number, indicator in enumerate(_INDICATORS):
        _observe(book, project, IndicatorId(indicator), year + 1, number)
    yield book.record()
    _advise(book, project, start)
    _end(book, project, datetime(year + 1, 12, 20, 2, tzinfo=UTC))
    yield book.record()


def _work(book: Book, project: ProjectId, start: datetime) -> None:
    proof = (document(book.random),)
    for number, name in enumerate(_MILESTONES):
        at = start + timedelta(days=80 * (number + 1))
        risk = RaiseRisk(project, "Staff may leave", RiskLevel.LOW, RiskLevel.HIGH, "Planning")
        book.do(risk, at - DAY * 40)
        month = Period((at - DAY * 40).date(), (at - DAY * 35).date())
        title, advice = Text("A week in Seoul", "서울 연수"), ("Fares", _EXPERT.actor)
        training = DeliverTraining(project, title, month, advice[1], 24, proof, 11)
        book.do(training, at - DAY * 30)
        days = Decimal(book.random.randint(3, 15))
        for _ in range(3):
            visit = DeliverConsulting(project, advice[0], month, advice[1], days, proof)
            book.do(visit, at - DAY * 20)
        if number == 1:
            later = (at + DAY * 30).date()
            book.do(RescheduleMilestone(project, MilestoneId(name), later, "Elections"), at)
        book.do(ReachMilestone(project, MilestoneId(name), proof), at)
        share = RecordPayment(
            project, 25_000_000, "Seoul Institute", f"part {number + 1}", proof[0]
        )
        book.do(share, at + DAY)
        book.do(ResolveRisk(project, number + 1, "They stayed"), at + DAY)


def _observe(
    book: Book, project: ProjectId, indicator: IndicatorId, year: int, number: int
) -> None:
    at = datetime(year, 12, 5, 2, tzinfo=UTC)
    for month in range(1, 11):
        period = Period(date(year, month, 1), date(year, month, 28))
        reading = Reading(
            period,
            Decimal(book.random.randint(10, 500) + number),
            "persons",
            "register of the city",
            (document(book.random),),
        )
        book.do(RecordObservation(project, indicator, reading), at)
        if month % 5 == 0:
            better = Reading(period, reading.value + 1, "persons", "recount", reading.evidence)
            book.do(CorrectObservation(project, indicator, month, better, "A slip"), at)
        book.do(VerifyObservation(project, indicator, month), at, _CHECKER)


def _advise(book: Book, project: ProjectId, start: datetime) -> None:
    for number, name in enumerate(_MILESTONES[:3]):
        at = datetime(start.year, 12, 6, 2, tzinfo=UTC)
        key = (project, RecommendationId(f"do-{name}"))
        due, milestone = date(start.year + 1, 3, 1), MilestoneId(_MILESTONES[number])
        issue = IssueRecommendation(*key, "Count by sex", "The city", due, None, milestone)
        book.do(issue, at)
        book.do(AnswerRecommendation(*key, Answer.ACCEPTED, "It is right", "We will"), at + DAY)
        book.do(CompleteAction(*key, "Counted", (document(book.random),)), at + DAY * 3)
        book.do(VerifyAction(*key), at + DAY * 4, _CHECKER)


def _end(book: Book, project: ProjectId, at: datetime) -> None:
    city = ActorId(f"focal-{project.partition(':')[2]}")
    book.do(ReceiveFeedback(project, "The experts understood our city."), at, city, Role.CITY)
    book.do(CompleteProject(project), at + DAY)
    ratings = tuple(
        Rating(c, book.random.choice("4321"), (document(book.random),)) for c in DacCriterion
    )
    rate = RateEvaluation(
        project, Phase.END, "plain-four-points", 1, (_RATER,), ratings, document(book.random)
    )
    book.do(rate, at + DAY * 2, _CHECKER)
    loan = Text("A loan for what was planned", "차관")
    book.do(LinkFollowUp(project, FollowUpKind.BANK_LOAN, "A development bank", loan), at + DAY * 3)


def _plan(year: int) -> Plan:
    ends = date(year + 1, 12, 31)
    targets = (Target(Period(date(year + 1, 1, 1), ends), Decimal(400)),)
    return Plan(
        date(year, 10, 1),
        ends,
        date(year + 3, 12, 31),
        (Result(ResultId("capacity"), ResultKind.OUTCOME, Text("The city plans by itself")),),
        tuple(
            Milestone(MilestoneId(name), Text(f"The {name}"), date(year + 1, 3 * n, _MONTH))
            for n, name in enumerate(_MILESTONES, 1)
        ),
        tuple(
            Indicator(
                IndicatorId(name),
                ResultId("capacity"),
                Text(name.replace("-", " ")),
                "persons",
                Measure.UNIT,
                Direction.INCREASING,
                Baseline(year - 1, Decimal(0)),
                targets,
            )
            for name in _INDICATORS
        ),
    )
