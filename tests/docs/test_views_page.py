"""docs/views.md names every view, and every address at which one is read."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.routing import APIRoute

from api.views.routes import ROUTERS
from projections.views import VIEWS

PAGE = Path(__file__).parents[2] / "docs" / "views.md"
ROW = re.compile(
    r"^\| `(?P<view>\w+)` \| (?P<shows>[^|]+) \| (?P<world>yes|no) \| (?P<routes>[^|]+) \|$",
    re.MULTILINE,
)


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer(PAGE.read_text(encoding="utf-8")))


def routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_every_view_is_told_of_and_no_other() -> None:
    assert [row["view"] for row in rows()] == [view.name for view in VIEWS]


def test_every_address_of_a_view_is_told_and_no_other() -> None:
    told = [path for row in rows() for path in re.findall(r"`([^`]+)`", row["routes"])]
    assert sorted(told) == sorted(route.path for route in routes())


def test_those_that_can_be_asked_about_a_moment_in_the_world_say_so() -> None:
    marked = {
        path
        for row in rows()
        if row["world"] == "yes"
        for path in re.findall(r"`([^`]+)`", row["routes"])
    }
    asked = {
        route.path
        for route in routes()
        if any("effective" in str(inner.call) for inner in route.dependant.dependencies)
    }
    assert marked == asked
