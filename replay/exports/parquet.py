"""Parquet: rows with their structure and their types, and what the file is of in its metadata.

Rows are gathered to groups that are large enough to be worth compressing and small enough for
any memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from importlib import import_module
from typing import Any, BinaryIO, assert_never

from core.errors import refuse
from replay.exports.layout import KEY, SINCE, Column
from replay.exports.shapes import Keyed, Many, Parts, Scalar, Shape
from replay.exports.sink import Provenance, Row
from replay.exports.values import VALUES, reader_of

# It has no types of its own, so nothing is to be learned of it by importing it by its name.
_arrow: Any = import_module("pyarrow")
_parquet: Any = import_module("pyarrow.parquet")

DIGITS, PLACES = 38, 18
_PLACE = Decimal(1).scaleb(-PLACES)
_EXACT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_TYPES: Mapping[Scalar, Any] = {
    Scalar.TEXT: _arrow.string(),
    Scalar.PERSONAL: _arrow.string(),
    Scalar.JSON: _arrow.string(),
    Scalar.WHOLE: _arrow.int64(),
    Scalar.DECIMAL: _arrow.decimal128(DIGITS, PLACES),
    Scalar.REAL: _arrow.float64(),
    Scalar.FLAG: _arrow.bool_(),
    Scalar.DAY: _arrow.date32(),
    Scalar.INSTANT: _arrow.timestamp("us", tz="UTC"),
}
_MOST_ROWS = 20_000
_MOST_LETTERS = 8 << 20


class Columnar:
    """A file of row groups; decimals have 20 digits before the point and 18 after it."""

    def __init__(self, file: BinaryIO, provenance: Provenance, columns: Sequence[Column]) -> None:
        """Write the schema."""
        self._columns = columns
        shapes = [(KEY, Scalar.TEXT), (SINCE, Scalar.WHOLE), *((c.name, c.shape) for c in columns)]
        self._schema = _arrow.schema(
            [(name, _type(shape)) for name, shape in shapes], metadata=provenance.texts()
        )
        self._writer = _parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[Row] = []
        self._letters = 0

    def add(self, row: Row) -> None:
        """Keep a row until its group is full."""
        self._rows.append(row)
        self._letters += row.letters
        if len(self._rows) == _MOST_ROWS or self._letters >= _MOST_LETTERS:
            self._group()

    def close(self) -> None:
        """Write the last group and the footer."""
        self._group()
        self._writer.close()

    def _group(self) -> None:
        if not self._rows:
            return
        arrays = [
            _arrow.array([row.key for row in self._rows], _arrow.string()),
            _arrow.array([row.since for row in self._rows], _arrow.int64()),
            *(self._array(column) for column in self._columns),
        ]
        table = _arrow.Table.from_arrays(arrays, schema=self._schema)
        self._writer.write_table(table, row_group_size=len(self._rows))
        self._rows.clear()
        self._letters = 0

    def _array(self, column: Column) -> Any:  # noqa: ANN401  # an Arrow array
        try:
            return _values(column, self._rows)
        except (InvalidOperation, OverflowError, _arrow.ArrowInvalid):
            for row in self._rows:
                _fits(column, row)
            raise


def _values(column: Column, rows: Sequence[Row]) -> Any:  # noqa: ANN401  # an Arrow array
    read = reader_of(column.shape, _READS)
    values = [
        read(row.document.get(column.field)) if row.kind in column.kinds else None for row in rows
    ]
    return _arrow.array(values, _type(column.shape))


def _fits(column: Column, row: Row) -> None:
    """Refuse a row by its name: of many at once, nothing tells which of them it was."""
    try:
        _values(column, [row])
    except (InvalidOperation, OverflowError, _arrow.ArrowInvalid):
        refuse(
            "number-too-large",
            "this format has no such number; the formats jsonl and csv do",
            field=column.name,
            value=f"in the row {row.key}",
        )


def _decimal(text: str) -> Decimal:
    return Decimal(text).quantize(_PLACE, context=_EXACT)


_READS = {**VALUES, Scalar.DECIMAL: _decimal}


def _type(shape: Shape) -> Any:  # noqa: ANN401  # an Arrow type
    match shape:
        case Parts(parts=parts):
            return _arrow.struct([(name, _type(inner)) for name, inner in parts])
        case Many(of=inner):
            return _arrow.list_(_type(inner))
        case Keyed(of=inner):
            return _arrow.map_(_arrow.string(), _type(inner))
        case Scalar():
            return _TYPES[shape]
        case _:
            assert_never(shape)
