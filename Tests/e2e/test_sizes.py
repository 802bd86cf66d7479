"""How large events and histories may get, and what is said where they are too large."""

from client import (
    Status, commands, counted, facts, new_root, payloads, refused)
from google.protobuf import wrappers_pb2
from logic import echo

MIB = 1 << 20


def event_of(size):
    """Logic that answers each command with one event of so many bytes."""
    def answer(request, context):
        book = echo(request, context)
        book.pages[0].Event.Pack(wrappers_pb2.BytesValue(value=bytes(size)))
        return book
    return answer


def test_what_is_stored_can_be_read_delivered_and_decided_upon(client, logic):
    root = new_root()
    logic.answer = event_of(3 * MIB - 1000)
    answer = client.handle(commands(root, b"large", synchronous=True))
    assert len(payloads(answer.books[0].pages)[0]) == 3 * MIB - 1000
    assert not answer.failures and counted(answer.projections[0]) == 1
    assert client.numbers(root) == [0]
    entry = next(each for each in client.log() if each.book.cover.root.value == root)
    assert len(entry.book.pages) == 1
    logic.answer = echo
    client.handle(commands(root, b"next"))
    assert client.numbers(root) == [0, 1]


def test_a_commit_that_is_too_large_is_refused_and_leaves_the_aggregate_usable(client, logic):
    root = new_root()
    logic.answer = event_of(5 * MIB)
    message = refused(lambda: client.handle(commands(root, b"x")), Status.INVALID_ARGUMENT)
    assert "limit.commit-size" in message
    message = refused(
        lambda: client.record(facts(root, bytes(3 * MIB))), Status.INVALID_ARGUMENT)
    assert "limit.commit-size" in message
    assert client.numbers(root) == []
    logic.answer = echo
    client.handle(commands(root, b"0"))
    assert client.numbers(root) == [0]


def test_a_history_that_is_too_long_for_the_logic_is_named(client, logic):
    root = new_root()
    for _ in range(5):
        client.record(facts(root, bytes(MIB)))
    message = refused(
        lambda: client.handle(commands(root, b"x")), Status.RESOURCE_EXHAUSTED)
    for part in ("larger than max", "5 events", str(5 * MIB)[:3], "snapshots", "logic.style", "4 MiB"):
        assert part in message, message
