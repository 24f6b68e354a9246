"""`ssp serve` and `ssp token`: the one place above the API, which it starts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from api.dev_issuer import WARNING, open_issuer
from api.settings import Settings
from core.ledger.embedded import default_data_dir
from core.ledger.key_files import KeyRefused
from core.ledger.ledger import Ledger
from core.ledger.log_keys import LogKeys
from core.ledger.notary import Notary
from core.ledger.place import Place
from core.ledger.roles import DatabaseRole, connect
from core.vocabulary import Role
from projections.projector import Followed, followed
from projections.views import VIEWS
from replay.demo.playing import play_demo
from replay.demo.round_2024 import may_play
from replay.following import projecting, reacting, reminding, until_told_to_stop
from replay.keys import keys_of
from replay.opening import ledger_at
from replay.options import NO_DATABASE, stop

_HERE = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104


@contextmanager
def bound(host: str, port: int) -> Generator[socket.socket]:
    """Take the address before anything is started, so that nothing starts in vain."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            stop(f"cannot listen on {host} port {port}: {reason}; --port takes another, 0 any")
        yield listener


def serve(
    place: Place, listener: socket.socket, *, with_projector: bool, demo_if_empty: bool
) -> None:
    """Serve until stopped, with the views kept up in this process unless told otherwise."""
    # Whether this user may write is found out now, and not at the first command.
    connect(place.url, DatabaseRole.WRITER, application="ssp-server").close()
    with ledger_at(place) as ledger:
        _ready_keys(ledger)
        keys = keys_of(place.data_dir)
        notary = Notary(ledger, keys)
        app = _app(place, ledger, notary)
        if demo_if_empty and may_play(ledger):
            play_demo(ledger)
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        announce = partial(_announce, server, listener.getsockname(), place, keys)
        threading.Thread(target=announce, daemon=True).start()
        with (
            reacting(ledger),
            reminding(ledger),
            projecting(place) if with_projector else nullcontext(),
            notary.running(),
            until_told_to_stop(),
        ):
            try:
                server.run(sockets=[listener])
            except OSError as error:  # another took the same address meanwhile
                stop(f"cannot listen: {error}")


def _ready_keys(ledger: Ledger) -> None:
    """See that personal data can be sealed and read, and finish what a killed process began."""
    ledger.keyring.check()
    if count := ledger.finish_erasures():
        structlog.get_logger().info("erasures.finished", keys=count)


def development_token(data_dir: Path | None, role: str, actor: str, cities: Sequence[str]) -> str:
    """Return a token of the embedded mode's issuer, whose key lies in the data folder."""
    known = [r.value for r in Role if r is not Role.SYSTEM]
    if role not in known:
        stop(f"there is no role {role!r}; there are {', '.join(known)}")
    folder = data_dir or default_data_dir()
    if not folder.is_dir():
        stop(f"there are no data in {folder} yet: `ssp serve` makes them", NO_DATABASE)
    try:
        issuer = open_issuer(folder, lambda: datetime.now(UTC))
    except (KeyRefused, OSError) as error:
        stop(f"the development issuer has no key: {error}")
    issued = issuer.issue(Role(role), actor, cities)
    typer.echo(WARNING, err=True)
    return issued


def _app(place: Place, ledger: Ledger, notary: Notary) -> FastAPI:
    """Make the application, or say which setting it cannot be made with."""
    # Its routes take a second to make, which `ssp token` need not wait for.
    from api.app import create_app  # noqa: PLC0415

    try:
        settings = Settings(
            database_url=None if place.data_dir else place.url,
            data_dir=place.data_dir,
            keys_url=place.keys_url,
        )
        return create_app(settings, ledger, views_state=lambda: _followed(ledger), notary=notary)
    except ValidationError as error:
        wrong = [f"SSP_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        stop("; ".join(wrong))
    except (KeyRefused, OSError, ValueError) as error:  # no key, or one that cannot be used
        stop(f"tokens cannot be verified: {error}")


def _followed(ledger: Ledger) -> Followed:
    with ledger.connection() as connection:
        return followed(connection, VIEWS)


def _announce(
    server: uvicorn.Server, address: tuple[str, int], place: Place, keys: LogKeys | None
) -> None:
    """Print where the server is, once it listens."""
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.05)
    host, port = address[:2]
    at = f"http://{_HERE.get(host) or (f'[{host}]' if ':' in host else host)}:{port}"
    lines = [
        f"Sharing Seoul is at    {at}",
        f"  interactive docs     {at}/docs",
        f"  readiness            {at}/ready",
        *(
            f"  the log's key        {signer.verifier}"
            for signer in (keys.signers() if keys else ())
        ),
    ]
    if place.data_dir is not None:
        lines += [
            f"  data                 {place.data_dir} (embedded PostgreSQL)",
            "  a token              ssp token officer officer-1",
            f"  {WARNING}",
        ]
    typer.echo("\n".join(lines))
