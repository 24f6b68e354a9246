"""Questions to the timeline: what happened to one call, city, application, evaluator or project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from psycopg import Connection, sql

from projections.tables import rows_at
from projections.timeline.fold import VIEW
from projections.timeline.occasions import Timeline, grouped
from projections.timeline.rows import Row

_OF_PROJECTS = ("projects", "monitoring")
_WIDE = sql.SQL("call_id = any(%s) and city_id is null and evaluator_id is null")


class Of(StrEnum):
    """What a timeline can be of."""

    CALL = "call"
    CITY = "city"
    APPLICATION = "application"
    EVALUATOR = "evaluator"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose timeline is asked for: up to `limit` facts, from position `start` on."""

    of: Of
    subject: str
    start: int = 0
    limit: int = 500


def timeline(connection: Connection[Any], as_of: int, asked: Asked) -> Timeline | None:
    """Return a timeline as of a position; None where nothing ever happened to the subject."""
    if asked.of is Of.CALL:
        page = sql.SQL(
            "key in (select key from views.timeline where call_id = %s and since >= %s "
            "and since <= %s order by since limit %s)"
        )
        # One more than is asked for tells whether there are more.
        given = (asked.subject, asked.start, as_of, asked.limit + 1)
        found = rows_at(connection, VIEW, as_of, page, given)
    else:
        found = rows_at(connection, VIEW, as_of, *_own(asked.of, asked.subject))
        calls = sorted({row.call_id for _, _, row in found if row.call_id})
        found += rows_at(connection, VIEW, as_of, _WIDE, (calls,))
    return timeline_from([row for _, _, row in found], asked)


def timeline_from(rows: Sequence[Row], asked: Asked) -> Timeline | None:
    """Return a timeline from the view's rows; None where nothing happened to the subject."""
    own = [row for row in rows if _about(row, asked.of, asked.subject)]
    wide = [row for row in rows if not (row.city_id or row.evaluator_id)]
    shared: list[Row] = []
    if asked.of is Of.EVALUATOR:
        shared = [row for row in wide if asked.subject in row.evaluators]
    elif asked.of in {Of.CITY, Of.APPLICATION}:
        shared = _of_applications(own, wide)
    found = sorted((*own, *shared), key=_position)
    if not found and not asked.start:
        return None
    page = [row for row in found if row.position >= asked.start]
    following = page[asked.limit].position if len(page) > asked.limit else None
    return Timeline(asked.of, asked.subject, grouped(page[: asked.limit]), following)


def _own(of: Of, subject: str) -> tuple[sql.Composable, list[Any]]:
    call, _, city = subject.partition(":")
    match of:
        case Of.CALL:
            return sql.SQL("call_id = %s"), [subject]
        case Of.CITY:
            return sql.SQL("city_id = %s"), [subject]
        case Of.EVALUATOR:
            return sql.SQL("evaluator_id = %s"), [subject]
        case Of.APPLICATION:
            return sql.SQL("call_id = %s and city_id = %s"), [call, city]
        case Of.PROJECT:
            where = "call_id = %s and city_id = %s and slice = any(%s)"
            return sql.SQL(where), [call, city, list(_OF_PROJECTS)]


def _about(row: Row, of: Of, subject: str) -> bool:
    """Whether a row is the subject's own."""
    match of:
        case Of.CALL:
            return row.call_id == subject
        case Of.CITY:
            return row.city_id == subject
        case Of.EVALUATOR:
            return row.evaluator_id == subject
        case Of.APPLICATION:
            # What became of the city by the call is a part of it, such as its way into the pool.
            return f"{row.call_id}:{row.city_id}" == subject
        case Of.PROJECT:
            return row.application_id == subject and row.type.startswith(_OF_PROJECTS)


def _of_applications(own: Sequence[Row], wide: Sequence[Row]) -> list[Row]:
    """Return facts about whole calls and stages, where they bear on the subject's applications.

    A stage that an application never reached did not happen to it.
    """
    mine = {f"{row.call_id}:{row.city_id}" for row in own if row.call_id}
    calls = {application.partition(":")[0] for application in mine}
    told: list[Row] = []
    for row in wide:
        said = tuple(item for item in row.applications if item.application_id in mine)
        if row.call_id in calls and (said or not row.applications):
            told.append(replace(row, applications=said) if row.applications else row)
    reached = {(row.call_id, row.stage) for row in (*own, *filter(_names, told))}
    reached |= {(call, "") for call in calls}
    return [row for row in told if row.applications or (row.call_id, row.stage) in reached]


def _names(row: Row) -> bool:
    return bool(row.applications)


def _position(row: Row) -> int:
    return row.position
