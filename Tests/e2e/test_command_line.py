"""The client commands of `outrider`, as a person and as a script use them."""

import json
import subprocess
import sys
import uuid

import grpc
import pytest
from client import Client, commands, eventually, facts, new_root
from sidecar import PROJECTOR, TOP

ROLES = {
    "send": "command-handler", "events": "query-handler", "roots": "query-handler",
    "log": "query-handler", "projection": "query-handler", "parked": "projector",
    "health": "command-handler",
}


@pytest.fixture
def outrider(executable, shared, logic):
    """Runs a client command against the sidecar; returns its exit status and what it printed."""

    def run(command, *arguments, input=None, status=0):
        address = shared[0].addresses[ROLES[command]]
        done = subprocess.run(
            [executable, command, *arguments, f"--address={address}"], input=input,
            capture_output=True, timeout=20)
        assert done.returncode == status, done.stderr.decode()
        return done.stdout.decode() if status == 0 else done.stderr.decode()

    return run


def lines(output):
    return [json.loads(line) for line in output.splitlines()]


def text(root):
    return str(uuid.UUID(bytes=root))


def send(outrider, root, payload=b"x", *arguments, **more):
    return outrider(
        "send", "--domain=bank", f"--root={text(root)}", "--type=test.Payload", *arguments, "-",
        input=payload, **more)


def test_command_is_sent_and_its_events_are_shown(outrider, client):
    root = new_root()
    assert "test.Payload" in send(outrider, root)
    assert client.numbers(root) == [0]


def test_events_are_shown_within_bounds(outrider, client):
    root = new_root()
    for _ in range(3):
        client.record(facts(root, b"x"))
    shown = lines(outrider("events", "bank", text(root), "--from=1", "--up-to=2", "--json"))
    assert [event["sequence"] for event in shown] == [1]
    assert text(root) in outrider("roots", "bank")


def test_log_is_shown_and_followed(executable, outrider, shared, client):
    root = new_root()
    client.record(facts(root, b"x"))
    last = lines(outrider("log", "bank", "--json"))[-1]
    address = shared[0].addresses["query-handler"]
    follower = subprocess.Popen(
        [executable, "log", "bank", "--follow", "--json", f"--address={address}",
         f"--after={last['position']}"], stdout=subprocess.PIPE, text=True)
    try:
        client.record(facts(root, b"y"))
        assert json.loads(follower.stdout.readline())["position"] == last["position"] + 1
    finally:
        follower.kill()
        follower.wait()


def test_projections_are_got_listed_and_watched(executable, outrider, shared, client):
    root = new_root()
    client.handle(commands(root, b"x", synchronous=True))
    assert lines(outrider("projection", "get", PROJECTOR, "bank", text(root), "--json"))
    assert text(root) in outrider("projection", "list", PROJECTOR, "bank")
    address = shared[0].addresses["query-handler"]
    watcher = subprocess.Popen(
        [executable, "projection", "watch", PROJECTOR, "bank", text(root), "--json",
         f"--address={address}"], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(watcher.stdout.readline())["sequence"] == 0
        client.handle(commands(root, b"y", synchronous=True))
        assert json.loads(watcher.stdout.readline())["sequence"] == 1
    finally:
        watcher.kill()
        watcher.wait()


@pytest.mark.parametrize("cure", ["retry", "skip"])
def test_parked_aggregate_is_listed_and_set_going(outrider, client, logic, cure):
    root, behaviour = new_root(), logic.project

    def refuse(book, context):
        if book.cover.root.value == root and cure_is_due:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "poison")
        return behaviour(book, context)

    cure_is_due, logic.project = True, refuse
    client.record(facts(root, b"x"))
    client.record(facts(root, b"y"))
    eventually(lambda: root in client.parked_roots())
    assert "poison" in outrider("parked", "list")
    outrider("parked", "retry", PROJECTOR, "bank", text(root), status=1)
    cure_is_due = False
    outrider("parked", cure, PROJECTOR, "bank", text(root))
    assert root not in client.parked_roots()
    assert client.projection(root).sequence == 1


def test_everything_that_is_parked_is_set_going_at_once(outrider, client, logic):
    roots, behaviour = [new_root() for _ in range(2)], logic.project

    def refuse(book, context):
        if book.cover.root.value in roots:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "poison")
        return behaviour(book, context)

    logic.project = refuse
    for root in roots:
        client.record(facts(root, b"x"))
    eventually(lambda: set(roots) <= set(client.parked_roots()))
    outrider("parked", "retry", "--all", status=1)
    logic.project = behaviour
    assert outrider("parked", "retry", "--all").count("caught up") >= 2
    assert client.parked_roots() == []
    assert outrider("parked", "retry", "--all", PROJECTOR) == ""
    assert "name a projector" in outrider("parked", "retry", PROJECTOR, status=64)


def test_health_is_told(outrider):
    assert "serving" in outrider("health").lower()


def test_refusal_of_the_logic_is_told_with_its_status(outrider, logic):
    def refuse(request, context):
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the balance is too low")

    logic.answer = refuse
    assert "the balance is too low" in send(outrider, new_root(), status=1)


def test_server_that_is_not_there_is_unavailable(executable):
    done = subprocess.run(
        [executable, "health", "--address=127.0.0.1:1", "--deadline=2s"], capture_output=True)
    assert done.returncode == 69


def test_json_goes_in_and_out_with_descriptors(executable, tmp_path, start):
    descriptors = tmp_path / "bank.pb"
    subprocess.run(
        ["protoc", f"-I{TOP}/examples/bank/python", "--include_imports",
         f"--descriptor_set_out={descriptors}", "bank.proto"], check=True)
    sidecar = start(logic=[sys.executable, f"{TOP}/examples/bank/python/bank.py"])
    done = subprocess.run(
        [executable, "send", "--domain=bank", "--type=bank.OpenAccount",
         f"--descriptors={descriptors}", f"--address={sidecar.addresses['command-handler']}", "-"],
        input=b'{"owner":"Ann"}', capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert b"AccountOpened" in done.stdout and b"Ann" in done.stdout
    assert len(Client(sidecar).roots()) == 1


def test_text_from_a_server_cannot_speak_to_the_terminal(outrider, logic, client):
    """An OSC sequence sets a terminal's title, a C1 one clears it, and U+202E turns text around."""
    hostile = "\x1b]0;owned\x07\x9b2J\u202e\u2028end"

    def refuse(request, context):
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, hostile)

    logic.answer = refuse
    told = send(outrider, new_root(), status=1)
    root = new_root()
    book = facts(root, b"x")
    book.pages[0].Event.type_url = f"x/{hostile}"
    client.record(book)
    shown = outrider("events", "bank", text(root)) + outrider("events", "bank", text(root), "--json")
    for line in (told + shown).splitlines():
        assert "end" in line and line.isprintable(), line
