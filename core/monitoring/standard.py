"""What counts as late: a standard that is fixed before it is applied; data, and this its shape.

A standard is a file, a version each, as rating schemes are; an event that rests on one says
which it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.vocabulary import Text


@dataclass(frozen=True, slots=True)
class StandardRef:
    """One version of a standard, and the SHA-256 of the file that it was read from."""

    id: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Standard:
    """When a milestone is missed, an observation overdue, and an indicator behind its path.

    `tolerance` is a share of the change that is planned from one point of the path to the
    next; the grace days are counted after the day on which something was due.
    """

    ref: StandardRef
    title: Text
    source: str
    tolerance: Decimal
    milestone_grace_days: int
    observation_grace_days: int
