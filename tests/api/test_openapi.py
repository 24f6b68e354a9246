"""The OpenAPI document: complete, and sound enough to build a client from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import COMMANDS
from api.commands import body_of
from api.fields import SLUG
from core import vocabulary
from core.errors import DomainError
from tests.api.harness import Api


@pytest.fixture
def document(idle: Api) -> dict[str, Any]:
    found: dict[str, Any] = idle.http.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_command_is_documented_under_an_id_of_its_own(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in ids)
    for route in COMMANDS:
        operation = document["paths"][route.path]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{body_of(route).__name__}"}
        assert ("428" in operation["responses"]) != route.opens


def test_every_operation_parameter_and_response_is_described(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert all(response["description"] for response in operation["responses"].values()), name
        assert all(given["description"] for given in operation.get("parameters", [])), name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    names = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document))
    assert set(names) <= set(schemas)


def test_no_operation_but_a_command_promises_422(document: dict[str, Any]) -> None:
    reads = [o for name, o in operations(document) if name.startswith("GET")]
    assert reads
    assert not any("422" in operation["responses"] for operation in reads)
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_command_follows_the_convention() -> None:
    for route in COMMANDS:
        *resource, verb = route.path.removeprefix("/").split("/")
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", verb), route.path
        assert all(re.fullmatch(r"[a-z]+|({\w+}:)?{\w+}", part) for part in resource), route.path


@pytest.mark.parametrize("text", ["a", "A.b_c-9", "x" * 80, "", "-a", "a:b", "x" * 81, "a\n"])
def test_ids_in_paths_have_the_form_that_the_domain_wants(text: str) -> None:
    try:
        vocabulary.slug(text, "id")
    except DomainError:
        assert not re.fullmatch(SLUG, text)
    else:
        assert re.fullmatch(SLUG, text)


def test_the_interactive_documentation_is_served(idle: Api) -> None:
    assert "swagger-ui" in idle.http.get("/docs").text
