"""Which applications take part in a stage: the same ones that a recorded ranking reads.

An application takes part in the first stage when it is handed in, and in a later one
when the selection before lets it through; it falls out, and comes back, by its own facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    EligibilityDetermined,
)
from core.selection.events import (
    Outcome,
    RankingComputed,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    SelectionRevoked,
)
from core.vocabulary import ApplicationId
from projections.ranking import keys
from projections.ranking.rows import ApplicationRow, CallRow, Row, SelectionRow
from projections.ranking.scoring import outside, scored_row, totalled, with_facts
from projections.view import Rows

_OfApplication = (
    ApplicationSubmitted | ApplicationAmended | ApplicationWithdrawn | EligibilityDetermined
)
_OfSelection = (
    RankingComputed | SelectionProposed | SelectionApproved | ReservePromoted | SelectionRevoked
)
FOLDED = (*get_args(_OfApplication), *get_args(_OfSelection))


def of_application(rows: Rows[Row], event: _OfApplication) -> None:
    """Fold what became of an application into its rows of all stages."""
    key = keys.application(event.application_id)
    found = rows.get(key)
    known = found if isinstance(found, ApplicationRow) else ApplicationRow()
    row = known
    match event:
        case ApplicationSubmitted():
            row = ApplicationRow(city=event.city)
        case ApplicationAmended():
            # What was checked is not what is applied for any more.
            row = replace(known, eligible=None)
        case EligibilityDetermined(eligible=eligible):
            row = replace(known, eligible=eligible)
        case ApplicationWithdrawn():
            row = replace(known, withdrawn=True)
    rows.put(key, row)
    call = rows.get(keys.call(event.application_id.partition(":")[0]))
    for index, stage in enumerate(call.stages if isinstance(call, CallRow) else ()):
        if index == 0 or rows.get(keys.scored(event.application_id, stage)) is not None:
            _place(rows, event.application_id, stage)


def of_next_stage(rows: Rows[Row], event: _OfSelection) -> None:
    """Fold a selection into the stage that follows it."""
    key = keys.selection(event.call_id, event.stage)
    found = rows.get(key)
    row = known = found if isinstance(found, SelectionRow) else SelectionRow()
    match event:
        case RankingComputed():
            row = replace(known, proposed=())
        case SelectionProposed():
            row = replace(known, proposed=_selected(event))
        case SelectionApproved():
            row = replace(known, through=known.proposed)
        case ReservePromoted(application_id=comes, in_place_of=goes):
            stay = (a for a in known.through if a not in {comes, goes})
            row = replace(known, through=tuple(sorted((*stay, comes))))
        case SelectionRevoked():
            row = SelectionRow()
    rows.put(key, row)
    call = rows.get(keys.call(event.call_id))
    stages = call.stages if isinstance(call, CallRow) else ()
    following = stages[stages.index(event.stage) + 1 :] if event.stage in stages else ()
    for application_id in sorted(set(row.through) ^ set(known.through)):
        for stage in following[:1]:
            _place(rows, application_id, stage)


def _selected(event: SelectionProposed) -> tuple[ApplicationId, ...]:
    chosen: Iterable[ApplicationId] = (
        p.application_id for p in event.proposals if p.outcome is Outcome.SELECTED
    )
    return tuple(sorted(chosen))


def _place(rows: Rows[Row], application_id: ApplicationId, stage: str) -> None:
    key = keys.scored(application_id, stage)
    known = scored_row(rows, application_id, stage)
    row = with_facts(rows, known)
    # A city that applies anew is looked at anew.
    row = row if row == known else totalled(rows, row)
    rows.put(key, replace(row, outside=outside(rows, row)))
