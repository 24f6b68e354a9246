"""A person is erased once, and nothing further is sealed about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.decider import Act, Decider
from core.errors import require
from core.subjects.commands import SubjectCommand
from core.subjects.events import SubjectEvent, SubjectKeyDestroyed
from core.vocabulary import filled, slug


@dataclass(frozen=True, slots=True)
class Subject:
    """What a person's facts amount to."""

    erased: bool = False


def decide(
    command: SubjectCommand, act: Act, state: Subject, facts: None
) -> Sequence[SubjectEvent]:
    """Erase a person, unless that was done before."""
    del act, facts
    require(
        not state.erased,
        "already-erased",
        "a person is erased once, and stays so",
        field="subject",
        value=command.subject,
    )
    slug(command.subject, "subject")
    return [SubjectKeyDestroyed(command.subject, filled(command.reason, "reason"))]


def evolve(state: Subject, event: SubjectEvent) -> Subject:
    """Fold one fact."""
    del state, event
    return Subject(erased=True)


DECIDER: Decider[SubjectCommand, Subject, SubjectEvent, None] = Decider(Subject(), decide, evolve)
