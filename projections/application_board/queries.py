"""Questions to the board: a call's applications, or one of them with its whole history."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from projections.application_board.fold import VIEW, ApplicationRow
from projections.tables import row_at, rows_at


@dataclass(frozen=True, slots=True)
class BoardLine:
    """An application; `cause` is the position of the event behind its present row."""

    application: ApplicationRow
    cause: int


@dataclass(frozen=True, slots=True)
class Board:
    """A call's applications, and how many there are by status."""

    applications: tuple[BoardLine, ...]
    by_status: dict[str, int]


def board(
    connection: Connection[Any], as_of: int, call_id: str, *, status: str | None = None
) -> Board:
    """Return a call's applications as of a position."""
    where, given = "kind = 'application' and call_id = %s", [call_id]
    if status is not None:
        where, given = f"{where} and status = %s", [call_id, status]
    found = rows_at(connection, VIEW, as_of, sql.SQL(where), given)
    lines = tuple(
        BoardLine(row, cause) for _, cause, row in found if isinstance(row, ApplicationRow)
    )
    return Board(lines, dict(sorted(Counter(li.application.status for li in lines).items())))


def application(connection: Connection[Any], as_of: int, application_id: str) -> BoardLine | None:
    """Return one application as of a position, or None where there was none."""
    found = row_at(connection, VIEW, as_of, application_id)
    if found is None or not isinstance(found[1], ApplicationRow):
        return None
    return BoardLine(found[1], found[0])
