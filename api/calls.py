"""Calls: announced, closed after the deadline, and led through their stages."""

from __future__ import annotations

from api.access import CHAIR, MANAGER, STAFF
from api.commands import CommandRoute
from core.calls.commands import (
    AnnounceCall,
    CancelCall,
    CloseCall,
    ConcludeCall,
    ExtendDeadline,
    LockStage,
    OpenStage,
    PublishGuideline,
)

_ONE = "/calls/{call_id}"
_STAGE = f"{_ONE}/stages/{{stage}}"

ROUTES = (
    CommandRoute(f"{_ONE}/announce", AnnounceCall, STAFF, opens=True),
    CommandRoute(f"{_ONE}/publish-guideline", PublishGuideline, STAFF),
    CommandRoute(f"{_ONE}/extend-deadline", ExtendDeadline, MANAGER),
    CommandRoute(f"{_ONE}/close", CloseCall, STAFF),
    CommandRoute(f"{_STAGE}/open", OpenStage, STAFF),
    CommandRoute(f"{_STAGE}/lock", LockStage, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/conclude", ConcludeCall, MANAGER),
    CommandRoute(f"{_ONE}/cancel", CancelCall, MANAGER),
)
