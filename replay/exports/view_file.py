"""A view as of a position, written to a file that says what it is of.

Rows come from the view's table one after another, so a file may be larger than memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, BinaryIO, assert_never

from core.errors import require
from core.ledger.keyring import Keyring
from core.ledger.ledger import Ledger
from core.ledger.merkle import Tree
from core.ledger.sealing import reveal
from projections.documents import Document, NotFolded, count_at, documents_at, folded
from projections.time_travel import position_of
from projections.view import View
from replay.exports.jsonl import JsonLines
from replay.exports.layout import columns_of, kinds_of
from replay.exports.parquet import Columnar
from replay.exports.sink import Provenance, Row, Sink
from replay.exports.textfile import CommaSeparated
from replay.exports.workbook import Spreadsheet

Progress = Callable[[int, int], None]
"""Told how far, of how many."""

_EVERY = 500
_OPENED_AT_ONCE = 100


class Format(StrEnum):
    """How a file is written; the word is its suffix, too."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported: a view, as of what, which kinds of its rows (none stands for all).

    Personal text is left sealed unless `personal`: what leaves in a file, no erasure reaches.
    """

    view: View[Any]
    format: Format
    as_of: str | None = None
    kinds: Collection[str] = ()
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    provenance: Provenance
    rows: int


def export_view(ledger: Ledger, wanted: Wanted, file: BinaryIO, progress: Progress) -> Exported:
    """Write a view's rows to a file.

    Raises `NotFolded` where the view's table does not hold the position, and `DomainError` for a
    moment that is not recorded yet, for kinds that there are not, and for a row that the format
    cannot hold.
    """
    kinds = _chosen(wanted)
    with ledger.connection() as connection, connection.transaction():
        reached = folded(connection, wanted.view)
        position = reached if wanted.as_of is None else position_of(ledger.store, wanted.as_of)
        if position > reached:
            raise NotFolded(
                f"the view {wanted.view.name} is folded up to position {reached}, and not yet up "
                f"to {position}"
            )
        total = count_at(connection, wanted.view, position, wanted.kinds)
        provenance = _provenance(ledger, wanted.view, position)
        sink = _sink(wanted, kinds, provenance, file)
        keys = ledger.keyring if wanted.personal else None
        with closing(documents_at(connection, wanted.view, position, wanted.kinds)) as documents:
            for done, row in enumerate(_rows(wanted.view, documents, keys)):
                if not done % _EVERY:
                    progress(done, total)
                sink.add(row)
        sink.close()
        progress(total, total)
    return Exported(provenance, total)


def _chosen(wanted: Wanted) -> tuple[str, ...]:
    known = tuple(kinds_of(wanted.view))
    for kind in wanted.kinds:
        require(
            kind in known,
            "unknown-kind",
            f"the rows of {wanted.view.name} are of "
            + (f"the kinds {', '.join(known)}" if known != ("",) else "no kinds"),
            field="kind",
            value=kind,
        )
    return tuple(kind for kind in known if not wanted.kinds or kind in wanted.kinds)


def _provenance(ledger: Ledger, view: View[Any], position: int) -> Provenance:
    last = ledger.store.page(position, 1) if position >= 0 else []
    root = Tree(position + 1, ledger.store.hashes).root()
    recorded_at = last[0].recorded_at if last else None
    return Provenance(view.name, view.version, position, recorded_at, root.hex())


def _sink(wanted: Wanted, kinds: tuple[str, ...], provenance: Provenance, file: BinaryIO) -> Sink:
    match wanted.format:
        case Format.JSONL:
            return JsonLines(file, provenance)
        case Format.CSV:
            return CommaSeparated(file, provenance, columns_of(wanted.view, kinds))
        case Format.PARQUET:
            return Columnar(file, provenance, columns_of(wanted.view, kinds))
        case Format.XLSX:
            of_kinds = {kind: columns_of(wanted.view, (kind,)) for kind in kinds}
            return Spreadsheet(file, provenance, of_kinds)
        case _:
            assert_never(wanted.format)


def _rows(view: View[Any], documents: Iterable[Document], keys: Keyring | None) -> Iterator[Row]:
    """Read documents; with keys, open their personal text, the keys of many asked for at once."""
    documents, kinds = iter(documents), kinds_of(view)
    while several := list(islice(documents, _OPENED_AT_ONCE if keys else 1)):
        read = [json.loads(document.row) for document in several]
        for document, row in zip(several, reveal(read, keys) if keys else read, strict=True):
            kind = row.get("kind", "")
            known = kind if kind in kinds else ""
            yield Row(document.key, document.since, known, row, len(document.row))
