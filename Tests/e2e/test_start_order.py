"""Store, broker, logic and sidecars may be started in any order: soon after the last of them, everything works."""

import contextlib
import itertools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import grpc
import pytest
from apart import PATIENCE, numbers
from client import Client, commands, counted, eventually, facts, new_root, payloads
from engine import Engine
from evented import evented_pb2 as evented
from gate import Gate
from listening import free_address
from logic import Logic
from sidecar import Sidecar

PARTS = ("store", "broker", "logic", "sidecars")
ROLES = ("command-handler", "query-handler", "projector")
READY = 2  # seconds: from when the last part listens until everything works
TRIES = 4  # of which one must be so quick: others use the machine, too
LATE = 15  # seconds: by then pauses have grown to their longest

@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = Engine(tmp_path_factory.mktemp("engine") / "data").start("--owner", str(os.getpid()))
    yield engine
    engine.kill()


class Deployment:
    """What a command needs on its way to a queue and into a projection, each part of it not started yet."""

    def __init__(self, stack, executable, engine, broker):
        self.stack, self.executable = stack, executable
        name = f"order-{next(numbers)}"
        self.store = self.gate(engine.uri)
        self.broker = self.gate(broker.uri)
        self.database = self.through(self.store, engine.uri, f"/{name}") + "&serverSelectionTimeoutMS=300"
        self.channel = self.through(self.broker, broker.uri, "") + f"?exchange={name}"
        self.address = free_address()
        self.queue = name
        self.consumer = broker.channel()
        stack.callback(self.consumer.connection.close)
        self.consumer.exchange_declare(name, "topic", durable=True)
        self.consumer.queue_declare(name, durable=True)
        self.consumer.queue_bind(name, name, "bank.*")

    def gate(self, uri):
        server = urlsplit(uri)
        gate = Gate(server.hostname, server.port)
        self.stack.callback(gate.close)
        return gate

    @staticmethod
    def through(gate, uri, path):
        """The URI, by way of the gate."""
        server = urlsplit(uri)
        login = server.netloc.rpartition("@")[0]
        address = f"{login}@" * bool(login) + f"127.0.0.1:{gate.port}"
        return urlunsplit(server._replace(netloc=address, path=path))

    def start(self, part):
        """Comes back when it listens."""
        if part == "logic":
            self.stack.callback(Logic(self.address).stop)
        elif part == "sidecars":
            sidecars = {role: self.sidecar(role) for role in ROLES}
            with ThreadPoolExecutor(len(sidecars)) as pool:
                list(pool.map(self.stack.enter_context, sidecars.values()))
            self.client = Client(sidecars["command-handler"])
            self.reader = Client(sidecars["query-handler"])
        else:
            getattr(self, part).open()

    def sidecar(self, role):
        options = [f"--channel={self.channel}"] if role == "command-handler" else []
        return Sidecar(self.executable, self.database, address=self.address, role=role, options=options)

    def works(self):
        """A command is decided, stored, published and routed; its event can be read, and is projected."""
        root = new_root()
        try:
            self.client.handle(commands(root, b"x"), timeout=5)
            assert payloads(self.reader.events(root)) == [b"x"]
        except grpc.RpcError:
            return False
        return eventually(lambda: root in self.arrived(), PATIENCE) and eventually(
            lambda: self.projected(root) == 1, PATIENCE)

    def arrived(self):
        _, _, body = self.consumer.basic_get(self.queue, auto_ack=True)
        return [evented.EventBook.FromString(body).cover.root.value] if body else []

    def projected(self, root):
        projection = self.reader.projection(root)
        return projection and counted(projection)

    def seconds_until_it_works(self):
        began = time.monotonic()
        eventually(self.works, PATIENCE)
        return time.monotonic() - began


@pytest.fixture
def deploy(executable, engine, broker):
    with contextlib.ExitStack() as stack:
        yield lambda: Deployment(stack, executable, engine, broker)


@pytest.mark.parametrize("order", list(itertools.permutations(PARTS)), ids="-".join)
def test_everything_works_once_the_last_part_is_started(order, deploy):
    taken = []
    while not taken or len(taken) < TRIES and min(taken) > READY:
        deployment = deploy()
        for part in order:
            deployment.start(part)
        taken.append(deployment.seconds_until_it_works())
    print(f"{'-'.join(order)}: {', '.join(f'{each:.2f} s' for each in taken)}")
    assert min(taken) <= READY


@pytest.mark.parametrize("last", [part for part in PARTS if part != "sidecars"])
def test_a_part_that_comes_late_is_found_as_soon(last, deploy):
    """Sidecars are asked all the time, and what they do by themselves waits, too."""
    taken = []
    while not taken or len(taken) < TRIES and min(taken) > READY:
        deployment = deploy()
        for part in PARTS:
            if part != last:
                deployment.start(part)
        waiting, asked, pause = new_root(), new_root(), threading.Event()
        late = time.monotonic() + LATE
        while time.monotonic() < late:
            with contextlib.suppress(grpc.RpcError):
                deployment.client.record(facts(waiting, b"x", command_id="waiting"), timeout=1)
            with contextlib.suppress(grpc.RpcError):
                deployment.client.handle(commands(asked, b"x", command_id="asked"), timeout=1)
            pause.wait(0.05)
        deployment.start(last)
        began = time.monotonic()
        if last != "store":
            eventually(lambda: deployment.projected(waiting) == 1, PATIENCE)
        deployment.seconds_until_it_works()
        taken.append(time.monotonic() - began)
    print(f"{last} comes late: {', '.join(f'{each:.2f} s' for each in taken)}")
    assert min(taken) <= READY
