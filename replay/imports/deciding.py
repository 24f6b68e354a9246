"""Items on a draft: decided by the rules or put down as history, and the refused listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.applications import events as application_events
from core.applications import rules as applications
from core.calls import events as call_events
from core.calls import rules as calls
from core.calls.commands import CloseCall, OpenStage
from core.cities import events as city_events
from core.cities import rules as cities
from core.decider import Act
from core.errors import DomainError, Violation, require
from core.evaluations import events as evaluation_events
from core.evaluations import rules as evaluations
from core.evaluations import standing
from core.evaluations.commands import ReviseScore
from core.handlers.table import HANDLERS, Command
from core.ledger.draft import Decided, Draft, Envelope
from core.ledger.records import Origin
from core.monitoring import rules as monitoring
from core.monitoring.commands import CorrectObservation, IndicatorCommand, RecordObservation
from core.monitoring.events import IndicatorDefined
from core.projects import events as project_events
from core.projects import rules as projects
from replay.imports.defined import Defined
from replay.imports.fields import Reading
from replay.imports.findings import BadRows, Count, Progress
from replay.imports.history import Known, fact
from replay.imports.items import Item, call_and_stage, identity, place
from replay.imports.stated import Corrected, Stated, recorded

_CLOCK_TOLERANCE = timedelta(seconds=60)
_EVERY = 250
_IN_FUTURE = Violation(
    "occurred-in-future", "an event is recorded after it occurred", "occurred_at"
)
# Refusals that `keep_existing` takes for "this is so already".
_EXISTING = {"already-registered", "already-appointed", "already-assigned", "indicator-defined"}


@dataclass(slots=True)
class Deciding:
    """One attempt at a whole import on one draft.

    `bad` begins with what was wrong with the rows as such; `known` are the keys of what
    is on record.
    """

    draft: Draft
    reading: Reading
    file: str
    known: frozenset[str]
    as_history: bool
    now: datetime
    bad: BadRows
    counts: dict[str, Count]
    _written: set[tuple[type, str]] = field(default_factory=set[tuple[type, str]])

    def preload(self, items: Iterable[Item]) -> None:
        """Read what the items will need, in a few queries and not in one each."""
        call_id, stage = call_and_stage(self.reading)
        if call_id:
            self.draft.preload(applications.DECIDER, application_events.streams_of_call(call_id))
        if stage:
            prefix = evaluation_events.evaluations_of_stage(call_id, stage)
            self.draft.preload(evaluations.DECIDER, prefix)
        commands = [item.command for item in items]
        named = {c for command in commands if (c := getattr(command, "city_id", ""))}
        self.draft.each(cities.DECIDER, [city_events.stream(city) for city in sorted(named)])
        named = {e for command in commands if (e := getattr(command, "evaluator_id", ""))}
        self.draft.each(
            standing.DECIDER, [evaluation_events.evaluator_stream(e) for e in sorted(named)]
        )
        watched = {c.project_id: c for c in commands if isinstance(c, IndicatorCommand)}
        self.draft.each(projects.DECIDER, map(project_events.stream, sorted(watched)))
        named = {HANDLERS[type(c)].stream(c) for c in commands if isinstance(c, IndicatorCommand)}
        self.draft.each(monitoring.DECIDER, sorted(named))

    def open_stage(self) -> None:
        """Close the call and open its stage, if the mapping says so and it was not done."""
        mapping = self.reading.mapping
        if mapping.call is None or mapping.call.close_and_open_at is None:
            return
        call_id, stage = call_and_stage(self.reading)
        call = self.draft.one(calls.DECIDER, call_events.stream(call_id))
        wanted: list[Command] = []
        if call.status is calls.Status.ANNOUNCED:
            wanted.append(CloseCall(call_id))
        if stage not in call.opened:
            wanted.append(OpenStage(call_id, stage))
        try:
            at = mapping.calendar.instant(mapping.call.close_and_open_at.source, constant=True)
            require(at <= self.now + _CLOCK_TOLERANCE, _IN_FUTURE.code, _IN_FUTURE.rule)
            for command in wanted:
                # Line 0: no row of the file says so, the mapping does.
                self._decide(command, replace(self.reading.act, at=at), identity(command), 0)
        except DomainError as error:
            for violation in error.violations:
                self.bad.add("call", None, "[call] close_and_open_at", violation)

    def all(self, items: Sequence[Item], progress: Progress, done: int, total: int) -> None:
        """Decide items in their order."""
        for number, item in enumerate(items):
            if number % _EVERY == 0:
                progress("deciding", done + number, total)
            count = self.counts[item.section]
            if item.key in self.known and not item.partial:
                count.known += 1
                continue
            if item.act.at > self.now + _CLOCK_TOLERANCE:
                self._refused(item, _IN_FUTURE)
            try:
                self._item(item)
            except DomainError as error:
                if self._exists(item, error):
                    count.known += 1
                else:
                    self._refused(item, *error.violations)
            else:
                count.new += 1

    def _refused(self, item: Item, *violations: Violation) -> None:
        for violation in violations:
            if item.partial and violation.code == "criterion-missing":
                continue  # it is missing for the fault that was found in it before
            line, column = place(item, violation, self.reading)
            self.bad.add(item.section, line, column, violation)

    def _item(self, item: Item) -> None:
        command, stated, known = item.command, item.stated, Known()
        stream = HANDLERS[type(command)].stream(command)
        if isinstance(command, ReviseScore) and isinstance(stated, Stated):
            evaluation = self.draft.one(evaluations.DECIDER, stream)
            if not self.as_history:
                stated.compare(evaluation, command.criterion)
            before = stated.mark if stated.given else recorded(evaluation, command.criterion)
            known = Known(before)
        elif isinstance(stated, Defined):
            known = Known(defined=stated)
        elif isinstance(command, RecordObservation):
            monitored = self.draft.one(monitoring.DECIDER, stream)
            known = Known(number=len(monitored.observations) + 1)
        elif isinstance(command, CorrectObservation) and isinstance(stated, Corrected):
            monitored = self.draft.one(monitoring.DECIDER, stream)
            command = stated.numbered(command, monitored)
            now = monitored.observations[command.number - 1].now
            if not self.as_history:
                stated.compare(now.value)
            known = Known(reading=replace(now, value=stated.value))
        decided = self._decide(command, item.act, item.key, item.line, known)
        if isinstance(stated, Defined) and not self.as_history:
            for _, event in decided.events:
                if isinstance(event, IndicatorDefined):
                    stated.compare(event.indicator, event.monitored)

    def _decide(
        self, command: Command, act: Act, key: str, line: int, known: Known | None = None
    ) -> Decided:
        envelope = Envelope(
            command, act, key, correlation_id=f"import:{self.file}", origin=Origin(self.file, line)
        )
        if self.as_history:
            told = known or Known()
            decided = self.draft.record(
                envelope, lambda sealed: fact(sealed, act, told, self.draft)
            )
        else:
            decided = self.draft.decide(envelope)
        self._written.add((type(command), decided.stream))
        return decided

    def _exists(self, item: Item, error: DomainError) -> bool:
        spec = getattr(self.reading.mapping, item.section)
        stream = HANDLERS[type(item.command)].stream(item.command)
        return (
            getattr(spec, "keep_existing", False)
            and error.code in _EXISTING
            # Not where this very file says two different things of it.
            and (type(item.command), stream) not in self._written
        )
