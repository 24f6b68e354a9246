"""The progress standards that ship as files: read once, and handed to the rules as facts."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

from core.monitoring.standard import Standard, StandardRef
from core.vocabulary import Text

FOLDER = Path(__file__).parents[1] / "monitoring" / "standards"


@cache
def shipped() -> Mapping[tuple[str, int], Standard]:
    """Return every standard by its id and version."""
    standards = [standard_from(path.read_bytes()) for path in sorted(FOLDER.glob("*.toml"))]
    return {(standard.ref.id, standard.ref.version): standard for standard in standards}


def newest() -> StandardRef:
    """Return the standard that whoever watches all projects goes by."""
    return max((standard.ref for standard in shipped().values()), key=lambda ref: ref.version)


def standard_from(content: bytes) -> Standard:
    """Return the standard of a file; raises `KeyError` or `ValueError` where it is none."""
    data = tomllib.loads(content.decode())
    return Standard(
        StandardRef(data["id"], data["version"], hashlib.sha256(content).hexdigest()),
        Text(**data["title"]),
        data["source"].strip(),
        Decimal(data["tolerance"]),
        data["milestone_grace_days"],
        data["observation_grace_days"],
    )
