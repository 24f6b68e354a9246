"""`ssp remind`: what a server does once a day, for whoever runs none or wants it now."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from core.ledger.ledger import Ledger
from core.ledger.reactor import Reactor
from core.ledger.reminder import remind
from core.monitoring.events import IndicatorBehind, IndicatorUnobserved, MilestoneMissed
from core.reactions.table import REACTIONS
from replay.options import prints


def run_reminder(ledger: Ledger, *, as_json: bool) -> None:
    """Review all projects as of now, meet what follows, and print what was found."""
    looked, found = 0, 0
    for project_id, receipt in remind(ledger, datetime.now(UTC)):
        looked += 1
        for late in receipt.events:
            found += 1
            (record,) = ledger.read(late.position, late.position + 1)
            if as_json:
                prints({"project": project_id, "position": late.position, "event": record.wire})
            else:
                typer.echo(f"{project_id}: {_said(record.event)}")
    # A server beside this one may meet them first, which is as well.
    Reactor(ledger, REACTIONS).catch_up()
    if not as_json:
        typer.echo(f"projects looked at: {looked}; newly late: {found}")


def _said(event: object) -> str:
    match event:
        case MilestoneMissed(milestone=milestone, due_on=due_on):
            return f"the milestone {milestone} was due on {due_on}"
        case IndicatorUnobserved(indicator_id=indicator, target=target):
            return f"the indicator {indicator} was not observed in {target.period}"
        case IndicatorBehind(indicator_id=indicator, observed=observed, expected=expected):
            return f"the indicator {indicator} is at {observed}, its path at {expected}"
        case _:
            return type(event).__name__
