"""What `ssp framework` does: shows rubrics that ship, and drafts one in the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import typer

from core.decider import Act
from core.frameworks.commands import DraftFramework
from core.frameworks.events import stream
from core.frameworks.rules import DECIDER
from core.indicators import Banding
from core.ledger.codec import to_json
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.rubric import Aggregation, Criterion, Rubric
from core.vocabulary import ActorId, FrameworkId, Role, slug
from replay.options import prints, stop
from replay.ready import ReadyFramework, ready


def listed(*, as_json: bool) -> None:
    """Print the id and the title of each."""
    for one in ready().values():
        if as_json:
            prints({"id": one.id, "version": one.version, "title": one.rubric.title.en})
        else:
            typer.echo(f"{one.id:16}{one.rubric.title.en}")


def shown(name: str, *, as_json: bool) -> None:
    """Print a framework for people, or as JSON: its rubric is then the body of a draft."""
    one = _named(name)
    if as_json:
        prints(json.loads(to_json(one)))
        return
    typer.echo(f"{one.id}, version {one.version}: {one.rubric.title.en}")
    for line in (*_criteria(one.rubric), *_rules(one.rubric)):
        typer.echo(f"  {line}")
    typer.echo(f"source: {one.source}")
    if one.url:
        typer.echo(f"        {one.url}")


def drafted(ledger: Ledger, name: str, as_id: str, actor: str, *, as_json: bool) -> None:
    """Draft a framework, and print which version it became; raises `DomainError`."""
    one = _named(name)
    act = Act(ActorId(slug(actor, "actor")), Role.OFFICER, datetime.now(UTC))
    framework_id = FrameworkId(as_id or one.id)
    command = DraftFramework(framework_id, one.rubric)
    receipt = ledger.handle(Envelope(command, act, policy="ssp framework draft"))
    state = ledger.draft().one(DECIDER, stream(framework_id))
    version = len(state.versions)
    if as_json:
        found = {"framework_id": framework_id, "version": version, "position": receipt.position}
        prints(found)
    else:
        typer.echo(
            f"drafted {framework_id}, version {version}, at position {receipt.position}; "
            "it holds for no call before a manager publishes it"
        )


def _named(name: str) -> ReadyFramework:
    found = ready().get(name)
    if found is None:
        stop(f"there is no ready framework {name!r}; there are {', '.join(ready())}")
    return found


def _criteria(rubric: Rubric) -> list[str]:
    return [
        f"{criterion.weight:>6} {criterion.id}: {criterion.title.en}, {_marked(criterion)}"
        for criterion in rubric.criteria
    ]


def _marked(criterion: Criterion) -> str:
    if criterion.banding is not None:
        return f"computed from {_banded(criterion.banding)}"
    scale = criterion.scale
    floor = "" if criterion.floor is None else f", floor {criterion.floor}"
    return f"scored from {scale.worst} to {scale.best} by {scale.step}{floor}"


def _banded(banding: Banding) -> str:
    lowest, *others = banding.bands
    bands = ", ".join(
        (
            f"{lowest.mark} below {others[0].at_least}",
            *(f"{band.mark} from {band.at_least}" for band in others),
        )
    )
    return f"{banding.indicator} of the {banding.of} in {banding.unit} ({bands})"


def _rules(rubric: Rubric) -> list[str]:
    rule = rubric.aggregation
    lines = [f"points {rule.points}, trim {rule.trim}, quorum {rubric.quorum}{_floor(rule)}"]
    if rubric.tie_breaks:
        lines.append(f"ties broken by {', '.join(rubric.tie_breaks)}")
    lines += [f"rounded by {r.at} to {r.step}, {r.mode}" for r in rule.roundings]
    for variant in rubric.variants:
        weights = ", ".join(f"{w.criterion} {_plain(w.weight)}" for w in variant.weights)
        lines.append(f"for {variant.id} ({variant.group.basis or 'a group'}): {weights}")
    return lines


def _floor(rule: Aggregation) -> str:
    return "" if rule.total_floor is None else f", floor of the total {rule.total_floor}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
