"""What can be asked of a framework."""

from __future__ import annotations

from dataclasses import dataclass

from core.rubric import Rubric
from core.vocabulary import FrameworkId


@dataclass(frozen=True, slots=True)
class DraftFramework:
    """Write down a rubric as the next version of a framework."""

    framework_id: FrameworkId
    rubric: Rubric


@dataclass(frozen=True, slots=True)
class PublishFramework:
    """Fix a drafted version for good."""

    framework_id: FrameworkId
    version: int


FrameworkCommand = DraftFramework | PublishFramework
