"""Questions to the consistency view: a stage's report at any moment of both clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import Connection, sql

from core.vocabulary import Instant
from projections.evaluation_consistency.fold import VIEW, stage_key
from projections.evaluation_consistency.rows import EvaluationRow, FrameworkRow, StageRow
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
    # NumPy and SciPy take half a second to load: only who asks for a report waits.
    from projections.evaluation_consistency.report import consistency  # noqa: PLC0415

    of_stage = rows_at(connection, VIEW, as_of, sql.SQL("key = %s"), (stage_key(call_id, stage),))
    framework = next((r.framework for _, _, r in of_stage if isinstance(r, StageRow)), None)
    if framework is None:
        return None
    found = rows_at(connection, VIEW, as_of, sql.SQL("key = %s"), (framework,))
    criteria = next((r.criteria for _, _, r in found if isinstance(r, FrameworkRow)), ())
    rows = rows_at(connection, VIEW, as_of,
                   sql.SQL("call_id = %s and stage = %s and kind = 'evaluation'"),
                   (call_id, stage))
    evaluations = [row for _, _, row in rows if isinstance(row, EvaluationRow)]
    return consistency(call_id, stage, criteria, evaluations, effective_at)
