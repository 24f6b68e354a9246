"""The eventsourcing library over the ledger: its own cases, and recorders of an application."""

import gc
from collections.abc import Callable, Iterator
from unittest import TestCase

import pytest
from eventsourcing.utils import Environment

from core.ledger.factory import LedgerFactory
from core.ledger.recorders import LedgerApplicationRecorder, LedgerProcessRecorder


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


@pytest.fixture
def factory(any_database_url: str) -> Iterator[LedgerFactory]:
    factory = LedgerFactory(Environment("Orders", {"SSP_DATABASE_URL": any_database_url}))
    yield factory
    factory.close()


@pytest.fixture
def recorder(factory: LedgerFactory) -> LedgerApplicationRecorder:
    recorder = factory.application_recorder()
    assert isinstance(recorder, LedgerApplicationRecorder)
    return recorder


@pytest.fixture
def process(factory: LedgerFactory) -> LedgerProcessRecorder:
    recorder = factory.process_recorder()
    assert isinstance(recorder, LedgerProcessRecorder)
    return recorder
