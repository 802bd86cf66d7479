"""The processes of a run: each role by itself, an event store, two brokers, and a projector for each source."""

from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import deployment
from brokers import Kafka, RabbitMQ
from cluster.processes import Logic, Replica, start_all
from cluster.stores import MongoStore
from deployment import Part, kind_of, start_again

from .consumers import TOPIC, KafkaStranger, RabbitMQStranger

SOURCES = ["log", "query-handler", "rabbitmq", "kafka"]
TOPIC_PARTITIONS = 4

#: Where a projector without access to the event store keeps what it has: a directory of its own.
OwnStore = namedtuple("OwnStore", "data partitions")


class Deployment(deployment.Deployment):
    """Starts everything, and leaves nothing behind.

    Both command-handlers and a relay publish to RabbitMQ, another relay to Kafka. One projector reads the log in the
    event store; the three others, each with another source, have no access to it.
    """

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
            *(Part(kind_of(each.name), each.kill, each.start) for each in processes),
            *(Part(kind, server.kill, partial(start_again, server)) for kind, server in servers.items()),
        ]
