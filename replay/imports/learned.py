"""Rows to what was learned of cities: their needs, and consultations about their applications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.applications.commands import HoldConsultation
from core.cities.commands import IdentifyNeed
from core.vocabulary import Channel, CityId, purpose_code, slug
from replay.imports.fields import Fields, Reading
from replay.imports.items import Item, application_of, dated, identity
from replay.imports.sections import Consultations, Needs
from replay.imports.table import Row


def needs(spec: Needs, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield a need for each row."""
    for row in rows:
        get = Fields(reading, "needs", row)
        command = IdentifyNeed(
            CityId(get.text("city", spec.city, slug)),
            get.text("sector", spec.sector, purpose_code),
            get.choice("channel", spec.channel, Channel) or Channel.OPEN_CALL,
            get.text("statement", spec.statement),
        )
        act = replace(reading.act, at=get.instant(spec))
        if get.sound:
            yield Item("needs", command, act, row.line, identity(command, *dated(spec, act)))


def consultations(spec: Consultations, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield a consultation for each row."""
    for row in rows:
        get = Fields(reading, "consultations", row)
        command = HoldConsultation(
            application_of(reading, get.text("city", spec.city, slug)),
            get.text("held_with", spec.held_with),
            get.texts("validated", spec.validated, purpose_code),
            get.text("summary", spec.summary),
            get.text("contact", spec.contact, slug, optional=True),
            get.text("contact_name", spec.contact_name, optional=True),
            get.text("contact_email", spec.contact_email, optional=True),
        )
        act = replace(reading.act, at=get.instant(spec))
        if get.sound:
            key = identity(command, *dated(spec, act))
            yield Item("consultations", command, act, row.line, key)
