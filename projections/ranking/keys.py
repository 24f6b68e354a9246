"""Names of the ranking view's rows. No id holds a colon, so two names are never the same."""

from __future__ import annotations


def framework(framework_id: str, version: int) -> str:
    """Name the row of a framework's version."""
    return f"framework:{framework_id}:{version}"


def call(call_id: str) -> str:
    """Name the row of a call."""
    return f"call:{call_id}"


def stage(call_id: str, stage_id: str) -> str:
    """Name the row of a stage."""
    return f"stage:{call_id}:{stage_id}"


def city(city_id: str) -> str:
    """Name the row of a city."""
    return f"city:{city_id}"


def of_city(city_id: str, of: str = "") -> str:
    """Name what leads from a city to an application in a stage; without one, how all begin."""
    return f"of-city:{city_id}:{of}"


def application(application_id: str) -> str:
    """Name the row of an application."""
    return f"application:{application_id}"


def scored(application_id: str, stage_id: str) -> str:
    """Name the row of an application in a stage."""
    return f"scored:{application_id}:{stage_id}"


def selection(call_id: str, stage_id: str) -> str:
    """Name the row of a stage's selection."""
    return f"selection:{call_id}:{stage_id}"


def evaluator(evaluator_id: str) -> str:
    """Name the row of an evaluator."""
    return f"evaluator:{evaluator_id}"


def panel(evaluator_id: str, of: str) -> str:
    """Name what an evaluator has sheets in; `of` is a call, application, or one in a stage.

    The names of those of a call or an application begin with this and a colon.
    """
    return f"panel:{evaluator_id}:{of}"
