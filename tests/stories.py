"""Rules told as sentences: given these facts, when someone asks for that, then this follows.

A story runs the real table of handlers over records in memory, so what a rule reads from
other streams is what it would read in production. Nothing is replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from core.applications import events as applications
from core.applications.events import ApplicationEvent
from core.calls import events as calls
from core.calls.events import CallEvent
from core.cities import events as cities
from core.cities.events import CityEvent
from core.decider import Act
from core.errors import DomainError, Violation
from core.evaluations import events as evaluations
from core.evaluations.commands import (
    AbstainFromEvaluation,
    CertifyEvaluation,
    DeclareConflict,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import EvaluationEvent, EvaluatorEvent
from core.frameworks import events as frameworks
from core.frameworks.events import FrameworkEvent
from core.handlers.table import Command
from core.ledger.codec import Event
from core.ledger.draft import Draft, Envelope
from core.ledger.records import CommandNote, Meta, Recorded, Stored, body, opening
from core.ledger.sources import PastSource
from core.monitoring import events as monitoring
from core.monitoring.events import IndicatorEvent, RecommendationEvent, ReviewEvent
from core.projects import events as projects
from core.projects.events import ProjectEvent
from core.selection import events as selection
from core.selection.events import AppealEvent
from core.signing import events as signing
from core.signing.events import SigningEvent
from core.subjects import events as subjects
from core.subjects.events import SubjectEvent
from core.vocabulary import ActorId, Role
from replay.bundles.rows import Bundled

OFFICER = ActorId("officer-1")
MANAGER = ActorId("manager-1")
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)

OwnStatement = (
    AbstainFromEvaluation | CertifyEvaluation | DeclareConflict | ReviseScore | SubmitScores
)

E = TypeVar("E", bound=Event)


def stream_of(event: Event) -> str:  # noqa: C901, PLR0911, PLR0912  # one line for each slice
    """Name the stream that an event belongs to."""
    if isinstance(event, FrameworkEvent):
        return frameworks.stream(event.framework_id)
    if isinstance(event, CallEvent):
        return calls.stream(event.call_id)
    if isinstance(event, CityEvent):
        return cities.stream(event.city_id)
    if isinstance(event, ApplicationEvent):
        return applications.stream(event.application_id)
    if isinstance(event, EvaluatorEvent):
        return evaluations.evaluator_stream(event.evaluator_id)
    if isinstance(event, EvaluationEvent):
        return evaluations.evaluation_stream(event.application_id, event.evaluator_id, event.stage)
    if isinstance(event, SubjectEvent):
        return subjects.stream(event.subject)
    if isinstance(event, SigningEvent):
        return signing.STREAM
    if isinstance(event, AppealEvent):
        return selection.appeal_stream(event.application_id, event.stage)
    if isinstance(event, ProjectEvent):
        return projects.stream(event.project_id)
    if isinstance(event, IndicatorEvent):
        return monitoring.indicator_stream(event.project_id, event.indicator_id)
    if isinstance(event, ReviewEvent):
        return monitoring.project_stream(event.project_id)
    if isinstance(event, RecommendationEvent):
        return monitoring.recommendation_stream(event.project_id, event.recommendation_id)
    return selection.stream(event.call_id, event.stage)


def recorded(facts: Sequence[Event]) -> tuple[Recorded, ...]:
    """Return facts as a log would hold them: dense positions, versions by stream, true leaves."""
    versions: dict[str, int] = {}
    records: list[Recorded] = []
    for position, event in enumerate(facts):
        stream = stream_of(event)
        versions[stream] = versions.get(stream, 0) + 1
        meta = Meta(
            id=f"fact-{position}",
            source="story",
            subject=stream,
            version=versions[stream],
            occurred_at=NOON,
            actor=OFFICER,
            role=Role.OFFICER,
            on_behalf_of=None,
            reason="",
            correlation_id="",
            causation_id="",
            policy="",
            imported=None,
            command=CommandNote("story", f"fact-{position}", "", None, None),
        )
        leaf = hashlib.sha256(b"\0" + opening(NOON) + body(meta, event)).digest()
        records.append(Recorded(position, NOON, event.WIRE, meta, event, leaf))
    return tuple(records)


def log_of(facts: Sequence[Event]) -> Bundled:
    """Return facts as rows that are read as the database's are."""
    return Bundled(
        Stored(
            record.position,
            record.meta.subject,
            record.meta.version,
            record.wire,
            NOON,
            opening(NOON) + body(record.meta, record.event),
            record.leaf,
        )
        for record in recorded(facts)
    )


@dataclass(frozen=True)
class Answer:
    """What came of a command: events, or a refusal."""

    events: tuple[Event, ...]
    refusal: DomainError | None

    def then(self, *events: Event) -> None:
        """Check that exactly these events follow."""
        if self.refusal is not None:
            raise self.refusal
        assert self.events == events

    def refused(
        self, code: str, *, field: str | None = None, value: object = None, rule: str = ""
    ) -> None:
        """Check that a violation has this code, and names this field, value and rule.

        `rule` may be a part of the sentence; what is not given is not compared.
        """
        assert self.refusal is not None, f"not refused, but led to {self.events}"
        found = [v for v in self.refusal.violations if v.code == code]
        assert found, f"refused otherwise: {self.refusal}"
        assert any(
            (field is None or v.field == field)
            and (value is None or v.value == str(value))
            and rule in v.rule
            for v in found
        ), f"refused in other words: {self.refusal}"
        assert all(_says_enough(v) for v in self.refusal.violations)

    def only(self, kind: type[E]) -> E:
        """Return the one event that followed, which is of this kind."""
        if self.refusal is not None:
            raise self.refusal
        (event,) = self.events
        assert isinstance(event, kind)
        return event

    @property
    def codes(self) -> list[str]:
        """The code of every rule that was broken."""
        return [v.code for v in self.refusal.violations] if self.refusal else []


@dataclass(frozen=True)
class Past:
    """Facts that happened."""

    facts: tuple[Event, ...]

    def when(  # noqa: PLR0913  # one for each thing that a sentence may say of a command
        self,
        command: Command,
        *,
        by: str | None = None,
        role: Role | None = None,
        at: datetime = NOON,
        seen: int | None = None,
        behalf: ActorId | None = None,
    ) -> Answer:
        """Issue a command on top of the facts; `seen` is the version its issuer has seen.

        Where nobody is named, evaluators state what is theirs to state, and the officer does
        all else.
        """
        if by is None and isinstance(command, OwnStatement):
            by, role = command.evaluator_id, role or Role.EVALUATOR
        records = recorded(self.facts)
        draft = Draft(PastSource(records, len(records) - 1))
        try:
            act = Act(ActorId(by or OFFICER), role or Role.OFFICER, at, behalf)
            decided = draft.decide(Envelope(command, act, expected_version=seen))
        except DomainError as refusal:
            return Answer((), refusal)
        return Answer(tuple(event for _, event in decided.events), None)


def given(*facts: Event) -> Past:
    """Begin a story with what happened before."""
    return Past(facts)


def _says_enough(violation: Violation) -> bool:
    return bool(violation.code and violation.rule and violation.field)
