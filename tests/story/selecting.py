"""How cities are chosen in the story: a need, a call, a panel, an appeal, a decision."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from core.applications.commands import (
    AnswerClarification,
    DetermineEligibility,
    HoldConsultation,
    RequestClarification,
    SubmitApplication,
)
from core.applications.events import Project, RuleChecked, application_id
from core.calls.commands import (
    AnnounceCall,
    CloseCall,
    ConcludeCall,
    ExtendDeadline,
    LockStage,
    OpenStage,
    PublishGuideline,
)
from core.calls.events import Eligibility, Stage
from core.cities.commands import (
    AssessCapacity,
    IdentifyNeed,
    RegisterCity,
)
from core.evaluations.commands import (
    AppointEvaluator,
    AssignEvaluator,
    CertifyEvaluation,
    DeclareConflict,
    RecuseEvaluator,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import ConflictKind
from core.frameworks.commands import DraftFramework, PublishFramework
from core.ranking import Mark
from core.selection.commands import (
    AdmitAppeal,
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    DecideAppeal,
    FileAppeal,
    NotifyOutcomes,
    ProposeSelection,
)
from core.selection.events import Outcome, Verdict
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    Channel,
    CityId,
    EvaluatorId,
    FrameworkRef,
    ProjectId,
    ProjectType,
    StageId,
    Text,
)
from tests.scenes import CAPACITY, DIGEST, FIT, NEED, RUBRIC, SSP
from tests.story.people import (
    APPEALS,
    KIM,
    LEE,
    MANAGER,
    OFFICER,
    PARK,
    Person,
    Programme,
    city,
)

CALL, NEXT_CALL = CallId("ssp-2024"), CallId("ssp-2026")
DOCUMENTS, FINAL = StageId("documents"), StageId("final")
LIMA, PHNOM_PENH, COLOMBO = CityId("PELIM"), CityId("KHPNH"), CityId("LKCMB")
CITIES = {LIMA: ("Lima", "PE"), PHNOM_PENH: ("Phnom Penh", "KH"), COLOMBO: ("Colombo", "LK")}
ON_THE_LIST = Eligibility("DAC list 2024", ("KH", "LK", "PE"))
SUMMER = datetime(2024, 5, 1, 15, tzinfo=UTC)


def applied(of: CityId) -> ApplicationId:
    return application_id(CALL, of)


PROJECT = ProjectId(applied(LIMA))


def evaluator(person: Person) -> EvaluatorId:
    return EvaluatorId(person[0])


# A need


def seoul_learns_what_cities_need(told: Programme) -> None:
    told.on("2024-01-10")
    for code, (name, country) in CITIES.items():
        told.does(OFFICER, RegisterCity(code, Text(name), country, unlocode=code))
    told.does(
        OFFICER,
        IdentifyNeed(LIMA, "21010", Channel.EMBASSY, "Buses stand in the traffic of cars"),
        IdentifyNeed(COLOMBO, "41010", Channel.DEVELOPMENT_BANK, "Canals flood each May"),
        AssessCapacity(LIMA, 3, "A transport authority of its own since 2018"),
    )


# A call


def a_rubric_is_published_and_a_call_announced(told: Programme) -> None:
    told.on("2024-02-20").does(OFFICER, DraftFramework(SSP, RUBRIC), PublishFramework(SSP, 1))
    pinned = FrameworkRef(SSP, 1)
    stages = (
        Stage(DOCUMENTS, Text("Document evaluation"), pinned, slots=2),
        Stage(FINAL, Text("Final evaluation"), pinned, slots=1),
    )
    opens, deadline = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)
    title = Text("2024 Seoul ODA Challenge")
    told.on("2024-03-01").does(
        OFFICER,
        AnnounceCall(
            CALL, 2024, title, opens, deadline, stages, ON_THE_LIST, 300_000_000, 300_000_000
        ),
        PublishGuideline(CALL, Text("How to apply"), DIGEST),
    )


def three_cities_apply(told: Programme) -> None:
    told.on("2024-03-15")
    hand_in(told, LIMA)
    hand_in(told, PHNOM_PENH)
    told.does(OFFICER, RequestClarification(applied(LIMA), "Who will run the corridor?"))
    told.does(city(LIMA), AnswerClarification(applied(LIMA), 1, "The transport authority"))
    told.does(
        OFFICER,
        HoldConsultation(applied(LIMA), "The bank", ("21010",), "It agrees"),
    )
    told.on("2024-03-28").does(
        OFFICER, ExtendDeadline(CALL, datetime(2024, 4, 8, tzinfo=UTC), "The portal was down")
    )
    hand_in(told.on("2024-04-05"), COLOMBO)


def hand_in(told: Programme, code: CityId, call: CallId = CALL) -> None:
    project = Project(
        Text("A better way"),
        "21010",
        "What Seoul did",
        ProjectType.MASTER_PLAN,
        200_000_000,
        (DIGEST,),
    )
    told.does(city(code), SubmitApplication(call, code, Channel.OPEN_CALL, project))


def the_call_closes_and_eligibility_is_checked(told: Programme) -> None:
    told.on("2024-04-09").does(OFFICER, CloseCall(CALL))
    for code in CITIES:
        check = RuleChecked("its country is on the list", holds=True)
        told.does(OFFICER, DetermineEligibility(applied(code), ON_THE_LIST.version, (check,)))


# A selection


def the_panel_scores_the_documents(told: Programme) -> None:
    """Lee once advised Colombo, so Park scores it instead."""
    told.on("2024-04-10").does(OFFICER, OpenStage(CALL, DOCUMENTS))
    for person in (KIM, LEE, PARK):
        told.does(OFFICER, AppointEvaluator(evaluator(person), CALL))
        told.does(person, DeclareConflict(evaluator(person), CALL, ConflictKind.NONE))
    told.does(LEE, DeclareConflict(evaluator(LEE), CALL, ConflictKind.AUTHORSHIP, applied(COLOMBO)))
    told.does(
        OFFICER,
        RecuseEvaluator(evaluator(LEE), applied(COLOMBO), "advised the city in 2022"),
    )
    scores(told, DOCUMENTS, LIMA, (KIM, (100, 100, 90)), (LEE, (100, 90, 90)))
    scores(told, DOCUMENTS, PHNOM_PENH, (KIM, (90, 90, 90)), (LEE, (80, 80, 80)))
    scores(told, DOCUMENTS, COLOMBO, (KIM, (80, 80, 80)), (PARK, (80, 80, 70)))
    told.on("2024-04-12").does(
        LEE,
        ReviseScore(
            *(applied(PHNOM_PENH), evaluator(LEE), DOCUMENTS, NEED),
            Decimal(90),
            "the annex was read",
        ),
    )


def scores(
    told: Programme, stage: StageId, code: CityId, *given: tuple[Person, tuple[int, int, int]]
) -> None:
    for person, marks in given:
        key = (applied(code), evaluator(person), stage)
        told.does(OFFICER, AssignEvaluator(*key))
        named = zip((NEED, FIT, CAPACITY), marks, strict=True)
        told.does(person, SubmitScores(*key, tuple(Mark(c, Decimal(m)) for c, m in named)))


def the_documents_are_decided(told: Programme) -> None:
    told.on("2024-04-20")
    certified(told, DOCUMENTS, {LIMA: (KIM, LEE), PHNOM_PENH: (KIM, LEE), COLOMBO: (KIM, PARK)})
    ranked(told, DOCUMENTS, (KIM, LEE, PARK))
    chosen = (
        Choice(applied(LIMA), Outcome.SELECTED),
        Choice(applied(PHNOM_PENH), Outcome.SELECTED),
    )
    told.does(OFFICER, ProposeSelection(CALL, DOCUMENTS, chosen))
    told.may_not(OFFICER, ApproveSelection(CALL, DOCUMENTS), "same-person")
    told.on("2024-04-22").does(MANAGER, ApproveSelection(CALL, DOCUMENTS))
    told.on("2024-04-24").does(OFFICER, NotifyOutcomes(CALL, DOCUMENTS, SUMMER))


def certified(told: Programme, stage: StageId, panel: dict[CityId, tuple[Person, ...]]) -> None:
    for code, people in panel.items():
        for person in people:
            told.does(person, CertifyEvaluation(applied(code), evaluator(person), stage))


def ranked(told: Programme, stage: StageId, panel: tuple[Person, ...]) -> None:
    told.does(
        OFFICER,
        ConvenePanel(CALL, stage, tuple(map(evaluator, panel)), ActorId("chair-oh")),
        LockStage(CALL, stage),
        ConfirmQuorum(CALL, stage),
        ComputeRanking(CALL, stage),
    )


def colombo_appeals_and_is_heard(told: Programme) -> None:
    told.on("2024-04-26").does(
        city(COLOMBO), FileAppeal(applied(COLOMBO), DOCUMENTS, "The second annex was not read")
    )
    told.on("2024-04-29").does(APPEALS, AdmitAppeal(applied(COLOMBO), DOCUMENTS))
    told.does(
        APPEALS,
        DecideAppeal(
            *(applied(COLOMBO), DOCUMENTS, Verdict.REJECTED),
            (ActorId("ombudsman-ma"),),
            "Both evaluators quote the second annex",
        ),
    )


def the_final_is_decided(told: Programme) -> None:
    told.on("2024-05-06").does(OFFICER, OpenStage(CALL, FINAL))
    scores(told, FINAL, LIMA, (KIM, (100, 100, 100)), (LEE, (100, 100, 90)))
    scores(told, FINAL, PHNOM_PENH, (KIM, (90, 90, 90)), (LEE, (90, 90, 80)))
    certified(told, FINAL, {LIMA: (KIM, LEE), PHNOM_PENH: (KIM, LEE)})
    ranked(told, FINAL, (KIM, LEE))
    chosen = (Choice(applied(LIMA), Outcome.SELECTED), Choice(applied(PHNOM_PENH), Outcome.RESERVE))
    told.on("2024-05-12").does(OFFICER, ProposeSelection(CALL, FINAL, chosen))
    told.does(MANAGER, ApproveSelection(CALL, FINAL))
    told.on("2024-05-13").does(
        OFFICER, NotifyOutcomes(CALL, FINAL, datetime(2024, 5, 20, tzinfo=UTC))
    )
    told.on("2024-05-21").does(MANAGER, ConcludeCall(CALL))
    told.system_follows()
