"""Frameworks: a rubric is drafted, then published for good."""

from __future__ import annotations

from api.access import MANAGER, STAFF
from api.commands import CommandRoute
from core.frameworks.commands import DraftFramework, PublishFramework

_ONE = "/frameworks/{framework_id}"

ROUTES = (
    CommandRoute(f"{_ONE}/draft", DraftFramework, STAFF, opens=True),
    CommandRoute(f"{_ONE}/publish", PublishFramework, MANAGER),
)
