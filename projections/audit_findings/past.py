"""What rules look up in the past, by its kind; and how a finding is put down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from core.rubric import Rubric
from core.vocabulary import ApplicationId, EvaluatorId
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


@dataclass(frozen=True, slots=True)
class Held:
    """A sheet, with whose it is and what it is about."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    row: SheetRow


def sheets_of(rows: Audit, call_id: str, stage: str, city_id: str = "") -> list[Held]:
    """Return the sheets with scores of a stage, or of one city in it."""
    prefix = keys.sheets(call_id, stage)
    held: list[Held] = []
    for key in rows.under(keys.sheets(call_id, stage, city_id)):
        sheet = row_at(rows, key, SheetRow)
        if sheet is not None and sheet.submitted is not None:
            city, _, evaluator = key.removeprefix(prefix).partition(":")
            held.append(Held(ApplicationId(f"{call_id}:{city}"), _evaluator(evaluator), sheet))
    return held


def _evaluator(text: str) -> EvaluatorId:
    return EvaluatorId(text)  # type: ignore[arg-type]  # an actor's id is text in a key


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


def counts(rows: Audit, held: Held) -> bool:
    """Whether a sheet takes part in a ranking."""
    evaluator = evaluator_row(rows, held.evaluator_id)
    return (
        held.row.ended is None
        and held.row.annulled is None
        and recusal(evaluator, held.application_id) is None
        and conflict(evaluator, held.application_id) is None
    )
