"""Signed notes and checkpoints: what is accepted, and everything that must not be."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from core.ledger.notes import (
    MalformedNote,
    NotVerified,
    Signer,
    Verifier,
    open_note,
    sign,
)

ROOT = bytes(range(32))
OURS = Signer("log.example/ssp", Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
NEW = Signer("log.example/ssp", Ed25519PrivateKey.from_private_bytes(b"\x08" * 32))
CHECKPOINT = Checkpoint("log.example/ssp", 300, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, [OURS])


def test_what_was_signed_is_read_back() -> None:
    checkpoint, note = open_checkpoint(NOTE, [OURS.verifier])
    assert (checkpoint, note.signed_by) == (CHECKPOINT, (OURS.verifier,))


def test_the_published_key_makes_and_verifies_the_published_note() -> None:
    """The vector of golang.org/x/mod/sumdb/note, by whose software notes began."""
    peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    signer = Signer.parse(
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    )
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    note = sign(text, [signer])
    assert str(signer.verifier) == peter
    assert note.decode().splitlines()[-1] == (
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
        "KvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert open_note(note, [Verifier.parse(peter)]).text == text


def test_the_specifications_checkpoint_is_read_and_written() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert parse_checkpoint(text).text() == text


def test_keys_survive_being_written() -> None:
    assert Verifier.parse(str(OURS.verifier)) == OURS.verifier
    seed = OURS.key.private_bytes_raw()
    encoded = base64.b64encode(b"\x01" + seed).decode()
    private = f"PRIVATE+KEY+{OURS.name}+{OURS.verifier.id.hex()}+{encoded}"
    assert Signer.parse(private).verifier == OURS.verifier


def test_either_of_two_keys_is_enough_in_an_overlap() -> None:
    both = sign_checkpoint(CHECKPOINT, [OURS, NEW])
    for signer in (OURS, NEW):
        assert open_checkpoint(both, [signer.verifier])[1].signed_by == (signer.verifier,)
    everyone = open_checkpoint(both, [NEW.verifier, OURS.verifier])[1].signed_by
    assert everyone == (OURS.verifier, NEW.verifier)


def test_a_bad_signature_of_a_trusted_key_spoils_the_note_even_beside_a_good_one() -> None:
    both = sign_checkpoint(CHECKPOINT, [OURS, NEW])
    line = both.splitlines(keepends=True)[-1]
    broken = both.replace(line, sign_checkpoint(Checkpoint("x", 1, ROOT), [NEW]).splitlines()[-1])
    with pytest.raises(NotVerified):
        open_checkpoint(broken + b"\n", [OURS.verifier, NEW.verifier])


def test_nobody_is_trusted_by_default() -> None:
    with pytest.raises(NotVerified):
        open_checkpoint(NOTE, [])
    with pytest.raises(NotVerified):
        open_checkpoint(NOTE, [NEW.verifier])
    stranger = Verifier("another.example/log", OURS.verifier.public)
    with pytest.raises(NotVerified):
        open_checkpoint(NOTE, [stranger])


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\n\n",
        NOTE[:-1],
        NOTE.replace(b"\n\n", b"\n"),
        NOTE + b"\n",
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace(b"300", b"300\t"),
        NOTE.replace(b"log", b"l\xffg"),
        NOTE.replace("—".encode(), b"-"),
        NOTE.replace("— ".encode(), "—".encode()),
        NOTE[:-2] + b"\n",  # base64 without its padding
        NOTE[:-2] + b"=\n\n",
        NOTE + NOTE.splitlines(keepends=True)[-1],  # the same key, twice
        NOTE + "— other AAAA\n".encode(),  # an id, and nothing signed
        NOTE + "— other+name AAAAAAAA\n".encode(),
        NOTE + "—  AAAAAAAA\n".encode(),
        NOTE + "— a\u00a0b AAAAAAAA\n".encode(),
        NOTE + "— other AAAAAAAA\n".encode() * 100,
        b"x" * (1 << 20) + NOTE,
    ],
)
def test_malformed_notes_are_refused(broken: bytes) -> None:
    with pytest.raises(MalformedNote):
        open_checkpoint(broken, [OURS.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n1\n",
        "\n1\n" + base64.b64encode(ROOT).decode() + "\n",
        *(
            f"log\n{size}\n{base64.b64encode(ROOT).decode()}\n"
            for size in ("", "01", "00", "-1", "+1", "1.0", " 1", "1 ", "٣", "9" * 20)
        ),
        f"log\n1\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"log\n1\n{base64.b64encode(ROOT + b'x').decode()}\n",
        f"log\n1\n{base64.b64encode(ROOT).decode().rstrip('=')}\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\nextension\n",
        f"log\n1\n{base64.b64encode(ROOT).decode()}\n\n",
        f"log\n1\n{base64.urlsafe_b64encode(bytes([255] * 32)).decode()}\n",
        # The last two bits of 32 bytes in base64 carry nothing, and must be zero.
        f"log\n1\n{base64.b64encode(ROOT).decode().replace('8=', '9=')}\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+00000000+AQ==",
        str(OURS.verifier).replace("+", " ", 1),
        str(OURS.verifier)[:-1],
        str(OURS.verifier).replace(OURS.verifier.id.hex(), OURS.verifier.id.hex().upper()),
        str(OURS.verifier).replace(OURS.verifier.id.hex(), "00000000"),
        "log" + str(OURS.verifier),
        f"{OURS.name}+{OURS.verifier.id.hex()}+"
        + base64.b64encode(b"\x04" + OURS.verifier.public).decode(),
    ],
)
def test_malformed_keys_are_refused(key: str) -> None:
    with pytest.raises(MalformedNote):
        Verifier.parse(key)
    with pytest.raises(MalformedNote):
        Signer.parse("PRIVATE+KEY+" + key)


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_no_changed_byte_is_accepted(at: int, flip: int) -> None:
    changed = NOTE[:at] + bytes([NOTE[at] ^ flip]) + NOTE[at + 1 :]
    with pytest.raises((MalformedNote, NotVerified)):
        open_checkpoint(changed, [OURS.verifier])


@given(st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=20), min_size=1))
def test_any_printable_text_can_be_signed(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    assert open_note(sign(text, [OURS]), [OURS.verifier]).text == text


def test_nothing_is_signed_without_a_newline_or_without_a_key() -> None:
    for text, signers in (("text", [OURS]), ("te\0xt\n", [OURS]), ("text\n", [])):
        with pytest.raises(MalformedNote):
            sign(text, signers)
