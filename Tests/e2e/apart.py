"""Sidecars apart, with a broker between them: what tests of message channels share."""

import itertools
import threading
import time
from collections import defaultdict

from client import Client, counted, facts, new_root
from evented import evented_pb2 as evented
from google.protobuf.wrappers_pb2 import UInt64Value
from outrider.v1 import projections_pb2, projections_pb2_grpc

PATIENCE = 30  # seconds, for a broker to come back and all that hangs on it
numbers = itertools.count(1)


def add_up(book, context):
    """How many events were handed over: an event that comes twice is counted twice."""
    before = counted(book.projection) if book.HasField("projection") else 0
    projection = evented.Projection(cover=book.cover, sequence=book.pages[-1].num)
    projection.projection.Pack(UInt64Value(value=before + len(book.pages)))
    return projection


class Apart:
    """Each role is a process of its own; the projector has a store of its own, too."""

    def __init__(self, start, logic, channel, source="rabbitmq", tmp_path=None, more=()):
        self.start_one, self.logic, self.channel, self.more = start, logic, channel, more
        self.own = tmp_path / "own"
        self.source = source
        self.writer = self.start_writer()
        self.reader = start(role="query-handler")
        self.projector = None
        self.client = Client(self.writer)
        self.queries = Client(self.reader)

    def options(self):
        """Of all that use the channel."""
        return ([f"--channel={self.channel}"] if self.channel else []) + [*self.more]

    def start_writer(self):
        self.writer = self.start_one(
            role="command-handler", options=self.options())
        self.client = Client(self.writer)
        return self.writer

    def start_projector(self):
        self.projector = self.start_one(
            role="projector", address=self.logic.address, data=self.own,
            options=[*self.options(), f"--source={self.source}",
                     f"--query-handler={self.reader.addresses['query-handler']}"])
        return self.projector

    def projections(self):
        """How many events of each aggregate the projection counts, by root."""
        stub = projections_pb2_grpc.ProjectionsStub(self.projector.channel("projector"))
        request = projections_pb2.ListProjectionsRequest(
            projector="balance", domain="bank", page_size=1000)
        found = {}
        while True:
            answer = stub.List(request, timeout=10)
            for each in answer.records:
                found[each.projection.cover.root.value] = counted(each.projection)
            if not answer.next_page_token:
                return found
            request.page_token = answer.next_page_token


def queue(apart):
    """The projector's."""
    return f"{named(apart.channel)}.bank.0.balance"


class Load:
    """Records facts about some aggregates, until it is told to end. What fails is sent once more, under its id."""

    def __init__(self, apart, aggregates=20):
        self.apart = apart
        self.roots = [new_root() for _ in range(aggregates)]
        self.counts = dict.fromkeys(self.roots, 0)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        for number, root in enumerate(itertools.cycle(self.roots)):
            if self.over.is_set():
                return
            while True:
                try:
                    self.apart.client.record(
                        facts(root, b"%d" % number, command_id=f"load-{number}"), timeout=5)
                    break
                except Exception:
                    if self.over.is_set():
                        return
                    time.sleep(0.05)
            self.counts[root] += 1

    @property
    def total(self):
        return sum(self.counts.values())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *failure):
        self.over.set()
        self.thread.join()


class Foreign:
    """A consumer of another make, which notes every event that it is given."""

    def __init__(self, broker, exchange):
        self.broker = broker
        self.queue = f"foreign-{next(numbers)}"
        channel = broker.channel()
        channel.exchange_declare(exchange, "topic", durable=True)
        channel.queue_declare(self.queue, durable=True)
        channel.queue_bind(self.queue, exchange, "bank.*")
        channel.connection.close()
        self.seen = defaultdict(list)

    def drain(self):
        channel = self.broker.channel()
        while True:
            method, _, body = channel.basic_get(self.queue)
            if method is None:
                break
            book = evented.EventBook.FromString(body)
            self.seen[book.cover.root.value] += [page.num for page in book.pages]
            channel.basic_ack(method.delivery_tag)
        channel.connection.close()
        return self

    def check(self, counts):
        """Every event, in order and without a gap; repeats go back at most to what was sent before. How many there were."""
        repeats = 0
        for root, count in counts.items():
            next_number = 0
            for number in self.seen[root]:
                assert number <= next_number, f"event {next_number} is missing before {number}"
                repeats += number < next_number
                next_number = max(next_number, number + 1)
            assert next_number == count
        return repeats


def relayed(foreign, load):
    """Once the foreign consumer has seen everything: how many repeats there were."""
    foreign.drain()
    if sum(len(set(seen)) for seen in foreign.seen.values()) < load.total:
        return None
    return [foreign.check(load.counts)]


def named(exchange):
    return exchange.partition("exchange=")[2]
