"""The story of the programme, from what a city needs to what became of it and of all others.

Each line is a sentence. The modules beside it say in which commands, the views what then holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.cities.events import OpportunityOffered, PoolEntered, Tier
from core.evaluations.events import ScoreRevised
from core.ledger.ledger import Ledger
from core.projects.events import ProjectPreferred
from core.vocabulary import CityId
from projections.application_board.queries import board
from projections.audit_findings.queries import findings
from projections.moments import About
from projections.partner_pools.queries import partner_pools
from projections.project_status.queries import project_status
from projections.project_status.status import ProjectStatus
from projections.ranking.queries import ranking
from replay.decisions import replay_decision
from replay.verify import verify
from tests.story import following_up, selecting
from tests.story.people import Programme
from tests.story.selecting import (
    CALL,
    COLOMBO,
    DOCUMENTS,
    FINAL,
    LIMA,
    PHNOM_PENH,
    PROJECT,
    applied,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RATED = [("end", "3"), ("ex-post", "4")]


@pytest.fixture
def told(database_url: str) -> Iterator[Programme]:
    with Ledger(database_url) as ledger:
        yield Programme(ledger)


def test_a_city_s_need_becomes_a_project_and_no_city_is_lost(told: Programme) -> None:
    # Given that Seoul knows what cities need, and says beforehand by what it will choose
    selecting.seoul_learns_what_cities_need(told)
    selecting.a_rubric_is_published_and_a_call_announced(told)

    # when three cities apply in time,
    selecting.three_cities_apply(told)
    selecting.the_call_closes_and_eligibility_is_checked(told)

    # then each is on the board, and eligible.
    assert statuses(told) == {LIMA: "eligible", PHNOM_PENH: "eligible", COLOMBO: "eligible"}

    # When a panel scores them, one evaluator steps aside for a city that she once advised,
    # and another person than the proposer approves,
    selecting.the_panel_scores_the_documents(told)
    selecting.the_documents_are_decided(told)
    then = told.last

    # then the ranking says who came first, and the revision says why it was made.
    assert order(told, DOCUMENTS) == [LIMA, PHNOM_PENH, COLOMBO]
    (revised,) = told.facts(ScoreRevised)
    assert (revised.before, revised.after) == (Decimal(80), Decimal(90))

    # When the city that came last appeals, and others than its judges hear it,
    selecting.colombo_appeals_and_is_heard(told)
    # and the best two go through the final,
    selecting.the_final_is_decided(told)

    # then the selected city's project opens by itself,
    (preferred,) = told.facts(ProjectPreferred)
    assert preferred.city_id == LIMA
    # and every other city is in the pool, told why, with its next opportunity.
    assert {fact.city_id for fact in told.facts(PoolEntered)} == {PHNOM_PENH, COLOMBO}
    assert all(fact.reasons for fact in told.facts(PoolEntered))
    assert {fact.city_id for fact in told.facts(OpportunityOffered)} == {PHNOM_PENH, COLOMBO}
    assert waiting(told)[PHNOM_PENH] == Tier.READY

    # When both cities sign before they start, and what was planned is done and observed, with a
    # slip put right, a recommendation followed, and both evaluations made,
    following_up.lima_and_seoul_agree(told)
    following_up.the_project_is_carried_out(told)
    following_up.what_changed_is_observed(told)
    following_up.a_recommendation_is_followed(told)
    following_up.the_project_ends_and_is_rated(told)
    following_up.a_while_later_it_is_rated_again(told)

    # then the project's page says what came of it, about any day,
    lima = project(told)
    assert lima.status == "completed"
    assert [milestone.status for milestone in lima.milestones] == ["reached", "reached"]
    assert [line.status for line in lima.recommendations] == ["verified"]
    assert [(found.rating.phase, found.rating.overall) for found in lima.ratings] == RATED
    assert project(told, about="2024-12-24").status == "running"

    # When Colombo, which waited, is looked after and applies again,
    following_up.colombo_stays_in_touch(told)
    following_up.colombo_applies_to_the_next_call(told)

    # then an auditor who decides again from the record comes to the same decisions,
    for stage in (DOCUMENTS, FINAL):
        assert replay_decision(told.ledger.store, f"{CALL}:{stage}").identical
    # the record is whole,
    assert verify(told.ledger.store).fault is None
    # no audit rule was broken on the way,
    with told.shows() as views:
        assert findings(views, told.last).findings == ()
    # and an analyst who looks back sees what was known then.
    assert statuses(told, as_of=then)[PHNOM_PENH] == "selected"
    assert statuses(told)[PHNOM_PENH] == "reserve"


def project(told: Programme, about: str | None = None) -> ProjectStatus:
    """The page of the project, now or about noon of a day."""
    moment = datetime.fromisoformat(f"{about}T12:00:00Z") if about else None
    with told.shows() as views:
        found = project_status(views, told.last, About(NOW, moment), PROJECT)
    assert found is not None
    return found


def statuses(told: Programme, as_of: int | None = None) -> dict[CityId, str]:
    """Where each city's application stands."""
    with told.shows() as views:
        lines = board(views, told.last if as_of is None else as_of, CALL).applications
    return {CityId(line.application.city_id): line.application.status for line in lines}


def order(told: Programme, stage: str) -> list[CityId]:
    """The cities of a stage, the best first."""
    with told.shows() as views:
        found = ranking(views, told.last, CALL, stage)
    assert found is not None
    of = {applied(code): code for code in selecting.CITIES}
    return [of[line.ranked.scored.application] for line in found.lines]


def waiting(told: Programme) -> dict[CityId, str | None]:
    """How close each city of the pool is kept."""
    with told.shows() as views:
        cities = partner_pools(views, told.last, selecting.SUMMER).cities
    return {CityId(found.city.city_id): found.city.tier for found in cities}
