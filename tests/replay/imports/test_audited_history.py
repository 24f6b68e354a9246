"""History comes in unjudged, and is then found out: each violation alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.ledger.ledger import Ledger
from projections.audit_findings.fold import VIEW
from projections.audit_findings.rows import FindingRow
from projections.reading import records
from projections.time_travel import fold
from replay.imports.run import Import, run

Job = Callable[..., Import]
Announce = Callable[[Ledger], None]

MAPPING = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
ROWS = """\
city,evaluator,criterion,old,score,reason,on
lima,e1,need,,7.5,,2023-03-01
lima,e1,impact,,N/A,,2023-03-02
lima,e2,need,,6,,2023-03-01
lima,e2,impact,,8,,2023-03-01
"""
LATE = MAPPING.replace(
    'sector = "14020"\noccurred_at = "2023-01-10"', 'sector = "14020"\noccurred_at = "2023-02-02"'
)
CONFLICTED = MAPPING.replace('conflict = "none"', 'conflict = "family"')
SILENT = MAPPING.replace('conflict = "none"\n', "")
COLOUR = ROWS.replace("lima,e2,need,,6", "lima,e2,colour,,6")


@pytest.mark.parametrize(
    ("mapping", "rows", "codes"),
    [
        (MAPPING, ROWS, []),
        (LATE, ROWS, ["accepted-late"]),
        (CONFLICTED, ROWS, ["scored-conflicted"] * 2),
        (MAPPING, COLOUR, ["other-criteria"]),
        (SILENT, ROWS, ["scored-undeclared"] * 2),
    ],
    ids=["clean", "late", "conflicted", "other criterion", "undeclared"],
)
def test_a_history_that_commands_would_refuse_is_found_out(  # noqa: PLR0913, PLR0917  # fixtures
    ledger: Ledger, job: Job, announce_small: Announce, mapping: str, rows: str, codes: list[str]
) -> None:
    announce_small(ledger)
    assert run(ledger, job(mapping, rows, as_history=True)).bad == ()
    found = fold(VIEW, records(ledger.store)).values()
    assert [row.code for row in found if isinstance(row, FindingRow)] == codes
