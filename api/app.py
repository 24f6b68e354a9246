"""The application: all routes, wired to one ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import FastAPI

from api import (
    applications,
    calls,
    cities,
    decisions,
    dev_issuer,
    docs,
    evaluations,
    feed,
    frameworks,
    log,
    monitoring,
    openapi,
    probes,
    problems,
    projects,
    selection,
    streams,
    subjects,
    tiles,
    tracing,
    what_if,
)
from api.access import READ_FEED, READ_STREAM, RECORD_PAST, Action
from api.commands import CommandRoute, body_of, command_router
from api.dev_issuer import DevelopmentIssuer, TokenRequest
from api.refusals import explanations
from api.settings import Settings
from api.tokens import verifier_of
from api.views import routes as views
from api.wiring import Wiring
from core.ledger.embedded import default_data_dir
from core.ledger.ledger import Ledger
from core.ledger.notary import Notary
from projections.projector import Followed

COMMANDS: tuple[CommandRoute, ...] = (
    *frameworks.ROUTES,
    *calls.ROUTES,
    *cities.ROUTES,
    *applications.ROUTES,
    *evaluations.ROUTES,
    *selection.ROUTES,
    *subjects.ROUTES,
    *projects.ROUTES,
    *monitoring.ROUTES,
)
ACTIONS: tuple[Action, ...] = (
    *(route.action for route in COMMANDS),
    RECORD_PAST,
    READ_FEED,
    READ_STREAM,
    decisions.REPLAY_DECISION,
    *views.ACTIONS,
    what_if.WHAT_IF,
)

_ABOUT = """The record of the Sharing Seoul Program: commands in, events and views out.

Every command is a `POST` that answers with a receipt. A stream's version is its ETag;
commands on a stream that exists need it as `If-Match`. Errors are problem documents
(RFC 9457) whose `type` leads to the code's documentation.
"""


def create_app(
    settings: Settings,
    ledger: Ledger,
    *,
    clock: Callable[[], datetime] | None = None,
    views_state: Callable[[], Followed] | None = None,
    notary: Notary | None = None,
) -> FastAPI:
    """Return the application over an open ledger, which stays the caller's to close.

    `clock` stands in for all clocks, in tests; `views_state` tells how far the views are;
    without a `notary`, no checkpoint is signed. Raises `NoKey` where tokens could not be
    verified, and `KeyRefused` where the development issuer's key is not safe.
    """
    wiring = wire(settings, ledger, clock=clock, views_state=views_state, notary=notary)
    issuer = wiring.issuer
    app = FastAPI(
        title="Sharing Seoul Program",
        version=version("sharing-seoul"),
        description=_ABOUT + (f"\n**{dev_issuer.WARNING}**\n" if issuer else ""),
        docs_url=None,
        redoc_url=None,
    )
    app.state.wiring = wiring
    app.add_middleware(tracing.Tracing, development=issuer is not None)
    problems.install(app)
    docs.install(app)
    app.include_router(command_router(COMMANDS))
    for router in views.ROUTERS:
        app.include_router(router)
    apart = (decisions, what_if, streams, feed, log, tiles, probes)
    for module in (*apart, *([dev_issuer] if issuer else [])):
        app.include_router(module.router)
    bodies = [*(body_of(route) for route in COMMANDS), what_if.BODY]
    openapi.install(app, [*bodies, TokenRequest] if issuer else bodies)
    return app


def wire(
    settings: Settings,
    ledger: Ledger,
    *,
    clock: Callable[[], datetime] | None = None,
    views_state: Callable[[], Followed] | None = None,
    notary: Notary | None = None,
) -> Wiring:
    """Return what the routes of an application need; arguments as of `create_app`."""
    now = clock or _now
    issuer = _development_issuer(settings, now)
    return Wiring(
        settings,
        ledger,
        now,
        issuer.verifier(settings.jwt_leeway_s) if issuer else verifier_of(settings, now),
        issuer,
        views_state,
        explanations(),
        notary or Notary(ledger, None),
    )


def _development_issuer(
    settings: Settings, clock: Callable[[], datetime]
) -> DevelopmentIssuer | None:
    key_is_set = settings.jwt_secret is not None or settings.jwt_public_key is not None
    if not settings.embedded or key_is_set or not settings.development_issuer:
        return None
    return dev_issuer.open_issuer(settings.data_dir or default_data_dir(), clock)


def _now() -> datetime:
    return datetime.now(UTC)
