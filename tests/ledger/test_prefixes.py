"""A remembered prefix says at each position what the records say, and reads only what grew."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.applications import rules as applications
from core.evaluations import rules as evaluations
from core.evaluations.commands import LockEvaluation, ReviseScore
from core.ledger.ledger import Ledger, Receipt
from core.ledger.live import Cache, LiveSource, Prefixes
from core.ledger.sources import AnyDecider, PastSource
from core.ledger.store import Store
from core.selection.commands import ComputeRanking
from core.selection.events import RankingComputed
from core.vocabulary import Role
from tests.rounds import CALL, DOC, A, Round, app, evaluator_id

READ: tuple[tuple[AnyDecider, str], ...] = (
    (applications.DECIDER, "application-c:"),
    (evaluations.DECIDER, "evaluation-c:doc:"),
)


class ReadWhole(Exception):
    """A prefix was read whole."""


def at(ledger: Ledger, prefixes: Prefixes, position: int | None = None) -> LiveSource:
    return LiveSource(ledger.store, Cache(), prefixes, _position=position)


def revise(round_: Round) -> Receipt:
    command = ReviseScore(app("x"), evaluator_id("e1"), DOC, A, Decimal(99), "a slip")
    return round_.do(command, "e1", Role.EVALUATOR)


@pytest.mark.parametrize("step", [1, 4, 1_000])
def test_any_moment_after_another_is_what_the_records_say(round_: Round, step: int) -> None:
    records = list(round_.whole().ledger.read())
    prefixes = Prefixes()
    moments = [*range(0, len(records), step), len(records) - 1]
    for position in (*moments, *reversed(moments), *moments):
        here, past = at(round_.ledger, prefixes, position), PastSource(records, position)
        for decider, prefix in READ:
            found = here.under(decider, prefix)
            assert found == past.under(decider, prefix)
            assert list(found) == sorted(found)


def test_a_prefix_is_read_whole_once_only(round_: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    round_.announce()
    round_.score()
    prefixes = Prefixes()
    decider, prefix = READ[1]
    before = at(round_.ledger, prefixes).under(decider, prefix)

    def whole(*_: object) -> None:
        raise ReadWhole

    monkeypatch.setattr(Store, "under", whole)
    revised = revise(round_)
    after = at(round_.ledger, prefixes).under(decider, prefix)
    assert [name for name in after if after[name] != before[name]] == [revised.stream]
    assert after[revised.stream].leaf == revised.events[-1].leaf
    with pytest.raises(ReadWhole):
        at(round_.ledger, Prefixes()).under(decider, prefix)


def test_prefixes_beyond_the_limit_are_forgotten_but_the_last_one_is_not(round_: Round) -> None:
    round_.announce()
    round_.score()
    prefixes = Prefixes(most=1)
    for decider, prefix in READ:
        at(round_.ledger, prefixes).under(decider, prefix)
    assert [prefixes.get(prefix) is None for _, prefix in READ] == [True, False]


def test_a_decision_rests_on_what_another_process_recorded_meanwhile(round_: Round) -> None:
    round_.whole()
    with Ledger(round_.ledger.url) as elsewhere:
        there = Round(elsewhere, day=13)
        there.reopen("x", "e1")
        revised = revise(there)
        closed = there.do(LockEvaluation(app("x"), evaluator_id("e1"), DOC))
        there.revoke()
    round_.day = 14
    receipt = round_.do(ComputeRanking(CALL, DOC))
    assert receipt.position is not None
    [record] = round_.ledger.read(receipt.position)
    assert isinstance(record.event, RankingComputed)
    read = {i.stream: (i.version, i.leaf) for i in record.event.inputs}
    assert read[revised.stream] == (closed.version, closed.events[-1].leaf)
    assert record.event.lines[0].scored.application == app("x")
