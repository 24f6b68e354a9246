"""Facts about the people whom sealed text is about: that their keys are no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.vocabulary import ActorId

STREAMS = "subject-"
"""What the name of every subject's stream begins with."""


def stream(subject: str) -> str:
    """Name the stream of a person whom sealed text is about."""
    return f"{STREAMS}{subject}"


@dataclass(frozen=True, slots=True)
class SubjectKeyDestroyed:
    """The key to everything that was sealed about a person is destroyed for good.

    Nothing further about this person is recorded. `reason` says why in general terms: it
    stays readable, so it holds no personal data itself.
    """

    WIRE: ClassVar = "subjects.key-destroyed.1"
    subject: ActorId
    reason: str


SubjectEvent = SubjectKeyDestroyed
