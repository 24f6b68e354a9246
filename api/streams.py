"""The events of one stream, and so its version: what If-Match of a command needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.access import READ_STREAM, Resource
from api.cloud_events import CloudEvent, cloud_event
from api.commands import allow
from api.conditional import After, AsOfAsked, etag, none_match, wait_for
from api.openapi import problems
from api.problems import Problem
from api.tokens import Authenticated
from api.wiring import Wired
from core.ledger.records import decode
from core.vocabulary import Instant

_EVALUATION_PARTS = 4


class Stream(BaseModel):
    """One stream as it stood."""

    stream: str = Field(description="The stream's name.")
    version: int = Field(description="How many events it held; the answer's ETag.")
    as_of_position: int = Field(description="The position of the log that was read up to.")
    recorded_at: Instant | None = Field(description="When that position was recorded.")
    events: list[CloudEvent] = Field(description="Its events, in order.")


router = APIRouter(tags=["streams"])


def resource_of(stream: str) -> Resource:
    """Say by a stream's name alone whose it is."""
    kind, _, name = stream.partition("-")
    match kind:
        case "evaluation":
            parts = name.split(":")
            return Resource(evaluator_id=parts[-1] if len(parts) == _EVALUATION_PARTS else None)
        case "evaluator":
            return Resource(evaluator_id=name)
        case "application" | "project" | "monitoring" | "recommendation":
            # Behind the city may stand the id of an indicator or of a recommendation.
            return Resource(city_id=name.partition(":")[2].partition(":")[0])
        case "city":
            return Resource(city_id=name)
        case "call" | "framework":
            return Resource(terms=True)
        case _:
            return Resource()


def may_read(
    principal: Authenticated,
    stream: Annotated[
        str,
        Path(
            description="The stream's name, as receipts give it.",
            pattern="^[a-z]+-[A-Za-z0-9._:-]{1,330}$",
            examples=["call-seoul-2024"],
        ),
    ],
) -> str:
    """Decide by the name alone, so that a 404 tells nobody what they may not know."""
    allow(principal, READ_STREAM, resource_of(stream))
    return stream


async def until_recorded(
    wiring: Wired, _stream: Annotated[str, Depends(may_read)], after: After = None
) -> None:
    """Wait for the position that `after` names."""
    await wait_for(after, lambda: wiring.ledger.store.size() - 1, wiring)


@router.get(
    "/streams/{stream}",
    operation_id="read_stream",
    summary="Read a stream",
    response_model=Stream,
    dependencies=[Depends(until_recorded)],
    responses={
        304: {"description": "Still at the version of If-None-Match"},
        **problems(
            "malformed-id",
            "not-authenticated",
            "not-own-evaluation",
            "unknown-stream",
            "not-visible-yet",
        ),
    },
)
def read_stream(
    wiring: Wired,
    stream: Annotated[str, Depends(may_read)],
    past: AsOfAsked,
    if_none_match: Annotated[
        str | None,
        Header(alias="If-None-Match", description="The version that is known already."),
    ] = None,
) -> Response:
    """Return the events of one stream; its version is the ETag."""
    rows = wiring.ledger.store.streams({stream: 0}, past.position)
    if not rows:
        raise Problem("unknown-stream", "the stream has no event", field="stream", value=stream)
    version = rows[-1].version
    headers = {"ETag": etag(version)}
    if none_match(if_none_match, version):
        return Response(status_code=304, headers=headers)
    document = Stream(
        stream=stream,
        version=version,
        as_of_position=past.position,
        recorded_at=past.recorded_at,
        events=[cloud_event(decode(row)) for row in rows],
    )
    return JSONResponse(document.model_dump(mode="json"), headers=headers)
