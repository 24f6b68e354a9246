"""Rows to commands: what each section of a mapping asks for, and where each part of it stands."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.applications.commands import SubmitApplication
from core.applications.events import Project, application_id
from core.cities.commands import RegisterCity
from core.decider import Act
from core.errors import DomainError, Violation
from core.evaluations.commands import AppointEvaluator, AssignEvaluator, DeclareConflict
from core.evaluations.events import ConflictKind
from core.handlers.table import Command
from core.ledger.codec import to_json
from core.ledger.draft import Draft
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    Channel,
    CityId,
    EvaluatorId,
    Instant,
    ProjectType,
    StageId,
    Text,
    country,
    digest,
    purpose_code,
    slug,
)
from replay.imports.defined import Defined
from replay.imports.fields import Fields, Reading, label
from replay.imports.sections import Applications, Cities, Panel, Section, fields_of
from replay.imports.stated import Corrected, Stated
from replay.imports.table import Row

NEXT = b"\n"
TAKEN_OVER = "taken over from a file"
"""Why an importer records what evaluators stated; which file and line, the event's origin says."""
# Where a rule's field stands in the mapping.
_KEYS = {
    "city_id": "city",
    "application_id": "city",
    "evaluator_id": "evaluator",
    "name.en": "name",
    "project.title.en": "title",
    "project.sector": "sector",
    "project.amount_krw": "amount_krw",
    "kind": "conflict",
    "contact_id": "contact",
    "project_id": "city",
    "indicator_id": "indicator",
    "period": "first_day",
    "reading": "value",
    "monitored": "monitored_from",
    "targets": "target_value",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A command that a row asks for.

    `key` stands for its meaning, so that the same meaning is recorded once however often
    and from whichever file it is read. `stated` is what the row says of what stood there before, or
    of how an indicator is measured.
    `lines` and `places` say on which line each mark stands, and under which column;
    `dated_line` is the line that gave the instant, where it is another than `line`.
    A `partial` one is decided only to find what else is wrong: its file is never recorded.
    """

    section: str
    command: Command
    act: Act
    line: int
    key: str
    stated: Stated | Corrected | Defined | None = None
    lines: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    dated_line: int = 0
    partial: bool = False


def identity(command: Command, *more: str) -> str:
    """Return the key of a command's meaning: its content, its target, and what is added."""
    content = (type(command).__name__.encode(), to_json(command), *(m.encode() for m in more))
    return f"import:{hashlib.sha256(NEXT.join(content)).hexdigest()}"


def fit_to_record(item: Item, draft: Draft) -> Item:
    """Return an item whose key no longer lets anybody guess at what it says of a person.

    Of an erased person nothing is recorded anyway: then the key stays, and the rules refuse.
    """
    try:
        return replace(item, key=draft.named(item.command, item.act, item.key))
    except DomainError:
        return item


def call_and_stage(reading: Reading) -> tuple[CallId, StageId]:
    """Return the mapping's call and stage; both are there where a section needs them."""
    call = reading.mapping.call
    if call is None:
        return CallId(""), StageId("")
    return call.id, call.stage or StageId("")


def on_behalf(act: Act, evaluator: EvaluatorId, at: Instant) -> Act:
    """Return an act of the importer's for an evaluator, at an instant."""
    return replace(act, at=at, on_behalf_of=evaluator)


def cities(spec: Cities, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield a registration for each row."""
    for row in rows:
        get = Fields(reading, "cities", row)
        command = RegisterCity(
            CityId(get.text("city", spec.city, slug)),
            Text(get.text("name", spec.name), get.text("name_ko", spec.name_ko, optional=True)),
            get.text("country", spec.country, country),
            get.text("region", spec.region, optional=True),
            get.text("unlocode", spec.unlocode, optional=True),
            spec.illustrative,
        )
        act = replace(reading.act, at=get.instant(spec))
        if get.sound:
            yield Item("cities", command, act, row.line, identity(command))


def applications(spec: Applications, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield a submission for each row."""
    call_id, _ = call_and_stage(reading)
    for row in rows:
        get = Fields(reading, "applications", row)
        title = Text(
            get.text("title", spec.title), get.text("title_ko", spec.title_ko, optional=True)
        )
        project = Project(
            title,
            get.text("sector", spec.sector, purpose_code),
            get.text("summary", spec.summary, optional=True),
            get.choice("project_type", spec.project_type, ProjectType),
            get.whole("amount_krw", spec.amount_krw),
            get.texts("documents", spec.documents, digest),
            get.text("reference", spec.reference, optional=True),
        )
        city = CityId(get.text("city", spec.city, slug))
        channel = get.choice("channel", spec.channel, Channel) or Channel.OPEN_CALL
        act = replace(reading.act, at=get.instant(spec))
        if get.sound:
            command = SubmitApplication(call_id, city, channel, project)
            key = identity(command, *dated(spec, act))
            yield Item("applications", command, act, row.line, key)


def panel(spec: Panel, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield an appointment for each row, then its declaration and its assignment."""
    call_id, stage = call_and_stage(reading)
    for row in rows:
        get = Fields(reading, "panel", row)
        evaluator = EvaluatorId(ActorId(get.text("evaluator", spec.evaluator, slug)))
        expertise = get.texts("expertise", spec.expertise)
        kind = get.choice("conflict", spec.conflict, ConflictKind)
        city = get.text("city", spec.city, slug, optional=True)
        at = get.instant(spec)
        if not get.sound:
            continue
        application = application_id(call_id, city) if city else None
        commands: list[Command] = [AppointEvaluator(evaluator, call_id, expertise)]
        if kind is not None:
            about = None if kind is ConflictKind.NONE else application
            commands.append(DeclareConflict(evaluator, call_id, kind, about, TAKEN_OVER))
        if application is not None and spec.assign:
            commands.append(AssignEvaluator(application, evaluator, stage))
        for command in commands:
            declares = isinstance(command, DeclareConflict)
            act = on_behalf(reading.act, evaluator, at) if declares else replace(reading.act, at=at)
            yield Item("panel", command, act, row.line, identity(command))


def dated(spec: Section, act: Act) -> tuple[str, ...]:
    """Return the instant as part of a meaning, where the mapping gives one."""
    return (act.at.isoformat(),) if spec.occurred_at is not None else ()


def distinct(items: Iterable[Item], repeated: Counter[str]) -> Iterator[Item]:
    """Yield each meaning once, where it comes first, and count the others by section."""
    seen: set[str] = set()
    for item in items:
        if item.key in seen:
            repeated[item.section] += 1
        else:
            seen.add(item.key)
            yield item


def place(item: Item, violation: Violation, reading: Reading) -> tuple[int, str]:
    """Say on which line and in which column of the file a rule's field stands."""
    line, field = item.line, violation.field
    if field == "occurred_at":
        line = item.dated_line or line
    match field.split("."):
        case ["marks", number, "value"]:
            return item.lines[int(number)], item.places[int(number)]
        case ["marks", number, "criterion"]:
            line, field = item.lines[int(number)], "criterion"
        case _:
            pass
    if field in ("call_id", "stage"):
        return line, f"[call] {field.removesuffix('_id')}"
    field = field.removeprefix("reading.")
    key = _KEYS.get(field, field)
    spec: Section | None = getattr(reading.mapping, item.section)
    templates = dict(fields_of(spec)) if spec is not None else {}
    if key in templates:
        return line, label(item.section, key, templates[key])
    # A list as a whole stands in the columns of all its parts.
    parts = [label(item.section, k, t) for k, t in templates.items() if k.startswith(f"{key}.")]
    return line, ", ".join(dict.fromkeys(parts)) or key


def application_of(reading: Reading, city: str) -> ApplicationId:
    """Name a city's application to the mapping's call."""
    return application_id(call_and_stage(reading)[0], city)
