"""Filters of a question, as a condition on a view's columns."""

from __future__ import annotations

from psycopg import sql


def equal(**given: str | None) -> tuple[sql.Composable, list[str]]:
    """Return the condition that each column has its value, and the values; None filters nothing."""
    asked = {column: value for column, value in given.items() if value is not None}
    parts = [sql.SQL("{} = %s").format(sql.Identifier(column)) for column in asked]
    return sql.SQL(" and ").join(parts) if parts else sql.SQL("true"), list(asked.values())
