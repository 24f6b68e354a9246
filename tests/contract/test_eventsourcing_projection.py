"""The library's projections run on the ledger, by the cases that it ships.

Of `eventsourcing.tests.projection` run `EventCountersViewTestCase`,
`AggregateEventCountersProjectionTestCase` and `EventSourcedProjectionTestCase`.
`TaggedDecisionCountersProjectionTestCase` does not run: it needs a store that is asked by
tags. Here a command's read-set of streams and prefixes is what guards its decision.
"""

import os
from collections.abc import Callable
from unittest import TestCase, defaultTestLoader

import psycopg
import pytest
from eventsourcing.persistence import Tracking
from eventsourcing.tests import projection as cases
from eventsourcing.utils import Environment

from core.ledger.factory import LedgerFactory
from core.ledger.recorders import LedgerTrackingRecorder

pytestmark = pytest.mark.uncounted


class CountersView(LedgerTrackingRecorder, cases.EventCountersView):
    """A view with a table of its own, written together with the progress."""

    def get_created_event_counter(self) -> int:
        return self._count("created")

    def get_subsequent_event_counter(self) -> int:
        return self._count("subsequent")

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        self._increment("created", tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        self._increment("subsequent", tracking)

    def _count(self, name: str) -> int:
        with self.connections.one() as connection:
            row = connection.execute(
                "select count from counter where name = %s", (name,)
            ).fetchone()
        return row[0] if row else 0

    def _increment(self, name: str, tracking: Tracking) -> None:
        with self.tracked(tracking) as connection:
            connection.execute("update counter set count = count + 1 where name = %s", (name,))


class View(cases.EventCountersViewTestCase):
    __test__ = False  # `run_case` runs these, once on each server

    def construct_event_counters_view(self) -> cases.EventCountersView:
        factory = LedgerFactory(Environment("Counters", os.environ))
        self.addCleanup(factory.close)
        view = factory.tracking_recorder(CountersView)
        assert isinstance(view, CountersView)
        return view


class Projections(cases.AggregateEventCountersProjectionTestCase):
    __test__ = False
    view_class = CountersView


class EventSourcedProjections(cases.EventSourcedProjectionTestCase):
    __test__ = False


CASES = [
    (case, method)
    for case in (View, Projections, EventSourcedProjections)
    for method in defaultTestLoader.getTestCaseNames(case)
]


@pytest.mark.parametrize(("case", "method"), CASES)
def test_projections_pass_the_librarys_cases(
    run_case: Callable[[type[TestCase], str], None],
    case: type[TestCase],
    method: str,
    any_database_url: str,
) -> None:
    with psycopg.connect(any_database_url) as connection:
        connection.execute("create table counter (name text primary key, count int not null)")
        connection.execute("insert into counter values ('created', 0), ('subsequent', 0)")
        connection.execute("grant select, update on counter to ssp_writer")
    run_case(case, method)
