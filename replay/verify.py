"""Proves the log whole where it lies: records, tree and head, and what was signed of it.

Nothing that the database derived is believed; the records' own bytes are, and what they say
must agree with every column beside them, with the stored tree, and with each checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from core.ledger.checkpoints import Checkpoint
from core.ledger.ledger import Ledger
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import Head, Store, rows
from projections.projector import progress as progress_of
from projections.reading import records
from projections.views import VIEWS
from replay.parts import in_order
from replay.rebuilt import Rebuilt
from replay.scan import Fault, Part, Whole, contradicts, examine

Progress = Callable[[int, int], None]
"""Told how far, of how many."""

_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class InDatabase:
    """Parts of the log in a database, read on a connection of each process's own."""

    url: str

    def __call__(self, start: int, stop: int) -> Part:
        """Examine a part."""
        with connect(self.url, DatabaseRole.READER, application="ssp-verify") as connection:
            return examine(rows(connection, start, stop), start, stop)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was recomputed; `fault` is None where everything agrees.

    `size` and `root` are those of the records that are good.
    """

    size: int
    root: str
    head_root: str
    fault: Fault | None


def verify(
    store: Store,
    progress: Progress | None = None,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    url: str | None = None,
) -> Verification:
    """Check the log up to its present head; stops at the first position that is wrong.

    The log must also have the root of each of `checkpoints`, whose signatures were verified.
    By the database's `url`, several processes read a long log.
    """
    head = store.head()
    whole = Whole(checkpoint.size for checkpoint in checkpoints)
    tell = progress or _silent

    def here(start: int, stop: int) -> Part:
        return examine(store.rows(start, stop), start, stop)

    with closing(in_order(InDatabase(url) if url else here, head.size, alone=not url)) as parts:
        for part in parts:
            whole.add(part)
            tell(whole.size, head.size)
            if whole.fault:
                break
    fault = (
        whole.fault
        or _stored_fault(store, head, whole)
        or next(filter(None, (contradicts(whole, c) for c in checkpoints)), None)
    )
    return Verification(whole.size, whole.root().hex(), head.root.hex(), fault)


@dataclass(frozen=True, slots=True)
class Compared:
    """A view against a rebuild at its own position.

    `position` is None where the view has no table yet; `finding` is empty where the two
    are equal.
    """

    view: str
    position: int | None
    finding: str


def verify_views(ledger: Ledger, progress: Progress | None = None) -> tuple[Compared, ...]:
    """Compare each view's rows with a fold of the records, at the view's own position."""
    with ledger.connection() as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        made = connection.execute("select to_regclass('views.progress')").fetchone()
        at = progress_of(connection) if made and made[0] else {}
        rebuilt = {v.name: Rebuilt(connection, v, at[v.name]) for v in VIEWS if v.name in at}
        _fold(ledger, list(rebuilt.values()), progress or _silent)
        return tuple(
            Compared(view.name, at[view.name], rebuilt[view.name].finding())
            if view.name in rebuilt
            else Compared(view.name, None, "")
            for view in VIEWS
        )


def _fold(ledger: Ledger, rebuilt: Sequence[Rebuilt[Any]], progress: Progress) -> None:
    """Fold every view up to its own position, in one reading of the records."""
    size = max((own.position for own in rebuilt), default=-1) + 1
    for record in records(ledger.store, 0, size):
        for own in rebuilt:
            if record.position <= own.position:
                own.view.fold(record, own)
        if record.position % _EVERY == 0:
            progress(record.position, size)
    progress(size, size)


def _silent(done: int, total: int) -> None:
    """Tell no one."""


def _stored_fault(store: Store, head: Head, whole: Whole) -> Fault | None:
    """Return what is wrong with what the database keeps of the tree."""
    if whole.root() != head.root or tuple(whole.frontier()) != head.frontier:
        return Fault(None, "the head's root is not the root of the records")
    stored = store.nodes()
    for height, index, root in whole.nodes():
        if stored.pop((height, index), None) != root:
            return _tile_fault(height, index, "is not that of their records")
    for height, index in stored:
        if (index + 1) << height <= head.size:
            return _tile_fault(height, index, "is none that the tree has")
    # Rows come with their head: those behind the present one belong to no append.
    behind = next(iter(store.page(head.size, 1)), None)
    if behind is not None and behind.position >= store.size():
        return Fault(head.size, f"the head counts {head.size} events, and more are stored")
    return None


def _tile_fault(height: int, index: int, finding: str) -> Fault:
    first, last = index << height, ((index + 1) << height) - 1
    return Fault(None, f"the root stored for positions {first} to {last} {finding}")
