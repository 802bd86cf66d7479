"""Prints each event of a domain that Outrider sends to Kafka. Needs confluent-kafka and the stubs of proto/evented.

Try it:  python3 examples/channels/kafka_consumer.py 127.0.0.1:9092 bank
"""

import sys
from uuid import UUID

from confluent_kafka import Consumer
from evented.evented_pb2 import EventBook

servers, domain = sys.argv[1:]
consumer = Consumer({
    "bootstrap.servers": servers, "group.id": f"example-{domain}", "auto.offset.reset": "earliest",
    "enable.auto.commit": False, "session.timeout.ms": 6000,
})
consumer.subscribe([f"outrider.{domain}"])

while True:
    message = consumer.poll(1)
    if message is None:
        continue
    if message.error():
        print(message.error().str(), file=sys.stderr)
        continue
    book = EventBook.FromString(message.value())
    for page in book.pages:
        print(UUID(bytes=book.cover.root.value), page.num, page.Event.TypeName(), flush=True)
    consumer.commit(message)  # only now: what is not committed comes again
