"""Writes the whole log to a file: every record with what stands beside it, and the views' rows.

For an auditor who wants to know that nothing else was recorded, and who keeps the checkpoint
to hold the next export against.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from core.ledger.checkpoints import parse_checkpoint
from core.ledger.ledger import Ledger
from core.ledger.merkle import Tree
from core.ledger.notes import split_note
from projections.projector import progress as progress_of
from projections.tables import rows_at
from projections.view import View
from projections.views import VIEWS
from replay.bundles.archive import Writer
from replay.bundles.decision import MANIFEST, NotCovered, readable
from replay.bundles.log_format import (
    CHECKPOINT,
    CONSISTENCY,
    FORMAT,
    KEYS,
    line_of,
    parts,
    view_line,
    view_name,
)
from replay.bundles.rows import packed

Progress = Callable[[int, int], None]
"""Told how far, of how many."""


class ViewsBehind(ValueError):
    """A view has not folded all that is exported, so that it has no rows of then yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported: how many records, signed by which checkpoint, with which views."""

    size: int
    note: bytes
    keys: Sequence[str]
    views: Sequence[View[Any]] = VIEWS


def export_log(ledger: Ledger, wanted: Wanted, file: BinaryIO, progress: Progress) -> None:
    """Write the first records of the log, and what proves that they are its beginning.

    Raises `NotCovered` where the checkpoint was signed for fewer, `ViewsBehind`, and
    `TooLarge` beyond what a zip file holds.
    """
    signed = parse_checkpoint(split_note(wanted.note)[0])
    if wanted.size > signed.size:
        raise NotCovered(f"the checkpoint covers {signed.size} records, and not {wanted.size}")
    proof = Tree(signed.size, ledger.store.hashes).consistency(wanted.size)
    archive, digests = Writer(file), dict[str, str]()

    def add(name: str, content: bytes) -> None:
        archive.add(name, content)
        digests[name] = hashlib.sha256(content).hexdigest()

    add(CHECKPOINT, wanted.note)
    add(KEYS, "".join(f"{key}\n" for key in wanted.keys).encode())
    add(CONSISTENCY, "".join(f"{node.hex()}\n" for node in proof).encode())
    for name, start, stop in parts(wanted.size):
        add(name, packed(map(line_of, ledger.store.rows(start, stop))))
        progress(stop, wanted.size)
    for name, lines in _views(ledger, wanted):
        add(name, packed(lines))
    document = {"format": FORMAT, "size": wanted.size, "sha256": digests}
    archive.add(MANIFEST, readable(document))
    archive.close()


def _views(ledger: Ledger, wanted: Wanted) -> Iterator[tuple[str, Iterable[bytes]]]:
    if not wanted.views:
        return
    position = wanted.size - 1
    with ledger.connection() as connection:
        made = connection.execute("select to_regclass('views.progress')").fetchone()
        at = progress_of(connection) if made and made[0] else {}
        behind = [view.name for view in wanted.views if at.get(view.name, -1) < position]
        if behind:
            said = f"{', '.join(behind)} not yet folded up to position {position}"
            raise ViewsBehind(f"{said}: `ssp project` or `ssp serve` does, --no-views leaves out")
        for view in wanted.views:
            dump = view.shape().dump_json
            rows = rows_at(connection, view, position)
            yield view_name(view), [view_line(key, dump(row)) for key, _, row in rows]
