"""The parts of the OpenAPI document that FastAPI does not write by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from api.problems import MEDIA_TYPE, ProblemDocument
from api.refusals import status_of, title_of
from core.personal import Erased, Sealed, Unopened

_REF = "#/components/schemas/{model}"


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a route, each by one code that it may have."""
    return {status_of(code).value: _problem(code) for code in codes}


def command_responses(
    receipt: type[BaseModel], *, needs_match: bool
) -> dict[int | str, dict[str, Any]]:
    """Describe what a command answers."""
    headers: dict[str, Any] = {
        "ETag": {"description": "The stream's version.", "schema": {"type": "string"}},
        "Location": {"description": "The stream.", "schema": {"type": "string"}},
    }
    replayed = {"Idempotency-Replayed": {"schema": {"type": "string", "enum": ["true"]}}}
    codes = [
        "malformed-id",
        "not-authenticated",
        "role-not-allowed",
        "unknown-call",
        "idempotency-key-reused",
        "stale-version",
        "body-too-large",
        "unsupported-media-type",
        "missing-field",
        "contended",
    ]
    return {
        200: {
            "description": "Recorded before under the same key, or nothing had to be recorded",
            "model": receipt,
            "headers": headers | replayed,
        },
        201: {"description": "Recorded", "headers": headers},
        **problems(*codes, *(["precondition-required"] if needs_match else [])),
    }


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that the route parses itself."""
    needed = any(field.is_required() for field in model.model_fields.values())
    schema = {"$ref": _REF.format(model=model.__name__)}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": needed, "content": content}}


def install(app: FastAPI, bodies: Sequence[type[BaseModel]]) -> None:
    """Let the application's document hold the schemas of bodies and problems too."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            made = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                tags=app.openapi_tags,
                routes=app.routes,
            )
            schemas = made["components"]["schemas"]
            schemas.update(_schemas([ProblemDocument, *bodies]))
            _without_422(made["paths"], schemas)
            _opened(made)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _problem(code: str) -> dict[str, Any]:
    example = {
        "type": f"/problems/{code}",
        "title": title_of(code),
        "status": status_of(code).value,
        "detail": "what is wrong in this case",
        "code": code,
        "correlation_id": "5f1c9f9e0b7d4d6ab0a2a8d9f0c1b2a3",
        "errors": [{"field": "", "value": "", "rule": "the rule that it breaks", "code": code}],
    }
    schema = {"$ref": _REF.format(model=ProblemDocument.__name__)}
    return {
        "description": f"Such as `{code}`",
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


def _without_422(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Take out what FastAPI assumes of parameters: here a bad one is 400, as a problem."""
    del schemas["HTTPValidationError"], schemas["ValidationError"]
    for path in paths.values():
        for operation in path.values():
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]


def _opened(document: dict[str, Any]) -> None:
    """Describe sealed text as what readers get: text, or what is known of why there is none."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    if schemas.pop(Sealed.__name__, None) is None:
        return
    instead: list[dict[str, Any]] = []
    for shape in (Erased, Unopened):
        schemas[shape.__name__] = TypeAdapter(shape).json_schema()
        instead.append({"$ref": _REF.format(model=shape.__name__)})
    sealed = {"$ref": _REF.format(model=Sealed.__name__)}

    def replace(part: Any) -> Any:  # noqa: ANN401  # any part of a document
        if isinstance(part, dict):
            members = cast("dict[str, Any]", part)
            return {name: replace(inner) for name, inner in members.items()}
        if isinstance(part, list | tuple):
            items = cast("list[Any]", part)
            return [
                new for inner in items for new in (instead if inner == sealed else [replace(inner)])
            ]
        return part

    document.update(replace(document))


def _schemas(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    mode: Literal["validation"] = "validation"
    _, found = models_json_schema([(m, mode) for m in models], ref_template=_REF)
    schemas: dict[str, Any] = found["$defs"]
    return schemas
