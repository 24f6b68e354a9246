"""Whether a project may be planned, signed and paid: who selects, who signs, what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import refuse, require
from core.projects.commands import AgreePlan, PreferProject, RecordPayment, SignAgreement
from core.projects.events import (
    AgreementSigned,
    Implementer,
    PaymentMade,
    PlanAgreed,
    ProjectPreferred,
)
from core.projects.plan import Party, Signatory, sound
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    CityId,
    StageId,
    digest,
    filled,
    krw,
    slug,
)

NO_STAGE = StageId("")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a project's rules read elsewhere.

    `stage` is the call's last one, and `let_through` whether its approved selection
    holds the application; `amount_krw` is what was applied for; `scored` are those of
    the implementers who scored the application.
    """

    stage: StageId = NO_STAGE
    submitted: bool = False
    withdrawn: bool = False
    let_through: bool = False
    amount_krw: int | None = None
    cap_krw: int | None = None
    scored: frozenset[ActorId] = frozenset()


def preferred(
    command: PreferProject, before: ProjectPreferred | None, facts: Facts
) -> ProjectPreferred:
    """Return the beginning of a project, or refuse it."""
    require(
        before is None,
        "already-preferred",
        "an application leads to one project",
        field="project_id",
        value=command.project_id,
    )
    require(
        facts.submitted,
        "unknown-application",
        "the application has not been submitted",
        field="project_id",
        value=command.project_id,
    )
    carried(command.project_id, facts)
    call_id, _, city_id = command.project_id.partition(":")
    return ProjectPreferred(
        command.project_id,
        ApplicationId(command.project_id),
        CallId(call_id),
        CityId(city_id),
        facts.stage,
        facts.amount_krw,
    )


def carried(project_id: str, facts: Facts) -> None:
    """Refuse where the selection does not carry the project, or does not any more."""
    require(
        not facts.withdrawn,
        "application-withdrawn",
        "the city took its application back",
        field="project_id",
        value=project_id,
    )
    require(
        facts.let_through,
        "not-let-through",
        "a project rests on the approved selection of the call's last stage",
        field="project_id",
        value=project_id,
    )


def planned(
    command: AgreePlan, versions: int, signed: AgreementSigned | None, facts: Facts
) -> PlanAgreed:
    """Return the next version of the plan, or refuse it."""
    require(
        signed is None,
        "agreement-signed",
        "a signed plan stands: its milestones are rescheduled, its indicators revised",
        field="project_id",
        value=command.project_id,
    )
    carried(command.project_id, facts)
    return PlanAgreed(
        command.project_id,
        versions + 1,
        sound(command.plan),
        both_cities(command.signatories),
        digest(command.document, "document"),
    )


def signed_by_both(
    command: SignAgreement, versions: int, before: AgreementSigned | None, today: date, facts: Facts
) -> AgreementSigned:
    """Return the agreement, or refuse it."""
    require(
        before is None,
        "agreement-signed",
        "an agreement is signed once",
        field="project_id",
        value=command.project_id,
    )
    require(
        versions,
        "plan-not-agreed",
        "a plan is agreed before it is signed",
        field="project_id",
        value=command.project_id,
    )
    carried(command.project_id, facts)
    require(
        facts.cap_krw is None or command.amount_krw <= facts.cap_krw,
        "amount-over-cap",
        f"a project costs at most KRW {facts.cap_krw}",
        field="amount_krw",
        value=command.amount_krw,
    )
    return AgreementSigned(
        command.project_id,
        versions,
        today,
        krw(command.amount_krw, "amount_krw"),
        both_cities(command.signatories),
        _implementers(command.implementers, facts),
        digest(command.document, "document"),
    )


def both_cities(signatories: tuple[Signatory, ...]) -> tuple[Signatory, ...]:
    """Return the signatories, or refuse where one of the two cities has none."""
    for i, signatory in enumerate(signatories):
        filled(signatory.office, f"signatories.{i}.office")
    missing = [party for party in Party if party not in {s.party for s in signatories}]
    require(
        not missing,
        "signatory-missing",
        "both cities sign",
        field="signatories",
        value=", ".join(missing),
    )
    return signatories


def _implementers(implementers: tuple[Implementer, ...], facts: Facts) -> tuple[Implementer, ...]:
    require(
        implementers,
        "no-implementers",
        "an agreement names who carries the project out",
        field="implementers",
    )
    for i, implementer in enumerate(implementers):
        slug(implementer.actor, f"implementers.{i}.actor")
        filled(implementer.organisation, f"implementers.{i}.organisation")
        require(
            implementer.actor not in {other.actor for other in implementers[:i]},
            "implementer-repeated",
            "each implementer is named once",
            field=f"implementers.{i}.actor",
            value=implementer.actor,
        )
        require(
            implementer.actor not in facts.scored,
            "evaluator-implements",
            "whoever scored an application does not carry out its project",
            field=f"implementers.{i}.actor",
            value=implementer.actor,
        )
    return implementers


def under_agreement(
    signed: AgreementSigned | None, today: date, project_id: str
) -> AgreementSigned:
    """Return the agreement, or refuse what would come before it."""
    if signed is None:
        refuse(
            "agreement-not-signed",
            "both cities sign before work begins or money is paid",
            field="project_id",
            value=project_id,
        )
    require(
        today >= signed.signed_on,
        "before-agreement",
        f"the agreement was signed on {signed.signed_on}",
        field="occurred_at",
        value=today,
    )
    return signed


def paid(
    command: RecordPayment,
    payments: Sequence[PaymentMade],
    signed: AgreementSigned | None,
    today: date,
) -> PaymentMade:
    """Return a payment out of the agreed amount, or refuse it."""
    agreed = under_agreement(signed, today, command.project_id)
    total = sum(payment.amount_krw for payment in payments) + krw(command.amount_krw, "amount_krw")
    require(
        total <= agreed.amount_krw,
        "over-agreement",
        f"the agreement is for KRW {agreed.amount_krw}",
        field="amount_krw",
        value=total,
    )
    return PaymentMade(
        command.project_id,
        len(payments) + 1,
        command.amount_krw,
        today,
        filled(command.recipient, "recipient"),
        filled(command.purpose, "purpose"),
        digest(command.document, "document"),
    )
