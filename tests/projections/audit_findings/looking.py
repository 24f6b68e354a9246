"""What the audit finds in a history, folded in memory."""

from __future__ import annotations

from projections.audit_findings.fold import VIEW
from projections.audit_findings.rows import FindingRow
from projections.time_travel import fold
from tests.projections.audit_findings.clean import History, records


def found(history: History) -> list[FindingRow]:
    """Return the findings, in the order of rules."""
    rows = fold(VIEW, records(history)).values()
    return [row for row in rows if isinstance(row, FindingRow)]
