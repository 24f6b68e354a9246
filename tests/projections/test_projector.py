"""The live tables say at every position what a fold of the records says."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from core.ledger.ledger import Ledger
from projections.projector import Projector, progress
from projections.tables import rows_at
from projections.time_travel import fold
from projections.view import View
from projections.views import VIEWS


def live(url: str, view: View[Any], position: int) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        return {key: row for key, _, row in rows_at(connection, view, position)}


@pytest.mark.parametrize("batch", [1, 7, 1_000])
def test_live_tables_equal_a_fold_in_memory_at_every_position(round_: Any, batch: int) -> None:
    ledger: Ledger = round_.whole().ledger
    projector = Projector(ledger.url, VIEWS, batch=batch)
    last = projector.catch_up()
    projector.stop()
    records = list(ledger.read())
    assert last == records[-1].position
    for view in VIEWS:
        for position in range(len(records)):
            assert live(ledger.url, view, position) == fold(view, records[: position + 1]), (
                view.name, position,
            )
