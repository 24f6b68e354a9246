"""What `ssp findings` finds: the rules folded from the records alone, and whether all is whole.

Whether the log and its views verify is no fact of the log, so no fold can say it: it is looked
at here, beside the fold, and shown with what the fold found (rule 27).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from core.ledger.codec import to_json
from core.ledger.ledger import Ledger
from projections.audit_findings.fold import VIEW
from projections.audit_findings.queries import (
    Finding,
    Findings,
    found_in,
    log_unverified,
    report,
    view_differs,
)
from projections.audit_findings.rows import Row
from projections.audit_findings.sentences import Severity
from projections.reading import MalformedRecord, records
from projections.time_travel import position_of
from projections.view import MemoryRows
from replay.terminal import progress_bar
from replay.verify import verify, verify_views

_EVERY = 1_000
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are asked for; `verified` asks whether log and views verify, too."""

    rule: int | None
    call_id: str | None
    severity: Severity | None
    as_of: str | None
    verified: bool


def findings_of(ledger: Ledger, wanted: Wanted) -> tuple[int, Findings]:
    """Return the position that was asked for, and what the audit finds as of it.

    Verification is of the log as it lies now, whatever position is asked for: a past that is
    not whole any more proves nothing.
    """
    position = position_of(ledger.store, wanted.as_of)
    outside = list(_unverified(ledger)) if wanted.verified else []
    rows: MemoryRows[Row] = MemoryRows()
    try:
        with progress_bar("looking at facts") as tell:
            for record in records(ledger.store, 0, position + 1):
                VIEW.fold(record, rows)
                if record.position % _EVERY == 0:
                    tell(record.position, position + 1)
            tell(position + 1, position + 1)
    except MalformedRecord as error:
        if not wanted.verified:
            raise
        outside.append(log_unverified(error.position, str(error)))
    found = (*found_in(rows.rows.values()), *outside)
    return position, report(
        found, rule=wanted.rule, call_id=wanted.call_id, severity=wanted.severity
    )


def _unverified(ledger: Ledger) -> Iterator[Finding]:
    with progress_bar("verifying records") as tell:
        fault = verify(ledger.store, tell, url=ledger.url).fault
    if fault is not None:  # of a log that is not whole, no view's rebuild proves anything
        yield log_unverified(fault.position, fault.finding)
        return
    with progress_bar("rebuilding views") as tell:
        compared = verify_views(ledger, tell)
    for view in compared:
        if view.finding and view.position is not None:
            yield view_differs(view.view, view.position, view.finding)


def show(wanted: Wanted, position: int, report: Findings, *, as_json: bool) -> None:
    """Print findings: a document for programs, or both languages for people."""
    if as_json:
        document = json.loads(to_json(report))
        head = {"as_of_position": position, "verified": wanted.verified}
        typer.echo(json.dumps({**head, **document}, ensure_ascii=False))
        return
    for finding in report.findings:
        typer.echo(f"{finding.rule:>2}  {finding.severity.upper():<6}  {finding.sentence.en}")
        typer.echo(f"            {finding.sentence.ko}")
        typer.echo(f"            {_proof(finding)}")
    counts = ", ".join(f"{number} {name}" for name, number in report.by_severity.items())
    typer.echo(f"as of position {position}: {counts or 'nothing'} found")
    if not wanted.verified:
        typer.echo("whether log and views verify (rule 27) was not looked at")


def _proof(finding: Finding) -> str:
    if not finding.positions:
        return f"[{finding.code}]"
    shown = ", ".join(map(str, finding.positions[:_SHOWN]))
    more = len(finding.positions) - _SHOWN
    return f"[{finding.code}] proof at {shown}" + (f" and {more} more" if more > 0 else "")
