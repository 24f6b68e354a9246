"""Which moment of a view is read: every one takes `as_of`, and each answer is pinned.

Without `as_of` an answer is as of the last position that the view has folded, and says
which; with it, or with `after`, the answer waits for the view to have got there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import psycopg
from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, Field

from api.access import ANALYST, AUDITOR, CHAIR, CITY, STAFF, Action, Resource
from api.commands import allow
from api.conditional import After, AsOf, AsOfAsked, instant, kept, wait_for
from api.openapi import problems
from api.problems import Problem
from api.tokens import Authenticated
from api.wiring import Wired, Wiring
from core.ledger.codec import to_json
from core.ledger.sealing import revealed
from core.vocabulary import Instant
from projections.moments import About
from projections.projector import progress
from projections.view import View

T = TypeVar("T")
_NEVER = -2
"""Before even the empty log: the view's table was not made yet."""

READ_VIEW = Action("views.read", STAFF | CHAIR | AUDITOR | ANALYST)
READ_OWN_VIEW = Action("views.read-own", READ_VIEW.roles | CITY)
"""Of what was agreed with a city: its focal point reads what concerns that city."""
ACTIONS = (READ_VIEW, READ_OWN_VIEW)

REFUSED = problems(
    "malformed-instant", "not-authenticated", "role-not-allowed", "not-found", "not-visible-yet"
)
"""What any view may refuse."""


class Viewed(BaseModel, Generic[T]):
    """An answer, and exactly which moment of which version of which view it is about."""

    view: str = Field(description="The view's name.")
    view_version: int = Field(description="The version of its fold.")
    as_of_position: int = Field(description="The last position of the log that it takes in.")
    recorded_at: Instant | None = Field(description="When that position was recorded.")
    data: T = Field(description="What the view says.")


@dataclass(frozen=True, slots=True)
class Moment:
    """A view at a position that it has folded; `pinned` where the reader named it."""

    wiring: Wiring
    view: View[Any]
    past: AsOf
    pinned: bool

    @property
    def instant(self) -> Instant:
        """The moment to count days from: now, or when the named position was recorded."""
        return (self.past.recorded_at if self.pinned else None) or self.wiring.clock()

    def about(self, effective_at: Instant | None) -> About:
        """Return the moment in the world that the answer is about."""
        return About(self.instant, effective_at)

    def answer(self, query: Callable[[Connection[Any], int], T | None]) -> Response:
        """Run a query as of the moment; 404 where it finds nothing."""
        with self.wiring.ledger.connection() as connection:
            found = query(connection, self.past.position)
        if found is None:
            raise Problem(
                "not-found",
                f"there is no such thing as of position {self.past.position}",
                field="as_of",
                value=self.past.position,
            )
        head = Viewed[None](
            view=self.view.name,
            view_version=self.view.version,
            as_of_position=self.past.position,
            recorded_at=self.past.recorded_at,
            data=None,
        ).model_dump_json()
        data = to_json(found)
        shown = revealed(data, self.wiring.ledger.keyring)
        body = head.removesuffix("null}").encode() + shown + b"}"
        return Response(body, media_type="application/json", headers=kept(data is shown))


def moment_of(view: View[Any], *beside: View[Any]) -> Callable[..., Any]:
    """Return the dependency that waits for a view, and settles which position to read.

    `beside` are views that the answer reads as well, as of the same position.
    """
    names = (view.name, *(other.name for other in beside))

    async def moment(
        request: Request, wiring: Wired, past: AsOfAsked, after: After = None
    ) -> Moment:
        asked = "as_of" in request.query_params
        for target in (after, str(past.position) if asked and past.position >= 0 else None):
            await wait_for(target, lambda: _reached(wiring, names), wiring)
        latest = await run_sync(_latest, wiring, names)
        return Moment(wiring, view, past if asked else latest, asked)

    return moment


def _latest(wiring: Wiring, names: tuple[str, ...]) -> AsOf:
    position = _folded(wiring, names)
    rows = wiring.ledger.store.page(position, 1) if position >= 0 else []
    return AsOf(position, rows[0].recorded_at if rows else None)


def _folded(wiring: Wiring, names: tuple[str, ...]) -> int:
    reached = _reached(wiring, names)
    if reached == _NEVER:
        raise Problem(
            "not-ready",
            "the view was never filled: start the projector",
            headers={"Retry-After": "1"},
        )
    return reached


def _reached(wiring: Wiring, names: tuple[str, ...]) -> int:
    try:
        with wiring.ledger.connection() as connection:
            at = progress(connection)
    except psycopg.errors.UndefinedTable:
        return _NEVER
    return min(at.get(name, _NEVER) for name in names)


def may_read(principal: Authenticated) -> None:
    """Let those pass who read every view."""
    allow(principal, READ_VIEW, Resource())


def effective(
    effective_at: Annotated[
        str | None,
        Query(
            description="What was true in the world then (RFC 3339, a plus sign is sent as %2B), "
            "among what was known; without it, the latest.",
            examples=["2024-05-01T00:00:00Z"],
        ),
    ] = None,
) -> Instant | None:
    """Return the instant in the world that is asked about; 400 where it is malformed."""
    return None if effective_at is None else instant(effective_at, "effective_at")


EffectiveAt = Annotated[Instant | None, Depends(effective)]
