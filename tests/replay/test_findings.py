"""`ssp findings`: the rules over the records alone, beside the proof that these are whole."""

from __future__ import annotations

import json

import pytest

from core.ledger.ledger import Ledger
from replay.findings import Wanted, findings_of, show
from tests.processes import called, refused
from tests.rounds import Round
from tests.tampering import unguarded

ALL = Wanted(None, None, None, None, verified=True)


def test_what_was_found_is_told_in_both_languages_with_its_proof(
    round_: Round, capsys: pytest.CaptureFixture[str]
) -> None:
    round_.whole()
    position, report = findings_of(round_.ledger, ALL)
    assert {f.code for f in report.findings} == {"uncertified"}
    assert [f.about for f in report.findings] == ["c:doc:e1", "c:doc:e2"]
    capsys.readouterr()
    show(ALL, position, report, as_json=False)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(" 8  MEDIUM  The selection of stage doc was approved on 3 eval")
    assert said[1].strip().startswith("doc 단계 선정이 e1의 확인서 없는 평가 3건")
    assert said[2].strip() == "[uncertified] proof at " + ", ".join(
        map(str, report.findings[0].positions)
    )
    assert said[-1] == f"as of position {position}: 2 medium found"

    before, then = findings_of(round_.ledger, Wanted(None, None, None, str(position - 1), False))  # noqa: FBT003
    assert (before, then.findings) == (position - 1, ())


def test_a_log_and_a_view_that_do_not_verify_are_findings(round_: Round) -> None:
    round_.announce()
    with unguarded(round_.ledger.url) as connection:
        connection.execute(
            "update ledger.event set record = record || ' '::bytea where position = 5"
        )
    _, report = findings_of(round_.ledger, ALL)
    (finding,) = report.findings
    assert (finding.code, finding.rule, finding.positions) == ("log-unverified", 27, (5,))
    _, unlooked = findings_of(round_.ledger, Wanted(None, None, None, None, verified=False))
    assert unlooked.findings == ()


def test_the_command_ends_with_1_where_something_was_found(database_url: str) -> None:
    with Ledger(database_url) as ledger:
        Round(ledger).whole()
    where = {"SSP_DATABASE_URL": database_url}
    done = called("findings", "--json", "--call", "c", "--rule", "8", **where)
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["verified"] is True
    assert document["by_rule"] == {"8": 2}
    assert document["findings"][0]["sentence"]["ko"]
    nothing = called("findings", "--rule", "1", "--no-verify", **where)
    assert nothing.returncode == 0
    assert "nothing found" in nothing.stdout
    assert "was not looked at" in nothing.stdout
    assert "high, medium, low" in refused(called("findings", "--severity", "awful", **where), 2)
