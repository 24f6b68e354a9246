"""The consistency report: how far evaluators agree, who is severe, what was revised.

Computed from the marks as they were at one moment of both clocks. It always covers
the full range of applications: on the best ones alone, agreement looks far worse than
it is (a restriction of range).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.vocabulary import Instant
from projections.evaluation_consistency.alpha import Alpha, krippendorff_alpha
from projections.evaluation_consistency.concordance import Concordance, kendall_w
from projections.evaluation_consistency.icc import (
    Coefficient,
    Design,
    OneWay,
    TwoWay,
    choose_design,
    one_way,
    two_way,
)
from projections.evaluation_consistency.rows import CriterionRow, EvaluationRow
from projections.evaluation_consistency.severity import SeverityReport, severities

Marks = Mapping[str, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class CriterionReport:
    """Agreement on one criterion.

    `icc` is the coefficient that the design allows: one-way where evaluators differ
    between applications, two-way for a full panel. `mean` is None without marks.
    """

    criterion: CriterionRow
    applications: int
    evaluators: int
    marks: int
    not_applicable: int
    mean: Decimal | None
    design: Design
    icc: OneWay | TwoWay
    alpha_ordinal: Alpha
    alpha_interval: Alpha
    kendall_w: Concordance
    severity: SeverityReport

    @property
    def icc_single(self) -> Coefficient:
        """The reliability of one evaluator's mark: absolute agreement."""
        return self.icc.agreement_single if isinstance(self.icc, TwoWay) else self.icc.single

    @property
    def icc_average(self) -> Coefficient:
        """The reliability of the mean over evaluators: absolute agreement."""
        return self.icc.agreement_average if isinstance(self.icc, TwoWay) else self.icc.average


@dataclass(frozen=True, slots=True)
class RevisionCount:
    """Revisions of one evaluator's marks, by one actor, or on one day: how many, which way.

    `up` is to a greater mark, which is a worse one on a scale where lower is better.
    """

    of: str
    revisions: int
    up: int
    down: int
    to_or_from_na: int


@dataclass(frozen=True, slots=True)
class Revisions:
    """All revisions up to the moment of the report, also of evaluations that ended later.

    `by_actor` says who changed the marks, `by_evaluator` whose they were; days are UTC.
    """

    total: RevisionCount
    by_evaluator: tuple[RevisionCount, ...]
    by_actor: tuple[RevisionCount, ...]
    by_day: tuple[RevisionCount, ...]


@dataclass(frozen=True, slots=True)
class Consistency:
    """The report of one stage."""

    call_id: str
    stage: str
    effective_at: Instant | None
    criteria: tuple[CriterionReport, ...]
    revisions: Revisions


def consistency(
    call_id: str,
    stage: str,
    criteria: Sequence[CriterionRow],
    evaluations: Sequence[EvaluationRow],
    effective_at: Instant | None,
) -> Consistency:
    """Report on a stage's evaluations as they were in the world at an instant, or are now."""
    at = [(e.application_id, e.evaluator, e.marks_at(effective_at)) for e in evaluations]
    return Consistency(
        call_id,
        stage,
        effective_at,
        tuple(_criterion(c, at) for c in criteria),
        _revisions(evaluations, effective_at),
    )


def _criterion(
    criterion: CriterionRow, at: Iterable[tuple[str, str, Mapping[str, Decimal | None]]]
) -> CriterionReport:
    marks: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    not_applicable = 0
    for application, evaluator, given in at:
        if criterion.id in given:
            value = given[criterion.id]
            if value is None:
                not_applicable += 1
            else:
                marks[application][evaluator] = value
    values = [value for row in marks.values() for value in row.values()]
    design = choose_design(marks)
    return CriterionReport(
        criterion,
        len(marks),
        len({evaluator for row in marks.values() for evaluator in row}),
        len(values),
        not_applicable,
        sum(values, Decimal(0)) / len(values) if values else None,
        design,
        two_way(marks) if design.kind == "two-way" else one_way(marks),
        krippendorff_alpha(marks, "ordinal"),
        krippendorff_alpha(marks, "interval"),
        kendall_w(marks),
        severities(marks),
    )


def _revisions(evaluations: Sequence[EvaluationRow], effective_at: Instant | None) -> Revisions:
    found = [
        (evaluation.evaluator, mark, _direction(mark.before, mark.value))
        for evaluation in evaluations
        for mark, at in evaluation.history()
        if not mark.first and (effective_at is None or at <= effective_at)
    ]
    return Revisions(
        _count("all", [way for _, _, way in found]),
        _grouped((who, way) for who, _, way in found),
        _grouped((mark.by, way) for _, mark, way in found),
        _grouped((mark.occurred_at.date().isoformat(), way) for _, mark, way in found),
    )


def _direction(before: Decimal | None, after: Decimal | None) -> int:
    """Return 1 for a greater mark, -1 for a smaller one, 0 to or from N/A."""
    if before is None or after is None:
        return 0
    return 1 if after > before else -1


def _grouped(pairs: Iterable[tuple[str, int]]) -> tuple[RevisionCount, ...]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for of, way in pairs:
        groups[of].append(way)
    return tuple(_count(of, ways) for of, ways in sorted(groups.items()))


def _count(of: str, ways: Sequence[int]) -> RevisionCount:
    by = Counter(ways)
    return RevisionCount(of, len(ways), by[1], by[-1], by[0])
