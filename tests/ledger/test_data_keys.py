"""Sealed text opens under its key, in its place, unchanged: and not otherwise."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.ledger.data_keys import DataKey, Unreadable, fresh
from core.ledger.key_encryption import (
    KEY_FILE,
    KeyEncryption,
    from_environment,
    made_in,
)
from core.ledger.key_files import KeyRefused
from core.personal import Sealed

KEY = DataKey("kim", bytes(range(32)))
TOKEN = KEY.seal("A sound plan.", "command-1", "comment")


def test_sealed_text_opens_and_looks_different_each_time() -> None:
    assert KEY.open(TOKEN) == "A sound plan."
    assert KEY.seal("A sound plan.", "command-1", "comment").text != TOKEN.text
    assert b"sound" not in b64decode(TOKEN.text)


def flipped(token: Sealed, position: int) -> Sealed:
    raw = bytearray(b64decode(token.text))
    raw[position] ^= 1
    return replace(token, text=b64encode(raw).decode())


@pytest.mark.parametrize(
    "token",
    [
        *(flipped(TOKEN, position) for position in range(len(b64decode(TOKEN.text)))),
        replace(TOKEN, command="command-2"),
        replace(TOKEN, path="reason"),
        replace(TOKEN, subject="lee"),
        replace(TOKEN, text=""),
        replace(TOKEN, text="no base64"),
        # The parts are told apart by their lengths: none can lend the next a letter.
        replace(TOKEN, command="command-1c", path="omment"),
    ],
)
def test_text_that_was_changed_or_moved_does_not_open(token: Sealed) -> None:
    with pytest.raises(Unreadable):
        KEY.open(token)


def test_text_of_another_key_does_not_open_though_its_commitment_is_forged() -> None:
    other = fresh("kim")
    with pytest.raises(Unreadable, match="another key"):
        other.open(TOKEN)
    with pytest.raises(Unreadable, match="changed"):
        other.open(replace(TOKEN, commitment=other.commitment))


def test_a_digest_depends_on_key_place_and_text() -> None:
    digest = KEY.digest("A sound plan.", "comment")
    assert digest == DataKey("kim", bytes(range(32))).digest("A sound plan.", "comment")
    assert digest != KEY.digest("A sound plan.", "reason")
    assert digest != KEY.digest("A sound plan", "comment")
    assert digest != fresh("kim").digest("A sound plan.", "comment")


def test_the_key_that_seals_is_neither_the_secret_nor_the_commitment() -> None:
    raw = b64decode(TOKEN.text)
    for key in (KEY.secret, bytes.fromhex(KEY.commitment)):
        with pytest.raises(Exception, match=r"^$"):
            AESGCM(key).decrypt(raw[:12], raw[12:], None)
    assert "secret" not in repr(KEY)


def test_a_wrapped_key_unwraps_for_its_person_only() -> None:
    encryption = KeyEncryption((bytes(32),))
    wrapped = encryption.wrap(KEY.secret, "kim")
    assert encryption.unwrap(wrapped, encryption.present, "kim") == KEY.secret
    with pytest.raises(KeyRefused, match="changed or moved"):
        encryption.unwrap(wrapped, encryption.present, "lee")


def test_the_first_key_wraps_and_all_unwrap() -> None:
    old, new = KeyEncryption((bytes(32),)), KeyEncryption((bytes(range(32)), bytes(32)))
    wrapped = old.wrap(KEY.secret, "kim")
    assert new.unwrap(wrapped, old.present, "kim") == KEY.secret
    assert new.present != old.present
    with pytest.raises(KeyRefused, match="not at hand"):
        old.unwrap(new.wrap(KEY.secret, "kim"), new.present, "kim")


def test_a_data_folder_gets_one_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    made = made_in(tmp_path)
    assert made_in(tmp_path) == made
    path = tmp_path / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    path.chmod(0o640)
    with pytest.raises(KeyRefused, match="can be read by others"):
        made_in(tmp_path)


@pytest.mark.parametrize("text", ["", "no base64!", b64encode(bytes(16)).decode()])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kek"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(KeyRefused):
        from_environment({"SSP_KEK_FILE": str(path)})
    with pytest.raises(KeyRefused):
        from_environment({"SSP_KEK_FILE": str(tmp_path / "missing")})


def test_keys_come_from_the_environment_or_a_file_and_the_value_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    path.touch(0o600)
    one, two = b64encode(bytes(32)).decode(), b64encode(bytes(range(32))).decode()
    path.write_text(f"{one}\n{two}\n")
    found = from_environment({"SSP_KEK_FILE": str(path)})
    assert found is not None
    assert len(found.ids) == 2
    value = from_environment({"SSP_KEK": two, "SSP_KEK_FILE": str(path)})
    assert value is not None
    assert value.present != found.present
    assert from_environment({}) is None
