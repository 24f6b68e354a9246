"""The log's keys: made once, read from where they are set, and refused where they are not safe."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from core.ledger.key_files import KeyRefused
from core.ledger.log_keys import KEY_FILE, LogKeySettings, find_keys, held_in, new_key

NAME = "log.example/ssp"
ONE, TWO = new_key(NAME), new_key(NAME)
PEM = (
    Ed25519PrivateKey.generate()
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSP_LOG_KEY", "SSP_LOG_KEY_FILE", "SSP_LOG_ORIGIN"):
        monkeypatch.delenv(name, raising=False)


def keys_in(path: Path, content: str, mode: int = 0o600) -> LogKeySettings:
    path.write_text(content)
    path.chmod(mode)
    return LogKeySettings(log_key_file=path)


def test_an_embedded_log_makes_its_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = find_keys(LogKeySettings(), tmp_path)
    again = find_keys(LogKeySettings(), tmp_path)
    assert first is not None
    assert again is not None
    assert first.signers()[0].verifier == again.signers()[0].verifier
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_two_embedded_logs_have_two_names(tmp_path: Path) -> None:
    names: set[str] = set()
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        keys = find_keys(LogKeySettings(), folder)
        assert keys is not None
        names.add(keys.signers()[0].name)
    assert len(names) == 2


def test_a_named_database_has_the_key_that_was_set_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_keys(LogKeySettings(), None) is None
    monkeypatch.setenv("SSP_LOG_KEY", "")  # as a compose file sets what was not given
    assert find_keys(LogKeySettings(), None) is None
    monkeypatch.setenv("SSP_LOG_KEY", ONE)
    keys = find_keys(LogKeySettings(), None)
    assert keys is not None
    assert [signer.name for signer in keys.signers()] == [NAME]
    monkeypatch.setenv("SSP_LOG_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(KeyRefused, match="both set"):
        find_keys(LogKeySettings(), None)


def test_a_pem_key_takes_the_name_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyRefused, match="SSP_LOG_ORIGIN"):
        held_in(PEM, None)
    monkeypatch.setenv("SSP_LOG_KEY", PEM)
    monkeypatch.setenv("SSP_LOG_ORIGIN", NAME)
    keys = find_keys(LogKeySettings(), None)
    assert keys is not None
    assert keys.signers()[0].name == NAME


def test_both_forms_stand_beside_each_other_with_comments() -> None:
    held = held_in(f"# the old one\n{PEM}\n# the new one\n{ONE}\n", NAME)
    assert [h.text for h in held] == [PEM.strip(), ONE]


def test_a_mounted_secret_may_be_a_link_that_its_group_reads(tmp_path: Path) -> None:
    keys_in(tmp_path / "secret", ONE, 0o440)
    (tmp_path / "key").symlink_to("secret")
    assert find_keys(LogKeySettings(log_key_file=tmp_path / "key"), None) is not None


def test_a_key_that_the_world_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match="read by others"):
        find_keys(keys_in(tmp_path / "key", ONE, 0o444), None)


def test_a_missing_file_is_an_error_and_not_a_log_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        find_keys(LogKeySettings(log_key_file=tmp_path / "key"), None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no key"),
        ("# only a comment", "holds no key"),
        (f"{ONE}\nnonsense", "neither"),
        (ONE[:-4], "PRIVATE|id|base64|Ed25519"),
        (ONE.replace("PRIVATE", "PUBLIC"), "neither"),
        (f"{ONE}\n{ONE}", "twice"),
        (f"{ONE}\n{new_key('other.example/ssp')}", "several"),
        (
            ed448.Ed448PrivateKey.generate()
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            "not an Ed25519 key",
        ),
        (
            Ed25519PrivateKey.generate()
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
            .decode(),
            "without a password",
        ),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "no readable PEM"),
    ],
    # Keys are random, and names of tests must not be.
    ids=[
        *("empty", "a comment", "nonsense behind", "cut off", "public", "twice", "two names"),
        *("Ed448", "encrypted", "unreadable"),
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(text: str, why: str) -> None:
    with pytest.raises(KeyRefused, match=why) as refusal:
        held_in(text, NAME)
    for secret in (ONE.rpartition("+")[2], ONE[-20:]):
        assert secret not in str(refusal.value)


def test_a_file_is_rewritten_whole_and_as_readable_as_it_was(tmp_path: Path) -> None:
    keys = find_keys(keys_in(tmp_path / "key", ONE, 0o640), None)
    assert keys is not None
    with keys.rewriting():
        keys.write(f"{ONE}\n{TWO}\n")
        with pytest.raises(KeyRefused):
            keys.write("nonsense")
    assert len(keys.signers()) == 2
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o640
