"""Whether the server lives, whether it can serve, and what a refusal's code means."""

from __future__ import annotations

from typing import Annotated

import anyio
import psycopg
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.openapi import problems
from api.problems import Problem
from api.refusals import STATUS, status_of, title_of
from api.wiring import Wired
from core.ledger.migrate import missing
from projections.projector import Followed

router = APIRouter(tags=["server"])
_RETRY = {"Retry-After": "1"}


class Health(BaseModel):
    """The process answers."""

    status: str = Field(description="Always `live`.")


class Readiness(BaseModel):
    """The server can serve."""

    status: str = Field(description="Always `ready`; 503 otherwise.")
    size: int = Field(description="How many events the log holds.")
    views_position: int | None = Field(
        description="The last position that every view has folded; null where that is not known."
    )
    views_lag: int | None = Field(description="How many events the views are behind.")
    signed: int | None = Field(
        description="How many events the latest checkpoint covers; null where none was signed."
    )


class Explanation(BaseModel):
    """What a refusal's code means."""

    code: str = Field(description="The code.")
    title: str = Field(description="The code in words.")
    status: int = Field(description="The HTTP status that goes with it.")
    explanation: str = Field(description="What it means and what to do; empty where not written.")


@router.get("/health", operation_id="health", summary="Whether the process answers")
async def health() -> Health:
    """Answer, and ask nobody."""
    return Health(status="live")


@router.get(
    "/ready",
    operation_id="ready",
    summary="Whether the server can serve",
    responses=problems("not-ready"),
)
async def ready(wiring: Wired) -> Readiness:
    """Ask the database for its schema and the log's size, for a short while only."""
    rule = "the database does not answer in time"
    with anyio.move_on_after(wiring.settings.ready_timeout_s):
        try:
            lacking = await run_sync(missing, wiring.ledger.url, abandon_on_cancel=True)
            if lacking:
                rule = f"the database lacks {', '.join(lacking)}: run `ssp migrate`"
                raise Problem("not-ready", rule, headers=_RETRY)
            size = await run_sync(wiring.ledger.store.size, abandon_on_cancel=True)
            latest = await run_sync(wiring.notary.latest, abandon_on_cancel=True)
        except psycopg.OperationalError:
            rule = "the database does not answer"
        else:
            signed = latest.checkpoint.size if latest else None
            views = wiring.views_state() if wiring.views_state else None
            return _with_views(size, signed, views)
    raise Problem("not-ready", rule, headers=_RETRY)


def _with_views(size: int, signed: int | None, views: Followed | None) -> Readiness:
    """Say how far the views are; a server whose views have stopped answers with the past."""
    if views is None:
        return Readiness(
            status="ready", size=size, views_position=None, views_lag=None, signed=signed
        )
    if views.stopped:
        # Not why: that may quote what is in a record, and anyone can ask this.
        rule = f"these views have stopped: {', '.join(views.stopped)}; the projector's log says why"
        raise Problem("not-ready", rule, field="views", headers=_RETRY)
    lag = max(0, size - 1 - views.position)
    return Readiness(
        status="ready", size=size, views_position=views.position, views_lag=lag, signed=signed
    )


@router.get(
    "/problems/{code}",
    operation_id="explain_problem",
    summary="What a refusal's code means",
    responses=problems("not-found"),
)
async def explain(
    wiring: Wired, code: Annotated[str, Path(description="The code.", examples=["stale-version"])]
) -> Explanation:
    """Return the documentation that the `type` of every problem points to."""
    if code not in STATUS and code not in wiring.explanations:
        raise Problem("not-found", "no refusal has this code", field="code", value=code)
    return Explanation(
        code=code,
        title=title_of(code),
        status=status_of(code),
        explanation=wiring.explanations.get(code, ""),
    )
