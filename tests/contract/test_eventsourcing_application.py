"""The library's applications run on the ledger, by the cases that it ships.

Of `eventsourcing.tests.application` run both: `ExampleApplicationTestCase`, which also
takes snapshots, and `ApplicationTestCase`.
"""

from collections.abc import Callable
from unittest import TestCase, defaultTestLoader

import pytest
from eventsourcing.tests import application as cases

pytestmark = pytest.mark.uncounted


class Example(cases.ExampleApplicationTestCase):
    __test__ = False  # `run_case` runs these, once on each server
    expected_factory_topic = "core.ledger.factory:LedgerFactory"


class Applications(cases.ApplicationTestCase):
    __test__ = False


CASES = [
    (case, method)
    for case in (Example, Applications)
    for method in defaultTestLoader.getTestCaseNames(case)
]


# One of them looks at a warning itself.
@pytest.mark.filterwarnings("always:'log' is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("case", "method"), CASES)
def test_applications_pass_the_librarys_cases(
    run_case: Callable[[type[TestCase], str], None], case: type[TestCase], method: str
) -> None:
    run_case(case, method)
