"""Cities: registered, known better over time, and kept in the pool."""

from __future__ import annotations

from api.access import CITY, STAFF
from api.commands import CommandRoute
from core.cities.commands import (
    AssessCapacity,
    ChangeTier,
    CorrectCityIndicator,
    EnterPool,
    IdentifyNeed,
    LeavePool,
    OfferOpportunity,
    ReactivateCity,
    RecordCityIndicator,
    RecordEngagement,
    RegisterCity,
    ReviseProfile,
)

_ONE = "/cities/{city_id}"

ROUTES = (
    CommandRoute(f"{_ONE}/register", RegisterCity, STAFF, opens=True),
    CommandRoute(f"{_ONE}/revise-profile", ReviseProfile, STAFF | CITY),
    CommandRoute(f"{_ONE}/identify-need", IdentifyNeed, STAFF | CITY),
    CommandRoute(f"{_ONE}/assess-capacity", AssessCapacity, STAFF),
    CommandRoute(f"{_ONE}/enter-pool", EnterPool, STAFF),
    CommandRoute(f"{_ONE}/change-tier", ChangeTier, STAFF),
    CommandRoute(f"{_ONE}/offer-opportunity", OfferOpportunity, STAFF),
    CommandRoute(f"{_ONE}/record-engagement", RecordEngagement, STAFF),
    CommandRoute(f"{_ONE}/reactivate", ReactivateCity, STAFF),
    CommandRoute(f"{_ONE}/leave-pool", LeavePool, STAFF),
    CommandRoute(f"{_ONE}/record-indicator", RecordCityIndicator, STAFF),
    CommandRoute(f"{_ONE}/correct-indicator", CorrectCityIndicator, STAFF),
)
