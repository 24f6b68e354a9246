"""A view as one table: which columns it has, and what a row says in each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from projections.view import View
from replay.exports.shapes import Parts, Shape, parts_of

KEY, SINCE = "key", "since_position"
OF = ("view", "view_version", "as_of_position", "as_of_recorded_at")
RESERVED = frozenset({KEY, SINCE, *OF})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the field of the row that it shows, and of which kinds of rows."""

    name: str
    field: str
    shape: Shape
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a table without structure: `path` leads to it through parts."""

    name: str
    path: tuple[str, ...]
    shape: Shape


def kinds_of(view: View[Any]) -> dict[str, type]:
    """Return the types of a view's rows by the kind that each calls itself."""
    return {_kind(row): row for row in get_args(view.row) or (view.row,)}


def columns_of(view: View[Any], kinds: Collection[str] = ()) -> tuple[Column, ...]:
    """Return the columns of a view, or those of some kinds of its rows.

    Fields of one name and one shape share a column. Where shapes differ, or the table itself has
    a column of that name, each has its own, whatever kinds are asked for.
    """
    every = kinds_of(view)
    found: dict[str, dict[Shape, set[str]]] = {}
    for kind, row in every.items():
        for name, shape in parts_of(row):
            found.setdefault(name, {}).setdefault(shape, set()).add(kind)
    columns = (
        Column(
            name if len(shapes) == 1 and name not in RESERVED else _apart(name, of),
            name,
            shape,
            frozenset(of),
        )
        for name, shapes in found.items()
        for shape, of in shapes.items()
    )
    return tuple(column for column in columns if not kinds or column.kinds & set(kinds))


def cells_of(columns: Collection[Column]) -> tuple[tuple[Column, tuple[Cell, ...]], ...]:
    """Return for each column its cells in a table that has no structure: parts have dotted names.

    What can stand in a row more than once is one cell, of JSON.
    """
    found = tuple((c, tuple(_cells(c.name, (), c.shape))) for c in columns)
    repeated = [
        n for n, times in Counter(c.name for _, cs in found for c in cs).items() if times > 1
    ]
    if repeated:
        msg = f"two columns would be called {', '.join(repeated)}"
        raise ValueError(msg)
    return found


def _cells(name: str, path: tuple[str, ...], shape: Shape) -> Iterator[Cell]:
    if isinstance(shape, Parts):
        for part, inner in shape.parts:
            yield from _cells(f"{name}.{part}", (*path, part), inner)
    else:
        yield Cell(name, path, shape)


def _kind(row: type) -> str:
    """Return what the rows of a type call themselves, "" where they call themselves nothing."""
    words = get_args(get_type_hints(row).get("kind"))
    return str(words[0]) if len(words) == 1 else ""


def _apart(name: str, kinds: Collection[str]) -> str:
    return f"{name}_of_{'_'.join(sorted(kind or 'row' for kind in kinds))}"
