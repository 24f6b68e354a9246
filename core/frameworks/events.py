"""Facts about frameworks: the versioned rubrics that calls are scored by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.rubric import Rubric
from core.vocabulary import FrameworkId


def stream(framework_id: str) -> str:
    """Name the stream of a framework."""
    return f"framework-{framework_id}"


@dataclass(frozen=True, slots=True)
class FrameworkDrafted:
    """A new version of a rubric was written down; versions count from 1."""

    WIRE: ClassVar = "frameworks.drafted.2"
    framework_id: FrameworkId
    version: int
    rubric: Rubric


@dataclass(frozen=True, slots=True)
class FrameworkPublished:
    """A version was fixed for good: calls may now be scored by it."""

    WIRE: ClassVar = "frameworks.published.1"
    framework_id: FrameworkId
    version: int


@dataclass(frozen=True, slots=True)
class FrameworkSuperseded:
    """A newer version was published; calls that use this one keep it."""

    WIRE: ClassVar = "frameworks.superseded.1"
    framework_id: FrameworkId
    version: int
    by_version: int


FrameworkEvent = FrameworkDrafted | FrameworkPublished | FrameworkSuperseded
