"""Measures the function style beside the classic one: commands with and without the state in memory, and folds."""

import tempfile
import time
import uuid

from evented import evented_pb2 as evented
from evented import evented_pb2_grpc
from loading import load
from logic import logic
from subject import SCRATCH
from usage import cpu_seconds, resident_bytes

AGGREGATES, LONG = 100, 1000  # events that each has before, in the long run
EVENTS, IN_A_BOOK = 1_000_000, 2000  # of the history that is folded
ALONE = "--projector-enabled=false"


def measure_functions(subject):
    """Commands for aggregates in turn, young ones and old ones; then one for an aggregate with a very long history."""
    with logic() as address:
        for history in (0, LONG):
            for where, options in (("in memory", []), ("from the store", ["--limit-cache-size=0B"])):
                for style in ("classic", "functions"):
                    result = commands(subject, address, history, f"--logic-style={style}", *options)
                    name = f"Command, {style}, {history:,} events before, past {where}"
                    subject.note(f"{name}: commands/s", result["per_second"])
                    subject.note(f"{name}: server CPU, µs each", result["server_cpu_us"])
        measure_fold(subject, address)


def commands(subject, address, history, *options):
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with subject.sidecar(data, address=address, options=[ALONE, *options]) as sidecar:
            return load("handle", sidecar.addresses["command-handler"], 64, sidecar.process.pid,
                        f"-aggregates={AGGREGATES}", f"-history={history}")


def measure_fold(subject, address):
    """The first command after a restart, for an aggregate without a snapshot."""
    root = uuid.uuid4().bytes
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with subject.sidecar(data, address=address, options=[ALONE]) as sidecar:
            record(sidecar, root)
            assert sidecar.stop() == 0
        with subject.sidecar(data, address=address, options=[ALONE, "--logic-style=functions"]) as sidecar:
            command = evented.CommandBook(cover=cover(root))
            command.pages.add().command.type_url = "type.googleapis.com/bench.Command"
            handler = evented_pb2_grpc.BusinessCoordinatorStub(sidecar.channel("command-handler"))
            pid = sidecar.process.pid
            memory, used, began = resident_bytes(pid), cpu_seconds(pid), time.monotonic()
            answer = handler.Handle(command, timeout=60)
            seconds, used = time.monotonic() - began, cpu_seconds(pid) - used
            assert answer.books[0].pages[0].num == EVENTS
            subject.note("Fold after a restart: events/s", EVENTS / seconds)
            subject.note("Fold after a restart: server CPU, µs an event", used / EVENTS * 1e6)
            subject.note("Fold after a restart: memory more, MB", (resident_bytes(pid) - memory) / 1e6)


def record(sidecar, root):
    """The history: events of 100 bytes."""
    handler = evented_pb2_grpc.BusinessCoordinatorStub(sidecar.channel("command-handler"))
    book = evented.EventBook(cover=cover(root))
    for _ in range(IN_A_BOOK):
        event = book.pages.add().Event
        event.type_url, event.value = "type.googleapis.com/bench.Event", bytes(100)
    for _ in range(EVENTS // IN_A_BOOK):
        handler.Record(book, timeout=60)


def cover(root):
    return evented.Cover(root=evented.UUID(value=root), domain="bank")
