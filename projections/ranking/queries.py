"""Questions to the ranking: a stage in order, or one application's way to its total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from core.ranking import ALGORITHM, Ranked, order
from core.rubric import Rubric
from projections.ranking import keys
from projections.ranking.fold import VIEW
from projections.ranking.rows import FrameworkRow, Row, ScoredRow, StageRow
from projections.tables import row_at, rows_at


@dataclass(frozen=True, slots=True)
class Line:
    """An application's place; `cause` is the position of the event behind its total."""

    ranked: Ranked
    cause: int


@dataclass(frozen=True, slots=True)
class Unranked:
    """An application without a place, and why.

    Its marks cannot be totalled, or it takes no part in the stage: then `problem` is the
    code that a command about it would be refused with.
    """

    application_id: str
    problem: str


@dataclass(frozen=True, slots=True)
class StageRanking:
    """A stage in order of rank, and the version of the arithmetic that made it."""

    call_id: str
    stage: str
    algorithm: str
    lines: tuple[Line, ...]
    unranked: tuple[Unranked, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """One application's evaluations, with those that do not count and why.

    The row names the variant of weights that holds for its city, and the figures that
    quantitative criteria are computed from.
    """

    row: ScoredRow
    rubric: Rubric
    cause: int


@dataclass(frozen=True, slots=True)
class Contest:
    """A stage as its ranking needs it: its rubric, its slots, and every application in it."""

    rubric: Rubric
    slots: int
    rows: tuple[ScoredRow, ...]


def ranking(
    connection: Connection[Any], as_of: int, call_id: str, stage: str
) -> StageRanking | None:
    """Return a stage's ranking as of a position; None where the call has no such stage."""
    found = _of_stage(connection, as_of, call_id, stage)
    contest = contest_from((row for _, _, row in found), call_id, stage)
    if contest is None:
        return None
    causes = {row.application_id: cause for _, cause, row in found if isinstance(row, ScoredRow)}
    lines = placed(contest.rubric, contest.rows)
    return StageRanking(
        call_id,
        stage,
        ALGORITHM,
        tuple(Line(line, causes[line.scored.application]) for line in lines),
        tuple(
            Unranked(row.application_id, row.outside or row.problem)
            for row in contest.rows
            if row.outside or row.problem
        ),
    )


def contest(connection: Connection[Any], as_of: int, call_id: str, stage: str) -> Contest | None:
    """Return a stage as of a position; None where the call has no such stage."""
    found = _of_stage(connection, as_of, call_id, stage)
    return contest_from((row for _, _, row in found), call_id, stage)


def contest_from(rows: Iterable[Row], call_id: str, stage: str) -> Contest | None:
    """Return a stage from the view's rows; None where there is no such stage."""
    frameworks: dict[str, Rubric] = {}
    of_stage: StageRow | None = None
    scored: list[ScoredRow] = []
    for row in rows:
        match row:
            case ScoredRow(call_id=own, stage=its) if (own, its) == (call_id, stage):
                scored.append(row)
            case StageRow(call_id=own, stage=its) if (own, its) == (call_id, stage):
                of_stage = row
            case FrameworkRow(framework=key, rubric=rubric):
                frameworks[key] = rubric
            case _:
                pass
    if of_stage is None or of_stage.framework not in frameworks:
        return None
    return Contest(frameworks[of_stage.framework], of_stage.slots, tuple(scored))


def placed(rubric: Rubric, rows: Iterable[ScoredRow]) -> tuple[Ranked, ...]:
    """Put the applications that take part in a stage in order of rank."""
    return order(rubric, [row.scored for row in rows if row.scored and not row.outside])


def trace(connection: Connection[Any], as_of: int, application_id: str, stage: str) -> Trace | None:
    """Return one application's way from marks to total as of a position."""
    found = row_at(connection, VIEW, as_of, keys.scored(application_id, stage))
    rubric = _rubric(connection, as_of, application_id.partition(":")[0], stage)
    if found is None or not isinstance(found[1], ScoredRow) or rubric is None:
        return None
    return Trace(found[1], rubric, found[0])


def _rubric(connection: Connection[Any], as_of: int, call_id: str, stage: str) -> Rubric | None:
    found = row_at(connection, VIEW, as_of, keys.stage(call_id, stage))
    if found is None or not isinstance(found[1], StageRow):
        return None
    framework = row_at(connection, VIEW, as_of, found[1].framework)
    return framework[1].rubric if framework and isinstance(framework[1], FrameworkRow) else None


def _of_stage(
    connection: Connection[Any], as_of: int, call_id: str, stage: str
) -> list[tuple[str, int, Row]]:
    own = sql.SQL("call_id = %s and stage = %s and kind in ('scored', 'stage')")
    found = rows_at(connection, VIEW, as_of, own, (call_id, stage))
    return _with_framework(connection, as_of, found)


def _with_framework(
    connection: Connection[Any], as_of: int, found: list[tuple[str, int, Row]]
) -> list[tuple[str, int, Row]]:
    """Add the framework of the stage that is among the rows."""
    refs = [row.framework for _, _, row in found if isinstance(row, StageRow)]
    frameworks = rows_at(connection, VIEW, as_of, sql.SQL("key = any(%s)"), (refs,))
    return [*found, *frameworks]
