"""Conditions of requests: versions, retries, world time, and which past is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, Header, Query

from api.problems import Problem, shortened
from api.wiring import Wired, Wiring
from core.vocabulary import Instant

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_TAGS = re.compile(rf"\s*{_TAG.pattern}\s*(,\s*{_TAG.pattern}\s*)*")
_KEY = re.compile(r'"[\x21\x23-\x7e]{1,200}"|[\x21\x23-\x7e]{1,200}')
_VERSION = re.compile(r"[0-9]{1,9}")
_POSITION = re.compile(r"[0-9]{1,18}")
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Match:
    """What If-Match asks for: one of some versions, or (None) any that exists."""

    versions: frozenset[int] | None

    def expected(self, current: Callable[[], int]) -> int | None:
        """Return the version to expect, None for any; 412 where none can be met.

        RFC 9110, 13.1.1: `*` holds where the stream exists. A stream that does not
        exist yet has version 0, so `"0"` says that it must not.
        """
        if self.versions is not None and len(self.versions) == 1:
            return next(iter(self.versions))
        version = current()
        if self.versions is None and version:
            return None
        if self.versions is not None and version in self.versions:
            return version
        raise Problem(
            "stale-version",
            f"the stream is at version {version}" if version else "the stream does not exist",
            field="If-Match",
        )


@dataclass(frozen=True, slots=True)
class Conditions:
    """The headers that condition a command; None where absent."""

    match: Match | None
    key: str
    occurred_at: Instant | None


async def conditions(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description="The version of the stream that was seen, as its ETag. Needed by every "
            "command on a stream that exists; honoured by the others. `*` is any version.",
            examples=['"3"'],
        ),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Makes a retry safe: the same key and command again gives the first "
            "answer, with status 200 and `Idempotency-Replayed: true`. Keys are the sender's own.",
            examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
        ),
    ] = None,
    occurred_at: Annotated[
        str | None,
        Header(
            alias="Occurred-At",
            description="When it was true in the world (RFC 3339), if not now. Officers, managers "
            "and chairs only.",
            examples=["2024-05-01T09:00:00+09:00"],
        ),
    ] = None,
) -> Conditions:
    """Parse the headers that condition a command; 400 where one is malformed."""
    return Conditions(
        None if if_match is None else _match(if_match),
        "" if idempotency_key is None else _key(idempotency_key),
        None if occurred_at is None else instant(occurred_at, "Occurred-At"),
    )


def instant(text: str, field: str) -> Instant:
    """Return an RFC 3339 instant in UTC; 400 where it is none or names no offset."""
    rule = "an instant is RFC 3339 with its offset, such as 2024-05-01T09:00:00+09:00"
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None and "T" in text:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Problem("malformed-instant", rule, field=field, value=shortened(text))


def _match(text: str) -> Match:
    if text.strip() == "*":
        return Match(None)
    if not _TAGS.fullmatch(text):
        raise Problem(
            "malformed-header",
            'If-Match is * or entity tags in double quotes, such as "3"',
            field="If-Match",
            value=shortened(text),
        )
    # Weak tags never match (RFC 9110, 8.8.3.2), nor do tags that we never gave.
    strong = (tag for weak, tag in _TAG.findall(text) if not weak)
    return Match(frozenset(int(tag) for tag in strong if _VERSION.fullmatch(tag)))


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise Problem(
            "malformed-header",
            "a key is 1 to 200 visible ASCII characters, with or without double quotes around",
            field="Idempotency-Key",
            value=shortened(text),
        )
    return text.strip('"')


def etag(version: int) -> str:
    """Return a stream's version as its strong entity tag."""
    return f'"{version}"'


def kept(may_be: bool) -> dict[str, str]:  # noqa: FBT001
    """Return the headers that keep what tells of a person out of every cache on the way."""
    return {} if may_be else {"Cache-Control": "no-store"}


def none_match(header: str | None, version: int) -> bool:
    """Whether If-None-Match lets a read answer 304; the comparison is weak (RFC 9110, 13.1.2)."""
    if header is None:
        return False
    tags = {tag for _, tag in _TAG.findall(header)}
    return header.strip() == "*" or str(version) in tags


@dataclass(frozen=True, slots=True)
class AsOf:
    """The past that a read is about: everything up to and including a position.

    -1 is before the first event; `recorded_at` is None there.
    """

    position: int
    recorded_at: Instant | None


def as_of(
    wiring: Wired,
    as_of: Annotated[
        str | None,
        Query(
            description="What was known then: a position of the log, or an RFC 3339 instant (a "
            "plus sign is sent as %2B). Without it, now.",
            examples=["1200", "2024-05-01T00:00:00Z"],
        ),
    ] = None,
) -> AsOf:
    """Return the past that is asked for; 400 for one that is not there yet."""
    store = wiring.ledger.store
    last = store.size() - 1
    if as_of is None:
        position = last
    elif _POSITION.fullmatch(as_of):
        position = int(as_of)
        if position > last:
            raise Problem(
                "position-beyond-head",
                f"the log's last position is {last}" if last >= 0 else "the log is empty",
                field="as_of",
                value=as_of,
            )
    else:
        at = instant(as_of, "as_of")
        if at > wiring.clock():
            raise Problem(
                "instant-in-future",
                "what will be known then is not known yet",
                field="as_of",
                value=shortened(as_of),
            )
        position = store.position_at(at)
    rows = store.page(position, 1) if position >= 0 else []
    return AsOf(position, rows[0].recorded_at if rows else None)


AsOfAsked = Annotated[AsOf, Depends(as_of)]

After = Annotated[
    str | None,
    Query(
        description="Wait until this position can be read: the position of a command's receipt, "
        "to read one's own write.",
        pattern=f"^{_POSITION.pattern}$",
        examples=["1200"],
    ),
]


async def wait_for(after: str | None, reached: Callable[[], int], wiring: Wiring) -> None:
    """Wait until `reached` tells the position asked for; 503 where it takes too long."""
    if after is None:
        return
    deadline = anyio.current_time() + wiring.settings.after_timeout_s
    while await run_sync(reached) < int(after):
        if anyio.current_time() >= deadline:
            raise Problem(
                "not-visible-yet",
                f"position {after} cannot be read yet; try again",
                field="after",
                value=after,
                headers={"Retry-After": "1"},
            )
        await anyio.sleep(_POLL_S)
