"""Measures the way of an event from its command to its projection, on each source, and what a sidecar adds."""

import json
import os
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress

import pika
from listening import free_address, wait_until_listening
from loading import load
from sidecar import DOMAIN, PROJECTOR
from subject import PEERS, SCRATCH
from usage import resident_bytes

RATE = 1000  # commands a second
AGGREGATES, LOAD_SECONDS = 2000, 6  # of the log that is caught up with


def measure_delivery(subject):
    """At a steady rate: a command, and the delivery of its event to the projector, from the time that it bears."""
    for source in ("log, one process", "log", "rabbitmq", "kafka", "query-handler"):
        with observing() as (logic, address), sidecars(subject, source, address) as parts:
            print(parts["command-handler"].addresses["command-handler"], file=logic.stdin, flush=True)
            result = json.loads(logic.stdout.readline())
            name = f"{RATE} commands/s, event to projector by {source}"
            subject.note(f"{name}: p50, ms", result["delivery_p50_ms"])
            subject.note(f"{name}: p99, ms", result["delivery_p99_ms"])
            if source == "log, one process":
                for quantile in ("p50", "p99"):
                    direct, command = result[f"direct_{quantile}_ms"], result[f"command_{quantile}_ms"]
                    subject.note(f"{RATE} calls/s, logic called directly: {quantile}, ms", direct, "grpc-go")
                    subject.note(f"{RATE} commands/s, through a sidecar and stored: {quantile}, ms", command)
            if source == "rabbitmq":
                for role, sidecar in parts.items():
                    subject.note(f"{RATE} commands/s, memory of {role}, MB", resident_bytes(sidecar.process.pid) / 1e6)


@contextmanager
def observing():
    """Logic and client in one, which begins when it reads the command-handler's address; and its own address."""
    address = free_address()
    process = subprocess.Popen(
        [PEERS, "delivery", f"-rate={RATE}", "-domain=bank", "-duration=5s", "-warm-up=10s"],
        env=os.environ | {"OUTRIDER_LOGIC_ADDRESS": address}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        wait_until_listening(process, int(address.split(":")[1]))
        yield process, address
    finally:
        process.kill()
        process.wait()


def measure_catch_up(subject):
    """A projector whose logic takes next to no time is handed events that are there already: in the log, in its queue."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with subject.sidecar(data, options=["--projector-enabled=false"]) as sidecar:
            count = record(sidecar)
        address = free_address()
        with handed(count, address) as logic, subject.sidecar(data, address=address, role="projector") as sidecar:
            note_catch_up(subject, "the log", logic, sidecar)
    address = free_address()
    broker = BROKERS["rabbitmq"]()
    with sidecars(subject, "rabbitmq", address, broker) as parts:
        # It declares its queue once the domain is there.
        count = record(parts["command-handler"], "-duration=100ms", "-warm-up=0s")
        wait_for_messages(broker, 0)
        parts["projector"].kill()
        count += record(parts["command-handler"])
        wait_for_messages(broker, count)
        with handed(count, address) as logic:
            parts["projector"].start()
            note_catch_up(subject, "its queue at RabbitMQ", logic, parts["projector"])


def record(sidecar, *options):
    """Adds to the log; how many events."""
    return load("record", sidecar.addresses["command-handler"], 256, sidecar.process.pid,
                f"-aggregates={AGGREGATES}", *(options or [f"-duration={LOAD_SECONDS}s"]))["total"]


@contextmanager
def handed(count, address):
    """Logic that tells how fast it was handed so many events."""
    process = subprocess.Popen(
        [PEERS, "catch-up", f"-events={count}"], env=os.environ | {"OUTRIDER_LOGIC_ADDRESS": address},
        stdout=subprocess.PIPE, text=True)
    try:
        wait_until_listening(process, int(address.split(":")[1]))
        yield process
    finally:
        process.kill()
        process.wait()


def note_catch_up(subject, where, logic, sidecar):
    result = json.loads(logic.stdout.readline())
    name = f"Projector catches up with {where}"
    subject.note(f"{name}: events/s", result["per_second"])
    subject.note(f"{name}: events in a book", result["events_in_a_book"])
    subject.note(f"{name}: memory, MB", resident_bytes(sidecar.process.pid) / 1e6)


def wait_for_messages(broker, count):
    """Until the projector's queue is there, and the relay has published so many commits to it."""
    uri, _, exchange = broker.partition("?exchange=")
    queue = f"{exchange}.{DOMAIN}.0.{PROJECTOR}"
    with pika.BlockingConnection(pika.URLParameters(uri)) as connection:
        while True:
            with suppress(pika.exceptions.ChannelClosedByBroker):
                if connection.channel().queue_declare(queue, passive=True).method.message_count >= count:
                    return
            time.sleep(0.1)


@contextmanager
def sidecars(subject, source, logic, broker=None):
    """Sidecars by role, on a new SQLite store, whose projector takes its events from `source`."""
    with ExitStack() as stack:
        def new_directory():
            return stack.enter_context(tempfile.TemporaryDirectory(dir=SCRATCH))

        def start(data, role, *options):
            return stack.enter_context(subject.sidecar(data, address=logic, role=role, options=options))

        data = new_directory()
        if source == "log, one process":
            yield {"command-handler": stack.enter_context(subject.sidecar(data, address=logic))}
            return
        channel = []
        if source in BROKERS:
            channel = [f"--channel={broker or BROKERS[source]()}"]
        parts = {"command-handler": start(data, "command-handler", *channel)}
        if source == "log":
            parts["projector"] = start(data, "projector")
        else:
            parts["query-handler"] = start(data, "query-handler")
            parts["projector"] = start(
                new_directory(), "projector", *channel, f"--source={source}",
                f"--query-handler={parts['query-handler'].addresses['query-handler']}")
        yield parts


BROKERS = {
    "rabbitmq": lambda: f"{os.environ['OUTRIDER_TEST_RABBITMQ_URI']}?exchange=bench-{time.monotonic_ns()}",
    "kafka": lambda: f"kafka://{os.environ['OUTRIDER_TEST_KAFKA']}?topic=bench-{time.monotonic_ns()}",
}
