"""docs/events.md is what the code says."""

from __future__ import annotations

from core.ledger.codec import EVENTS
from tests.docs.event_catalogue import DOCUMENT, catalogue


def test_the_catalogue_of_events_is_up_to_date() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == catalogue(), "write it anew: make docs"


def test_every_event_is_explained() -> None:
    for wire, event in EVENTS.items():
        assert f"### `{wire}`" in catalogue()
        assert event.__doc__
        assert not event.__doc__.startswith(event.__name__), f"{wire} has no docstring of its own"
