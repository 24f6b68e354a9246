"""What follows by itself follows once: whoever is killed, late, or runs beside another."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from structlog.testing import capture_logs

from core.calls import rules as calls
from core.calls.commands import ConcludeCall
from core.calls.events import CallConcluded
from core.calls.events import stream as call_stream
from core.cities import rules as cities
from core.cities.commands import EnterPool
from core.cities.events import OpportunityOffered, PoolEntered, Tier
from core.decider import Act
from core.handlers.reading import Reader
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.ledger.reactor import Reactor
from core.ledger.records import Origin
from core.projects.events import ProjectPreferred
from core.reactions.reaction import Reaction
from core.reactions.table import REACTIONS
from core.vocabulary import ActorId, CityId, Instant, Role
from tests.processes import until
from tests.rounds import CALL, START, Round


@pytest.fixture
def concluded(round_: Round) -> Ledger:
    """A call that has just been concluded with one of three cities."""
    round_.whole()
    round_.do(ConcludeCall(CALL), "manager", Role.MANAGER)
    return round_.ledger


def pooled(ledger: Ledger) -> list[str]:
    return [r.event.city_id for r in ledger.read() if isinstance(r.event, PoolEntered)]


def test_the_cities_that_were_not_selected_enter_the_pool_after_the_fact(
    concluded: Ledger,
) -> None:
    before = concluded.store.size()
    fact = list(concluded.read())[-1]

    assert Reactor(concluded, REACTIONS).catch_up() == 5

    found = list(concluded.read(before))
    assert [type(r.event) for r in found] == [PoolEntered, OpportunityOffered] * 2 + [
        ProjectPreferred
    ]
    for record in found:
        assert (record.meta.actor, record.meta.role) == ("reaction", Role.SYSTEM)
        assert record.meta.causation_id == fact.meta.id
        assert record.meta.correlation_id == fact.meta.correlation_id
        assert record.meta.occurred_at == fact.meta.occurred_at
    assert [record.meta.policy for record in found] == [
        *["reaction:pool-unselected-cities"] * 4,
        "reaction:prefer-selected-projects",
    ]
    assert len({record.recorded_at for record in found}) == 1  # one group, whole or not at all


def test_a_reactor_that_lost_its_place_records_nothing_twice(concluded: Ledger) -> None:
    Reactor(concluded, REACTIONS).catch_up()
    size = concluded.store.size()
    with psycopg.connect(concluded.url) as connection:
        connection.execute("delete from ledger.reacted")

    assert Reactor(concluded, REACTIONS).catch_up() == 0
    assert concluded.store.size() == size


def test_reactors_beside_each_other_record_once(concluded: Ledger) -> None:
    with Ledger(concluded.url) as other, ThreadPoolExecutor(4) as four:
        reactors = [Reactor(ledger, REACTIONS) for ledger in (concluded, other) * 2]
        for done in [four.submit(reactor.catch_up) for reactor in reactors]:
            done.result()

    assert sorted(pooled(concluded)) == ["x", "y"]


def test_a_reactor_follows_the_log_as_it_grows(round_: Round) -> None:
    reactor = Reactor(round_.ledger, REACTIONS, wakes_s=0.02)
    reactor.start()
    try:
        round_.whole()
        round_.do(ConcludeCall(CALL), "manager", Role.MANAGER)
        until(lambda: sorted(pooled(round_.ledger)) == ["x", "y"])
    finally:
        reactor.stop()


def test_what_a_server_remembers_of_an_earlier_log_does_not_make_it_pass_over_a_fact(
    round_: Round,
) -> None:
    def if_registered(fact: CallConcluded, at: Instant, read: Reader) -> Iterator[EnterPool]:
        del at
        if read.one(cities.DECIDER, "city-x").registered:
            yield EnterPool(CityId("x"), fact.call_id, Tier.READY, ("it is known",))

    with Ledger(round_.ledger.url) as other:
        assert not other.draft().one(cities.DECIDER, "city-x").registered
        round_.whole()
        round_.do(ConcludeCall(CALL), "manager", Role.MANAGER)

        met = Reactor(other, [Reaction("known", CallConcluded, if_registered)]).catch_up()

    assert met == 1


def test_imported_history_calls_for_nothing(round_: Round) -> None:
    round_.whole()
    act = Act(ActorId("importer"), Role.OFFICER, START)
    envelope = Envelope(ConcludeCall(CALL), act, origin=Origin("ab" * 32, 7))
    draft = round_.ledger.draft()
    draft.record(envelope, lambda _: (calls.DECIDER, call_stream(CALL), CallConcluded(CALL)))
    round_.ledger.commit(draft)

    assert Reactor(round_.ledger, REACTIONS).catch_up() == 0
    assert pooled(round_.ledger) == []


def test_what_the_rules_refuse_is_told_and_holds_nothing_up(concluded: Ledger) -> None:
    def wrong(fact: CallConcluded, at: Instant, read: Reader) -> Iterator[EnterPool]:
        del at, read
        yield EnterPool(CityId("z"), fact.call_id, Tier.READY, ("it was selected",))
        yield EnterPool(CityId("x"), fact.call_id, Tier.READY, ("it was not",))

    with capture_logs() as logs:
        assert Reactor(concluded, [Reaction("wrong", CallConcluded, wrong)]).catch_up() == 1

    assert [(line["event"], line["codes"]) for line in logs] == [
        ("reaction.refused", ["city-selected"])
    ]
    assert pooled(concluded) == ["x"]
