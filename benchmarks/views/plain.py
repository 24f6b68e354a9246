"""The limit: a loop by hand that folds the rows of one view, `evaluation_consistency`.

The same rows to the byte of their meaning, in the same kind of table, in batches, with its
checkpoint. It knows nothing of types, of other views or of going on after a failure, and keeps
every row in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

_BATCH = 5_000
_OPEN = 2**62
_Change = tuple[str, int, str]
_TABLE: LiteralString = (
    "create schema if not exists plain;"
    "drop table if exists plain.rows, plain.checkpoint;"
    'create table plain.rows (key text collate "C" not null, since bigint not null, '
    "until bigint not null, call_id text not null, stage text not null, doc json not null, "
    "primary key (key, since));"
    "create unique index on plain.rows (key) where until = 4611686018427387904;"
    "create index on plain.rows (call_id, stage, until, since);"
    "create table plain.checkpoint (position bigint not null);"
    "insert into plain.checkpoint values (-1)"
)
_PAGE: LiteralString = (
    "select position, type, record from ledger.event where log_id = 1 and position > %s "
    "order by position limit %s"
)


class Plain:
    """Reads, folds, copies, and writes down where it is."""

    def __init__(self, url: str) -> None:
        """Make an empty table."""
        self._connection: Connection[Any] = psycopg.connect(url, autocommit=True)
        self._connection.execute(_TABLE)
        self._rows: dict[str, dict[str, Any]] = {}
        self._at = -1

    def grow(self, events: int, size: int) -> None:
        """Do nothing: it reads the ledger's table."""

    def catch_up(self) -> int:
        """Fold batch after batch until there is none."""
        begun = self._at
        while True:
            with self._connection.cursor(binary=True) as cursor:
                found = cursor.execute(_PAGE, (self._at, _BATCH), prepare=True).fetchall()
            if not found:
                return self._at - begun
            changes: list[_Change] = []
            for position, kind, record in found:
                if kind in _FOLDED:
                    changes.extend(self._fold(position, kind, json.loads(record)))
            self._write(changes, found[-1][0])
            self._at = found[-1][0]

    def follow(self, until: Callable[[], None]) -> None:
        """Do nothing: a loop that is told by nobody when something comes has no lag to speak of."""
        until()

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()

    def _fold(self, position: int, kind: str, record: dict[str, Any]) -> Iterator[_Change]:
        key, at, data = record["subject"], record["occurred_at"], record["data"]
        row = self._rows.get(key)
        if kind == "evaluations.scores-submitted.1":
            marks = [_mark(m["criterion"], m["value"], at, position) for m in data["marks"]]
            row = row or {
                "application_id": data["application_id"],
                "call_id": data["application_id"].partition(":")[0],
                "stage": data["stage"],
                "evaluator": data["evaluator_id"],
                "marks": [],
                "ended_at": None,
                "kind": "evaluation",
            }
            row = {**row, "marks": [*row["marks"], *marks]}
        elif row is None:
            return
        elif kind == "evaluations.score-revised.1":
            mark = _mark(data["criterion"], data["after"], at, position)
            mark |= {
                "first": False,
                "before": data["before"],
                "reason": data["reason"],
                "by": record["actor"],
            }
            row = {**row, "marks": [*row["marks"], mark]}
        else:
            row = {**row, "ended_at": at}
        self._rows[key] = row
        yield key, position, json.dumps(row, ensure_ascii=False, separators=(",", ":"))

    def _write(self, changes: list[_Change], last: int) -> None:
        following: dict[str, int] = {}
        lines: list[tuple[Any, ...]] = []
        for key, position, doc in reversed(changes):
            row = self._rows[key]
            until = following.get(key, _OPEN)
            lines.append((key, position, until, row["call_id"], row["stage"], doc))
            following[key] = position
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(
                "update plain.rows r set until = c.position "
                "from unnest(%s::text[], %s::bigint[]) as c(key, position) "
                "where r.key = c.key and r.until = 4611686018427387904",
                (list(following), list(following.values())),
            )
            with cursor.copy("copy plain.rows from stdin") as copy:
                for line in lines:
                    copy.write_row(line)
            cursor.execute("update plain.checkpoint set position = %s", (last,))


_FOLDED = frozenset(
    {
        "evaluations.scores-submitted.1",
        "evaluations.score-revised.1",
        "evaluations.abstained.1",
        "evaluations.invalidated.1",
    }
)


def _mark(criterion: str, value: str | None, at: str, position: int) -> dict[str, Any]:
    return {
        "criterion": criterion,
        "value": value,
        "occurred_at": at,
        "position": position,
        "first": True,
        "before": None,
        "reason": "",
        "by": "",
    }
