"""Decisions decided again over HTTP: the verdict with its digests, as JSON or as a page to print.

The log is read, never a view: what is answered is what an auditor's own replay gives.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from api.access import ANALYST, AUDITOR, MANAGER, Action, Resource
from api.commands import allow
from api.fields import SLUG
from api.openapi import problems
from api.tokens import Authenticated
from api.wiring import Wired
from core.ledger.codec import to_json
from replay.decision_page import CONTENT_TYPE, decision_page
from replay.decisions import DecisionReplay, replay_decision

REPLAY_DECISION = Action("decisions.replay", MANAGER | AUDITOR | ANALYST)
_RANGE = re.compile(r"(?P<type>[\w*]+/[\w*.+-]+)(?:\s*;\s*q=(?P<q>[0-9.]+))?")
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The verdict, and all that it rests on",
        "content": {"text/html": {"schema": {"type": "string"}}},
    }
}

router = APIRouter(tags=["decisions"])


class Form(StrEnum):
    """What an answer is written as."""

    JSON = "json"
    HTML = "html"


def may_replay(principal: Authenticated) -> None:
    """Let those pass who may decide a decision again: evaluators' marks are in it."""
    allow(principal, REPLAY_DECISION, Resource())


def form_of(
    asked: Annotated[
        Form | None,
        Query(
            alias="format",
            description="What the answer is written as; goes before the Accept header.",
            examples=["html"],
        ),
    ] = None,
    accept: Annotated[
        str | None,
        Header(description="With `text/html` liked better than JSON, a page to read and print."),
    ] = None,
) -> Form:
    """Return what the reader would have: JSON where nothing is said, or as much of both."""
    if asked is not None:
        return asked
    liked = {m["type"]: float(m["q"] or 1) for m in _RANGE.finditer(accept or "*/*")}
    anything = liked.get("*/*", 0.0)
    html = liked.get("text/html", liked.get("text/*", anything))
    json = liked.get("application/json", liked.get("application/*", anything))
    return Form.HTML if html > json else Form.JSON


@router.get(
    "/decisions/{decision_id}/replay",
    operation_id="replay_decision",
    summary="A decision, decided again and compared",
    response_model=DecisionReplay,
    responses=_PAGE
    | problems("malformed-id", "not-authenticated", "role-not-allowed", "unknown-decision"),
    dependencies=[Depends(may_replay)],
)
def replayed_decision(
    wiring: Wired,
    form: Annotated[Form, Depends(form_of)],
    decision_id: Annotated[
        str,
        Path(
            description="The decision, `call:stage`; `call:stage@position` is an earlier approval.",
            pattern=rf"^{SLUG}:{SLUG}(@[0-9]{{1,18}})?$",
            examples=["seoul-oda-2024:final"],
        ),
    ],
) -> Response:
    """Run every command of a decision again over the records as they were, and compare.

    The events are compared byte by byte and both rankings stand side by side, with who did
    what, in which order, and what each had seen of the log.
    """
    replayed = replay_decision(wiring.ledger.store, decision_id)
    headers = {"Vary": "Accept"}
    if form is Form.HTML:
        return Response(decision_page(replayed), media_type=CONTENT_TYPE, headers=headers)
    return Response(to_json(replayed), media_type="application/json", headers=headers)
