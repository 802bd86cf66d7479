"""Measures what the framework for Python costs its caller: a command sent by it, and the same one by grpcio alone."""

import tempfile
import time
import uuid

import outrider
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from google.protobuf.wrappers_pb2 import StringValue
from logic import logic
from subject import SCRATCH

COMMANDS, BATCH = 4000, 200


class Anything(outrider.Aggregate):
    """What the logic makes of a command is not the client's concern."""


def measure_framework(subject):
    """One command after the other, each for a new aggregate, in batches that take turns."""
    used = {"Outrider": 0.0, "grpcio": 0.0}
    with logic() as address:
        with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
            with subject.sidecar(data, address=address, options=["--projector-enabled=false"]) as sidecar:
                ways = {"Outrider": by_framework(sidecar), "grpcio": by_grpcio(sidecar)}
                for send in ways.values():
                    send_batch(send)
                for _ in range(COMMANDS // BATCH):
                    for who, send in ways.items():
                        used[who] += send_batch(send)
    for who, seconds in used.items():
        subject.note("Python client, a command at a time: client CPU, µs each", seconds / COMMANDS * 1e6, who)


def send_batch(send):
    """The processor time that it takes this process."""
    before = time.process_time()
    for number in range(BATCH):
        assert send(StringValue(value=f"command {number}")).value == f"command {number}"
    return time.process_time() - before


def by_framework(sidecar):
    aggregates = outrider.Aggregates(
        Anything, domain="bank", connection=outrider.Connection(sidecar.addresses["command-handler"]))
    return lambda command: aggregates.update(uuid.uuid4(), command).events[0]


def by_grpcio(sidecar):
    handler = evented_pb2_grpc.BusinessCoordinatorStub(sidecar.channel("command-handler"))

    def send(command):
        book = evented.CommandBook(command_id=str(uuid.uuid4()))
        book.cover.domain, book.cover.root.value = "bank", uuid.uuid4().bytes
        book.pages.add().command.Pack(command)
        event = StringValue()
        assert handler.Handle(book, timeout=30).books[0].pages[0].Event.Unpack(event)
        return event

    return send
