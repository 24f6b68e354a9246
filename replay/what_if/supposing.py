"""A decision's facts, changed as a question supposes: pure, and refused where it makes no sense."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from core.errors import DomainError, refuse, require
from core.frameworks.soundness import violations
from core.ranking import Candidate, Mark
from core.rubric import Rubric
from replay.what_if.basis import Basis, Evaluated
from replay.what_if.question import TOTAL, NewFloor, Question
from replay.what_if.weights import reweighed, sane

MOST_WEIGHTINGS = 1_000


def supposed(
    basis: Basis, question: Question, marks: Mapping[Evaluated, tuple[Mark, ...]]
) -> Basis:
    """Return the facts as they would be; `marks` are those without the revisions ignored."""
    _bounded(question)
    _scored(basis.candidates, question)
    out = {(c.application_id, c.evaluator_id) for c in question.conflicts}
    return replace(
        basis,
        rubric=_rubric(basis.rubric, question),
        candidates=tuple(
            _without(c, frozenset(question.drop_evaluators), out, marks) for c in basis.candidates
        ),
        slots=basis.slots if question.slots is None else question.slots,
        budget_krw=basis.budget_krw if question.budget_krw is None else question.budget_krw,
    )


def _without(
    candidate: Candidate,
    dropped: Container[str],
    out: Container[Evaluated],
    marks: Mapping[Evaluated, tuple[Mark, ...]],
) -> Candidate:
    name = candidate.application
    sheets = tuple(
        replace(sheet, marks=marks.get((name, sheet.evaluator), sheet.marks))
        for sheet in candidate.sheets
        if sheet.evaluator not in dropped and (name, sheet.evaluator) not in out
    )
    return replace(candidate, sheets=sheets)


def _bounded(question: Question) -> None:
    slots, budget = question.slots, question.budget_krw
    require(
        slots is None or slots > 0,
        "no-slots",
        "a stage lets at least one application through",
        field="slots",
        value=slots,
    )
    require(
        budget is None or budget > 0,
        "amount-not-positive",
        "a budget is above zero",
        field="budget_krw",
        value=budget,
    )
    require(
        0 <= question.grid <= MOST_WEIGHTINGS,
        "grid-out-of-range",
        f"up to {MOST_WEIGHTINGS} weightings are tried",
        field="grid",
        value=question.grid,
    )
    require(
        sane(question.spread) and 0 < question.spread <= 100,  # noqa: PLR2004  # percent
        "grid-out-of-range",
        "a weight is moved by more than 0 and up to 100 percent of itself",
        field="spread",
        value=question.spread,
    )


def _scored(candidates: Sequence[Candidate], question: Question) -> None:
    """Refuse to leave out what never counted: the answer would be no answer."""
    counted = {(c.application, str(s.evaluator)) for c in candidates for s in c.sheets}
    evaluators = {evaluator for _, evaluator in counted}
    for i, evaluator in enumerate(question.drop_evaluators):
        require(
            evaluator in evaluators,
            "not-evaluated",
            "the evaluator has no scores that count in this stage",
            field=f"drop_evaluators.{i}",
            value=evaluator,
        )
    for i, conflict in enumerate(question.conflicts):
        require(
            (conflict.application_id, str(conflict.evaluator_id)) in counted,
            "not-evaluated",
            "the evaluator has no scores that count for this application in this stage",
            field=f"conflicts.{i}",
            value=f"{conflict.evaluator_id} of {conflict.application_id}",
        )


def _rubric(rubric: Rubric, question: Question) -> Rubric:
    """Return the rubric as it would be, as sound as a published one must be."""
    changed = reweighed(rubric, question.weights)
    for i, floor in enumerate(question.floors):
        changed = _floored(changed, floor, f"floors.{i}")
    old = changed.aggregation
    changed = replace(
        changed,
        quorum=changed.quorum if question.quorum is None else question.quorum,
        aggregation=replace(
            old,
            trim=question.trim or old.trim,
            trim_ties=question.trim_ties or old.trim_ties,
            trim_from=old.trim_from if question.trim_from is None else question.trim_from,
        ),
    )
    if changed != rubric and (broken := tuple(violations(changed))):
        raise DomainError(*broken)
    return changed


def _floored(rubric: Rubric, change: NewFloor, field: str) -> Rubric:
    if change.criterion == TOTAL:
        aggregation = replace(rubric.aggregation, total_floor=change.floor)
        return replace(rubric, aggregation=aggregation)
    if rubric.criterion(change.criterion) is None:
        refuse(
            "unknown-criterion",
            f"the rubric's criteria are {', '.join(c.id for c in rubric.criteria)}, and {TOTAL}",
            field=f"{field}.criterion",
            value=change.criterion,
        )
    criteria = tuple(
        replace(c, floor=change.floor) if c.id == change.criterion else c for c in rubric.criteria
    )
    return replace(rubric, criteria=criteria)
