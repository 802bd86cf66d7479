"""Events leave the process: sidecars apart, a real broker between them, and what goes in badly."""

import itertools
import threading
import time
from collections import defaultdict

import pika
import pytest
from brokers import Kafka, RabbitMQ
from client import Client, counted, eventually, facts, new_root
from evented import evented_pb2 as evented
from google.protobuf.wrappers_pb2 import UInt64Value
from logic import Logic
from outrider.v1 import projections_pb2, projections_pb2_grpc

PATIENCE = 30  # seconds, for a broker to come back and all that hangs on it
ALARM, NO_ALARM = "0.0000001", "0.4"


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    broker = RabbitMQ(tmp_path_factory.mktemp("broker") / "data").start()
    yield broker
    broker.kill()


@pytest.fixture
def exchange(broker):
    """The channel's URI, with an exchange of the test's own."""
    name = f"test-{next(numbers)}"
    yield f"{broker.uri}?exchange={name}"
    channel = broker.channel()
    channel.exchange_delete(name)
    channel.connection.close()


numbers = itertools.count(1)


@pytest.fixture
def projector_logic():
    logic = Logic()
    logic.project = add_up
    yield logic
    logic.stop()


def add_up(book, context):
    """How many events were handed over: an event that comes twice is counted twice."""
    before = counted(book.projection) if book.HasField("projection") else 0
    projection = evented.Projection(cover=book.cover, sequence=book.pages[-1].num)
    projection.projection.Pack(UInt64Value(value=before + len(book.pages)))
    return projection


class Apart:
    """Each role is a process of its own; the projector has a store of its own, too."""

    def __init__(self, start, logic, channel, source="rabbitmq", tmp_path=None):
        self.start_one, self.logic, self.channel = start, logic, channel
        self.own = tmp_path / "own"
        self.source = source
        self.writer = self.start_writer()
        self.reader = start(role="query-handler")
        self.projector = None
        self.client = Client(self.writer)
        self.queries = Client(self.reader)

    def options(self):
        return [f"--channel={self.channel}"] if self.channel else []

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


def named(exchange):
    return exchange.partition("exchange=")[2]


@pytest.fixture
def apart(start, projector_logic, exchange, tmp_path):
    return Apart(start, projector_logic, exchange, tmp_path=tmp_path)


def test_a_projector_without_the_event_store_gets_everything(apart, broker):
    apart.start_projector()
    with Load(apart) as load:
        eventually(lambda: load.total > 300, PATIENCE)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    # Everything is acknowledged: the queue is empty.
    eventually(lambda: f"{queue(apart)}\t0" in broker.ctl("list_queues", "name", "messages"), PATIENCE)


def test_what_is_no_event_book_becomes_a_dead_letter(apart, broker):
    apart.start_projector()
    with Load(apart, 1) as load:
        eventually(lambda: load.total > 3)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    channel = broker.channel()
    channel.basic_publish("", queue(apart), b"nonsense", pika.BasicProperties(headers={"x": "y"}))

    def letter():
        method, properties, body = channel.basic_get(f"{queue(apart)}.dead", auto_ack=True)
        return method and (properties.headers, body)

    headers, body = eventually(letter, PATIENCE)
    assert body == b"nonsense"
    assert headers["x"] == "y"
    assert "no event book" in headers["outrider-reason"]
    channel.connection.close()
    with load_again(apart, load):
        eventually(lambda: load.total > 6)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)


def load_again(apart, load):
    again = Load(apart)
    again.roots, again.counts = load.roots, load.counts
    base = load.total
    again.work = lambda: record_more(again, base)
    again.thread = threading.Thread(target=again.work)
    return again


def record_more(load, base):
    for number, root in zip(itertools.count(base), itertools.cycle(load.roots)):
        if load.over.is_set():
            return
        load.apart.client.record(facts(root, b"%d" % number, command_id=f"load-{number}"))
        load.counts[root] += 1


def test_a_deleted_queue_loses_nothing(apart, broker):
    apart.start_projector()
    with Load(apart) as load:
        # A queue that nobody consumes yet is deleted unnoticed.
        eventually(lambda: f"{queue(apart)}\t1" in broker.ctl("list_queues", "name", "consumers"), PATIENCE)
        channel = broker.channel()
        channel.queue_delete(queue(apart))
        channel.connection.close()
        before = load.total
        eventually(lambda: load.total > before + 100, PATIENCE)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    assert "was deleted" in apart.projector.text


def test_a_projector_that_is_killed_counts_nothing_twice(apart):
    apart.start_projector()
    with Load(apart) as load:
        for _ in range(3):
            before = load.total
            eventually(lambda: load.total > before + 50, PATIENCE)
            apart.projector.kill()
            apart.start_projector()
    eventually(lambda: apart.projections() == load.counts, PATIENCE)


def test_a_killed_relay_repeats_at_most_its_window_and_leaves_nothing_out(apart, broker, exchange):
    foreign = Foreign(broker, named(exchange))
    with Load(apart) as load:
        for _ in range(3):
            before = load.total
            eventually(lambda: load.total > before + 50, PATIENCE)
            apart.writer.kill()
            apart.start_writer()
    repeats = eventually(lambda: relayed(foreign, load), PATIENCE)[0]
    assert repeats <= 3 * 4096


def relayed(foreign, load):
    foreign.drain()
    if sum(len(set(seen)) for seen in foreign.seen.values()) < load.total:
        return None
    return [foreign.check(load.counts)]


def test_two_relays_take_turns(apart, broker, exchange, start):
    foreign = Foreign(broker, named(exchange))
    relays = [start(role="relay", options=apart.options()) for _ in range(2)]
    with Load(apart) as load:
        eventually(lambda: load.total > 50, PATIENCE)
        apart.writer.kill()  # it was the active one, or another is
        apart.channel = None
        apart.start_writer()
        eventually(lambda: any("subscription is active" in relay.text for relay in relays), PATIENCE)
        before = load.total
        eventually(lambda: load.total > before + 50, PATIENCE)
    eventually(lambda: relayed(foreign, load), PATIENCE)


def test_a_message_that_goes_nowhere_waits_and_is_named(apart):
    with Load(apart, 1) as load:
        eventually(lambda: load.total > 3)
    eventually(lambda: "has no queue for key bank.0" in apart.writer.text, PATIENCE)
    apart.start_projector()
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    eventually(lambda: "works again" in apart.writer.text, PATIENCE)


def test_a_broker_short_of_memory_stops_no_command(apart, broker, exchange):
    foreign = Foreign(broker, named(exchange))
    with Load(apart) as load:
        eventually(lambda: load.total > 20, PATIENCE)
        broker.ctl("set_vm_memory_high_watermark", ALARM)
        try:
            eventually(lambda: "takes no messages" in apart.writer.text, PATIENCE)
            before = load.total
            eventually(lambda: load.total > before + 100, PATIENCE)
        finally:
            broker.ctl("set_vm_memory_high_watermark", NO_ALARM)
        eventually(lambda: "works again" in apart.writer.text, PATIENCE)
    assert eventually(lambda: relayed(foreign, load), PATIENCE) == [0]


def test_a_killed_broker_comes_back_to_everything(apart, broker, exchange):
    foreign = Foreign(broker, named(exchange))
    apart.start_projector()
    with Load(apart) as load:
        eventually(lambda: load.total > 50, PATIENCE)
        broker.kill()
        before = load.total
        eventually(lambda: load.total > before + 100, PATIENCE)  # commands go on
        broker.start()
        before = load.total
        eventually(lambda: load.total > before + 50, PATIENCE)
    eventually(lambda: apart.projections() == load.counts, PATIENCE)
    eventually(lambda: relayed(foreign, load), PATIENCE)


def test_a_projector_reads_a_query_handler_where_there_is_no_broker(start, projector_logic, tmp_path):
    apart = Apart(start, projector_logic, None, "query-handler", tmp_path)
    apart.start_projector()
    with Load(apart) as load:
        eventually(lambda: load.total > 100, PATIENCE)
        apart.reader.kill()
        eventually(lambda: "query-handler" in apart.projector.text, PATIENCE)
    apart.reader = start(
        role="query-handler",
        options=[f"--port-query-handler={apart.reader.addresses['query-handler'].rpartition(':')[2]}"])
    eventually(lambda: apart.projections() == load.counts, PATIENCE)


def test_a_projector_takes_its_events_from_kafka(start, projector_logic, tmp_path):
    broker = Kafka(tmp_path / "kafka").start("--memory")
    try:
        apart = Apart(start, projector_logic, f"kafka://{broker.uri}", "kafka", tmp_path)
        apart.start_projector()
        with Load(apart) as load:
            eventually(lambda: load.total > 100, PATIENCE)
            apart.projector.kill()
            apart.start_projector()
            before = load.total
            eventually(lambda: load.total > before + 50, PATIENCE)
        eventually(lambda: apart.projections() == load.counts, PATIENCE)
    finally:
        broker.kill()
