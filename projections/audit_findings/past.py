"""What rules look up in the past, by its kind; and how a finding is put down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from core.rubric import Rubric
from projections.audit_findings import keys
from projections.audit_findings.rows import (
    ApplicationRow,
    At,
    CallRow,
    EvaluatorRow,
    Fact,
    FindingRow,
    FrameworkRow,
    Row,
    SelectionRow,
    SheetRow,
    StageRow,
)
from projections.audit_findings.sentences import rule_of
from projections.view import Rows

Audit = Rows[Row]
R = TypeVar("R", bound=Row)


def found(
    rows: Audit,
    code: str,
    call_id: str,
    about: str,
    positions: Iterable[int | None],
    **facts: object,
) -> None:
    """Put a finding down; where an event is not known by position, it proves nothing.

    The same code about the same thing is one finding, however often it is found.
    """
    rule = rule_of(code)
    proof = tuple(sorted({p for p in positions if p is not None}))
    told = tuple(Fact(name, str(value)) for name, value in facts.items())
    key = keys.finding(rule, code, about)
    rows.put(key, FindingRow(rule, code, call_id, about, proof, told))


def row_at(rows: Audit, key: str, kind: type[R]) -> R | None:
    """Return the row of a key, if it is of a kind."""
    row = rows.get(key)
    return row if isinstance(row, kind) else None


def call_of(application_or_project: str) -> str:
    """Return the call that an application, or the project of the same name, belongs to."""
    return application_or_project.partition(":")[0]


def call_row(rows: Audit, call_id: str) -> CallRow | None:
    """Return a call."""
    return row_at(rows, keys.call(call_id), CallRow)


def stage_row(rows: Audit, call_id: str, stage: str) -> StageRow | None:
    """Return a stage of a call."""
    return row_at(rows, keys.stage(call_id, stage), StageRow)


def rubric_of(rows: Audit, stage: StageRow | None) -> Rubric | None:
    """Return the rubric that a stage was announced with."""
    framework = row_at(rows, stage.framework, FrameworkRow) if stage else None
    return framework.rubric if framework else None


def selection_row(rows: Audit, call_id: str, stage: str) -> SelectionRow:
    """Return a stage's selection, as it began where nothing happened yet."""
    return row_at(rows, keys.selection(call_id, stage), SelectionRow) or SelectionRow()


def application_row(rows: Audit, application_id: str) -> ApplicationRow | None:
    """Return an application."""
    return row_at(rows, keys.application(application_id), ApplicationRow)


def evaluator_row(rows: Audit, evaluator_id: str) -> EvaluatorRow:
    """Return what an evaluator declared, and what followed from it."""
    return row_at(rows, keys.evaluator(evaluator_id), EvaluatorRow) or EvaluatorRow()


def sheet_row(rows: Audit, application_id: str, stage: str, evaluator_id: str) -> SheetRow | None:
    """Return one evaluation, if anything but its assignment happened to it."""
    return row_at(rows, keys.sheet(application_id, stage, evaluator_id), SheetRow)


def recusal(evaluator: EvaluatorRow, application_id: str) -> At | None:
    """Return an evaluator's recusal from an application."""
    if not evaluator.recused:
        return None
    return next((at for at in evaluator.recused if at.of == application_id), None)


def conflict(evaluator: EvaluatorRow, application_id: str) -> At | None:
    """Return an evaluator's first interest in an application that nobody waived."""
    if not evaluator.interests or application_id in evaluator.waived:
        return None
    of = {application_id, call_of(application_id)}
    return next((at for at in evaluator.interests if at.of in of), None)


def scores_of(rows: Audit, stage: str, person: str, applications: Iterable[str]) -> list[int]:
    """Return where somebody handed scores in: of these applications, in this stage."""
    sheets = (sheet_row(rows, application, stage, person) for application in applications)
    return [s.submitted for s in sheets if s is not None and s.submitted is not None]
