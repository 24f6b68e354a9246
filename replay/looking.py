"""What auditors and analysts look at: views of any moment, consistency, and whether all is whole.

Everything here is folded from the records alone, so that it can be held against the tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from core.ledger.checkpoints import Checkpoint, open_checkpoint
from core.ledger.ledger import Ledger
from core.ledger.notary import Notary
from core.ledger.notes import MalformedNote, NotVerified, Verifier
from core.ledger.sealing import reveal
from projections.evaluation_consistency.fold import VIEW as CONSISTENCY
from projections.evaluation_consistency.queries import drift_from, report_from
from projections.ranking.fold import VIEW as RANKING
from projections.reading import records
from projections.time_travel import fold, fold_all, instant_of, position_of
from projections.views import VIEWS
from replay.options import CHECK_FAILED, stop
from replay.terminal import progress_bar
from replay.verify import Compared, Verification, verify, verify_views

if TYPE_CHECKING:
    from projections.evaluation_consistency.over_calls import OverCalls
    from projections.evaluation_consistency.report import Consistency


def shown(ledger: Ledger, document: Any) -> Any:  # noqa: ANN401  # any JSON document
    """Return a document with its sealed text opened: for who holds no key, as it is."""
    return reveal(document, ledger.keyring) if ledger.keyring.opens else document


def rows_of(ledger: Ledger, name: str, as_of: str | None) -> tuple[int, Mapping[str, Any]]:
    """Return the position that `as_of` names, and the rows that a view had there, by key."""
    found = {view.name: view for view in VIEWS}
    if name not in found:
        stop(f"there is no view {name!r}; there are {', '.join(found)}")
    position = position_of(ledger.store, as_of)
    return position, fold(found[name], records(ledger.store, 0, position + 1))


def consistency_of(
    ledger: Ledger, call_id: str, stage: str, as_of: str | None, effective_at: str | None
) -> tuple[int, Consistency]:
    """Return the position that `as_of` names, and a stage's report as it was known there."""
    at = instant_of(effective_at, "effective_at") if effective_at else None
    position = position_of(ledger.store, as_of)
    read = records(ledger.store, 0, position + 1)
    rows, ranking = fold_all((CONSISTENCY, RANKING), read)
    report = report_from(rows.values(), ranking.values(), call_id, stage, at)
    if report is None:
        stop(f"call {call_id!r} has no stage {stage!r} as of position {position}")
    return position, report


def drift_of(
    ledger: Ledger, stage: str, as_of: str | None, effective_at: str | None
) -> tuple[int, OverCalls]:
    """Return the position that `as_of` names, and how evaluators moved from call to call."""
    at = instant_of(effective_at, "effective_at") if effective_at else None
    position = position_of(ledger.store, as_of)
    rows, ranking = fold_all((CONSISTENCY, RANKING), records(ledger.store, 0, position + 1))
    drift = drift_from(rows.values(), tuple(ranking.values()), stage, at)
    if drift is None:
        stop(f"no call has marks in a stage {stage!r} as of position {position}")
    return position, drift


def verified(
    ledger: Ledger,
    keys: Sequence[Verifier] = (),
    earlier: Sequence[Checkpoint] = (),
    *,
    views: bool,
    as_json: bool,
) -> bool:
    """Verify the log, and then its views; print what was found and return whether all is well.

    With keys that are trusted, the log must be what it was when it was last signed, and go on
    from each of the `earlier` checkpoints.
    """
    signed = *earlier, *_last_signed(ledger, keys)
    with progress_bar("verifying records") as tell:
        result = verify(ledger.store, tell, checkpoints=signed, url=ledger.url)
    compared: tuple[Compared, ...] = ()
    # Where the log itself is at fault, a view's rebuild proves nothing.
    if views and result.fault is None:
        with progress_bar("rebuilding views") as tell:
            compared = verify_views(ledger, tell)
    good = result.fault is None and not any(view.finding for view in compared)
    if as_json:
        document = {"verifies": good, **asdict(result), "views": [asdict(v) for v in compared]}
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        typer.echo(_said(result))
        for view in compared:
            typer.echo(f"view {view.view}: {_said_of_view(view)}")
    return good


def _last_signed(ledger: Ledger, keys: Sequence[Verifier]) -> tuple[Checkpoint, ...]:
    latest = Notary(ledger, None).latest() if keys else None
    if latest is None:
        return ()
    try:
        return (open_checkpoint(latest.note, keys)[0],)
    except (MalformedNote, NotVerified) as error:
        stop(f"the log's last checkpoint is not signed by your key: {error}", CHECK_FAILED)


def _said(result: Verification) -> str:
    if result.fault is None:
        return f"the log verifies: {result.size} events, root {result.root}"
    position = result.fault.position
    where = "as a whole" if position is None else f"at position {position}"
    return f"the log does NOT verify, {where}: {result.fault.finding}"


def _said_of_view(view: Compared) -> str:
    if view.position is None:
        return "has no table yet"
    if view.position < 0 and not view.finding:
        return "has folded nothing yet"
    if view.finding:
        return f"DIFFERS from a rebuild at position {view.position}: {view.finding}"
    return f"equal to a rebuild at position {view.position}"
