"""Histories in which nothing is wrong, one a family of rules: each violation is planted in one.

They are as a log holds them: who acted, when it was true and when it was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from core.applications.events import ApplicationAmended, ApplicationSubmitted
from core.calls.events import CallClosed, StageLocked, StageOpened
from core.evaluations.events import (
    ConflictDeclared,
    EvaluationCertified,
    EvaluationEvent,
    EvaluatorAppointed,
)
from core.ledger.codec import Event
from core.ledger.records import Recorded
from core.monitoring.events import (
    ActionCompleted,
    ActionVerified,
    Answer,
    RecommendationAnswered,
)
from core.projects.events import PaymentMade
from core.selection.events import (
    OutcomesNotified,
    PanelConvened,
    SelectionApproved,
    SelectionProposed,
)
from core.vocabulary import ActorId, ApplicationId, CityId, EvaluatorId
from tests import project_scenes as projects
from tests import scenes
from tests.scenes import CALL, CHAIR, DIGEST, DOCUMENT, IN_MARCH, KIM, LEE, Facts
from tests.stories import MANAGER, NOON, OFFICER, recorded

PARK = EvaluatorId(ActorId("ev-park"))
PANEL = (KIM, LEE, PARK)
CITIES = tuple(
    CityId(name)
    for name in ("LIMA", "PHNOM", "COLOMBO", "CUSCO", "KANDY", "GALLE", "TRUJILLO", "BATTAMBANG")
)
COUNTRIES = dict(zip(CITIES, ("PE", "KH", "LK", "PE", "LK", "LK", "PE", "KH"), strict=True))
FIRST, SECOND, THIRD = (scenes.app(city) for city in CITIES[:3])
LAST = scenes.app(CITIES[-1])
APPEALS_UNTIL = NOON + timedelta(days=30)
# Each city's grades by the three evaluators on need, fit and capacity: they agree as people do.
_GRADES = (
    ((100, 100, 90), (100, 90, 100), (90, 100, 90)),
    ((100, 90, 90), (90, 90, 80), (90, 80, 90)),
    ((90, 80, 90), (80, 90, 80), (90, 90, 80)),
    ((80, 90, 70), (80, 80, 80), (70, 80, 90)),
    ((80, 80, 80), (90, 70, 70), (80, 70, 60)),
    ((70, 80, 70), (80, 70, 80), (70, 70, 60)),
    ((80, 70, 60), (70, 80, 70), (60, 70, 80)),
    ((70, 70, 60), (80, 70, 60), (70, 60, 70)),
)


@dataclass(frozen=True)
class Told:
    """A fact as it was recorded: `seen` is when, `at` is when it occurred."""

    event: Event
    by: str
    at: datetime = NOON
    seen: datetime = NOON
    behalf: str = ""


def told(event: Event) -> Told:
    """Tell a fact as it is told where nothing is wrong."""
    if isinstance(event, EvaluationCertified | ConflictDeclared):
        return Told(event, event.evaluator_id)
    if isinstance(event, EvaluationEvent):
        return Told(event, event.evaluator_id)
    if isinstance(event, ApplicationSubmitted | ApplicationAmended):
        return Told(event, OFFICER, IN_MARCH)
    return Told(event, OFFICER)


def records(history: Sequence[Told]) -> list[Recorded]:
    """Return facts as a log holds them."""
    return [
        replace(
            record,
            recorded_at=fact.seen,
            meta=replace(
                record.meta,
                occurred_at=fact.at,
                actor=ActorId(fact.by),
                on_behalf_of=ActorId(fact.behalf) if fact.behalf else None,
            ),
        )
        for record, fact in zip(recorded([f.event for f in history]), history, strict=True)
    ]


def scoring() -> Facts:
    """Let three evaluators score eight cities, each with a certificate."""
    return (
        *scenes.ANNOUNCED,
        *(scenes.registered(city, COUNTRIES[city]) for city in CITIES),
        *map(scenes.submitted, CITIES),
        *map(scenes.checked, CITIES),
        CallClosed(CALL),
        StageOpened(CALL, DOCUMENT),
        *(EvaluatorAppointed(e, CALL, (), "", "") for e in PANEL),
        *map(scenes.declared, PANEL),
        *(scenes.assigned(city, e) for city in CITIES for e in PANEL),
        *(
            scenes.scored(city, evaluator, *grades)
            for city, panel in zip(CITIES, _GRADES, strict=True)
            for evaluator, grades in zip(PANEL, panel, strict=True)
        ),
        *(
            EvaluationCertified(scenes.app(city), evaluator, DOCUMENT)
            for city in CITIES
            for evaluator in PANEL
        ),
        PanelConvened(CALL, DOCUMENT, PANEL, CHAIR),
    )


@cache
def selection() -> tuple[Told, ...]:
    """Two of eight cities are selected, the third is the reserve, and all are told."""
    facts = scenes.ranked((*scoring(), StageLocked(CALL, DOCUMENT)))
    choices = (*map(scenes.select, CITIES[:2]), scenes.reserve(CITIES[2]))
    facts = scenes.approved(facts, *choices)
    return tuple(map(told, (*facts, OutcomesNotified(CALL, DOCUMENT, APPEALS_UNTIL))))


@cache
def project() -> tuple[Told, ...]:
    """Lima's project is signed, paid, observed, and does what was recommended."""
    completed = ActionCompleted(
        projects.PROJECT, projects.ASKED, OFFICER, date(2025, 9, 1), "Counted", (DIGEST,)
    )
    return (
        *map(told, _certified(projects.RUNNING)),
        told(PaymentMade(projects.PROJECT, 1, 1_000_000, projects.STARTS, "I", "p", DIGEST)),
        Told(projects.DEFINED[-1], OFFICER, IN_MARCH, NOON),
        Told(projects.OBSERVED[-1], OFFICER, projects.IN_2025, projects.IN_2025),
        Told(projects.ISSUE, OFFICER, projects.IN_2025, projects.IN_2025),
        Told(_answer(Answer.ACCEPTED), OFFICER, projects.IN_2025, projects.IN_2025),
        Told(completed, OFFICER, DONE_AT, DONE_AT),
        Told(ActionVerified(projects.PROJECT, projects.ASKED, MANAGER), MANAGER, LATER, LATER),
    )


DONE_AT = datetime(2025, 9, 1, 3, tzinfo=UTC)
LATER = datetime(2025, 11, 1, tzinfo=UTC)


def _answer(answer: Answer) -> RecommendationAnswered:
    return RecommendationAnswered(projects.PROJECT, projects.ASKED, answer, "We count", "it helps")


def _certified(facts: Facts) -> Facts:
    """Certify every evaluation of a story in which nobody did."""
    certified: list[Event] = []
    for fact in facts:
        certified.append(fact)
        if isinstance(fact, EvaluationEvent) and type(fact).__name__ == "ScoresSubmitted":
            key = (ApplicationId(fact.application_id), fact.evaluator_id, fact.stage)
            certified.append(EvaluationCertified(*key))
    return tuple(certified)


__all__ = ["SelectionApproved", "SelectionProposed"]
