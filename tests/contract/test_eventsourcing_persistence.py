"""Our recorders keep the eventsourcing library's contracts, by the cases that it ships.

Of `eventsourcing.tests.persistence` run all that concern recorders and factories:
`AggregateRecorderTestCase` (against the log and against snapshots),
`ApplicationRecorderTestCase` with its optional subscription, `TrackingRecorderTestCase`,
`ProcessRecorderTestCase`, `NonInterleavingNotificationIDsBaseCase` and
`InfrastructureFactoryTestCase`; what selects runs with originators that are texts, too.
`TranscoderTestCase` does not run: transcoders are the library's own.
"""

import os
from collections.abc import Callable
from unittest import TestCase, defaultTestLoader
from uuid import uuid4

import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    ProcessRecorder,
    TrackingRecorder,
)
from eventsourcing.tests import persistence as cases
from eventsourcing.utils import Environment

from core.ledger.factory import LedgerFactory
from core.ledger.recorders import (
    LedgerAggregateRecorder,
    LedgerApplicationRecorder,
    LedgerProcessRecorder,
    LedgerTrackingRecorder,
)

pytestmark = pytest.mark.uncounted


def factory_for(case: TestCase) -> LedgerFactory:
    factory = LedgerFactory(Environment("Cases", os.environ))
    case.addCleanup(factory.close)
    return factory


class Aggregates(cases.AggregateRecorderTestCase):
    __test__ = False  # `run_case` runs these, once on each server

    def create_recorder(self) -> AggregateRecorder:
        return factory_for(self).aggregate_recorder()


class AggregatesOfTexts(Aggregates):
    def new_originator_id(self) -> str:
        return f"project-{uuid4()}"


class Snapshots(cases.AggregateRecorderTestCase):
    __test__ = False

    def create_recorder(self) -> AggregateRecorder:
        return factory_for(self).aggregate_recorder(purpose="snapshots")


class Applications(cases.ApplicationRecorderTestCase):
    __test__ = False

    def create_recorder(self) -> ApplicationRecorder:
        return factory_for(self).application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class ApplicationsOfTexts(Applications):
    def new_originator_id(self) -> str:
        return f"project-{uuid4()}"


class Trackings(cases.TrackingRecorderTestCase):
    __test__ = False

    def create_recorder(self) -> TrackingRecorder:
        return factory_for(self).tracking_recorder()


class Processes(cases.ProcessRecorderTestCase):
    __test__ = False

    def create_recorder(self) -> ProcessRecorder:
        return factory_for(self).process_recorder()


class NonInterleaving(cases.NonInterleavingNotificationIDsBaseCase):
    __test__ = False

    def create_recorder(self) -> ApplicationRecorder:
        return factory_for(self).application_recorder()


class View(LedgerTrackingRecorder):
    """What a projection with tables of its own derives."""


class Factories(cases.InfrastructureFactoryTestCase[LedgerFactory]):
    __test__ = False

    def setUp(self) -> None:
        self.env = Environment("", os.environ)
        super().setUp()

    def expected_factory_class(self) -> type[LedgerFactory]:
        return LedgerFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return LedgerAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return LedgerApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return LedgerTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return View

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return LedgerProcessRecorder


CASES = [
    *(
        (case, method)
        for case in (
            Aggregates,
            Snapshots,
            Applications,
            Trackings,
            Processes,
            NonInterleaving,
            Factories,
        )
        for method in defaultTestLoader.getTestCaseNames(case)
    ),
    (AggregatesOfTexts, "test_insert_and_select"),
    (ApplicationsOfTexts, "test_insert_select"),
    (ApplicationsOfTexts, "test_insert_subscribe"),
]


@pytest.mark.parametrize(("case", "method"), CASES)
def test_the_recorders_pass_the_librarys_cases(
    run_case: Callable[[type[TestCase], str], None], case: type[TestCase], method: str
) -> None:
    run_case(case, method)


def test_a_factory_without_a_database_says_which_setting_is_missing() -> None:
    with pytest.raises(OSError, match="SSP_DATABASE_URL is not set"):
        LedgerFactory({})
