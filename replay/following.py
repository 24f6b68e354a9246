"""What follows the log (views and reactions) and the calendar, beside a server or by itself."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import structlog

from core.ledger.ledger import Ledger
from core.ledger.place import Place
from core.ledger.reactor import Reactor
from core.ledger.reminder import Reminder
from core.reactions.table import REACTIONS
from projections.projector import Projector, set_up_views
from projections.views import VIEWS
from replay.options import NO_DATABASE, Terminated, stop

_LOOK_EVERY_S = 0.2


def follow(place: Place) -> None:
    """Keep the views up until told to stop.

    A view that fails does not hold up the others. Where none is left that could go on, the
    command ends with an error: whoever supervises the process then starts it anew.
    """
    with projecting(place) as projector, until_told_to_stop():
        structlog.get_logger().info("projector.started", views=[view.name for view in VIEWS])
        while len(projector.failures()) < len(VIEWS):
            time.sleep(_LOOK_EVERY_S)
        stop("no view can be kept up any more; the log above says why", NO_DATABASE)


@contextmanager
def projecting(place: Place) -> Generator[Projector]:
    """Keep the views up meanwhile."""
    set_up_views(place.url, VIEWS)
    projector = Projector(place.url, VIEWS)
    projector.start()
    try:
        yield projector
    finally:
        projector.stop()


@contextmanager
def reacting(ledger: Ledger) -> Generator[None]:
    """Let reactions follow the log meanwhile."""
    reactor = Reactor(ledger, REACTIONS)
    reactor.start()
    try:
        yield
    finally:
        reactor.stop()


@contextmanager
def reminding(ledger: Ledger) -> Generator[None]:
    """Let the calendar be heard meanwhile."""
    reminder = Reminder(ledger, lambda: datetime.now(UTC))
    reminder.start()
    try:
        yield
    finally:
        reminder.stop()


@contextmanager
def until_told_to_stop() -> Generator[None]:
    """Let Ctrl-C and SIGTERM end the block: for a server that is how its work is done."""
    with suppress(KeyboardInterrupt, Terminated):
        yield
