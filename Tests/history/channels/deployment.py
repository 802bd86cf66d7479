"""The processes of a run: each role by itself, an event store, two brokers, and a projector for each source."""

import contextlib
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from brokers import Kafka, RabbitMQ
from cluster.processes import DOMAIN, START_SECONDS, Logic, Replica, start_all
from cluster.stores import MongoStore

from .consumers import TOPIC, KafkaStranger, RabbitMQStranger

SOURCES = ["log", "query-handler", "rabbitmq", "kafka"]
TOPIC_PARTITIONS = 4

#: Where a projector without access to the event store keeps what it has: a directory of its own.
OwnStore = namedtuple("OwnStore", "data partitions")
#: Something that is killed and started again. Parts of one kind do the same.
Part = namedtuple("Part", "kind kill start")


class Deployment:
    """Starts everything, and leaves nothing behind.

    Both command-handlers and a relay publish to RabbitMQ, another relay to Kafka. One projector reads the log in the
    event store; the three others, each with another source, have no access to it.
    """

    def __init__(self, executable, directory):
        self.executable, self.directory = executable, directory
        self.ending = contextlib.ExitStack()
        self.replicas = []

    def __enter__(self):
        with self.ending:
            self.ending.callback(keep_logs, self.replicas, self.directory)
            self.start()
            self.ending = self.ending.pop_all()
        return self

    def __exit__(self, *failure):
        self.ending.close()

    def start(self):
        self.store = MongoStore(self.directory)
        self.rabbitmq, self.kafka = RabbitMQ(self.directory / "rabbitmq"), Kafka(self.directory / "kafka")
        with ThreadPoolExecutor() as pool:
            starts = [pool.submit(self.ending.enter_context, self.store)]
            for broker in (self.rabbitmq, self.kafka):
                self.ending.callback(broker.kill)
                starts.append(pool.submit(broker.start))
            self.start_logic()
        for each in starts:
            each.result()
        self.kafka.create_topic(TOPIC, TOPIC_PARTITIONS)
        self.start_sidecars()

    def start_logic(self):
        self.logic = Logic("business", "logic", self.directory)
        self.records = {source: self.directory / f"deliveries-{source}" for source in SOURCES}
        self.projector_logics = {
            source: Logic("projector", f"logic-{source}", self.directory, source, str(record))
            for source, record in self.records.items()}
        logics = [self.logic, *self.projector_logics.values()]
        for each in logics:
            self.ending.callback(each.end)
        start_all(logics)

    def start_sidecars(self):
        to_rabbitmq, to_kafka = f"--channel={self.rabbitmq.uri}", f"--channel=kafka://{self.kafka.uri}"
        channels = {"rabbitmq": [to_rabbitmq], "kafka": [to_kafka]}
        self.query_handlers = [self.replica("query-handler", "query-handler", self.store)]
        start_all(self.query_handlers)
        self.strangers = [
            self.ending.enter_context(RabbitMQStranger(self.rabbitmq.uri)),
            self.ending.enter_context(KafkaStranger(self.kafka.uri))]
        self.command_handlers = [
            self.replica("command-handler", f"command-handler-{number}", self.store, to_rabbitmq)
            for number in range(2)]
        self.relays = {
            source: self.replica("relay", f"relay-{source}", self.store, *channel)
            for source, channel in channels.items()}
        self.projectors = [self.replica("projector", "projector-log", self.store, logic=self.projector_logics["log"])]
        self.projectors += [
            self.replica(
                "projector", f"projector-{source}", OwnStore(self.directory / f"own-{source}", 1), f"--source={source}",
                f"--query-handler={self.query_handlers[0].address}", *channels.get(source, ()),
                logic=self.projector_logics[source])
            for source in SOURCES[1:]]
        start_all([*self.command_handlers, *self.relays.values(), *self.projectors])

    def replica(self, role, name, store, *options, logic=None):
        replica = Replica(self.executable, store, role, name, logic or self.logic, options)
        self.replicas.append(replica)
        self.ending.callback(replica.end)
        return replica

    @property
    def parts(self):
        """All that can be killed."""
        processes = [*self.replicas, self.logic, *self.projector_logics.values()]
        servers = {"RabbitMQ": self.rabbitmq, "Kafka": self.kafka, "store": self.store.engine}
        return [
            *(Part(each.name.rstrip("-0123456789"), each.kill, each.start) for each in processes),
            *(Part(kind, server.kill, partial(start_again, server)) for kind, server in servers.items()),
        ]

    def ended_by_itself(self):
        """Sentences about processes that are gone although nobody killed them."""
        return [f"{replica.name} ended by itself with {replica.process.returncode}"
                for replica in self.replicas if replica.process.poll() is not None]


def start_again(server):
    """Tries again where another program has its port for the moment."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return server.start()
        except AssertionError:
            if time.monotonic() > deadline:
                raise


def keep_logs(replicas, directory):
    for replica in replicas:
        (directory / f"{replica.name}.log").write_text(replica.text)
