"""A project as an activity: who, where, when, in which sector, for how much, and to what effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from core.applications.events import Project as Applied
from core.projects.events import AgreementSigned, PaymentMade
from core.projects.rules import Project
from core.vocabulary import ProjectType, Text
from replay.iati.facts import City, Facts
from replay.iati.results import results
from replay.iati.xml import LANG, Element, element, told

LOCAL_GOVERNMENT = "11"
_PIPELINE, _RUNNING, _FINALISING, _CLOSED, _CANCELLED, _SUSPENDED = "123456"
_PLANNED_START, _STARTED, _PLANNED_END, _ENDED = "1234"
_FUNDING, _IMPLEMENTING = "1", "4"
_COMMITMENT, _DISBURSEMENT = "2", "3"
_BILATERAL, _ODA, _GRANT = "1", "10", "110"
_DAC_PURPOSE_CODES = "1"
_PROJECT, _TECHNICAL_ASSISTANCE = "C01", "D02"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes: the organisation's identifier in the standard's register, and its name."""

    ref: str
    name: Text

    def named(self, name: str, /, **attributes: str) -> Element:
        """Return an element that stands for this organisation."""
        return told(name, self.name, ref=self.ref, type=LOCAL_GOVERNMENT, **attributes)


class Unpublished(Exception):
    """A project that is no activity: the message says why."""


def activity(facts: Facts, by: Publisher) -> Element:
    """Return a project as an activity, its parts in the order of the standard.

    Raises `Unpublished` for one that cannot be told, or must not.
    """
    city, applied = _told_of(facts)
    project, signed = facts.project, facts.project.signed
    # History may know of an application nothing but that there was one.
    title = applied.title if applied.title.en.strip() else Text(facts.project_id, applied.title.ko)
    made = element(
        "iati-activity",
        element("iati-identifier", f"{by.ref}-{facts.project_id}"),
        by.named("reporting-org"),
        told("title", title),
        told("description", applied.summary if applied.summary.strip() else title),
        by.named("participating-org", role=_FUNDING),
        *_implementing(signed),
        element("activity-status", code=_status(facts)),
        *_dates(facts),
        element("recipient-country", code=city.country, percentage="100"),
        element("location", told("name", city.name), ref=facts.city_id),
        element("sector", code=applied.sector, vocabulary=_DAC_PURPOSE_CODES, percentage="100"),
        element("collaboration-type", code=_BILATERAL),
        element("default-flow-type", code=_ODA),
        element("default-finance-type", code=_GRANT),
        *_aid_type(applied.project_type),
        *_money(project, by),
        *results(project.plan, facts.indicators),
        last_updated_datetime=facts.changed_at.isoformat(),
        default_currency="KRW",
        humanitarian="0",
    )
    made.set(LANG, "en")
    return made


def _told_of(facts: Facts) -> tuple[City, Applied]:
    if facts.city is None or facts.applied is None:
        raise Unpublished("its application or its city is not on record")
    if facts.city.illustrative:
        raise Unpublished("its city stands in for another, whose name was not published")
    if facts.project.plan is None and facts.project.started_on is None:
        raise Unpublished("nothing was planned yet")
    return facts.city, facts.applied


def _implementing(signed: AgreementSigned | None) -> Iterator[Element]:
    """Name organisations only: who the people are stays in the house."""
    organisations = (
        [implementer.organisation for implementer in signed.implementers] if signed else ()
    )
    for organisation in dict.fromkeys(organisations):
        yield told("participating-org", Text(organisation), role=_IMPLEMENTING)


def _status(facts: Facts) -> str:
    project = facts.project
    if project.cancelled:
        return _CANCELLED
    if project.completed:
        watched = project.plan is not None and facts.known_on <= project.plan.monitored_until
        return _FINALISING if watched else _CLOSED
    if project.suspended_on is not None:
        return _SUSPENDED
    return _RUNNING if project.started_on is not None else _PIPELINE


def _dates(facts: Facts) -> Iterator[Element]:
    plan, started_on = facts.project.plan, facts.project.started_on
    # A project may be cancelled as of a day before the one that it began on.
    ended_on = facts.ended_on if started_on and started_on <= (facts.ended_on or date.min) else None
    days: tuple[tuple[str, date | None], ...] = (
        (_PLANNED_START, plan.starts_on if plan else None),
        (_STARTED, started_on),
        (_PLANNED_END, plan.ends_on if plan else None),
        (_ENDED, ended_on),
    )
    for kind, day in days:
        if day is not None:
            yield element("activity-date", iso_date=day.isoformat(), type=kind)


def _aid_type(kind: ProjectType | None) -> Iterator[Element]:
    """A pilot is a project; plans, studies, advice and training are technical assistance."""
    if kind is not None:
        pilot = kind is ProjectType.PILOT_PROJECT
        yield element("default-aid-type", code=_PROJECT if pilot else _TECHNICAL_ASSISTANCE)


def _money(project: Project, by: Publisher) -> Iterator[Element]:
    if project.signed is not None:
        signed = project.signed
        yield _transaction(_COMMITMENT, signed.signed_on, signed.amount_krw, by)
    for payment in project.payments:
        yield _transaction(_DISBURSEMENT, payment.paid_on, payment.amount_krw, by, payment)


def _transaction(
    kind: str, on: date, amount_krw: int, by: Publisher, payment: PaymentMade | None = None
) -> Element:
    day = on.isoformat()
    made = element(
        "transaction",
        element("transaction-type", code=kind),
        element("transaction-date", iso_date=day),
        element("value", str(amount_krw), value_date=day),
    )
    if payment is not None:
        made.append(told("description", Text(payment.purpose)))
    made.append(by.named("provider-org"))
    if payment is not None:
        made.append(told("receiver-org", Text(payment.recipient)))
        made.set("ref", str(payment.number))
    return made
