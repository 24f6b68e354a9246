"""Commands over HTTP: each slice lists its routes, and everything else follows.

A command is `POST /<the resource it is about>/<what is asked, in kebab-case>`. All ids
that say what it is about stand in the path, and its other fields are the JSON body:

- `/frameworks/{framework_id}/…`, `/calls/{call_id}/…`, `/cities/{city_id}/…`,
  `/applications/{application_id}/…`, `/evaluators/{evaluator_id}/…`
- `/calls/{call_id}/stages/{stage}/…` and `/calls/{call_id}/stages/{stage}/selection/…`
- `/applications/{application_id}/evaluations/{evaluator_id}/{stage}/…`
- `/projects/{project_id}/…`, `/projects/{project_id}/indicators/{indicator_id}/…`
- `/projects/{project_id}/recommendations/{recommendation_id}/…`

An application's id is `{call_id}:{city_id}`, and so is its project's. Answers are receipts:
201, or 200 where the same command was recorded before under the same key, or nothing had to
be recorded.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from inspect import Parameter, Signature, getdoc
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.access import RECORD_PAST, Action, Allowed, Denied, Principal, Resource, decide
from api.bodies import body_model, parsed, raw_body
from api.conditional import Conditions, conditions, etag
from api.fields import word
from api.openapi import command_responses, request_body
from api.problems import Problem, correlation_of
from api.tokens import Authenticated
from api.wiring import Wired, Wiring
from core.decider import Act
from core.handlers.table import HANDLERS
from core.ledger.draft import Envelope
from core.ledger.ledger import Receipt
from core.vocabulary import Role


@dataclass(frozen=True, slots=True)
class CommandRoute:
    """One command: where it is sent, and by which roles.

    `opens` marks a command that may write the first event of its stream, and so needs
    no If-Match.
    """

    path: str
    command: type[Any]
    roles: frozenset[Role]
    opens: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The fields of the command that stand in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def slice(self) -> str:
        """The slice that the command belongs to."""
        return str(self.command.__module__.split(".")[1])

    @property
    def action(self) -> Action:
        """What the access policy calls this."""
        return Action(f"{self.slice}.{_words(self.command, '-')}", self.roles)


@cache
def body_of(route: CommandRoute) -> type[BaseModel]:
    """Return the model of a command's body, made once."""
    return body_model(route.command, route.ids)


class RecordedEvent(BaseModel):
    """An event as it was recorded."""

    id: str = Field(
        description="The event's id.", examples=["6a3b5c9e-6c5f-4b0a-9c52-6a5f0e9d7c11.0"]
    )
    position: int = Field(
        description="Its position in the log, and its leaf's in the tree.", examples=[1200]
    )
    type: str = Field(description="Its wire name, with version.", examples=["calls.closed.1"])
    leaf: str = Field(
        description="Its Merkle leaf (RFC 6962), in hexadecimal.", examples=["9f86d081…"]
    )


class Recorded(BaseModel):
    """The receipt of a command."""

    stream: str = Field(
        description="The stream that the command is about.", examples=["call-seoul-2024"]
    )
    version: int = Field(
        description="The stream's version after it; the answer's ETag.", examples=[3]
    )
    position: int | None = Field(
        description="The last position written, for `after`; null where nothing was."
    )
    recorded_at: datetime | None = Field(description="When the ledger recorded it.")
    events: list[RecordedEvent] = Field(description="What was recorded, in order.")


@dataclass(frozen=True, slots=True)
class Grant:
    """A principal who may go on, the policy that says so, and the ids of the path."""

    principal: Principal
    policy: str
    ids: dict[str, str]


def command_router(routes: Iterable[CommandRoute]) -> APIRouter:
    """Return the router of a slice's table."""
    router = APIRouter()
    for route in routes:
        router.add_api_route(
            route.path,
            _endpoint(route),
            methods=["POST"],
            operation_id=_words(route.command, "_"),
            summary=_words(route.command, " ").capitalize(),
            description=_description(route),
            tags=[route.slice],
            status_code=201,
            response_model=Recorded,
            responses=command_responses(Recorded, needs_match=not route.opens),
            openapi_extra=request_body(body_of(route)),
        )
    return router


def allow(principal: Principal, action: Action, resource: Resource) -> Allowed:
    """Let an action go on, or answer 403."""
    decided = decide(principal, action, resource)
    if isinstance(decided, Denied):
        raise Problem(decided.code, decided.rule)
    return decided


def _endpoint(route: CommandRoute) -> Callable[..., JSONResponse]:
    body = body_of(route)

    def endpoint(
        request: Request,
        wiring: Wired,
        grant: Annotated[Grant, Depends(_granted(route))],
        given: Annotated[Conditions, Depends(conditions)],
        raw: Annotated[bytes, Depends(raw_body)],
    ) -> JSONResponse:
        if given.match is None and not route.opens:
            raise Problem(
                "precondition-required",
                "this changes a stream that exists: send the version that was seen, which is its "
                "ETag",
                field="If-Match",
            )
        content = parsed(body, raw)
        command = route.command(**grant.ids, **dict(content))
        stream = HANDLERS[route.command].stream(command)
        receipt = wiring.ledger.handle(
            Envelope(
                command,
                _act(grant.principal, given, wiring),
                key=f"{grant.principal.actor}:{given.key}" if given.key else "",
                expected_version=given.match.expected(lambda: _version(wiring, stream))
                if given.match
                else None,
                correlation_id=correlation_of(request),
                policy=grant.policy,
            )
        )
        return _answer(receipt)

    return endpoint


def _granted(route: CommandRoute) -> Callable[..., Any]:
    """Return the dependency that authenticates, then decides by the path alone."""

    async def granted(principal: Principal, **ids: str) -> Grant:
        application = ids.get("application_id") or ids.get("project_id") or ""
        city_id = ids.get("city_id") or application.partition(":")[2] or None
        resource = Resource(evaluator_id=ids.get("evaluator_id"), city_id=city_id)
        return Grant(principal, allow(principal, route.action, resource).policy, ids)

    described = [(name, word(route.command.__name__, name)) for name in route.ids]
    granted.__dict__["__signature__"] = Signature(
        [
            Parameter("principal", Parameter.KEYWORD_ONLY, annotation=Authenticated),
            *(
                Parameter(
                    name,
                    Parameter.KEYWORD_ONLY,
                    annotation=Annotated[
                        str, Path(description=w.meaning, pattern=w.pattern, examples=[w.example])
                    ],
                )
                for name, w in described
            ),
        ]
    )
    return granted


def _act(principal: Principal, given: Conditions, wiring: Wiring) -> Act:
    now = wiring.clock()
    if given.occurred_at is not None:
        decided = decide(principal, RECORD_PAST, Resource())
        if isinstance(decided, Denied):
            raise Problem("occurred-at-not-allowed", decided.rule, field="Occurred-At")
    return Act(principal.actor, principal.role, given.occurred_at or now)


def _version(wiring: Wiring, stream: str) -> int:
    rows = wiring.ledger.store.streams({stream: 0})
    return rows[-1].version if rows else 0


def _answer(receipt: Receipt) -> JSONResponse:
    document = Recorded(
        stream=receipt.stream,
        version=receipt.version,
        position=receipt.position,
        recorded_at=receipt.recorded_at,
        events=[
            RecordedEvent(id=e.id, position=e.position, type=e.type, leaf=e.leaf)
            for e in receipt.events
        ],
    )
    headers = {
        "ETag": etag(receipt.version),
        "Location": f"/streams/{quote(receipt.stream, safe=':')}",
    }
    if receipt.replayed:
        headers["Idempotency-Replayed"] = "true"
    recorded_now = receipt.events and not receipt.replayed
    return JSONResponse(document.model_dump(mode="json"), 201 if recorded_now else 200, headers)


def _description(route: CommandRoute) -> str:
    roles = ", ".join(sorted(route.roles))
    return f"{getdoc(route.command)}\n\nRoles: {roles}."


def _words(command: type[Any], between: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", between, command.__name__).lower()
