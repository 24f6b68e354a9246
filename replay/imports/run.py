"""An import from end to end: read, check, decide, record; whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.decider import Act
from core.errors import Violation
from core.ledger.draft import Draft
from core.ledger.ledger import Contended, Ledger
from replay.imports import items, learned, observed, scores
from replay.imports.deciding import Deciding
from replay.imports.fields import Reading
from replay.imports.findings import BadRows, Count, ImportRefused, Plan, Progress
from replay.imports.items import Item, fit_to_record
from replay.imports.loading import load_mapping
from replay.imports.mapping import SECTIONS, ImportMapping, SectionName
from replay.imports.sections import fields_of
from replay.imports.table import Row, Sheet, missing, read_sheet

# Each takes its own section of the mapping.
_READERS: Mapping[SectionName, Callable[[Any, Iterable[Row], Reading], Iterator[Item]]] = {
    "cities": items.cities,
    "needs": learned.needs,
    "applications": items.applications,
    "consultations": learned.consultations,
    "panel": items.panel,
    "scores": scores.scores,
    "revisions": scores.revisions,
    "indicators": observed.indicators,
    "observations": observed.observations,
}
_ATTEMPTS = 5
_KEYS_A_QUERY = 10_000
_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Import:
    """A file to be imported.

    `act` says who imports and, where the mapping gives no time, when it occurred;
    `as_history` records what the rows say without asking the rules; `only` names the
    sections to take, all by default.
    """

    mapping: Path
    data: Path
    act: Act
    as_history: bool = False
    only: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file that was read and whose rows were parsed; no rule was asked yet."""

    wanted: Import
    sheet: Sheet
    reading: Reading
    items: dict[str, list[Item]]
    repeated: Counter[str]


def plan(
    ledger: Ledger,
    wanted: Import,
    *,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Plan:
    """Say what an import would record, and list every row that is bad; write nothing.

    `now` stands in for the clock. Raises `ImportRefused` where the mapping or the file
    cannot be read at all.
    """
    told = progress or _silent
    _, planned = _attempt(ledger, _prepare(wanted, told), now, told)
    return planned


def run(
    ledger: Ledger,
    wanted: Import,
    *,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Plan:
    """Record a file in one commit, or nothing of it where any row is bad.

    What is on record already is not recorded again. `now` and `ImportRefused` as in
    `plan`; raises `Contended` where others kept changing what the rows depend on, and
    `OutcomeUnknown` as `Ledger.commit` does: both times the import can be repeated.
    """
    told = progress or _silent
    prepared = _prepare(wanted, told)
    for _ in range(_ATTEMPTS):
        draft, planned = _attempt(ledger, prepared, now, told)
        if planned.bad:
            return planned
        told("recording", 0, planned.events)
        try:
            recorded = ledger.commit(draft)
        except Contended:
            continue
        told("recording", planned.events, planned.events)
        return replace(planned, recorded=recorded)
    raise Contended


def _silent(phase: str, done: int, total: int) -> None:
    """Tell no one."""


def _prepare(wanted: Import, progress: Progress) -> _Prepared:
    mapping = load_mapping(wanted.mapping)
    chosen = _chosen(mapping, wanted.only)
    progress("reading", 0, 1)
    sheet = read_sheet(wanted.data, mapping.file)
    if wrong := tuple(_columns(mapping, chosen, sheet)):
        raise ImportRefused(*wrong)
    progress("reading", 1, 1)
    reading = Reading(mapping, sheet.index, wanted.act, BadRows())
    for line, violation in sheet.misshapen:
        reading.bad.add("file", line, "", violation)
    repeated: Counter[str] = Counter()
    total = len(sheet.rows) * len(chosen)
    found: list[Item] = []
    for number, name in enumerate(chosen):
        done = number * len(sheet.rows)
        rows = _watched(sheet.rows, progress, done, total)
        found += _section(name, mapping, rows, reading)
    progress("checking", total, total)
    by_section: dict[str, list[Item]] = {name: [] for name in chosen}
    for item in items.distinct(found, repeated):
        by_section[item.section].append(item)
    return _Prepared(wanted, sheet, reading, by_section, repeated)


def _chosen(mapping: ImportMapping, only: Collection[str]) -> Sequence[SectionName]:
    present = mapping.sections()
    unknown = [name for name in only if name not in present]
    if unknown:
        raise ImportRefused(
            Violation(
                "unknown-section",
                f"the mapping has the sections {', '.join(present)}",
                "only",
                ", ".join(unknown),
            )
        )
    return [name for name in present if not only or name in only]


def _columns(
    mapping: ImportMapping, chosen: Sequence[SectionName], sheet: Sheet
) -> Iterator[Violation]:
    named: list[tuple[str, str]] = []
    for section in chosen:
        for key, template in fields_of(getattr(mapping, section)):
            named += [(f"{section}.{key}", column) for column in template.columns]
            if template.source in sheet.index and not (template.columns or template.quoted):
                yield Violation(
                    "column-without-braces",
                    f"this is the name of a column: write "
                    f'"{{{template.source}}}" for its cells, or {{text = "{template.source}"}} '
                    "for the word itself",
                    f"{section}.{key}",
                    template.source,
                )
    named += [(f"values.{column}", column) for column in mapping.values]
    yield from missing(named, sheet)


def _watched(rows: Sequence[Row], progress: Progress, done: int, total: int) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % _EVERY == 0:
            progress("checking", done + number, total)
        yield row


def _section(
    name: SectionName, mapping: ImportMapping, rows: Iterator[Row], reading: Reading
) -> Iterator[Item]:
    return _READERS[name](getattr(mapping, name), rows, reading)


def _attempt(
    ledger: Ledger, prepared: _Prepared, now: datetime | None, progress: Progress
) -> tuple[Draft, Plan]:
    # What was cached may be old, and a refusal must not rest on it.
    ledger.forget()
    draft = ledger.draft()
    of_section = {
        name: [fit_to_record(item, draft) for item in found]
        for name, found in prepared.items.items()
    }
    every = [item for found in of_section.values() for item in found]
    counts = {name: Count(repeated=prepared.repeated[name]) for name in prepared.items}
    deciding = Deciding(
        draft,
        prepared.reading,
        prepared.sheet.digest,
        _known(ledger, [item.key for item in every]),
        prepared.wanted.as_history,
        now or datetime.now(UTC),
        deepcopy(prepared.reading.bad),
        counts,
    )
    deciding.preload(every)
    done = 0
    opened = False
    for name in SECTIONS:
        found = of_section.get(name)
        if found is None:
            continue
        if name in ("scores", "revisions") and not opened:
            deciding.open_stage()
            opened = True
        deciding.all(found, progress, done, len(every))
        done += len(found)
    progress("deciding", done, len(every))
    bad = deciding.bad.all()
    return draft, Plan(
        prepared.sheet.digest,
        len(prepared.sheet.rows),
        counts,
        bad,
        0 if bad else len(draft.request().events),
    )


def _known(ledger: Ledger, keys: Sequence[str]) -> frozenset[str]:
    """Return which keys are on record."""
    known: set[str] = set()
    for start in range(0, len(keys), _KEYS_A_QUERY):
        known.update(ledger.store.known(keys[start : start + _KEYS_A_QUERY]))
    return frozenset(known)
