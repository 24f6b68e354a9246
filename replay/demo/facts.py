"""The published facts of the 2024 Seoul ODA Challenge, and the cities that stand in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from core.applications.events import Project
from core.vocabulary import Channel, CityId, ProjectType, Text


@dataclass(frozen=True, slots=True)
class DemoCity:
    """A city of the round; `illustrative` where its name was not published."""

    id: CityId
    name: Text
    country: str
    region: str
    unlocode: str
    illustrative: bool
    need: str
    channel: Channel
    project: Project


@dataclass(frozen=True, slots=True)
class DemoRound:
    """The round as it was published, filled up to its published counts."""

    title: Text
    notice: str
    source: str
    cap_krw: int
    list_version: str
    countries: tuple[str, ...]
    preferred: tuple[str, ...]
    cities: tuple[DemoCity, ...]


@cache
def round_2024() -> DemoRound:
    """Return the facts that the package carries."""
    path = files("replay.demo") / "seoul_oda_challenge_2024.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    facts = content["facts"]
    return DemoRound(
        Text(**facts["call"]["value"]),
        content["notice"],
        facts["call"]["source"],
        facts["cap_krw"]["value"],
        content["eligible_countries"]["list"],
        tuple(content["eligible_countries"]["countries"]),
        tuple(p["unlocode"].lower() for p in facts["preferred"]["value"]),
        tuple(_city(city) for city in content["cities"]),
    )


def _city(city: dict[str, Any]) -> DemoCity:
    project = city["project"]
    return DemoCity(
        CityId(city["id"]),
        Text(**city["name"]),
        city["country"],
        city["region"],
        city["unlocode"] or "",
        city["illustrative"],
        city["need"]["sentence"],
        Channel(city["contact_channel"]),
        Project(
            Text(**project["title"]),
            project["sector"],
            project["summary"],
            ProjectType(project["type"]),
            project["amount_krw"],
        ),
    )
