"""Violations of what is decided, by whom, and on what: rules 7 to 9, 14, 16, 18 to 20."""

from __future__ import annotations

from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    EvaluationCertified,
    EvaluatorRecused,
)
from core.selection.events import (
    AppealFiled,
    Outcome,
    Override,
    Proposal,
    RankingComputed,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
)
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    APPEALS_UNTIL,
    GRADES,
    PARK,
    History,
    Told,
)
from tests.projections.audit_findings.edits import (
    before,
    changed,
    instead,
    then,
)
from tests.projections.audit_findings.making import (
    FIRST,
    FOURTH,
    LAST,
    SECOND,
    THIRD,
    Plant,
    graded,
    outcomes,
    upheld,
)
from tests.scenes import CALL, DOCUMENT, KIM, LEE
from tests.stories import OFFICER


def _split(history: History) -> History:
    """Select the first and the second, though the third is the second's equal."""
    ranking = next(f.event for f in history if isinstance(f.event, RankingComputed))
    proposals = tuple(
        Proposal(
            line.scored.application,
            Outcome.SELECTED if line.scored.application in {FIRST, SECOND} else Outcome.POOL,
            line.rank,
        )
        for line in ranking.lines
    )
    return then(SelectionProposed(CALL, DOCUMENT, OFFICER, 0, proposals))(history)


_INTEREST = ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, FIRST)


PLANTS: tuple[Plant, ...] = (
    *(
        Plant(
            f"an interest that is declared {when} changes nothing",
            "conflicted-counts",
            clean.selection,
            edit,
        )
        for when, edit in (
            ("before the ranking", before(RankingComputed, _INTEREST)),
            ("before the approval", before(SelectionApproved, _INTEREST)),
            ("after the approval", then(_INTEREST)),
        )
    ),
    Plant(
        "a selection is approved without one certificate",
        "uncertified",
        clean.selection,
        instead(EvaluationCertified(LAST, PARK, DOCUMENT)),
    ),
    Plant(
        "two of three evaluators are recused before the approval",
        "quorum-lost",
        clean.selection,
        before(
            SelectionApproved,
            EvaluatorRecused(LEE, FIRST, "r"),
            EvaluatorRecused(PARK, FIRST, "r"),
        ),
    ),
    Plant(
        "the third is selected before the second",
        "out-of-order",
        clean.selection,
        outcomes((SECOND, Outcome.POOL, None), (THIRD, Outcome.SELECTED, None)),
    ),
    Plant(
        "the last is selected, with an override that says nothing",
        "out-of-order",
        clean.selection,
        outcomes((LAST, Outcome.SELECTED, Override(" ", "mayor"))),
    ),
    Plant(
        "one of two equals is selected",
        "out-of-order",
        graded({(2, place): GRADES[1][place] for place in range(3)}),
        _split,
    ),
    Plant(
        "the second reserve is promoted before the first",
        "reserve-out-of-order",
        clean.selection,
        then(ReservePromoted(CALL, DOCUMENT, FOURTH, SECOND, "r")),
    ),
    *(
        Plant(
            f"an evaluator decides: {kind.__name__}",
            "decider-scored",
            clean.selection,
            changed(kind, by=KIM),
        )
        for kind in (SelectionProposed, SelectionApproved)
    ),
    Plant(
        "cities are told before anybody approved",
        "told-before-approval",
        clean.selection,
        instead(SelectionApproved),
    ),
    Plant(
        "an appeal is taken after its time",
        "appeal-late",
        clean.selection,
        then(Told(AppealFiled(LAST, DOCUMENT, "g", ()), OFFICER, APPEALS_UNTIL)),
    ),
    Plant(
        "an appeal is heard by an evaluator",
        "heard-by-scorer",
        clean.selection,
        then(*upheld(KIM)),
    ),
)
