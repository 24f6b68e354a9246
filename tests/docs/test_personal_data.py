"""docs/personal-data.md says of every text that the log can hold whether it is sealed, and why."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from core.ledger.codec import COMMANDS, EVENTS
from core.personal import About, Sealed, personal_fields

PAGE = Path(__file__).parents[2] / "docs" / "personal-data.md"
ROW = re.compile(
    r"^\| (?P<texts>`\w+\.\w+`.*?) \| (?P<whose>[^|]+) \| (?P<why>[^|]+) \|$", re.MULTILINE
)


def texts() -> dict[str, str]:
    """Every field of an event or a command, or of a shape within, that can hold any text."""
    found: dict[str, str] = {}
    seen: set[type[Any]] = {Sealed}
    left: list[type[Any]] = [*EVENTS.values(), *COMMANDS.values()]
    while left:
        shape = left.pop()
        if shape in seen:
            continue
        seen.add(shape)
        personal, hints = personal_fields(shape), get_type_hints(shape)
        for field in fields(shape):
            parts = list(parts_of(hints[field.name]))
            left += [part for part in parts if isinstance(part, type) and is_dataclass(part)]
            if str in parts:
                about = personal.get(field.name)
                found[f"{shape.__name__}.{field.name}"] = whose(about)
    return found


def parts_of(hint: Any) -> list[Any]:  # noqa: ANN401  # any annotation
    return [hint, *(part for argument in get_args(hint) for part in parts_of(argument))]


def whose(about: About | None) -> str:
    if about is None:
        return "not"
    return f"`{about.field}`" if about.field else "the actor"


def documented() -> list[tuple[str, str]]:
    rows = ROW.finditer(PAGE.read_text(encoding="utf-8"))
    return [(text, row["whose"]) for row in rows for text in re.findall(r"`([^`]+)`", row["texts"])]


def test_every_text_is_listed_once_with_whose_key_seals_it() -> None:
    listed = documented()
    assert len(listed) == len(dict(listed))
    missing = sorted(texts().items() - set(listed))
    gone = sorted(set(listed) - texts().items())
    assert not missing, "decide whether these are about a person, and say so on the page"
    assert not gone


def test_a_command_and_its_event_agree_on_whose_a_text_is() -> None:
    sealed = {name.partition(".")[2]: whose for name, whose in texts().items() if whose != "not"}
    assert sealed["comment"] == "`evaluator_id`"
    for shape in (*EVENTS.values(), *COMMANDS.values()):
        for about in personal_fields(shape).values():
            assert not about.field or about.field in {f.name for f in fields(shape)}
