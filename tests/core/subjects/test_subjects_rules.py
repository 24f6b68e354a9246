"""A person is erased once, by a reason."""

from __future__ import annotations

from core.subjects.commands import EraseSubject
from core.subjects.events import SubjectKeyDestroyed
from core.vocabulary import ActorId
from tests.stories import given

KIM = ActorId("evaluator-kim")
ERASED = SubjectKeyDestroyed(KIM, "the person asked for it")


def test_a_person_is_erased_with_a_reason() -> None:
    given().when(EraseSubject(KIM, "the person asked for it")).then(ERASED)
    given().when(EraseSubject(KIM, " ")).refused("empty-text", field="reason")


def test_a_person_is_erased_once() -> None:
    given(ERASED).when(EraseSubject(KIM, "again")).refused(
        "already-erased", field="subject", value=KIM
    )


def test_a_person_has_an_id_that_can_name_a_stream() -> None:
    given().when(EraseSubject(ActorId("a:b"), "why")).refused("malformed-id", field="subject")
