"""What a spreadsheet would take for a program: a cell is data, whoever wrote it.

Text that a stranger may have written, such as a title or a comment, could otherwise start
programs and send what it finds to addresses, on the machine of whoever opens the file.
"""

from __future__ import annotations

import re

# Excel reads these in their full width too, as Korean and Japanese keyboards write them.
SIGNS = (
    "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
# Some programs skip the blanks before them.
BEGINS = rf"\s*[{re.escape(SIGNS)}]"
