"""How data written under an old wire name becomes data of the present one.

Each is a pure function on the record's data; the record itself, and so its hash, is
never touched. The golden file of the old name shows it at work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Data = dict[str, Any]


def _city_registered_1(data: Data) -> Data:
    """Names were English only, and every city was real, before the demo round."""
    return {
        **data,
        "name": {"en": data["name"], "ko": ""},
        "unlocode": data.get("unlocode", ""),
        "illustrative": False,
    }


def _evaluator_appointed_1(data: Data) -> Data:
    """Evaluators had a pseudonym only, before personal text was sealed."""
    return {**data, "name": "", "email": ""}


def _without_contact(data: Data) -> Data:
    """Nobody was named beside the city, before personal text was sealed."""
    return {**data, "contact_id": "", "contact_name": "", "contact_email": ""}


def _notified_1(data: Data) -> Data:
    """Cities were told no date until which they might appeal, so there was none."""
    return {**data, "appeals_until": None}


def _framework_drafted_1(data: Data) -> Data:
    """Groups were lists of countries; every criterion was scored by evaluators, whatever its kind.

    What a criterion called its kind had no effect then, so it is left out.
    """
    rubric: Data = data["rubric"]
    criteria: list[Data] = [{**criterion, "banding": None} for criterion in rubric["criteria"]]
    for criterion in criteria:
        criterion.pop("kind", None)
    nothing: Data = {"regions": [], "tiers": [], "capacities": [], "basis": ""}
    variants: list[Data] = [
        {
            "id": variant["id"],
            "group": {"countries": variant["countries"], **nothing},
            "weights": variant["weights"],
        }
        for variant in rubric["variants"]
    ]
    return {**data, "rubric": {**rubric, "criteria": criteria, "variants": variants}}


def _ranking_computed_1(data: Data) -> Data:
    """No criterion was computed, before there were bandings."""
    lines: list[Data] = [
        {**line, "scored": {**line["scored"], "computed": []}} for line in data["lines"]
    ]
    return {**data, "lines": lines}


def _submitted_1(data: Data) -> Data:
    """What was known of the city was not recorded with its application."""
    return {**data, "city": None}


UPCASTERS: dict[str, tuple[str, Callable[[Data], Data]]] = {
    "applications.submitted.1": ("applications.submitted.2", _submitted_1),
    "applications.consultation-held.1": ("applications.consultation-held.2", _without_contact),
    "cities.engagement-recorded.1": ("cities.engagement-recorded.2", _without_contact),
    "cities.registered.1": ("cities.registered.2", _city_registered_1),
    "evaluations.evaluator-appointed.1": (
        "evaluations.evaluator-appointed.2",
        _evaluator_appointed_1,
    ),
    "frameworks.drafted.1": ("frameworks.drafted.2", _framework_drafted_1),
    "selection.ranking-computed.1": ("selection.ranking-computed.2", _ranking_computed_1),
    "selection.notified.1": ("selection.notified.2", _notified_1),
}
