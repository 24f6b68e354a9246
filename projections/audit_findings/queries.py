"""Questions to the audit: what was found, in words of both languages, and on what proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from core.vocabulary import Text
from projections.audit_findings.fold import VIEW
from projections.audit_findings.rows import Fact, FindingRow, Row
from projections.audit_findings.sentences import Severity, kinds, rules, sentence
from projections.tables import rows_at


@dataclass(frozen=True, slots=True)
class Finding:
    """What an auditor is told: the rule, how bad it is, the sentence, and the events behind it.

    `positions` are empty where the finding is about the log or a view as a whole.
    """

    rule: int
    title: Text
    code: str
    severity: Severity
    call_id: str
    about: str
    sentence: Text
    positions: tuple[int, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings in the order of rules, and how many there are by severity and by rule."""

    findings: tuple[Finding, ...]
    by_severity: dict[str, int]
    by_rule: dict[int, int]


def findings(  # noqa: PLR0913  # one parameter a filter
    connection: Connection[Any],
    as_of: int,
    *,
    rule: int | None = None,
    call_id: str | None = None,
    severity: Severity | None = None,
    beside: Iterable[Finding] = (),
) -> Findings:
    """Return the findings as of a position, and others `beside` them; filters as of `report`."""
    where, given = [sql.SQL("rule is not null")], list[str]()
    if rule is not None:
        where.append(sql.SQL("rule = %s"))
        given.append(f"{rule:02}")
    if call_id is not None:
        where.append(sql.SQL("call_id in (%s, '')"))
        given.append(call_id)
    rows = rows_at(connection, VIEW, as_of, sql.SQL(" and ").join(where), given)
    found = (said(row) for _, _, row in rows if isinstance(row, FindingRow))
    return report((*found, *beside), rule=rule, call_id=call_id, severity=severity)


def report(
    found: Iterable[Finding],
    *,
    rule: int | None = None,
    call_id: str | None = None,
    severity: Severity | None = None,
) -> Findings:
    """Return findings of a rule, call and severity, where these are given.

    What is about a rubric, or about the log as a whole, belongs to no call and is a part
    of every call's.
    """
    chosen = tuple(
        f
        for f in sorted(found, key=lambda f: (f.rule, f.code, f.about))
        if (rule is None or f.rule == rule)
        and (call_id is None or f.call_id in {call_id, ""})
        and (severity is None or f.severity is severity)
    )
    by_severity = Counter(f.severity for f in chosen)
    return Findings(
        chosen,
        {severity.value: by_severity[severity] for severity in Severity if by_severity[severity]},
        dict(sorted(Counter(f.rule for f in chosen).items())),
    )


def found_in(rows: Iterable[Row]) -> list[Finding]:
    """Return the findings among the view's rows."""
    return [said(row) for row in rows if isinstance(row, FindingRow)]


def said(row: FindingRow) -> Finding:
    """Put a finding into words."""
    kind = kinds()[row.code]
    return Finding(
        row.rule,
        rules()[row.rule].title,
        row.code,
        kind.severity,
        row.call_id,
        row.about,
        sentence(row.code, row.facts),
        row.positions,
        row.facts,
    )


def stopped_views(connection: Connection[Any]) -> list[Finding]:
    """Return which views could not be folded any further, as their projectors wrote it down."""
    rows = connection.execute(
        "select view, position, failure from views.progress where failure <> '' order by view"
    )
    return [view_stopped(view, position, failure) for view, position, failure in rows]


def view_stopped(view: str, position: int, failure: str) -> Finding:
    """Return that a view could not be folded any further (rule 27)."""
    return _outside("view-stopped", view, position, position=position, view=view, finding=failure)


def view_differs(view: str, position: int, finding: str) -> Finding:
    """Return that a view's table is not what the log makes of it (rule 27)."""
    return _outside("view-differs", view, position, position=position, view=view, finding=finding)


def log_unverified(position: int | None, finding: str) -> Finding:
    """Return that the log is not what it was (rule 27); `position` is None for all of it."""
    where = "as a whole" if position is None else f"position {position}"
    return _outside("log-unverified", "log", position, where=where, finding=finding)


def _outside(code: str, about: str, at: int | None, **facts: object) -> Finding:
    """Return a finding that no fold can make: it is about what folds rest on."""
    told = tuple(Fact(name, str(value)) for name, value in facts.items())
    proof = () if at is None or at < 0 else (at,)
    return said(FindingRow(kinds()[code].rule, code, "", about, proof, told))
