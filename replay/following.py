"""`ssp project`: keeps the views up with the log, in a process of its own or beside the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import structlog

from core.ledger.place import Place
from projections.projector import Projector, set_up_views
from projections.views import VIEWS
from replay.opening import stop
from replay.options import NO_DATABASE, Terminated


def follow(place: Place) -> None:
    """Keep the views up until told to stop.

    Ends by itself, with an error, where the projector cannot go on: whoever supervises
    the process then starts it anew.
    """
    died = threading.Event()
    with projecting(place, died.set), until_told_to_stop():
        structlog.get_logger().info("projector.started", views=[view.name for view in VIEWS])
        died.wait()
    if died.is_set():
        stop("the projector cannot go on; its last words are in the log above", NO_DATABASE)


@contextmanager
def projecting(place: Place, died: Callable[[], None] = lambda: None) -> Generator[None]:
    """Keep the views up meanwhile; `died` is called where that ends before its time."""
    set_up_views(place.url, VIEWS)
    projector = Projector(place.url, VIEWS)

    def ended(arguments: threading.ExceptHookArgs) -> None:
        structlog.get_logger().error("thread.died", exc_info=arguments.exc_value)
        died()

    threading.excepthook = ended
    projector.start()
    try:
        yield
    finally:
        projector.stop()
        threading.excepthook = threading.__excepthook__


@contextmanager
def until_told_to_stop() -> Generator[None]:
    """Let Ctrl-C and SIGTERM end the block: for a server that is how its work is done."""
    with suppress(KeyboardInterrupt, Terminated):
        yield
