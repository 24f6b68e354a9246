"""Commands through the ledger: cached states never decide wrongly, and groups land whole."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.calls.commands import LockStage
from core.cities import rules
from core.cities.commands import CityCommand, IdentifyNeed, RegisterCity, ReviseProfile
from core.cities.events import stream
from core.decider import Act
from core.errors import DomainError
from core.ledger.draft import Envelope
from core.ledger.ledger import Contended, Ledger, Receipt
from core.selection.commands import ComputeRanking, ConfirmQuorum
from core.selection.events import RankingComputed
from core.vocabulary import ActorId, Channel, CityId, Role, Text
from tests.rounds import CALL, DOC, START, Round

HANOI, LIMA = CityId("VN-HAN"), CityId("PE-LIM")
REGISTER = RegisterCity(HANOI, Text("Hanoi"), "VN")
REGISTER_LIMA = RegisterCity(LIMA, Text("Lima"), "PE")
NEED = IdentifyNeed(HANOI, "21012", Channel.SITE_VISIT, "buses")
REVISE = ReviseProfile(HANOI, Text("Ha Noi"), "spelling")
ACT = Act(ActorId("o1"), Role.OFFICER, datetime(2024, 6, 3, tzinfo=UTC))


@pytest.fixture
def two(any_database_url: str) -> Iterator[tuple[Ledger, Ledger]]:
    """Two processes' views of one log: each has its own cache."""
    with Ledger(any_database_url) as here, Ledger(any_database_url) as there:
        yield here, there


def sent(
    ledger: Ledger, command: CityCommand, key: str = "", expected: int | None = None
) -> Receipt:
    return ledger.handle(Envelope(command, ACT, key=key, expected_version=expected))


def refusal(
    ledger: Ledger, command: CityCommand, key: str = "", expected: int | None = None
) -> str:
    with pytest.raises(DomainError) as refused:
        sent(ledger, command, key, expected)
    return refused.value.code


def test_a_refusal_from_an_old_cache_is_decided_again_on_fresh_state(
    two: tuple[Ledger, Ledger],
) -> None:
    here, there = two
    assert refusal(here, NEED) == "unknown-city"
    sent(there, REGISTER)

    assert sent(here, NEED).version == 2


def test_a_refusal_that_stands_on_fresh_state_is_refused(two: tuple[Ledger, Ledger]) -> None:
    here, there = two
    assert refusal(here, NEED) == "unknown-city"
    assert refusal(there, NEED) == "unknown-city"
    sent(here, REGISTER)

    assert refusal(there, REGISTER) == "already-registered"
    assert here.store.size() == 1


def test_a_decision_from_an_old_cache_is_decided_again_on_fresh_state(
    two: tuple[Ledger, Ledger],
) -> None:
    here, there = two
    sent(here, REGISTER)
    sent(there, NEED)

    assert sent(here, REVISE).version == 3
    assert [r.meta.version for r in here.read()] == [1, 2, 3]


def test_everyone_lands_who_competes_for_one_stream(two: tuple[Ledger, Ledger]) -> None:
    sent(two[0], REGISTER)
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(sent, two * 20, [NEED] * 40))

    assert sorted(receipt.version for receipt in receipts) == list(range(2, 42))
    assert sorted(receipt.position or 0 for receipt in receipts) == list(range(1, 41))


def test_a_stale_version_is_refused_and_a_current_one_is_not(two: tuple[Ledger, Ledger]) -> None:
    here, there = two
    sent(here, REGISTER)
    sent(there, NEED)

    assert refusal(there, REVISE, expected=1) == "stale-version"
    assert refusal(here, REVISE, expected=1) == "stale-version"
    assert refusal(here, REVISE, expected=3) == "stale-version"
    assert sent(here, REVISE, expected=2).version == 3


def test_a_current_version_is_not_stale_because_a_cache_is_old(two: tuple[Ledger, Ledger]) -> None:
    here, there = two
    sent(here, REGISTER)
    sent(there, NEED)

    assert sent(here, REVISE, expected=2).version == 3


def test_one_key_from_twenty_threads_gives_one_receipt(two: tuple[Ledger, Ledger]) -> None:
    sent(two[0], REGISTER)
    with ThreadPoolExecutor(20) as threads:
        receipts = list(threads.map(sent, two * 10, [NEED] * 20, ["once"] * 20))

    assert len({receipt.events for receipt in receipts}) == 1
    assert [receipt.replayed for receipt in receipts].count(False) == 1
    assert two[0].store.size() == 2


def test_a_key_of_another_command_is_refused(two: tuple[Ledger, Ledger]) -> None:
    sent(two[0], REGISTER, key="once")

    assert refusal(two[1], NEED, key="once") == "idempotency-key-reused"
    assert refusal(two[0], REGISTER_LIMA, key="once") == "idempotency-key-reused"


def test_a_replay_is_answered_even_where_the_rules_would_now_refuse(
    two: tuple[Ledger, Ledger],
) -> None:
    first = sent(two[0], REGISTER, key="once")
    again = sent(two[1], REGISTER, key="once")

    assert (first.replayed, again.replayed) == (False, True)
    assert (first.events, first.recorded_at) == (again.events, again.recorded_at)


def test_a_receipts_leaves_are_those_stored(two: tuple[Ledger, Ledger]) -> None:
    receipts = [sent(two[0], REGISTER), sent(two[1], NEED), sent(two[0], REVISE)]

    told = [(e.position, e.id, e.type, e.leaf) for r in receipts for e in r.events]
    assert told == [(r.position, r.meta.id, r.wire, r.leaf.hex()) for r in two[0].read()]
    assert [r.recorded_at for r in receipts] == [r.recorded_at for r in two[0].read()]


def test_a_draft_of_which_one_command_conflicts_records_nothing(
    two: tuple[Ledger, Ledger],
) -> None:
    here, there = two
    draft = here.draft()
    for command in (REGISTER_LIMA, REGISTER, NEED):
        draft.decide(Envelope(command, ACT))
    sent(there, REGISTER)

    with pytest.raises(Contended):
        here.commit(draft)

    assert here.store.size() == 1
    assert not there.draft().one(rules.DECIDER, stream(LIMA)).registered


def test_a_draft_of_which_one_command_is_refused_can_still_be_thrown_away(
    two: tuple[Ledger, Ledger],
) -> None:
    draft = two[0].draft()
    draft.decide(Envelope(REGISTER, ACT))
    with pytest.raises(DomainError):
        draft.decide(Envelope(REGISTER, ACT))

    assert two[0].store.size() == 0
    assert sent(two[1], REGISTER).position == 0


def test_a_draft_lands_whole_and_sees_its_own_events(two: tuple[Ledger, Ledger]) -> None:
    draft = two[0].draft()
    for command in (REGISTER, NEED, REVISE):
        draft.decide(Envelope(command, ACT))

    committed = two[0].commit(draft)

    assert committed is not None
    assert (committed.first_position, committed.count) == (0, 3)
    assert [r.meta.version for r in two[1].read()] == [1, 2, 3]
    assert {r.recorded_at for r in two[1].read()} == {committed.recorded_at}


def test_a_draft_that_reuses_a_key_for_another_command_is_refused(
    two: tuple[Ledger, Ledger],
) -> None:
    sent(two[0], REGISTER, key="once")
    draft = two[1].draft()
    draft.decide(Envelope(NEED, ACT, key="once"))

    with pytest.raises(DomainError) as refused:
        two[1].commit(draft)
    assert refused.value.code == "idempotency-key-reused"


def test_nothing_is_decided_over_a_stage_that_the_same_draft_changes(round_: Round) -> None:
    """What is not recorded has neither the position nor the leaf that evidence names."""
    round_.announce()
    round_.score()
    round_.convene()
    draft, act = round_.ledger.draft(), Act(ActorId("o"), Role.OFFICER, START + timedelta(days=12))
    draft.decide(Envelope(LockStage(CALL, DOC), act))
    with pytest.raises(DomainError) as refused:
        draft.decide(Envelope(ConfirmQuorum(CALL, DOC), act))
    assert refused.value.code == "reads-unrecorded"
    assert refused.value.violations[0].value == "call-c"


def test_evidence_is_what_the_command_itself_has_read(round_: Round) -> None:
    round_.announce()
    round_.score()
    round_.convene()
    round_.day = 12
    round_.do(LockStage(CALL, DOC))
    round_.do(ConfirmQuorum(CALL, DOC))
    draft, act = round_.ledger.draft(), Act(ActorId("o"), Role.OFFICER, START + timedelta(days=12))
    draft.decide(Envelope(RegisterCity(HANOI, Text("Hanoi"), "VN"), act))
    decided = draft.decide(Envelope(ComputeRanking(CALL, DOC), act))
    [(meta, ranking)] = decided.events
    assert isinstance(ranking, RankingComputed)
    streams = {i.stream for i in ranking.inputs}
    assert streams >= {"call-c", "framework-f", "application-c:x", "evaluation-c:doc:x:e1"}
    assert stream(HANOI) not in streams
    assert all(i.leaf for i in ranking.inputs)
    assert meta.command.position == round_.ledger.store.size() - 1


def test_an_event_from_the_future_is_refused(two: tuple[Ledger, Ledger]) -> None:
    later = Act(ACT.actor, ACT.role, datetime.now(UTC) + timedelta(minutes=5))

    with pytest.raises(DomainError) as refused:
        two[0].handle(Envelope(REGISTER, later))
    assert refused.value.code == "occurred-in-future"
