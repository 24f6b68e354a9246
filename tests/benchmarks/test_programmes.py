"""A made-up programme is one that the rules let happen, and comes out the same each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.programmes.book import Group
from benchmarks.programmes.fill import fill
from benchmarks.programmes.programme import programme
from benchmarks.programmes.size import MILLION
from core.ledger.codec import EVENTS
from core.ledger.ledger import Ledger
from core.selection.events import SelectionApproved
from projections.reading import records
from replay.decisions import replay_decision
from replay.verify import verify

SMALL = replace(MILLION.of(3_000), years=3)


@pytest.fixture(scope="module")
def groups() -> Sequence[Group]:
    return list(programme(SMALL))


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(groups: Sequence[Group]) -> None:
    assert list(programme(SMALL)) == groups
    other = next(programme(replace(SMALL, seed=2)))
    assert other.request.events != groups[0].request.events


def test_it_ends_after_as_many_events_as_it_was_asked_for() -> None:
    for events in (1, 7, 400):
        found = list(programme(replace(SMALL, events=events)))
        assert sum(len(group.request.events) for group in found) == events
        keys = [key for group in found for key in group.request.keys]
        assert sum(key.count for key in keys) == events


def test_it_tells_of_nearly_all_that_can_happen(groups: Sequence[Group]) -> None:
    told = Counter(event.type for group in groups for event in group.request.events)
    assert told.keys() <= EVENTS.keys()
    assert {wire.partition(".")[0] for wire in told} == {
        wire.partition(".")[0] for wire in EVENTS
    } - {"signing", "subjects"}


def test_a_log_takes_it_as_it_is_and_its_decisions_come_out_the_same_again(
    database_url: str, groups: Sequence[Group]
) -> None:
    *_, size = fill(database_url, SMALL)
    assert size == sum(len(group.request.events) for group in groups)
    with Ledger(database_url) as ledger:
        assert verify(ledger.store).fault is None
        decided = [r.event for r in records(ledger.store) if isinstance(r.event, SelectionApproved)]
        assert len(decided) >= 4
        for event in decided:
            again = replay_decision(ledger.store, f"{event.call_id}:{event.stage}")
            assert again.identical, [step.difference for step in again.steps]
