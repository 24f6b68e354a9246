"""Histories in which nothing is wrong, one a family of rules: each violation is planted in one.

They are as a log holds them: who acted, when it was true and when it was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from core.applications.events import ApplicationSubmitted
from core.calls.events import CallClosed, StageLocked, StageOpened
from core.evaluations.events import (
    ConflictDeclared,
    EvaluationCertified,
    EvaluatorAppointed,
    ScoreRevised,
    ScoresSubmitted,
)
from core.ledger.codec import Event
from core.ledger.records import Recorded
from core.monitoring.events import ActionCompleted, ActionVerified, Answer, RecommendationAnswered
from core.projects.events import PaymentMade
from core.selection.events import OutcomesNotified, PanelConvened, SelectionApproved
from core.vocabulary import ActorId, CityId, EvaluatorId
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
APPEALS_UNTIL = NOON + timedelta(days=30)
DONE_AT = datetime(2025, 9, 1, 3, tzinfo=UTC)
LATER = datetime(2025, 11, 1, tzinfo=UTC)
Grades = tuple[int, int, int | None]
# Each city's grades by the three evaluators on need, fit and capacity: they agree as people do.
GRADES: tuple[tuple[Grades, Grades, Grades], ...] = (
    ((100, 100, 90), (100, 90, 100), (90, 100, 90)),
    ((100, 90, 90), (90, 90, 80), (90, 80, 90)),
    ((90, 80, 90), (80, 90, 80), (90, 90, 80)),
    ((80, 90, 70), (80, 80, 80), (70, 80, 90)),
    ((80, 80, 80), (90, 70, 70), (80, 70, 60)),
    ((70, 80, 70), (80, 70, 80), (70, 70, None)),
    ((80, 70, 60), (70, 80, 70), (60, 70, 80)),
    ((70, 70, 60), (80, 70, 60), (70, 60, 70)),
)
_SELF = EvaluationCertified | ConflictDeclared | ScoresSubmitted | ScoreRevised


@dataclass(frozen=True)
class Told:
    """A fact as it was recorded: `seen` is when, `at` is when it occurred."""

    event: Event
    by: str
    at: datetime = NOON
    seen: datetime = NOON
    behalf: str = ""


History = tuple[Told, ...]


def told(event: Event) -> Told:
    """Tell a fact as it is told where nothing is wrong."""
    if isinstance(event, _SELF):
        return Told(event, event.evaluator_id)
    return Told(event, OFFICER, IN_MARCH if isinstance(event, ApplicationSubmitted) else NOON)


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


def scored(grades: Sequence[Sequence[Grades]] = GRADES) -> Facts:
    """Let three evaluators score eight cities, each with a certificate."""
    pairs = [(city, evaluator) for city in CITIES for evaluator in PANEL]
    given = [own for panel in grades for own in panel]
    return (
        *scenes.ANNOUNCED,
        *(scenes.registered(city, COUNTRIES[city]) for city in CITIES),
        *map(scenes.submitted, CITIES),
        *map(scenes.checked, CITIES),
        CallClosed(CALL),
        StageOpened(CALL, DOCUMENT),
        *(EvaluatorAppointed(e, CALL, (), "", "") for e in PANEL),
        *map(scenes.declared, PANEL),
        *(scenes.assigned(city, evaluator) for city, evaluator in pairs),
        *(
            scenes.scored(city, evaluator, need, fit, capacity)
            for (city, evaluator), (need, fit, capacity) in zip(pairs, given, strict=True)
        ),
        *(EvaluationCertified(scenes.app(city), e, DOCUMENT) for city, e in pairs),
        PanelConvened(CALL, DOCUMENT, PANEL, CHAIR),
        StageLocked(CALL, DOCUMENT),
    )


@cache
def locked() -> History:
    """Everybody has scored, and the stage is locked."""
    return tuple(map(told, scored()))


@cache
def ranked() -> History:
    """The stage is ranked by the real command, and nobody has proposed anything yet."""
    return tuple(map(told, scenes.ranked(scored())))


@cache
def selection() -> History:
    """Two of eight cities are selected, the third and fourth are reserves, and all are told."""
    facts = tuple(fact.event for fact in ranked())
    chosen = (*map(scenes.select, CITIES[:2]), *map(scenes.reserve, CITIES[2:4]))
    notified = OutcomesNotified(CALL, DOCUMENT, APPEALS_UNTIL)
    return tuple(map(told, (*scenes.approved(facts, *chosen), notified)))


@cache
def project() -> History:
    """Lima's project is signed, paid and observed, and does in time what was recommended."""
    answer = RecommendationAnswered(
        projects.PROJECT, projects.ASKED, Answer.ACCEPTED, "Count them", "It helps"
    )
    done = ActionCompleted(
        projects.PROJECT, projects.ASKED, OFFICER, date(2025, 9, 1), "Counted", (DIGEST,)
    )
    checked = ActionVerified(projects.PROJECT, projects.ASKED, MANAGER)
    payment = PaymentMade(projects.PROJECT, 1, 1_000_000, projects.STARTS, "I", "p", DIGEST)
    return (
        *map(told, certified(projects.RUNNING)),
        told(payment),
        told(projects.DEFINED[-1]),
        *(
            Told(fact, OFFICER, projects.IN_2025, projects.IN_2025)
            for fact in (projects.OBSERVED[-1], projects.ISSUE, answer)
        ),
        Told(done, OFFICER, DONE_AT, DONE_AT),
        Told(checked, MANAGER, LATER, LATER),
    )


def certified(facts: Facts) -> Facts:
    """Certify every evaluation of a story, right before its selection is approved."""
    open_: list[ScoresSubmitted] = []
    whole: list[Event] = []
    for fact in facts:
        if isinstance(fact, ScoresSubmitted):
            open_.append(fact)
        elif isinstance(fact, SelectionApproved):
            whole += [EvaluationCertified(s.application_id, s.evaluator_id, s.stage) for s in open_]
            open_.clear()
        whole.append(fact)
    return tuple(whole)
