"""The eventsourcing library's own cases, each on a database of its own, on either server."""

import gc
from collections.abc import Callable, Iterator
from unittest import TestCase

import pytest


@pytest.fixture
def run_case(
    any_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[type[TestCase], str], None]]:
    """Run one method of a case in the environment that an application would be given."""
    monkeypatch.setenv("PERSISTENCE_MODULE", "core.ledger.factory")
    monkeypatch.setenv("SSP_DATABASE_URL", any_database_url)

    def run(kind: type[TestCase], method: str) -> None:
        case = kind(method)
        try:
            case.debug()
        finally:
            case.doCleanups()

    yield run
    # Some of the cases leave applications open; what nobody holds any more is closed.
    gc.collect()
