"""A database for each test, or one for all that record nothing; servers are lent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import structlog

from tests.api import project_rounds, rounds
from tests.api.harness import SERVERS, Api, running

FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> Iterator[None]:
    """Log as a server does: the default draws tracebacks with all that is in memory, slowly."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """Stop the servers that tests had lent to them."""
    yield
    SERVERS.stop()


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    """A running server over an empty log."""
    with running(database_url) as api:
        yield api


@pytest.fixture(scope="session")
def idle(fresh_database: FreshDatabase) -> Iterator[Api]:
    """A running server that many tests ask, and none makes record anything."""
    with fresh_database() as url, running(url) as api:
        yield api
        assert api.ledger.store.size() == 0


@pytest.fixture(scope="module")
def open_round(fresh_database: FreshDatabase) -> Iterator[Api]:
    """A running server for all tests of a module, whose evaluators have just scored."""
    with fresh_database() as url, running(url) as api:
        rounds.scored(api)
        yield api


@pytest.fixture(scope="module")
def open_project(fresh_database: FreshDatabase) -> Iterator[Api]:
    """A running server for all tests of a module, with a project that is under way."""
    with fresh_database() as url, running(url) as api:
        project_rounds.running(api)
        project_rounds.observed(api)
        yield api
