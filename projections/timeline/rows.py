"""What the timeline keeps: one row a fact, with whom it is about, who stated it, and why."""

from __future__ import annotations

from dataclasses import dataclass

from core.personal import Personal
from core.selection.events import Override
from core.vocabulary import Instant


@dataclass(frozen=True, slots=True)
class Said:
    """What a fact about several applications says of one: an outcome, or what was done.

    `rank` and `override` are None where the fact gives none.
    """

    application_id: str
    what: str
    rank: int | None = None
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A fact, and whom it is about; what it is not about is empty.

    A project bears its application's id. A fact about a stage names the call alone, with what
    it says of single `applications` and which `evaluators` it names. `command` names the
    command that led to it, and all facts of one command share its id. `reasons` are those that
    the command gave, and those that the fact itself holds.
    """

    position: int
    event_id: str
    type: str
    stream: str
    version: int
    call_id: str
    stage: str
    city_id: str
    application_id: str
    evaluator_id: str
    applications: tuple[Said, ...]
    evaluators: tuple[str, ...]
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    role: str
    on_behalf_of: str | None
    reasons: tuple[Personal, ...]
    command: str
    command_id: str
    correlation_id: str
    causation_id: str


Row = TimelineRow
