"""What becomes in the story of the city that was chosen, and of one that was not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from core.calls.commands import (
    AnnounceCall,
)
from core.calls.events import Stage
from core.cities.commands import (
    ChangeTier,
    RecordEngagement,
)
from core.cities.events import Tier
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
from core.monitoring.events import Answer, Phase
from core.projects.commands import (
    AgreePlan,
    CompleteProject,
    DeliverConsulting,
    DeliverTraining,
    LinkFollowUp,
    ReachMilestone,
    SignAgreement,
    StartProject,
    SurveySite,
)
from core.projects.events import FollowUpKind
from core.results import Period
from core.vocabulary import (
    FrameworkRef,
    RecommendationId,
    Text,
)
from tests import project_scenes as plans
from tests.scenes import DIGEST, SSP
from tests.story.people import (
    COLLEAGUE,
    OFFICER,
    Programme,
    city,
)
from tests.story.selecting import (
    COLOMBO,
    DOCUMENTS,
    LIMA,
    NEXT_CALL,
    ON_THE_LIST,
    PROJECT,
    hand_in,
)


def lima_and_seoul_agree(told: Programme) -> None:
    days = Period(date(2024, 5, 23), date(2024, 5, 25))
    told.on("2024-05-26").does(OFFICER, SurveySite(PROJECT, days, "A wide road", DIGEST))
    told.on("2024-06-01")
    told.may_not(OFFICER, StartProject(PROJECT), "agreement-not-signed")
    told.does(
        OFFICER,
        AgreePlan(PROJECT, plans.PLAN, plans.BOTH, DIGEST),
        SignAgreement(PROJECT, 180_000_000, plans.BOTH, plans.TEAM, DIGEST),
    )
    told.on("2024-06-10").does(
        OFFICER, StartProject(PROJECT), DefineIndicator(PROJECT, plans.RIDERS)
    )


def the_project_is_carried_out(told: Programme) -> None:
    week = Period(date(2024, 9, 2), date(2024, 9, 6))
    told.on("2024-09-10").does(
        OFFICER,
        DeliverTraining(PROJECT, Text("Bus lanes"), week, plans.EXPERT, 20, (DIGEST,), 9),
        DeliverConsulting(PROJECT, "Where lines meet", week, plans.EXPERT, Decimal(5), (DIGEST,)),
    )
    told.on("2024-09-28").does(OFFICER, ReachMilestone(PROJECT, plans.SURVEY, (DIGEST,)))


def what_changed_is_observed(told: Programme) -> None:
    """A slip is put right by whoever made it, and a colleague verifies what then stands."""
    told.on("2025-07-10").does(
        OFFICER,
        RecordObservation(PROJECT, plans.RIDERS, plans.reading("113")),
        CorrectObservation(PROJECT, plans.RIDERS, 1, plans.reading("131"), "digits were swapped"),
    )
    told.may_not(OFFICER, VerifyObservation(PROJECT, plans.RIDERS, 1), "same-person")
    told.does(COLLEAGUE, VerifyObservation(PROJECT, plans.RIDERS, 1))
    told.does(city(LIMA), ReceiveFeedback(PROJECT, "Counting machines are late", plans.RIDERS))


def a_recommendation_is_followed(told: Programme) -> None:
    asked = (PROJECT, RecommendationId("count-by-sex"))
    told.on("2025-07-15").does(
        OFFICER,
        IssueRecommendation(
            *(*asked, "Count riders by sex", "Transport authority", date(2025, 9, 30)),
            plans.RIDERS,
        ),
    )
    told.on("2025-07-20").does(
        city(LIMA), AnswerRecommendation(*asked, Answer.ACCEPTED, "it is due", "Count in two lines")
    )
    told.on("2025-09-20").does(city(LIMA), CompleteAction(*asked, "Counted in August", (DIGEST,)))
    told.on("2025-09-25").does(OFFICER, VerifyAction(*asked))


def the_project_ends_and_is_rated(told: Programme) -> None:
    told.on("2025-12-01").does(OFFICER, ReachMilestone(PROJECT, plans.REPORT, (DIGEST,)))
    told.on("2025-12-31").does(OFFICER, CompleteProject(PROJECT))
    told.on("2026-03-01").does(OFFICER, rating(Phase.END, "3"))
    told.on("2026-05-01").does(
        OFFICER,
        LinkFollowUp(
            *(PROJECT, FollowUpKind.BANK_LOAN, "A development bank", Text("The second corridor")),
        ),
    )


def a_while_later_it_is_rated_again(told: Programme) -> None:
    told.on("2026-10-01").does(OFFICER, rating(Phase.EX_POST, "4"))


def rating(phase: Phase, grade: str) -> RateEvaluation:
    criteria = (
        "relevance",
        "coherence",
        "effectiveness",
        "efficiency",
        "impact",
        "sustainability",
    )
    grades = tuple(Rating(criterion, grade, (DIGEST,)) for criterion in criteria)
    return RateEvaluation(PROJECT, phase, "plain-four-points", 1, (plans.RATER,), grades, DIGEST)


# Those who waited


def colombo_stays_in_touch(told: Programme) -> None:
    told.on("2024-10-01").does(
        OFFICER,
        RecordEngagement(COLOMBO, "study visit", "Saw the canals of Cheonggyecheon"),
        ChangeTier(COLOMBO, Tier.READY, "A plan of its own, and a bank that would pay for it"),
    )


def colombo_applies_to_the_next_call(told: Programme) -> None:
    stage = Stage(DOCUMENTS, Text("Document evaluation"), FrameworkRef(SSP, 1), slots=1)
    opens, deadline = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    title = Text("2026 Seoul ODA Challenge")
    told.on("2026-06-01").does(
        OFFICER,
        AnnounceCall(NEXT_CALL, 2026, title, opens, deadline, (stage,), ON_THE_LIST),
    )
    hand_in(told.on("2026-06-20"), COLOMBO, NEXT_CALL)
