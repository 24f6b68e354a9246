"""The facts that stories begin with: a round with two stages, three cities and two evaluators.

Its rubric is the one of Seoul's practice: 40/40/20, with grades A to E worth 100 to 60.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from core.applications.events import (
    ApplicationSubmitted,
    EligibilityDetermined,
    Project,
    RuleChecked,
    application_id,
)
from core.calls.events import (
    CallAnnounced,
    CallClosed,
    Eligibility,
    Stage,
    StageLocked,
    StageOpened,
)
from core.cities.events import CityRegistered
from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    EvaluatorAppointed,
    EvaluatorAssigned,
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.groups import CityFacts
from core.ledger.codec import Event
from core.ranking import Mark
from core.rubric import Aggregation, Criterion, Missing, Rubric, Scale
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ProposeSelection,
)
from core.selection.events import Outcome, PanelConvened
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
    ProjectType,
    StageId,
    Text,
)
from tests.stories import MANAGER, given

Facts = tuple[Event, ...]

SSP = FrameworkId("ssp")
CALL = CallId("ssp-2024")
DOCUMENT, FINAL = StageId("document"), StageId("final")
NEED, FIT, CAPACITY = CriterionId("need"), CriterionId("fit"), CriterionId("capacity")
LIMA, PHNOM_PENH, COLOMBO = CityId("PELIM"), CityId("KHPNH"), CityId("LKCMB")
TOKYO = CityId("JPTYO")
KIM, LEE = EvaluatorId(ActorId("ev-kim")), EvaluatorId(ActorId("ev-lee"))

CHAIR = ActorId("chair-1")

OPENS = datetime(2024, 3, 1, tzinfo=UTC)
DEADLINE = datetime(2024, 4, 1, tzinfo=UTC)
IN_MARCH = datetime(2024, 3, 15, tzinfo=UTC)

CAP_KRW: Final = 300_000_000
DIGEST = "ab" * 32


def app(city: CityId) -> ApplicationId:
    return application_id(CALL, city)


GRADES = Scale(Decimal(60), Decimal(100), Decimal(10))
RUBRIC = Rubric(
    Text("Sharing Seoul 2024", "서울 공유 2024"),
    (
        Criterion(NEED, Text("Need"), Decimal(40), GRADES),
        Criterion(FIT, Text("Fit"), Decimal(40), GRADES),
        Criterion(CAPACITY, Text("Capacity"), Decimal(20), GRADES, na_allowed=True),
    ),
    Aggregation(missing=Missing.REWEIGH, total_floor=Decimal(70)),
    tie_breaks=(NEED,),
    quorum=2,
)
DRAFTED = FrameworkDrafted(SSP, 1, RUBRIC)
PUBLISHED: Facts = (DRAFTED, FrameworkPublished(SSP, 1))

STAGES = (
    Stage(DOCUMENT, Text("Document evaluation"), FrameworkRef(SSP, 1), slots=2),
    Stage(FINAL, Text("Final evaluation"), FrameworkRef(SSP, 1), slots=2),
)
ANNOUNCEMENT = CallAnnounced(
    CALL,
    2024,
    Text("2024 Seoul ODA Challenge"),
    Eligibility("DAC 2024", ("KH", "LK", "PE")),
    budget_krw=350_000_000,
    cap_krw=CAP_KRW,
    opens_at=OPENS,
    deadline_at=DEADLINE,
    stages=STAGES,
)
ANNOUNCED: Facts = (*PUBLISHED, ANNOUNCEMENT)


def registered(city: CityId, country: str) -> CityRegistered:
    return CityRegistered(city, Text(city), country, "", city, illustrative=False)


CITIES: Facts = (
    registered(LIMA, "PE"),
    registered(PHNOM_PENH, "KH"),
    registered(COLOMBO, "LK"),
    registered(TOKYO, "JP"),
)
OPEN: Facts = (*ANNOUNCED, *CITIES)
"""The call is announced, and four cities are known."""


def project(amount_krw: int | None = 200_000_000) -> Project:
    return Project(
        Text("Bus rapid transit"),
        "21010",
        "Plan a corridor",
        ProjectType.MASTER_PLAN,
        amount_krw,
        (DIGEST,),
    )


def submitted(city: CityId, amount_krw: int | None = 200_000_000) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        app(city), CALL, city, Channel.OPEN_CALL, project(amount_krw), CityFacts(city[:2])
    )


def checked(city: CityId, *, holds: bool = True) -> EligibilityDetermined:
    return EligibilityDetermined(
        app(city), "DAC 2024", (RuleChecked("country on the list", holds),), holds
    )


def declared(
    evaluator: EvaluatorId,
    kind: ConflictKind = ConflictKind.NONE,
    application: ApplicationId | None = None,
) -> ConflictDeclared:
    return ConflictDeclared(evaluator, CALL, kind, application)


def assigned(city: CityId, evaluator: EvaluatorId, stage: StageId = DOCUMENT) -> EvaluatorAssigned:
    return EvaluatorAssigned(app(city), evaluator, stage)


def marks(need: int, fit: int, capacity: int | None) -> tuple[Mark, ...]:
    return (
        Mark(NEED, Decimal(need)),
        Mark(FIT, Decimal(fit)),
        Mark(CAPACITY, None if capacity is None else Decimal(capacity)),
    )


def scored(  # noqa: PLR0913, PLR0917  # reads as one line of a score sheet
    city: CityId,
    evaluator: EvaluatorId,
    need: int,
    fit: int,
    capacity: int | None,
    stage: StageId = DOCUMENT,
) -> ScoresSubmitted:
    return ScoresSubmitted(app(city), evaluator, stage, marks(need, fit, capacity), "")


APPLICANTS = (LIMA, PHNOM_PENH, COLOMBO)
RECEIVED: Facts = (*OPEN, *map(submitted, APPLICANTS), *map(checked, APPLICANTS))
"""Three cities applied in time, and were found eligible."""

PANEL: Facts = (
    EvaluatorAppointed(KIM, CALL, ("transport",), "", ""),
    EvaluatorAppointed(LEE, CALL, (), "", ""),
    declared(KIM),
    declared(LEE),
)
SCORING: Facts = (
    *RECEIVED,
    CallClosed(CALL),
    StageOpened(CALL, DOCUMENT),
    *PANEL,
    *(assigned(city, evaluator) for city in APPLICANTS for evaluator in (KIM, LEE)),
)
"""The first stage is open, and each application is assigned to both evaluators."""

SCORED: Facts = (
    *SCORING,
    scored(LIMA, KIM, 100, 100, 90),
    scored(LIMA, LEE, 100, 90, 90),
    scored(PHNOM_PENH, KIM, 90, 90, 90),
    scored(PHNOM_PENH, LEE, 90, 80, None),
    scored(COLOMBO, KIM, 80, 80, 80),
    scored(COLOMBO, LEE, 80, 80, 70),
)
CONVENED = PanelConvened(CALL, DOCUMENT, (KIM, LEE), CHAIR)
LOCKED: Facts = (*SCORED, CONVENED, StageLocked(CALL, DOCUMENT))
"""Lima is first, Phnom Penh second, Colombo third; nobody has counted yet."""


def swapped(facts: Facts, before: Event, after: Event) -> Facts:
    """Return facts in which one went otherwise."""
    assert before in facts
    return tuple(after if fact == before else fact for fact in facts)


def ranked(facts: Facts, stage: StageId = DOCUMENT) -> Facts:
    """Confirm the quorum of a locked stage and rank it."""
    facts = (*facts, *given(*facts).when(ConfirmQuorum(CALL, stage)).events)
    return (*facts, *given(*facts).when(ComputeRanking(CALL, stage)).events)


def proposed(facts: Facts, *choices: Choice, stage: StageId = DOCUMENT) -> Facts:
    """Propose outcomes on top of a ranking, as the officer."""
    answer = given(*facts).when(ProposeSelection(CALL, stage, choices))
    assert answer.refusal is None, answer.refusal
    return (*facts, *answer.events)


def approved(facts: Facts, *choices: Choice, stage: StageId = DOCUMENT) -> Facts:
    """Propose outcomes, and let the manager approve them."""
    facts = proposed(facts, *choices, stage=stage)
    answer = given(*facts).when(ApproveSelection(CALL, stage), by=MANAGER)
    assert answer.refusal is None, answer.refusal
    return (*facts, *answer.events)


def select(city: CityId) -> Choice:
    return Choice(app(city), Outcome.SELECTED)


def reserve(city: CityId) -> Choice:
    return Choice(app(city), Outcome.RESERVE)


RANKED: Facts = ranked(LOCKED)
ADVANCED: Facts = approved(RANKED, select(LIMA), select(PHNOM_PENH))
"""Lima and Phnom Penh are through to the second stage."""

FINAL_SCORED: Facts = (
    *ADVANCED,
    StageOpened(CALL, FINAL),
    PanelConvened(CALL, FINAL, (KIM, LEE), CHAIR),
    *(assigned(city, e, FINAL) for city in (LIMA, PHNOM_PENH) for e in (KIM, LEE)),
    scored(LIMA, KIM, 100, 100, 100, FINAL),
    scored(LIMA, LEE, 100, 100, 90, FINAL),
    scored(PHNOM_PENH, KIM, 90, 90, 90, FINAL),
    scored(PHNOM_PENH, LEE, 90, 90, 80, FINAL),
)
FINAL_RANKED: Facts = ranked((*FINAL_SCORED, StageLocked(CALL, FINAL)), FINAL)
FINAL_APPROVED: Facts = approved(FINAL_RANKED, select(LIMA), reserve(PHNOM_PENH), stage=FINAL)
"""Lima is preferred, Phnom Penh the reserve; Colombo stopped after the first stage."""
