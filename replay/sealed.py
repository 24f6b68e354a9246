"""Whether sealed text in a record was sealed for it: what can be told without any key.

A record that carries another command's sealed text would show readers what was never said
there, or nothing at all.
"""

from __future__ import annotations

import json

from core.ledger.tokens import tokens_of


def sealed_fault(record: bytes) -> str:
    """Return what is wrong with the sealed text of a record that is JSON; "" where nothing is.

    Where the command's body is on record, each text of its
    event is one of the body's, which are each where they were sealed to be.
    """
    content = json.loads(record)
    command = content["command"]
    asked = dict(tokens_of(command["body"])) if command["body"] is not None else None
    for path, token in (asked or {}).items():
        if token.path != path:
            return f"the text at {path!r} of the command was sealed for {token.path!r}"
    for path, token in tokens_of(content):
        if token.command != command["id"]:
            return f"the text at {path!r} was sealed for the command {token.command!r}"
        if asked is not None and token not in asked.values():
            return f"the text at {path!r} is none of the command's"
    return ""
