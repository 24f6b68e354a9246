"""An append lands only if nothing that its decision read has changed meanwhile."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core.ledger.requests import Answer, NewEvent, Request
from core.ledger.writer import Writer

RUNS = 40


def event(stream: str, version: int = 1) -> NewEvent:
    return NewEvent(stream, version, "tests.written.1", b'"type":"tests.written.1"}')


def race(url: str, reads: Mapping[str, int] | None) -> list[list[str]]:
    """Let two writers, having read X and Y, write one each; return the outcomes of each run."""
    barrier = Barrier(2)

    def decide(writer: Writer, run: int, own: str) -> str:
        seen = {f"{stream}-{run}": version for stream, version in (reads or {}).items()}
        barrier.wait(10)
        return writer.append(Request([event(f"{own}-{run}")], reads=seen)).outcome

    with Writer(url) as one, Writer(url) as other, ThreadPoolExecutor(2) as threads:
        return [
            sorted(threads.map(decide, (one, other), (run, run), ("x", "y"))) for run in range(RUNS)
        ]


def test_of_two_decisions_over_the_same_streams_exactly_one_lands(any_database_url: str) -> None:
    assert race(any_database_url, {"x": 0, "y": 0}) == [["appended", "conflict"]] * RUNS


def test_without_what_was_read_both_decisions_land(any_database_url: str) -> None:
    """The race is real: it is the read-set that the test above looks at, and nothing else."""
    assert race(any_database_url, None) == [["appended", "appended"]] * RUNS


def test_a_stream_that_is_only_read_is_checked_too(any_database_url: str) -> None:
    with Writer(any_database_url) as writer:
        writer.append(Request([event("x")]))
        current = writer.append(Request([event("y")], reads={"x": 1}))
        stale = writer.append(Request([event("y", 2)], reads={"x": 0, "y": 1}))
        ahead = writer.append(Request([event("y", 2)], reads={"x": 2, "y": 1}))

    assert current.outcome == "appended"
    assert (stale.outcome, stale.detail) == ("conflict", "x")
    assert (ahead.outcome, ahead.detail) == ("conflict", "x")


@pytest.fixture
def evaluated(any_database_url: str) -> Writer:
    """A log of two events: position 0 under the prefix `evaluation-a:`, position 1 outside."""
    writer = Writer(any_database_url)
    writer.append(Request([event("evaluation-a:one"), event("evaluation-b:one")]))
    return writer


def ranked(writer: Writer, position: int) -> Answer:
    with writer:
        return writer.append(Request([event("ranking")], ranges={"evaluation-a:": position}))


def test_a_stream_that_begins_under_a_prefix_after_it_was_read_refuses_the_append(
    evaluated: Writer,
) -> None:
    evaluated.append(Request([event("evaluation-a:two")]))

    answer = ranked(evaluated, position=1)

    assert (answer.outcome, answer.detail) == ("conflict", "evaluation-a:two")


def test_a_stream_that_grows_under_a_prefix_after_it_was_read_refuses_the_append(
    evaluated: Writer,
) -> None:
    evaluated.append(Request([event("evaluation-a:one", 2)]))

    answer = ranked(evaluated, position=1)

    assert (answer.outcome, answer.detail) == ("conflict", "evaluation-a:one")


@pytest.mark.parametrize("stream", ["evaluation-b:two", "evaluation-a", "evaluation-a;", "e"])
def test_a_stream_outside_the_prefix_does_not_matter(evaluated: Writer, stream: str) -> None:
    evaluated.append(Request([event(stream)]))

    assert ranked(evaluated, position=1).outcome == "appended"


def test_what_was_there_when_the_prefix_was_read_does_not_matter(evaluated: Writer) -> None:
    evaluated.append(Request([event("evaluation-a:two")]))

    assert ranked(evaluated, position=2).outcome == "appended"


def test_a_group_with_one_taken_version_records_nothing(any_database_url: str) -> None:
    with Writer(any_database_url) as writer:
        writer.append(Request([event("taken")]))
        refused = writer.append(Request([event("free"), event("taken"), event("also-free")]))
        again = writer.append(
            Request([event("free"), event("also-free")], reads={"free": 0, "also-free": 0})
        )

    assert (refused.outcome, refused.detail) == ("conflict", "taken")
    assert (again.outcome, again.first_position) == ("appended", 1)


def test_each_request_of_a_flush_sees_the_one_before(any_database_url: str) -> None:
    """Requests that wait together are decided in turn, not against the same past."""
    with Writer(any_database_url) as writer, ThreadPoolExecutor(20) as threads:
        requests = [Request([event("x")], reads={"x": 0})] * 20
        outcomes = sorted(answer.outcome for answer in threads.map(writer.append, requests))

    assert outcomes == ["appended"] + ["conflict"] * 19
