"""The consistency report: how far evaluators agree, who is severe, what was revised.

Computed from the marks as they were at one moment of both clocks. It always covers
the full range of applications: on the best ones alone, agreement looks far worse than
it is (a restriction of range).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.rubric import Criterion
from core.vocabulary import Instant
from projections.evaluation_consistency.alpha import Alpha, krippendorff_alpha
from projections.evaluation_consistency.competition import competition
from projections.evaluation_consistency.concordance import Concordance, kendall_w
from projections.evaluation_consistency.disagreement import Disagreement, disagreements
from projections.evaluation_consistency.drift import Dated, Drift, drifts
from projections.evaluation_consistency.icc import (
    Coefficient,
    Design,
    OneWay,
    TwoWay,
    choose_design,
    one_way,
    two_way,
)
from projections.evaluation_consistency.pivotal import PivotalRevision, pivotal_revisions
from projections.evaluation_consistency.ranks import Ranks, ranks
from projections.evaluation_consistency.revisions import Revisions, revisions
from projections.evaluation_consistency.rows import EvaluationRow
from projections.evaluation_consistency.severity import SeverityReport, severities
from projections.ranking.queries import Contest


@dataclass(frozen=True, slots=True)
class CriterionHead:
    """What a criterion is called, and its weight in percent where no variant says otherwise."""

    id: str
    title: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class CriterionReport:
    """Agreement on one criterion.

    `icc` is the coefficient that the design allows: one-way where evaluators differ
    between applications, two-way for a full panel. `mean` is None without marks.
    """

    criterion: CriterionHead
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
    drift: tuple[Drift, ...]

    @property
    def icc_single(self) -> Coefficient:
        """The reliability of one evaluator's mark: absolute agreement."""
        return self.icc.agreement_single if isinstance(self.icc, TwoWay) else self.icc.single

    @property
    def icc_average(self) -> Coefficient:
        """The reliability of the mean over evaluators: absolute agreement."""
        return self.icc.agreement_average if isinstance(self.icc, TwoWay) else self.icc.average


@dataclass(frozen=True, slots=True)
class Consistency:
    """The report of one stage, over all its applications.

    `ranks` say how sure the order is, `pivotal` which revisions made it what it is, and
    `disagreements` on which applications the evaluators' totals lie farthest apart.
    """

    call_id: str
    stage: str
    effective_at: Instant | None
    criteria: tuple[CriterionReport, ...]
    revisions: Revisions
    pivotal: tuple[PivotalRevision, ...]
    ranks: Ranks
    disagreements: tuple[Disagreement, ...]


def consistency(
    call_id: str,
    stage: str,
    contest: Contest,
    evaluations: Sequence[EvaluationRow],
    effective_at: Instant | None,
) -> Consistency:
    """Report on a stage's evaluations as they were in the world at an instant, or are now."""
    given = [(e, e.since(effective_at)) for e in evaluations]
    found = competition(contest, evaluations, effective_at)
    return Consistency(
        call_id,
        stage,
        effective_at,
        tuple(_criterion(c, given) for c in contest.rubric.judged),
        revisions(evaluations, effective_at),
        pivotal_revisions(found, evaluations, effective_at),
        ranks(found),
        disagreements(found.scored),
    )


def _criterion(
    criterion: Criterion,
    given: Iterable[tuple[EvaluationRow, Mapping[str, tuple[Decimal | None, Instant]]]],
) -> CriterionReport:
    marks: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    dated: list[Dated] = []
    not_applicable = 0
    for evaluation, at in given:
        if criterion.id in at:
            value, since = at[criterion.id]
            if value is None:
                not_applicable += 1
            else:
                application, evaluator = evaluation.application_id, evaluation.evaluator
                marks[application][evaluator] = value
                dated.append(Dated(application, evaluator, float(value), since))
    values = [value for row in marks.values() for value in row.values()]
    design = choose_design(marks)
    return CriterionReport(
        CriterionHead(criterion.id, criterion.title.en, criterion.weight),
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
        drifts(dated),
    )
