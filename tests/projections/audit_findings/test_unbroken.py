"""What looks like a violation and is none: every way that the rules leave open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.applications.events import (
    ApplicationAmended,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
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
)
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    Answer,
    IndicatorRevised,
    ObservationRecorded,
    RecommendationAnswered,
)
from core.selection.events import (
    Outcome,
    Override,
    ReEvaluationOrdered,
    ReservePromoted,
    SelectionApproved,
)
from core.vocabulary import ActorId, EvaluatorId
from tests import project_scenes as projects
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    CITIES,
    GRADES,
    LATER,
    PARK,
    Told,
)
from tests.projections.audit_findings.edits import Edit, at, before, both, changed, instead, then
from tests.projections.audit_findings.looking import found
from tests.projections.audit_findings.making import (
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
from tests.projections.audit_findings.turns import (
    approved,
    late_as_a_whole,
    much_revised,
    summed,
    tailored,
)
from tests.scenes import CALL, DEADLINE, DOCUMENT, KIM, SSP, app
from tests.stories import MANAGER, OFFICER

CHOI = EvaluatorId(ActorId("ev-choi"))
_LATER = Told(scenes.registered(scenes.TOKYO, "JP"), OFFICER, LATER, LATER)
_WEEK = DEADLINE + timedelta(days=7)


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
    ("weights and marks depend on what is on record of a city", tailored, lambda h: h),
    ("marks are added up, and weights are no percentages", clean.locked, summed),
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
            approved,
            before(SelectionApproved, ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, LAST)),
        ),
    ),
    (
        "a revision before the lock decides who is second",
        clean.locked,
        both(before(StageLocked, revised(SECOND, KIM, 100, 60)), ranked_anew),
    ),
    ("one evaluator of three who revise much goes one way", clean.locked, much_revised),
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
        "everybody is asked the same while the stage is open",
        clean.locked,
        before(
            StageLocked, *(ClarificationRequested(app(c), 1, "How many buses?") for c in CITIES)
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
    ("a whole history is recorded years after it happened", clean.project, late_as_a_whole),
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
