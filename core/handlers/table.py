"""Every command that there is, and the handler that decides it: one explicit table."""

from __future__ import annotations

from typing import Any, get_args

from core.applications.commands import ApplicationCommand
from core.calls.commands import CallCommand
from core.cities.commands import CityCommand
from core.evaluations.commands import EvaluationCommand, EvaluatorCommand
from core.frameworks.commands import FrameworkCommand
from core.handlers import (
    appeals,
    applications,
    calls,
    cities,
    evaluations,
    frameworks,
    monitoring,
    projects,
    selection,
    signing,
)
from core.handlers.reading import Handler
from core.monitoring.commands import IndicatorCommand, RecommendationCommand, ReviewCommand
from core.projects.commands import ProjectCommand
from core.selection.commands import AppealCommand, SelectionCommand
from core.signing.commands import SigningCommand

Command = (
    FrameworkCommand
    | CallCommand
    | CityCommand
    | ApplicationCommand
    | EvaluatorCommand
    | EvaluationCommand
    | SelectionCommand
    | AppealCommand
    | ProjectCommand
    | IndicatorCommand
    | ReviewCommand
    | RecommendationCommand
    | SigningCommand
)

HANDLERS: dict[type, Handler[Any, Any, Any, Any]] = {
    command: handler
    for union, handler in (
        (FrameworkCommand, frameworks.HANDLER),
        (CallCommand, calls.HANDLER),
        (CityCommand, cities.HANDLER),
        (ApplicationCommand, applications.HANDLER),
        (EvaluatorCommand, evaluations.EVALUATORS),
        (EvaluationCommand, evaluations.EVALUATIONS),
        (SelectionCommand, selection.HANDLER),
        (AppealCommand, appeals.HANDLER),
        (ProjectCommand, projects.HANDLER),
        (IndicatorCommand, monitoring.INDICATORS),
        (ReviewCommand, monitoring.REVIEWS),
        (RecommendationCommand, monitoring.RECOMMENDATIONS),
        (SigningCommand, signing.HANDLER),
    )
    for command in get_args(union)
}
