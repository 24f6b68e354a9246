"""Arrays in PostgreSQL's binary format, packed here, where the type of the elements is known.

psycopg looks at every element of a list to find its type, which costs more than the rest of an
append does. The format is that of array_recv in PostgreSQL's arrayfuncs.c: dimensions, whether
there are nulls, the elements' type, then for each dimension its length and lower bound, then each
element behind its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct, error, pack

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

# Object ids of the elements' types, and of their arrays, as pg_type has them.
_INT4, _INT8, _TEXT, _BYTEA = 23, 20, 25, 17
_INT4_ARRAY, _INT8_ARRAY, _TEXT_ARRAY, _BYTEA_ARRAY = 1007, 1016, 1009, 1001
_HEAD = Struct(">iiIii")
_LENGTH = Struct(">i")


class Int4Array(bytes):
    """An `int[]`."""

    __slots__ = ()


class Int8Array(bytes):
    """A `bigint[]`."""

    __slots__ = ()


class TextArray(bytes):
    """A `text[]`."""

    __slots__ = ()


class ByteaArray(bytes):
    """A `bytea[]`."""

    __slots__ = ()


def int4s(values: Sequence[int]) -> Int4Array:
    """Pack integers of 32 bits; raises `ValueError` for larger ones."""
    # Each element is its length, 4, and itself: two words.
    words = [4] * (2 * len(values))
    words[1::2] = values
    try:
        return Int4Array(_head(_INT4, len(values)) + pack(f">{len(words)}i", *words))
    except error as wrong:
        raise ValueError(str(wrong)) from wrong


def int8s(values: Sequence[int]) -> Int8Array:
    """Pack integers of 64 bits."""
    return Int8Array(_head(_INT8, len(values)) + b"".join(pack(">iq", 8, v) for v in values))


def texts(values: Sequence[str]) -> TextArray:
    """Pack text."""
    return TextArray(_head(_TEXT, len(values)) + _elements([v.encode() for v in values]))


def byteas(values: Sequence[bytes]) -> ByteaArray:
    """Pack bytes."""
    return ByteaArray(_head(_BYTEA, len(values)) + _elements(values))


def _head(element: int, count: int) -> bytes:
    # An empty array has no dimensions.
    return _HEAD.pack(1, 0, element, count, 1) if count else _HEAD.pack(0, 0, element, 0, 0)[:12]


def _elements(values: Sequence[bytes]) -> bytes:
    parts = [b""] * (2 * len(values))
    parts[::2] = [_LENGTH.pack(len(v)) for v in values]
    parts[1::2] = values
    return b"".join(parts)


class _Packed(Dumper):
    """Sends what is packed already."""

    format = Format.BINARY

    def dump(self, obj: Buffer) -> Buffer:
        return obj


def _register(kind: type[bytes], array: int) -> None:
    psycopg.adapters.register_dumper(
        kind, type(f"{kind.__name__}Dumper", (_Packed,), {"oid": array})
    )


for _kind, _array in (
    (Int4Array, _INT4_ARRAY),
    (Int8Array, _INT8_ARRAY),
    (TextArray, _TEXT_ARRAY),
    (ByteaArray, _BYTEA_ARRAY),
):
    _register(_kind, _array)
