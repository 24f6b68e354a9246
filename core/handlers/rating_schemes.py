"""The rating schemes that ship as files: read once, and handed to the rules as facts.

A version's file never changes, since ratings were made by it; a new version is a new
file beside it. A record keeps the digest of the file, so a change would show.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from core.monitoring.rating import (
    Condition,
    DacCriterion,
    Grade,
    KnockOut,
    Row,
    Scheme,
    SchemeCriterion,
    SchemeRef,
)
from core.vocabulary import Text

FOLDER = Path(__file__).parents[1] / "monitoring" / "schemes"


@cache
def shipped() -> Mapping[tuple[str, int], Scheme]:
    """Return every scheme by its id and version."""
    schemes = [scheme_from(path.read_bytes()) for path in sorted(FOLDER.glob("*.toml"))]
    return {(scheme.ref.id, scheme.ref.version): scheme for scheme in schemes}


def scheme_from(content: bytes) -> Scheme:
    """Return the scheme of a file; raises `KeyError` or `ValueError` where it is none."""
    data = tomllib.loads(content.decode())
    grades = _grades(data["grades"])
    return Scheme(
        SchemeRef(data["id"], data["version"], hashlib.sha256(content).hexdigest()),
        Text(**data["title"]),
        data["source"].strip(),
        data["url"],
        tuple(
            SchemeCriterion(c["id"], tuple(map(DacCriterion, c["covers"])))
            for c in data["criteria"]
        ),
        grades,
        _grades(data["overall"]) if "overall" in data else grades,
        data.get("weighed", False),
        tuple(KnockOut(**knock_out) for knock_out in data.get("knock_outs", ())),
        tuple(
            Row(
                tuple(Condition(c["criterion"], tuple(c["grades"])) for c in row["when"]),
                row["overall"],
            )
            for row in data.get("rows", ())
        ),
    )


def _grades(data: list[dict[str, Any]]) -> tuple[Grade, ...]:
    return tuple(Grade(grade["code"], Text(**grade["title"])) for grade in data)
