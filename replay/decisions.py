"""Decides a decision again, from the log alone, and says whether the same comes out.

Every command that led to a selection is on record with who issued it and what it
could see. Replay runs the rules over the records as they were then, in the database or in
a bundle, and compares the events, byte for byte, with those that were recorded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from core.errors import refuse
from core.frameworks import events as frameworks
from core.frameworks.events import FrameworkDrafted
from core.ledger.codec import Event
from core.ledger.records import Recorded, Stored, decode
from core.ledger.sources import Recall, Rows
from core.ranking import Ranked
from core.rubric import Rubric
from core.selection.events import (
    Input,
    QuorumConfirmed,
    RankingComputed,
    SelectionApproved,
    SelectionProposed,
    stream,
)
from core.vocabulary import ActorId, FrameworkRef, Instant, composite
from replay.deciding_again import Step, again
from replay.noted import Noted
from replay.trail import Deed, trail

E = TypeVar("E")
_NAMED = 10
_POSITION = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Place:
    """An application in the decision: its line in the ranking, as recorded and as replayed.

    A line holds the whole trace from marks to rank; it is None where the ranking has none.
    """

    application_id: str
    identical: bool
    outcome: str
    override: str
    recorded: Ranked | None
    replayed: Ranked | None

    @property
    def rank(self) -> int | None:
        """Its rank, as recorded."""
        return self.recorded.rank if self.recorded else None


@dataclass(frozen=True, slots=True)
class DecisionReplay:
    """A decision as it was made and as it comes out again.

    `because` says of what differs where and how, and is empty where all is identical. `inputs`
    are the streams that the ranking names, with version and leaf; `changed_since` those that
    have grown since. `trail` are the commands behind every record that was read, in order.
    """

    decision_id: str
    identical: bool
    because: tuple[str, ...]
    position: int
    approved_by: ActorId
    recorded_at: Instant
    recorded_digest: str
    replayed_digest: str
    framework: FrameworkRef
    rubric: Rubric | None
    algorithm: str
    steps: tuple[Step, ...]
    places: tuple[Place, ...]
    inputs: tuple[Input, ...]
    changed_since: tuple[str, ...]
    trail: tuple[Deed, ...]


def replay_decision(log: Rows, decision_id: str) -> DecisionReplay:
    """Replay the approved selection `call:stage`; `call:stage@position` names an earlier one.

    Raises `DomainError` with `unknown-decision` where no such approval was recorded.
    """
    name, _, at = decision_id.partition("@")
    call_id, stage = composite(name, 2, "decision_id")
    if at and not _POSITION.fullmatch(at):
        _unknown("a decision is call:stage or call:stage@position", decision_id)
    noted = Noted(log)
    rows = noted.streams({stream(call_id, stage): 0}, int(at) if at else None)
    chain = _chain([(row, decode(row)) for row in rows])
    if not chain or (at and chain[-1][0].position != int(at)):
        _unknown("no approval of this stage was recorded there", decision_id)
    events = [record.event for _, record in chain]
    ranking, proposal = _only(events, RankingComputed), _only(events, SelectionProposed)
    if ranking is None or proposal is None:
        _unknown("no ranking and proposal are recorded that it could rest on", decision_id)
    approval = chain[-1][1]
    recall = Recall(noted, approval.position)
    inputs = {item.stream: (item.version, item.leaf) for item in ranking.inputs}
    replayed = [again(recall, row, record, inputs) for row, record in chain]
    steps = tuple(one.step for one in replayed)
    ranked_again = _only([one.replayed for one in replayed], RankingComputed)
    because = (*_differences(steps), *_altered(noted.altered()))
    read = noted.upto(approval.position)
    return DecisionReplay(
        decision_id=name,
        identical=not because,
        because=because,
        position=approval.position,
        approved_by=approval.meta.actor,
        recorded_at=approval.recorded_at,
        recorded_digest=_digest(step.recorded_digest for step in steps),
        replayed_digest=_digest(step.replayed_digest for step in steps),
        framework=ranking.framework,
        rubric=_rubric(read, ranking.framework),
        algorithm=ranking.algorithm,
        steps=steps,
        places=tuple(_places(ranking, ranked_again, proposal)),
        inputs=ranking.inputs,
        changed_since=_changed_since(log, ranking),
        trail=trail(read),
    )


def _unknown(rule: str, decision_id: str) -> NoReturn:
    refuse("unknown-decision", rule, field="decision_id", value=decision_id)


def _chain(records: Iterable[tuple[Stored, Recorded]]) -> list[tuple[Stored, Recorded]]:
    """Return what the last approval rests on: quorum, ranking, proposal, approval."""
    last: dict[type, tuple[Stored, Recorded]] = {}
    approved: list[tuple[Stored, Recorded]] = []
    for row, record in records:
        match record.event:
            case QuorumConfirmed() | RankingComputed() | SelectionProposed():
                last[type(record.event)] = row, record
            case SelectionApproved():
                last[SelectionApproved] = row, record
                approved = sorted(last.values(), key=lambda pair: pair[0].position)
            case _:
                pass
    return approved


def _only(events: Iterable[Event | None], kind: type[E]) -> E | None:
    return next((event for event in events if isinstance(event, kind)), None)


def _differences(steps: Sequence[Step]) -> list[str]:
    return [f"position {s.position}, {s.command}: {s.difference}" for s in steps if s.difference]


def _altered(positions: Sequence[int]) -> list[str]:
    if not positions:
        return []
    named = ", ".join(map(str, positions[:_NAMED]))
    more = f" and {len(positions) - _NAMED} more" if len(positions) > _NAMED else ""
    return [f"not the records that the log's tree has the hashes of: at position {named}{more}"]


def _rubric(rows: Iterable[Stored], ref: FrameworkRef) -> Rubric | None:
    own = frameworks.stream(ref.framework_id)
    for row in rows:
        event = decode(row).event if row.stream == own else None
        if isinstance(event, FrameworkDrafted) and event.version == ref.version:
            return event.rubric
    return None


def _places(
    recorded: RankingComputed, replayed: RankingComputed | None, proposal: SelectionProposed
) -> Iterable[Place]:
    proposed = {item.application_id: item for item in proposal.proposals}
    before = {line.scored.application: line for line in recorded.lines}
    after = {line.scored.application: line for line in (replayed.lines if replayed else ())}
    for application in dict.fromkeys((*before, *after)):
        one, two = before.get(application), after.get(application)
        found = proposed.get(application)
        override = found.override if found else None
        yield Place(
            application,
            one == two,
            found.outcome if found else "",
            f"{override.reason} ({override.authority})" if override else "",
            one,
            two,
        )


def _changed_since(log: Rows, ranking: RankingComputed) -> tuple[str, ...]:
    """Name the inputs that have grown after the ranking read them."""
    versions = {i.stream: i.version for i in ranking.inputs}
    own = stream(ranking.call_id, ranking.stage)
    return tuple(sorted({row.stream for row in log.streams(versions)} - {own}))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
