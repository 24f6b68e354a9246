"""Selection: a panel, a quorum, a ranking, and a proposal that another person approves."""

from __future__ import annotations

from api.access import CHAIR, MANAGER, STAFF
from api.commands import CommandRoute
from core.selection.commands import (
    ApproveSelection,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    NotifyOutcomes,
    PromoteReserve,
    ProposeSelection,
    RevokeSelection,
)

_ONE = "/calls/{call_id}/stages/{stage}/selection"

ROUTES = (
    CommandRoute(f"{_ONE}/convene-panel", ConvenePanel, STAFF, opens=True),
    CommandRoute(f"{_ONE}/confirm-quorum", ConfirmQuorum, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/rank", ComputeRanking, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/propose", ProposeSelection, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/approve", ApproveSelection, MANAGER),
    CommandRoute(f"{_ONE}/notify", NotifyOutcomes, STAFF),
    CommandRoute(f"{_ONE}/promote-reserve", PromoteReserve, MANAGER),
    CommandRoute(f"{_ONE}/revoke", RevokeSelection, MANAGER),
)
