"""The feed: every event from a position on, and then each new one, as it is recorded.

Server-sent events: `id` is the position, `event` the wire name, `data` a CloudEvent. A
client that lost its connection sends Last-Event-ID and misses nothing. The log is polled
by position, which never skips; a stream ends when its token expires.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import psycopg
import structlog
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.access import READ_FEED, Principal, Resource
from api.cloud_events import cloud_event
from api.commands import allow
from api.openapi import problems
from api.problems import Problem, shortened
from api.tokens import Authenticated
from api.wiring import Wired, Wiring
from core.ledger.records import decode
from core.ledger.sealing import reveal

_PAGE = 500
_POSITION = re.compile(r"-1|[0-9]{1,18}")
_log = structlog.get_logger()

router = APIRouter(tags=["feed"])


async def may_follow(principal: Authenticated) -> Principal:
    """Let those pass who may see every event; evaluators must not."""
    allow(principal, READ_FEED, Resource())
    return principal


def start(
    wiring: Wired,
    _principal: Annotated[Principal, Depends(may_follow)],
    after: Annotated[
        str | None,
        Query(
            description="Give what follows this position; -1, or nothing, gives everything.",
            examples=["1200"],
        ),
    ] = None,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            description="The last position that was received; goes before `after`.",
        ),
    ] = None,
) -> int:
    """Return the first position to send; 400 for one that this log does not have yet."""
    field = "after" if last_event_id is None else "Last-Event-ID"
    given = after if last_event_id is None else last_event_id
    if given is None:
        return 0
    if not _POSITION.fullmatch(given):
        raise Problem(
            "malformed-position",
            "a position is a whole number from -1, before the first event",
            field=field,
            value=shortened(given),
        )
    last = wiring.ledger.store.size() - 1
    if int(given) > last:
        raise Problem(
            "position-beyond-head", f"the log's last position is {last}", field=field, value=given
        )
    return int(given) + 1


@router.get(
    "/feed",
    operation_id="follow_feed",
    summary="Follow the log",
    response_class=EventSourceResponse,
    responses=problems(
        "malformed-position", "not-authenticated", "role-not-allowed", "database-unavailable"
    ),
)
async def follow(
    wiring: Wired,
    principal: Annotated[Principal, Depends(may_follow)],
    position: Annotated[int, Depends(start)],
) -> AsyncIterator[ServerSentEvent]:
    """Send every event from a position on, without an end."""
    while wiring.clock() < principal.expires_at:
        try:
            events = await run_sync(_page, wiring, position)
        except psycopg.OperationalError as error:
            _log.warning("feed.waiting", error=type(error).__name__)
            events = []
        for event in events:
            yield event
        position += len(events)
        if not events:
            await anyio.sleep(wiring.settings.feed_poll_s)


def _page(wiring: Wiring, position: int) -> list[ServerSentEvent]:
    found = [cloud_event(decode(row)) for row in wiring.ledger.store.page(position, _PAGE)]
    # One question to the keys' database for a whole page, and none where no text is sealed.
    shown = reveal([event.data for event in found], wiring.ledger.keyring)
    return [
        ServerSentEvent(
            id=str(e.position),
            event=e.type,
            raw_data=e.model_copy(update={"data": data}).model_dump_json(),
        )
        for e, data in zip(found, shown, strict=True)
    ]
