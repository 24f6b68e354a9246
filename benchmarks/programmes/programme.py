"""The whole programme, year after year, cut off where the log is to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.programmes import applying, choosing, delivering, scoring, world
from benchmarks.programmes.applying import DAY, DOCUMENT, FINAL, Round
from benchmarks.programmes.book import Book, Group
from benchmarks.programmes.scoring import Scored
from benchmarks.programmes.size import Size
from core.applications import rules as applications
from core.applications.events import stream as application_stream
from core.projects.events import project_id
from core.selection import rules as selection
from core.selection.events import stream as selection_stream
from core.selection.state import selected
from core.vocabulary import ApplicationId
from replay.ready import ready


def programme(size: Size) -> Iterator[Group]:
    """Yield what is recorded, in order: just `size.events` events, or all if there are fewer."""
    left = size.events
    for group in _told(size):
        if len(group.request.events) > left:
            group = _cut(group, left)  # noqa: PLW2901  # the last one
        if group.request.events:
            yield group
        left -= len(group.request.events)
        if not left:
            return


def _told(size: Size) -> Iterator[Group]:
    book = Book(size.seed)
    before: tuple[int, tuple[ApplicationId, ...]] = (0, ())
    for year in range(size.first_year, size.first_year + size.years):
        call = applying.new_round(book.random, size, year)
        if year == size.first_year:
            yield from world.begun(book, size, call.on(1, 2))
        yield from _round(book, size, call)
        projects = _through(book, call, FINAL)
        for application in sorted(projects):
            yield from delivering.begun(book, project_id(application), year)
        for application in before[1]:
            yield from delivering.delivered(book, project_id(application), before[0])
        book.forget((f"evaluation-ssp-{year}:",))
        book.forget(f"application-{a}" for a in call.applications if a not in projects)
        before = year, tuple(sorted(projects))


def _round(book: Book, size: Size, call: Round) -> Iterator[Group]:
    yield from applying.announced(book, size, call)
    yield from applying.applied(book, call)
    for stage, framework, month, seats in (
        (DOCUMENT, world.DOCUMENT_RUBRIC, 3, size.seats),
        (FINAL, world.FINAL_RUBRIC, 5, size.final_seats),
    ):
        at = call.on(month, 15)
        taking_part = _scorable(book, call) if stage == DOCUMENT else _through(book, call, DOCUMENT)
        setting = Scored(call, stage, ready()[framework].rubric, at, seats)
        yield from scoring.scored(book, setting, sorted(taking_part))
        yield from choosing.chosen(book, size, call, stage, at + 42 * DAY)
    at = call.on(5, 15) + 42 * DAY
    yield from choosing.appealed(book, size, call, at)
    yield from choosing.concluded(book, call, at + 15 * DAY)
    yield from choosing.kept_in_touch(book, call, at + 20 * DAY)


def _scorable(book: Book, call: Round) -> frozenset[ApplicationId]:
    streams = {application_stream(a): a for a in call.applications}
    found = book.draft.each(applications.DECIDER, streams)
    return frozenset(
        streams[s] for s, state in found.items() if state.eligible and not state.withdrawn
    )


def _through(book: Book, call: Round, stage: str) -> frozenset[ApplicationId]:
    return selected(book.draft.one(selection.DECIDER, selection_stream(call.call_id, stage)))


def _cut(group: Group, events: int) -> Group:
    """Return the beginning of a group: whole commands of one event each."""
    request = group.request
    keys = tuple(key for key in request.keys if key.offset + key.count <= events)
    return Group(group.at, replace(request, events=request.events[:events], keys=keys))
