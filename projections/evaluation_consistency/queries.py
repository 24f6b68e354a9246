"""Questions to the consistency view: a stage's report at any moment of both clocks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from psycopg import Connection, sql

from core.vocabulary import Instant
from projections.evaluation_consistency.fold import VIEW
from projections.evaluation_consistency.rows import EvaluationRow, FrameworkRow, Row, StageRow
from projections.tables import rows_at

if TYPE_CHECKING:
    from projections.evaluation_consistency.report import Consistency


def evaluation_consistency(
    connection: Connection[Any],
    as_of: int,
    call_id: str,
    stage: str,
    effective_at: Instant | None = None,
) -> Consistency | None:
    """Return the report of what was known at a position, about an instant in the world.

    None where the call has no such stage.
    """
    found = rows_at(
        connection, VIEW, as_of, sql.SQL("call_id = %s and stage = %s"), (call_id, stage)
    )
    rows = [row for _, _, row in found]
    for row in rows:
        if isinstance(row, StageRow):
            of_stage = rows_at(connection, VIEW, as_of, sql.SQL("key = %s"), (row.framework,))
            return report_from(
                chain(rows, (framework for _, _, framework in of_stage)),
                call_id,
                stage,
                effective_at,
            )
    return None


def report_from(
    rows: Iterable[Row], call_id: str, stage: str, effective_at: Instant | None
) -> Consistency | None:
    """Return the report of a stage from the view's rows; None where there is no such stage."""
    # NumPy and SciPy take half a second to load: only who asks for a report waits.
    from projections.evaluation_consistency.report import consistency  # noqa: PLC0415

    frameworks: dict[str, FrameworkRow] = {}
    evaluations: list[EvaluationRow] = []
    framework = ""
    for row in rows:
        if isinstance(row, FrameworkRow):
            frameworks[row.framework] = row
        elif (row.call_id, row.stage) != (call_id, stage):
            continue
        elif isinstance(row, EvaluationRow):
            evaluations.append(row)
        else:
            framework = row.framework
    if framework not in frameworks:
        return None
    return consistency(call_id, stage, frameworks[framework].criteria, evaluations, effective_at)
