"""One correlation id for a request, in its answer, its events and every line of the log.

The log says what was asked for and how it ended, never who asked or what they sent:
paths are logged as templates, and bodies, query strings and tokens not at all.
"""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_log = structlog.get_logger()


class Tracing:
    """Outermost middleware: gives a request its id, logs its end, and hides our failures."""

    def __init__(self, app: ASGIApp, *, development: bool) -> None:
        """Wrap `app`; `development` marks every answer as one of a development server."""
        self._app = app
        self._development = development

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = scope["correlation_id"] = _correlation_id(Headers(scope=scope))
        started, status = time.perf_counter(), 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Correlation-Id"] = correlation_id
                if self._development:
                    headers["X-SSP-Development"] = "true"
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            try:
                await self._app(scope, receive, marked)
            except Exception:
                _log.exception("request.failed", route=_route(scope), method=scope["method"])
                if status:
                    raise  # half an answer is out: the connection has to break
                await internal(Request(scope))(scope, receive, marked)
            _log.info(
                "request.answered",
                method=scope["method"],
                route=_route(scope),
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )


def _correlation_id(headers: Headers) -> str:
    given = headers.get("x-correlation-id", "")
    if _ID.fullmatch(given):
        return given
    trace = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return trace[1] if trace else uuid4().hex


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "")
