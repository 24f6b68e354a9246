"""Rules about what was decided, by whom and in which order (9, 14, 16, 18, 19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from core.ledger.records import Recorded
from core.selection.events import (
    Outcome,
    OutcomesNotified,
    Override,
    Proposal,
    QuorumConfirmed,
    RankingComputed,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    SelectionRevoked,
)
from projections.audit_findings import keys
from projections.audit_findings.past import (
    Audit,
    application_row,
    found,
    rubric_of,
    scores_of,
    selection_row,
    stage_row,
)
from projections.audit_findings.rows import Place, SelectionRow
from projections.audit_findings.stages import Name, read_sheets

_LEVEL = {Outcome.SELECTED: 0, Outcome.RESERVE: 1, Outcome.POOL: 2, Outcome.REJECTED: 2}


def in_rank_order(record: Recorded, event: SelectionProposed, rows: Audit) -> None:
    """Rule 14: an outcome departs from the order of ranks without reason and authority."""
    selection = selection_row(rows, event.call_id, event.stage)
    ranks = {place.application_id: place.rank for place in selection.places}
    for proposal, better in _out_of_order(event.proposals, ranks):
        found(
            rows,
            "out-of-order",
            event.call_id,
            f"{proposal.application_id}:{event.stage}@{record.position}",
            (selection.ranking, record.position),
            application=proposal.application_id,
            stage=event.stage,
            outcome=proposal.outcome,
            rank=ranks.get(proposal.application_id) or "none",
            better=better,
        )


def _out_of_order(
    proposals: Sequence[Proposal], ranks: Mapping[str, int | None]
) -> Iterator[tuple[Proposal, str]]:
    """Yield each proposal that is out of order, and which one stands before it."""
    bound: list[tuple[int, Proposal]] = []
    for proposal in proposals:
        rank = ranks.get(proposal.application_id)
        if _reasoned(proposal.override):
            continue
        if rank is not None:
            bound.append((rank, proposal))
        elif _LEVEL[proposal.outcome] < _LEVEL[Outcome.POOL]:
            yield proposal, "none"
    bound.sort(key=lambda pair: (pair[0], _LEVEL[pair[1].outcome], pair[1].application_id))
    for (rank, better), (next_rank, worse) in pairwise(bound):
        better_level, worse_level = _LEVEL[better.outcome], _LEVEL[worse.outcome]
        splits = rank == next_rank and better_level != worse_level
        if worse_level < better_level or splits:
            yield worse, better.application_id


def _reasoned(override: Override | None) -> bool:
    return override is not None and bool(override.reason.strip() and override.authority.strip())


def quorum_kept(
    record: Recorded, event: SelectionApproved, rows: Audit, names: Sequence[Name]
) -> None:
    """Rule 9: what an approval selects has fewer evaluations that count than its quorum."""
    rubric = rubric_of(rows, stage_row(rows, event.call_id, event.stage))
    if rubric is None:
        return
    selection = selection_row(rows, event.call_id, event.stage)
    at_stake = {Outcome.SELECTED, Outcome.RESERVE}
    chosen = [p.application_id for p in selection.places if p.outcome in at_stake]
    wanted = set(chosen)
    sheets = read_sheets(rows, event.stage, [n for n in names if n[0] in wanted])
    counted = Counter(str(held.application_id) for held in sheets if held.counts)
    for application in chosen:
        if counted[application] < rubric.quorum:
            found(
                rows,
                "quorum-lost",
                event.call_id,
                f"{application}:{event.stage}@{record.position}",
                (selection.quorum, selection.ranking, record.position),
                application=application,
                stage=event.stage,
                counted=counted[application],
                quorum=rubric.quorum,
            )


def decided_by_others(
    record: Recorded, event: SelectionProposed | SelectionApproved, rows: Audit
) -> None:
    """Rule 18: whoever scored in a stage proposes or approves its selection."""
    places = selection_row(rows, event.call_id, event.stage).places
    own = scores_of(rows, event.stage, event.by, [place.application_id for place in places])
    if own:
        did = "approved" if isinstance(event, SelectionApproved) else "proposed"
        found(
            rows,
            "decider-scored",
            event.call_id,
            f"{event.call_id}:{event.stage}:{event.by}:{did}",
            (*own, record.position),
            stage=event.stage,
            person=event.by,
            did=did,
        )


def told_after_approval(record: Recorded, event: OutcomesNotified, rows: Audit) -> None:
    """Rule 19: cities are told outcomes that nobody approved."""
    selection = selection_row(rows, event.call_id, event.stage)
    if selection.approved is None:
        found(
            rows,
            "told-before-approval",
            event.call_id,
            f"{event.call_id}:{event.stage}@{record.position}",
            (selection.proposed, record.position),
            stage=event.stage,
        )


def next_reserve(record: Recorded, event: ReservePromoted, rows: Audit) -> None:
    """Rule 16: another than the best reserve left takes the place."""
    selection = selection_row(rows, event.call_id, event.stage)
    waiting = [
        place
        for place in selection.places
        if place.outcome is Outcome.RESERVE
        and place.application_id not in selection.promoted
        and _takes_part(rows, place)
    ]
    best = min((p.rank for p in waiting if p.rank is not None), default=None)
    first = sorted(p.application_id for p in waiting if p.rank == best)
    if event.application_id not in first:
        found(
            rows,
            "reserve-out-of-order",
            event.call_id,
            f"{event.application_id}:{event.stage}@{record.position}",
            (selection.proposed, selection.approved, record.position),
            application=event.application_id,
            stage=event.stage,
            first=", ".join(first) or "none",
        )


def _takes_part(rows: Audit, place: Place) -> bool:
    application = application_row(rows, place.application_id)
    return application is None or not (application.withdrawn or application.eligible is False)


def keep(
    record: Recorded,
    event: QuorumConfirmed
    | RankingComputed
    | SelectionProposed
    | SelectionApproved
    | OutcomesNotified
    | ReservePromoted
    | SelectionRevoked,
    rows: Audit,
) -> None:
    """Keep how far a selection has come."""
    row, at = selection_row(rows, event.call_id, event.stage), record.position
    match event:
        case QuorumConfirmed():
            row = replace(row, quorum=at)
        case RankingComputed(lines=lines):
            places = tuple(Place(line.scored.application, line.rank) for line in lines)
            first = at if row.first_ranking is None else row.first_ranking
            row = replace(row, ranking=at, first_ranking=first, places=places, proposed=None)
        case SelectionProposed():
            row = _proposed(row, event, at)
        case SelectionApproved(by=by):
            row = replace(row, approved=at, deciders=_with(row.deciders, by))
        case OutcomesNotified(appeals_until=until):
            row = replace(row, notified=at, appeals_until=until)
        case ReservePromoted(application_id=comes):
            row = replace(row, promoted=(*row.promoted, comes))
        case SelectionRevoked():
            row = replace(row, proposed=None, approved=None, notified=None, promoted=())
    rows.put(keys.selection(event.call_id, event.stage), row)


def _proposed(row: SelectionRow, event: SelectionProposed, at: int) -> SelectionRow:
    ranks = {place.application_id: place.rank for place in row.places}
    places = tuple(
        Place(p.application_id, ranks.get(p.application_id), p.outcome) for p in event.proposals
    )
    return replace(row, places=places, proposed=at, deciders=_with(row.deciders, event.by))


def _with(people: tuple[str, ...], person: str) -> tuple[str, ...]:
    return people if person in people else (*people, person)
