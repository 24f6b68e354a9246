"""Every error as an RFC 9457 problem document that names each field that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.refusals import status_of, title_of
from core.errors import DomainError, Violation
from core.ledger.ledger import Contended
from core.ledger.notary import Forked
from core.ledger.writer import OutcomeUnknown, WriterClosed

MEDIA_TYPE = "application/problem+json"
_SHOWN = 120
# What a rule calls by the command's field came in by a header.
_HEADERS = {
    "expected_version": "If-Match",
    "idempotency_key": "Idempotency-Key",
    "occurred_at": "Occurred-At",
}
_RETRY_S = {"Retry-After": "1"}


class ProblemError(BaseModel):
    """One thing that is wrong."""

    field: str = Field(description="Path of the field, header or parameter; empty for the whole.")
    value: str = Field(description="What was given, shortened.")
    rule: str = Field(description="The rule that it breaks, as a sentence.")
    code: str = Field(description="The refusal's code, which never changes.")


class ProblemDocument(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="Address of the code's documentation.")
    title: str = Field(description="The code in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong in this case.")
    code: str = Field(description="The code of the first error.")
    correlation_id: str = Field(description="Under which id the server's log speaks of this.")
    errors: list[ProblemError] = Field(description="Everything that is wrong, one by one.")


class Problem(Exception):
    """An error of the HTTP layer itself; the domain raises `DomainError` instead."""

    def __init__(
        self,
        code: str,
        detail: str,
        *errors: Violation,
        field: str = "",
        value: object = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = errors or (Violation(code, detail, field, str(value)),)
        self.headers = headers


def shortened(value: object) -> str:
    """Return a value as text that fits a line."""
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def correlation_of(request: Request) -> str:
    """Return the id under which the log speaks of a request."""
    return str(request.scope.get("correlation_id", ""))


def answer(
    request: Request,
    code: str,
    detail: str,
    errors: Sequence[Violation],
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the problem document of a refusal."""
    document = ProblemDocument(
        type=f"/problems/{code}",
        title=title_of(code),
        status=status_of(code),
        detail=detail,
        code=code,
        correlation_id=correlation_of(request),
        errors=[
            ProblemError(field=e.field, value=shortened(e.value), rule=e.rule, code=e.code)
            for e in errors
        ],
    )
    return JSONResponse(
        document.model_dump(),
        status_of(code),
        dict(headers) if headers else None,
        MEDIA_TYPE,
    )


def internal(request: Request) -> JSONResponse:
    """Return the problem of a defect of ours: nothing but where the log speaks of it."""
    rule = "the server failed; its log has the reason under the correlation id"
    return answer(request, "internal-error", rule, [Violation("internal-error", rule)])


def install(app: FastAPI) -> None:
    """Let every error that a route can raise become its problem document."""

    def on(error: type[Exception], shape: Callable[[Any], Problem]) -> None:
        async def handler(request: Request, raised: Exception) -> JSONResponse:
            return _of(request, shape(raised))

        app.add_exception_handler(error, handler)

    on(Problem, lambda problem: problem)
    on(DomainError, _refused)
    on(HTTPException, _by_framework)
    on(RequestValidationError, _bad_parameters)
    on(Contended, lambda _: _later("contended", "others kept changing what this reads; try again"))
    on(
        OutcomeUnknown,
        lambda _: _later(
            "outcome-unknown",
            "the database cannot vouch for this, so it may be recorded for good or not; send the "
            "same request again with the same Idempotency-Key to learn which",
        ),
    )
    on(Forked, lambda error: Problem("log-forked", str(error)))
    for lost in (psycopg.OperationalError, WriterClosed):
        on(lost, lambda _: _later("database-unavailable", "the database does not answer"))


def _of(request: Request, problem: Problem) -> JSONResponse:
    return answer(request, problem.code, problem.detail, problem.errors, problem.headers)


def _later(code: str, rule: str) -> Problem:
    return Problem(code, rule, headers=_RETRY_S)


def _refused(error: DomainError) -> Problem:
    errors = [
        Violation(
            v.code,
            v.rule,
            _HEADERS.get(v.field, v.field),
            # The ledger's key carries the actor in front of what was sent.
            v.value.partition(":")[2] if v.field == "idempotency_key" else v.value,
        )
        for v in error.violations
    ]
    return Problem(error.code, errors[0].rule, *errors)


def _by_framework(error: HTTPException) -> Problem:
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "internal-error")
    rule = {"not-found": "there is nothing at this address"}.get(code, str(error.detail))
    return Problem(code, rule, headers=error.headers)


def _bad_parameters(error: RequestValidationError) -> Problem:
    found = [
        Violation(
            "malformed-id" if e["loc"][0] == "path" else "malformed-parameter",
            e["msg"],
            str(e["loc"][-1]),
            shortened(e["input"]),
        )
        for e in error.errors()
    ]
    return Problem(found[0].code, found[0].rule, *found)
