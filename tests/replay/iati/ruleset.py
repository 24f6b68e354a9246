"""The IATI standard's rules over a file of activities: what the standard's own checker would say.

Only the kinds of rules that the ruleset has are known here; another one is an error, since a rule
that is passed over would look like one that is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import elementpath

Case = dict[str, Any]
_NAMESPACES = {"xml": "http://www.w3.org/XML/1998/namespace"}
_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Broken:
    """A rule that a file breaks."""

    rule: str
    severity: str
    message: str


@dataclass(frozen=True)
class Checker:
    """A file of activities, about to be checked as of a moment."""

    root: ET.Element
    now: datetime

    def broken(self, ruleset: Path) -> list[Broken]:
        """Return every rule that the file breaks, at each place where it does."""
        rules = json.loads(ruleset.read_text(encoding="utf-8"))
        return [
            found
            for context, kinds in rules.items()
            for place in self._places(context)
            for found in self._within(place, kinds)
        ]

    def _places(self, context: str) -> list[Any]:
        if context.startswith("//"):
            return self._at(self.root, f".{context}")
        tag = f"/{self.root.tag}/"
        paths = [p.strip() for p in context.split("|")]
        return [
            place
            for path in paths
            if path.startswith(tag)
            for place in self._at(self.root, path.removeprefix(tag))
        ]

    def _within(self, place: Any, kinds: dict[str, Any]) -> Iterator[Broken]:  # noqa: ANN401
        for kind, body in kinds.items():
            for case in body["cases"]:
                yield from self._case(place, kind, case)

    def _case(self, place: Any, kind: str, case: Case) -> Iterator[Broken]:  # noqa: ANN401
        if kind == "loop":
            for value in dict.fromkeys(self._texts(place, case["foreach"])):
                inner = json.loads(json.dumps(case["do"]).replace("$1", value))
                yield from self._within(place, inner)
            return
        if "condition" in case and not self._holds(place, case["condition"]):
            return
        if not getattr(self, f"_{kind}")(place, case):
            info = case["ruleInfo"]
            yield Broken(info["id"], info["severity"], info["message"])

    def _unique(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        found = self._all(place, case)
        return len(set(found)) == len(found)

    def _startswith(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        if "ORG-ID-PREFIX" in case["prefix"]:
            return True  # the register of agencies is no part of the ruleset
        begins = [t for path in case["prefix"] for t in self._texts(place, path)]
        separator = case.get("separator", "")
        return all(
            any(text.startswith(begin + separator) for begin in begins)
            for text in self._all(place, case)
        )

    def _atleast_one(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        return bool(self._all(place, case))

    def _no_more_than_one(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        return len(self._all(place, case)) <= 1

    def _one_or_all(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        if self._at(place, case["one"]):
            return True
        every = {"lang": "//narrative[not(@xml:lang)]", "currency": "//value[not(@currency)]"}
        if case["all"] in every:
            return not self._at(place, f".{every[case['all']]}")
        return not self._at(place, f"transaction[not({case['all']})]")

    def _date_now(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        return all(_instant(t) <= self.now for t in self._texts(place, case["date"]))

    def _date_order(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        today = self.now.date()
        more = [today] if case["more"] == "NOW" else self._days(place, case["more"])
        return all(a <= b for a in self._days(place, case["less"]) for b in more)

    def _between_dates(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        (start,), (end,) = self._days(place, case["start"]), self._days(place, case["end"])
        return all(start <= day <= end for day in self._days(place, case["date"]))

    def _time_limit(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        starts, ends = self._days(place, case["start"]), self._days(place, case["end"])
        return all(b - a <= _YEAR for a, b in zip(starts, ends, strict=True))

    def _regex_matches(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        return all(re.search(case["regex"], text) for text in self._all(place, case))

    def _no_spaces(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        return all(text == text.strip() for text in self._all(place, case))

    def _strict_sum(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        found = self._all(place, case)
        return not found or sum(map(float, found)) == case["sum"]

    def _range(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        return all(case["min"] <= float(text) <= case["max"] for text in self._all(place, case))

    def _if_then(self, place: Any, case: Case) -> bool:  # noqa: ANN401
        return not self._holds(place, case["if"]) or self._holds(place, case["then"])

    def _all(self, place: Any, case: Case) -> list[str]:  # noqa: ANN401
        return [text for path in case["paths"] for text in self._texts(place, path)]

    def _days(self, place: Any, path: str) -> list[date]:  # noqa: ANN401
        return [date.fromisoformat(text[:10]) for text in self._texts(place, path)]

    def _texts(self, place: Any, path: str) -> list[str]:  # noqa: ANN401
        found = self._at(place, path)
        return ["".join(x.itertext()) if isinstance(x, ET.Element) else str(x) for x in found]

    def _holds(self, place: Any, path: str) -> bool:  # noqa: ANN401
        return bool(self._select(place, f"boolean({path})"))

    def _at(self, place: Any, path: str) -> list[Any]:  # noqa: ANN401
        return cast("list[Any]", self._select(place, path))

    def _select(self, place: Any, path: str) -> Any:  # noqa: ANN401
        # Of version 2 in its mode for version 1, as the rules are: its parser of version 1 compares
        # attributes with numbers as texts.
        return elementpath.select(
            self.root,
            path,
            namespaces=dict(_NAMESPACES),
            item=place,
            parser=elementpath.XPath2Parser,
            compatibility_mode=True,
        )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
