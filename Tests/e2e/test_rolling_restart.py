"""Each role is restarted, one replica after the other, under load: a retry hides it, and nothing is lost or doubled."""

import contextlib
import os
import threading

import pytest
from client import cover, eventually, new_root
from google.protobuf import wrappers_pb2
from logic import Logic
from outrider.v1 import saga_pb2
from rolling import ROLES, Caller, Consumer, Customer, Deployment, Follower, Reader, projected

CUSTOMERS, AGGREGATES, STOCKS = 12, 3, 10
PAUSE = 0.05  # seconds, between a customer's commands
BETWEEN = 50  # commands, from one restart to the next


@pytest.fixture
def logic():
    """Its saga takes the next stock for each order."""
    logic, stocks = Logic(), [new_root() for _ in range(STOCKS)]

    def react(given, context):
        reaction = saga_pb2.SagaReaction()
        for page in given.events.pages:
            order = reaction.commands.add(cover=cover(stocks[page.num % STOCKS], "stock"))
            order.pages.add().command.CopyFrom(page.Event)
        return reaction

    logic.react = react
    yield logic
    logic.stop()


@pytest.fixture
def deployment(executable, shared_store, logic, tmp_path):
    """Of an earlier version, where one is given."""
    earlier = os.environ.get("OUTRIDER_TEST_EARLIER", executable)
    deployment = Deployment(earlier, shared_store, logic, tmp_path)
    with contextlib.ExitStack() as ending:
        ending.callback(deployment.end)
        deployment.start()
        yield deployment


def test_replicas_are_restarted_under_load_and_nobody_notices(deployment, executable):
    caller, closed, ended = Caller(deployment), threading.Event(), threading.Event()
    customers = [Customer(caller, closed, PAUSE, AGGREGATES) for _ in range(CUSTOMERS)]
    reader = Reader(caller, closed, PAUSE, customers)
    orders, stocks = (Follower(deployment, ended, domain) for domain in ("order", "stock"))
    consumer = Consumer(deployment, ended, "order")
    for worker in [*customers, reader, orders, stocks, consumer]:
        worker.start()
    for role in ROLES:
        for replica in deployment.replicas[role]:
            before = caller.calls["command-handler"]
            replica.restart(executable)
            eventually(lambda: caller.calls["command-handler"] >= before + BETWEEN, 30)
    closed.set()
    for worker in [*customers, reader]:
        worker.join(60)

    acknowledged = [id for customer in customers for ids in customer.acknowledged.values() for id in ids]
    for worker in (orders, stocks, consumer):
        eventually(lambda: worker.count() >= len(acknowledged), 60)
    ended.set()
    for worker in (orders, stocks, consumer):
        worker.end()
    seen, repeats = consumer.check()
    print(f"{dict(caller.calls)} calls, of which a retry hid {dict(caller.hidden)}; the followers' calls ended by "
          f"{dict(orders.breaks + stocks.breaks)}, the subscription's by {dict(consumer.breaks)}, {repeats} came again")
    assert not caller.failures, caller.failures
    for worker in [*customers, reader, orders, stocks, consumer]:
        assert worker.failure is None
    assert sorted(orders.ids()) == sorted(acknowledged)
    assert sorted(seen) == sorted(acknowledged)
    assert len(set(stocks.ids())) == len(stocks.ids()) == len(acknowledged)
    for follower in (orders, stocks):
        for root, count in follower.events().items():
            eventually(lambda: projected(caller, follower.domain, root) == count, 30)
