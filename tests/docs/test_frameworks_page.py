"""The page about frameworks names what ships, and its example is a banding."""

from __future__ import annotations

import re
from pathlib import Path

from core.indicators import Banding
from core.ledger.codec import adapter
from replay.ready import ready

PAGE = (Path(__file__).parents[2] / "docs" / "frameworks.md").read_text(encoding="utf-8")


def test_every_framework_that_ships_is_on_the_page() -> None:
    table = PAGE.partition("| Framework |")[2].partition("\n\n")[0]
    named = {
        name
        for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    }
    assert named == set(ready())


def test_the_example_of_a_banding_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    banding: Banding = adapter(Banding).validate_json(example, extra="forbid")
    assert [band.at_least for band in banding.bands] == [None, 1146, 4516]
