"""What an event says of where it comes from is the same wherever it is read: command, correlation, cause, headers."""

import json
import subprocess
import uuid

import pytest
from client import commands, cover, eventually, new_root
from evented import evented_pb2 as evented
from sidecar import DOMAIN


@pytest.fixture
def outrider(executable, shared):
    """Runs a client command; the objects that it prints, a line each."""
    def run(*arguments):
        done = subprocess.run(
            [executable, *arguments, "--json", f"--address={shared[0].addresses['query-handler']}"],
            capture_output=True, timeout=20, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def named(cause):
    """A command with all that a client can say of it."""
    return {"command_id": "pay-7", "correlation": "order 7", "headers": {"tenant": "acme", "user": "ann"},
            "cause": evented.Cause(cover=cause, sequence=1, command_id="order-7")}


def caused(cause):
    """A command that has its id made, and its correlation from the event that led to it."""
    return {"cause": evented.Cause(cover=cause, sequence=1)}


def bare(cause):
    return {}


@pytest.mark.parametrize("origin", [named, caused, bare])
def test_an_origin_is_the_same_wherever_it_is_read(outrider, client, logic, origin):
    first, root = new_root(), new_root()
    client.handle(commands(first, b"a", b"b", correlation="the first"))
    given = origin(cover(first))

    answered = client.handle(commands(root, b"x", **given)).books[0]
    expected = origin_of(answered)
    for name, value in given.items():
        if name != "cause":
            assert expected[name] == value
    assert expected["command_id"] and expected["correlation"]
    assert ("cause" in given) == bool(expected["cause"])
    if origin is caused:
        assert expected["correlation"] == "the first"

    (queried,) = client.books(root)
    (entry,) = [entry for entry in client.log() if entry.book.cover.root.value == root]
    projected = eventually(lambda: [book for book in logic.books if book.cover.root.value == root])
    for book in [queried, entry.book, *projected]:
        assert origin_of(book) == expected

    name = str(uuid.UUID(bytes=root))
    (event,) = outrider("events", f"{DOMAIN}/{name}")
    (logged,) = [line for line in outrider("log", DOMAIN) if line.get("root") == name]
    for shown in event, logged:
        assert shown_origin(shown) == expected


def origin_of(book):
    cause = {}
    if book.HasField("cause"):
        cause = {"domain": book.cause.cover.domain, "root": str(uuid.UUID(bytes=book.cause.cover.root.value)),
                 "sequence": book.cause.sequence, "commandId": book.cause.command_id}
    return {"command_id": book.command_id, "correlation": book.correlation, "cause": cause,
            "headers": dict(book.headers)}


def shown_origin(shown):
    """The same of what the command line shows, where what is empty is left out."""
    cause = shown.get("cause", {})
    return {"command_id": shown["commandId"], "correlation": shown["correlation"],
            "cause": cause and {"commandId": "", **cause}, "headers": shown.get("headers", {})}
