"""Questions to the projects: how one stands, and where all of them do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from projections.filters import equal
from projections.moments import About
from projections.project_status.fold import VIEW
from projections.project_status.rows import Row
from projections.project_status.status import ProjectStatus, status_of
from projections.project_status.summary import Projects, line_of, projects_of
from projections.recommendations import queries as recommendations
from projections.recommendations.fold import VIEW as RECOMMENDATIONS
from projections.recommendations.fold import Row as RecommendationRow
from projections.tables import rows_at

Found = Iterable[tuple[str, int, Row]]


def project_status(
    connection: Connection[Any], as_of: int, about: About, project_id: str
) -> ProjectStatus | None:
    """Return one project as of a position; None where there was none at the moment asked about.

    It reads the recommendations as well, as of the same position.
    """
    own = equal(project_id=project_id)
    asked = rows_at(connection, RECOMMENDATIONS, as_of, *own)
    return status_from(rows_at(connection, VIEW, as_of, *own), asked, about)


def status_from(
    found: Found, asked: Iterable[tuple[str, int, RecommendationRow]], about: About
) -> ProjectStatus | None:
    """Return one project from the rows that both views have of it, each with its cause."""
    return status_of(list(found), recommendations.lines_of(asked, about), about)


def projects(  # noqa: PLR0913  # one parameter a filter
    connection: Connection[Any],
    as_of: int,
    about: About,
    *,
    call_id: str | None = None,
    city_id: str | None = None,
    status: str | None = None,
) -> Projects:
    """Return all projects as of a position, of one call, city or status where these are given."""
    found = rows_at(connection, VIEW, as_of, *equal(call_id=call_id, city_id=city_id))
    asked = rows_at(connection, RECOMMENDATIONS, as_of)
    return projects_from(found, asked, about, status)


def projects_from(
    found: Found,
    asked: Iterable[tuple[str, int, RecommendationRow]],
    about: About,
    status: str | None = None,
) -> Projects:
    """Return projects from the rows of both views, each with its cause."""
    own: defaultdict[str, list[tuple[str, int, Row]]] = defaultdict(list)
    for item in found:
        own[item[2].project_id].append(item)
    theirs: defaultdict[str, list[tuple[str, int, RecommendationRow]]] = defaultdict(list)
    for recommended in asked:
        theirs[recommended[2].project_id].append(recommended)
    statuses = (status_from(rows, theirs[project], about) for project, rows in sorted(own.items()))
    lines = (line_of(item) for item in statuses if item is not None)
    return projects_of([line for line in lines if status in {None, line.status}])
