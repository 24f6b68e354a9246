"""Questions to the pool: which cities wait, where, for what, and since when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from core.vocabulary import Instant
from projections.partner_pools.fold import VIEW
from projections.partner_pools.rows import CityRow
from projections.tables import rows_at
from projections.versions import OPEN


@dataclass(frozen=True, slots=True)
class PoolCity:
    """A city of the pool; `cause` is the position of the event behind its present row.

    `days_since_contact` counts whole days before the instant asked about.
    """

    city: CityRow
    cause: int
    days_since_contact: int | None


@dataclass(frozen=True, slots=True)
class PartnerPools:
    """Cities, and how many of them wait by tier, region and sector of need."""

    cities: tuple[PoolCity, ...]
    by_tier: dict[str, int]
    by_region: dict[str, int]
    by_sector: dict[str, int]


def partner_pools(  # noqa: PLR0913  # one parameter a filter
    connection: Connection[Any],
    as_of: int,
    at: Instant,
    *,
    tier: str | None = None,
    region: str | None = None,
    country: str | None = None,
    sector: str | None = None,
    pooled_only: bool = True,
) -> PartnerPools:
    """Return the pool as of a position; `at` is the instant to count days from.

    `sector` is that of a need: a city waits in the pool of each sector it has a need in.
    """
    where: list[sql.Composable] = [
        sql.SQL("kind = 'city'"),
        sql.SQL("int8range(since, nullif(until, {})) @> {}::bigint").format(
            sql.Literal(OPEN), sql.Literal(as_of)
        ),
    ]
    given: list[str] = []
    for column, value in (("tier", tier), ("region", region), ("country", country)):
        if value is not None:
            where.append(sql.SQL("{} = %s").format(sql.Identifier(column)))
            given.append(value)
    if pooled_only:
        where.append(sql.SQL("tier is not null"))
    found = rows_at(connection, VIEW, as_of, sql.SQL(" and ").join(where), given)
    cities = tuple(
        PoolCity(
            row, cause, max((at - row.last_contact_at).days, 0) if row.last_contact_at else None
        )
        for _, cause, row in found
        if isinstance(row, CityRow) and (sector is None or sector in {n.sector for n in row.needs})
    )
    rows = [item.city for item in cities]
    return PartnerPools(
        cities,
        dict(sorted(Counter(r.tier or "outside" for r in rows).items())),
        dict(sorted(Counter(r.region for r in rows).items())),
        dict(sorted(Counter(s for r in rows for s in {n.sector for n in r.needs}).items())),
    )
