"""Brings views from one position to a later one: folds a batch, writes rows and position together.

All views move in one transaction, since a statement costs more than a row where little has
happened. If that fails, each is moved alone: the defect of one must not hold up the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from core.ledger.records import Recorded
from projections.tables import TableRows
from projections.view import View

_log = structlog.get_logger()
_LITTLE = 200
"""Records, of which few change more than a row in each view."""


class Superseded(Exception):
    """Another version of this program has made a view's table for itself."""


@dataclass(slots=True)
class Tail:
    """One view on its way: its rows, its last position, and why it stopped if it did."""

    view: View[Any]
    rows: TableRows[Any]
    position: int = -1
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a page of the log says: records from `start` to `last` that some view folds.

    `fault` is why nothing beyond `last` can be read, empty where all could.
    """

    start: int
    last: int
    records: Sequence[Recorded]
    fault: str = ""


def advance(connection: Connection[Any], tails: Sequence[Tail], batch: Batch) -> None:
    """Move views to the end of a batch; what stops one of them is noted in its `failure`.

    Raises what psycopg does where the connection is lost.
    """
    behind = [tail for tail in tails if tail.position < batch.last]
    if not behind or _together(connection, behind, batch):
        return
    for tail in behind:
        _alone(connection, tail, batch)


def _together(connection: Connection[Any], tails: Sequence[Tail], batch: Batch) -> bool:
    """Move all or none; return whether they moved."""
    try:
        _moved(connection, tails, batch)
    except Exception as error:
        if _lost(connection, error):
            raise
        # What is wrong with one view it says again alone; what has passed by then is told here.
        _log.warning("projector.moving_alone", error=f"{type(error).__name__}: {error}")
        return False
    return True


def _alone(connection: Connection[Any], tail: Tail, batch: Batch) -> None:
    try:
        _moved(connection, (tail,), batch)
    except Superseded as error:
        tail.failure = str(error)
        _log.error(
            "projector.view_failed", view=tail.view.name, error=tail.failure
        )  # nothing broke, so there is no trace to show
    except Exception as error:
        if _lost(connection, error):
            raise
        tail.failure = f"{type(error).__name__}: {error}"
        _log.exception("projector.view_failed", view=tail.view.name, position=tail.position)


def _lost(connection: Connection[Any], error: Exception) -> bool:
    return connection.closed or isinstance(error, psycopg.OperationalError)


def _moved(connection: Connection[Any], tails: Sequence[Tail], batch: Batch) -> None:
    """Fold a batch into views in one transaction, and note the positions then reached."""
    reached: dict[str, int] = {}
    # Little is written in few round trips: on a busy machine each is a wait for the processor.
    little = len(batch.records) <= _LITTLE
    try:
        with connection.pipeline() if little else nullcontext(), connection.transaction():
            names = [tail.view.name for tail in tails]
            # In the order of their names, so that two projectors never wait for each other.
            found = connection.execute(
                "select view, position, version from views.progress where view = any(%b::text[]) "
                "order by view for update",
                (names,),
                prepare=True,
            ).fetchall()
            at = {view: (position, version) for view, position, version in found}
            for tail in tails:
                reached[tail.view.name] = _folded(connection, tail, batch, at)
            moved = [name for name, position in reached.items() if position == batch.last]
            # Its answer is fetched, so that whatever went wrong before does so in here.
            connection.execute(
                "update views.progress set position = %s, failure = '', updated_at = now() "
                "where view = any(%b::text[]) returning view",
                (batch.last, moved),
                prepare=True,
            ).fetchall()
    except BaseException:
        for tail in tails:
            tail.rows.forget()
        raise
    for tail in tails:
        tail.position = reached[tail.view.name]


def _folded(
    connection: Connection[Any], tail: Tail, batch: Batch, found: dict[str, tuple[int, int]]
) -> int:
    """Fold a batch into a view, and return the position then reached."""
    at, version = found.get(tail.view.name, (-1, None))
    if version != tail.view.version:
        raise Superseded(f"the table was made for version {version} of the view")
    rows, fold, folds = tail.rows, tail.view.fold, tail.view.folds
    if at != tail.position:  # another projector was here, or the table was made anew
        rows.forget()
    if not batch.start - 1 <= at < batch.last:
        return at
    rows.begin(connection, at)
    for record in batch.records:
        if record.position > at and (folds is None or type(record.event) in folds):
            rows.position = record.position
            fold(record, rows)
    rows.flush()
    return batch.last
