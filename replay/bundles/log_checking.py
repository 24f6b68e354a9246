"""Checks an exported log, where there is no server and no database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from core.ledger.checkpoints import Checkpoint, open_checkpoint
from core.ledger.merkle import extends
from core.ledger.notes import MalformedNote, NotVerified, Verifier
from projections.reading import MalformedRecord, readable
from projections.view import MemoryRows, View
from projections.views import VIEWS
from replay.bundles.archive import NotAnArchive, read
from replay.bundles.checking import Wrong, hashes_of
from replay.bundles.decision import MANIFEST
from replay.bundles.decision import readable as document
from replay.bundles.log_format import (
    CHECKPOINT,
    CONSISTENCY,
    FORMAT,
    KEYS,
    parts,
    rows_of,
    stored,
    view_line,
    view_name,
)
from replay.bundles.rows import Unreadable, unpacked
from replay.parts import in_order
from replay.scan import PART, Fault, Part, Whole, contradicts, examine

Progress = Callable[[int, int], None]
"""Told how far, of how many."""


@dataclass(frozen=True, slots=True)
class LogChecked:
    """An exported log of which all holds; `views` are those whose rows were compared."""

    checkpoint: Checkpoint
    signed_by: tuple[Verifier, ...]
    size: int
    root: bytes
    views: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InFile:
    """Parts of an exported log: where each one's records lie in the file."""

    path: Path
    places: tuple[slice, ...]

    def __call__(self, start: int, stop: int) -> Part:
        """Examine a part."""
        try:
            return examine(rows_of(self.lines(start // PART)), start, stop)
        except Unreadable as error:
            said = f"the records from {start} to {stop - 1}: {error}"
            return Part(start, b"", (), {}, None, None, Fault(None, said))

    def lines(self, number: int) -> Sequence[bytes]:
        """Return the lines of a part."""
        place = self.places[number]
        with self.path.open("rb") as file:
            file.seek(place.start)
            return unpacked(file.read(place.stop - place.start))


def check_log(
    path: Path,
    verifiers: Sequence[Verifier],
    earlier: Sequence[Checkpoint],
    progress: Progress,
    *,
    views: bool = True,
) -> LogChecked:
    """Check an exported log against the keys that are trusted; raises `Wrong`.

    It must go on from each of the `earlier` checkpoints, whose signatures were verified.
    """
    try:
        data = path.read_bytes()
        places = read(data)
        size = _manifest(data, places)
        checkpoint, note = open_checkpoint(data[places[CHECKPOINT]], verifiers)
        if any(verifier.name != checkpoint.origin for verifier in note.signed_by):
            raise Wrong(f"the checkpoint is of the log {checkpoint.origin}, and your key is not")
        records = InFile(path, tuple(places[name] for name, _, _ in parts(size)))
        root = _root(records, size, earlier, progress)
        if not extends(
            root, size, checkpoint.root, checkpoint.size, hashes_of(data[places[CONSISTENCY]])
        ):
            raise Wrong(f"the {size} records do not give the root that was signed")
        held = [view for view in VIEWS if views and view_name(view) in places]
        rows = [data[places[view_name(view)]] for view in held]
        _check_views(records, size, list(zip(held, rows, strict=True)), progress)
    except (NotAnArchive, MalformedNote, NotVerified) as error:
        raise Wrong(str(error)) from error
    except (Unreadable, MalformedRecord) as error:
        raise Wrong(str(error), error.position) from error
    return LogChecked(checkpoint, note.signed_by, size, root, tuple(view.name for view in held))


def _manifest(data: bytes, places: Mapping[str, slice]) -> int:
    """Return how many records there are; every digest must be that of its member."""
    if not {CHECKPOINT, KEYS, CONSISTENCY, MANIFEST} <= places.keys():
        raise Wrong("this is no exported log")
    text = data[places[MANIFEST]]
    try:
        size = int(from_json(text)["size"])
    except (ValueError, TypeError, KeyError) as error:
        raise Wrong(f"the manifest cannot be read: {error!r}") from None
    names = [name for name, _, _ in parts(size)]
    known = {view_name(view) for view in VIEWS}
    views = [name for name in places if name.startswith("views/")]
    if [*places] != [CHECKPOINT, KEYS, CONSISTENCY, *names, *views, MANIFEST]:
        raise Wrong("the members are not those of an exported log")
    if strange := [name for name in views if name not in known]:
        raise Wrong(f"{strange[0]} is of a view that is not known here")
    view = memoryview(data)
    digests = {
        name: hashlib.sha256(view[where]).hexdigest()
        for name, where in places.items()
        if name != MANIFEST
    }
    if text != document({"format": FORMAT, "size": size, "sha256": digests}):
        raise Wrong("the manifest is not that of these members")
    return size


def _root(records: InFile, size: int, earlier: Sequence[Checkpoint], progress: Progress) -> bytes:
    """Return the root of all records, each of which must agree with what stands beside it."""
    whole = Whole(checkpoint.size for checkpoint in earlier)
    with closing(in_order(records, size)) as found:
        for part in found:
            whole.add(part)
            progress(whole.size, size)
            if whole.fault:
                break
    for fault in (whole.fault, *(contradicts(whole, checkpoint) for checkpoint in earlier)):
        if fault is not None:
            raise Wrong(fault.finding, fault.position)
    return whole.root()


def _check_views(
    records: InFile, size: int, held: Sequence[tuple[View[Any], bytes]], progress: Progress
) -> None:
    """Compare each view's rows with a fold of the records."""
    folded = [(view, MemoryRows[Any]()) for view, _ in held]
    for number, (_, _, stop) in enumerate(parts(size) if held else ()):
        for record in readable(map(stored, rows_of(records.lines(number)))):
            for view, rows in folded:
                view.fold(record, rows)
        progress(stop, size)
    for (view, content), (_, rows) in zip(held, folded, strict=True):
        dump = view.shape().dump_json
        lines = {view_line(key, dump(row)) for key, row in rows.rows.items()}
        if differing := lines.symmetric_difference(unpacked(content)):
            keys = sorted({str(from_json(line)["key"]) for line in differing})
            said = f"the view {view.name} is not what the records give"
            raise Wrong(f"{said}: {len(keys)} rows differ, first {keys[0]!r}")
