"""Rows to evaluations and revisions: criteria in columns, or one criterion to a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core.evaluations.commands import ReviseScore, SubmitScores
from core.ranking import Mark
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId, Instant, slug
from replay.imports.fields import Fields, Reading, label
from replay.imports.items import (
    TAKEN_OVER,
    Item,
    application_of,
    call_and_stage,
    dated,
    identity,
    on_behalf,
)
from replay.imports.sections import Marking, Revisions, Scores
from replay.imports.stated import Stated
from replay.imports.table import Row


@dataclass(slots=True)
class _Sheet:
    """An evaluation that is put together from its rows; it occurred when its last mark did.

    It is not `sound` where a row of it has a fault: what is there is checked all the same.
    """

    application: ApplicationId
    evaluator: EvaluatorId
    line: int
    at: Instant
    named: bool
    marks: list[Mark] = field(default_factory=list[Mark])
    lines: list[int] = field(default_factory=list[int])
    places: list[str] = field(default_factory=list[str])
    comment: str = ""
    dated_line: int = 0
    sound: bool = True

    def add(self, mark: Mark, row: Row, place: str) -> None:
        """Add a mark, and where it stands."""
        self.marks.append(mark)
        self.lines.append(row.line)
        self.places.append(place)


def scores(spec: Scores, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield an evaluation where its first row stands, and each revision in its turn."""
    found = _whole(spec, rows, reading) if spec.marks else _by_criterion(spec, rows, reading)
    _, stage = call_and_stage(reading)
    for entry in found:
        if isinstance(entry, Item):
            yield entry
            continue
        command = SubmitScores(
            entry.application,
            entry.evaluator,
            stage,
            tuple(entry.marks),
            entry.comment,
            TAKEN_OVER,
        )
        act = on_behalf(reading.act, entry.evaluator, entry.at)
        yield Item(
            "scores",
            command,
            act,
            entry.line,
            identity(command, *dated(spec, act)),
            lines=tuple(entry.lines),
            places=tuple(entry.places),
            dated_line=entry.dated_line,
            partial=not entry.sound,
        )


def revisions(spec: Revisions, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield a revision for each row."""
    again: Counter[str] = Counter()
    for row in rows:
        get = Fields(reading, "revisions", row)
        if (item := _revision(spec, "revisions", get, reading, again)) is not None:
            yield item


def _whole(spec: Scores, rows: Iterable[Row], reading: Reading) -> Iterator[_Sheet]:
    for row in rows:
        get = Fields(reading, "scores", row)
        sheet = _begun(spec, get, reading)
        sheet.comment = get.text("comment", spec.comment, optional=True)
        for criterion, template in spec.marks.items():
            faults, key = get.faults, f"marks.{criterion}"
            value = get.number(key, template, spec.na)
            if get.faults == faults:
                sheet.add(Mark(CriterionId(criterion), value), row, label("scores", key, template))
        sheet.sound = get.sound
        if sheet.named:
            yield sheet


def _by_criterion(spec: Scores, rows: Iterable[Row], reading: Reading) -> Iterator[_Sheet | Item]:
    entries: list[_Sheet | Item] = []
    sheets: dict[tuple[str, str], _Sheet] = {}
    again: Counter[str] = Counter()
    place = label("scores", "score", spec.score)
    for row in rows:
        get = Fields(reading, "scores", row)
        if get.text("old_score", spec.old_score, optional=True):
            if (item := _revision(spec, "scores", get, reading, again)) is not None:
                entries.append(item)
            continue
        begun = _begun(spec, get, reading)
        faults = get.faults
        criterion = get.text("criterion", spec.criterion)
        mark = Mark(CriterionId(criterion), get.number("score", spec.score, spec.na))
        whole = get.faults == faults
        comment = get.text("comment", spec.comment, optional=True)
        if not begun.named:
            continue
        sheet = sheets.setdefault((begun.application, begun.evaluator), begun)
        if sheet is begun:
            entries.append(sheet)
        if whole:
            sheet.add(mark, row, place)
        if begun.at > sheet.at:
            sheet.at, sheet.dated_line = begun.at, row.line
        sheet.comment = "\n".join(dict.fromkeys(filter(None, (sheet.comment, comment))))
        sheet.sound = sheet.sound and get.sound
    yield from entries


def _begun(spec: Scores, get: Fields, reading: Reading) -> _Sheet:
    application = application_of(reading, get.text("city", spec.city, slug))
    evaluator = EvaluatorId(ActorId(get.text("evaluator", spec.evaluator, slug)))
    named = get.sound
    return _Sheet(application, evaluator, get.line, get.instant(spec), named)


def _revision(
    spec: Marking, section: str, get: Fields, reading: Reading, again: Counter[str]
) -> Item | None:
    _, stage = call_and_stage(reading)
    application = application_of(reading, get.text("city", spec.city, slug))
    evaluator = EvaluatorId(ActorId(get.text("evaluator", spec.evaluator, slug)))
    command = ReviseScore(
        application,
        evaluator,
        stage,
        CriterionId(get.text("criterion", spec.criterion)),
        get.number("score", spec.score, spec.na),
        get.text("reason", spec.reason),
    )
    stated = Stated(given=False)
    if spec.old_score is not None:
        stated = Stated(given=True, mark=get.number("old_score", spec.old_score, spec.na))
    act = on_behalf(reading.act, evaluator, get.instant(spec))
    if not get.sound:
        return None
    # A mark may go up, down and up again in a day: the same words, thrice a fact.
    meaning = identity(command, str(stated), *dated(spec, act))
    again[meaning] += 1
    key = identity(command, str(stated), *dated(spec, act), f"time {again[meaning]}")
    return Item(section, command, act, get.line, key, stated)
