"""Let applications of the eventsourcing library record in this ledger.

Set `PERSISTENCE_MODULE` to `core.ledger.factory`, and `SSP_DATABASE_URL` to the URL of a
migrated database. As with the library's own settings, a name in front of the variable,
such as `ORDERS_SSP_DATABASE_URL`, sets it for the application of that name only.
"""

from __future__ import annotations

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    ProcessRecorder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic

from core.ledger.connections import Connections
from core.ledger.recorders import (
    LedgerAggregateRecorder,
    LedgerApplicationRecorder,
    LedgerProcessRecorder,
    LedgerTrackingRecorder,
)
from core.ledger.snapshots import LedgerSnapshotRecorder


class LedgerFactory(InfrastructureFactory[LedgerTrackingRecorder]):
    """Recorders for one application: its name is that of its log and of its progress."""

    DATABASE_URL = "SSP_DATABASE_URL"

    def __init__(self, env: Environment | EnvType | None) -> None:
        """Read the settings; raises `OSError` where there is no URL."""
        super().__init__(env)
        url = self.env.get(self.DATABASE_URL)
        if not url:
            msg = f"{self.DATABASE_URL} is not set: it names the database of the ledger"
            raise OSError(msg)
        self._connections = Connections(url)
        self._name = self.env.name or "application"

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Record events in the log, and what has any other purpose beside it."""
        if purpose == "events":
            return LedgerAggregateRecorder(self._connections, self._name)
        return LedgerSnapshotRecorder(self._connections, self._name, purpose)

    def application_recorder(self) -> ApplicationRecorder:
        """Record events in the log of the application."""
        return LedgerApplicationRecorder(self._connections, self._name)

    def tracking_recorder(
        self, tracking_recorder_class: type[LedgerTrackingRecorder] | None = None
    ) -> LedgerTrackingRecorder:
        """Record the progress of a projection, or make the view that does."""
        topic = self.env.get(self.TRACKING_RECORDER_TOPIC)
        chosen: type[LedgerTrackingRecorder] = tracking_recorder_class or (
            resolve_topic(topic) if topic else LedgerTrackingRecorder
        )
        return chosen(self._connections, self._name)

    def process_recorder(self) -> ProcessRecorder:
        """Record events in the log of the application together with its progress."""
        return LedgerProcessRecorder(self._connections, self._name)

    def close(self) -> None:
        """Disconnect; recorders made here cannot be used afterwards."""
        self._connections.close()
