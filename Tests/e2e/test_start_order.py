"""Store, broker, logic and sidecar may be started in any order: once the last is there, everything works."""

import contextlib
import itertools
import os
import time
from urllib.parse import urlsplit, urlunsplit

import grpc
import pytest
from apart import PATIENCE, numbers
from client import Client, commands, eventually, new_root
from engine import Engine
from evented import evented_pb2 as evented
from gate import Gate
from listening import free_address
from logic import Logic
from sidecar import Sidecar

PARTS = ("store", "broker", "logic", "sidecar")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = Engine(tmp_path_factory.mktemp("engine") / "data").start("--owner", str(os.getpid()))
    yield engine
    engine.kill()


class Deployment:
    """What a command needs on its way to a queue, each part of it not started yet."""

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
        if part == "logic":
            self.stack.callback(Logic(self.address).stop)
        elif part == "sidecar":
            self.sidecar = self.stack.enter_context(Sidecar(
                self.executable, self.database, address=self.address, role="command-handler",
                options=[f"--channel={self.channel}"]))
            self.client = Client(self.sidecar)
        else:
            getattr(self, part).open()

    def works(self):
        """A command is decided, stored, published and routed."""
        root = new_root()
        try:
            self.client.handle(commands(root, b"x"), timeout=5)
        except grpc.RpcError:
            return False
        return eventually(lambda: root in self.arrived(), PATIENCE)

    def arrived(self):
        _, _, body = self.consumer.basic_get(self.queue, auto_ack=True)
        return [evented.EventBook.FromString(body).cover.root.value] if body else []


@pytest.mark.parametrize("order", list(itertools.permutations(PARTS)), ids="-".join)
def test_everything_works_once_the_last_part_is_started(order, executable, engine, broker):
    with contextlib.ExitStack() as stack:
        deployment = Deployment(stack, executable, engine, broker)
        for part in order:
            deployment.start(part)
        began = time.monotonic()
        eventually(deployment.works, PATIENCE)
        print(f"{'-'.join(order)}: {time.monotonic() - began:.2f} s")
