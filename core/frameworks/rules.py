"""A published rubric never changes; a change is a new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.decider import Act, Decider
from core.errors import DomainError, refuse
from core.frameworks.commands import DraftFramework, FrameworkCommand, PublishFramework
from core.frameworks.events import (
    FrameworkDrafted,
    FrameworkEvent,
    FrameworkPublished,
    FrameworkSuperseded,
)
from core.frameworks.soundness import violations
from core.rubric import Rubric
from core.vocabulary import FrameworkId, slug


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a rubric and whether calls may use it."""

    rubric: Rubric
    published: bool = False
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Framework:
    """All versions, the first at index 0."""

    versions: tuple[Version, ...] = ()

    def published(self, version: int) -> Rubric | None:
        """Return the rubric of a published version, or None."""
        if 1 <= version <= len(self.versions) and self.versions[version - 1].published:
            return self.versions[version - 1].rubric
        return None


def decide(
    command: FrameworkCommand, act: Act, state: Framework, facts: None
) -> Sequence[FrameworkEvent]:
    """Draft or publish a version. Refuses an unsound rubric with every rule it breaks."""
    del act, facts
    match command:
        case DraftFramework(framework_id=framework_id, rubric=rubric):
            slug(framework_id, "framework_id")
            if broken := tuple(violations(rubric)):
                raise DomainError(*broken)
            return [FrameworkDrafted(framework_id, len(state.versions) + 1, rubric)]
        case PublishFramework(framework_id=framework_id, version=version):
            return _publish(framework_id, version, state)
        case _:
            assert_never(command)


def _publish(framework_id: FrameworkId, version: int, state: Framework) -> Sequence[FrameworkEvent]:
    if not 1 <= version <= len(state.versions):
        refuse(
            "unknown-version",
            "only a drafted version can be published",
            field="version",
            value=version,
        )
    if state.versions[version - 1].published:
        refuse(
            "already-published",
            "a version is published once, and never changes afterwards",
            field="version",
            value=version,
        )
    if newer := [n for n, v in enumerate(state.versions, 1) if v.published and n > version]:
        refuse(
            "version-superseded",
            f"version {newer[-1]} is published; a draft older than that is drafted anew",
            field="version",
            value=version,
        )
    published: list[FrameworkEvent] = [FrameworkPublished(framework_id, version)]
    published += [
        FrameworkSuperseded(framework_id, number, version)
        for number, earlier in enumerate(state.versions, 1)
        if earlier.published and not earlier.superseded
    ]
    return published


def evolve(state: Framework, event: FrameworkEvent) -> Framework:
    """Fold one fact."""
    match event:
        case FrameworkDrafted(rubric=rubric):
            return Framework((*state.versions, Version(rubric)))
        case FrameworkPublished(version=version):
            return _with(state, version, replace(state.versions[version - 1], published=True))
        case FrameworkSuperseded(version=version):
            return _with(state, version, replace(state.versions[version - 1], superseded=True))
        case _:
            assert_never(event)


def _with(state: Framework, number: int, version: Version) -> Framework:
    return Framework((*state.versions[: number - 1], version, *state.versions[number:]))


DECIDER: Decider[FrameworkCommand, Framework, FrameworkEvent, None] = Decider(
    Framework(), decide, evolve
)
