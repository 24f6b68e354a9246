"""What it costs to ask about the past: each question at a random position, and at the last one.

The two are asked in turns, so that what slows the machine slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from typing import Any

import psycopg
from psycopg import Connection

from benchmarks.programmes.applying import DOCUMENT
from projections.application_board import queries as boards
from projections.partner_pools import queries as pools
from projections.ranking import queries as rankings

_Asked = Callable[[Connection[Any], int, str], object]
_PAIRS = 2


@dataclass(slots=True)
class Answered:
    """How long answers took, in milliseconds: about the past, and about the present."""

    past: list[float] = field(default_factory=list[float])
    now: list[float] = field(default_factory=list[float])

    def p99(self) -> tuple[float, float]:
        """Return the 99th percentile of each."""
        return _p99(self.past), _p99(self.now)


def _pool(connection: Connection[Any], as_of: int, _application: str) -> object:
    at = connection.execute(
        "select recorded_at from ledger.event where log_id = 1 and position = %s", (as_of,)
    ).fetchone()
    return pools.partner_pools(connection, as_of, at[0], tier="ready") if at else None


QUESTIONS: dict[str, _Asked] = {
    "an application": boards.application,
    "an application's way to its total": lambda c, at, a: rankings.trace(c, at, a, DOCUMENT),
    "a call's applications": lambda c, at, a: boards.board(c, at, a.partition(":")[0]),
    "a stage's ranking": lambda c, at, a: rankings.ranking(c, at, a.partition(":")[0], DOCUMENT),
    "the cities that are ready": _pool,
}


def asked(url: str, times: int) -> dict[str, Answered]:
    """Ask each question so often of each, after a few that warm the caches."""
    draw = Random(1)  # noqa: S311  # any positions will do, the same each time
    with psycopg.connect(url, autocommit=True) as connection:
        size, applications = _known(connection)
        found = {question: Answered() for question in QUESTIONS}
        for turn in range(-_PAIRS, times):
            for question, ask in QUESTIONS.items():
                answered = found[question] if turn >= 0 else Answered()
                # Each of another application, so that none finds what the other has fetched.
                for into, as_of in (
                    (answered.past, draw.randrange(size)),
                    (answered.now, size - 1),
                ):
                    into.append(_ms(ask, connection, as_of, draw.choice(applications)))
    return found


def _known(connection: Connection[Any]) -> tuple[int, Sequence[str]]:
    row = connection.execute("select size from ledger.head where log_id = 1").fetchone()
    names = connection.execute(
        "select key from views.application_board where kind = 'application' "
        "and until = 4611686018427387904 order by key"
    ).fetchall()
    return (row[0] if row else 0), [name for (name,) in names]


def _ms(ask: _Asked, connection: Connection[Any], as_of: int, subject: str) -> float:
    begun = time.perf_counter()
    ask(connection, as_of, subject)
    return (time.perf_counter() - begun) * 1e3


def _p99(times: Sequence[float]) -> float:
    return quantiles(times, n=100, method="inclusive")[98]
