"""docs/imports.md names every section of a mapping and every key in it, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from replay.imports.mapping import SECTIONS, Call, Dates, FileShape, ImportMapping
from replay.imports.sections import Section, Table

PAGE = (Path(__file__).parents[2] / "docs" / "imports.md").read_text(encoding="utf-8")
ROWS = {
    name: set(re.findall(r"`([a-z_]+)`", keys))
    for name, keys in re.findall(r"^\| `\[([a-z]+)\]` \|(?:.*\|)? ([^|]*) \|$", PAGE, re.MULTILINE)
}
SHAPES: dict[str, type[Table]] = {"file": FileShape, "dates": Dates, "call": Call}


def section(name: str) -> type[Table]:
    annotation = ImportMapping.model_fields[name].annotation
    (found,) = [t for t in get_args(annotation) if isinstance(t, type) and issubclass(t, Section)]
    return found


@pytest.mark.parametrize("name", [*SECTIONS, *SHAPES])
def test_each_section_is_documented_with_all_its_keys(name: str) -> None:
    table = SHAPES.get(name) or section(name)
    assert ROWS[name] == set(table.model_fields) - {"occurred_at"}


def test_no_other_section_is_documented_and_they_stand_in_the_order_of_deciding() -> None:
    assert list(ROWS) == [*SECTIONS, *SHAPES]
