"""Which projects are watched, and by which standard: for reactions, and for the calendar."""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers.progress_standards import newest
from core.monitoring.commands import ReviewProgress
from core.projects.rules import Project
from core.vocabulary import ProjectId


def review(project_id: ProjectId, project: Project) -> Iterator[ReviewProgress]:
    """Yield a review by the newest standard, of a project in which something can be late."""
    if project.signed is not None and project.suspended_on is None and not project.cancelled:
        standard = newest()
        yield ReviewProgress(project_id, standard.id, standard.version)
