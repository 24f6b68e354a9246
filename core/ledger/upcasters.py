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


def _notified_1(data: Data) -> Data:
    """Cities were told no date until which they might appeal, so there was none."""
    return {**data, "appeals_until": None}


UPCASTERS: dict[str, tuple[str, Callable[[Data], Data]]] = {
    "cities.registered.1": ("cities.registered.2", _city_registered_1),
    "selection.notified.1": ("selection.notified.2", _notified_1),
}
