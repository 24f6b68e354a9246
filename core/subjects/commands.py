"""What can be asked about a person whom sealed text is about."""

from __future__ import annotations

from dataclasses import dataclass

from core.vocabulary import ActorId


@dataclass(frozen=True, slots=True)
class EraseSubject:
    """Make everything that was sealed about a person unreadable, for good and everywhere."""

    subject: ActorId
    reason: str


SubjectCommand = EraseSubject
