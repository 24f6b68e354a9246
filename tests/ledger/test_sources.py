"""The past looks the same through the database as through the records themselves."""

from __future__ import annotations

from core.applications import rules as applications
from core.evaluations import rules as evaluations
from core.ledger.sources import AnyDecider, PastSource, Recall
from core.selection import rules as selection
from tests.rounds import Round

READ: tuple[tuple[AnyDecider, str, str], ...] = (
    (applications.DECIDER, "application-c:", "application-c:x"),
    (evaluations.DECIDER, "evaluation-c:doc:", "evaluation-c:doc:y:e1"),
    (selection.DECIDER, "selection-c:", "selection-c:doc"),
)


def test_any_moment_is_the_same_in_the_database_as_in_the_records(round_: Round) -> None:
    round_.whole()
    records = list(round_.ledger.read())
    recall = Recall(round_.ledger.store, len(records) - 1)
    for position in (*range(-1, len(records)), *range(len(records) - 1, -2, -1)):
        there, here = recall.at(position), PastSource(records, position)
        for decider, prefix, stream in READ:
            assert there.load(decider, [stream]) == here.load(decider, [stream])
            assert there.under(decider, prefix) == here.under(decider, prefix)
            assert there.grown(prefix, position // 2) == here.grown(prefix, position // 2)


def test_a_stream_asked_for_before_its_prefix_is_not_folded_twice(round_: Round) -> None:
    round_.whole()
    last = round_.ledger.store.size() - 1
    recall = Recall(round_.ledger.store, last)
    decider, prefix, stream = READ[1]
    alone = recall.at(last).load(decider, [stream])
    assert recall.at(last).under(decider, prefix)[stream] == alone[stream]
    assert recall.at(last).load(decider, [stream, f"{prefix}nobody:e1"])[stream] == alone[stream]
