"""Violations in rankings and what they rest on: rules 3, 5, 15, 21, 28, parts of 9, 10 and 17."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from core.calls.events import StageLocked
from core.evaluations.events import (
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
)
from core.ranking import Ranked
from core.selection.events import (
    QuorumConfirmed,
    RankingComputed,
    ReEvaluationOrdered,
)
from core.vocabulary import (
    ApplicationId,
    EvaluatorId,
    FrameworkRef,
)
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    CITIES,
    GRADES,
    PARK,
    History,
)
from tests.projections.audit_findings.edits import (
    Edit,
    before,
    both,
    changed,
    instead,
    then,
)
from tests.projections.audit_findings.making import (
    FIFTH,
    FIRST,
    FOURTH,
    LAST,
    SECOND,
    Plant,
    graded,
    ranked_anew,
    revised,
    sheet,
    upheld,
)
from tests.scenes import DOCUMENT, KIM, LEE, SSP, app
from tests.stories import MANAGER, OFFICER


def lines(change: Callable[[Ranked], Ranked]) -> Edit:
    """Change lines of the ranking."""

    def edit(history: History) -> History:
        ranking = next(f.event for f in reversed(history) if isinstance(f.event, RankingComputed))
        return changed(RankingComputed, lines=tuple(map(change, ranking.lines)))(history)

    return edit


def swapped(one: ApplicationId, other: ApplicationId) -> Edit:
    """Let two applications change places in the ranking."""

    def edit(history: History) -> History:
        ranking = next(f.event for f in reversed(history) if isinstance(f.event, RankingComputed))
        places = {line.scored.application: line.rank for line in ranking.lines}
        places[one], places[other] = places[other], places[one]
        return lines(lambda line: replace(line, rank=places[line.scored.application]))(history)

    return edit


def _one_more(line: Ranked) -> Ranked:
    if line.scored.application != FIRST or line.scored.total is None:
        return line
    return replace(line, scored=replace(line.scored, total=line.scored.total + 1))


def _na_as_zero(line: Ranked) -> Ranked:
    """Let an N/A count as a zero, and the total of the sheet follow from it."""
    sheets = tuple(
        replace(
            s,
            weighted=tuple(
                replace(w, mark=Decimal(0), points=Decimal(0)) if w.mark is None else w
                for w in s.weighted
            ),
        )
        for s in line.scored.sheets
    )
    return replace(line, scored=replace(line.scored, sheets=sheets))


def _without_park(line: Ranked) -> Ranked:
    """Let a ranking not look at what one evaluator gave the last application."""
    if line.scored.application != LAST:
        return line
    sheets = tuple(s for s in line.scored.sheets if s.evaluator != PARK)
    return replace(line, scored=replace(line.scored, sheets=sheets))


def _copied_comment(*evaluators: EvaluatorId) -> Edit:
    words = "A convincing plan, though the city has few engineers of its own."
    spaced = {e: words.upper() if e == KIM else f" {words}" for e in evaluators}
    return both(
        *(instead(sheet(FIRST, e), replace(sheet(FIRST, e), comment=spaced[e])) for e in evaluators)
    )


_DOWN: Sequence[tuple[int, int]] = tuple((own[0][0], own[0][0] - 10) for own in GRADES)


PLANTS: tuple[Plant, ...] = (
    Plant(
        "a total is one point more than its marks", "total-differs", clean.ranked, lines(_one_more)
    ),
    Plant(
        "a ranking counts scores that were invalidated",
        "ranking-of-other-scores",
        clean.ranked,
        before(RankingComputed, EvaluationInvalidated(LAST, PARK, DOCUMENT, "r")),
    ),
    Plant(
        "a ranking leaves scores out that count",
        "ranking-of-other-scores",
        clean.ranked,
        lines(_without_park),
    ),
    Plant(
        "the first and the second change places",
        "places-differ",
        clean.ranked,
        swapped(FIRST, SECOND),
    ),
    Plant(
        "a late revision takes the second city's place away",
        "revised-late-pivotal",
        clean.ranked,
        both(
            then(
                EvaluationReopened(SECOND, KIM, DOCUMENT, OFFICER, MANAGER),
                revised(SECOND, KIM, 100, 60),
                EvaluationLocked(SECOND, KIM, DOCUMENT),
            ),
            ranked_anew,
        ),
    ),
    Plant(
        "an evaluator's revisions all go down",
        "revised-one-way",
        clean.locked,
        both(
            before(
                StageLocked,
                *(revised(app(c), KIM, *marks) for c, marks in zip(CITIES, _DOWN, strict=True)),
            ),
            ranked_anew,
        ),
    ),
    Plant(
        "a stage is ranked without counting the quorum",
        "quorum-unconfirmed",
        clean.selection,
        instead(QuorumConfirmed),
    ),
    Plant("a ranking counts N/A as zero", "missing-as-zero", clean.ranked, lines(_na_as_zero)),
    Plant(
        "a tie is broken by another criterion than the published one",
        "tie-broken-otherwise",
        graded({(4, 0): (90, 80, 70), (4, 1): (80, 80, 80), (4, 2): (80, 70, 90)}),
        swapped(FOURTH, FIFTH),
    ),
    Plant(
        "a stage is ranked by another version of the rubric",
        "ranked-by-another-rubric",
        clean.selection,
        changed(RankingComputed, framework=FrameworkRef(SSP, 2)),
    ),
    Plant(
        "a re-evaluation counts annulled scores",
        "annulled-counts",
        clean.selection,
        both(
            then(*upheld(), ReEvaluationOrdered(LAST, DOCUMENT, (PARK,), MANAGER, "r")),
            lambda history: (
                *history,
                next(f for f in history if isinstance(f.event, RankingComputed)),
            ),
        ),
    ),
    Plant(
        "an evaluator copies another's marks",
        "marks-alike",
        graded({(city, 1): GRADES[city][0] for city in range(len(CITIES))}),
        lambda history: history,
    ),
    Plant(
        "two evaluators comment in the same words",
        "comments-alike",
        clean.ranked,
        _copied_comment(KIM, LEE),
    ),
    Plant(
        "one sheet lies far from its panel",
        "outlying",
        graded({(0, 2): (60, 60, 60)}),
        lambda history: history,
    ),
)
