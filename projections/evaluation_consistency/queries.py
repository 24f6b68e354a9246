"""Questions to the consistency view: a stage's report at any moment of both clocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import Connection, sql

from core.vocabulary import Instant
from projections.evaluation_consistency.fold import VIEW
from projections.evaluation_consistency.rows import Row
from projections.ranking import queries as ranking
from projections.ranking.queries import Contest
from projections.ranking.rows import Row as RankingRow
from projections.tables import rows_at

if TYPE_CHECKING:
    from projections.evaluation_consistency.over_calls import OverCalls
    from projections.evaluation_consistency.report import Consistency


def evaluation_consistency(
    connection: Connection[Any],
    as_of: int,
    call_id: str,
    stage: str,
    effective_at: Instant | None = None,
) -> Consistency | None:
    """Return the report of what was known at a position, about an instant in the world.

    It reads the ranking view as well, as of the same position: that one knows who takes part
    and whose marks count. None where the call has no such stage.
    """
    contest = ranking.contest(connection, as_of, call_id, stage)
    found = rows_at(
        connection, VIEW, as_of, sql.SQL("call_id = %s and stage = %s"), (call_id, stage)
    )
    return _report((row for _, _, row in found), contest, call_id, stage, effective_at)


def drift_over_calls(
    connection: Connection[Any], as_of: int, stage: str, effective_at: Instant | None = None
) -> OverCalls | None:
    """Return how evaluators moved from call to call, in the stage of one name of each.

    As of a position and about an instant, as `evaluation_consistency`. None where no call has
    marks in such a stage.
    """
    found = rows_at(connection, VIEW, as_of, sql.SQL("stage = %s"), (stage,))
    rows = [row for _, _, row in found]
    contests = {
        call_id: ranking.contest(connection, as_of, call_id, stage)
        for call_id in sorted({row.call_id for row in rows})
    }
    return _over_calls(rows, contests, stage, effective_at)


def drift_from(
    rows: Iterable[Row],
    ranking_rows: Sequence[RankingRow],
    stage: str,
    effective_at: Instant | None,
) -> OverCalls | None:
    """Return the drift over calls from the rows of both views, as `drift_over_calls` does."""
    own = [row for row in rows if row.stage == stage]
    contests = {
        call_id: ranking.contest_from(ranking_rows, call_id, stage)
        for call_id in sorted({row.call_id for row in own})
    }
    return _over_calls(own, contests, stage, effective_at)


def _over_calls(
    rows: Iterable[Row],
    contests: Mapping[str, Contest | None],
    stage: str,
    effective_at: Instant | None,
) -> OverCalls | None:
    # As in `_report`.
    from projections.evaluation_consistency.over_calls import over_calls, sitting  # noqa: PLC0415

    of_call: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        of_call[row.call_id].append(row)
    found = [
        sitting(call_id, contest, of_call[call_id], effective_at)
        for call_id, contest in contests.items()
        if contest is not None
    ]
    sittings = [s for s in found if s is not None]
    return over_calls(stage, sittings, effective_at) if sittings else None


def report_from(
    rows: Iterable[Row],
    ranking_rows: Iterable[RankingRow],
    call_id: str,
    stage: str,
    effective_at: Instant | None,
) -> Consistency | None:
    """Return the report of a stage from the rows of both views; None where it is not there."""
    contest = ranking.contest_from(ranking_rows, call_id, stage)
    own = (row for row in rows if (row.call_id, row.stage) == (call_id, stage))
    return _report(own, contest, call_id, stage, effective_at)


def _report(
    rows: Iterable[Row],
    contest: Contest | None,
    call_id: str,
    stage: str,
    effective_at: Instant | None,
) -> Consistency | None:
    # NumPy and SciPy take half a second to load: only who asks for a report waits.
    from projections.evaluation_consistency.report import consistency  # noqa: PLC0415

    if contest is None:
        return None
    return consistency(call_id, stage, contest, tuple(rows), effective_at)
