"""What looks like a violation and is none: every way that the rules leave open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
    IndicatorRecorded,
)
from core.calls.events import DeadlineExtended, StageLocked, StageOpened
from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    ConflictWaived,
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
    EvaluatorAbstained,
    EvaluatorAssigned,
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.groups import CityFacts, CityGroup
from core.indicators import Band, Banding, Figure, Holder
from core.ledger.codec import Event
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    Answer,
    IndicatorRevised,
    ObservationRecorded,
    RecommendationAnswered,
)
from core.results import Direction
from core.rubric import Points, Variant, VariantWeight
from core.selection.events import (
    Outcome,
    Override,
    ReEvaluationOrdered,
    ReservePromoted,
    SelectionApproved,
)
from core.vocabulary import ActorId, EvaluatorId, FrameworkId, IndicatorId
from tests import project_scenes as projects
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    CITIES,
    GRADES,
    LATER,
    PARK,
    History,
    Told,
    told,
)
from tests.projections.audit_findings.edits import Edit, at, before, both, changed, instead, then
from tests.projections.audit_findings.looking import found
from tests.projections.audit_findings.plants import (
    FIRST,
    FOURTH,
    LAST,
    SECOND,
    THIRD,
    Start,
    graded,
    outcomes,
    ranked_anew,
    revised,
    sheet,
    upheld,
)
from tests.scenes import CALL, DEADLINE, DOCUMENT, KIM, LEE, SSP, app
from tests.stories import MANAGER, OFFICER

CHOI = EvaluatorId(ActorId("ev-choi"))
BUSES = IndicatorId("buses")
_LATER = Told(scenes.registered(scenes.TOKYO, "JP"), OFFICER, LATER, LATER)
_WEEK = DEADLINE + timedelta(days=7)
_PAST = timedelta(days=900)


def _late_as_a_whole(history: History) -> History:
    """Record everything long after it occurred, as a history that is told anew."""
    return tuple(replace(fact, seen=LATER + _PAST) for fact in history)


def _tailored() -> History:
    """Rank by a rubric that weighs by region, with a criterion that is computed from a figure."""
    bands = (Band(Decimal(60)), Band(Decimal(80), Decimal(1_000)))
    banding = Banding(BUSES, "buses", Holder.APPLICATION, Direction.INCREASING, bands)
    need, fit, capacity = scenes.RUBRIC.criteria
    criteria = (need, fit, replace(capacity, banding=banding, na_allowed=False))
    ids = [criterion.id for criterion in criteria]
    weights = [VariantWeight(c, Decimal(w)) for c, w in zip(ids, (20, 20, 60), strict=True)]
    andes = Variant("andes", CityGroup(regions=("Andes",)), tuple(weights))
    rubric = replace(scenes.RUBRIC, criteria=criteria, variants=(andes,))
    facts: list[Event] = []
    for fact in clean.scored():
        match fact:
            case FrameworkDrafted():
                facts.append(replace(fact, rubric=rubric))
            case ApplicationSubmitted(application_id=application):
                facts.append(replace(fact, city=CityFacts("PE", "Andes")))
                figure = Figure(BUSES, "buses", Decimal(len(facts) * 40), date(2023, 1, 1), "s")
                facts.append(IndicatorRecorded(application, figure))
            case ScoresSubmitted(marks=marks):
                facts.append(replace(fact, marks=marks[:2]))
            case _:
                facts.append(fact)
    return tuple(map(told, scenes.ranked(tuple(facts))))


def _much_revised(history: History) -> History:
    """Let three evaluators revise all they gave: one of them downwards, the others both ways."""
    ways = {KIM: (-10,) * 8, LEE: (-10, 10) * 4, PARK: (10, -10) * 4}
    facts = [
        revised(app(city), evaluator, panel[place][0], panel[place][0] + steps[number])
        for place, (evaluator, steps) in enumerate(ways.items())
        for number, (city, panel) in enumerate(zip(CITIES, GRADES, strict=True))
    ]
    return ranked_anew(before(StageLocked, *facts)(history))


def _approved(history: History) -> History:
    """Let the first two through."""
    facts = tuple(fact.event for fact in history)
    chosen = scenes.approved(facts, *map(scenes.select, CITIES[:2]))
    return (*history, *map(told, chosen[len(facts) :]))


def _summed(history: History) -> History:
    """Draft and publish a rubric whose marks are added up."""
    aggregation = replace(scenes.RUBRIC.aggregation, points=Points.SUM)
    rubric = replace(scenes.RUBRIC, aggregation=aggregation, criteria=scenes.RUBRIC.criteria[:2])
    other = FrameworkId("other")
    return then(FrameworkDrafted(other, 1, rubric), FrameworkPublished(other, 1))(history)


UNBROKEN: tuple[tuple[str, Start, Edit], ...] = (
    (
        "another version of the rubric is drafted and published",
        clean.selection,
        then(FrameworkDrafted(SSP, 2, scenes.RUBRIC), FrameworkPublished(SSP, 2)),
    ),
    (
        "the deadline was extended for all",
        clean.selection,
        both(
            instead(scenes.submitted(CITIES[-1])),
            before(
                scenes.checked(CITIES[0]),
                DeadlineExtended(CALL, DEADLINE, _WEEK, "floods"),
                Told(scenes.submitted(CITIES[-1]), OFFICER, DEADLINE),
            ),
        ),
    ),
    ("weights and marks depend on what is on record of a city", _tailored, lambda h: h),
    ("marks are added up, and weights are no percentages", clean.locked, _summed),
    (
        "an application is amended in time",
        clean.selection,
        before(
            scenes.checked(CITIES[0]),
            Told(ApplicationAmended(LAST, scenes.project()), OFFICER, scenes.IN_MARCH),
        ),
    ),
    (
        "a mark is changed before the lock, with a reason, by staff for the evaluator",
        clean.locked,
        before(
            StageLocked,
            Told(revised(LAST, PARK, 70, 80), OFFICER, behalf=PARK),
        ),
    ),
    (
        "a mark is changed after two people reopened it, and nothing moves",
        clean.ranked,
        both(
            then(
                EvaluationReopened(LAST, PARK, DOCUMENT, OFFICER, MANAGER),
                revised(LAST, PARK, 70, 60),
                EvaluationLocked(LAST, PARK, DOCUMENT),
            ),
            ranked_anew,
        ),
    ),
    (
        "an interest is waived",
        clean.selection,
        before(
            sheet(LAST, PARK),
            ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, LAST),
            ConflictWaived(PARK, LAST, MANAGER, "distant"),
        ),
    ),
    (
        "an interest that is declared late is left out of the ranking",
        clean.locked,
        both(then(ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, FIRST)), ranked_anew),
    ),
    (
        "an interest is declared after scores were invalidated",
        clean.locked,
        both(
            then(EvaluationInvalidated(FIRST, PARK, DOCUMENT, "r")),
            ranked_anew,
            then(ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, FIRST)),
        ),
    ),
    (
        "an interest is declared before the approval, in what the ranking did not count",
        clean.locked,
        both(
            then(EvaluationInvalidated(LAST, PARK, DOCUMENT, "r")),
            ranked_anew,
            _approved,
            before(SelectionApproved, ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, LAST)),
        ),
    ),
    (
        "a revision before the lock decides who is second",
        clean.locked,
        both(before(StageLocked, revised(SECOND, KIM, 100, 60)), ranked_anew),
    ),
    ("one evaluator of three who revise much goes one way", clean.locked, _much_revised),
    (
        "an evaluator abstains",
        clean.locked,
        both(
            then(
                EvaluatorAssigned(LAST, CHOI, DOCUMENT),
                EvaluatorAbstained(LAST, CHOI, DOCUMENT, "r"),
            ),
            ranked_anew,
        ),
    ),
    (
        "a departure from the order has a reason and an authority",
        clean.selection,
        outcomes(
            (SECOND, Outcome.POOL, Override("it has a bank's loan now", "committee")),
            (THIRD, Outcome.SELECTED, Override("in place of the second", "committee")),
        ),
    ),
    (
        "the first reserve withdrew, so the second comes",
        clean.selection,
        then(
            ApplicationWithdrawn(THIRD, "r"),
            ReservePromoted(CALL, DOCUMENT, FOURTH, SECOND, "r"),
        ),
    ),
    (
        "everybody is asked and answers before the stage opens",
        clean.selection,
        before(
            StageOpened,
            ClarificationRequested(LAST, 1, "How many buses?"),
            ClarificationAnswered(LAST, 1, "Four hundred"),
        ),
    ),
    (
        "others score anew in place of annulled scores",
        clean.selection,
        both(
            then(
                *upheld(),
                ReEvaluationOrdered(LAST, DOCUMENT, (PARK,), MANAGER, "r"),
                EvaluationInvalidated(LAST, PARK, DOCUMENT, "annulled"),
                Told(scenes.declared(CHOI), CHOI),
                EvaluatorAssigned(LAST, CHOI, DOCUMENT),
                scenes.scored(CITIES[-1], CHOI, 70, 70, 70),
            ),
            ranked_anew,
        ),
    ),
    (
        "a target moves before anything was observed",
        clean.project,
        before(
            ObservationRecorded,
            IndicatorRevised(
                projects.PROJECT,
                projects.RIDERS,
                projects.BASELINE,
                projects.BASELINE,
                projects.TARGETS,
                projects.TARGETS[:1],
                "r",
            ),
        ),
    ),
    ("a whole history is recorded years after it happened", clean.project, _late_as_a_whole),
    (
        "a recommendation is rejected",
        clean.project,
        both(
            instead(ActionCompleted),
            instead(ActionVerified),
            changed(RecommendationAnswered, answer=Answer.REJECTED, action=""),
            then(_LATER),
        ),
    ),
    (
        "an action is sent back and done again in time",
        clean.project,
        before(
            ActionVerified,
            Told(
                ActionReturned(projects.PROJECT, projects.ASKED, MANAGER, "one table is missing"),
                MANAGER,
                clean.DONE_AT,
                clean.DONE_AT,
            ),
            Told(
                ActionCompleted(
                    projects.PROJECT,
                    projects.ASKED,
                    OFFICER,
                    projects.ISSUE.due_on,
                    "Counted",
                    (scenes.DIGEST,),
                ),
                OFFICER,
                clean.DONE_AT,
                clean.DONE_AT,
            ),
        ),
    ),
    (
        "what was done in time is recorded late",
        clean.project,
        both(
            before(ActionCompleted, _LATER),
            at(ActionCompleted, seen=LATER),
        ),
    ),
    (
        "two evaluators agree on too few marks to say anything",
        graded({(city, 1): GRADES[city][0] for city in range(3)}),
        lambda history: history,
    ),
)


@pytest.mark.parametrize(("says", "start", "edit"), UNBROKEN, ids=[case[0] for case in UNBROKEN])
def test_what_the_rules_leave_open_is_no_finding(says: str, start: Start, edit: Edit) -> None:
    assert found(edit(start())) == [], says


def test_what_was_overdue_as_known_then_is_no_finding_once_it_is_known_to_be_done() -> None:
    history = before(ActionCompleted, _LATER)(clean.project())
    place = next(i for i, f in enumerate(history) if isinstance(f.event, ActionCompleted))
    (then_known,) = found(history[:place])
    assert then_known.code == "action-overdue"
    assert found(at(ActionCompleted, seen=LATER)(history)) == []
