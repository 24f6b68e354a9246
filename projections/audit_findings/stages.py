"""A stage as a ranking should have read it: its rubric and its sheets, read once for all rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from core.ranking import Mark
from core.rubric import Rubric
from core.vocabulary import ApplicationId, CriterionId, EvaluatorId
from projections.audit_findings.past import Audit, Held, rubric_of, sheets_of, stage_row
from projections.audit_findings.rows import StageRow


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, with its sheets by application and evaluator."""

    row: StageRow
    rubric: Rubric
    sheets: Mapping[ApplicationId, Mapping[EvaluatorId, Held]]

    def marks(self, held: Held) -> tuple[Mark, ...]:
        """Return a sheet's marks with the names of their criteria."""
        pairs = zip(self.row.criteria, held.row.marks, strict=False)
        return tuple(Mark(CriterionId(criterion), value) for criterion, value in pairs)


def read(rows: Audit, call_id: str, stage: str) -> Stage | None:
    """Return a stage; None where there is no rubric to rank it by."""
    row = stage_row(rows, call_id, stage)
    rubric = rubric_of(rows, row)
    if row is None or rubric is None:
        return None
    sheets: defaultdict[ApplicationId, dict[EvaluatorId, Held]] = defaultdict(dict)
    for held in sheets_of(rows, call_id, stage):
        sheets[held.application_id][held.evaluator_id] = held
    return Stage(row, rubric, sheets)
