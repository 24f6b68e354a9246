"""Snapshots of the eventsourcing library's aggregates, so that long streams load fast."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from eventsourcing.persistence import AggregateRecorder, StoredEvent

from core.ledger.connections import Connections
from core.ledger.recorders import BY_VERSION, LAST_VERSION


class LedgerSnapshotRecorder(AggregateRecorder):
    """Snapshots, beside the log: they are made from events, so they prove nothing."""

    def __init__(self, connections: Connections, name: str, purpose: str) -> None:
        """Take the application's name, and what the states are for."""
        super().__init__()
        self.connections = connections
        self._place = (name, purpose)

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: object
    ) -> Sequence[int] | None:
        """Keep snapshots, all or none."""
        with (
            self.connections.one() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            cursor.executemany(
                "insert into ledger.snapshot values (%s, %s, %s, %s, %s, %s)",
                [
                    (
                        *self._place,
                        str(event.originator_id),
                        event.originator_version,
                        event.topic,
                        event.state,
                    )
                    for event in stored_events
                ],
            )
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return snapshots of one originator, by version."""
        with self.connections.one() as connection:
            rows = connection.execute(
                "select version, topic, state from ledger.snapshot "  # noqa: S608  # two constants
                "where application = %s and purpose = %s and stream = %s "
                "and version > %s and version <= %s " + BY_VERSION[desc],
                (
                    *self._place,
                    str(originator_id),
                    -LAST_VERSION if gt is None else gt,
                    LAST_VERSION if lte is None else lte,
                    limit,
                ),
                binary=True,
            ).fetchall()
        return [StoredEvent(originator_id, *row) for row in rows]
