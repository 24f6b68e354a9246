"""Selection: a panel, a quorum, a ranking, a proposal that another approves, and appeals."""

from __future__ import annotations

from api.access import CHAIR, CITY, MANAGER, STAFF
from api.commands import CommandRoute
from core.selection.commands import (
    AdmitAppeal,
    ApproveSelection,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    DecideAppeal,
    FileAppeal,
    NotifyOutcomes,
    OrderReEvaluation,
    PromoteReserve,
    ProposeSelection,
    RevokeSelection,
)

_ONE = "/calls/{call_id}/stages/{stage}/selection"
_APPEAL = "/applications/{application_id}/appeals/{stage}"

ROUTES = (
    CommandRoute(f"{_ONE}/convene-panel", ConvenePanel, STAFF, opens=True),
    CommandRoute(f"{_ONE}/confirm-quorum", ConfirmQuorum, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/rank", ComputeRanking, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/propose", ProposeSelection, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/approve", ApproveSelection, MANAGER),
    CommandRoute(f"{_ONE}/notify", NotifyOutcomes, STAFF),
    CommandRoute(f"{_ONE}/promote-reserve", PromoteReserve, MANAGER),
    CommandRoute(f"{_ONE}/revoke", RevokeSelection, MANAGER),
    CommandRoute(f"{_APPEAL}/file", FileAppeal, STAFF | CITY, opens=True),
    CommandRoute(f"{_APPEAL}/admit", AdmitAppeal, MANAGER),
    CommandRoute(f"{_APPEAL}/decide", DecideAppeal, MANAGER),
    CommandRoute(f"{_APPEAL}/order-re-evaluation", OrderReEvaluation, MANAGER),
)
