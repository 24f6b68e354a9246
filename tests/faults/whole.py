"""The one check after every fault: what was acknowledged is there, once, and all else fits it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.cities.events import CityRegistered, NeedIdentified
from core.ledger.ledger import Ledger
from core.ledger.records import Recorded
from replay.verify import verify, verify_views
from tests.faults.notes import Group, Noted

Places = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Whole:
    """What was counted, and what is wrong: nothing, or the log broke a promise."""

    acknowledged: int
    stored: int
    lost: int
    doubled: int
    doubts: int
    findings: tuple[str, ...]


def examine(url: str, notes: Callable[[], Noted]) -> Whole:
    """Compare the log with what writers noted, while they go on writing.

    What was acknowledged before the log is read must be there; what is there must have been
    sent before the log was read to its end.

    Everything is recomputed from the records: none of the database's own columns, and none
    of its keys, is believed.
    """
    noted = notes()
    with Ledger(url) as ledger:
        verification = verify(ledger.store)
        records = list(ledger.read())
        places = _places(records)
        lost = [mark for mark, at in noted.places.items() if at not in places.get(mark, ())]
        doubled = [mark for mark, found in places.items() if len(found) > 1]
        findings = [f"surprise: {surprise}" for surprise in noted.surprises]
        if verification.fault is not None:
            findings.append(f"the log: {verification.fault}")
        findings += [f"lost: {mark} at {noted.places[mark]}" for mark in lost]
        findings += [f"doubled: {mark} at {places[mark]}" for mark in doubled]
        findings += _misplaced(notes().sent, places)
        findings += _misnoted(ledger, places)
        for view in verify_views(ledger):
            if view.finding or view.position is None:
                findings.append(f"view {view.view} at {view.position}: {view.finding}")
    return Whole(
        len(noted.places), len(records), len(lost), len(doubled),
        noted.doubts.total(), tuple(findings),
    )  # fmt: skip


def assert_whole(url: str, notes: Callable[[], Noted]) -> Whole:
    """Examine, and fail with the first findings where there are any."""
    whole = examine(url, notes)
    assert not whole.findings, (len(whole.findings), whole.findings[:10])
    return whole


def _mark(record: Recorded) -> str:
    match record.event:
        case CityRegistered(name=name):
            return name.en
        case NeedIdentified(statement=statement):
            return statement
        case other:
            raise AssertionError(other)


def _places(records: Sequence[Recorded]) -> Places:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for record in records:
        places[_mark(record)].append(record.position)
    return places


def _misplaced(sent: Sequence[Group], places: Places) -> Iterator[str]:
    """Name what nobody sent, and groups that are not there whole, in order, side by side."""
    marks = {step.mark for group in sent for step in group}
    for mark in places.keys() - marks:
        yield f"nobody sent {mark}"
    for group in sent:
        found = [places[step.mark][0] for step in group if step.mark in places]
        if found and found != list(range(found[0], found[0] + len(group))):
            yield f"torn: {[step.mark for step in group]} at {found}"


def _misnoted(ledger: Ledger, places: Places) -> Iterator[str]:
    """Name the keys that lead elsewhere than to their event."""
    with ledger.connection() as connection:
        rows = connection.execute(
            "select key, first_position, event_count from ledger.command"
        ).fetchall()
    # Over HTTP a key carries its actor in front.
    noted = {key.rpartition(":")[2]: (first, count) for key, first, count in rows}
    for mark, found in places.items():
        if noted.get(mark) != (found[0], 1):
            yield f"the key of {mark} at {found} leads to {noted.get(mark)}"
