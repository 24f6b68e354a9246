"""What the audit finds in a history: folded in memory, or written to a log."""

from __future__ import annotations

from collections.abc import Sequence

from core.ledger.records import Recorded, body
from core.ledger.requests import NewEvent, Request
from core.ledger.store import append
from projections.audit_findings.fold import VIEW
from projections.audit_findings.rows import FindingRow
from projections.time_travel import fold
from tests.projections.audit_findings.clean import History, records
from tests.projections.logs import connect


def found(history: History) -> list[FindingRow]:
    """Return the findings, in the order of rules."""
    rows = fold(VIEW, records(history)).values()
    return [row for row in rows if isinstance(row, FindingRow)]


def write(url: str, records: Sequence[Recorded]) -> None:
    """Append records as whoever has the database's password could: no command is asked."""
    with connect(url) as connection:
        for r in records:
            event = NewEvent(r.meta.subject, r.meta.version, r.wire, body(r.meta, r.event))
            append(connection, [Request([event])], r.recorded_at)
