"""What led to an event, and what followed from it, as `outrider trace` shows it."""

import json
import subprocess
import uuid

import grpc
import pytest
from client import TIMEOUT, cover, new_root
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from google.protobuf import wrappers_pb2


@pytest.fixture
def world(start, logic_process):
    logic_process.reset()
    return World(start(address=logic_process.address, domain=None, options=["--projector-enabled=false"]))


class World:
    """A sidecar for all domains, and the commands that were sent to it."""

    def __init__(self, sidecar):
        self.sidecar = sidecar
        self.channel = grpc.insecure_channel(sidecar.addresses["command-handler"])
        self.coordinator = evented_pb2_grpc.BusinessCoordinatorStub(self.channel)

    def send(self, domain, id, cause=None, sequence=0, count=1, **fields):
        """Sends a command to a new aggregate; its cover."""
        book = evented.CommandBook(cover=cover(new_root(), domain), command_id=id, **fields)
        for _ in range(count):
            book.pages.add().command.Pack(wrappers_pb2.BytesValue(value=id.encode()))
        if cause:
            book.cause.CopyFrom(evented.Cause(cover=cause, sequence=sequence))
        self.coordinator.Handle(book, timeout=TIMEOUT)
        return book.cover


def text(cover):
    return f"{cover.domain}/{uuid.UUID(bytes=cover.root.value)}"


def trace(executable, world, *arguments, status=0):
    done = subprocess.run(
        [executable, "trace", *arguments, f"--address={world.sidecar.addresses['query-handler']}"],
        capture_output=True, timeout=20, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_a_tree_is_drawn_across_domains(executable, world):
    order = world.send("shop", "order-1", count=2)
    payment = world.send("bank", "pay-1", order, sequence=1)
    parcel = world.send("post", "parcel-1", payment)
    mail = world.send("post", "mail-1", order)
    world.send("bank", "other")
    starts = {
        "order-1": [(text(order), "1"), ("order-1",)], "pay-1": [(text(payment), "0"), ("pay-1",)],
        "parcel-1": [(text(parcel), "0"), ("parcel-1",)]}
    for asked, ways in starts.items():
        for arguments in ways:
            lines = trace(executable, world, *arguments).splitlines()
            assert [line.partition("  google.")[0] for line in lines] == [
                f"{text(order)} #0..1", f"├─ {text(payment)} #0", f"│  └─ {text(parcel)} #0", f"└─ {text(mail)} #0"]
            assert [f"({id})" in line for line, id in zip(lines, ["order-1", "pay-1", "parcel-1", "mail-1"])]
            assert "google.protobuf.BytesValue, google.protobuf.BytesValue" in lines[0]
            assert [line for line in lines if "◀" in line] == [line for line in lines if f"({asked})" in line]


def test_only_what_led_there(executable, world):
    order = world.send("shop", "order-1")
    payment = world.send("bank", "pay-1", order)
    world.send("post", "parcel-1", payment)
    lines = trace(executable, world, text(payment), "0", "--backward").splitlines()
    assert [line.partition("  google.")[0] for line in lines] == [f"{text(order)} #0", f"└─ {text(payment)} #0"]


def test_scripts_get_nodes(executable, world):
    order = world.send("shop", "order-1", correlation="request-7")
    payment = world.send("bank", "pay-1", order)
    for argument in ["request-7", "pay-1"]:
        nodes = [json.loads(line) for line in trace(executable, world, argument, "--json").splitlines()]
        assert [node["commandId"] for node in nodes] == ["order-1", "pay-1"]
        assert [node.get("parent") for node in nodes] == [None, 1]
        assert [node["correlation"] for node in nodes] == ["request-7"] * 2
        assert f"{nodes[1]['domain']}/{nodes[1]['root']}" == text(payment)
    limited = json.loads(trace(executable, world, text(order), "0", "--json", "--limit=1"))
    assert limited["truncated"] is True


@pytest.mark.parametrize("arguments, status, words", [
    (["nobody-knows-it"], 1, "there is no command and no correlation nobody-knows-it"),
    ([f"shop/{uuid.UUID(int=1)}", "3"], 1, "there is no event"),
    ([f"shop/{uuid.UUID(int=1)}"], 64, "the event's number is missing"),
    (["nonsense", "3"], 64, "is not an aggregate"),
])
def test_what_is_not_there_is_said(executable, world, arguments, status, words):
    world.send("shop", "order-1")
    assert words in trace(executable, world, *arguments, status=status)
