"""A server for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.harness import Api, running


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    """A running server over an empty log."""
    with running(database_url) as api:
        yield api
