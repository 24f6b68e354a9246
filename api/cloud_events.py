"""Recorded events as CloudEvents 1.0, for the feed and for whoever reads a stream."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from core.ledger.codec import to_json
from core.ledger.records import Recorded
from core.vocabulary import Role


class CloudEvent(BaseModel):
    """One event. Names below `data` are extension attributes."""

    specversion: str = Field("1.0", description="The version of CloudEvents.")
    id: str = Field(description="The event's id.")
    source: str = Field(description="The log that holds it.")
    type: str = Field(description="Its wire name, with version.")
    subject: str = Field(description="The stream that it belongs to.")
    time: datetime = Field(description="When it was true in the world.")
    datacontenttype: str = Field("application/json", description="What `data` is.")
    data: dict[str, Any] = Field(description="The fact itself.")
    position: int = Field(description="Its position in the log, from 0, without gaps.")
    streamversion: int = Field(description="Its place in the stream, from 1.")
    recordedat: datetime = Field(description="When the ledger recorded it.")
    actor: str = Field(description="Who recorded it: a pseudonym.")
    role: Role = Field(description="In which role.")
    commandname: str = Field(description="The command that led to it.")
    correlationid: str = Field(description="The request that led to it.")
    leaf: str = Field(description="Its Merkle leaf (RFC 6962), in hexadecimal.")


def cloud_event(recorded: Recorded) -> CloudEvent:
    """Return an event in its present shape; its record may hold an older one."""
    meta = recorded.meta
    return CloudEvent(
        specversion="1.0",
        id=meta.id,
        source=meta.source,
        type=recorded.event.WIRE,
        subject=meta.subject,
        time=meta.occurred_at,
        datacontenttype="application/json",
        data=json.loads(to_json(recorded.event)),
        position=recorded.position,
        streamversion=meta.version,
        recordedat=recorded.recorded_at,
        actor=meta.actor,
        role=meta.role,
        commandname=meta.command.name,
        correlationid=meta.correlation_id,
        leaf=recorded.leaf.hex(),
    )
