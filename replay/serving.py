"""`ssp serve` and its companions: the server, the projector, the demo, a token.

The one place above the API: it starts it.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
import typer
import uvicorn

from api.app import create_app
from api.dev_issuer import WARNING, open_issuer
from api.settings import Settings
from core.ledger.ledger import Ledger
from core.ledger.place import Place
from core.vocabulary import Role
from projections.projector import Projector, progress, set_up_views
from projections.views import VIEWS
from replay.demo import round_2024
from replay.terminal import progress_bar

_DEMO_COMMANDS = 2_104


def serve(place: Place, host: str, port: int, *, with_projector: bool, demo_if_empty: bool) -> None:
    """Serve until stopped, with the views kept up in this process unless told otherwise."""
    _log_as_json()
    set_up_views(place.url, VIEWS)
    projector = Projector(place.url, VIEWS)
    with Ledger(place.url) as ledger:
        if demo_if_empty and ledger.store.size() == 0:
            play_demo(ledger)
        settings = Settings(
            database_url=None if place.data_dir else place.url, data_dir=place.data_dir
        )
        app = create_app(settings, ledger, views_position=lambda: folded(ledger))
        if with_projector:
            projector.start()
        try:
            server = uvicorn.Server(
                uvicorn.Config(
                    app, host=host, port=port, log_config=None, timeout_graceful_shutdown=5
                )
            )
            threading.Thread(target=_announce, args=(server, host, place), daemon=True).start()
            server.run()
        finally:
            if with_projector:
                projector.stop()
    if not server.started:
        typer.echo(f"ssp: cannot listen on {host} port {port}: is another server there?", err=True)
        raise typer.Exit(3)


def folded(ledger: Ledger) -> int:
    """Return the last position that every view has folded."""
    with ledger.connection() as connection:
        at = progress(connection)
    return min((at.get(view.name, -1) for view in VIEWS), default=-1)


def follow(place: Place) -> None:
    """Keep the views up with the log, in this process, until it is told to stop."""
    _log_as_json()
    set_up_views(place.url, VIEWS)
    projector = Projector(place.url, VIEWS)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    projector.start()
    structlog.get_logger().info("projector.started", views=[view.name for view in VIEWS])
    done.wait()
    projector.stop()


def play_demo(ledger: Ledger) -> None:
    """Play the 2024 round, with a bar."""
    with progress_bar("playing the 2024 round") as advance:
        issued = round_2024.play(ledger, lambda done, _what: advance(done, _DEMO_COMMANDS))
    typer.echo(
        f"played the 2024 Seoul ODA Challenge with simulated scores: {issued} commands", err=True
    )


def development_token(data_dir: Path, role: str, actor: str, cities: Sequence[str]) -> str:
    """Return a token of the embedded mode's issuer."""
    if role not in set(Role):
        raise typer.BadParameter(f"{role!r} is none of {', '.join(Role)}")
    typer.echo(WARNING, err=True)
    return open_issuer(data_dir, lambda: datetime.now(UTC)).issue(Role(role), actor, cities)


def _announce(server: uvicorn.Server, host: str, place: Place) -> None:
    """Print where the server is, once it listens."""
    while not server.started and not server.should_exit:
        threading.Event().wait(0.05)
    if not server.started:
        return
    port = server.servers[0].sockets[0].getsockname()[1]
    at = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"  # noqa: S104
    lines = [
        f"Sharing Seoul is at    {at}",
        f"  interactive docs     {at}/docs",
        f"  readiness            {at}/ready",
    ]
    if place.data_dir is not None:
        lines += [
            f"  data                 {place.data_dir} (embedded PostgreSQL)",
            "  a token              ssp token officer officer-1",
            f"  {WARNING}",
        ]
    typer.echo("\n".join(lines))
    sys.stdout.flush()


def _log_as_json() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
