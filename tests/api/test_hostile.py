"""Whatever is sent, the server answers with a receipt or a problem, and never fails."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, cast
from uuid import uuid4

import pytest

from api.app import COMMANDS
from api.commands import CommandRoute, body_of
from core.projects.commands import CancelProject, CompleteProject, SuspendProject
from core.vocabulary import Role
from tests.api import rounds
from tests.api.harness import Api, code

pytestmark = pytest.mark.uncounted

HOSTILE: tuple[Any, ...] = (
    "", " ", "x" * 5_000, "../..", "a\0b", "\u202e", "%s", "1E+999999", "1E+30", "-1E-999999",
    "NaN", "Infinity", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e400", "a:b:c",
    -1, 0, 2**63, 10**300, 1.5, 1e308, True, None, [], {}, [[]], {"en": "x"},
)  # fmt: skip
PEOPLE = {
    Role.OFFICER: "officer-1",
    Role.MANAGER: "manager-1",
    Role.CHAIR: "chair-1",
    Role.EVALUATOR: "evaluator-1",
}
AFTERWARDS = {"projects", "monitoring"}
ENDS = (SuspendProject, CompleteProject, CancelProject)
_LATER = [route for route in COMMANDS if route.slice in AFTERWARDS]
# What lets a project rest or end comes last, or it would shield the rest of the rules.
LATER = [
    *(route for route in _LATER if route.command not in ENDS),
    *(route for route in _LATER if route.command in ENDS),
]
IDS = {
    "call_id": rounds.CALL, "city_id": "lima", "application_id": f"{rounds.CALL}:lima",
    "evaluator_id": "evaluator-1", "framework_id": "ssp", "stage": rounds.STAGE,
    "project_id": f"{rounds.CALL}:lima", "indicator_id": "riders", "recommendation_id": "by-sex",
}  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """Every place inside a JSON value."""
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        items = enumerate(cast("Sequence[Any]", value))
    for name, inner in items:
        yield (*path, name)
        yield from places(inner, (*path, name))


def changed(value: Any, path: tuple[Any, ...], put: object) -> Any:  # noqa: ANN401
    """A JSON value with something else in one place."""
    made = inner = deepcopy(value)
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = put
    return made


@pytest.mark.parametrize(
    "route",
    [route for route in COMMANDS if route.slice not in AFTERWARDS],
    ids=lambda route: route.command.__name__,
)
def test_no_value_in_any_field_makes_the_server_fail(open_round: Api, route: CommandRoute) -> None:
    bombard(open_round, route)


@pytest.mark.parametrize(
    "route",
    LATER,
    ids=lambda route: route.command.__name__,
)
def test_no_value_in_any_field_of_a_project_makes_the_server_fail(
    open_project: Api, route: CommandRoute
) -> None:
    bombard(open_project, route)


def bombard(api: Api, route: CommandRoute) -> None:
    """Send a command's example, with something hostile in each of its places in turn."""
    (example,) = body_of(route).model_json_schema()["examples"]
    who = next(PEOPLE[role] for role in PEOPLE if role in route.roles)
    for place in places(example):
        for put in HOSTILE:
            # A stream that is opened is a new one each time, or it would be refused as known.
            fresh = {route.ids[-1]: f"f{uuid4().hex}"} if route.opens else {}
            if "project_id" in fresh:
                # Its id is an application's, and what is said of a project needs one.
                fresh = {}
            path = route.path.format(**IDS | fresh)
            answer = api.http.post(
                path,
                content=json.dumps(changed(example, place, put)),
                headers=api.headers(who)
                | {"Content-Type": "application/json"}
                | ({} if route.opens else {"If-Match": "*"}),
            )
            if answer.status_code not in {200, 201}:
                assert code(answer)[0] < 500, f"{place}: {put!r}: {answer.text}"
