"""Sagas without access to the event store: their events come from a broker or a query-handler, and their own
instances lie in a store of their own."""

import contextlib

import pytest
from apart import PATIENCE
from brokers import Kafka
from client import Client, eventually, new_root
from logic import Logic
from outrider.v1 import saga_pb2, sagas_pb2
from test_sagas import APPENDED, book, configure, events, value


@pytest.fixture
def logic():
    logic = Logic()
    logic.react = ship
    yield logic
    logic.stop()


def ship(given, context):
    """Sends one command to the root that the event names, and finishes once it has ended."""
    answer = saga_pb2.SagaReaction()
    match given.WhichOneof("input"):
        case "events":
            answer.commands.append(book("stock", value(given.events.pages[0].Event), b"go"))
        case "outcome":
            answer.finished = given.outcome.end == APPENDED
    return answer


@pytest.fixture(params=["rabbitmq", "kafka", "query-handler"])
def channel(request, tmp_path):
    """The source, and the options of all that use its channel."""
    with contextlib.ExitStack() as ending:
        options = []
        if request.param == "rabbitmq":
            options = [f"--channel={request.getfixturevalue('exchange')}"]
        elif request.param == "kafka":
            broker = Kafka(tmp_path / "kafka").start("--memory")
            ending.callback(broker.kill)
            options = [f"--channel=kafka://{broker.uri}"]
        yield request.param, options


class Shop:
    """Each role a process of its own; the saga's store holds nothing of the others'."""

    def __init__(self, start, tmp_path, logic, source, options):
        self.start_one, self.own, self.options = start, tmp_path / "own", options
        self.config = configure(tmp_path, logic, key="root")
        self.source = source
        self.writer = start(role="command-handler", config=self.config, options=options)
        self.reader = start(role="query-handler", config=self.config)
        self.client, self.queries = Client(self.writer), Client(self.reader)

    def start_saga(self):
        self.saga = self.start_one(
            role="saga", config=self.config, data=self.own,
            options=[*self.options, f"--source={self.source}",
                     f"--query-handler={self.reader.addresses['query-handler']}",
                     f"--command-handler={self.writer.addresses['command-handler']}"])
        return Client(self.saga)

    def order(self, count):
        """So many orders, each with the root that it is to lead to a command for."""
        orders = [(new_root(), new_root()) for _ in range(count)]
        for root, stock in orders:
            self.client.handle(book("order", root, stock))
        return orders


def test_a_saga_without_the_event_store_hears_everything_once(start, tmp_path, logic, channel):
    shop = Shop(start, tmp_path, logic, *channel)
    before = shop.order(20)
    shop.start_saga()
    eventually(lambda: events(shop.queries, "stock", before[0][1]), PATIENCE)
    during = shop.order(20)
    shop.saga.kill()
    after = shop.order(20)
    client = shop.start_saga()

    def unfinished():
        request = sagas_pb2.ListSagaInstancesRequest(saga="ship", unfinished=True)
        return list(client.sagas.List(request, timeout=10).instances)

    for _, stock in before + during + after:
        eventually(lambda: events(shop.queries, "stock", stock), PATIENCE)
    eventually(lambda: not unfinished(), PATIENCE)
    for _, stock in before + during + after:
        assert events(shop.queries, "stock", stock) == [b"go"]
