"""How soon another relay publishes when the active one is killed, as a consumer of another make sees it."""

import itertools
import threading
import time
import uuid
from contextlib import ExitStack

from brokers import RabbitMQ
from cluster.logic import pack
from cluster.processes import DOMAIN, Logic, Replica, start_all
from cluster.stores import MongoStore
from deployment import keep_logs
from evented import evented_pb2 as evented
from evented import evented_pb2_grpc as services

from .consumers import RabbitMQStranger

STANDS_BY = "another process is the active consumer"
PATIENCE = 60  # seconds, for what is not measured
#: What is promised: the lease lasts 1.5 s, and is asked for every 0.4 s.
SECONDS_MAX = 2
PAUSE = 0.005  # seconds, between two commits: about how exact the measurement is


class Relays:
    """Two relays of one log, an event store, a broker, and a command-handler that publishes nothing itself."""

    def __init__(self, executable, directory):
        self.executable, self.directory = executable, directory
        self.ending = ExitStack()

    def __enter__(self):
        with self.ending:
            self.start()
            self.ending = self.ending.pop_all()
        return self

    def __exit__(self, *failure):
        self.ending.close()

    def start(self):
        store = MongoStore(self.directory)
        store.partitions = 1
        self.ending.enter_context(store)
        broker = RabbitMQ(self.directory / "rabbitmq")
        self.ending.callback(broker.kill)
        broker.start()
        self.stranger = self.ending.enter_context(RabbitMQStranger(broker.uri))
        unused = Logic("business", "logic", self.directory)  # facts need none
        self.handler = Replica(self.executable, store, "command-handler", "command-handler", unused)
        self.relays = [
            Replica(self.executable, store, "relay", f"relay-{number}", unused, [f"--channel={broker.uri}"])
            for number in range(2)]
        replicas = [self.handler, *self.relays]
        self.ending.callback(keep_logs, replicas, self.directory)
        for each in replicas:
            self.ending.callback(each.end)
        start_all(replicas)

    def active(self):
        """The relay that publishes; None while that is not to be told, or the other does not stand by yet."""
        by_age = sorted(self.relays, key=lambda relay: relay.active_since or "")
        others_stand_by = all(
            any(STANDS_BY in line for line in relay.output[relay.life_begins:]) for relay in by_age[:-1])
        return by_age[-1] if by_age[-1].active_since and others_stand_by else None


class Facts:
    """Records one fact after the other, and knows when each was begun and when it came to the consumer."""

    def __init__(self, relays):
        self.stub = services.BusinessCoordinatorStub(relays.handler.channel())
        self.begun = {}
        self.arrivals = []  # (when the fact was begun, when it came)
        relays.stranger.notes.hear = self.hear
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self):
        root = uuid.uuid4().bytes
        for number in itertools.count():
            if self.over.wait(PAUSE):
                return
            name = str(number)
            book = evented.EventBook(command_id=name)
            book.cover.domain, book.cover.root.value = DOMAIN, root
            pack(name, book.pages.add().Event)
            self.begun[name] = time.monotonic()
            self.stub.Record(book, timeout=PATIENCE)

    def hear(self, texts):
        now = time.monotonic()
        self.arrivals += [(self.begun[text], now) for text in texts]

    def arrival_of_one_begun_after(self, moment):
        """When the first of these came, or None. The relay that was dead by then did not publish it."""
        return next((came for begun, came in self.arrivals[-1000:] if begun > moment), None)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *failure):
        self.over.set()
        self.thread.join()


def takeovers(executable, directory, count):
    """Kills the active relay so often. Yields how many seconds each time went by before the other had published."""
    with Relays(executable, directory) as relays, Facts(relays) as facts:
        for _ in range(count):
            active = wait_for(relays.active, "that one relay is active, and the other stands by")
            before = time.monotonic()
            wait_for(lambda: facts.arrival_of_one_begun_after(before), "that it publishes")
            killed = time.monotonic()
            active.kill()
            dead = time.monotonic()
            yield wait_for(lambda: facts.arrival_of_one_begun_after(dead), "that the other publishes") - killed
            active.start()
        found = relays.stranger.notes.complaints
        assert not found, found


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"it did not happen {what}"
        time.sleep(0.002)
    return answer
