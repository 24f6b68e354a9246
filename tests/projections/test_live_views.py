"""Whatever happens in a round or a project, live tables say at every position what memory says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.ledger.codec import Event
from projections.projector import Projector
from projections.time_travel import fold
from projections.views import VIEWS
from tests.projections import histories, project_histories
from tests.projections.logs import broken_ranges, live, more, refill
from tests.stories import recorded

# To make a failing round smaller takes minutes; it is small as it is.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
STORIES = st.one_of(histories.histories, project_histories.histories)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def caught_up(url: str, batch: int, most: int = 50_000) -> None:
    projector = Projector(url, VIEWS, batch=batch, most=most)
    projector.catch_up()
    projector.stop()
    assert projector.failures() == {}


@pytest.mark.uncounted
@settings(max_examples=32, deadline=None, suppress_health_check=SLOW, phases=PHASES)
@given(
    facts=STORIES,
    batch=st.sampled_from((1, 5, 13, 1_000)),
    most=st.sampled_from((0, 3, 50_000)),
    data=st.data(),
)
def test_live_tables_equal_a_fold_in_memory_at_any_position(
    database_url: str, facts: tuple[Event, ...], batch: int, most: int, data: st.DataObject
) -> None:
    refill(database_url, facts)
    caught_up(database_url, batch, most)
    records = recorded(facts)
    places = st.integers(0, len(facts) - 1)
    chosen = data.draw(st.lists(places, min_size=3, max_size=3, unique=True))
    for view in VIEWS:
        assert broken_ranges(database_url, view) == [], view.name
        for position in (*chosen, len(facts) - 1):
            read = [r for r in records if r.position <= position]
            assert live(database_url, view, position) == fold(view, read), (view.name, position)


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW, phases=PHASES)
@given(facts=STORIES, data=st.data())
def test_what_a_view_said_as_of_a_position_never_changes(
    database_url: str, facts: tuple[Event, ...], data: st.DataObject
) -> None:
    known = data.draw(st.integers(1, len(facts)))
    refill(database_url, facts[:known])
    caught_up(database_url, 1_000)
    position = data.draw(st.integers(0, known - 1))
    said = [live(database_url, view, position) for view in VIEWS]
    if len(facts) > known:
        more(database_url, facts, known)
    caught_up(database_url, 7, most=2)
    assert [live(database_url, view, position) for view in VIEWS] == said
