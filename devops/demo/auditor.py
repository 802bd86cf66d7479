"""A foreign consumer: reads the bank's events from RabbitMQ with pika, and knows nothing of Outrider but its messages."""

import logging
import threading
from collections import defaultdict

import pika
from evented.evented_pb2 import EventBook
from pika.exceptions import AMQPError
from sidecar import DOMAIN

EXCHANGE, QUEUE = "outrider", "auditor"
PREFETCH = 100  # messages
PAUSE = 0.2  # seconds

logging.getLogger("pika").setLevel(logging.CRITICAL)  # that the broker is away is part of the story


class Auditor:
    """Writes down each event that comes, in the order in which they come, repeats and all."""

    def __init__(self, uri):
        self.uri = uri
        self.seen = defaultdict(list)  # pages, by root
        self.distinct = set()  # events, as root and number
        self.listening, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def work(self):
        while not self.over.is_set():
            try:
                self.listen()
            except AMQPError:  # the broker is away: what was not acknowledged comes again
                self.over.wait(PAUSE)

    def listen(self):
        channel = pika.BlockingConnection(pika.URLParameters(self.uri)).channel()
        channel.exchange_declare(EXCHANGE, "topic", durable=True)
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_bind(QUEUE, EXCHANGE, f"{DOMAIN}.*")
        channel.basic_qos(prefetch_count=PREFETCH)
        self.listening.set()
        for delivery, _, body in channel.consume(QUEUE, inactivity_timeout=PAUSE):
            if self.over.is_set():
                channel.connection.close()
                return
            if delivery:
                self.note(EventBook.FromString(body))
                channel.basic_ack(delivery.delivery_tag)

    def note(self, book):
        root = book.cover.root.value
        for page in book.pages:
            self.seen[root].append(page)
            self.distinct.add((root, page.num))

    def __enter__(self):
        self.thread.start()
        if not self.listening.wait(10):
            raise SystemExit(f"FAILED: the auditor does not get to RabbitMQ at {self.uri}")
        return self

    def __exit__(self, *failure):
        self.over.set()
        self.thread.join()
