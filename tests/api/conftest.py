"""A server for each test, or one for a module whose tests record nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import structlog
from psycopg import sql

from core.ledger.migrate import migrate
from tests.api import project_rounds, rounds
from tests.api.harness import Api, running


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> Iterator[None]:
    """Log as a server does: the default draws tracebacks with all that is in memory, slowly."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    """A running server over an empty log."""
    with running(database_url) as api:
        yield api


@pytest.fixture(scope="module")
def idle(postgres_url: str) -> Iterator[Api]:
    """A running server that all tests of a module ask, and none makes record anything."""
    with _database(postgres_url) as url, running(url) as api:
        yield api
        assert api.ledger.store.size() == 0


@pytest.fixture(scope="module")
def open_round(postgres_url: str) -> Iterator[Api]:
    """A running server for all tests of a module, whose evaluators have just scored."""
    with _database(postgres_url) as url, running(url) as api:
        rounds.scored(api)
        yield api


@pytest.fixture(scope="module")
def open_project(postgres_url: str) -> Iterator[Api]:
    """A running server for all tests of a module, with a project that is under way."""
    with _database(postgres_url) as url, running(url) as api:
        project_rounds.running(api)
        project_rounds.observed(api)
        yield api


@contextmanager
def _database(postgres_url: str) -> Generator[str]:
    name = f"test_{uuid4().hex}"
    database = sql.Identifier(name)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        url = urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
        migrate(url)
        try:
            yield url
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
