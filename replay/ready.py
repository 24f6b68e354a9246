"""The frameworks that ship as files: rubrics to begin from, each with where it comes from.

A version's file never changes once calls may have been scored by it; a change is a new file
beside it. What is drafted from one stands in the log whole, and needs the file no more.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from core.ledger.codec import adapter
from core.rubric import Rubric
from core.vocabulary import FrameworkId


@dataclass(frozen=True, slots=True)
class ReadyFramework:
    """A rubric from a file; `source` says whose practice it is and what of it is ours."""

    id: FrameworkId
    version: int
    source: str
    url: str
    rubric: Rubric


@cache
def ready() -> Mapping[str, ReadyFramework]:
    """Return the newest version of every framework that ships, by its id."""
    folder = files("core.frameworks") / "ready"
    found = [
        framework_from(path.read_bytes())
        for path in folder.iterdir()
        if path.name.endswith(".toml")
    ]
    return {one.id: one for one in sorted(found, key=lambda one: (one.id, one.version))}


def framework_from(content: bytes) -> ReadyFramework:
    """Return the framework of a file.

    A scale is written once, under `scales`, and named by the criteria that use it. Raises
    `ValueError` or `KeyError` for anything that a rubric does not have, or that it lacks.
    """
    data = tomllib.loads(content.decode(), parse_float=Decimal)
    written: dict[str, Any] = data["rubric"]
    criteria = [
        {**criterion, "scale": data["scales"][criterion["scale"]]}
        for criterion in written["criteria"]
    ]
    rubric: Rubric = adapter(Rubric).validate_python(
        {**written, "criteria": criteria}, extra="forbid"
    )
    return ReadyFramework(
        FrameworkId(data["id"]), data["version"], data["source"].strip(), data["url"], rubric
    )
