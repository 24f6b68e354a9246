"""A view says truly which events it folds: all others leave its rows alone, and are not read."""

from __future__ import annotations

from typing import Any, NoReturn, cast

import pytest

from core.ledger.codec import Event
from projections.view import View
from projections.views import VIEWS
from tests.examples import EXAMPLES
from tests.stories import recorded

DECLARED = [view for view in VIEWS if view.folds is not None]


class Untouched:
    """Rows that nobody may ask for or change."""

    def _touched(self, *_: Any) -> NoReturn:  # noqa: ANN401  # whatever is asked
        raise AssertionError("a row was touched")

    get = put = add = drop = under = _touched


@pytest.mark.parametrize("view", DECLARED, ids=lambda view: view.name)
def test_what_a_view_does_not_say_it_folds_changes_no_row_of_it(view: View[Any]) -> None:
    folds = view.folds or frozenset[type[Event]]()
    others = [record for record in recorded(EXAMPLES) if type(record.event) not in folds]
    for record in others:
        view.fold(record, cast("Any", Untouched()))
    assert {type(record.event) for record in others} | folds == set(map(type, EXAMPLES))
