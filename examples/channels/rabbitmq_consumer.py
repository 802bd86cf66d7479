"""Prints each event of a domain that Outrider sends to RabbitMQ. Needs pika and the stubs of proto/evented.

Try it:  python3 examples/channels/rabbitmq_consumer.py amqp://guest:guest@127.0.0.1:5672/ bank
"""

import sys
from uuid import UUID

import pika
from evented.evented_pb2 import EventBook

uri, domain = sys.argv[1:]
queue = f"example-{domain}"
channel = pika.BlockingConnection(pika.URLParameters(uri)).channel()
channel.exchange_declare("outrider", "topic", durable=True)
channel.queue_declare(queue, durable=True)  # keeps messages while this program is away
channel.queue_bind(queue, "outrider", f"{domain}.*")  # all partitions
channel.basic_qos(prefetch_count=100)

for delivery, properties, body in channel.consume(queue):
    book = EventBook.FromString(body)
    for page in book.pages:
        print(UUID(bytes=book.cover.root.value), page.num, page.Event.TypeName(), flush=True)
    channel.basic_ack(delivery.delivery_tag)  # only now: a message that is not acknowledged comes again
