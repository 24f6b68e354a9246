"""Elements of XML: a name, attributes, and what is inside, with nothing that XML cannot hold."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from core.vocabulary import Text

# What XML 1.0 has no way to write, not even as a reference.
_UNWRITABLE = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Element = ET.Element


def element(name: str, /, *inside: Element | str, **attributes: str) -> Element:
    """Return an element; in names of attributes an underscore stands for a hyphen."""
    made = ET.Element(name, {key.replace("_", "-"): _sound(v) for key, v in attributes.items()})
    for item in inside:
        if isinstance(item, str):
            made.text = _sound(item)
        else:
            made.append(item)
    return made


def told(name: str, text: Text | str, /, **attributes: str) -> Element:
    """Return an element that says something, in the default language and where known in Korean."""
    made = element(name, **attributes)
    text = Text(text) if isinstance(text, str) else text
    made.append(element("narrative", text.en))
    if text.ko.strip():
        korean = element("narrative", text.ko)
        korean.set(LANG, "ko")
        made.append(korean)
    return made


def written(made: Element) -> bytes:
    """Return an element as lines of UTF-8."""
    ET.indent(made)
    lines: bytes = ET.tostring(made, encoding="utf-8", xml_declaration=False)
    return lines + b"\n"


def _sound(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
