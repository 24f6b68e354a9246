"""Whether a call's terms are sound: nothing of them but the deadline can change afterwards."""

from __future__ import annotations

from collections.abc import Container

from core.calls.commands import AnnounceCall
from core.calls.events import CallAnnounced
from core.errors import require
from core.vocabulary import FrameworkRef, country, filled, krw, slug, utc


def announcement(command: AnnounceCall, unpublished: Container[FrameworkRef]) -> CallAnnounced:
    """Return the announcement of a call, or refuse its terms."""
    slug(command.call_id, "call_id")
    filled(command.title.en, "title.en")
    opens_at = utc(command.opens_at, "opens_at")
    deadline_at = utc(command.deadline_at, "deadline_at")
    require(
        opens_at < deadline_at,
        "deadline-before-opening",
        "a call opens before its deadline",
        field="deadline_at",
        value=command.deadline_at,
    )
    require(command.stages, "no-stages", "a call has at least one stage", field="stages")
    ids = [slug(stage.id, f"stages.{i}.id") for i, stage in enumerate(command.stages)]
    require(
        len(set(ids)) == len(ids),
        "stage-repeated",
        "each stage has an id of its own",
        field="stages",
        value=", ".join(ids),
    )
    for i, stage in enumerate(command.stages):
        require(
            stage.slots > 0,
            "no-slots",
            "a stage lets at least one application through",
            field=f"stages.{i}.slots",
            value=stage.slots,
        )
        require(
            stage.framework not in unpublished,
            "framework-not-published",
            "a stage is scored by a published version of a framework",
            field=f"stages.{i}.framework",
            value=f"{stage.framework.framework_id} version {stage.framework.version}",
        )
    if command.budget_krw is not None:
        krw(command.budget_krw, "budget_krw")
    if command.cap_krw is not None:
        krw(command.cap_krw, "cap_krw")
    if command.eligibility is not None:
        filled(command.eligibility.version, "eligibility.version")
        for i, code in enumerate(command.eligibility.countries):
            country(code, f"eligibility.countries.{i}")
    return CallAnnounced(
        command.call_id,
        command.year,
        command.title,
        command.eligibility,
        command.budget_krw,
        command.cap_krw,
        opens_at,
        deadline_at,
        command.stages,
    )
