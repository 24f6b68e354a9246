"""The page of a replayed decision: to be read on screen, printed, and kept.

It holds everything itself, runs nothing and loads nothing, and says the same for the same
replay: no clock and no machine is in it. Text of the log is shown as text, whatever is in it.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from replay.decisions import DecisionReplay
from replay.trail import runs

CONTENT_TYPE = "text/html; charset=utf-8"


def decision_page(replayed: DecisionReplay) -> str:
    """Return a replayed decision as one HTML document."""
    style, template = _parts()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return template.render(
        replayed=replayed,
        runs=runs(replayed.trail),
        style=Markup(style),  # noqa: S704  # our own file, and its hash is what the page allows
        policy=f"default-src 'none'; style-src 'sha256-{digest}'",
    )


@cache
def _parts() -> tuple[str, Template]:
    """Return the style and the template, read once."""
    pages = Environment(
        loader=PackageLoader("replay"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"when": _when, "number": _number}
    assert pages.loader is not None  # noqa: S101  # given above
    style, _, _ = pages.loader.get_source(pages, "page.css")
    return style, pages.get_template("decision.html.j2")


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _number(value: Decimal | int | None) -> str:
    """Return a number with all its digits; a dash where there is none."""
    return "–" if value is None else str(value)
