"""Names of the audit's rows. No id holds a colon, so two names are never the same."""

from __future__ import annotations

from datetime import date

CLOCK = "clock"
DUE = "due:"


def finding(rule: int, code: str, about: str) -> str:
    """Name a finding; what it is about tells it from others of its kind."""
    return f"finding:{rule:02}:{code}:{about}"


def framework(framework_id: str, version: int) -> str:
    """Name the row of a framework's version."""
    return f"framework:{framework_id}:{version}"


def call(call_id: str) -> str:
    """Name the row of a call."""
    return f"call:{call_id}"


STAGES = "stage:"


def stage(call_id: str, stage_id: str) -> str:
    """Name the row of a stage."""
    return f"{STAGES}{call_id}:{stage_id}"


def selection(call_id: str, stage_id: str) -> str:
    """Name the row of a stage's selection."""
    return f"selection:{call_id}:{stage_id}"


def city(city_id: str) -> str:
    """Name the row of a city."""
    return f"city:{city_id}"


def application(application_id: str) -> str:
    """Name the row of an application."""
    return f"application:{application_id}"


def evaluator(evaluator_id: str) -> str:
    """Name the row of an evaluator."""
    return f"evaluator:{evaluator_id}"


def sheets(call_id: str, stage_id: str, city_id: str = "") -> str:
    """Name what the sheets of a stage, or of one application in it, begin with."""
    return f"sheet:{call_id}:{stage_id}:{city_id}:" if city_id else f"sheet:{call_id}:{stage_id}:"


def sheet(application_id: str, stage_id: str, evaluator_id: str) -> str:
    """Name the row of one evaluator's evaluation of an application in a stage."""
    call_id, _, city_id = application_id.partition(":")
    return f"sheet:{call_id}:{stage_id}:{city_id}:{evaluator_id}"


def certificates(call_id: str, stage_id: str) -> str:
    """Name what the certificates of a stage begin with; the rest is that of their sheets."""
    return f"certified:{call_id}:{stage_id}:"


def certified(application_id: str, stage_id: str, evaluator_id: str) -> str:
    """Name the certificate of an evaluation."""
    call_id, _, city_id = application_id.partition(":")
    return f"certified:{call_id}:{stage_id}:{city_id}:{evaluator_id}"


def project(project_id: str) -> str:
    """Name the row of a project."""
    return f"project:{project_id}"


def indicator(project_id: str, indicator_id: str) -> str:
    """Name the row of a project's indicator."""
    return f"indicator:{project_id}:{indicator_id}"


def recommendation(project_id: str, recommendation_id: str) -> str:
    """Name the row of a recommendation."""
    return f"recommendation:{project_id}:{recommendation_id}"


def due(day: date) -> str:
    """Name the row of what is due on a day; these names are in the order of days."""
    return f"{DUE}{day}"
