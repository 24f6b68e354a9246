"""CSV as it comes: with byte order marks, from Korean Excel, cut off, or not text at all."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from core.errors import Violation
from replay.imports.findings import ImportRefused

# UTF-32's mark begins with UTF-16's, so it comes first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KOREAN = "cp949"
_SAMPLE = 1 << 16
_UNMARKED = (
    "the file is not CSV, or it is UTF-16 without a byte order mark: then say "
    'encoding = "utf-16-le" in [file]'
)


def records(
    content: bytes, encoding: str | None, delimiter: str
) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield each record with the line on which it begins; cells without blanks around them.

    A byte order mark is believed before the encoding that the mapping names. Raises
    `ImportRefused` at the first byte that is not text and at a quote that is not closed.
    """
    text = _decoded(content, encoding)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begun = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ImportRefused(
                Violation(
                    "unreadable-csv",
                    f"not CSV: {error}; is a quote not closed, or not doubled "
                    "within a quoted text?",
                    f"line {begun}",
                )
            ) from None
        yield begun, [cell.strip() for cell in cells]
        begun = reader.line_num + 1


def _decoded(content: bytes, encoding: str | None) -> str:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    chosen = marked or encoding or "utf-8"
    try:
        text = content.decode(chosen)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        hint = "" if marked or encoding else _hint(content)
        raise ImportRefused(
            Violation(
                "not-text",
                f"this byte is not {chosen.upper()}{hint}",
                f"line {line}, byte {error.start}",
                f"0x{content[error.start]:02x}",
            )
        ) from None
    except (LookupError, UnicodeError, ValueError) as error:
        raise ImportRefused(Violation("not-text", f"not {chosen}: {error}"[:200], "file")) from None
    if (nul := text.find("\0")) >= 0:
        line = text.count("\n", 0, nul) + 1
        raise ImportRefused(
            Violation("not-text", f"a character of no text; {_UNMARKED}", f"line {line}", "0x00")
        )
    return text


def _hint(content: bytes) -> str:
    """Say what else the bytes may be. A sample may end within a character: that is no error."""
    if b"\0" in content[:_SAMPLE]:
        return f"; {_UNMARKED}"
    decoder = codecs.getincrementaldecoder(_KOREAN)()
    try:
        decoder.decode(content[:_SAMPLE])
    except UnicodeDecodeError:
        return "; if the file is text at all, name its encoding in the mapping's [file]"
    return f'; if it is Korean text from Excel, say encoding = "{_KOREAN}" in [file]'
