"""Rules of the log's keys: one takes over from another, none comes back, one is always left."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.ledger.notes import Signer
from core.signing.commands import RetireKey, RotateKey
from core.signing.events import KeyRetired, KeyRotated
from tests.stories import given


def key(number: int, name: str = "log.example/ssp") -> str:
    """A published key, written by the code that writes them, which the rules do not know."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return str(Signer(name, private).verifier)


FIRST, SECOND, THIRD = key(1), key(2), key(3)
YEARLY = "yearly"
ROTATED = KeyRotated(FIRST, SECOND, YEARLY)
RETIRED = KeyRetired(FIRST, YEARLY)


def test_the_first_rotation_tells_the_log_of_both_keys() -> None:
    given().when(RotateKey(FIRST, SECOND, YEARLY)).then(ROTATED)


def test_keys_take_over_in_turn() -> None:
    given(ROTATED, RETIRED).when(RotateKey(SECOND, THIRD, YEARLY)).then(
        KeyRotated(SECOND, THIRD, YEARLY)
    )


def test_the_old_key_goes_once_there_is_a_new_one() -> None:
    given(ROTATED).when(RetireKey(FIRST, YEARLY)).then(RETIRED)
    given(ROTATED).when(RetireKey(SECOND, "leaked")).then(KeyRetired(SECOND, "leaked"))


def test_the_only_key_stays() -> None:
    given(ROTATED, RETIRED).when(RetireKey(SECOND, YEARLY)).refused("last-key", field="key")


def test_nobody_takes_over_from_a_key_that_does_not_sign() -> None:
    stranger = given(ROTATED).when(RotateKey(THIRD, key(4), YEARLY))
    stranger.refused("key-not-signing", field="old_key", value=THIRD)
    given(ROTATED, RETIRED).when(RotateKey(FIRST, THIRD, YEARLY)).refused("key-not-signing")
    given().when(RetireKey(FIRST, YEARLY)).refused("key-not-signing", field="key")


@pytest.mark.parametrize("used", [FIRST, SECOND])
def test_no_key_comes_back(used: str) -> None:
    given(ROTATED, RETIRED).when(RotateKey(SECOND, used, YEARLY)).refused("key-used-before")


def test_keys_of_another_log_are_refused() -> None:
    other = key(2, "log.example/other")
    given().when(RotateKey(FIRST, other, YEARLY)).refused("key-of-other-log", field="new_key")


def test_a_reason_is_needed() -> None:
    given().when(RotateKey(FIRST, SECOND, " ")).refused("empty-text", field="reason")
    given(ROTATED).when(RetireKey(FIRST, "")).refused("empty-text", field="reason")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "log.example/ssp",
        SECOND[:-1],
        SECOND + "\n",
        SECOND.replace("+", "+0", 1),
        SECOND.replace(SECOND.split("+")[1], "00000000"),
        SECOND.replace("log", "l g"),
        "log.example/ssp+aaaaaaaa+" + "=" * 44,
        "log.example/ssp+aaaaaaaa+" + "A" * 44,
    ],
)
def test_what_is_no_key_is_refused(bad: str) -> None:
    given().when(RotateKey(FIRST, bad, YEARLY)).refused("malformed-key", field="new_key", value=bad)
