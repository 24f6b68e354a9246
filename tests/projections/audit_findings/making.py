"""How violations are made of clean histories that the commands would have refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from core.evaluations.events import (
    ScoreRevised,
    ScoresSubmitted,
)
from core.selection.events import (
    AppealDecided,
    AppealFiled,
    Outcome,
    Override,
    SelectionProposed,
    Verdict,
)
from core.vocabulary import (
    ActorId,
    ApplicationId,
    EvaluatorId,
)
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    CITIES,
    GRADES,
    PANEL,
    Grades,
    History,
    Told,
    told,
)
from tests.projections.audit_findings.edits import (
    Edit,
    changed,
)
from tests.scenes import DOCUMENT, NEED, app
from tests.stories import MANAGER

Start = Callable[[], History]


FIRST, SECOND, THIRD, FOURTH, FIFTH, *_, LAST = map(app, CITIES)
"""The cities' applications in the order of their ranks."""


@dataclass(frozen=True)
class Plant:
    """What a violation says in words, the finding that it is, and how it is made."""

    says: str
    code: str
    start: Start
    edit: Edit


def sheet(application: ApplicationId, evaluator: EvaluatorId) -> ScoresSubmitted:
    """Return the scores that an evaluator gives an application in the clean histories."""
    city, place = CITIES[[app(c) for c in CITIES].index(application)], PANEL.index(evaluator)
    return scenes.scored(city, evaluator, *GRADES[CITIES.index(city)][place])


def revised(
    application: ApplicationId, of: EvaluatorId, before_: int, after: int, reason: str = "a slip"
) -> ScoreRevised:
    return ScoreRevised(application, of, DOCUMENT, NEED, Decimal(before_), Decimal(after), reason)


def ranked_anew(history: History) -> History:
    """Rank as the real command would."""
    facts = tuple(fact.event for fact in history)
    return (*history, *map(told, scenes.ranked(facts)[len(facts) :]))


def graded(changes: dict[tuple[int, int], Grades]) -> Start:
    """Return a ranked history in which some sheets, by city and evaluator, say otherwise."""

    def start() -> History:
        grades = [
            [changes.get((c, e), own) for e, own in enumerate(panel)]
            for c, panel in enumerate(GRADES)
        ]
        return tuple(map(told, scenes.ranked(clean.scored(grades))))

    return start


def outcomes(*changes: tuple[ApplicationId, Outcome, Override | None]) -> Edit:
    """Let proposals say otherwise."""

    def edit(history: History) -> History:
        event = next(f.event for f in reversed(history) if isinstance(f.event, SelectionProposed))
        new = {a: (outcome, override) for a, outcome, override in changes}
        proposals = tuple(
            replace(p, outcome=new[p.application_id][0], override=new[p.application_id][1])
            if p.application_id in new
            else p
            for p in event.proposals
        )
        return changed(SelectionProposed, proposals=proposals)(history)

    return edit


def upheld(heard_by: str = MANAGER) -> tuple[Told, ...]:
    decided = AppealDecided(LAST, DOCUMENT, Verdict.UPHELD, (ActorId(heard_by),), "so it is")
    return told(AppealFiled(LAST, DOCUMENT, "a table was misread", ())), told(decided)
