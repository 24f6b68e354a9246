"""What a view is: a pure fold of events into rows, which knows nothing of where rows are kept.

The same fold fills the live tables, a rebuild's shadow tables, and memory for replay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Generic, Protocol, TypeVar, get_args, get_type_hints

from pydantic import Field, TypeAdapter

from core.ledger.codec import Event, adapter
from core.ledger.decoding import reader, reader_of
from core.ledger.records import Recorded

R = TypeVar("R")


class Rows(Protocol[R]):
    """The current rows of a view, by key."""

    def get(self, key: str) -> R | None:
        """Return a row, or None where there is none."""
        ...

    def put(self, key: str, row: R) -> None:
        """Add a row or replace it; an equal one changes nothing."""
        ...

    def add(self, key: str, row: R) -> None:
        """Add a row under a key that no row had before, and that the fold never asks for again.

        For rows that are as many as events: nothing is looked up, and nothing is kept.
        """
        ...

    def drop(self, key: str) -> None:
        """Let a row end."""
        ...

    def under(self, prefix: str) -> Sequence[str]:
        """Return the keys that begin with `prefix`, in order; meant for rare facts."""
        ...


@dataclass(frozen=True, slots=True)
class View(Generic[R]):
    """One read model.

    `version` is raised whenever the fold or the rows change, and the table is then
    filled anew. `row` is the union of the types of rows, told apart by their `kind`.
    `columns` names what table.sql has beside the engine's own columns, and how to find
    it in a row. `folds` are the types of all events that change a row, None for any: a
    record that no view folds need not be read.
    """

    name: str
    version: int
    row: Any
    fold: Callable[[Recorded, Rows[R]], None]
    columns: Mapping[str, Callable[[R], str | None]] = field(
        default_factory=dict[str, Callable[[R], str | None]]
    )
    folds: frozenset[type[Event]] | None = None

    def shape(self) -> TypeAdapter[R]:
        """Return how rows become JSON and back; `kind` tells several types of them apart."""
        return _shape(self.row)

    def read(self, doc: str) -> R:
        """Return a row of its JSON."""
        found: R = _reader(self.row)(doc)
        return found

    def table_sql(self) -> str:
        """Return the statements that create the view's table."""
        return (files(f"projections.{self.name}") / "table.sql").read_text(encoding="utf-8")


@cache
def _shape(row: Any) -> TypeAdapter[Any]:  # noqa: ANN401  # a union of types is no type
    """Make the shape of rows once: it takes longer than all that a query does with it."""
    several = len(get_args(row)) > 1
    return adapter(Annotated[row, Field(discriminator="kind")] if several else row)


@cache
def _reader(row: Any) -> Callable[[str], Any]:  # noqa: ANN401  # as above
    """Make what reads rows, each kind by a reader of its own: these are the fast ones."""
    types: tuple[Any, ...] = get_args(row) or (row,)
    if len(types) == 1:
        return reader(types[0])
    kinds: dict[str, Callable[[str], Any]] = {
        get_args(get_type_hints(one)["kind"])[0]: reader(one) for one in types
    }
    kind_of = reader_of("kind", str)
    return lambda doc: kinds[kind_of(doc)](doc)


@dataclass(slots=True)
class MemoryRows(Generic[R]):
    """Rows in a dictionary: for replay, what-if and tests."""

    rows: dict[str, R] = field(default_factory=dict[str, R])

    def get(self, key: str) -> R | None:
        """Return a row, or None where there is none."""
        return self.rows.get(key)

    def put(self, key: str, row: R) -> None:
        """Add a row or replace it."""
        self.rows[key] = row

    def add(self, key: str, row: R) -> None:
        """Add a row under a new key."""
        self.rows[key] = row

    def drop(self, key: str) -> None:
        """Remove a row."""
        self.rows.pop(key, None)

    def under(self, prefix: str) -> Sequence[str]:
        """Return the keys that begin with `prefix`, in order."""
        return sorted(key for key in self.rows if key.startswith(prefix))
