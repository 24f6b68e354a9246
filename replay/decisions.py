"""Decides a decision again, from the log alone, and says whether the same comes out.

Every command that led to a selection is on record with who issued it and what it
could see. Replay runs the rules over the records as they were then, in the database or in
a bundle, and compares the events, byte for byte, with those that were recorded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.decider import Act
from core.errors import DomainError, refuse
from core.ledger.codec import COMMANDS, command_from, to_json
from core.ledger.draft import Draft, Envelope
from core.ledger.records import Recorded, decode
from core.ledger.sources import Recall, Rows
from core.selection.events import (
    QuorumConfirmed,
    RankingComputed,
    SelectionApproved,
    SelectionProposed,
    stream,
)
from core.vocabulary import ActorId, Instant, Role, composite


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a decision: who issued it, and whether its events come out the same.

    Digests are SHA-256 over the JSON of the command's events; `difference` is empty
    where they are equal.
    """

    command: str
    position: int
    actor: ActorId
    role: Role
    occurred_at: Instant
    recorded_at: Instant
    recorded_digest: str
    replayed_digest: str
    difference: str

    @property
    def identical(self) -> bool:
        """Whether the replay gave the very bytes that were recorded."""
        return not self.difference


@dataclass(frozen=True, slots=True)
class Place:
    """An application in the replayed decision."""

    application_id: str
    rank: int | None
    total: str
    standing: str
    outcome: str
    override: str


@dataclass(frozen=True, slots=True)
class DecisionReplay:
    """A decision as it was made and as it comes out again."""

    decision_id: str
    position: int
    approved_by: ActorId
    recorded_at: Instant
    inputs: int
    steps: tuple[Step, ...]
    places: tuple[Place, ...]
    recorded_digest: str
    replayed_digest: str
    changed_since: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether every step gave the very bytes that were recorded."""
        return all(step.identical for step in self.steps)


def replay_decision(log: Rows, decision_id: str) -> DecisionReplay:
    """Replay the approved selection `call:stage`; `call:stage@position` names an earlier one.

    Raises `DomainError` with `unknown-decision` where no such approval was recorded.
    """
    name, _, at = decision_id.partition("@")
    call_id, stage = composite(name, 2, "decision_id")
    if at and not at.isdigit():
        refuse(
            "unknown-decision",
            "a decision is call:stage or call:stage@position",
            field="decision_id",
            value=decision_id,
        )
    rows = log.streams({stream(call_id, stage): 0}, int(at) if at else None)
    chain = _chain([decode(row) for row in rows])
    if not chain or (at and chain[-1].position != int(at)):
        refuse(
            "unknown-decision",
            "no approval of this stage was recorded there",
            field="decision_id",
            value=decision_id,
        )
    recall = Recall(log, chain[-1].position)
    steps, replayed = zip(*(_again(recall, record) for record in chain), strict=True)
    ranking = next((r.event for r in replayed if isinstance(r.event, RankingComputed)), None)
    proposal = next((r.event for r in replayed if isinstance(r.event, SelectionProposed)), None)
    if ranking is None or proposal is None:
        refuse(
            "unknown-decision",
            "no ranking and proposal are recorded that it could rest on",
            field="decision_id",
            value=decision_id,
        )
    approval = chain[-1]
    return DecisionReplay(
        name,
        approval.position,
        approval.meta.actor,
        approval.recorded_at,
        len(ranking.inputs),
        steps,
        _places(ranking, proposal),
        _digest(step.recorded_digest for step in steps),
        _digest(step.replayed_digest for step in steps),
        _changed_since(log, ranking),
    )


def _chain(records: Sequence[Recorded]) -> list[Recorded]:
    """Return what the last approval rests on: quorum, ranking, proposal, approval."""
    chain: dict[type, Recorded] = {}
    approved: list[Recorded] = []
    for record in records:
        match record.event:
            case QuorumConfirmed() | RankingComputed() | SelectionProposed():
                chain[type(record.event)] = record
            case SelectionApproved():
                chain[SelectionApproved] = record
                approved = sorted(chain.values(), key=lambda r: r.position)
            case _:
                pass
    return approved


@dataclass(frozen=True, slots=True)
class _Again:
    event: object


def _again(recall: Recall, record: Recorded) -> tuple[Step, _Again]:
    """Run a recorded command's rules over the log as it was."""
    noted, meta = record.meta.command, record.meta
    seen = record.position - 1 if noted.position is None else noted.position
    recorded = hashlib.sha256(to_json(record.event)).hexdigest()
    event: object = record.event
    replayed = difference = ""
    if noted.body is None or noted.name not in COMMANDS:
        difference = "the command is not on record: imported as history, without its rules"
    else:
        act = Act(meta.actor, meta.role, meta.occurred_at, meta.on_behalf_of)
        try:
            command = command_from(noted.name, dict(noted.body))
            envelope = Envelope(command, act, command_id=noted.id)
            decided = Draft(recall.at(seen)).decide(envelope)
            event = decided.events[0][1]
        except DomainError as refusal:
            difference = f"the rules refuse it now: {refusal}"
        except (ValueError, IndexError) as error:
            difference = f"the command that is on record cannot be decided: {error}"
        else:
            replayed = hashlib.sha256(to_json(event)).hexdigest()
            if replayed != recorded:
                difference = _first_difference(to_json(record.event), to_json(event))
            if type(event) is not type(record.event):  # some other command led to this
                event = record.event
    step = Step(
        noted.name,
        record.position,
        meta.actor,
        meta.role,
        meta.occurred_at,
        record.recorded_at,
        recorded,
        replayed,
        difference,
    )
    return step, _Again(event)


def _first_difference(recorded: bytes, replayed: bytes) -> str:
    at = next(
        (i for i, (a, b) in enumerate(zip(recorded, replayed, strict=False)) if a != b),
        min(len(recorded), len(replayed)),
    )
    around = slice(max(0, at - 40), at + 40)
    return (
        f"recorded …{recorded[around].decode(errors='replace')}… but replayed "
        f"…{replayed[around].decode(errors='replace')}…"
    )


def _places(ranking: RankingComputed, proposal: SelectionProposed) -> tuple[Place, ...]:
    outcomes = {p.application_id: p for p in proposal.proposals}
    return tuple(
        Place(
            line.scored.application,
            line.rank,
            str(line.scored.total),
            line.scored.standing,
            found.outcome if (found := outcomes.get(line.scored.application)) else "",
            f"{found.override.reason} ({found.override.authority})"
            if found and found.override
            else "",
        )
        for line in ranking.lines
    )


def _changed_since(log: Rows, ranking: RankingComputed) -> tuple[str, ...]:
    """Name the inputs that have grown after the ranking read them."""
    versions = {i.stream: i.version for i in ranking.inputs}
    own = stream(ranking.call_id, ranking.stage)
    return tuple(sorted({row.stream for row in log.streams(versions)} - {own}))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
