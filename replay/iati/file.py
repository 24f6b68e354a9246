"""All projects as of a position in one file of activities, written one after another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import refuse, require
from core.ledger.ledger import Ledger
from core.ledger.merkle import Tree
from core.vocabulary import Text
from projections.time_travel import position_of
from replay.iati.activity import Publisher, Unpublished, activity
from replay.iati.facts import projects_at
from replay.iati.xml import written

VERSION = "2.03"
# What the standard's rules refuse in an identifier.
_REF = re.compile(r"[^\s/&|?]+")


@dataclass(frozen=True, slots=True)
class Published:
    """What was written; `left_out` says of each project that was not, why."""

    position: int
    activities: int
    left_out: dict[str, str]


def publisher(ref: str, name: str, name_ko: str = "") -> Publisher:
    """Return who publishes, or refuse an identifier that the standard would."""
    require(
        _REF.fullmatch(ref),
        "malformed-organisation",
        "an organisation's identifier has no blanks and none of the signs / & | ?",
        field="org",
        value=ref,
    )
    return Publisher(ref, Text(name, name_ko))


def write_activities(ledger: Ledger, by: Publisher, as_of: str | None, file: BinaryIO) -> Published:
    """Write every project that can be published; the same log up to there gives the same bytes."""
    store = ledger.store
    position = position_of(store, as_of)
    if position < 0:
        refuse("empty-log", "there is nothing to publish: nothing was recorded", field="as_of")
    (last,) = store.page(position, 1)
    root = Tree(position + 1, store.hashes).root().hex()
    at = last.recorded_at.isoformat()
    file.write(
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        + f"<!-- As of position {position} of the log, recorded at {at}; its root is {root}. -->\n"
        f'<iati-activities version="{VERSION}" generated-datetime="{at}">\n'.encode()
    )
    count, left_out = 0, dict[str, str]()
    for facts in projects_at(store, position, last.recorded_at):
        try:
            file.write(written(activity(facts, by)))
            count += 1
        except Unpublished as why:
            left_out[facts.project_id] = str(why)
    file.write(b"</iati-activities>\n")
    return Published(position, count, left_out)
