"""What is done while a project runs, by those who were named for it, and what it led to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from core.errors import refuse, require
from core.projects.commands import (
    DeliverConsulting,
    DeliverTraining,
    LinkFollowUp,
    ReachMilestone,
    RescheduleMilestone,
)
from core.projects.events import (
    AgreementSigned,
    ConsultingDelivered,
    FollowUpLinked,
    MilestoneReached,
    MilestoneRescheduled,
    Money,
    TrainingDelivered,
)
from core.projects.plan import Milestone, Plan
from core.projects.running import Worked
from core.vocabulary import ActorId, MilestoneId, currency, evidence, filled, quantity


def trained(
    command: DeliverTraining, signed: AgreementSigned | None, worked: Worked, today: date
) -> TrainingDelivered:
    """Return a training, or refuse it."""
    _by_implementer(command.delivered_by, signed)
    require(
        command.participants > 0,
        "no-participants",
        "a training has at least one participant",
        field="participants",
        value=command.participants,
    )
    require(
        command.women is None or 0 <= command.women <= command.participants,
        "more-women-than-participants",
        "the women are among the participants",
        field="women",
        value=command.women,
    )
    filled(command.title.en, "title.en")
    return TrainingDelivered(
        command.project_id,
        command.title,
        worked.holds(command.period, today),
        command.delivered_by,
        command.participants,
        command.women,
        evidence(command.evidence, "evidence"),
    )


def advised(
    command: DeliverConsulting, signed: AgreementSigned | None, worked: Worked, today: date
) -> ConsultingDelivered:
    """Return advice that was given, or refuse it."""
    _by_implementer(command.delivered_by, signed)
    return ConsultingDelivered(
        command.project_id,
        filled(command.topic, "topic"),
        worked.holds(command.period, today),
        command.delivered_by,
        _positive(command.days, "days"),
        evidence(command.evidence, "evidence"),
    )


def _by_implementer(actor: ActorId, signed: AgreementSigned | None) -> None:
    known = [implementer.actor for implementer in signed.implementers] if signed else []
    require(
        actor in known,
        "unknown-implementer",
        f"the agreement names {', '.join(known)}",
        field="delivered_by",
        value=actor,
    )


def _positive(value: Decimal, field: str) -> Decimal:
    quantity(value, field)
    require(value > 0, "not-positive", "this is more than zero", field=field, value=value)
    return value


def reached(
    command: ReachMilestone,
    milestones: tuple[Milestone, ...],
    done: frozenset[MilestoneId],
    today: date,
) -> MilestoneReached:
    """Return that a milestone of the plan was reached, or refuse it."""
    milestone = _open(command.milestone, milestones, done)
    return MilestoneReached(
        command.project_id,
        milestone.id,
        milestone.due_on,
        today,
        evidence(command.evidence, "evidence"),
    )


def rescheduled(
    command: RescheduleMilestone,
    milestones: tuple[Milestone, ...],
    done: frozenset[MilestoneId],
    plan: Plan,
) -> MilestoneRescheduled:
    """Return a milestone's new day, or refuse it: it stays where the project is watched."""
    milestone = _open(command.milestone, milestones, done)
    require(
        command.due_on != milestone.due_on,
        "nothing-changed",
        "the milestone is due on this day already",
        field="due_on",
        value=command.due_on,
    )
    require(
        plan.starts_on <= command.due_on <= plan.monitored_until,
        "milestone-outside",
        f"the project is monitored in {plan.monitored}",
        field="due_on",
        value=command.due_on,
    )
    return MilestoneRescheduled(
        command.project_id,
        milestone.id,
        milestone.due_on,
        command.due_on,
        filled(command.reason, "reason"),
    )


def _open(
    wanted: MilestoneId, milestones: tuple[Milestone, ...], done: frozenset[MilestoneId]
) -> Milestone:
    found = next((milestone for milestone in milestones if milestone.id == wanted), None)
    if found is None:
        refuse(
            "unknown-milestone",
            f"the plan's milestones are {', '.join(m.id for m in milestones)}",
            field="milestone",
            value=wanted,
        )
    require(
        wanted not in done,
        "milestone-reached",
        "a milestone that was reached does not change",
        field="milestone",
        value=wanted,
    )
    return found


def followed(command: LinkFollowUp, number: int) -> FollowUpLinked:
    """Return what the project led to, or refuse it."""
    filled(command.title.en, "title.en")
    return FollowUpLinked(
        command.project_id,
        number,
        command.kind,
        filled(command.partner, "partner"),
        command.title,
        _money(command.amount),
        _address(command.url),
    )


def _money(money: Money | None) -> Money | None:
    if money is not None:
        _positive(money.amount, "amount.amount")
        currency(money.currency, "amount.currency")
    return money


def _address(url: str) -> str:
    """Return a web address: whoever reads it later follows it, so no other scheme will do."""
    try:
        parts = urlsplit(url)
        web = parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:
        web = None
    require(
        not url or (web and url.isprintable() and " " not in url),
        "malformed-url",
        "an address begins with https:// or http:// and names a host",
        field="url",
        value=url,
    )
    return url
