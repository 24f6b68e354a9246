"""The log for those who trust nobody: checkpoints, proofs, and records as exact bytes.

Checkpoints and proofs are public, since they hold hashes and counts alone; a record's hash
tells nothing of it, for every record holds a random id. Records are for those who may follow
the feed. What a checkpoint covers is true for ever, and may be kept as long.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from api.access import Principal
from api.feed import may_follow
from api.openapi import problems
from api.problems import Problem
from api.wiring import Wired, Wiring
from core.ledger.checkpoints import Signed
from core.ledger.merkle import Tree

KEEP = "public, max-age=31536000, immutable"
KEEP_PRIVATE = "private, max-age=31536000, immutable"
_BRIEFLY = "max-age=1"
_POLL_S = 0.2
_MOST = 256
_NOTE = "text/plain; charset=utf-8"
_NOTE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A signed note (C2SP tlog-checkpoint)",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}

Size = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**62,
        description="The log's first so many events; without it, what the latest checkpoint "
        "covers.",
        examples=[1200],
    ),
]

router = APIRouter(tags=["log"])


class Inclusion(BaseModel):
    """That a record is in the log: an RFC 6962 audit path. Hashes are hexadecimal."""

    position: int = Field(description="The record's position, and its leaf's index.")
    size: int = Field(description="How many events the tree is over.")
    leaf: str = Field(description="The record's leaf: SHA-256 of a zero byte and the record.")
    root: str = Field(description="The tree's root; believe it if a checkpoint says so.")
    proof: list[str] = Field(description="The audit path, lowest first.")
    checkpoint: str | None = Field(description="The signed checkpoint of this size, if any.")


class Consistency(BaseModel):
    """That the log only grew: an RFC 6962 consistency proof. Hashes are hexadecimal."""

    from_size: int = Field(description="How many events the earlier tree is over.")
    to_size: int = Field(description="How many events the later tree is over.")
    from_root: str = Field(description="The earlier tree's root; compare it with the one kept.")
    to_root: str = Field(description="The later tree's root; believe it if a checkpoint says so.")
    proof: list[str] = Field(description="The proof; empty for equal sizes, and from none.")
    checkpoint: str | None = Field(description="The signed checkpoint of the later size, if any.")


class Entry(BaseModel):
    """A record as it is hashed."""

    position: int = Field(description="Its position.")
    record: str = Field(description="Its exact bytes, in base64.")
    leaf: str = Field(description="Its leaf, in hexadecimal.")


class Entries(BaseModel):
    """Consecutive records of the log."""

    size: int = Field(description="How many events the log holds.")
    entries: list[Entry] = Field(description="The records, in order.")


@router.get(
    "/log/checkpoint",
    operation_id="read_checkpoint",
    summary="Read the latest checkpoint",
    response_class=Response,
    responses={
        **_NOTE_ANSWER,
        **problems(
            "malformed-parameter",
            "not-covered",
            "log-forked",
            "not-visible-yet",
        ),
    },
)
async def read_checkpoint(
    wiring: Wired,
    at_least: Annotated[
        int | None,
        Query(
            ge=0,
            le=2**62,
            description="Sign, or wait for, a checkpoint over at least so many events: a receipt's "
            "position plus one, for a checkpoint that covers it.",
            examples=[1201],
        ),
    ] = None,
) -> Response:
    """Return the log's name, size and root, signed."""
    signed = await run_sync(wiring.notary.latest)
    if at_least is not None and (signed is None or signed.checkpoint.size < at_least):
        signed = await _grown(wiring, at_least)
    return _note(signed, _BRIEFLY)


@router.get(
    "/log/checkpoints/{size}",
    operation_id="read_earlier_checkpoint",
    summary="Read an earlier checkpoint",
    response_class=Response,
    responses={**_NOTE_ANSWER, **problems("malformed-id", "not-covered")},
)
def read_earlier_checkpoint(
    wiring: Wired,
    size: Annotated[int, Path(ge=0, le=2**62, description="The size that it was signed for.")],
) -> Response:
    """Return the checkpoint that was signed for exactly this size."""
    return _note(wiring.notary.at(size), KEEP)


@router.get(
    "/log/proof/inclusion",
    operation_id="prove_inclusion",
    summary="Prove a record's inclusion",
    responses=problems("malformed-parameter", "not-covered"),
)
def prove_inclusion(
    wiring: Wired,
    response: Response,
    position: Annotated[
        int, Query(ge=0, le=2**62, description="The record's position.", examples=[17])
    ],
    size: Size = None,
) -> Inclusion:
    """Prove that the log of some size has this record at this position."""
    tree, note = _tree(wiring, size, "size")
    if position >= tree.size:
        raise not_covered(f"the log of {tree.size} events ends before this position", "position")
    response.headers["Cache-Control"] = KEEP if size is not None and note else _BRIEFLY
    return Inclusion(
        position=position,
        size=tree.size,
        leaf=wiring.ledger.store.hashes(0, position, position + 1)[0].hex(),
        root=tree.root().hex(),
        proof=[node.hex() for node in tree.inclusion(position)],
        checkpoint=note,
    )


@router.get(
    "/log/proof/consistency",
    operation_id="prove_consistency",
    summary="Prove that the log only grew",
    responses=problems("malformed-parameter", "not-covered"),
)
def prove_consistency(
    wiring: Wired,
    response: Response,
    from_: Annotated[
        int,
        Query(alias="from", ge=0, le=2**62, description="The size that is known.", examples=[900]),
    ],
    to: Size = None,
) -> Consistency:
    """Prove that the log of one size begins with the log of another."""
    tree, note = _tree(wiring, to, "to")
    if from_ > tree.size:
        raise not_covered(f"the log of {tree.size} events is smaller than this", "from")
    response.headers["Cache-Control"] = KEEP if to is not None and note else _BRIEFLY
    return Consistency(
        from_size=from_,
        to_size=tree.size,
        from_root=Tree(from_, wiring.ledger.store.hashes).root().hex(),
        to_root=tree.root().hex(),
        proof=[node.hex() for node in tree.consistency(from_)],
        checkpoint=note,
    )


@router.get(
    "/log/entries",
    operation_id="read_entries",
    summary="Read records as exact bytes",
    responses=problems("malformed-parameter", "not-authenticated", "role-not-allowed"),
)
def read_entries(
    wiring: Wired,
    _principal: Annotated[Principal, Depends(may_follow)],
    start: Annotated[int, Query(ge=0, le=2**62, description="The first position.")] = 0,
    count: Annotated[
        int, Query(ge=1, le=_MOST, description="How many; fewer come at the log's end.")
    ] = _MOST,
) -> Entries:
    """Return consecutive records, each of any length, as the bytes that its leaf is made of."""
    size = wiring.ledger.store.size()
    rows = wiring.ledger.store.page(start, count)
    return Entries(
        size=size,
        entries=[
            Entry(
                position=row.position,
                record=base64.b64encode(row.record).decode(),
                leaf=row.leaf.hex(),
            )
            for row in rows
        ],
    )


def not_covered(rule: str, field: str) -> Problem:
    """Return the answer to a request for what the log does not have (yet)."""
    return Problem("not-covered", rule, field=field, headers={"Cache-Control": "no-store"})


async def _grown(wiring: Wiring, at_least: int) -> Signed | None:
    """Have a checkpoint of a size signed; whoever signs, this process or another."""
    deadline = anyio.current_time() + wiring.settings.after_timeout_s
    while True:
        signed = await run_sync(wiring.notary.sign)
        if signed is not None and signed.checkpoint.size >= at_least:
            return signed
        if anyio.current_time() >= deadline:
            raise Problem(
                "not-visible-yet",
                f"no checkpoint over {at_least} events is signed yet; try again",
                field="at_least",
                value=at_least,
                headers={"Retry-After": "1"},
            )
        await anyio.sleep(_POLL_S)


def _note(signed: Signed | None, caching: str) -> Response:
    if signed is None:
        raise not_covered("no such checkpoint has been signed", "size")
    return Response(signed.note, media_type=_NOTE, headers={"Cache-Control": caching})


def _tree(wiring: Wiring, size: int | None, field: str) -> tuple[Tree, str | None]:
    """Return the tree that is asked about, and the checkpoint of its size if one was signed."""
    held = wiring.ledger.store.size()
    if size is None:
        signed = wiring.notary.latest()
        size = signed.checkpoint.size if signed else held
    else:
        signed = wiring.notary.at(size)
    if size > held:
        raise not_covered(f"the log has grown to {held} events only", field)
    return Tree(size, wiring.ledger.store.hashes), signed.note.decode() if signed else None
