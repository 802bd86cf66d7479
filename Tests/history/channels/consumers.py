"""Consumers of other makes: of RabbitMQ (pika), of Kafka (confluent-kafka). All that they know is the messages."""

import logging
import threading
import time
from collections import defaultdict

import pika
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from evented.evented_pb2 import EventBook
from pika.exceptions import AMQPError

from cluster.logic import unpack
from cluster.processes import DOMAIN

EXCHANGE, QUEUE = "outrider", "stranger"
TOPIC, GROUP = f"outrider.{DOMAIN}", "stranger"
BATCH = 100  # messages that are unacknowledged at a time
PAUSE = 0.1  # seconds, between two looks whether it is over
CLOSE_SECONDS = 10  # confluent-kafka waits for ever for a broker that does not come back

logging.getLogger("pika").setLevel(logging.CRITICAL)  # the broker is killed on purpose
SILENT = logging.Logger("confluent-kafka", logging.CRITICAL + 1)


class Notes:
    """What came, in the order in which it came."""

    def __init__(self, name):
        self.name = name
        self.events = defaultdict(list)  # texts of each aggregate, without repeats
        self.messages, self.repeats = 0, 0
        self.complaints = []
        self.last, self.longest_pause = None, 0  # seconds
        self.hear = lambda texts: None  # called with each message's events

    def take(self, body):
        self.look_at_the_clock()
        self.messages += 1
        book = EventBook.FromString(body)
        root, first = book.cover.root.value, book.pages[0].num
        events, texts = self.events[root], [unpack(page.Event) for page in book.pages]
        self.repeats += first < len(events)
        if first > len(events):
            self.complaints.append(
                f"{self.name} was given event {first} of {root.hex()} when {len(events)} had come before")
            events += [None] * (first - len(events))
        if any(new != old for new, old in zip(texts, events[first:])):
            self.complaints.append(f"{self.name} was given event {first} of {root.hex()} again, and another one")
        events += texts[len(events) - first:]
        self.hear(texts)

    def look_at_the_clock(self):
        now = time.monotonic()
        self.longest_pause = max(self.longest_pause, now - (self.last or now))
        self.last = now

    @property
    def count(self):
        return sum(len(events) for events in list(self.events.values()))


class Stranger:
    """A consumer in a thread. It acknowledges what it has noted, and begins anew where its broker went away."""

    name, failure = None, ()

    def __init__(self, uri):
        self.uri = uri
        self.notes = Notes(self.name)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work, name=self.name, daemon=True)

    def work(self):
        while not self.over.is_set():
            try:
                self.consume()
            except self.failure:  # what was not acknowledged comes again
                self.over.wait(PAUSE)
            except Exception as error:  # a message that makes no sense
                self.notes.complaints.append(f"{self.name}: {error!r}")
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *failure):
        self.over.set()
        self.thread.join(CLOSE_SECONDS)


class RabbitMQStranger(Stranger):
    """Has its queue before it is started, since a relay sends nothing that no queue takes."""

    name, failure = "consumer of RabbitMQ", AMQPError

    def __enter__(self):
        channel = pika.BlockingConnection(pika.URLParameters(self.uri)).channel()
        channel.exchange_declare(EXCHANGE, "topic", durable=True)
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_bind(QUEUE, EXCHANGE, f"{DOMAIN}.*")
        channel.connection.close()
        return super().__enter__()

    def consume(self):
        channel = pika.BlockingConnection(pika.URLParameters(self.uri)).channel()
        channel.basic_qos(prefetch_count=BATCH)
        for delivery, _, body in channel.consume(QUEUE, inactivity_timeout=PAUSE):
            if delivery:
                self.notes.take(body)
                channel.basic_ack(delivery.delivery_tag)
            if self.over.is_set():
                return channel.connection.close()

    def dead_letters(self, partitions, projector):
        """How many there are for that projector."""
        channel = pika.BlockingConnection(pika.URLParameters(self.uri)).channel()
        queues = [f"{EXCHANGE}.{DOMAIN}.{partition}.{projector}.dead" for partition in range(partitions)]
        count = sum(channel.queue_declare(queue, passive=True).method.message_count for queue in queues)
        channel.connection.close()
        return count


class KafkaStranger(Stranger):
    name, failure = "consumer of Kafka", KafkaException

    def consume(self):
        consumer = Consumer({
            "bootstrap.servers": self.uri, "group.id": GROUP, "auto.offset.reset": "earliest",
            "enable.auto.commit": False, "session.timeout.ms": 6000, "reconnect.backoff.max.ms": 500}, logger=SILENT)
        consumer.subscribe([TOPIC])
        try:
            while not self.over.is_set():
                messages = [each for each in consumer.consume(BATCH, PAUSE) if not each.error()]
                for message in messages:
                    self.notes.take(message.value())
                if messages:
                    consumer.commit(asynchronous=True)  # of all that was consumed
        finally:
            consumer.close()

    def dead_letters(self):
        """How many there are of the domain."""
        consumer = Consumer(
            {"bootstrap.servers": self.uri, "group.id": f"{GROUP}-dead", "enable.partition.eof": True}, logger=SILENT)
        topic = consumer.list_topics(timeout=30).topics.get(f"{TOPIC}.dead")
        partitions = topic.partitions if topic else ()
        consumer.assign([TopicPartition(topic.topic, partition, 0) for partition in partitions])
        letters, ends = 0, 0
        while ends < len(partitions):
            for message in consumer.consume(BATCH, PAUSE):
                letters += not message.error()
                ends += bool(message.error()) and message.error().code() == KafkaError._PARTITION_EOF
        consumer.close()
        return letters
