"""Keeps every fact that a decision can rest on as it was recorded, with its place in the tree.

Rows are facts, and are never changed: so what a decision rested on stays what it was. They are
put in order when a dossier is asked for, by a function that the tables and a replay share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from core.applications.events import ApplicationEvent
from core.calls.events import CallEvent
from core.cities.events import CityEvent
from core.evaluations.events import EvaluationEvent, EvaluatorEvent
from core.frameworks.events import FrameworkEvent
from core.ledger.codec import adapter
from core.ledger.records import Recorded
from core.personal import Personal
from core.selection.events import AppealEvent, SelectionEvent
from core.vocabulary import Instant
from projections.view import Rows, View

_BEARING = (
    FrameworkEvent
    | CallEvent
    | CityEvent
    | ApplicationEvent
    | EvaluatorEvent
    | EvaluationEvent
    | SelectionEvent
    | AppealEvent
)


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact: its place in the log and in its stream, who stated it and why, and what it says.

    `leaf` is its Merkle leaf in hexadecimal, which proves it under any later checkpoint;
    `data` is the event in its present shape.
    """

    position: int
    leaf: str
    type: str
    stream: str
    version: int
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    role: str
    on_behalf_of: str | None
    reason: Personal
    command: str
    data: Mapping[str, Any]


Row = FactRow


def key(stream: str, version: int) -> str:
    """Name the row of a fact; no stream's name holds an at sign."""
    return f"{stream}@{version:08}"


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    event, meta = record.event, record.meta
    if not isinstance(event, _BEARING):
        return
    shape: Any = type(event)
    row = FactRow(
        record.position,
        record.leaf.hex(),
        shape.WIRE,
        meta.subject,
        meta.version,
        meta.occurred_at,
        record.recorded_at,
        meta.actor,
        meta.role,
        meta.on_behalf_of,
        meta.reason,
        meta.command.name,
        adapter(shape).dump_python(event, mode="json"),
    )
    rows.add(key(meta.subject, meta.version), row)


VIEW: View[Row] = View("decision_dossier", 1, Row, fold, folds=frozenset(get_args(_BEARING)))
