"""Measures what Eventuate's clients ask for: entities over REST, and deliveries by STOMP.

No other server speaks Eventuate's protocols any more. What stands nearest is RabbitMQ's plugin for STOMP: durable
queues that are filled, and then read by the same client with the same acknowledgements.
"""

import json
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit

from brokers import RabbitMQ
from loading import load
from subject import PEERS, SCRATCH
from usage import cpu_seconds, resident_bytes

IN_FLIGHT = 64
SUBSCRIBERS, EVENTS_FOR_EACH = 100, 1000
RATE = 500  # creates a second
CONNECTIONS, SETTLING, IDLE_SECONDS = 1000, 5, 10


def measure_eventuate(subject):
    measure_entities(subject)
    measure_drain(subject)
    measure_steady(subject)
    measure_memory(subject)


def measure_entities(subject):
    for name, target in (("creates", "eventuate-create"), ("updates", "eventuate-update"), ("finds", "eventuate-find")):
        with serving(subject) as sidecar:
            result = load(target, sidecar.addresses["gateway"], IN_FLIGHT, sidecar.process.pid)
        subject.note(f"Eventuate's REST: {name}/s, {IN_FLIGHT} in flight", result["per_second"])
        subject.note(f"Eventuate's REST: {name}, server CPU, µs each", result["server_cpu_us"])
        subject.note(f"Eventuate's REST: {name}, p99, ms", result["p99_ms"])


def measure_drain(subject):
    """Events that are there already go to one subscriber, and to many; each acknowledges all of them."""
    for subscribers in (1, SUBSCRIBERS):
        name = f"STOMP, {subscribers} subscriber{'s' * (subscribers > 1)}"
        with serving(subject) as sidecar:
            events = EVENTS_FOR_EACH
            if subscribers > 1:
                create(sidecar, events)
            else:
                events = load("eventuate-create", sidecar.addresses["gateway"], IN_FLIGHT, sidecar.process.pid)["total"]
            result = stomp("drain", sidecar.addresses["stomp"], sidecar.process.pid, events=events,
                           subscribers=subscribers)
        note_drain(subject.note, name, "Outrider", result)
        if subject.beside_peers:
            with rabbitmq() as (address, pid):
                note_drain(subject.note, name, "RabbitMQ", stomp(
                    "drain", address, pid, broker="rabbitmq", events=events, subscribers=subscribers))


def note_drain(note, name, who, result):
    note(f"{name}: deliveries/s", result["per_second"], who)
    note(f"{name}: server CPU, µs a delivery", result["server_cpu_us"], who)


def measure_steady(subject):
    """A create, and the delivery of its event to a subscriber that is there, both from when the create is due."""
    with serving(subject) as sidecar:
        result = stomp("steady", sidecar.addresses["stomp"], sidecar.process.pid, rate=RATE,
                       address=sidecar.addresses["gateway"])
    for what in ("answer", "delivery"):
        for quantile in ("p50", "p99"):
            subject.note(f"{RATE} creates/s, until its {what}: {quantile}, ms", result[f"{what}_{quantile}_ms"])


def measure_memory(subject):
    """Subscribers that have nothing to do, each with a connection of its own."""
    with serving(subject) as sidecar:
        create(sidecar, 1)
        pid = sidecar.process.pid
        before = resident_bytes(pid)
        with subprocess.Popen(
                command("hold", sidecar.addresses["stomp"], pid, subscribers=CONNECTIONS),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            client.stdout.readline()
            time.sleep(SETTLING)
            used = cpu_seconds(pid)
            time.sleep(IDLE_SECONDS)
            name = f"STOMP, {CONNECTIONS} idle subscribers"
            subject.note(f"{name}: memory of each, KB", (resident_bytes(pid) - before) / CONNECTIONS / 1e3)
            subject.note(f"{name}: server CPU, % of a core", (cpu_seconds(pid) - used) / IDLE_SECONDS * 100)
            client.stdin.close()


def create(sidecar, count):
    """So many entities with one event each."""
    body = json.dumps({"entityTypeName": "bank", "events": [
        {"eventType": "bench.Event", "eventData": json.dumps({"data": "0" * 100})}]}).encode()
    for _ in range(count):
        urllib.request.urlopen(urllib.request.Request(
            f"http://{sidecar.addresses['gateway']}/entity/default", body, {"Content-Type": "application/json"})).read()


def stomp(what, stomp_address, pid, **options):
    done = subprocess.run(command(what, stomp_address, pid, **options), check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def command(what, stomp_address, pid, **options):
    return [PEERS, f"stomp-{what}", f"-stomp-address={stomp_address}", f"-pid={pid}", "-domain=bank",
            *(f"-{name}={value}" for name, value in options.items())]


@contextmanager
def serving(subject):
    """A process of all roles on a new SQLite store, which lets in as many connections as are opened here."""
    options = ["--eventuate=true", "--projector-enabled=false", "--limit-connections-per-peer=5000"]
    with tempfile.TemporaryDirectory(dir=SCRATCH) as data:
        with subject.sidecar(data, domain=None, options=options) as sidecar:
            yield sidecar


@contextmanager
def rabbitmq():
    """A broker of its own that speaks STOMP: where, and its process."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
        broker = RabbitMQ(directory).start("--stomp")
        try:
            yield urlsplit(broker.uris[-1]).netloc.rpartition("@")[2], broker.ctl("eval", "os:getpid().").strip('"')
        finally:
            broker.kill()
