"""An application reads the terms of its call and the country of its city."""

from __future__ import annotations

from core.applications import events, rules
from core.applications.commands import ApplicationCommand, SubmitApplication
from core.applications.events import ApplicationEvent
from core.calls import events as call_events
from core.calls import rules as calls
from core.cities import events as city_events
from core.cities import rules as cities
from core.decider import Act
from core.groups import CityFacts
from core.handlers.reading import Handler, Reader
from core.vocabulary import composite, slug


def _application(command: ApplicationCommand) -> str:
    if isinstance(command, SubmitApplication):
        call_id, city_id = slug(command.call_id, "call_id"), slug(command.city_id, "city_id")
        return events.application_id(call_id, city_id)
    composite(command.application_id, 2, "application_id")
    return command.application_id


def _stream(command: ApplicationCommand) -> str:
    return events.stream(_application(command))


def _facts(command: ApplicationCommand, act: Act, read: Reader) -> rules.Facts:
    call_id, _, city_id = _application(command).partition(":")
    call = read.one(calls.DECIDER, call_events.stream(call_id))
    city = CityFacts("")
    if isinstance(command, SubmitApplication):
        city = read.one(cities.DECIDER, city_events.stream(city_id)).facts
    announced = call.announced
    if announced is None:
        return rules.Facts(
            call_known=False,
            receives=False,
            terms="",
            cap_krw=None,
            countries=None,
            list_version="",
            city=city,
        )
    eligibility = announced.eligibility
    return rules.Facts(
        call_known=True,
        receives=call.receives(act.at),
        terms=f"from {announced.opens_at.isoformat()} until before "
        f"{(call.deadline_at or announced.deadline_at).isoformat()}, while the call is open",
        cap_krw=announced.cap_krw,
        countries=eligibility.countries if eligibility else None,
        list_version=eligibility.version if eligibility else "",
        city=city,
    )


HANDLER: Handler[ApplicationCommand, rules.Application, ApplicationEvent, rules.Facts] = Handler(
    rules.DECIDER, _stream, _facts
)
