"""An exported log tells whatever was done to the log before it was exported, and after."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.ledger.checkpoints import Checkpoint
from replay.bundles.archive import Writer, read
from replay.bundles.checking import Wrong
from replay.bundles.decision import MANIFEST, NotCovered, readable
from replay.bundles.log_file import ViewsBehind
from replay.bundles.log_format import line_of, rows_of
from replay.bundles.rows import packed, unpacked
from tests import tampering
from tests.bundled import SIGNER, STRANGER
from tests.replay.exports import checked, checkpoint_of, exported
from tests.rounds import Round

Deed = Callable[[psycopg.Connection[Any]], None]


def test_an_untouched_log_verifies_with_every_view(round_: Round, tmp_path: Path) -> None:
    path = exported(round_.whole(), tmp_path)
    found = checked(path)
    assert found.size == found.checkpoint.size == round_.ledger.store.size()
    assert found.root == round_.ledger.store.head().root
    assert set(found.views) >= {"partner_pools", "application_board", "ranking"}


def test_a_log_goes_on_from_a_checkpoint_that_was_kept(round_: Round, tmp_path: Path) -> None:
    round_.announce()
    earlier, _ = checkpoint_of(round_.ledger)
    round_.score()
    round_.decide()
    assert checked(exported(round_, tmp_path), [earlier]).size > earlier.size


def test_the_beginning_of_a_log_is_proved_by_a_later_checkpoint(
    round_: Round, tmp_path: Path
) -> None:
    round_.whole()
    for upto in (0, 7, 20):
        found = checked(exported(round_, tmp_path, upto=upto))
        assert found.size == upto + 1
        assert found.checkpoint.size == round_.ledger.store.size()
    with pytest.raises(NotCovered):
        exported(round_, tmp_path, upto=10_000)


def test_views_that_are_behind_are_not_exported_as_if_they_were_not(
    round_: Round, tmp_path: Path
) -> None:
    round_.announce()
    exported(round_, tmp_path)
    round_.score()
    with pytest.raises(ViewsBehind, match="partner_pools"):
        exported(round_, tmp_path, catch_up=False)
    assert checked(exported(round_, tmp_path, views=False)).views == ()


def in_a_word(record: bytes) -> bytes:
    """Change a record in one letter."""
    return record.replace(b'"officer"', b'"0fficer"')


DEEDS: dict[str, tuple[Deed, int | None, str]] = {
    "changed": (
        lambda c: tampering.change(c, 5, b'"officer"', b'"0fficer"'),
        None,
        "are not those that were signed",
    ),
    "deleted": (lambda c: tampering.delete(c, 0), 0, "version 2 of framework-f"),
    "deleted alone": (lambda c: tampering.delete(c, 6), 32, "the log ends here"),
    "inserted": (lambda c: tampering.insert(c, 4, "call-other"), None, "signed"),
    "swapped": (lambda c: tampering.swap(c, 3, 9), 4, "its predecessor"),
    "truncated": (lambda c: tampering.truncate(c, 12), 12, "missing"),
    "rewound": (lambda c: tampering.rewind(c, 12), 12, "the log ends here"),
    "rewritten": (
        lambda c: tampering.rewrite(c, in_a_word),
        None,
        "are not those that were signed",
    ),
}


@pytest.mark.parametrize("name", DEEDS)
def test_what_a_superuser_did_to_the_log_is_named(round_: Round, tmp_path: Path, name: str) -> None:
    """The log's key has signed the outcome: only what an auditor kept tells of it."""
    deed, position, finding = DEEDS[name]
    earlier, _ = checkpoint_of(round_.whole().ledger)
    with tampering.unguarded(round_.ledger.url) as connection:
        deed(connection)
    path = exported(round_, tmp_path, views=False)
    with pytest.raises(Wrong, match=finding) as wrong:
        checked(path, [earlier])
    assert position is None or wrong.value.position == position


def test_a_log_that_was_written_anew_and_signed_with_another_key_is_refused(
    round_: Round, tmp_path: Path
) -> None:
    round_.whole()
    with tampering.unguarded(round_.ledger.url) as connection:
        tampering.rewrite(connection, in_a_word)
    with pytest.raises(Wrong, match="no trusted key signed this"):
        checked(exported(round_, tmp_path, signer=STRANGER, views=False))


@pytest.mark.parametrize(
    ("statement", "position", "finding"),
    [
        ("update ledger.event set leaf = sha256(record) where position = 5", 5, "the leaf is not"),
        ("update ledger.event set type = 'calls.closed.1' where position = 0", 0, "type is"),
        ("update ledger.event set stream = E'a\\tb\\n\\\\' where position = 2", 2, "stream is"),
        ("update ledger.event set recorded_at = 'infinity' where position = 9", 9, "recorded_at"),
        ("update ledger.event set version = 7 where position = 9", 9, "version is"),
    ],
)
def test_a_column_that_contradicts_its_record_is_named_where_it_is(
    round_: Round, tmp_path: Path, statement: str, position: int, finding: str
) -> None:
    round_.whole()
    tampering.done(round_.ledger.url, statement)
    with pytest.raises(Wrong, match=finding) as wrong:
        checked(exported(round_, tmp_path, views=False))
    assert wrong.value.position == position


def test_a_view_that_was_changed_is_named_with_its_row(round_: Round, tmp_path: Path) -> None:
    exported(round_.whole(), tmp_path)
    with psycopg.connect(round_.ledger.url) as connection:
        connection.execute(
            "update views.partner_pools set doc = replace(doc::text, 'Latin', 'Greek')::json "
            "where key = 'y'"
        )
    path = exported(round_, tmp_path)
    with pytest.raises(Wrong, match=r"view partner_pools is not what the records give.*'y'"):
        checked(path)
    assert checked(path, views=False).views == ()


def rebuilt(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Change a member of an exported log, with a manifest to match."""
    data = path.read_bytes()
    members = {n: data[where] for n, where in read(data).items()}
    members[name] = change(members[name])
    said = json.loads(members.pop(MANIFEST))
    said["sha256"] = {n: hashlib.sha256(m).hexdigest() for n, m in members.items()}
    file = io.BytesIO()
    writer = Writer(file)
    for n, content in members.items():
        writer.add(n, content)
    writer.add(MANIFEST, readable(said))
    writer.close()
    path.write_bytes(file.getvalue())
    return path


def test_a_file_that_was_changed_after_its_export_is_refused(round_: Round, tmp_path: Path) -> None:
    path = exported(round_.whole(), tmp_path)
    part = "records/000000.txt.gz"

    def other(content: bytes) -> bytes:
        return packed([*unpacked(content)[:-1], b"nonsense"])

    with pytest.raises(Wrong, match="cannot be read"):
        checked(rebuilt(path, part, other))
    with pytest.raises(Wrong, match="is missing"):
        checked(rebuilt(exported(round_, tmp_path), part, lambda c: packed(unpacked(c)[:-1])))
    with pytest.raises(Wrong, match=r"not the root|do not give the root"):
        checked(
            rebuilt(exported(round_, tmp_path), "consistency.txt", lambda _: b"00" * 32 + b"\n")
        )
    whole = exported(round_, tmp_path).read_bytes()
    for changed in (whole[:-1], whole + b"\0", whole[:400] + b"?" + whole[401:], b""):
        path.write_bytes(changed)
        with pytest.raises(Wrong):
            checked(path)


def test_lines_say_exactly_what_is_stored(round_: Round) -> None:
    rows = list(round_.whole().ledger.store.rows(0, 100))
    assert list(rows_of(map(line_of, rows))) == rows
    odd = (3, "a\tb\n\\n", 1, "\\t", None, b'{"a":"\\t"}', b"\0" * 32)
    assert list(rows_of([line_of(odd)])) == [odd]


def test_a_later_checkpoint_than_the_log_is_no_part_of_it(round_: Round, tmp_path: Path) -> None:
    round_.whole()
    beyond = Checkpoint(SIGNER.name, 10_000, b"\0" * 32)
    with pytest.raises(Wrong, match="the checkpoint over 10000 records was signed"):
        checked(exported(round_, tmp_path), [beyond])
