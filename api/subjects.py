"""People whom the log holds sealed text about: their erasure is a manager's decision."""

from __future__ import annotations

from api.access import MANAGER
from api.commands import CommandRoute
from core.subjects.commands import EraseSubject

ROUTES = (CommandRoute("/subjects/{subject}/erase", EraseSubject, MANAGER, opens=True),)
