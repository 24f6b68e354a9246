"""The log as tiles (C2SP tlog-tiles), for clients that know that format and nothing of us.

The prefix is `/log`. Tiles of hashes are public; bundles of entries are records, for those
who may follow the feed. A record too long for a bundle's two bytes of length leaves its
bundle unserved, honestly: the record is at `/log/entries`, and its hash is in the tiles.
"""

from __future__ import annotations

import gzip
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response

from api.access import Principal
from api.feed import may_follow
from api.log import KEEP, KEEP_PRIVATE, not_covered
from api.openapi import problems
from api.wiring import Wired
from core.ledger.merkle import TILE_HEIGHT
from core.ledger.tiles import TooLong, bundle, bundle_at, tile_at

_BYTES = "application/octet-stream"
# Heights of a tree that any database could hold; beyond it no tile will ever be.
_TOP_LEVEL = 7
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "As C2SP tlog-tiles says",
        "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }
}

router = APIRouter(tags=["log"])


@router.get(
    "/log/tile/entries/{index:path}",
    operation_id="read_entry_bundle",
    summary="Read a bundle of records",
    response_class=Response,
    responses={**_ANSWER, **problems("not-authenticated", "role-not-allowed", "not-covered")},
)
def read_entry_bundle(
    wiring: Wired,
    _principal: Annotated[Principal, Depends(may_follow)],
    index: Annotated[
        str, Path(description="Which 256 records, or with .p/W how many of them.", examples=["000"])
    ],
    accept_encoding: Annotated[
        str, Header(alias="Accept-Encoding", description="With gzip, it comes compressed.")
    ] = "",
) -> Response:
    """Return records, each after its length in two bytes."""
    tile = bundle_at(index)
    rows = wiring.ledger.store.page(tile.start, tile.width) if tile else []
    if tile is None or len(rows) < tile.width:
        raise not_covered("the log has no such bundle of records", "index")
    try:
        content = bundle([row.record for row in rows])
    except TooLong as error:
        position = tile.start + error.args[0]
        raise not_covered(
            f"the record at position {position} is longer than a bundle can hold: read this "
            "bundle's records at /log/entries",
            "index",
        ) from error
    headers = {"Cache-Control": KEEP_PRIVATE, "Vary": "Accept-Encoding"}
    if "gzip" in accept_encoding:
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content, mtime=0)
    return Response(content, media_type=_BYTES, headers=headers)


@router.get(
    "/log/tile/{tile:path}",
    operation_id="read_tile",
    summary="Read a tile of hashes",
    response_class=Response,
    responses={**_ANSWER, **problems("not-covered")},
)
def read_tile(
    wiring: Wired,
    tile: Annotated[
        str,
        Path(
            description="Level and index; with .p/W, so many hashes of it.",
            examples=["0/x001/x234/067", "1/000.p/17"],
        ),
    ],
) -> Response:
    """Return consecutive hashes of one level of the tree, 32 bytes each."""
    found = tile_at(tile)
    hashes = (
        wiring.ledger.store.hashes(
            found.level * TILE_HEIGHT, found.start, found.start + found.width
        )
        if found is not None and found.level <= _TOP_LEVEL
        else ()
    )
    if found is None or len(hashes) < found.width:
        raise not_covered("the log has no such tile", "tile")
    return Response(b"".join(hashes), media_type=_BYTES, headers={"Cache-Control": KEEP})
