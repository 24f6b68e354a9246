"""Whether marks answer the rubric: every criterion once, on a step of its scale, or N/A."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from core.errors import DomainError, Violation, refuse, require
from core.evaluations.commands import ReviseScore
from core.evaluations.events import ScoreRevised
from core.indicators import Banding
from core.ranking import Mark
from core.rubric import Criterion, Rubric
from core.vocabulary import filled


def complete(rubric: Rubric, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the marks in the rubric's order, or refuse them with all that is wrong."""
    if broken := tuple(_broken(rubric, marks)):
        raise DomainError(*broken)
    given = {mark.criterion: mark for mark in marks}
    return tuple(given[criterion.id] for criterion in rubric.judged)


def _broken(rubric: Rubric, marks: Sequence[Mark]) -> Iterator[Violation]:
    given = [mark.criterion for mark in marks]
    for i, mark in enumerate(marks):
        criterion = rubric.criterion(mark.criterion)
        if criterion is None:
            yield _unknown(rubric, f"marks.{i}.criterion", mark.criterion)
        elif criterion.banding is not None:
            yield _computed(criterion, criterion.banding, f"marks.{i}.criterion")
        elif given.index(mark.criterion) < i:
            yield Violation(
                "criterion-repeated",
                "each criterion is scored once",
                f"marks.{i}.criterion",
                mark.criterion,
            )
        else:
            yield from _off_scale(criterion, mark.value, f"marks.{i}.value")
    for criterion in rubric.judged:
        if criterion.id not in given:
            yield Violation(
                "criterion-missing",
                "every criterion is scored, or N/A where that is allowed",
                f"marks.{criterion.id}",
            )


def _unknown(rubric: Rubric, path: str, given: str) -> Violation:
    known = ", ".join(c.id for c in rubric.judged)
    return Violation("unknown-criterion", f"the rubric's criteria are {known}", path, given)


def _computed(criterion: Criterion, banding: Banding, path: str) -> Violation:
    rule = f"{criterion.id} is computed from the indicator {banding.indicator}: nobody scores it"
    return Violation("criterion-computed", rule, path, criterion.id)


def _off_scale(criterion: Criterion, mark: Decimal | None, path: str) -> Iterator[Violation]:
    scale = criterion.scale
    if mark is None:
        if not criterion.na_allowed:
            yield Violation("na-not-allowed", f"{criterion.id} must be scored", path, "N/A")
    elif not scale.allows(mark):
        yield Violation(
            "off-scale",
            f"{criterion.id} is scored from {scale.worst} (worst) to "
            f"{scale.best} (best) in steps of {scale.step}",
            path,
            str(mark),
        )


def revised(command: ReviseScore, marks: Sequence[Mark] | None, rubric: Rubric) -> ScoreRevised:
    """Return the change of one mark, or refuse it."""
    if marks is None:
        refuse(
            "nothing-to-revise",
            "scores are revised after they were submitted",
            field="evaluator_id",
            value=command.evaluator_id,
        )
    criterion = rubric.criterion(command.criterion)
    if criterion is None:
        raise DomainError(_unknown(rubric, "criterion", command.criterion))
    if criterion.banding is not None:
        raise DomainError(_computed(criterion, criterion.banding, "criterion"))
    if broken := tuple(_off_scale(criterion, command.score, "score")):
        raise DomainError(*broken)
    before = next((m.value for m in marks if m.criterion == command.criterion), None)
    require(
        before != command.score,
        "nothing-changed",
        "a revision changes the mark",
        field="score",
        value=command.score,
    )
    return ScoreRevised(
        command.application_id,
        command.evaluator_id,
        command.stage,
        command.criterion,
        before,
        command.score,
        filled(command.reason, "reason"),
    )
